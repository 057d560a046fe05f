"""Whether a session still stands and what its user may do, asked of the database at most twice a second."""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from arogya.modules.identity.models import DeviceLink, Membership, User, UserSession
from arogya.modules.identity.passwords import PasswordRoom
from arogya.modules.identity.phone_codes import PhoneCodes
from arogya.modules.identity.throttle import Throttle
from arogya.modules.identity.tokens import Tokens, setup_code
from arogya.modules.organizations.api import organizations_table as organizations
from arogya.platform.access import Actor, Claims, Scope
from arogya.platform.clock import Clock
from arogya.platform.database import Database
from arogya.platform.errors import Unauthenticated
from arogya.platform.keys import Keys
from arogya.policy import DEVICE_PERMISSIONS, OWN, OWN_RECORDS_ONLY, Role, permissions_of

REMEMBERED_S = 0.5
_REMEMBERED_MOST = 20_000


def is_live(now: datetime) -> ColumnElement[bool]:
    """That a membership holds at this moment."""
    return and_(Membership.valid_from <= now, or_(Membership.valid_until.is_(None), Membership.valid_until > now))


def still_stands(now: datetime) -> ColumnElement[bool]:
    """That a session was neither ended nor forgotten."""
    return and_(UserSession.revoked_at.is_(None), UserSession.expires_at > now)


@dataclass(frozen=True, slots=True)
class _Remembered:
    actor: Actor
    read_at: float
    clock_at: datetime


class TokenAuthenticator:
    """Fills platform.access.Authenticator, and keeps what signing in needs of the installation's keys."""

    def __init__(self, keys: Keys, clock: Clock) -> None:
        self.tokens = Tokens(keys)
        self.throttle = Throttle(keys)
        self.phone_codes = PhoneCodes(keys)
        self.passwords = PasswordRoom()
        self.setup_code = setup_code(keys)
        self._clock = clock
        self._remembered: dict[Claims, _Remembered] = {}

    def read(self, credential: str) -> Claims:
        return self.tokens.read(credential, self._clock.now())

    async def actor(self, session: AsyncSession, claims: Claims) -> Actor:
        known = self._remembered.get(claims)
        now, started = self._clock.now(), time.monotonic()
        if known and started - known.read_at < REMEMBERED_S and now - known.clock_at < timedelta(seconds=REMEMBERED_S):
            return known.actor
        find = _user if claims.kind == "user" else _device
        actor = await find(session, claims, now)
        if len(self._remembered) >= _REMEMBERED_MOST:
            self._remembered.clear()
        self._remembered[claims] = _Remembered(actor, started, now)
        return actor


async def _user(session: AsyncSession, claims: Claims, now: datetime) -> Actor:
    here = claims.organization_id
    found = (
        await session.execute(
            select(User.is_platform_admin, organizations.c.status, Membership.role, Membership.facility_id)
            .select_from(UserSession)
            .join(User, User.id == UserSession.user_id)
            .outerjoin(organizations, organizations.c.id == here)
            .outerjoin(
                Membership,
                and_(Membership.organization_id == here, Membership.user_id == User.id, is_live(now)),
            )
            .where(
                UserSession.id == claims.session_id,
                UserSession.user_id == claims.subject_id,
                still_stands(now),
                User.is_active,
            )
        )
    ).all()
    if not found or (here is not None and found[0].status != "active"):
        raise Unauthenticated
    held = {(Role(row.role), row.facility_id) for row in found if row.role is not None}
    # Whoever manages the platform does so in no hospital; in one, they are what their memberships say.
    if here is None and found[0].is_platform_admin:
        held.add((Role.SUPER_ADMIN, None))
    return Actor(
        kind="user",
        organization_id=here,
        user_id=claims.subject_id,
        session_id=claims.session_id,
        roles=tuple(sorted({role.value for role, _ in held})),
        grants=grants_of(frozenset(held)),
    )


Held = frozenset[tuple[Role, UUID | None]]
"""Roles, each at one branch or (None) at all of a hospital's."""


@lru_cache(maxsize=4096)
def grants_of(held: Held) -> Mapping[str, Scope]:
    """What roles add up to."""
    grants: dict[str, Scope] = {permission.value: Scope() for permission in OWN}
    for role, facility_id in held:
        reach = Scope(None if facility_id is None else frozenset({facility_id}), role in OWN_RECORDS_ONLY)
        for permission in permissions_of(role):
            before = grants.get(permission.value)
            grants[permission.value] = before.widened(reach) if before else reach
    return MappingProxyType(grants)


async def _device(session: AsyncSession, claims: Claims, now: datetime) -> Actor:
    facility_id: UUID | None = await session.scalar(
        select(DeviceLink.facility_id)
        .join(UserSession, UserSession.id == DeviceLink.id)
        .join(organizations, organizations.c.id == UserSession.organization_id)
        .where(
            DeviceLink.id == claims.session_id,
            DeviceLink.organization_id == claims.organization_id,
            still_stands(now),
            organizations.c.status == "active",
        )
    )
    if facility_id is None:
        raise Unauthenticated
    return Actor(
        kind="device",
        organization_id=claims.organization_id,
        session_id=claims.session_id,
        grants=device_grants(facility_id),
    )


@lru_cache(maxsize=4096)
def device_grants(facility_id: UUID) -> Mapping[str, Scope]:
    reach = Scope(frozenset({facility_id}))
    return MappingProxyType({permission.value: reach for permission in DEVICE_PERMISSIONS})


class StandingSessions:
    """Fills platform.realtime.SessionCheck: which open sockets may stay."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def standing(self, organization_id: UUID, actors: Sequence[Actor]) -> list[bool]:
        ids = {actor.session_id for actor in actors}
        async with self._database.transaction(organization_id) as session:
            rows = (await session.execute(_standing(organization_id, ids, self._clock.now()))).all()
        held: dict[UUID, set[tuple[Role, UUID | None]]] = {}
        screens: dict[UUID, UUID] = {}
        for row in rows:
            roles = held.setdefault(row.id, set())
            if row.role is not None:
                roles.add((Role(row.role), row.facility_id))
            if row.shows is not None:
                screens[row.id] = row.shows
        return [_unchanged(actor, held, screens) for actor in actors]


def _unchanged(actor: Actor, held: Mapping[UUID, set[tuple[Role, UUID | None]]], screens: Mapping[UUID, UUID]) -> bool:
    if actor.session_id is None or actor.session_id not in held:
        return False
    if actor.kind == "device":
        return actor.session_id in screens and actor.grants == device_grants(screens[actor.session_id])
    return actor.grants == grants_of(frozenset(held[actor.session_id]))


def _standing(organization_id: UUID, session_ids: Iterable[UUID | None], now: datetime) -> Select[*tuple[Any, ...]]:
    """The sessions that are good in this hospital, a row for each role that they hold there."""
    return (
        select(UserSession.id, Membership.role, Membership.facility_id, DeviceLink.facility_id.label("shows"))
        .outerjoin(User, User.id == UserSession.user_id)
        .join(organizations, organizations.c.id == organization_id)
        .outerjoin(
            Membership,
            and_(Membership.organization_id == organization_id, Membership.user_id == User.id, is_live(now)),
        )
        .outerjoin(DeviceLink, and_(DeviceLink.organization_id == organization_id, DeviceLink.id == UserSession.id))
        .where(
            UserSession.id.in_(session_ids),
            still_stands(now),
            or_(UserSession.user_id.is_(None), User.is_active),
            organizations.c.status == "active",
        )
    )
