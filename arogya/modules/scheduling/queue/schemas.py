"""The bodies of the queue, the doctors' day and the waiting-room display."""

from datetime import date, datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from annotated_types import Ge, Le
from pydantic import ConfigDict, model_validator

from arogya.modules.scheduling.appointments.schemas import AppointmentRead
from arogya.modules.scheduling.moments import Moment
from arogya.platform.bodies import Body, Line, Read

_PATIENT = "0198f4a2-6c1e-7b3a-9d55-0c9d1e2f3a4a"
_TOKEN = "0198f4a2-6c1e-7b3a-9d55-0c9d1e2f3a4b"  # noqa: S105 - a queue token
_PRACTITIONER = "0198f4a2-6c1e-7b3a-9d55-0c9d1e2f3a4c"
_FACILITY = "0198f4a2-6c1e-7b3a-9d55-0c9d1e2f3a4d"


def _example(**body: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [body]})


class CallNext(Body):
    """finishing: the number that the caller saw with the doctor, inside or called. It is finished even where nobody
    said that it went in; where another desk finished it meanwhile, nobody else is. Left out: whoever is inside.
    """

    model_config = _example(practitioner_id=_PRACTITIONER, facility_id=_FACILITY, finishing=_TOKEN)

    practitioner_id: UUID
    facility_id: UUID
    finishing: UUID | None = None


class SetPriority(Body):
    model_config = _example(is_priority=True)

    is_priority: bool


class QueueEntry(Read):
    """One number of a queue. wait_minutes: until it is probably called; None where it waits no more, or nobody knows.

    session: its local start, or `day`. calls: how often it was called.
    """

    token_id: UUID
    number: int
    status: str
    is_priority: bool
    day: date
    session: str
    due_at: datetime
    issued_at: datetime
    called_at: datetime | None
    calls: int
    started_at: datetime | None
    ended_at: datetime | None
    wait_minutes: int | None
    practitioner_id: UUID
    appointment: AppointmentRead


class NextCalled(Read):
    """finished: the number whose visit was ended. called: who is next to go in; None where nobody is here."""

    finished: UUID | None
    called: QueueEntry | None


class PlaceRead(Read):
    """Where one visit stands in its queue. before: how many go in first."""

    number: int | None
    status: str | None
    inside_number: int | None
    before: int | None
    wait_minutes: int | None
    practitioner_state: str
    until: datetime | None


class WalkIn(Body):
    model_config = _example(
        patient_id=_PATIENT, practitioner_id=_PRACTITIONER, facility_id=_FACILITY, reason="Fever, 3 days"
    )

    patient_id: UUID
    practitioner_id: UUID
    facility_id: UUID
    reason: Line | None = None
    is_priority: bool = False


class WalkInPreview(Read):
    """What a walk-in would get now. revisit_day: which day after the paid visit today is, of revisit_days."""

    next_number: int
    wait_minutes: int | None
    fee_paise: int
    is_free_revisit: bool
    is_revisit: bool
    revisit_day: int | None
    revisit_days: int


class SessionRead(Read):
    starts_at: datetime
    ends_at: datetime
    kind: Literal["slots", "tokens"]


class Period(Read):
    starts_at: datetime
    ends_at: datetime


class PractitionerToday(Read):
    """One practitioner's day at a branch, or a service's.

    inside_number: who is with the doctor or was called in, as inside_status says. delay_minutes: how far behind its
    appointments the queue runs. wait_minutes: how long one who walks in now will wait. leave: today's, where any is
    left of it.
    """

    practitioner_id: UUID
    kind: Literal["practitioner", "service"]
    title: str
    name: str
    specialty: str | None
    specialty_hi: str | None
    room: str | None
    floor: str | None
    state: Literal["here", "late", "on-break", "gone", "not-here", "leave"]
    until: datetime | None
    inside_number: int | None
    inside_status: Literal["in-consultation", "called"] | None
    inside_token_id: UUID | None
    inside_appointment_id: UUID | None
    next_free: datetime | None
    waiting: int
    delay_minutes: int
    seen: int
    booked: int
    next_numbers: list[int]
    wait_minutes: int | None
    sessions: list[SessionRead]
    leave: Period | None


class PractitionersToday(Read):
    items: list[PractitionerToday]


class ChangeDay(Body):
    """until or minutes from now: when a late doctor, or one on a break, is expected; both may be left out."""

    model_config = _example(facility_id=_FACILITY, state="late", minutes=30)

    facility_id: UUID
    state: Literal["here", "late", "on-break", "gone"]
    until: Moment | None = None
    minutes: Annotated[int, Ge(1), Le(720)] | None = None

    @model_validator(mode="after")
    def _one_time_at_most(self) -> Self:
        if self.until is not None and self.minutes is not None:
            raise ValueError("until or minutes, not both")
        if self.state in {"here", "gone"} and (self.until is not None or self.minutes is not None):
            raise ValueError("a doctor who is here or gone is not expected at any time")
        return self


class Calling(Read):
    """The newest call. initials: of the patient's name, never more."""

    number: int
    initials: str
    room: str | None
    floor: str | None
    practitioner_name: str
    called_at: datetime
    token_id: UUID
    calls: int


class DisplayRow(Read):
    room: str | None
    practitioner_name: str
    specialty: str | None
    specialty_hi: str | None
    inside_number: int | None
    next_numbers: list[int]
    wait_minutes: int | None
    state: str
    until: datetime | None


class DisplayRead(Read):
    """What a waiting room sees: numbers and initials. now: the server's, for the clock on the screen."""

    hospital_name: str
    facility_name: str
    time_zone: str
    now: datetime
    calling: Calling | None
    rows: list[DisplayRow]
