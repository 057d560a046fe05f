"""Changing one's own password."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from sqlalchemy import select, update

from arogya.modules.identity.models import Credential, User, UserSession
from arogya.modules.identity.passwords import PasswordRoom, WrongPassword
from arogya.modules.identity.queries import identifier_of
from arogya.modules.identity.schemas.sign_in import ChangePassword
from arogya.modules.identity.service.sessions import end_sessions
from arogya.modules.identity.throttle import ACCOUNT, Counted, Throttle, count_failure, forget, refuse_blocked
from arogya.platform.access import Context
from arogya.platform.audit import Action, record_denied
from arogya.platform.errors import Field, Unauthenticated


@asynccontextmanager
async def writing(ctx: Context) -> AsyncIterator[Context]:
    """The same Context with a transaction, for what had to hash before it may hold a connection."""
    async with ctx.database.transaction(ctx.actor.organization_id, ctx.user_id) as session:
        session.info["now"] = ctx.now()
        yield replace(ctx, _session=session)


async def change_password(ctx: Context, passwords: PasswordRoom, throttle: Throttle, request: ChangePassword) -> None:
    """Choose another, knowing the current one; all other sessions end. Raises WrongPassword, WeakPassword, TooMany."""
    async with writing(ctx) as reading:
        username = await reading.session.scalar(select(identifier_of("username")).where(User.id == ctx.user_id))
    await passwords.refuse_weak(request.new, username or "", field="new")
    checked_hash = await proven_password(ctx, passwords, throttle, request.current)
    fresh = await passwords.hash(request.new)
    async with writing(ctx) as inside:
        await _replace(inside, checked_hash, fresh)


async def proven_password(ctx: Context, passwords: PasswordRoom, throttle: Throttle, typed: str) -> str:
    """The hash of one's own password, once `typed` fits it. Raises WrongPassword at `current`, TooMany."""
    counted = [throttle.counted(ACCOUNT, "password", str(ctx.user_id))]
    async with writing(ctx) as reading:
        await refuse_blocked(reading.session, counted, ctx.now())
        kept = await reading.session.scalar(select(Credential.password_hash).where(Credential.user_id == ctx.user_id))
    if kept is None:
        raise Unauthenticated
    is_right, _ = await passwords.check(typed, kept)
    if not is_right:
        await _wrong(ctx, counted)
        raise WrongPassword(fields=[Field("current", "wrong_password", WrongPassword.title)])
    async with writing(ctx) as inside:
        # Asked again: of many guesses sent at once, the later ones must not learn that they were right.
        await refuse_blocked(inside.session, counted, ctx.now())
        await forget(inside.session, counted)
    return kept


async def _wrong(ctx: Context, counted: list[Counted]) -> None:
    async with writing(ctx) as inside:
        await count_failure(inside.session, counted, ctx.now())
        record_denied(inside.session, ctx.audit_facts(), WrongPassword.code, "password", [])


async def _replace(ctx: Context, checked_hash: str, fresh: str) -> None:
    replaced = await ctx.session.scalar(
        update(Credential)
        .where(Credential.user_id == ctx.user_id, Credential.password_hash == checked_hash)
        .values(password_hash=fresh, must_change=False, expires_at=None, changed_at=ctx.now())
        .returning(Credential.id)
    )
    if replaced is None:
        raise WrongPassword
    others = (UserSession.user_id == ctx.user_id) & (UserSession.id != ctx.actor.session_id)
    await end_sessions(ctx.session, others, "password-changed", ctx.now())
    assert ctx.user_id is not None
    ctx.audit(Action.UPDATE, "password", ctx.user_id)
