"""What is asked of the register, and its lines."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Depends, Query
from pydantic import BaseModel, ConfigDict, Field

from arogya.modules.scheduling.moments import AskedDay
from arogya.platform.bodies import Read

Outcome = Literal["seen", "inside", "waiting", "left", "noshow"]
Visit = Literal["new", "revisit"]


class Wanted(BaseModel):
    """Which lines. from_ None: today; to None: that day alone. visit: whether the patient had come before."""

    model_config = ConfigDict(populate_by_name=True)

    facility_id: UUID | None = None
    practitioner_id: UUID | None = None
    from_: date | None = Field(default=None, alias="from")
    to: date | None = None
    outcome: list[Outcome] = Field(default_factory=list)
    visit: Visit | None = None


def _wanted(
    *,
    facility_id: Annotated[UUID | None, Query(description="Left out: every branch that one may read of.")] = None,
    practitioner_id: UUID | None = None,
    from_: Annotated[AskedDay | None, Query(alias="from", description="Left out: today.")] = None,
    to: Annotated[AskedDay | None, Query(description="The last day. Left out: the first alone.")] = None,
    outcome: Annotated[list[Outcome] | None, Query(description="May be given several times.")] = None,
    visit: Visit | None = None,
) -> Wanted:
    return Wanted(
        facility_id=facility_id, practitioner_id=practitioner_id, from_=from_, to=to, outcome=outcome or [], visit=visit
    )


Filtered = Annotated[Wanted, Depends(_wanted)]


class RegisterLine(Read):
    """number: of the day at the branch, in the order of coming; None for who did not come.

    age_years: on that day. fee_paise: what was due, 0 for a free revisit.
    """

    appointment_id: UUID
    patient_id: UUID
    practitioner_id: UUID
    facility_id: UUID
    day: date
    number: int | None
    came_at: datetime | None
    patient_mrn: str | None
    patient_name: str | None
    gender: str | None
    age_years: int | None
    age_months: int | None
    visit: Visit
    practitioner_name: str
    facility_name: str
    fee_paise: int
    receipt_number: str | None
    outcome: Outcome
