"""One's own notifications."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from arogya.modules.notifications.models import Notification
from arogya.platform.access import Context


def own(user_id: UUID, *, unread: bool | None = None) -> Select[Any]:
    """Newest first. unread: only those not read, or only those read."""
    query = select(
        Notification.id, Notification.template, Notification.params, Notification.raised_at, Notification.read_at
    ).where(Notification.user_id == user_id)
    if unread is not None:
        query = query.where(Notification.read_at.is_(None) if unread else Notification.read_at.is_not(None))
    return query.order_by(Notification.raised_at.desc(), Notification.id.desc())


async def unread_count(ctx: Context) -> int:
    """How many the actor has not read in this hospital."""
    query = (
        select(func.count())
        .select_from(Notification)
        .where(Notification.user_id == ctx.user_id, Notification.read_at.is_(None))
    )
    return await ctx.session.scalar(query) or 0
