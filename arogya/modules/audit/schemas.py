from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from arogya.platform.audit import Action
from arogya.platform.bodies import Read

Outcome = Literal["success", "denied"]
Moment = AwareDatetime | date


class PlatformAuditRead(Read):
    id: UUID
    at: datetime
    user_id: UUID | None
    user_name: str | None
    actor_kind: str
    roles: list[str]
    action: str
    outcome: str
    entity: str
    entity_ids: list[UUID]
    route: str
    request_id: str
    address: str
    details: dict[str, Any]


class AuditRead(PlatformAuditRead):
    """One act. It names the patient by number (MRN, UHID): the name is behind the patient's own door."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "0190f3c2-7a10-7c3e-9a53-0d6a7f1b2c3d",
                    "at": "2026-11-23T04:30:00Z",
                    "user_id": "0190f3c2-7a10-7c3e-9a53-0d6a7f1b2c3e",
                    "user_name": "Asha Test",
                    "actor_kind": "user",
                    "roles": ["receptionist"],
                    "action": "read",
                    "outcome": "success",
                    "entity": "patient",
                    "entity_ids": ["0190f3c2-7a10-7c3e-9a53-0d6a7f1b2c3f"],
                    "patient_id": "0190f3c2-7a10-7c3e-9a53-0d6a7f1b2c3f",
                    "patient_mrn": "NH-000042",
                    "route": "GET /api/patients/{patient_id}",
                    "request_id": "5b0c1f7e",
                    "address": "192.0.2.7",
                    "details": {},
                }
            ]
        }
    )

    patient_id: UUID | None
    patient_mrn: str | None


class PlatformFilter(BaseModel):
    """Which entries. A bare date stands for that whole day, in UTC for the platform and the hospital's zone else."""

    model_config = ConfigDict(populate_by_name=True)

    since: Moment | None = Field(None, alias="from")
    until: Moment | None = Field(None, alias="to", description="A moment (excluded) or a day (included).")
    user_id: UUID | None = None
    action: Action | None = None
    outcome: Outcome | None = None
    entity: Annotated[str | None, Field(max_length=60)] = None


class Filter(PlatformFilter):
    patient_id: UUID | None = None


Filtered = Annotated[Filter, Query()]
PlatformFiltered = Annotated[PlatformFilter, Query()]
