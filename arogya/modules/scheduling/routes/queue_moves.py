"""Moving a queue to a colleague."""

from typing import Annotated

from arogya.modules.scheduling.models import QueueHandover
from arogya.modules.scheduling.queue.moves import service
from arogya.modules.scheduling.queue.moves.schemas import HandOver, HandoverPreview, HandoverRead, PreviewHandover
from arogya.platform.access import Context, requires
from arogya.platform.idempotency import REPEATABLE, once
from arogya.platform.web import Router
from arogya.policy import Permission

router = Router(prefix="/api/queue-handovers", tags=["queue"])
Calling = Annotated[Context, requires(Permission.QUEUE_CALL)]


@router.post("/preview", response_model=HandoverPreview)
async def preview_handover(request: PreviewHandover, ctx: Calling) -> HandoverPreview:
    """Who waits, in the order in which they would go in there, and today's later appointments with a place for each.
    Changes nothing.
    """
    return await service.preview(ctx, request)


@router.post("", status_code=201, response_model=HandoverRead, openapi_extra=REPEATABLE)
async def hand_over_queue(request: HandOver, ctx: Calling) -> QueueHandover:
    """Give all who wait a number with the colleague, close the old ones as moved, and let the patients be told.

    Honours `Idempotency-Key`. 409 `colleague_away` where the colleague is on leave or gone.
    """
    return await once(ctx, lambda: service.hand_over(ctx, request), lambda id_: service.made(ctx, id_))
