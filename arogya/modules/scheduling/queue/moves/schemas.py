"""The bodies of moving a queue to a colleague."""

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from annotated_types import MaxLen
from pydantic import ConfigDict, Field, model_validator

from arogya.modules.scheduling.appointments.schemas import AppointmentRead, Proposal
from arogya.modules.scheduling.moments import Moment
from arogya.platform.bodies import Body, Read

_WHO: dict[str, Any] = {
    "from_practitioner_id": "0198f4a2-6c1e-7b3a-9d55-0c9d1e2f3a4c",
    "to_practitioner_id": "0198f4a2-6c1e-7b3a-9d55-0c9d1e2f3a4d",
    "facility_id": "0198f4a2-6c1e-7b3a-9d55-0c9d1e2f3a4e",
}


class PreviewHandover(Body):
    model_config = ConfigDict(json_schema_extra={"examples": [_WHO]})

    from_practitioner_id: UUID
    to_practitioner_id: UUID
    facility_id: UUID

    @model_validator(mode="after")
    def _to_another(self) -> Self:
        if self.from_practitioner_id == self.to_practitioner_id:
            raise ValueError("a queue is moved to somebody else")
        return self


class LaterVisit(Body):
    """One of today's later appointments, and when the colleague sees the patient."""

    appointment_id: UUID
    starts_at: Moment


class HandOver(PreviewHandover):
    """later: those of today's later appointments that go along; the others stay with the doctor who is gone."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    **_WHO,
                    "later": [
                        {
                            "appointment_id": "0198f4a2-6c1e-7b3a-9d55-0c9d1e2f3a4b",
                            "starts_at": "2026-11-23T06:30:00Z",
                        }
                    ],
                }
            ]
        }
    )

    later: Annotated[list[LaterVisit], MaxLen(200)] = Field(default_factory=list)

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if len({one.appointment_id for one in self.later}) != len(self.later):
            raise ValueError("an appointment is named twice")
        return self


class WhoWaits(Read):
    """One who is here, in the order in which they will go in. has_number_there: they wait for the colleague already,
    and stay."""

    appointment: AppointmentRead
    due_at: datetime | None
    has_number_there: bool


class WhoComes(Read):
    """One who is expected later today. option: the colleague's free place for them, not before their own time."""

    appointment: AppointmentRead
    option: Proposal | None


class HandoverPreview(Read):
    """waiting_there: how many wait for the colleague now, with whom the moved go in by turns."""

    waiting: list[WhoWaits]
    later: list[WhoComes]
    waiting_there: int


class HandedOver(Read):
    appointment_id: UUID
    new_appointment_id: UUID


class HandoverRead(Read):
    """outcome: those who wait, in their new order, then the later ones."""

    id: UUID
    from_practitioner_id: UUID
    to_practitioner_id: UUID
    facility_id: UUID
    outcome: list[HandedOver]
