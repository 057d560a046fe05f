"""`/api/invitations`: asking people by e-mail to work here; `/api/auth/invitation`: what the letter's link leads to."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Request, Response

from arogya.modules.identity.browsers import refuse_cross_site
from arogya.modules.identity.callers import CallerOf
from arogya.modules.identity.schemas.links import (
    AcceptInvitation,
    InvitationRead,
    Invite,
    LookAtInvitation,
    OfferedPlace,
)
from arogya.modules.identity.service import invitations
from arogya.platform.access import PUBLIC, Context, requires
from arogya.platform.idempotency import REPEATABLE, once
from arogya.platform.paging import Page, PageOf, page
from arogya.platform.web import Router
from arogya.policy import Permission

router = Router(tags=["users"])
Reader = Annotated[Context, requires(Permission.USER_READ)]
Manager = Annotated[Context, requires(Permission.USER_MANAGE)]
Anybody = Annotated[None, PUBLIC]


@router.get("/api/invitations", response_model=Page[InvitationRead])
async def list_invitations(ctx: Reader, paging: PageOf) -> Response:
    """Those that wait: neither accepted nor revoked, the newest first."""
    return await page(ctx, invitations.waiting(ctx), paging, InvitationRead)


@router.post("/api/invitations", status_code=201, response_model=InvitationRead, openapi_extra=REPEATABLE)
async def invite(request: Invite, ctx: Manager) -> Any:
    """Send a link that is good for 7 days and once. 403 `beyond_reach`; 409 `already_invited`."""
    return await once(ctx, lambda: invitations.invite(ctx, request), lambda id_: invitations.find(ctx, id_))


@router.post("/api/invitations/{invitation_id}/resend", response_model=InvitationRead)
async def resend_invitation(invitation_id: UUID, ctx: Manager) -> Any:
    """Another letter, for another 7 days; the link before it is good no more. 409 `invitation_closed`."""
    return await invitations.resend(ctx, invitation_id)


@router.delete("/api/invitations/{invitation_id}", status_code=204)
async def revoke_invitation(invitation_id: UUID, ctx: Manager) -> None:
    """409 `invitation_closed` where it was accepted meanwhile."""
    await invitations.revoke(ctx, invitation_id)


@router.post("/api/auth/invitation", response_model=OfferedPlace)
async def look_at_invitation(request: Request, link: LookAtInvitation, caller: CallerOf, _: Anybody) -> OfferedPlace:
    """What the link offers, and whether its address signs in already. 422 `link_expired`."""
    refuse_cross_site(request)
    return await invitations.look(caller, link.token)


@router.post("/api/auth/invitation/accept", status_code=204)
async def accept_invitation(request: Request, answer: AcceptInvitation, caller: CallerOf, _: Anybody) -> None:
    """Take the place; then sign in as usual. 422 `link_expired`, `weak_password`; 409 `username_taken`."""
    refuse_cross_site(request)
    await invitations.accept(caller, answer)
