from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from arogya.platform.base import Recorded, TenantOwned, within_tenant


class LeaveCascade(Recorded, TenantOwned):
    """One time that the bookings inside a leave were dealt with, all in one step.

    outcome: for each booking `{appointment_id, action, new_appointment_id}`; action: move, cancel, keep.
    """

    __tablename__ = "leave_cascades"
    __table_args__ = (
        within_tenant("exception_id", "schedule_exceptions"),
        Index("ix_leave_cascades_exception", "organization_id", "exception_id"),
    )

    exception_id: Mapped[UUID]
    outcome: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
