"""Screens in the waiting room: signed in by a link that is shown once and can be revoked."""

import hmac
import re
import secrets
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Select, func, select

from arogya.modules.identity.authenticator import still_stands
from arogya.modules.identity.callers import Caller
from arogya.modules.identity.models import DeviceLink, UserSession
from arogya.modules.identity.schemas.devices import CreatedDeviceLink, CreateDeviceLink, DeviceToken, SignInDevice
from arogya.modules.identity.tokens import ACCESS_FOR
from arogya.modules.organizations import api as organizations
from arogya.platform.access import Claims, Context
from arogya.platform.audit import Action, record
from arogya.platform.bearer_tokens import hash_of
from arogya.platform.clock import new_id
from arogya.platform.database import bind_tenant
from arogya.platform.errors import NotFound, Unauthenticated
from arogya.policy import Permission

LASTS = timedelta(days=3650)
_AWAY_FOR = timedelta(hours=1)
_TOKEN = re.compile(r"([0-9a-f]{32})\.[A-Za-z0-9_-]{43}", re.ASCII)


class UnknownLink(Unauthenticated):
    code, title = "unknown_link", "This link is no longer good; make a new one"


def device_links(ctx: Context) -> Select[tuple[object]]:
    """The links that still work, at the branches that the actor manages."""
    query = (
        select(
            DeviceLink.id, DeviceLink.name, DeviceLink.facility_id, DeviceLink.created_at,
            func.nullif(UserSession.last_seen_at, UserSession.created_at).label("last_seen_at"),
        )
        .join(UserSession, UserSession.id == DeviceLink.id)
        .where(DeviceLink.organization_id == ctx.organization_id, still_stands(ctx.now()))
        .order_by(DeviceLink.name, DeviceLink.id)
    )  # fmt: skip
    reach = ctx.facilities(Permission.DISPLAY_MANAGE)
    return query if reach is None else query.where(DeviceLink.facility_id.in_(reach))


async def make_device_link(ctx: Context, request: CreateDeviceLink) -> CreatedDeviceLink:
    """A link for one facility's display. Only its hash is kept, so it can't be shown again."""
    ctx.require(Permission.DISPLAY_MANAGE, request.facility_id)
    await organizations.facility(ctx.session, request.facility_id)
    now, link_id = ctx.now(), new_id()
    token = f"{link_id.hex}.{secrets.token_urlsafe(32)}"
    ctx.add(
        UserSession(
            id=link_id, user_id=None, organization_id=ctx.organization_id, client="display", token_hash=hash_of(token),
            rotated_at=now, device_hash=b"", created_at=now, last_seen_at=now, expires_at=now + LASTS,
        )
    )  # fmt: skip
    await ctx.session.flush()
    ctx.add(DeviceLink(id=link_id, name=request.name, facility_id=request.facility_id))
    await ctx.session.flush()
    ctx.audit(Action.CREATE, "device_link", link_id)
    return CreatedDeviceLink(
        id=link_id, name=request.name, facility_id=request.facility_id, created_at=now, last_seen_at=None,
        link=f"/display#{token}",
    )  # fmt: skip


async def revoke_device_link(ctx: Context, link_id: UUID) -> None:
    """Raises NotFound."""
    link = await ctx.session.get(DeviceLink, (ctx.organization_id, link_id))
    if link is None or not ctx.may(Permission.DISPLAY_MANAGE, link.facility_id):
        raise NotFound
    its_session = await ctx.session.get_one(UserSession, link_id, with_for_update=True)
    if its_session.revoked_at is None:
        its_session.revoked_at, its_session.revoked_reason = ctx.now(), "revoked"
        ctx.audit(Action.DEACTIVATE, "device_link", link_id)


async def sign_in_device(caller: Caller, request: SignInDevice) -> DeviceToken:
    """An access token for a display. Raises UnknownLink, OrganizationSuspended."""
    parts = _TOKEN.fullmatch(request.token)
    if parts is None:
        raise UnknownLink
    link_id, now = UUID(hex=parts[1]), caller.now()
    async with caller.database.transaction() as session:
        its_session = await session.get(UserSession, link_id, with_for_update=True)
        if its_session is None or its_session.client != "display" or its_session.organization_id is None:
            raise UnknownLink
        is_good = its_session.revoked_at is None and its_session.expires_at > now
        if not is_good or not hmac.compare_digest(hash_of(request.token), its_session.token_hash):
            raise UnknownLink
        organization_id = its_session.organization_id
        if (await organizations.organization(session, organization_id)).status != "active":
            raise organizations.OrganizationSuspended
        await bind_tenant(session, organization_id)
        link = await session.get_one(DeviceLink, (organization_id, link_id))
        if its_session.last_seen_at == its_session.created_at or now - its_session.last_seen_at > _AWAY_FOR:
            # A display asks for a token every few minutes; only its coming back is worth a row.
            facts = caller.facts(None, organization_id, "device")
            record(session, facts, Action.SIGN_IN, "device_link", [link_id])
        its_session.last_seen_at, its_session.address = now, caller.address
        claims = Claims("device", link_id, link_id, organization_id)
        return DeviceToken(
            access_token=caller.tokens.mint(claims, now),
            expires_in=int(ACCESS_FOR.total_seconds()),
            facility_id=link.facility_id,
        )
