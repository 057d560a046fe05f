"""Letters about an account. A job is handed ids; the token is made here, so that only its letter ever holds it.

The code by text message is `texts.py`'s.
"""

import secrets
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from arogya.modules.identity.letters import letter
from arogya.modules.identity.models import AccountLink, Invitation, LoginIdentifier, User
from arogya.modules.identity.queries import identifier_of
from arogya.modules.identity.texts import send_code
from arogya.modules.organizations.api import organization
from arogya.platform.bearer_tokens import hash_of
from arogya.platform.jobs import Work, job

__all__ = [
    "send_code", "send_email_check", "send_invitation", "send_reset", "tell_email_changed", "tell_second_factor_off",
]  # fmt: skip

RESET_FOR = timedelta(minutes=30)
OPEN_AT_MOST = 3
"""So many reset links of one person may be open: more letters would only fill their box."""


@job("identity.send_reset")
async def send_reset(work: Work, user_id: str | None) -> None:
    """user_id None: a stranger asked, who gets nothing; the asking took as long."""
    if user_id is None:
        return
    token, now = secrets.token_urlsafe(32), work.now()
    async with work.database.transaction() as session:
        reader = await _reader(session, UUID(user_id))
        if reader is None or reader.email is None or await _open_resets(session, reader.id, work) >= OPEN_AT_MOST:
            return
        link = AccountLink(
            purpose="reset", user_id=reader.id, address=reader.email, token_hash=hash_of(token), created_at=now,
            expires_at=now + RESET_FOR,
        )  # fmt: skip
        session.add(link)
    written = letter(
        "reset", reader.email, reader.language, username=reader.called, link=f"{work.origin}/reset#{token}"
    )
    try:
        await work.mailer.send(written)
    except OSError:
        async with work.database.transaction() as session:
            await session.delete(link)  # it will be tried again with another; this one nobody has
        raise


async def _open_resets(session: AsyncSession, user_id: UUID, work: Work) -> int:
    found = await session.scalar(
        select(func.count())
        .select_from(AccountLink)
        .where(
            AccountLink.user_id == user_id, AccountLink.purpose == "reset", AccountLink.used_at.is_(None),
            AccountLink.expires_at > work.now(),
        )
    )  # fmt: skip
    return found or 0


@job("identity.send_email_check")
async def send_email_check(work: Work, link_id: str) -> None:
    """To the address that is to be proved; to the one who has it already, only that it was asked for."""
    token = secrets.token_urlsafe(32)
    async with work.database.transaction() as session:
        link = await session.get(AccountLink, UUID(link_id), with_for_update=True)
        if link is None or link.used_at is not None or link.expires_at <= work.now():
            return
        reader = await _reader(session, link.user_id)
        if reader is None:
            return
        owner_language = await session.scalar(
            select(User.language)
            .join(LoginIdentifier, LoginIdentifier.user_id == User.id)
            .where(LoginIdentifier.kind == "email", LoginIdentifier.value == link.address)
        )
        if owner_language is None:
            link.token_hash = hash_of(token)
    if owner_language is not None:
        await work.mailer.send(letter("email-taken", link.address, owner_language))
        return
    address = f"{work.origin}/verify-email#{token}"
    await work.mailer.send(letter("email", link.address, reader.language, username=reader.called, link=address))


@job("identity.tell_email_changed")
async def tell_email_changed(work: Work, link_id: str) -> None:
    """To the address before."""
    async with work.database.transaction() as session:
        link = await session.get(AccountLink, UUID(link_id))
        reader = await _reader(session, link.user_id) if link else None
    if link is not None and reader is not None and link.replaces is not None:
        await work.mailer.send(letter("email-changed", link.replaces, reader.language, username=reader.called))


@job("identity.tell_second_factor_off")
async def tell_second_factor_off(work: Work, user_id: str) -> None:
    async with work.database.transaction() as session:
        reader = await _reader(session, UUID(user_id))
    if reader is not None and reader.email is not None:
        await work.mailer.send(letter("second-factor-off", reader.email, reader.language, username=reader.called))


@job("identity.send_invitation")
async def send_invitation(work: Work, organization_id: str, invitation_id: str) -> None:
    """In the hospital's language: nobody knows the reader's yet."""
    here, secret = UUID(organization_id), secrets.token_urlsafe(32)
    async with work.context(here, "identity.send_invitation") as ctx:
        invitation = await ctx.session.get(Invitation, (here, UUID(invitation_id)), with_for_update=True)
        if invitation is None or not invitation.is_open(ctx.now()):
            return
        hospital = await organization(ctx.session, here)
        token = f"{here.hex}.{invitation.id.hex}.{secret}"
        invitation.token_hash, invitation.sent_at = hash_of(token), ctx.now()
    written = letter(
        "invitation",
        invitation.email,
        hospital.language,
        hospital=hospital.name,
        link=f"{work.origin}/invitation#{token}",
    )
    await work.mailer.send(written)


class _Reader:
    """Whom a letter speaks to."""

    def __init__(self, user_id: UUID, language: str, username: str | None, email: str | None) -> None:
        self.id, self.language, self.email = user_id, language, email
        self.called = username or email or ""


async def _reader(session: AsyncSession, user_id: UUID) -> _Reader | None:
    """None where the user may no longer sign in."""
    row = (
        await session.execute(
            select(User.id, User.language, identifier_of("username"), identifier_of("email")).where(
                User.id == user_id, User.is_active
            )
        )
    ).one_or_none()
    return None if row is None else _Reader(row.id, row.language, row.username, row.email)
