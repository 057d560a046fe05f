"""The bodies of leave over booked slots."""

from typing import Annotated, Any, Literal, Self
from uuid import UUID

from annotated_types import MaxLen
from pydantic import ConfigDict, model_validator

from arogya.modules.scheduling.appointments.schemas import AppointmentRead, Proposal
from arogya.modules.scheduling.moments import Moment
from arogya.modules.scheduling.schedules.schemas import CreateException
from arogya.platform.bodies import Body, Line, Read

MOST = 2000
"""More bookings than any leave has inside."""
Action = Literal["move", "cancel", "keep"]

_LEAVE = {
    "kind": "leave",
    "practitioner_id": "0198f4a2-6c1e-7b3a-9d55-0c9d1e2f3a4c",
    "starts_at": "2026-12-24T00:00:00+05:30",
    "ends_at": "2026-12-27T00:00:00+05:30",
}


def _example(**body: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [body]})


class PreviewLeave(Body):
    """leave: leave or a holiday that is yet to be made. exception_id: one that is there already."""

    model_config = _example(leave=_LEAVE)

    leave: CreateException | None = None
    exception_id: UUID | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.leave is None) == (self.exception_id is None):
            raise ValueError("leave or exception_id, one of the two")
        if self.leave is not None and self.leave.kind == "extra":
            raise ValueError("an extra session takes no time away")
        return self


class Decision(Body):
    """What becomes of one booking. move needs the place: practitioner_id, facility_id, starts_at. keep: it stays as it
    is, inside the leave.
    """

    model_config = _example(
        appointment_id="0198f4a2-6c1e-7b3a-9d55-0c9d1e2f3a4b", action="move", starts_at="2026-12-28T04:30:00Z",
        practitioner_id="0198f4a2-6c1e-7b3a-9d55-0c9d1e2f3a4c", facility_id="0198f4a2-6c1e-7b3a-9d55-0c9d1e2f3a4d",
    )  # fmt: skip

    appointment_id: UUID
    action: Action
    practitioner_id: UUID | None = None
    facility_id: UUID | None = None
    starts_at: Moment | None = None

    @model_validator(mode="after")
    def _whereto(self) -> Self:
        told = [self.practitioner_id, self.facility_id, self.starts_at]
        if self.action == "move" and None in told:
            raise ValueError("move needs practitioner_id, facility_id and starts_at")
        if self.action != "move" and any(one is not None for one in told):
            raise ValueError("only a move names a place")
        return self


class ApplyLeave(PreviewLeave):
    """decisions: one for each booking inside. reason: what those whose visit is cancelled are told."""

    model_config = _example(
        leave=_LEAVE, reason="The doctor is on leave",
        decisions=[{"appointment_id": "0198f4a2-6c1e-7b3a-9d55-0c9d1e2f3a4b", "action": "cancel"}],
    )  # fmt: skip

    decisions: Annotated[list[Decision], MaxLen(MOST)]
    reason: Line = "The doctor is on leave"

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if len({one.appointment_id for one in self.decisions}) != len(self.decisions):
            raise ValueError("a booking is named twice")
        return self


class AffectedRead(Read):
    """options: where it could go, the proposed one first; no two bookings are offered the same place.

    told_by: how the patient will hear of it: on their own screen, by text message, or not at all: call them.
    """

    appointment: AppointmentRead
    told_by: Literal["app", "text"] | None
    options: list[Proposal]


class LeavePreview(Read):
    """items: the open bookings inside, by time."""

    items: list[AffectedRead]


class Outcome(Read):
    appointment_id: UUID
    action: Action
    new_appointment_id: UUID | None


class LeaveCascadeRead(Read):
    """What was done, in one step."""

    id: UUID
    exception_id: UUID
    outcome: list[Outcome]
