"""Answering an offer of the waitlist by the link of its text message, without signing in."""

from typing import Annotated

from fastapi import Request

from arogya.modules.scheduling.waitlist import links
from arogya.modules.scheduling.waitlist.schemas import AnswerByLink, OfferByLink
from arogya.platform.access import PUBLIC
from arogya.platform.web import Router

router = Router(prefix="/api/offer-link", tags=["waitlist"])
Anybody = Annotated[None, PUBLIC]


@router.post("/show", response_model=OfferByLink)
async def show_offer_of_link(request: AnswerByLink, http: Request, _: Anybody) -> OfferByLink:
    """What the link of a text message offers. 404 `offer_link_unknown`, 409 `offer_over`, 429 `too_many_requests`."""
    async with links.opened(http, request.token) as (ctx, offer):
        return await links.show(ctx, offer)


@router.post("/accept", response_model=OfferByLink)
async def accept_offer_by_link(request: AnswerByLink, http: Request, _: Anybody) -> OfferByLink:
    """Book the place that is held. 409 `offer_over` once it was answered, or its time is over."""
    async with links.opened(http, request.token) as (ctx, offer):
        return await links.accept(ctx, offer)


@router.post("/decline", response_model=OfferByLink)
async def decline_offer_by_link(request: AnswerByLink, http: Request, _: Anybody) -> OfferByLink:
    """Let the next have it and wait on."""
    async with links.opened(http, request.token) as (ctx, offer):
        return await links.decline(ctx, offer)
