"""The end of a hold that nobody used: screens hear of it, and its row goes."""

from uuid import UUID

from arogya.modules.scheduling.appointments import holds
from arogya.platform.jobs import Work, job

_NAME = "scheduling.lapse_hold"


@job(_NAME)
async def lapse(work: Work, organization_id: str, hold_id: str) -> None:
    """Runs when the hold's time is over. Others may have the place already: a hold that lapsed keeps nobody out."""
    async with work.context(UUID(organization_id), _NAME) as ctx:
        await holds.sweep_one(ctx, UUID(hold_id))
