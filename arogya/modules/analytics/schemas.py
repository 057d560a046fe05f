from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import Field

from arogya.platform.bodies import Read


class PatientsRead(Read):
    """Of the whole hospital: patients belong to no branch."""

    total: int
    active: int
    new_today: int


class AppointmentsRead(Read):
    """Today's, by state."""

    pending: int = 0
    booked: int = 0
    arrived: int = 0
    checked_in: int = Field(0, alias="checked-in")
    fulfilled: int = 0
    cancelled: int = 0
    noshow: int = 0
    total: int = 0


class DoctorsRead(Read):
    """available: sees patients now or later today; total: works at the branch."""

    available: int
    total: int


class ComparedRead(Read):
    """What is usual: the median of the same weekday of the last six weeks at this time of day. null: no such day."""

    seen: float | None
    waiting: float | None
    median_wait: float | None
    noshows: float | None
    new_patients: float | None


class HourRead(Read):
    """today is null for hours that have not come yet, usual where there is no history."""

    hour: int
    today: int | None
    usual: float | None


class WaitRead(Read):
    """Median minutes of waiting; null where nobody was seen."""

    practitioner_id: UUID
    name: str
    today: float | None
    usual: float | None


class CollectedRead(Read):
    day: date
    cash_paise: int
    upi_paise: int
    total_paise: int


class SparksRead(Read):
    """The last seven working days up to this time of day, oldest first, today last; fewer where there are fewer."""

    seen: list[int]
    waiting: list[int]
    median_wait: list[float]
    noshows: list[int]
    new_patients: list[int]
    collected_paise: list[int] | None


class NeedRead(Read):
    """Something that waits for a person. practitioner_id: whom it is about."""

    kind: Literal["pending_bookings", "affected_by_leave", "late_practitioner"]
    count: int
    practitioner_id: UUID | None = None
    practitioner_name: str | None = None


class StatsRead(Read):
    """Today at one branch, or at all that the reader may see. Money is null without the right to see receipts."""

    facility_id: UUID | None
    day: date
    patients: PatientsRead
    appointments_today: AppointmentsRead
    waiting_now: int
    median_wait_minutes: int | None
    doctors: DoctorsRead
    unread: int
    pending_bookings: int
    collected_today_paise: int | None
    compared: ComparedRead
    arrivals_by_hour: list[HourRead]
    wait_by_doctor: list[WaitRead]
    collected_by_day: list[CollectedRead] | None
    sparks: SparksRead
    needs_someone: list[NeedRead]
