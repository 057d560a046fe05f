"""Selects about users, their memberships and sessions.

Row security lets a signed-in user see their own memberships everywhere, so a query about a hospital's memberships
names the hospital itself.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from arogya.modules.identity.authenticator import is_live
from arogya.modules.identity.models import Credential, KnownDevice, LoginIdentifier, Membership, User, UserSession
from arogya.modules.identity.names import SignInName
from arogya.modules.organizations.api import organizations_table as organizations
from arogya.platform.database import bind_tenant

NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Account:
    """Whom a sign-in name leads to. password_hash: None where nothing typed may fit."""

    user_id: UUID
    username: str
    password_hash: str | None
    must_change: bool
    is_platform_admin: bool


@dataclass(frozen=True, slots=True)
class Hospital:
    """One in which a user holds a role now."""

    id: UUID
    is_active: bool


@dataclass(frozen=True, slots=True)
class AtTheDoor:
    """What is known before the password is looked at: as many reads for a stranger as for a user."""

    account: Account | None
    is_known_device: bool
    hospitals: tuple[Hospital, ...]
    last_organization_id: UUID | None

    def home(self) -> UUID | None:
        """The hospital of the last time, else the first that is active."""
        active = [one.id for one in self.hospitals if one.is_active]
        if self.last_organization_id in active:
            return self.last_organization_id
        return active[0] if active else None


async def at_the_door(session: AsyncSession, name: SignInName, device_hash: bytes, now: datetime) -> AtTheDoor:
    account = await _account(session, name, now)
    user_id = account.user_id if account else NOBODY
    known = await session.scalar(
        select(KnownDevice.id).where(KnownDevice.user_id == user_id, KnownDevice.device_hash == device_hash)
    )
    last = await session.scalar(
        select(UserSession.organization_id)
        .where(UserSession.user_id == user_id)
        .order_by(UserSession.last_seen_at.desc())
        .limit(1)
    )
    await bind_tenant(session, None, user_id)
    return AtTheDoor(account, known is not None, await hospitals_of(session, user_id, now), last)


async def _account(session: AsyncSession, name: SignInName, now: datetime) -> Account | None:
    row = (
        await session.execute(
            select(
                User.id,
                User.is_active,
                User.is_platform_admin,
                Credential.password_hash,
                Credential.must_change,
                Credential.expires_at,
                _username(),
            )
            .select_from(LoginIdentifier)
            .join(User, User.id == LoginIdentifier.user_id)
            .join(Credential, Credential.user_id == User.id)
            .where(LoginIdentifier.kind == name.kind, LoginIdentifier.value == name.value)
        )
    ).one_or_none()
    if row is None:
        return None
    is_usable = row.is_active and (row.expires_at is None or row.expires_at > now)
    return Account(
        row.id, row.username, row.password_hash if is_usable else None, row.must_change, row.is_platform_admin
    )


def identifier_of(kind: str, user_id: Any = User.id) -> Any:
    """A user's sign-in name of one kind, as a column."""
    other = LoginIdentifier.__table__.alias(f"named_{kind}")
    return (
        select(other.c.value).where(other.c.user_id == user_id, other.c.kind == kind).limit(1).scalar_subquery()
    ).label(kind)


def _username() -> Any:
    return func.coalesce(identifier_of("username"), "").label("username")


async def hospitals_of(session: AsyncSession, user_id: UUID, now: datetime) -> tuple[Hospital, ...]:
    """Where the user holds a role now, the oldest first. The session is bound to the user."""
    rows = await session.execute(
        select(organizations.c.id, organizations.c.status, func.min(Membership.valid_from).label("since"))
        .select_from(Membership)
        .join(organizations, organizations.c.id == Membership.organization_id)
        .where(Membership.user_id == user_id, is_live(now))
        .group_by(organizations.c.id, organizations.c.status)
        .order_by("since", organizations.c.id)
    )
    return tuple(Hospital(row.id, row.status == "active") for row in rows)


async def memberships_everywhere(session: AsyncSession, user_id: UUID, now: datetime) -> Sequence[Row[Any]]:
    """A user's live memberships in all hospitals. The session is bound to the user."""
    return (
        await session.execute(
            select(
                Membership.id,
                Membership.organization_id,
                organizations.c.name.label("organization_name"),
                Membership.facility_id,
                Membership.role,
                Membership.custom_role_id,
                Membership.valid_until,
            )
            .join(organizations, organizations.c.id == Membership.organization_id)
            .where(Membership.user_id == user_id, is_live(now))
            .order_by(organizations.c.name, Membership.valid_from, Membership.id)
        )
    ).all()


async def users_with_role(
    session: AsyncSession, organization_id: UUID, role: str, facility_id: UUID | None, now: datetime
) -> list[UUID]:
    """Who holds a role at a facility, or at all of them; facility_id None: anywhere in the hospital."""
    query = (
        select(Membership.user_id)
        .join(User, User.id == Membership.user_id)
        .where(Membership.organization_id == organization_id, Membership.role == role, is_live(now), User.is_active)
        .distinct()
    )
    if facility_id is not None:
        query = query.where(or_(Membership.facility_id.is_(None), Membership.facility_id == facility_id))
    return list(await session.scalars(query))


async def is_member(session: AsyncSession, organization_id: UUID, user_id: UUID, now: datetime) -> bool:
    """Whether the user holds any role in the hospital, now or soon."""
    query = select(Membership.id).where(Membership.user_id == user_id, in_this_hospital(organization_id, now)).limit(1)
    return await session.scalar(query) is not None


async def names_of(session: AsyncSession, user_ids: Iterable[UUID]) -> dict[UUID, str]:
    rows = await session.execute(select(User.id, User.name).where(User.id.in_(set(user_ids))))
    return {row.id: row.name for row in rows}


async def languages_of(session: AsyncSession, user_ids: Iterable[UUID]) -> dict[UUID, str]:
    rows = await session.execute(select(User.id, User.language).where(User.id.in_(set(user_ids))))
    return {row.id: row.language for row in rows}


def in_this_hospital(organization_id: UUID, now: datetime) -> Any:
    """That a membership of this hospital has not ended; it may only begin later."""
    return and_(
        Membership.organization_id == organization_id,
        or_(Membership.valid_until.is_(None), Membership.valid_until > now),
    )
