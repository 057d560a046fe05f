from datetime import date, datetime, time
from enum import StrEnum
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Boolean,
    CheckConstraint,
    ColumnElement,
    Index,
    Integer,
    UniqueConstraint,
    Uuid,
    literal_column,
    text,
)
from sqlalchemy.dialects.postgresql import TSTZRANGE, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column, validates

from arogya.modules.scheduling.calendars.models import CalendarFeed  # noqa: F401 - its table belongs here
from arogya.modules.scheduling.holds.models import Hold  # noqa: F401 - its table belongs here
from arogya.modules.scheduling.leave_cascade.models import LeaveCascade
from arogya.modules.scheduling.queue_moves.models import QueueHandover
from arogya.modules.scheduling.refusals import WrongState
from arogya.modules.scheduling.series.models import AppointmentSeries  # noqa: F401 - the same
from arogya.modules.scheduling.transitions import HOLDING, TRANSITIONS, AppointmentStatus, Step, leads
from arogya.modules.scheduling.waitlist.models import WaitlistEntry, WaitlistOffer
from arogya.platform.database import Edited, Recorded, TenantOwned, TenantScoped, within_branch, within_tenant

__all__ = [
    "Appointment", "BookingRules", "LeaveCascade", "PractitionerDay", "QueueCounter", "QueueHandover", "QueueToken",
    "Receipt", "ReceiptCounter", "Schedule", "ScheduleException", "ScheduleSession", "TokenStatus", "WaitlistEntry",
    "WaitlistOffer", "holds_its_place",
]  # fmt: skip


class TokenStatus(StrEnum):
    WAITING = "waiting"
    CALLED = "called"
    IN_CONSULTATION = "in-consultation"
    DONE = "done"
    SKIPPED = "skipped"
    LEFT = "left"
    MOVED = "moved"


HOLDS_ITS_PLACE = "status IN ({})".format(", ".join(f"'{s}'" for s in AppointmentStatus if s in HOLDING))


def holds_its_place() -> ColumnElement[bool]:
    """The same, for queries: written out, as the plans of prepared statements and the constraints want it."""
    return literal_column(f"appointments.{HOLDS_ITS_PLACE}", Boolean)


class BookingRules(Edited, TenantOwned):
    """How this hospital books. One row an organization; its id is the organization's."""

    __tablename__ = "booking_rules"
    __table_args__ = (
        CheckConstraint("token_given_at IN ('booking', 'arrival', 'check-in')", name="token_given_at"),
        CheckConstraint("days_ahead BETWEEN 0 AND 366 AND revisit_days BETWEEN 0 AND 366", name="days"),
        CheckConstraint("queue_order IN ('by-turns', 'appointments-first', 'by-arrival')", name="queue_order"),
        CheckConstraint("noshow_marking IN ('by-hand', 'after-session', 'after-minutes')", name="noshow_marking"),
        CheckConstraint(
            "revisit_fee_paise >= 0 AND min_notice_minutes >= 0 AND noshow_minutes >= 0 AND noshow_limit >= 0 "
            "AND noshow_days >= 1",
            name="amounts",
        ),
    )

    patient_bookings_need_confirming: Mapped[bool] = mapped_column(default=True)
    days_ahead: Mapped[int] = mapped_column(default=30)
    cancel_until_minutes: Mapped[int] = mapped_column(default=120)
    """How long before its start a patient may still cancel or move a visit."""
    open_per_patient: Mapped[int] = mapped_column(default=5)
    revisit_days: Mapped[int] = mapped_column(default=14)
    """A visit to the same doctor within so many days of a paid one costs `revisit_fee_paise`."""
    token_given_at: Mapped[str] = mapped_column(default="arrival")
    slip_valid_days: Mapped[int] = mapped_column(default=7)
    first_visits_need_confirming: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    confirm_practitioner_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), default=list, server_default=text("'{}'"))
    confirm_department_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), default=list, server_default=text("'{}'"))
    min_notice_minutes: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    revisit_fee_paise: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    queue_order: Mapped[str] = mapped_column(default="by-turns", server_default=text("'by-turns'"))
    noshow_marking: Mapped[str] = mapped_column(default="by-hand", server_default=text("'by-hand'"))
    noshow_minutes: Mapped[int] = mapped_column(default=60, server_default=text("60"))
    noshow_limit: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    """So many no-shows within `noshow_days`: the desk confirms what the patient books. 0: however many."""
    noshow_days: Mapped[int] = mapped_column(default=90, server_default=text("90"))
    has_quiet_hours: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    """Messages that answer nothing the person just did wait from `quiet_from` to `quiet_until`."""
    quiet_from: Mapped[time] = mapped_column(default=time(21), server_default=text("'21:00'"))
    quiet_until: Mapped[time] = mapped_column(default=time(8), server_default=text("'08:00'"))


class Schedule(Edited, TenantOwned):
    """When a practitioner sees patients at a facility. kind 'slots': timed; 'tokens': numbers, no clock times.

    places: how many a slot takes; for tokens, how many a session takes.
    """

    __tablename__ = "schedules"
    __table_args__ = (
        within_tenant("practitioner_id", "practitioners"),
        within_tenant("facility_id", "facilities"),
        within_branch("room_id", "rooms", name="fk_schedules_room"),
        CheckConstraint("kind IN ('slots', 'tokens')", name="kind"),
        CheckConstraint("mode IN ('in-person', 'video')", name="mode"),
        CheckConstraint("slot_minutes BETWEEN 5 AND 240", name="slot_minutes"),
        CheckConstraint("places BETWEEN 1 AND 500", name="places"),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="period"),
        CheckConstraint(
            "buffer_before_minutes BETWEEN 0 AND 120 AND buffer_after_minutes BETWEEN 0 AND 120", name="buffers"
        ),
        CheckConstraint("kept_for_desk BETWEEN 0 AND places AND extra_places BETWEEN 0 AND 100", name="shares"),
        Index("ix_schedules_practitioner", "organization_id", "practitioner_id"),
        Index("ix_schedules_facility", "organization_id", "facility_id"),
    )

    practitioner_id: Mapped[UUID]
    facility_id: Mapped[UUID]
    room_id: Mapped[UUID | None]
    """Where it is held; None: the hospital does not say, and nobody is kept out."""
    kind: Mapped[str] = mapped_column(default="slots")
    mode: Mapped[str] = mapped_column(default="in-person")
    slot_minutes: Mapped[int]
    places: Mapped[int] = mapped_column(default=1)
    buffer_before_minutes: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    buffer_after_minutes: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    """Kept free around each timed slot."""
    patients_may_book: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    kept_for_desk: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    """So many of the places are not for patients to book by themselves."""
    extra_places: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    """So many more the desk may book without giving a reason."""
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    is_active: Mapped[bool] = mapped_column(default=True)


class ScheduleSession(Recorded, TenantOwned):
    """A weekly session, in the facility's wall time. weekday: Monday is 0. One that ends no later than it starts goes
    on past midnight."""

    __tablename__ = "schedule_sessions"
    __table_args__ = (
        within_tenant("schedule_id", "schedules"),
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("ends <> starts", name="hours"),
        Index("ix_schedule_sessions_schedule", "organization_id", "schedule_id"),
    )

    schedule_id: Mapped[UUID]
    weekday: Mapped[int]
    starts: Mapped[time]
    ends: Mapped[time]


class ScheduleException(Edited, TenantOwned):
    """Leave or a holiday (practitioner None: the whole facility) takes time away; 'extra' adds a session."""

    __tablename__ = "schedule_exceptions"
    __table_args__ = (
        within_tenant("practitioner_id", "practitioners"),
        within_tenant("facility_id", "facilities"),
        within_tenant("schedule_id", "schedules"),
        CheckConstraint("kind IN ('leave', 'holiday', 'extra')", name="kind"),
        CheckConstraint("ends_at > starts_at", name="hours"),
        CheckConstraint("kind <> 'extra' OR schedule_id IS NOT NULL", name="extra_schedule"),
        CheckConstraint("practitioner_id IS NOT NULL OR facility_id IS NOT NULL", name="whose"),
        Index("ix_schedule_exceptions_practitioner", "organization_id", "practitioner_id", "starts_at"),
        Index("ix_schedule_exceptions_facility", "organization_id", "facility_id", "starts_at"),
    )

    kind: Mapped[str]
    practitioner_id: Mapped[UUID | None]
    facility_id: Mapped[UUID | None]
    schedule_id: Mapped[UUID | None]
    """For an extra session: the schedule whose slot length, places and mode it takes."""
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(default="")
    is_active: Mapped[bool] = mapped_column(default=True)


class Appointment(Edited, TenantOwned):
    """A visit, booked or walked in.

    kind 'slot': a place at a clock time; 'token': a place in a session; 'walk-in': none. during: the slot's or
    session's time, None for a walk-in. lane: which of its places. places: how many it had.
    The exclusion constraints below are the last word on double booking.
    """

    __tablename__ = "appointments"
    __table_args__ = (
        within_tenant("patient_id", "patients"),
        within_tenant("practitioner_id", "practitioners"),
        within_tenant("facility_id", "facilities"),
        within_tenant("schedule_id", "schedules"),
        within_tenant("rescheduled_from_id", "appointments"),
        within_tenant("series_id", "appointment_series"),
        within_branch("room_id", "rooms", name="fk_appointments_room"),
        CheckConstraint("kind IN ('slot', 'token', 'walk-in')", name="kind"),
        CheckConstraint("mode IN ('in-person', 'video')", name="mode"),
        CheckConstraint(
            "status IN ('pending', 'booked', 'arrived', 'checked-in', 'fulfilled', 'cancelled', 'noshow', 'waitlist', "
            "'entered-in-error')",
            name="status",
        ),
        CheckConstraint("(kind = 'walk-in') = (during IS NULL)", name="during"),
        CheckConstraint("lane >= 1 AND (lane <= places OR is_override)", name="lane"),
        CheckConstraint("NOT is_override OR override_reason <> ''", name="override_reason"),
        CheckConstraint("source IN ('desk', 'patient', 'import')", name="source"),
        CheckConstraint("fee_paise >= 0", name="fee"),
        ExcludeConstraint(
            ("organization_id", "="), ("practitioner_id", "="), ("lane", "="), ("during", "&&"),
            name="ex_appointments_place", using="gist",
            where=text(f"{HOLDS_ITS_PLACE} AND during IS NOT NULL"),
        ),
        ExcludeConstraint(
            ("organization_id", "="), ("patient_id", "="), ("during", "&&"),
            name="ex_appointments_patient", using="gist",
            where=text(f"{HOLDS_ITS_PLACE} AND kind = 'slot' AND NOT is_override"),
        ),
        # Of one practitioner's patients several may share a slot, and its room; of two practitioners' none.
        ExcludeConstraint(
            ("organization_id", "="), ("room_id", "="), ("practitioner_id", "<>"), ("during", "&&"),
            name="ex_appointments_room", using="gist",
            where=text(f"{HOLDS_ITS_PLACE} AND during IS NOT NULL AND room_id IS NOT NULL"),
        ),
        Index(
            "uq_appointments_patient_session", "organization_id", "practitioner_id", "starts_at", "patient_id",
            unique=True, postgresql_where=text(f"{HOLDS_ITS_PLACE} AND kind = 'token'"),
        ),
        Index("ix_appointments_time", "organization_id", "starts_at"),
        Index("ix_appointments_practitioner_time", "organization_id", "practitioner_id", "starts_at"),
        Index("ix_appointments_patient_time", "organization_id", "patient_id", "starts_at"),
        Index("ix_appointments_facility_time", "organization_id", "facility_id", "starts_at"),
        Index(
            "ix_appointments_room_time", "organization_id", "room_id", "starts_at",
            postgresql_where=text("room_id IS NOT NULL"),
        ),
        Index(
            "ix_appointments_series", "organization_id", "series_id", "starts_at",
            postgresql_where=text("series_id IS NOT NULL"),
        ),
    )  # fmt: skip

    patient_id: Mapped[UUID]
    practitioner_id: Mapped[UUID]
    facility_id: Mapped[UUID]
    room_id: Mapped[UUID | None]
    """Its schedule's when it was booked. Keeps other practitioners out for as long as it lasts, but for a walk-in's."""
    schedule_id: Mapped[UUID | None]
    kind: Mapped[str]
    mode: Mapped[str] = mapped_column(default="in-person")
    status: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    during: Mapped[Range[datetime] | None] = mapped_column(TSTZRANGE)
    lane: Mapped[int] = mapped_column(Integer, default=1)
    places: Mapped[int] = mapped_column(Integer, default=1)
    is_override: Mapped[bool] = mapped_column(default=False)
    override_reason: Mapped[str] = mapped_column(default="")
    is_extra: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    """In one of the schedule's extra places; `places` counts them then."""
    series_id: Mapped[UUID | None]
    reason: Mapped[str] = mapped_column(default="")
    notes: Mapped[str] = mapped_column(default="")
    source: Mapped[str] = mapped_column(default="desk")
    rescheduled_from_id: Mapped[UUID | None]
    cancel_reason: Mapped[str | None]
    fee_paise: Mapped[int] = mapped_column(default=0)
    is_free_revisit: Mapped[bool] = mapped_column(default=False)
    is_revisit: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    """Within the window of a paid visit, free or cheaper; it opens no window of its own."""
    arrived_at: Mapped[datetime | None]
    checked_in_at: Mapped[datetime | None]
    fulfilled_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    """When it was cancelled or marked a no-show."""

    def confirm(self) -> None:
        self._take(Step.CONFIRM)

    def arrive(self, now: datetime) -> None:
        self._take(Step.ARRIVE)
        self.arrived_at = now

    def check_in(self, now: datetime) -> None:
        self._take(Step.CHECK_IN)
        self.arrived_at = self.arrived_at or now
        self.checked_in_at = now

    def fulfil(self, now: datetime) -> None:
        self._take(Step.FULFIL)
        self.fulfilled_at = now

    def cancel(self, now: datetime, reason: str) -> None:
        self._take(Step.CANCEL)
        self._end(now, reason)

    def hand_over(self, now: datetime, reason: str) -> None:
        """Its queue goes to a colleague, with whom a new appointment takes over; the patient may be here already."""
        self._take(Step.CANCEL)
        self._end(now, reason)

    def leave_for_another(self, now: datetime, reason: str) -> None:
        """Give its place back because a new appointment takes over."""
        self._take(Step.RESCHEDULE)
        self._end(now, reason)

    def miss(self, now: datetime) -> None:
        """The patient did not come."""
        self._take(Step.NO_SHOW)
        self._end(now, None)

    def _take(self, step: Step) -> None:
        if self.status not in TRANSITIONS[step].sources:
            raise WrongState(status=self.status)
        self.status = TRANSITIONS[step].target

    def _end(self, now: datetime, reason: str | None) -> None:
        self.ended_at = now
        self.cancel_reason = reason

    @validates("status")
    def _only_as_the_table_says(self, _name: str, new: str) -> str:
        """Nothing else can set a state to which no step leads. What a new appointment begins as is the booking's."""
        old = self.status
        if old is not None and not leads(old, new):
            raise WrongState(status=old)
        return new


class QueueToken(Edited, TenantOwned):
    """A number in a practitioner's queue of one session and day. session: its local start `09:00`, or 'day'."""

    __tablename__ = "queue_tokens"
    __table_args__ = (
        within_tenant("appointment_id", "appointments"),
        within_tenant("patient_id", "patients"),
        within_tenant("practitioner_id", "practitioners"),
        within_tenant("facility_id", "facilities"),
        CheckConstraint(
            "status IN ('waiting', 'called', 'in-consultation', 'done', 'skipped', 'left', 'moved')", name="status"
        ),
        UniqueConstraint("organization_id", "practitioner_id", "facility_id", "day", "session", "number"),
        UniqueConstraint("organization_id", "appointment_id", name="uq_queue_tokens_appointment"),
        Index("ix_queue_tokens_day", "organization_id", "facility_id", "day"),
        Index(
            "uq_queue_tokens_inside", "organization_id", "practitioner_id", "facility_id", "day", unique=True,
            postgresql_where=text("status = 'in-consultation'"),
        ),
    )  # fmt: skip

    appointment_id: Mapped[UUID]
    patient_id: Mapped[UUID]
    practitioner_id: Mapped[UUID]
    facility_id: Mapped[UUID]
    day: Mapped[date]
    session: Mapped[str]
    number: Mapped[int]
    status: Mapped[str]
    is_priority: Mapped[bool] = mapped_column(default=False)
    due_at: Mapped[datetime]
    """Where it stands in the order: its slot's start, or when a walk-in came; later for a late-comer or one skipped."""
    stands_behind: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    """A walk-in where appointments go in first; as the rules were when the number was given."""
    issued_at: Mapped[datetime]
    called_at: Mapped[datetime | None]
    calls: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class QueueCounter(TenantScoped):
    """The last number given. Its row is locked by the increment: two desks can't give one number."""

    __tablename__ = "queue_counters"
    __table_args__ = (
        within_tenant("practitioner_id", "practitioners"),
        within_tenant("facility_id", "facilities"),
    )

    practitioner_id: Mapped[UUID] = mapped_column(primary_key=True)
    facility_id: Mapped[UUID] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    session: Mapped[str] = mapped_column(primary_key=True)
    last: Mapped[int]


class PractitionerDay(Edited, TenantOwned):
    """How a practitioner's day at a facility goes: here, late, on a break, gone; until: expected back or in."""

    __tablename__ = "practitioner_days"
    __table_args__ = (
        within_tenant("practitioner_id", "practitioners"),
        within_tenant("facility_id", "facilities"),
        CheckConstraint("state IN ('here', 'late', 'on-break', 'gone')", name="state"),
        UniqueConstraint("organization_id", "practitioner_id", "facility_id", "day"),
    )

    practitioner_id: Mapped[UUID]
    facility_id: Mapped[UUID]
    day: Mapped[date]
    state: Mapped[str]
    until: Mapped[datetime | None]


class ReceiptCounter(TenantScoped):
    """The last receipt number of a facility and financial year (April to March)."""

    __tablename__ = "receipt_counters"
    __table_args__ = (within_tenant("facility_id", "facilities"),)

    facility_id: Mapped[UUID] = mapped_column(primary_key=True)
    year: Mapped[str] = mapped_column(primary_key=True)
    last: Mapped[int]


class Receipt(Recorded, TenantOwned):
    """Money taken at the desk for a visit, until billing takes over. UPI is 'received, unverified' by a cashier."""

    __tablename__ = "receipts"
    __table_args__ = (
        within_tenant("appointment_id", "appointments"),
        within_tenant("patient_id", "patients"),
        within_tenant("facility_id", "facilities"),
        CheckConstraint("method IN ('cash', 'upi')", name="method"),
        CheckConstraint("amount_paise > 0", name="amount"),
        UniqueConstraint("organization_id", "facility_id", "number"),
        UniqueConstraint("organization_id", "appointment_id", name="uq_receipts_appointment"),
        Index("ix_receipts_day", "organization_id", "facility_id", "issued_at"),
    )

    number: Mapped[str]
    appointment_id: Mapped[UUID]
    patient_id: Mapped[UUID]
    facility_id: Mapped[UUID]
    amount_paise: Mapped[int]
    method: Mapped[str]
    utr: Mapped[str | None]
    is_verified: Mapped[bool]
    issued_at: Mapped[datetime]
