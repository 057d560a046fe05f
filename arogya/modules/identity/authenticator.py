"""Whether a session still stands and what its user may do, asked of the database at most twice a second."""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, false, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import HTTPConnection, Request

from arogya.modules.identity.browsers import device_of
from arogya.modules.identity.counter_keys import CounterKeys
from arogya.modules.identity.models import (
    CustomRole,
    DeviceLink,
    Membership,
    SecondFactor,
    SignInRules,
    User,
    UserSession,
)
from arogya.modules.identity.passwords import PasswordRoom
from arogya.modules.identity.phone_codes import PhoneCodes
from arogya.modules.identity.throttle import Throttle
from arogya.modules.identity.tokens import Tokens, setup_code
from arogya.modules.identity.totp import SecondFactorKeys
from arogya.modules.organizations.api import organizations_table as organizations
from arogya.platform.access import Actor, Claims, Proof, Scope, StepUpNeeded
from arogya.platform.clock import Clock
from arogya.platform.database import Database
from arogya.platform.errors import Unauthenticated
from arogya.platform.keys import Keys
from arogya.policy import (
    DEVICE_PERMISSIONS,
    OWN,
    OWN_RECORDS_ONLY,
    Permission,
    Role,
    custom_permissions,
    permissions_of,
)

REMEMBERED_S = 0.5
PROVED_FOR = timedelta(minutes=5)
"""How long a proof of who is there counts as fresh."""
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
        self.second_factors = SecondFactorKeys(keys)
        self.setup_code = setup_code(keys)
        self.counter_keys = CounterKeys(keys)
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

    async def refuse_unproved(
        self, session: AsyncSession, claims: Claims, connection: HTTPConnection, asked: Proof
    ) -> None:
        own = (
            await session.execute(
                select(
                    UserSession.client, UserSession.device_hash, UserSession.proved_at, UserSession.window_until
                ).where(UserSession.id == claims.session_id)
            )
        ).one()
        now = self._clock.now()
        if own.proved_at is not None and own.proved_at <= now < own.proved_at + PROVED_FOR:
            return
        if asked == "window" and own.window_until is not None and now < own.window_until:
            assert isinstance(connection, Request)
            if device_of(connection).hash_for(own.client) == own.device_hash:
                return
        raise StepUpNeeded(extra={"opens_window": asked == "window"})


async def _user(session: AsyncSession, claims: Claims, now: datetime) -> Actor:
    here = claims.organization_id
    found = (
        await session.execute(
            select(User.is_platform_admin, organizations.c.status, _awaits_second_factor(), *_HELD)
            .select_from(UserSession)
            .join(User, User.id == UserSession.user_id)
            .outerjoin(organizations, organizations.c.id == here)
            .outerjoin(
                Membership,
                and_(Membership.organization_id == here, Membership.user_id == User.id, is_live(now)),
            )
            .outerjoin(CustomRole, _is_its_role())
            .outerjoin(SignInRules, SignInRules.organization_id == here)
            .outerjoin(SecondFactor, SecondFactor.user_id == User.id)
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
    held, named = _together(found)
    # Whoever manages the platform does so in no hospital; in one, they are what their memberships say.
    if here is None and found[0].is_platform_admin:
        held.add((Role.SUPER_ADMIN, None))
        named.add(Role.SUPER_ADMIN.value)
    is_held_back = bool(found[0].awaits_second_factor) and any(role is not Role.PATIENT for role, _ in held)
    if is_held_back:
        held.clear()
        named.clear()
    return Actor(
        kind="user",
        organization_id=here,
        user_id=claims.subject_id,
        session_id=claims.session_id,
        roles=tuple(sorted(named)),
        grants=grants_of(frozenset(held)),
        is_held_back=is_held_back,
    )


async def actor_of(session: AsyncSession, organization_id: UUID, user_id: UUID, now: datetime) -> Actor | None:
    """Who this user is in the hospital today, for what is done in their name while they are away. None: nobody."""
    found = (
        await session.execute(
            select(*_HELD)
            .select_from(Membership)
            .join(User, User.id == Membership.user_id)
            .join(organizations, organizations.c.id == Membership.organization_id)
            .outerjoin(CustomRole, _is_its_role())
            .where(
                Membership.organization_id == organization_id,
                Membership.user_id == user_id,
                is_live(now),
                User.is_active,
                organizations.c.status == "active",
            )
        )
    ).all()
    held, named = _together(found)
    if not held:
        return None
    return Actor(
        kind="user", organization_id=organization_id, user_id=user_id, roles=tuple(sorted(named)),
        grants=grants_of(frozenset(held)),
    )  # fmt: skip


def _awaits_second_factor() -> Any:
    """That the hospital asks its staff for a second factor since before this session, and its person has none."""
    return and_(
        func.coalesce(UserSession.created_at > SignInRules.second_factor_since, false()),
        SecondFactor.confirmed_at.is_(None),
    ).label("awaits_second_factor")


Holding = tuple[Role | frozenset[Permission], UUID | None]
"""A built-in role, or what one of the hospital's own gives; at one branch or (None) at all of a hospital's."""
Held = frozenset[Holding]
_HELD = (Membership.role, Membership.facility_id, CustomRole.name.label("custom_role"), CustomRole.permissions)


def _is_its_role() -> ColumnElement[bool]:
    """The hospital's own role that a membership names. One that was deactivated gives nothing."""
    return and_(
        CustomRole.organization_id == Membership.organization_id,
        CustomRole.id == Membership.custom_role_id,
        CustomRole.is_active,
    )


def _together(found: Iterable[Any]) -> tuple[set[Holding], set[str]]:
    """What rows of `_HELD` give, and the roles' names."""
    given = [(row, one) for row in found if (one := _held(row)) is not None]
    return {one for _, one in given}, {row.role or f"custom:{row.custom_role}" for row, _ in given}


def _held(row: Row[Any]) -> Holding | None:
    if row.role is not None:
        return Role(row.role), row.facility_id
    return None if row.permissions is None else (custom_permissions(row.permissions), row.facility_id)


@lru_cache(maxsize=4096)
def grants_of(held: Held) -> Mapping[str, Scope]:
    """What roles add up to."""
    grants: dict[str, Scope] = {permission.value: Scope() for permission in OWN}
    for role, facility_id in held:
        reach = Scope(None if facility_id is None else frozenset({facility_id}), role in OWN_RECORDS_ONLY)
        for permission in permissions_of(role) if isinstance(role, Role) else role:
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
    """Fills platform.realtime.hub.SessionCheck: which open sockets may stay."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def standing(self, organization_id: UUID, actors: Sequence[Actor]) -> list[bool]:
        ids = {actor.session_id for actor in actors}
        async with self._database.transaction(organization_id) as session:
            rows = (await session.execute(_standing(organization_id, ids, self._clock.now()))).all()
        held: dict[UUID, set[Holding]] = {}
        screens: dict[UUID, UUID] = {}
        for row in rows:
            roles = held.setdefault(row.id, set())
            if (holding := _held(row)) is not None:
                roles.add(holding)
            if row.shows is not None:
                screens[row.id] = row.shows
        return [_unchanged(actor, held, screens) for actor in actors]


def _unchanged(actor: Actor, held: Mapping[UUID, set[Holding]], screens: Mapping[UUID, UUID]) -> bool:
    if actor.session_id is None or actor.session_id not in held:
        return False
    if actor.kind == "device":
        return actor.session_id in screens and actor.grants == device_grants(screens[actor.session_id])
    return actor.grants == grants_of(frozenset(held[actor.session_id]))


def _standing(organization_id: UUID, session_ids: Iterable[UUID | None], now: datetime) -> Select[*tuple[Any, ...]]:
    """The sessions that are good in this hospital, a row for each role that they hold there."""
    return (
        select(UserSession.id, *_HELD, DeviceLink.facility_id.label("shows"))
        .outerjoin(User, User.id == UserSession.user_id)
        .join(organizations, organizations.c.id == organization_id)
        .outerjoin(
            Membership,
            and_(Membership.organization_id == organization_id, Membership.user_id == User.id, is_live(now)),
        )
        .outerjoin(CustomRole, _is_its_role())
        .outerjoin(DeviceLink, and_(DeviceLink.organization_id == organization_id, DeviceLink.id == UserSession.id))
        .where(
            UserSession.id.in_(session_ids),
            still_stands(now),
            or_(UserSession.user_id.is_(None), User.is_active),
            organizations.c.status == "active",
        )
    )
