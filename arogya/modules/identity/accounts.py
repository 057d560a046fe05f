"""Making users and giving them roles: for sign-up, set-up, imports and the demo. The callers check who may."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from arogya.modules.identity.models import Credential, LoginIdentifier, Membership, User
from arogya.modules.identity.names import SignInName, email_name, phone_name
from arogya.platform.errors import Conflict, Field, Invalid, constraint_means
from arogya.policy import Role

ONE_TIME_FOR = timedelta(hours=72)


class SignInNameTaken(Conflict):
    code, title = "username_taken", "Somebody signs in with this already"


constraint_means("uq_login_identifiers_kind_value", SignInNameTaken)


async def create_user(
    session: AsyncSession,
    *,
    name: str,
    username: str,
    password_hash: str,
    now: datetime,
    one_time: bool = False,
    email: str | None = None,
    phone: str | None = None,
    language: str = "en",
    is_platform_admin: bool = False,
) -> UUID:
    """One person, one user. one_time: the password is good for 72 hours and only for choosing another.

    email, phone: verified ones, by which they may sign in too. Raises SignInNameTaken.
    """
    names = _names(username, email, phone)
    await _refuse_taken(session, names)
    user = User(name=name, language=language, is_platform_admin=is_platform_admin)
    session.add(user)
    await session.flush()
    for identifier in names:
        session.add(LoginIdentifier(user_id=user.id, kind=identifier.kind, value=identifier.value, verified_at=now))
    session.add(
        Credential(
            user_id=user.id,
            password_hash=password_hash,
            must_change=one_time,
            expires_at=now + ONE_TIME_FOR if one_time else None,
            changed_at=now,
        )
    )
    await session.flush()
    return user.id


def _names(username: str, email: str | None, phone: str | None) -> list[SignInName]:
    names = [SignInName("username", username.casefold())]
    if email:
        names.append(email_name(email))
    if phone:
        read = phone_name(phone)
        if read is None:
            raise Invalid("Not a phone number", fields=[Field("phone", "not_a_phone", "Not a phone number")])
        names.append(read)
    return names


async def _refuse_taken(session: AsyncSession, names: list[SignInName]) -> None:
    """Says which one; of two who ask at once, the constraint refuses the second."""
    wanted = tuple_(LoginIdentifier.kind, LoginIdentifier.value).in_([(one.kind, one.value) for one in names])
    taken = list(await session.scalars(select(LoginIdentifier.kind).where(wanted)))
    if taken:
        raise SignInNameTaken(fields=[Field(kind, "taken", SignInNameTaken.title) for kind in taken])


async def add_membership(
    session: AsyncSession,
    user_id: UUID,
    role: Role | UUID,
    *,
    now: datetime,
    facility_id: UUID | None = None,
    valid_from: datetime | None = None,
    valid_until: datetime | None = None,
) -> UUID:
    """A role in the bound organization, at one facility or (None) at all. role: a UUID names one of its own."""
    membership = Membership(
        user_id=user_id,
        facility_id=facility_id,
        role=role.value if isinstance(role, Role) else None,
        custom_role_id=None if isinstance(role, Role) else role,
        valid_from=valid_from or now,
        valid_until=valid_until,
    )
    session.add(membership)
    await session.flush()
    return membership.id
