"""Asking someone by e-mail to work here. They say themselves who they are and how they sign in."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, case, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from arogya.modules.identity.accounts import create_user
from arogya.modules.identity.callers import Caller
from arogya.modules.identity.jobs import send_invitation
from arogya.modules.identity.models import Invitation, LoginIdentifier, User
from arogya.modules.identity.names import email_name
from arogya.modules.identity.schemas.links import AcceptInvitation, Invite, OfferedPlace
from arogya.modules.identity.schemas.users import NewMembership
from arogya.modules.identity.service.links import LinkExpired
from arogya.modules.identity.service.memberships import BeyondReach, give, refuse_beyond
from arogya.modules.organizations import api as organizations
from arogya.modules.organizations.api import facilities_table
from arogya.platform import jobs
from arogya.platform.access import Actor, Context
from arogya.platform.audit import Action
from arogya.platform.bearer_tokens import hash_of
from arogya.platform.database import bind_tenant
from arogya.platform.errors import Conflict, Field, Invalid, NotFound, constraint_means
from arogya.policy import Permission, Role

INVITED_FOR = timedelta(days=7)
_TOKEN = re.compile(r"([0-9a-f]{32})\.([0-9a-f]{32})\.[A-Za-z0-9_-]{43}", re.ASCII)


class AlreadyInvited(Conflict):
    code, title = "already_invited", "This address has an invitation already; send that again, or revoke it"


class InvitationClosed(Conflict):
    code, title = "invitation_closed", "This invitation was accepted or revoked already"


constraint_means("uq_invitations_open", AlreadyInvited)


def waiting(ctx: Context) -> Select[Any]:
    """Those that were neither accepted nor revoked, at the branches that the actor may look into."""
    facilities = facilities_table
    query = (
        select(
            Invitation.id, Invitation.email, Invitation.role, Invitation.facility_id,
            facilities.c.name.label("facility_name"),
            case((Invitation.expires_at > ctx.now(), "open"), else_="expired").label("status"),
            Invitation.created_at, Invitation.sent_at, Invitation.expires_at,
        )
        .outerjoin(
            facilities,
            and_(facilities.c.organization_id == Invitation.organization_id, facilities.c.id == Invitation.facility_id),
        )
        .where(
            Invitation.organization_id == ctx.organization_id,
            Invitation.accepted_at.is_(None),
            Invitation.revoked_at.is_(None),
        )
        .order_by(Invitation.created_at.desc(), Invitation.id)
    )  # fmt: skip
    reach = ctx.facilities(Permission.USER_READ)
    if reach is None:
        return query
    return query.where(or_(Invitation.facility_id.in_(reach), Invitation.facility_id.is_(None)))


async def find(ctx: Context, invitation_id: UUID) -> Any:
    """Raises NotFound."""
    row = (await ctx.session.execute(waiting(ctx).where(Invitation.id == invitation_id))).one_or_none()
    if row is None:
        raise NotFound
    return row


async def invite(ctx: Context, request: Invite) -> Any:
    """Raises BeyondReach, NotFound, AlreadyInvited: nobody gives away more than they may give by hand."""
    refuse_beyond(ctx, NewMembership(role=request.role, facility_id=request.facility_id))
    if request.facility_id is not None:
        await organizations.facility(ctx.session, request.facility_id)
    invitation = Invitation(
        email=email_name(request.email).value, role=request.role.value, facility_id=request.facility_id,
        expires_at=ctx.now() + INVITED_FOR,
    )  # fmt: skip
    ctx.add(invitation)
    await ctx.session.flush()
    await _send(ctx, invitation)
    ctx.audit(Action.CREATE, "invitation", invitation.id, details={"role": invitation.role})
    return await find(ctx, invitation.id)


async def resend(ctx: Context, invitation_id: UUID) -> Any:
    """Another letter, good for another 7 days; the link in the one before is good no more. Raises InvitationClosed."""
    invitation = await _changeable(ctx, invitation_id)
    invitation.token_hash, invitation.sent_at = None, None
    invitation.expires_at = ctx.now() + INVITED_FOR
    await ctx.session.flush()
    await _send(ctx, invitation)
    ctx.audit(Action.UPDATE, "invitation", invitation_id, details={"sent": "again"})
    return await find(ctx, invitation_id)


async def revoke(ctx: Context, invitation_id: UUID) -> None:
    """Raises NotFound, BeyondReach, InvitationClosed."""
    invitation = await _changeable(ctx, invitation_id)
    invitation.revoked_at, invitation.token_hash = ctx.now(), None
    ctx.audit(Action.DEACTIVATE, "invitation", invitation_id)


async def _send(ctx: Context, invitation: Invitation) -> None:
    here = ctx.organization_id
    await jobs.defer(ctx.session, send_invitation, organization_id=here, invitation_id=invitation.id)


async def _changeable(ctx: Context, invitation_id: UUID) -> Invitation:
    found = await ctx.session.get(Invitation, (ctx.organization_id, invitation_id), with_for_update=True)
    if found is None:
        raise NotFound
    reach = ctx.facilities(Permission.USER_MANAGE)
    if reach is not None and found.facility_id not in reach:
        raise BeyondReach().about("invitation", invitation_id)
    if found.accepted_at is not None or found.revoked_at is not None:
        raise InvitationClosed
    return found


async def look(caller: Caller, token: str) -> OfferedPlace:
    """What the link offers, before it is accepted. Raises LinkExpired, OrganizationSuspended."""
    async with caller.database.transaction() as session:
        invitation, hospital = await _opened(session, caller, token)
        return OfferedPlace(
            hospital=hospital.name, role=invitation.role, email=invitation.email,
            has_account=await _account_of(session, invitation.email) is not None,
        )  # fmt: skip


async def accept(caller: Caller, request: AcceptInvitation) -> None:
    """A new user, or one more role for the user of that address; the letter proved the address.

    Raises LinkExpired, OrganizationSuspended, WeakPassword, SignInNameTaken, AlreadyHeld.
    """
    account = request.account
    async with caller.database.transaction() as session:
        invitation, _ = await _opened(session, caller, request.token)
        has_account = await _account_of(session, invitation.email) is not None
    if has_account != (account is None):
        raise Invalid(fields=[Field("account", "has_account" if has_account else "required", "As the link says")])
    password_hash = ""
    if account is not None:
        await caller.passwords.refuse_weak(account.password, account.username, field="account.password")
        password_hash = await caller.passwords.hash(account.password)
    async with caller.database.transaction() as session:
        # Locked and asked again: of two who accept at once one finds it used.
        invitation, _ = await _opened(session, caller, request.token)
        here, user_id = invitation.organization_id, await _account_of(session, invitation.email)
        if user_id is None:
            if account is None:
                raise LinkExpired
            user_id = await create_user(
                session, name=account.name, username=account.username, password_hash=password_hash, now=caller.now(),
                email=invitation.email, language=account.language,
            )  # fmt: skip
        await bind_tenant(session, here, user_id)
        ctx = caller.context(session, Actor(kind="user", organization_id=here, user_id=user_id))
        if account is not None:
            ctx.audit(Action.CREATE, "user", user_id)
        await give(ctx, user_id, NewMembership(role=Role(invitation.role), facility_id=invitation.facility_id))
        invitation.accepted_at, invitation.user_id, invitation.token_hash = caller.now(), user_id, None
        ctx.audit(Action.UPDATE, "invitation", invitation.id, details={"accepted": True})


async def _opened(session: AsyncSession, caller: Caller, token: str) -> tuple[Invitation, organizations.Organization]:
    """The invitation of a good link, locked, and its hospital, to which the session is bound from now on."""
    parts = _TOKEN.fullmatch(token)
    if parts is None:
        raise LinkExpired(fields=[Field("token", LinkExpired.code, LinkExpired.title)])
    here, invitation_id = UUID(hex=parts[1]), UUID(hex=parts[2])
    await bind_tenant(session, here)
    invitation = await session.get(Invitation, (here, invitation_id), with_for_update=True)
    is_good = invitation is not None and invitation.token_hash == hash_of(token) and invitation.is_open(caller.now())
    if invitation is None or not is_good:
        raise LinkExpired(fields=[Field("token", LinkExpired.code, LinkExpired.title)])
    hospital = await organizations.organization(session, here)
    if hospital.status != "active":
        raise organizations.OrganizationSuspended
    return invitation, hospital


async def _account_of(session: AsyncSession, email: str) -> UUID | None:
    found: UUID | None = await session.scalar(
        select(User.id)
        .join(LoginIdentifier, LoginIdentifier.user_id == User.id)
        .where(LoginIdentifier.kind == "email", LoginIdentifier.value == email, User.is_active)
    )
    return found
