"""Staying signed in, and no longer."""

import contextlib
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from arogya.modules.identity.authenticator import still_stands
from arogya.modules.identity.callers import Caller
from arogya.modules.identity.fields import Client
from arogya.modules.identity.models import User, UserSession
from arogya.modules.identity.queries import AtTheDoor, hospitals_of
from arogya.modules.identity.schemas.sign_in import UserSessionRead
from arogya.modules.identity.service.sign_in import AT_MOST, IDLE_FOR, NotAMember, SignedIn, choose_hospital
from arogya.modules.identity.tokens import Tokens
from arogya.modules.organizations.api import organization
from arogya.platform.access import Claims, Context
from arogya.platform.audit import Action, record, record_denied
from arogya.platform.bearer_tokens import hash_of
from arogya.platform.database import bind_tenant
from arogya.platform.errors import NotFound, Unauthenticated

REPLAYED_FOR = timedelta(seconds=10)
"""Two tabs, or a phone that lost the answer, send the same token twice: so long they get the same successor."""


class SessionEnded(Unauthenticated):
    code, title = "session_ended", "You are signed out; sign in again"


async def refresh(caller: Caller, token: str | None) -> SignedIn:
    """Exchange a refresh token for its successor and a new access token. Raises SessionEnded.

    A token that was exchanged before ends the whole family: somebody else has it.
    """
    opened = caller.tokens.opened(token or "")
    if opened is None:
        raise SessionEnded
    async with caller.database.transaction() as session:
        found = await _exchange(session, caller, *opened)
        if isinstance(found, UserSession):
            await _end_family(session, caller, found)
    if not isinstance(found, SignedIn):
        raise SessionEnded
    return found


async def _exchange(session: AsyncSession, caller: Caller, family: UUID, n: int) -> SignedIn | UserSession | None:
    """The successor; the session where the token was exchanged before; None where there is nothing to go on with."""
    now = caller.now()
    row = await session.get(UserSession, family, with_for_update=True)
    if row is None or row.user_id is None or row.revoked_at is not None or row.expires_at <= now:
        return None
    if not await _may_go_on(session, row):
        return None
    if n == row.n and hash_of(caller.tokens.refresh(family, n)) == row.token_hash:
        row.n = n + 1
        row.token_hash = hash_of(caller.tokens.refresh(family, row.n))
        row.rotated_at = now
    elif not _is_replay(row, n, caller, now):
        return row
    row.last_seen_at, row.address = now, caller.address
    idle_for = IDLE_FOR if row.idle_s is None else timedelta(seconds=row.idle_s)
    row.expires_at = min(now + idle_for, row.created_at + AT_MOST)
    claims = Claims("user", row.user_id, row.id, row.organization_id)
    return SignedIn(
        session_id=row.id,
        client=_client(row),
        access_token=caller.tokens.mint(claims, now),
        refresh_token=caller.tokens.refresh(family, row.n),
        lasts_s=int((row.expires_at - now).total_seconds()),
    )


def _client(row: UserSession) -> Client:
    return "browser" if row.client == "browser" else "api"


def _is_replay(row: UserSession, n: int, caller: Caller, now: datetime) -> bool:
    device_hash = caller.device.hash_for(row.client)
    return n == row.n - 1 and now - row.rotated_at <= REPLAYED_FOR and row.device_hash == device_hash


async def _may_go_on(session: AsyncSession, row: UserSession) -> bool:
    user = await session.get_one(User, row.user_id)
    if not user.is_active:
        return False
    return row.organization_id is None or (await organization(session, row.organization_id)).status == "active"


async def _end_family(session: AsyncSession, caller: Caller, row: UserSession) -> None:
    row.revoked_at, row.revoked_reason = caller.now(), "reuse"
    await session.flush()
    await bind_tenant(session, row.organization_id, row.user_id)
    facts = caller.facts(row.user_id, row.organization_id)
    record_denied(session, facts, "refresh_token_reused", "session", [row.id])


async def sign_out(caller: Caller, access_token: str | None, refresh_token: str | None) -> None:
    """End the sessions that these tokens are of; whoever has none is signed out already."""
    ids = set()
    opened = caller.tokens.opened(refresh_token or "")
    if opened is not None:
        ids.add(opened[0])
    if access_token:
        with contextlib.suppress(Unauthenticated):
            ids.add(caller.tokens.read(access_token, caller.now()).session_id)
    for session_id in ids:
        async with caller.database.transaction() as session:
            for ended in await end_sessions(session, UserSession.id == session_id, "signed-out", caller.now()):
                await bind_tenant(session, ended.organization_id, ended.user_id)
                facts = caller.facts(ended.user_id, ended.organization_id)
                record(session, facts, Action.SIGN_OUT, "session", [ended.id])


async def end_sessions(session: AsyncSession, which: ColumnElement[bool], reason: str, now: datetime) -> list[Any]:
    """End people's sessions: requests and sockets feel it within a second. Displays are ended by their links."""
    ended = await session.execute(
        update(UserSession)
        .where(which, UserSession.revoked_at.is_(None), UserSession.user_id.is_not(None))
        .values(revoked_at=now, revoked_reason=reason)
        .returning(UserSession.id, UserSession.user_id, UserSession.organization_id)
    )
    return list(ended.all())


async def switch(ctx: Context, tokens: Tokens, organization_id: UUID | None) -> SignedIn:
    """Go on in another hospital with a new access token; the refresh token stays.

    Raises NotAMember, OrganizationSuspended.
    """
    user = await ctx.session.get_one(User, ctx.user_id)
    door = AtTheDoor(None, True, await hospitals_of(ctx.session, user.id, ctx.now()), None)
    if organization_id is None and not user.is_platform_admin:
        raise NotAMember
    chosen = choose_hospital(door, user.is_platform_admin, organization_id)
    own = await ctx.session.get_one(UserSession, ctx.actor.session_id)
    own.organization_id, own.window_until = chosen, None
    await ctx.session.flush()
    await bind_tenant(ctx.session, chosen, user.id)
    facts = replace(ctx.audit_facts(), organization_id=chosen, roles=())
    record(ctx.session, facts, Action.SIGN_IN, "session", [own.id], details={"switched": True})
    await ctx.session.flush()
    claims = Claims("user", user.id, own.id, chosen)
    return SignedIn(own.id, _client(own), tokens.mint(claims, ctx.now()), None, 0)


async def my_sessions(ctx: Context) -> list[UserSessionRead]:
    rows = await ctx.session.scalars(
        select(UserSession)
        .where(UserSession.user_id == ctx.user_id, still_stands(ctx.now()))
        .order_by(UserSession.last_seen_at.desc(), UserSession.id)
    )
    return [
        UserSessionRead(
            id=row.id,
            user_agent=row.user_agent,
            address=row.address,
            created_at=row.created_at,
            last_seen_at=row.last_seen_at,
            is_current=row.id == ctx.actor.session_id,
        )
        for row in rows
    ]


async def end_my_session(ctx: Context, session_id: UUID) -> None:
    """Raises NotFound where it is not one's own."""
    mine = (UserSession.id == session_id) & (UserSession.user_id == ctx.user_id)
    if not await end_sessions(ctx.session, mine, "revoked", ctx.now()):
        raise NotFound
    ctx.audit(Action.SIGN_OUT, "session", session_id)
