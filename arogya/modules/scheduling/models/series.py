"""The table of series."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped

from arogya.platform.base import Recorded, TenantOwned, within_tenant


class AppointmentSeries(Recorded, TenantOwned):
    """What was agreed when the series was booked; each visit of it is an appointment of its own, which may differ."""

    __tablename__ = "appointment_series"
    __table_args__ = (
        within_tenant("patient_id", "patients"),
        within_tenant("practitioner_id", "practitioners"),
        within_tenant("facility_id", "facilities"),
        CheckConstraint("unit IN ('day', 'week', 'month')", name="unit"),
        CheckConstraint("every BETWEEN 1 AND 366 AND count BETWEEN 1 AND 60", name="length"),
        Index("ix_appointment_series_patient", "organization_id", "patient_id"),
    )

    patient_id: Mapped[UUID]
    practitioner_id: Mapped[UUID]
    facility_id: Mapped[UUID]
    unit: Mapped[str]
    every: Mapped[int]
    starts_at: Mapped[datetime]
    count: Mapped[int]
    """How many were wanted, those left out because the time was taken included."""
