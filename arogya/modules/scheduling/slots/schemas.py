"""What the finder answers."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import ConfigDict

from arogya.platform.bodies import Read

Kind = Literal["slot", "token"]


class SlotRead(Read):
    """kind `token`: a whole session, booked for its number and not for its time. free: how many places are.

    held: how many someone is booking just now; is_held_by_you: you are one of them. extra: how many more the desk may
    book beyond the places. room_name: where it is held; is_room_taken: another's patient is in that room then, so that
    none of the places is free.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "starts_at": "2026-11-23T04:30:00Z",
                    "ends_at": "2026-11-23T04:40:00Z",
                    "status": "free",
                    "places": 1,
                    "free": 1,
                    "held": 0,
                    "is_held_by_you": False,
                    "extra": 0,
                    "facility_id": "0190f3c2-7a10-7c3e-9a53-0d6a7f1b2c3d",
                    "schedule_id": "0190f3c2-7a10-7c3e-9a53-0d6a7f1b2c3e",
                    "kind": "slot",
                    "mode": "in-person",
                    "room_name": "4",
                    "is_room_taken": False,
                }
            ]
        }
    )

    starts_at: datetime
    ends_at: datetime
    status: Literal["free", "busy", "past", "leave"]
    places: int
    free: int
    held: int
    is_held_by_you: bool = False
    extra: int
    facility_id: UUID
    schedule_id: UUID
    kind: Kind
    mode: str
    room_name: str | None
    is_room_taken: bool


class SlotList(Read):
    items: list[SlotRead]


class FoundPractitioner(Read):
    id: UUID
    kind: Literal["practitioner", "service"]
    title: str
    name: str
    specialty: str | None
    department_id: UUID | None
    department_name: str | None
    department_name_hi: str | None
    practising_since: int | None
    consultation_fee_paise: int
    languages: list[str]


class NextSlot(Read):
    starts_at: datetime
    ends_at: datetime
    kind: Kind
    mode: str
    schedule_id: UUID
    room_name: str | None


class Availability(Read):
    """A practitioner at one branch. next: the first times of the first day that has any; empty where none is free."""

    practitioner: FoundPractitioner
    facility_id: UUID
    facility_name: str
    next: list[NextSlot]


class AvailabilityList(Read):
    items: list[Availability]
