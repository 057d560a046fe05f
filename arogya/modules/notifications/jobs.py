"""Handing text messages over, outside every transaction; tried again where the carrier is away."""

from datetime import datetime
from uuid import UUID

from arogya.modules.notifications.texts import mark_sent, message_of
from arogya.platform.jobs import Work, defer, job


@job("notifications.send_text")
async def send_text(work: Work, organization_id: str, notice_id: str) -> None:
    """Once, unless the worker dies between the carrier's word and ours."""
    async with work.context(UUID(organization_id), "notifications.send_text") as ctx:
        message = await message_of(ctx, UUID(notice_id), work.origin)
        if isinstance(message, datetime):
            await defer(ctx.session, send_text, at=message, organization_id=organization_id, notice_id=notice_id)
            return
    if message is None:
        return
    await work.texts.send(message)
    async with work.context(UUID(organization_id), "notifications.send_text") as ctx:
        await mark_sent(ctx, UUID(notice_id))
