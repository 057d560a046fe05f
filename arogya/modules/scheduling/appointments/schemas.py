"""The bodies of appointments."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import ConfigDict, Field, StringConstraints

from arogya.modules.scheduling.moments import Moment
from arogya.modules.scheduling.transitions import AppointmentStatus
from arogya.platform.bodies import Body, Line, Read, Text

Mode = Literal["in-person", "video"]
Reason = Annotated[str, StringConstraints(max_length=500)]

_ID = "0198f4a2-6c1e-7b3a-9d55-0c9d1e2f3a4b"
_PRACTITIONER = "0198f4a2-6c1e-7b3a-9d55-0c9d1e2f3a4c"
_FACILITY = "0198f4a2-6c1e-7b3a-9d55-0c9d1e2f3a4d"


def _example(**body: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [body]})


class BookAppointment(Body):
    """facility_id may be left out where the doctor sits in one place at that time.

    override_reason: books past the slot's places, over leave, or beside another visit of the patient; for those who
    may. status: `pending` lets the desk keep a booking open for confirming. hold_id: one's own hold of the place, which
    is used up; where it has lapsed, the place is taken if it is free still.
    """

    model_config = _example(
        patient_id=_ID, practitioner_id=_PRACTITIONER, facility_id=_FACILITY, starts_at="2026-11-24T04:30:00Z",
        mode="in-person", reason="Fever for three days",
    )  # fmt: skip

    patient_id: UUID
    practitioner_id: UUID
    facility_id: UUID | None = None
    starts_at: Moment
    mode: Mode | None = None
    reason: Reason | None = None
    notes: Text | None = None
    override_reason: Line | None = None
    status: Literal["pending", "booked"] | None = None
    hold_id: UUID | None = None


class SearchAppointments(Body):
    """search: as of `POST /api/patients/search`; what a slip's barcode holds finds its visit."""

    model_config = _example(search="rane kav", limit=5)

    search: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    limit: Annotated[int, Field(ge=1, le=50)] = 10


class RescheduleAppointment(Body):
    """practitioner_id left out: the same doctor. reason: why it is moved."""

    model_config = _example(starts_at="2026-11-25T05:00:00Z", reason="Asked for another day")

    starts_at: Moment
    practitioner_id: UUID | None = None
    facility_id: UUID | None = None
    reason: Reason | None = None
    override_reason: Line | None = None
    hold_id: UUID | None = None


class CancelAppointment(Body):
    model_config = _example(reason="Feels better")

    reason: Line


class EditAppointment(Body):
    model_config = _example(notes="Needs a wheelchair")

    reason: Reason | None = None
    notes: Text | None = None


class PatientBrief(Read):
    id: UUID
    name: str
    mrn: str
    gender: str
    birth_date: date | None
    age_years: int | None
    age_months: int | None
    phone: str | None
    is_unknown: bool
    is_medico_legal: bool


class TokenBrief(Read):
    id: UUID
    number: int
    status: str
    called_at: datetime | None
    is_priority: bool


class ReceiptBrief(Read):
    id: UUID
    number: str
    method: str


class Warned(Read):
    """Something to know that did not stop the booking. code: `overlapping_visit`."""

    code: str
    appointment_id: UUID


class AppointmentRead(Read):
    """lane: which place of the slot or session; is_extra: one beyond its places, which the desk may book. fee_paise:
    what is due for it, less or nothing for a revisit. room: where it takes place; without a room of its own (room_id)
    that is where the practitioner usually sits. practitioner_kind `service`: booked with no doctor.

    revisit_free_until: the last day of a free revisit, after this visit where it was paid, else of the window in which
    this one is free.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "0190f3c2-7a10-7c3e-9a53-0d6a7f1b2c3d",
                    "patient_id": "0190f3c2-7a10-7c3e-9a53-0d6a7f1b2c3e",
                    "patient": None,
                    "practitioner_id": "0190f3c2-7a10-7c3e-9a53-0d6a7f1b2c3f",
                    "practitioner_name": "Dr Kavita Iyer",
                    "facility_id": "0190f3c2-7a10-7c3e-9a53-0d6a7f1b2c40",
                    "practitioner_kind": "practitioner",
                    "facility_name": "Nagpur branch",
                    "room_id": "0190f3c2-7a10-7c3e-9a53-0d6a7f1b2c42",
                    "room": "4",
                    "schedule_id": "0190f3c2-7a10-7c3e-9a53-0d6a7f1b2c41",
                    "kind": "slot",
                    "mode": "in-person",
                    "status": "booked",
                    "starts_at": "2026-11-23T04:30:00Z",
                    "ends_at": "2026-11-23T04:40:00Z",
                    "lane": 1,
                    "is_override": False,
                    "override_reason": "",
                    "is_extra": False,
                    "series_id": None,
                    "reason": "Fever",
                    "notes": "",
                    "source": "desk",
                    "rescheduled_from_id": None,
                    "cancel_reason": None,
                    "fee_paise": 60000,
                    "is_free_revisit": False,
                    "is_revisit": False,
                    "revisit_free_until": None,
                    "receipt": None,
                    "token": None,
                    "arrived_at": None,
                    "checked_in_at": None,
                    "fulfilled_at": None,
                    "created_at": "2026-11-22T09:00:00Z",
                    "version": 1,
                    "warnings": [],
                }
            ]
        }
    )

    id: UUID
    patient_id: UUID
    patient: PatientBrief | None
    practitioner_id: UUID
    practitioner_name: str
    practitioner_kind: str
    facility_id: UUID
    facility_name: str
    room_id: UUID | None
    room: str | None
    schedule_id: UUID | None
    kind: Literal["slot", "token", "walk-in"]
    mode: Mode
    status: AppointmentStatus
    starts_at: datetime
    ends_at: datetime
    lane: int
    is_override: bool
    override_reason: str
    is_extra: bool
    series_id: UUID | None
    reason: str
    notes: str
    source: Literal["desk", "patient", "import"]
    rescheduled_from_id: UUID | None
    cancel_reason: str | None
    fee_paise: int
    is_free_revisit: bool
    is_revisit: bool
    revisit_free_until: date | None
    receipt: ReceiptBrief | None
    token: TokenBrief | None
    arrived_at: datetime | None
    checked_in_at: datetime | None
    fulfilled_at: datetime | None
    created_at: datetime
    version: int
    warnings: list[Warned] = Field(default_factory=list)


class Proposal(Read):
    """A free time that could do instead."""

    practitioner_id: UUID
    practitioner_name: str
    facility_id: UUID
    starts_at: datetime
    ends_at: datetime


class Proposals(Read):
    items: list[Proposal]


class FeeRead(Read):
    fee_paise: int
    is_free_revisit: bool
    is_revisit: bool
    last_paid_at: datetime | None
    revisit_free_until: date | None


class MissedRead(Read):
    """count: visits missed within so many days. needs_confirming: what the patient books waits for the desk by it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"count": 2, "days": 90, "needs_confirming": False}]})

    count: int
    days: int
    needs_confirming: bool
