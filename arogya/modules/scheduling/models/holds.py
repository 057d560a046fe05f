"""The table of holds."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import TSTZRANGE, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column

from arogya.platform.base import Recorded, TenantOwned, within_branch, within_tenant


class Hold(Recorded, TenantOwned):
    """A place of a slot that is kept for one person until `expires_at`; after that it is as if it were not there.

    Holds exclude each other by the constraint below, which knows no clock: whoever takes a place removes what has
    lapsed first. Between holds and appointments stand the day's locks, under which each counts the other.
    """

    __tablename__ = "holds"
    __table_args__ = (
        within_tenant("patient_id", "patients"),
        within_tenant("practitioner_id", "practitioners"),
        within_tenant("facility_id", "facilities"),
        within_branch("room_id", "rooms", name="fk_holds_room"),
        ExcludeConstraint(
            ("organization_id", "="), ("practitioner_id", "="), ("lane", "="), ("during", "&&"),
            name="ex_holds_place", using="gist",
        ),
        ExcludeConstraint(
            ("organization_id", "="), ("room_id", "="), ("practitioner_id", "<>"), ("during", "&&"),
            name="ex_holds_room", using="gist", where=text("room_id IS NOT NULL"),
        ),
        UniqueConstraint(
            "organization_id", "user_id", "patient_id", name="uq_holds_person", postgresql_nulls_not_distinct=True
        ),
        Index("ix_holds_practitioner_time", "organization_id", "practitioner_id", "starts_at"),
    )  # fmt: skip

    user_id: Mapped[UUID]
    patient_id: Mapped[UUID | None]
    """None: the desk chose the time before it knew for whom."""
    practitioner_id: Mapped[UUID]
    facility_id: Mapped[UUID]
    room_id: Mapped[UUID | None]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    during: Mapped[Range[datetime]] = mapped_column(TSTZRANGE)
    lane: Mapped[int]
    expires_at: Mapped[datetime]
