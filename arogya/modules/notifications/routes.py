"""One's own notifications over HTTP. Nobody else's can be asked for."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from arogya.modules.notifications import service
from arogya.modules.notifications.queries import own, unread_count
from arogya.modules.notifications.schemas import NotificationsPage
from arogya.platform.access import Context, requires
from arogya.platform.paging import PageOf, rows_and_total
from arogya.platform.web import Router
from arogya.policy import Permission

router = Router(prefix="/api/notifications", tags=["notifications"])

Recipient = Annotated[Context, requires(Permission.NOTIFICATION_OWN)]


@router.get("", response_model=NotificationsPage)
async def list_notifications(
    ctx: Recipient, paging: PageOf, unread: Annotated[bool | None, Query(description="Left out: all.")] = None
) -> Response:
    """Newest first, with how many are unread in all."""
    assert ctx.user_id is not None
    rows, total, capped = await rows_and_total(ctx, own(ctx.user_id, unread=unread), paging)
    page = NotificationsPage.model_validate({
        "items": await service.with_names(ctx, rows),
        "total": total,
        "total_capped": capped,
        "unread": await unread_count(ctx),
    })  # fmt: skip
    return Response(page.model_dump_json(), media_type="application/json")


@router.post("/read-all", status_code=204)
async def read_all_notifications(ctx: Recipient) -> None:
    await service.mark_all_read(ctx)


@router.post("/{notification_id}/read", status_code=204)
async def read_notification(notification_id: UUID, ctx: Recipient) -> None:
    await service.mark_read(ctx, notification_id)
