from datetime import datetime
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, ColumnElement, Index, Integer, literal_column, text
from sqlalchemy.dialects.postgresql import TSTZRANGE, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column, validates

from arogya.modules.scheduling.refusals import WrongState
from arogya.modules.scheduling.transitions import HOLDING, TRANSITIONS, AppointmentStatus, Step, leads
from arogya.platform.base import Edited, TenantOwned, within_branch, within_tenant

HOLDS_ITS_PLACE = "status IN ({})".format(", ".join(f"'{s}'" for s in AppointmentStatus if s in HOLDING))


def holds_its_place() -> ColumnElement[bool]:
    """The same, for queries: written out, as the plans of prepared statements and the constraints want it."""
    return literal_column(f"appointments.{HOLDS_ITS_PLACE}", Boolean)


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
