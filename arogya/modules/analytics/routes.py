"""The front page's figures over HTTP."""

from typing import Annotated
from uuid import UUID

from arogya.modules.analytics import service
from arogya.modules.analytics.schemas import StatsRead
from arogya.platform.access import Context, requires
from arogya.platform.web import Router
from arogya.policy import Permission

router = Router(prefix="/api/stats", tags=["figures"])


@router.get("", response_model=StatsRead)
async def read_stats(
    ctx: Annotated[Context, requires(Permission.STATS_READ)], facility_id: UUID | None = None
) -> StatsRead:
    """Today in figures, at one branch or at all that one may see, beside what is usual at this time of such a day."""
    return await service.stats(ctx, facility_id)
