"""The bodies of schedules, leave and extra sessions."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from annotated_types import Ge, Le, MaxLen
from pydantic import ConfigDict, Field, model_validator

from arogya.modules.scheduling.moments import Day, Moment, WallTime
from arogya.platform.bodies import Body, Read

Kind = Literal["slots", "tokens"]
Mode = Literal["in-person", "video"]
ExceptionKind = Literal["leave", "holiday", "extra"]


class WeeklySession(Body):
    """weekday: Monday is 0. One that ends no later than it starts goes on past midnight; `00:00` is the day's end."""

    weekday: Annotated[int, Ge(0), Le(6)]
    starts: WallTime
    ends: WallTime

    @model_validator(mode="after")
    def _lasts(self) -> "WeeklySession":
        if self.starts == self.ends:
            raise ValueError("a session begins and ends at different times")
        return self


Sessions = Annotated[list[WeeklySession], MaxLen(42)]
SlotMinutes = Annotated[int, Ge(5), Le(240)]
Places = Annotated[int, Ge(1), Le(500)]
Buffer = Annotated[int, Ge(0), Le(120)]
Kept = Annotated[int, Ge(0), Le(500)]
Extra = Annotated[int, Ge(0), Le(100)]


class CreateSchedule(Body):
    """kind `slots`: timed, slot_minutes long, with so many places each. `tokens`: numbers without clock times, so many
    places a session; slot_minutes is what one consultation is expected to take. valid_from left out: today.
    buffer_…: minutes kept free around each timed slot. kept_for_desk: of the places, so many are not for patients to
    book by themselves. extra_places: so many more the desk may book without giving a reason. room_id: a room of the
    branch, in which no other practitioner's patient can be at the same time.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "practitioner_id": "0198f4a2-6c1e-7b3a-9d55-0c9d1e2f3a4c",
                    "facility_id": "0198f4a2-6c1e-7b3a-9d55-0c9d1e2f3a4d",
                    "kind": "slots",
                    "slot_minutes": 15,
                    "places": 1,
                    "sessions": [{"weekday": 0, "starts": "09:00", "ends": "13:00"}],
                }
            ]
        }
    )

    practitioner_id: UUID
    facility_id: UUID
    room_id: UUID | None = None
    kind: Kind = "slots"
    mode: Mode = "in-person"
    slot_minutes: SlotMinutes = 15
    places: Places = 1
    buffer_before_minutes: Buffer = 0
    buffer_after_minutes: Buffer = 0
    patients_may_book: bool = True
    kept_for_desk: Kept = 0
    extra_places: Extra = 0
    valid_from: Day | None = None
    valid_to: Day | None = None
    sessions: Sessions

    @model_validator(mode="after")
    def _period(self) -> "CreateSchedule":
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise ValueError("valid_to is before valid_from")
        if self.kept_for_desk > self.places:
            raise ValueError("more places are kept for the desk than there are")
        return self


class ChangeSchedule(Body):
    """What is left out stays. sessions: all of them, new. valid_to null: without end; room_id null: no room.

    A new room is for whoever is booked in it already, too: 409 `room_taken` where another's patient is there then.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [{"slot_minutes": 20, "valid_to": "2027-03-31"}]})

    room_id: UUID | None = None
    kind: Kind | None = None
    mode: Mode | None = None
    slot_minutes: SlotMinutes | None = None
    places: Places | None = None
    buffer_before_minutes: Buffer | None = None
    buffer_after_minutes: Buffer | None = None
    patients_may_book: bool | None = None
    kept_for_desk: Kept | None = None
    extra_places: Extra | None = None
    valid_from: Day | None = None
    valid_to: Day | None = None
    sessions: Sessions | None = None


class SessionRead(Read):
    weekday: int
    starts: WallTime
    ends: WallTime


class RoomShared(Read):
    """Another's schedule that has sessions in the same room at the same time: from starts_at on, both can't be
    booked. It is no refusal: who alternates may share a room."""

    code: Literal["room_shared"] = "room_shared"
    schedule_id: UUID
    practitioner_id: UUID
    practitioner_name: str
    starts_at: datetime


class ScheduleRead(Read):
    """warnings: after a change, what to know about it."""

    id: UUID
    practitioner_id: UUID
    practitioner_name: str
    practitioner_kind: Literal["practitioner", "service"]
    facility_id: UUID
    room_id: UUID | None
    room_name: str | None
    kind: Kind
    mode: Mode
    slot_minutes: int
    places: int
    buffer_before_minutes: int
    buffer_after_minutes: int
    patients_may_book: bool
    kept_for_desk: int
    extra_places: int
    valid_from: date
    valid_to: date | None
    sessions: list[SessionRead]
    is_active: bool
    version: int
    warnings: list[RoomShared] = Field(default_factory=list)


class CreateException(Body):
    """leave: of a practitioner, at one branch or (facility_id left out) everywhere. holiday: of a whole branch.
    extra: one more session of schedule_id, with its slot length, places and mode.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "kind": "leave",
                    "practitioner_id": "0198f4a2-6c1e-7b3a-9d55-0c9d1e2f3a4c",
                    "starts_at": "2026-12-24T00:00:00+05:30",
                    "ends_at": "2026-12-27T00:00:00+05:30",
                    "reason": "Family wedding",
                }
            ]
        }
    )

    kind: ExceptionKind
    practitioner_id: UUID | None = None
    facility_id: UUID | None = None
    schedule_id: UUID | None = None
    starts_at: Moment
    ends_at: Moment
    reason: Annotated[str, MaxLen(200)] = ""

    @model_validator(mode="after")
    def _whose(self) -> "CreateException":
        needed = {"leave": "practitioner_id", "holiday": "facility_id", "extra": "schedule_id"}[self.kind]
        if getattr(self, needed) is None:
            raise ValueError(f"{self.kind} needs {needed}")
        if self.kind == "holiday" and self.practitioner_id is not None:
            raise ValueError("a holiday is the whole branch's; one practitioner's is leave")
        if self.kind != "extra" and self.schedule_id is not None:
            raise ValueError("only an extra session names a schedule")
        if self.ends_at <= self.starts_at:
            raise ValueError("ends_at is not after starts_at")
        return self


class ExceptionRead(Read):
    id: UUID
    kind: ExceptionKind
    practitioner_id: UUID | None
    facility_id: UUID | None
    schedule_id: UUID | None
    starts_at: datetime
    ends_at: datetime
    reason: str
    is_active: bool


class ExceptionCreated(ExceptionRead):
    """affected: the open bookings inside, by time; they stay until somebody moves or cancels them."""

    affected: list[UUID]


def brief(row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ExceptionRead.model_fields}
