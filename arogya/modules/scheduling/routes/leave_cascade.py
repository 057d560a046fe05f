"""Leave over booked slots: look first, then all in one step."""

from typing import Annotated

from arogya.modules.scheduling.leave_cascade import preview, service
from arogya.modules.scheduling.leave_cascade.schemas import ApplyLeave, LeaveCascadeRead, LeavePreview, PreviewLeave
from arogya.modules.scheduling.models import LeaveCascade
from arogya.platform.access import Context, requires
from arogya.platform.idempotency import REPEATABLE, once
from arogya.platform.web import Router
from arogya.policy import Permission

router = Router(prefix="/api/leave-cascades", tags=["schedules"])

Changer = Annotated[Context, requires(Permission.APPOINTMENT_CHANGE)]


@router.post("/preview", response_model=LeavePreview)
async def preview_leave(request: PreviewLeave, ctx: Changer) -> LeavePreview:
    """The open bookings inside leave or a holiday, with a place for each: their own doctor on a near day, or a
    colleague of the same specialty the same day. Changes nothing.
    """
    return await preview.preview(ctx, request)


@router.post("", status_code=201, response_model=LeaveCascadeRead, openapi_extra=REPEATABLE)
async def apply_leave(request: ApplyLeave, ctx: Changer) -> LeaveCascade:
    """Make the leave, move or cancel each booking as decided, and let each patient be told, in one transaction.

    Honours `Idempotency-Key`. 409 `proposals_stale` names what was taken meanwhile, with fresh proposals; then nothing
    was changed.
    """
    return await once(ctx, lambda: service.apply(ctx, request), lambda id_: service.made(ctx, id_))
