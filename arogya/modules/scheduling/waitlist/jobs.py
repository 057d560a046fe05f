"""What the waitlist does by the clock. Nothing is wrong meanwhile: what has lapsed holds nothing."""

from uuid import UUID

from arogya.modules.organizations.api import all_organization_ids
from arogya.modules.scheduling.waitlist import offers
from arogya.platform.jobs import Work, job


@job("scheduling.lapse_offer")
async def lapse_offer(work: Work, organization_id: str, offer_id: str) -> None:
    """End an offer that nobody answered; its event lets the next be asked."""
    async with work.context(UUID(organization_id), "scheduling.lapse_offer") as ctx:
        await offers.lapse(ctx, UUID(offer_id))


@job("scheduling.sweep_waitlists", cron="*/5 * * * *")
async def sweep_waitlists(work: Work) -> None:
    """Whatever was freed without a word: a hold that ran out, a day that came into reach, a job that was lost."""
    for organization_id in await all_organization_ids(work.database):
        async with work.context(organization_id, "scheduling.sweep_waitlists") as ctx:
            for offer_id in await offers.overdue(ctx):
                await offers.lapse(ctx, offer_id)
            branches = await offers.branches_that_wait(ctx)
        for facility_id in branches:
            async with work.context(organization_id, "scheduling.sweep_waitlists") as ctx:
                await offers.offer_free_places(ctx, facility_id)
