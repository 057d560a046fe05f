from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from arogya.platform.base import Recorded, TenantOwned, TenantScoped, within_tenant


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
