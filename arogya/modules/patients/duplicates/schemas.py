"""Bodies about likely duplicates."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, Field

from arogya.modules.patients.schemas import PatientRow
from arogya.platform.bodies import Read
from arogya.platform.paging import MAX_LIMIT

Because = Literal["phone", "name", "birth_date", "relative", "postal_code"]


class DuplicateRead(Read):
    """Two records that may be one person's. because: what they have in common, the weightiest first."""

    id: UUID
    score: int
    because: list[Because]
    status: Literal["open", "different"]
    decided_at: datetime | None
    first: PatientRow
    second: PatientRow


class _WantedDuplicates(BaseModel):
    status: Literal["open", "different"] = Field(default="open", description="different: judged as two people.")
    skip: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT)] = 50


WantedDuplicates = Annotated[_WantedDuplicates, Query()]
