from datetime import date, datetime, time
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from arogya.platform.base import Edited, Recorded, TenantOwned, within_branch, within_tenant


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
