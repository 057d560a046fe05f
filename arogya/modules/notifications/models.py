from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from arogya.platform.database import Recorded, TenantOwned


class Notification(Recorded, TenantOwned):
    """One message to one user. template: what it says; params: ids and times, names are looked up when it is read."""

    __tablename__ = "notifications"
    __table_args__ = (
        CheckConstraint("channel IN ('in-app')", name="channel"),
        UniqueConstraint("organization_id", "event_id", "user_id", "template"),
        Index("ix_notifications_user", "organization_id", "user_id", "raised_at"),
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    event_id: Mapped[UUID]
    template: Mapped[str]
    channel: Mapped[str] = mapped_column(default="in-app")
    params: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    raised_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
