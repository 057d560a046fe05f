from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from arogya.platform.database import Recorded, TenantOwned, within_tenant


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
