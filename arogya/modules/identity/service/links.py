"""What is done by a link in a letter: choosing a new password, and proving an e-mail address."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from arogya.modules.identity.callers import Caller
from arogya.modules.identity.jobs import send_email_check, send_reset, tell_email_changed
from arogya.modules.identity.models import AccountLink, Credential, LoginIdentifier, User, UserSession
from arogya.modules.identity.names import email_name, read_name
from arogya.modules.identity.queries import identifier_of
from arogya.modules.identity.schemas.links import ChangeEmail, ForgotPassword, ResetPassword, VerifyEmail
from arogya.modules.identity.service.sessions import end_sessions
from arogya.modules.identity.throttle import ACCOUNT, ADDRESS, Allowance, Throttle, count_try, forget
from arogya.platform import jobs
from arogya.platform.access import Context
from arogya.platform.audit import Action, record
from arogya.platform.bearer_tokens import hash_of
from arogya.platform.clock import new_id
from arogya.platform.errors import Field, Invalid

ASKED = Allowance(free=3, forgotten_after=timedelta(hours=1))
VERIFY_FOR = timedelta(hours=24)


class LinkExpired(Invalid):
    code, title = "link_expired", "This link is no longer good; ask for another"


async def forgot(caller: Caller, request: ForgotPassword) -> None:
    """Let a link be sent, if somebody signs in with this and has an e-mail address. Raises TooMany.

    For a stranger's name the same is counted, read and written, and a job deferred too.
    """
    name = read_name(request.username)
    counted = [
        caller.throttle.counted(ASKED, "forgot", name.kind, name.value),
        caller.throttle.counted(ADDRESS, "forgot", caller.address),
    ]
    async with caller.database.transaction() as session:
        await count_try(session, counted, caller.now())
    async with caller.database.transaction() as session:
        named = (LoginIdentifier.kind == name.kind) & (LoginIdentifier.value == name.value)
        user_id = await session.scalar(select(LoginIdentifier.user_id).where(named))
        await jobs.defer(session, send_reset, user_id=user_id)
        record(session, caller.facts(user_id, None), Action.EXECUTE, "password_link", [user_id] if user_id else [])


async def reset_password(caller: Caller, request: ResetPassword) -> None:
    """A new password for the link's owner; all their sessions end. Raises LinkExpired, WeakPassword."""
    async with caller.database.transaction() as session:
        owner = await _owner(session, caller, request.token)
    await caller.passwords.refuse_weak(request.password, owner.username or "")
    fresh = await caller.passwords.hash(request.password)
    now = caller.now()
    async with caller.database.transaction() as session:
        await _use(session, caller, "reset", request.token)
        told = {"password_hash": fresh, "must_change": False, "expires_at": None, "changed_at": now}
        kept = insert(Credential).values(id=new_id(), user_id=owner.id, **told)
        await session.execute(kept.on_conflict_do_update(index_elements=["user_id"], set_=told))
        await _drop_resets(session, caller, owner.id)
        await end_sessions(session, UserSession.user_id == owner.id, "password-reset", now)
        await _let_in_again(session, caller.throttle, owner.id)
        facts = caller.facts(owner.id, None)
        record(session, facts, Action.UPDATE, "password", [owner.id], details={"by": "link"})


async def change_email(ctx: Context, throttle: Throttle, request: ChangeEmail) -> None:
    """Ask for the proof that an address is one's own; until then nothing changes. Raises Invalid, TooMany.

    What happens to an address that somebody has already is the same from here: only its owner reads of it.
    """
    assert ctx.user_id is not None
    await count_try(ctx.session, [throttle.counted(ASKED, "email", str(ctx.user_id))], ctx.now())
    address = email_name(request.email).value
    if address == await ctx.session.scalar(select(identifier_of("email", ctx.user_id))):
        raise Invalid.field("email", "This is your address already", "unchanged")
    await ctx.session.execute(
        update(AccountLink)
        .where(AccountLink.user_id == ctx.user_id, AccountLink.purpose == "email", AccountLink.used_at.is_(None))
        .values(used_at=ctx.now())
    )
    link = AccountLink(
        purpose="email", user_id=ctx.user_id, address=address, created_at=ctx.now(), expires_at=ctx.now() + VERIFY_FOR
    )
    ctx.add(link)
    await ctx.session.flush()
    await jobs.defer(ctx.session, send_email_check, link_id=link.id)
    ctx.audit(Action.CREATE, "email_address", ctx.user_id)


async def verify_email(caller: Caller, request: VerifyEmail) -> None:
    """The address signs its owner in from now on, in place of the one before, which is told of it.

    Raises LinkExpired, SignInNameTaken.
    """
    async with caller.database.transaction() as session:
        used = await _use(session, caller, "email", request.token)
        link = await session.get_one(AccountLink, used)
        before = await session.scalar(
            select(LoginIdentifier).where(LoginIdentifier.user_id == link.user_id, LoginIdentifier.kind == "email")
        )
        if before is not None:
            link.replaces = before.value
            await session.delete(before)
            await session.flush()
            await jobs.defer(session, tell_email_changed, link_id=link.id)
        session.add(LoginIdentifier(user_id=link.user_id, kind="email", value=link.address, verified_at=caller.now()))
        await session.flush()
        await _drop_resets(session, caller, link.user_id)
        record(session, caller.facts(link.user_id, None), Action.UPDATE, "email_address", [link.user_id])


def _is_good(caller: Caller, purpose: str, token: str) -> Any:
    return (
        (AccountLink.purpose == purpose)
        & (AccountLink.token_hash == hash_of(token))
        & AccountLink.used_at.is_(None)
        & (AccountLink.expires_at > caller.now())
        & AccountLink.user_id.in_(select(User.id).where(User.is_active))
    )


async def _owner(session: AsyncSession, caller: Caller, token: str) -> Row[Any]:
    """Whose reset link this is, before it is used up: a weak password does not cost it."""
    owner = (
        await session.execute(
            select(User.id, identifier_of("username"))
            .join(AccountLink, AccountLink.user_id == User.id)
            .where(_is_good(caller, "reset", token))
        )
    ).one_or_none()
    if owner is None:
        raise LinkExpired(fields=[Field("token", LinkExpired.code, LinkExpired.title)])
    return owner


async def _use(session: AsyncSession, caller: Caller, purpose: str, token: str) -> UUID:
    used: UUID | None = await session.scalar(
        update(AccountLink)
        .where(_is_good(caller, purpose, token))
        .values(used_at=caller.now())
        .returning(AccountLink.id)
        .execution_options(synchronize_session=False)
    )
    if used is None:
        raise LinkExpired(fields=[Field("token", LinkExpired.code, LinkExpired.title)])
    return used


async def _drop_resets(session: AsyncSession, caller: Caller, user_id: UUID) -> None:
    """Other letters may lie where they shouldn't."""
    await session.execute(
        update(AccountLink)
        .where(AccountLink.user_id == user_id, AccountLink.purpose == "reset", AccountLink.used_at.is_(None))
        .values(used_at=caller.now())
        .execution_options(synchronize_session=False)
    )


async def _let_in_again(session: AsyncSession, throttle: Throttle, user_id: UUID) -> None:
    """Whoever tried the forgotten password often need not wait with the new one."""
    names = await session.execute(
        select(LoginIdentifier.kind, LoginIdentifier.value).where(LoginIdentifier.user_id == user_id)
    )
    await forget(session, [throttle.counted(ACCOUNT, "account", row.kind, row.value) for row in names])
