"""What only the installation's operator may do, who holds its terminal and its key."""

from datetime import datetime

from sqlalchemy import select, update

from arogya.modules.identity.accounts import ONE_TIME_FOR, create_user
from arogya.modules.identity.models import Credential, LoginIdentifier, UserSession
from arogya.modules.identity.names import read_name
from arogya.modules.identity.passwords import hash_password, one_time_password
from arogya.modules.identity.service.codes import forget_factor
from arogya.modules.identity.service.sessions import end_sessions
from arogya.platform.audit import Action, Facts, record
from arogya.platform.database import Database
from arogya.platform.errors import NotFound


async def make_super_admin(database: Database, *, username: str, name: str, now: datetime) -> str:
    """A platform administrator's one-time password. Raises SignInNameTaken."""
    word = one_time_password()
    async with database.transaction() as session:
        user_id = await create_user(
            session, name=name, username=username, password_hash=hash_password(word), now=now, one_time=True,
            is_platform_admin=True,
        )  # fmt: skip
        record(session, _facts("arogya super-admin", now), Action.CREATE, "user", [user_id])
    return word


async def reset_any_password(database: Database, *, typed: str, now: datetime, lost_phone: bool = False) -> str:
    """A one-time password for anybody: a hospital's only administrator has nobody to ask. Raises NotFound.

    lost_phone: and no second factor any more.
    """
    name, word = read_name(typed), one_time_password()
    async with database.transaction() as session:
        user_id = await session.scalar(
            select(LoginIdentifier.user_id).where(
                LoginIdentifier.kind == name.kind, LoginIdentifier.value == name.value
            )
        )
        if user_id is None:
            raise NotFound("Nobody signs in with this")
        await session.execute(
            update(Credential)
            .where(Credential.user_id == user_id)
            .values(password_hash=hash_password(word), must_change=True, expires_at=now + ONE_TIME_FOR, changed_at=now)
        )
        if lost_phone:
            await forget_factor(session, user_id)
            record(session, _facts("arogya reset-password", now), Action.DEACTIVATE, "second_factor", [user_id])
        await end_sessions(session, UserSession.user_id == user_id, "password-reset", now)
        record(session, _facts("arogya reset-password", now), Action.UPDATE, "password", [user_id])
    return word


def _facts(command: str, now: datetime) -> Facts:
    return Facts(
        organization_id=None, user_id=None, actor_kind="system", roles=(), route=command, request_id="", address="",
        at=now,
    )  # fmt: skip
