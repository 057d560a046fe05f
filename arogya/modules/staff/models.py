from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from arogya.platform.base import Edited, TenantOwned, within_tenant


class Practitioner(Edited, TenantOwned):
    """Whoever, or whatever, can be booked.

    kind 'practitioner': a clinician. kind 'service': what is no person (X-ray, dressing, physiotherapy); who happens to
    work there calls its numbers. name without title; title is `Dr` or ''. qualifications: [{"degree", "institution",
    "year"}]. visit_minutes: how long one visit usually takes; a new schedule begins with it.
    """

    __tablename__ = "practitioners"
    __table_args__ = (
        within_tenant("department_id", "departments"),
        CheckConstraint("consultation_fee_paise >= 0", name="fee"),
        CheckConstraint("kind IN ('practitioner', 'service')", name="kind"),
        CheckConstraint(
            "kind <> 'service' OR (user_id IS NULL AND registration_number IS NULL AND title = '')", name="service"
        ),
        CheckConstraint("visit_minutes BETWEEN 5 AND 240", name="visit_minutes"),
        UniqueConstraint("organization_id", "user_id"),
        UniqueConstraint("organization_id", "source", "source_id"),
        Index(
            "uq_practitioners_registration", "organization_id", text("lower(registration_council)"),
            text("lower(registration_number)"), unique=True,
        ),
        Index("ix_practitioners_name", "organization_id", "name"),
    )  # fmt: skip

    kind: Mapped[str] = mapped_column(default="practitioner", server_default=text("'practitioner'"))
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    title: Mapped[str] = mapped_column(default="Dr")
    name: Mapped[str]
    gender: Mapped[str] = mapped_column(default="unknown")
    specialty: Mapped[str | None]
    department_id: Mapped[UUID | None]
    registration_number: Mapped[str | None]
    registration_council: Mapped[str] = mapped_column(default="")
    """Which council gave the number; '' where nobody said, so that two such numbers still can't be the same."""
    qualifications: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    languages: Mapped[list[str]] = mapped_column(ARRAY(String), default=list)
    practising_since: Mapped[int | None]
    """A year."""
    consultation_fee_paise: Mapped[int] = mapped_column(Integer, default=0)
    visit_minutes: Mapped[int | None]
    phone: Mapped[str | None]
    email: Mapped[str | None]
    source: Mapped[str | None]
    source_id: Mapped[str | None]
    is_active: Mapped[bool] = mapped_column(default=True)


class PractitionerFacility(Edited, TenantOwned):
    """A branch where a practitioner sees patients, and the room there (`4`, `first floor`)."""

    __tablename__ = "practitioner_facilities"
    __table_args__ = (
        within_tenant("practitioner_id", "practitioners"),
        within_tenant("facility_id", "facilities"),
        UniqueConstraint("organization_id", "practitioner_id", "facility_id"),
    )

    practitioner_id: Mapped[UUID]
    facility_id: Mapped[UUID]
    room: Mapped[str | None]
    floor: Mapped[str | None]


class StaffMember(Edited, TenantOwned):
    __tablename__ = "staff_members"
    __table_args__ = (
        within_tenant("department_id", "departments"),
        within_tenant("facility_id", "facilities"),
        CheckConstraint("shift IN ('general', 'morning', 'evening', 'night')", name="shift"),
        CheckConstraint("left_on IS NULL OR joined_on IS NULL OR left_on >= joined_on", name="period"),
        UniqueConstraint("organization_id", "user_id"),
        UniqueConstraint("organization_id", "employee_number"),
        Index("ix_staff_members_name", "organization_id", "name"),
    )

    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    employee_number: Mapped[str | None]
    name: Mapped[str]
    designation: Mapped[str]
    department_id: Mapped[UUID | None]
    facility_id: Mapped[UUID | None]
    shift: Mapped[str] = mapped_column(default="general")
    salary_grade: Mapped[str | None]
    joined_on: Mapped[date | None]
    left_on: Mapped[date | None]
    phone: Mapped[str | None]
    email: Mapped[str | None]
    is_active: Mapped[bool] = mapped_column(default=True)
