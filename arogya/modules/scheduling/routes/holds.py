"""Holds over HTTP."""

from typing import Annotated
from uuid import UUID

from arogya.modules.scheduling.holds import service
from arogya.modules.scheduling.holds.schemas import HoldPlace, HoldRead
from arogya.modules.scheduling.models import Hold
from arogya.platform.access import Context, requires
from arogya.platform.idempotency import REPEATABLE, once
from arogya.platform.web import Router
from arogya.policy import Permission

router = Router(prefix="/api/holds", tags=["slots"])

Booker = Annotated[Context, requires(Permission.APPOINTMENT_BOOK)]


@router.post("", status_code=201, response_model=HoldRead, openapi_extra=REPEATABLE)
async def hold_place(request: HoldPlace, ctx: Booker) -> Hold:
    """Keep a place for five minutes; the booking names it as `hold_id`. Honours `Idempotency-Key`."""
    return await once(ctx, lambda: service.hold(ctx, request), lambda id_: service.again(ctx, id_))


@router.delete("/{hold_id}", status_code=204)
async def release_place(hold_id: UUID, ctx: Booker) -> None:
    """Give one's own hold back; others see it at once."""
    await service.release(ctx, hold_id)
