"""The waiting room's screen."""

from typing import Annotated

from arogya.modules.scheduling.display import display
from arogya.modules.scheduling.queue.schemas import DisplayRead
from arogya.platform.access import Context, requires
from arogya.platform.web import Router
from arogya.policy import Permission

router = Router(prefix="/api/display", tags=["queue"])


@router.get("", response_model=DisplayRead)
async def read_display(ctx: Annotated[Context, requires(Permission.DISPLAY_SHOW)]) -> DisplayRead:
    """Numbers and initials of the branch where the screen hangs."""
    return await display(ctx)
