"""Answering an offer without signing in, by the link of its text message.

The link lives as long as the offer and answers once. Who holds it learns time, doctor and branch, not whose place it
is.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from fastapi import Request
from sqlalchemy import select

from arogya.modules.identity import api as identity
from arogya.modules.organizations import api as organizations
from arogya.modules.scheduling.models import WaitlistOffer
from arogya.modules.scheduling.waitlist import service
from arogya.modules.scheduling.waitlist.errors import OfferLinkUnknown
from arogya.modules.scheduling.waitlist.schemas import OfferByLink
from arogya.modules.staff import api as staff
from arogya.platform.access import Actor, Context, context_of
from arogya.platform.audit import Action, record_denied
from arogya.platform.bearer_tokens import hash_of, new_token, organization_of


async def new_link(ctx: Context, offer_id: UUID) -> str:
    """The token of a link for this offer; one that was made before is good no more."""
    offer = await ctx.session.get_one(WaitlistOffer, (ctx.organization_id, offer_id))
    token = new_token(ctx.organization_id)
    offer.token_hash = hash_of(token)
    await ctx.session.flush()
    ctx.audit(Action.UPDATE, "waitlist_offer", offer.id, patient_id=offer.patient_id, details={"link": "made"})
    return token


@asynccontextmanager
async def opened(request: Request, token: str) -> AsyncIterator[tuple[Context, WaitlistOffer]]:
    """The offer of a good link, in a transaction of its hospital that commits on the way out.

    Whoever holds the link acts as the hospital itself would for one who calls. Raises OfferLinkUnknown, TooMany.
    """
    state, organization_id = request.app.state, organization_of(token)
    async with state.database.transaction(organization_id) as session:
        ctx = await context_of(request, Actor(kind="system", organization_id=organization_id), session)
        await identity.refuse_guessing(session, request, ctx.now())
        status = await _status(ctx, organization_id) if organization_id else None
        offer = await _offer_of(ctx, token) if status == "active" else None
        if offer is not None:
            yield ctx, offer
            return
        await identity.count_guess(session, request, ctx.now())
        if status is not None:  # else there is no hospital in whose trail it could stand
            record_denied(session, ctx.audit_facts(), OfferLinkUnknown.code, "waitlist_offer", ())
    raise OfferLinkUnknown  # only now: what was counted stays counted


async def _status(ctx: Context, organization_id: UUID) -> str | None:
    found = (await organizations.organizations(ctx.session, [organization_id])).get(organization_id)
    return found.status if found else None


async def _offer_of(ctx: Context, token: str) -> WaitlistOffer | None:
    offer: WaitlistOffer | None = await ctx.session.scalar(
        select(WaitlistOffer).where(WaitlistOffer.token_hash == hash_of(token))
    )
    return offer


async def show(ctx: Context, offer: WaitlistOffer) -> OfferByLink:
    """What is held. Raises OfferOver."""
    await service.refuse_over(ctx, offer)
    ctx.audit(Action.READ, "waitlist_offer", offer.id, patient_id=offer.patient_id)
    return await _read(ctx, offer)


async def accept(ctx: Context, offer: WaitlistOffer) -> OfferByLink:
    """Book the place. Raises OfferOver, and what `service.accept` raises."""
    await service.accept(ctx, offer.id, by_patient=True)
    return await _read(ctx, offer)


async def decline(ctx: Context, offer: WaitlistOffer) -> OfferByLink:
    """Let the next have it. Raises OfferOver."""
    await service.decline(ctx, offer.id)
    return await _read(ctx, offer)


async def _read(ctx: Context, offer: WaitlistOffer) -> OfferByLink:
    await ctx.session.refresh(offer)
    facility = await organizations.facility(ctx.session, offer.facility_id)
    doctor = await staff.practitioner(ctx, offer.practitioner_id)
    told = {"practitioner_name": doctor.display_name, "facility_name": facility.name, "time_zone": facility.time_zone}
    own = OfferByLink.model_fields.keys() - told.keys()
    return OfferByLink.model_validate({**told, **{name: getattr(offer, name) for name in own}})
