"""The bodies of the waitlist."""

from datetime import date, datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from annotated_types import MaxLen
from pydantic import ConfigDict, model_validator

from arogya.modules.scheduling.appointments.schemas import Mode, PatientBrief, Reason
from arogya.modules.scheduling.moments import Day
from arogya.platform.bodies import Body, Line, Read
from arogya.platform.paging import Page

PartOfDay = Literal["any", "morning", "afternoon", "evening"]
LONGEST_DAYS = 92


def _example(**body: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [body]})


class JoinWaitlist(Body):
    """Whom they wait for: practitioner_id, department_id or specialty, one of the three. first_day, last_day: the
    days that do, by the branch's clock. part_of_day: morning ends at noon, evening begins at five. mode left out:
    either. is_priority is the desk's to give.
    """

    model_config = _example(
        patient_id="0198f4a2-6c1e-7b3a-9d55-0c9d1e2f3a4b", practitioner_id="0198f4a2-6c1e-7b3a-9d55-0c9d1e2f3a4c",
        facility_id="0198f4a2-6c1e-7b3a-9d55-0c9d1e2f3a4d", first_day="2026-11-24", last_day="2026-11-28",
        part_of_day="morning",
    )  # fmt: skip

    patient_id: UUID
    practitioner_id: UUID | None = None
    department_id: UUID | None = None
    specialty: Line | None = None
    facility_id: UUID
    first_day: Day
    last_day: Day
    part_of_day: PartOfDay = "any"
    mode: Mode | None = None
    reason: Reason | None = None
    is_priority: bool = False

    @model_validator(mode="after")
    def _whom_and_when(self) -> Self:
        if sum(one is not None for one in (self.practitioner_id, self.department_id, self.specialty)) != 1:
            raise ValueError("practitioner_id, department_id or specialty, one of the three")
        if self.last_day < self.first_day:
            raise ValueError("last_day is before first_day")
        if (self.last_day - self.first_day).days >= LONGEST_DAYS:
            raise ValueError(f"no more than {LONGEST_DAYS} days")
        return self


class SetWaitlistPriority(Body):
    model_config = _example(is_priority=True)

    is_priority: bool


class OfferRead(Read):
    """A place that is held for the patient until expires_at."""

    id: UUID
    practitioner_id: UUID
    practitioner_name: str
    facility_id: UUID
    facility_name: str
    mode: Mode
    kind: Literal["slot", "token"]
    starts_at: datetime
    ends_at: datetime
    status: Literal["offered", "accepted", "declined", "lapsed", "withdrawn"]
    expires_at: datetime


class AnswerByLink(Body):
    """token: what stands behind the # of the link in the text message."""

    model_config = _example(token="AZjxxKXGfns6nVUMnR4vOk0Rl2uUUaJpXEfQp1nJrTo")  # noqa: S106 - of nobody

    token: Annotated[str, MaxLen(64)]


class OfferByLink(Read):
    """A place that is held, as the holder of the link may see it: whose it is stands nowhere."""

    practitioner_name: str
    facility_name: str
    time_zone: str
    mode: Mode
    kind: Literal["slot", "token"]
    starts_at: datetime
    ends_at: datetime
    status: Literal["offered", "accepted", "declined"]
    expires_at: datetime


class WaitlistEntryRead(Read):
    """place: 1 for who is next of those who wait for the same; None once they wait no more. offer: the one that is
    open now. appointment_id: the visit that came of it."""

    id: UUID
    patient_id: UUID
    patient: PatientBrief | None
    practitioner_id: UUID | None
    practitioner_name: str | None
    department_id: UUID | None
    department_name: str | None
    department_name_hi: str | None
    specialty: str | None
    facility_id: UUID
    facility_name: str
    first_day: date
    last_day: date
    part_of_day: PartOfDay
    mode: Mode | None
    reason: str
    is_priority: bool
    status: Literal["waiting", "offered", "booked", "left"]
    joined_at: datetime
    place: int | None
    offer: OfferRead | None
    appointment_id: UUID | None


class WaitlistRead(Page[WaitlistEntryRead]):
    """waiting, offered: how many in all, of the same filters."""

    waiting: int
    offered: int
