from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from arogya.platform.base import Recorded, TenantOwned, within_tenant


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


class TextNotice(Recorded, TenantOwned):
    """One text message to a patient's phone about one event. template, params: as of a Notification; the phone, the
    language and the names are looked up when it is sent."""

    __tablename__ = "text_notices"
    __table_args__ = (
        within_tenant("patient_id", "patients"),
        UniqueConstraint("organization_id", "event_id", "patient_id", "template"),
    )

    patient_id: Mapped[UUID]
    event_id: Mapped[UUID]
    template: Mapped[str]
    params: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    raised_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
