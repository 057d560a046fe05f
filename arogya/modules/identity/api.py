"""The front door to users, sessions and roles."""

from datetime import datetime, timedelta

from sqlalchemy import delete

from arogya.modules.identity.accounts import SignInNameTaken, add_membership, create_user
from arogya.modules.identity.authenticator import StandingSessions, TokenAuthenticator, actor_of
from arogya.modules.identity.guessing import count_guess, refuse_guessing
from arogya.modules.identity.models import AccountLink, KnownDevice, SignInCode, UserSession
from arogya.modules.identity.models import User as _User
from arogya.modules.identity.passwords import hash_password
from arogya.modules.identity.ports import AccountPatient, PassHolder, PassRefused, Ports, ports
from arogya.modules.identity.queries import hospitals_of, is_member, languages_of, names_of, users_with_role
from arogya.modules.identity.schemas.sign_in import SelfRegistration
from arogya.modules.identity.service.phone_users import (
    AccountHolder,
    account_holders,
    join_as_patient,
    leave_as_patient,
    proved_phone,
)
from arogya.modules.identity.service.terminal import make_super_admin, reset_any_password
from arogya.modules.identity.throttle import purge as purge_throttles
from arogya.modules.identity.tokens import ACCESS_FOR, Tokens, setup_code
from arogya.modules.organizations.api import any_organization
from arogya.platform.access import Claims
from arogya.platform.clock import Clock
from arogya.platform.database import Database
from arogya.platform.keys import Keys

FORGOTTEN_AFTER = timedelta(days=400)
users_table = _User.__table__
"""For joins in the reads of modules above."""


def authenticator(keys: Keys, clock: Clock) -> TokenAuthenticator:
    """What the application asks who is there."""
    return TokenAuthenticator(keys, clock)


def session_check(database: Database, clock: Clock) -> StandingSessions:
    """What the open sockets are checked against."""
    return StandingSessions(database, clock)


def mint_access_token(keys: Keys, claims: Claims, now: datetime, lasts: timedelta = ACCESS_FOR) -> str:
    """A token for a session that is there: for tests and the bench; people get theirs by signing in."""
    return Tokens(keys).mint(claims, now, lasts)


async def setup_announcement(database: Database, keys: Keys) -> list[str]:
    """What the terminal has to say while there is no hospital: the code that opens the set-up page."""
    async with database.transaction() as session:
        if await any_organization(session):
            return []
    return [
        "There is no hospital yet. Open the address below and set it up with this one-time code:",
        f"    {setup_code(keys)}",
    ]


async def purge(database: Database, now: datetime) -> None:
    """Forget sessions, devices, links and counts that have had their time."""
    async with database.transaction() as session:
        await purge_throttles(session, now)
        await session.execute(delete(SignInCode).where(SignInCode.expires_at < now))
        await session.execute(
            delete(UserSession).where(
                UserSession.expires_at < now - timedelta(days=30), UserSession.user_id.is_not(None)
            )
        )
        await session.execute(delete(AccountLink).where(AccountLink.expires_at < now - timedelta(days=30)))
        await session.execute(delete(KnownDevice).where(KnownDevice.last_used_at < now - FORGOTTEN_AFTER))


__all__ = [
    "AccountHolder",
    "AccountPatient",
    "PassHolder",
    "PassRefused",
    "Ports",
    "SelfRegistration",
    "SignInNameTaken",
    "account_holders",
    "actor_of",
    "add_membership",
    "authenticator",
    "count_guess",
    "create_user",
    "hash_password",
    "hospitals_of",
    "is_member",
    "join_as_patient",
    "languages_of",
    "leave_as_patient",
    "make_super_admin",
    "mint_access_token",
    "names_of",
    "ports",
    "proved_phone",
    "purge",
    "refuse_guessing",
    "reset_any_password",
    "session_check",
    "setup_announcement",
    "users_table",
    "users_with_role",
]
