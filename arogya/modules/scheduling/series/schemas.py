"""The bodies of series."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from annotated_types import Ge, Le, MaxLen, MinLen
from pydantic import ConfigDict, model_validator

from arogya.modules.scheduling.appointments.schemas import AppointmentRead, Mode, Proposal, Reason
from arogya.modules.scheduling.moments import Day, Moment
from arogya.modules.scheduling.series.recurrence import MOST
from arogya.platform.bodies import Body, Line, Read

_ID = "0198f4a2-6c1e-7b3a-9d55-0c9d1e2f3a4b"
_PRACTITIONER = "0198f4a2-6c1e-7b3a-9d55-0c9d1e2f3a4c"

Unit = Literal["day", "week", "month"]
Every = Annotated[int, Ge(1), Le(366)]
Scope = Literal["this", "following", "all"]


def _example(**body: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [body]})


class PreviewSeries(Body):
    """Every so many units: count visits, or as many as there are until a day."""

    model_config = _example(
        patient_id=_ID, practitioner_id=_PRACTITIONER, starts_at="2026-11-24T04:30:00Z", unit="week", every=1, count=6
    )

    patient_id: UUID
    practitioner_id: UUID
    facility_id: UUID | None = None
    mode: Mode | None = None
    starts_at: Moment
    unit: Unit
    every: Every = 1
    count: Annotated[int, Ge(2), Le(MOST)] | None = None
    until: Day | None = None

    @model_validator(mode="after")
    def _ends(self) -> "PreviewSeries":
        if (self.count is None) == (self.until is None):
            raise ValueError("a series ends after count visits or until a day")
        return self


class Occurrence(Read):
    """code: why the time can't be had, as booking it would say; None where it is free. proposals: the doctor's nearest
    free times instead."""

    starts_at: datetime
    code: str | None
    proposals: list[Proposal]


class SeriesPreview(Read):
    items: list[Occurrence]


class BookSeries(Body):
    """starts: all of them, as the preview gave them or with proposals in place of what is taken. only_free: leave out
    what can't be had; else nothing is booked then. hold_id: one's own hold of the first."""

    model_config = _example(
        patient_id=_ID, practitioner_id=_PRACTITIONER, unit="week", every=1,
        starts=["2026-11-24T04:30:00Z", "2026-12-01T04:30:00Z"],
    )  # fmt: skip

    patient_id: UUID
    practitioner_id: UUID
    facility_id: UUID | None = None
    mode: Mode | None = None
    reason: Reason | None = None
    unit: Unit
    every: Every = 1
    starts: Annotated[list[Moment], MinLen(2), MaxLen(MOST)]
    only_free: bool = False
    hold_id: UUID | None = None

    @model_validator(mode="after")
    def _apart(self) -> "BookSeries":
        if len(set(self.starts)) < len(self.starts):
            raise ValueError("a time stands there twice")
        return self


class CancelSeries(Body):
    """appointment_id: from which visit on. scope: this one, it and the following, or all that are yet to come."""

    model_config = _example(appointment_id=_ID, scope="following", reason="Feels better")

    appointment_id: UUID
    scope: Scope
    reason: Line


class MoveSeries(Body):
    """starts_at: the new time of appointment_id; the others go as many days on, at that hour. only_free: leave those
    where they are whose new time can't be had; else nothing is moved then."""

    model_config = _example(appointment_id=_ID, scope="following", starts_at="2026-11-25T05:00:00Z")

    appointment_id: UUID
    scope: Scope
    starts_at: Moment
    practitioner_id: UUID | None = None
    reason: Reason | None = None
    only_free: bool = False


class Missing(Read):
    """A time that could not be had, and by which code."""

    starts_at: datetime
    code: str


class SeriesRead(Read):
    """As it was agreed, and its visits as they are now, those cancelled too. count: how many were wanted.

    left_out: what this very request could not have.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": _ID,
                    "patient_id": _ID,
                    "practitioner_id": _PRACTITIONER,
                    "facility_id": _ID,
                    "unit": "week",
                    "every": 1,
                    "starts_at": "2026-11-24T04:30:00Z",
                    "count": 6,
                    "appointments": [],
                    "left_out": [{"starts_at": "2026-12-01T04:30:00Z", "code": "slot_taken"}],
                }
            ]
        }
    )

    id: UUID
    patient_id: UUID
    practitioner_id: UUID
    facility_id: UUID
    unit: Unit
    every: int
    starts_at: datetime
    count: int
    appointments: list[AppointmentRead]
    left_out: list[Missing]
