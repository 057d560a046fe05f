from datetime import datetime
from typing import Any
from uuid import UUID
from zlib import crc32

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from arogya.platform.base import Edited, PlatformOwned, Recorded, TenantOwned, within_tenant


class Organization(PlatformOwned):
    """A tenant: a hospital or a network of them. code: short, unique, the prefix of its UHIDs (`NH`)."""

    __tablename__ = "organizations"
    __table_args__ = (
        CheckConstraint("status IN ('active', 'suspended')", name="status"),
        CheckConstraint("code ~ '^[A-Z][A-Z0-9]{1,7}$'", name="code"),
    )

    name: Mapped[str]
    code: Mapped[str] = mapped_column(unique=True)
    status: Mapped[str] = mapped_column(default="active")
    country: Mapped[str] = mapped_column(default="IN")
    time_zone: Mapped[str] = mapped_column(default="Asia/Kolkata")
    language: Mapped[str] = mapped_column(default="en")
    is_solo: Mapped[bool] = mapped_column(default=False)
    """One person runs the clinic: one screen, all roles."""
    is_open_to_registration: Mapped[bool] = mapped_column(default=True)
    """Whether patients may register themselves."""
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))

    @property
    def version(self) -> int:
        """Changes with what its administrators edit, and is the ETag. A number of the words: no column counts here."""
        told = "\0".join((self.name, self.language, self.time_zone, str(self.is_open_to_registration)))
        return crc32(told.encode()) % 1_000_000_000


class Facility(Edited, TenantOwned):
    __tablename__ = "facilities"
    __table_args__ = (UniqueConstraint("organization_id", "code"),)

    name: Mapped[str]
    code: Mapped[str]
    phone: Mapped[str | None]
    address_line: Mapped[str | None]
    city: Mapped[str | None]
    state: Mapped[str | None]
    postal_code: Mapped[str | None]
    time_zone: Mapped[str] = mapped_column(default="Asia/Kolkata")
    gstin: Mapped[str | None]
    upi_vpa: Mapped[str | None]
    is_active: Mapped[bool] = mapped_column(default=True)


class Department(Edited, TenantOwned):
    __tablename__ = "departments"
    __table_args__ = (UniqueConstraint("organization_id", "name"),)

    name: Mapped[str]
    name_hi: Mapped[str | None]
    is_active: Mapped[bool] = mapped_column(default=True)


class Room(Edited, TenantOwned):
    """Where visits of a facility take place. note: how it is found."""

    __tablename__ = "rooms"
    __table_args__ = (
        within_tenant("facility_id", "facilities"),
        # What names a room names its branch beside it, and can't name another's: the target of such a key.
        UniqueConstraint("organization_id", "facility_id", "id", name="uq_rooms_facility"),
        Index("uq_rooms_name", "organization_id", "facility_id", text("lower(name)"), unique=True),
    )

    facility_id: Mapped[UUID]
    name: Mapped[str]
    floor: Mapped[str | None]
    note: Mapped[str | None]
    is_active: Mapped[bool] = mapped_column(default=True)


class ExternalOrganization(Recorded, TenantOwned):
    """Another institution, as an imported record names it. source: the file or system; source_id: its id there."""

    __tablename__ = "external_organizations"
    __table_args__ = (UniqueConstraint("organization_id", "source", "source_id"),)

    source: Mapped[str]
    source_id: Mapped[str]
    name: Mapped[str]
    phone: Mapped[str | None]
    address: Mapped[str | None]
    details: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
