"""A place is free again: offer it to the first who fits."""

from uuid import UUID

from arogya.modules.organizations import api as organizations
from arogya.modules.scheduling.events import (
    AppointmentCancelled,
    AppointmentChanged,
    OfferEnded,
    PlaceOffered,
    ScheduleChanged,
    WaitlistChanged,
)
from arogya.modules.scheduling.models import WaitlistOffer
from arogya.modules.scheduling.waitlist.jobs import lapse_offer
from arogya.modules.scheduling.waitlist.offers import branches_that_wait, offer_free_places
from arogya.platform import jobs
from arogya.platform.access import Context
from arogya.platform.outbox import on


@on(AppointmentCancelled)
async def offer_what_was_cancelled(ctx: Context, event: AppointmentCancelled) -> None:
    await offer_free_places(ctx, event.facility_id, event.practitioner_id)


@on(AppointmentChanged)
async def offer_what_was_left(ctx: Context, event: AppointmentChanged) -> None:
    """A move says so of the appointment that it leaves."""
    await offer_free_places(ctx, event.facility_id, event.practitioner_id)


@on(OfferEnded)
async def offer_to_the_next(ctx: Context, event: OfferEnded) -> None:
    await offer_free_places(ctx, event.facility_id, event.practitioner_id)


@on(WaitlistChanged)
async def offer_what_is_free_already(ctx: Context, event: WaitlistChanged) -> None:
    await offer_free_places(ctx, event.facility_id)


@on(ScheduleChanged)
async def offer_what_was_opened(ctx: Context, event: ScheduleChanged) -> None:
    """Leave was taken back, a session added."""
    for facility_id in await _branches(ctx, event.facility_id):
        await offer_free_places(ctx, facility_id, event.practitioner_id)


@on(PlaceOffered)
async def end_it_in_time(ctx: Context, event: PlaceOffered) -> None:
    offer = await ctx.session.get(WaitlistOffer, (ctx.organization_id, event.offer_id))
    if offer is not None:
        await jobs.defer(
            ctx.session, lapse_offer, at=offer.expires_at, organization_id=ctx.organization_id, offer_id=offer.id
        )


async def _branches(ctx: Context, facility_id: UUID | None) -> list[UUID]:
    if facility_id is not None:
        return [facility_id]
    waiting = await branches_that_wait(ctx)
    return sorted(await organizations.facilities(ctx.session, waiting)) if waiting else []
