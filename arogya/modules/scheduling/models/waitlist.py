from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import TSTZRANGE, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column

from arogya.platform.base import Edited, TenantOwned, within_branch, within_tenant


class EntryStatus(StrEnum):
    WAITING = "waiting"
    OFFERED = "offered"
    BOOKED = "booked"
    LEFT = "left"


class OfferStatus(StrEnum):
    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"


class WaitlistEntry(Edited, TenantOwned):
    """Someone who waits for a place: with one practitioner, or any of a department or specialty.

    first_day, last_day: on which days, by the branch's clock. mode None: either. stands_at: where in the line; when
    they joined, or later for who let an offer lapse.
    """

    __tablename__ = "waitlist_entries"
    __table_args__ = (
        within_tenant("patient_id", "patients"),
        within_tenant("practitioner_id", "practitioners"),
        within_tenant("department_id", "departments"),
        within_tenant("facility_id", "facilities"),
        within_tenant("appointment_id", "appointments"),
        CheckConstraint("status IN ('waiting', 'offered', 'booked', 'left')", name="status"),
        CheckConstraint("part_of_day IN ('any', 'morning', 'afternoon', 'evening')", name="part_of_day"),
        CheckConstraint("mode IN ('in-person', 'video')", name="mode"),
        CheckConstraint("source IN ('desk', 'patient')", name="source"),
        CheckConstraint("last_day >= first_day", name="days"),
        CheckConstraint("num_nonnulls(practitioner_id, department_id, specialty) = 1", name="whom"),
        Index(
            "ix_waitlist_entries_line", "organization_id", "facility_id", "stands_at",
            postgresql_where=text("status IN ('waiting', 'offered')"),
        ),
        Index("ix_waitlist_entries_patient", "organization_id", "patient_id"),
    )  # fmt: skip

    patient_id: Mapped[UUID]
    practitioner_id: Mapped[UUID | None]
    department_id: Mapped[UUID | None]
    specialty: Mapped[str | None]
    facility_id: Mapped[UUID]
    first_day: Mapped[date]
    last_day: Mapped[date]
    part_of_day: Mapped[str] = mapped_column(default="any")
    mode: Mapped[str | None]
    reason: Mapped[str] = mapped_column(default="")
    is_priority: Mapped[bool] = mapped_column(default=False)
    status: Mapped[str] = mapped_column(default=EntryStatus.WAITING)
    source: Mapped[str] = mapped_column(default="desk")
    joined_at: Mapped[datetime]
    stands_at: Mapped[datetime]
    appointment_id: Mapped[UUID | None]
    """The visit that came of it."""


class WaitlistOffer(Edited, TenantOwned):
    """A place that is held for one who waits, until expires_at.

    After that it holds nothing, whether or not somebody has written so yet: see `reserved` in `waitlist.offers`.
    The exclusion constraint is the last word on two offers of one place.
    """

    __tablename__ = "waitlist_offers"
    __table_args__ = (
        within_tenant("entry_id", "waitlist_entries"),
        within_tenant("patient_id", "patients"),
        within_tenant("practitioner_id", "practitioners"),
        within_tenant("facility_id", "facilities"),
        within_branch("room_id", "rooms", name="fk_waitlist_offers_room"),
        CheckConstraint("status IN ('offered', 'accepted', 'declined', 'lapsed', 'withdrawn')", name="status"),
        CheckConstraint("lane >= 1", name="lane"),
        CheckConstraint("expires_at > offered_at", name="expires"),
        ExcludeConstraint(
            ("organization_id", "="), ("practitioner_id", "="), ("lane", "="), ("during", "&&"),
            name="ex_waitlist_offers_place", using="gist", where=text("status = 'offered'"),
        ),
        ExcludeConstraint(
            ("organization_id", "="), ("room_id", "="), ("practitioner_id", "<>"), ("during", "&&"),
            name="ex_waitlist_offers_room", using="gist", where=text("status = 'offered' AND room_id IS NOT NULL"),
        ),
        Index(
            "uq_waitlist_offers_entry", "organization_id", "entry_id", unique=True,
            postgresql_where=text("status = 'offered'"),
        ),
        UniqueConstraint("organization_id", "token_hash", name="uq_waitlist_offers_token"),
        Index("ix_waitlist_offers_entry", "organization_id", "entry_id"),
        Index(
            "ix_waitlist_offers_open", "organization_id", "practitioner_id", "starts_at",
            postgresql_where=text("status = 'offered'"),
        ),
    )  # fmt: skip

    entry_id: Mapped[UUID]
    patient_id: Mapped[UUID]
    practitioner_id: Mapped[UUID]
    facility_id: Mapped[UUID]
    room_id: Mapped[UUID | None]
    kind: Mapped[str]
    mode: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    during: Mapped[Range[datetime]] = mapped_column(TSTZRANGE)
    lane: Mapped[int]
    status: Mapped[str] = mapped_column(default=OfferStatus.OFFERED)
    offered_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    token_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Of the link in the newest text message: it answers without a sign-in."""
