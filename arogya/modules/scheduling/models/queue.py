from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from arogya.platform.base import Edited, Recorded, TenantOwned, TenantScoped, within_tenant


class TokenStatus(StrEnum):
    WAITING = "waiting"
    CALLED = "called"
    IN_CONSULTATION = "in-consultation"
    DONE = "done"
    SKIPPED = "skipped"
    LEFT = "left"
    MOVED = "moved"


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


class QueueHandover(Recorded, TenantOwned):
    """One time that a practitioner's queue was moved to a colleague.

    outcome: for each visit `{appointment_id, new_appointment_id}`, in the order in which they go in.
    """

    __tablename__ = "queue_handovers"
    __table_args__ = (
        within_tenant("from_practitioner_id", "practitioners"),
        within_tenant("to_practitioner_id", "practitioners"),
        within_tenant("facility_id", "facilities"),
        CheckConstraint("from_practitioner_id <> to_practitioner_id", name="colleague"),
        Index("ix_queue_handovers_day", "organization_id", "facility_id", "day"),
    )

    from_practitioner_id: Mapped[UUID]
    to_practitioner_id: Mapped[UUID]
    facility_id: Mapped[UUID]
    day: Mapped[date]
    outcome: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
