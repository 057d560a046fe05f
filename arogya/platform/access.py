"""Who may do what: the Context that is passed down, and the one rule that each route declares."""

import hashlib
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal, Protocol
from uuid import UUID

from fastapi import Depends, params
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import HTTPConnection, Request

from arogya.platform.audit import Action, Facts, record, record_denied
from arogya.platform.clock import Clock
from arogya.platform.database import Database
from arogya.platform.errors import Forbidden, NotFound, Problem, Unauthenticated
from arogya.platform.outbox import Event, emit

PUBLIC_RULE = "public"
Proof = Literal["fresh", "window"]
"""What an operation may ask for besides a permission. fresh: that the session's person proved themselves just now, by
password or second factor. window: that, or a window that one such proof opened on this very device."""


@dataclass(frozen=True, slots=True)
class Scope:
    """How far a permission reaches. facilities: None is every branch; own_only: only what is the actor's own."""

    facilities: frozenset[UUID] | None = None
    own_only: bool = False

    def widened(self, other: "Scope") -> "Scope":
        """The reach of two grants together. Own-only at every branch and all at one branch keep the staff's reach."""
        if self.own_only != other.own_only:
            return other if self.own_only else self
        if self.facilities is None or other.facilities is None:
            return Scope(None, self.own_only)
        return Scope(self.facilities | other.facilities, self.own_only)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks. A device (a waiting-room display) has no user; the system (a reaction, the command line) neither.

    is_held_back: has roles here, but may use them only after setting up what the hospital asks for at the door.
    """

    kind: Literal["user", "device", "system"]
    organization_id: UUID | None
    user_id: UUID | None = None
    session_id: UUID | None = None
    roles: tuple[str, ...] = ()
    grants: Mapping[str, Scope] = field(default_factory=dict)
    is_held_back: bool = False

    def scope(self, permission: StrEnum) -> Scope | None:
        return self.grants.get(permission.value)

    def may(self, permission: StrEnum, facility_id: UUID | None = None) -> bool:
        """facility_id None asks whether the permission is held anywhere."""
        scope = self.scope(permission)
        if scope is None:
            return False
        return facility_id is None or scope.facilities is None or facility_id in scope.facilities


@dataclass(frozen=True, slots=True)
class Claims:
    """What a credential says before the database is asked whether it still holds."""

    kind: Literal["user", "device"]
    subject_id: UUID
    session_id: UUID
    organization_id: UUID | None


class StepUpNeeded(Forbidden):
    code, title = "step_up_needed", "Show once more that it is you"


class Authenticator(Protocol):
    """Turns a credential into an actor. identity fills it; app.py hands it over."""

    def read(self, credential: str) -> Claims:
        """Check signature, type and time of an access token. Raises Unauthenticated."""

    async def actor(self, session: AsyncSession, claims: Claims) -> Actor:
        """The actor with today's permissions, within a second of any change. Raises Unauthenticated."""

    async def refuse_unproved(
        self, session: AsyncSession, claims: Claims, connection: HTTPConnection, asked: Proof
    ) -> None:
        """Raises StepUpNeeded unless this session, on this device, has proved who is there."""


@dataclass(slots=True)
class Context:
    """One request: the only thing passed down."""

    actor: Actor
    clock: Clock
    request_id: str
    route: str
    database: Database
    _session: AsyncSession | None = None
    idempotency_key: str | None = None
    body_hash: bytes = b""
    address: str = ""

    @property
    def session(self) -> AsyncSession:
        if self._session is None:
            raise RuntimeError(f"{self.route} declared transaction=False, so it has no session")
        return self._session

    @property
    def organization_id(self) -> UUID:
        if self.actor.organization_id is None:
            raise Forbidden("Choose a hospital first")
        return self.actor.organization_id

    @property
    def user_id(self) -> UUID | None:
        return self.actor.user_id

    def now(self) -> datetime:
        return self.clock.now()

    def add(self, *rows: object) -> None:
        self.session.add_all(rows)

    def emit(self, event: Event) -> None:
        """Write a fact into the outbox; the worker acts on it after the commit."""
        emit(self.session, event, organization_id=self.organization_id, at=self.now())

    def audit(
        self,
        action: Action,
        entity: str,
        *entity_ids: UUID,
        patient_id: UUID | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        """Record a read or a write in this transaction. details: field names and codes, never values of a chart."""
        record(self.session, self.audit_facts(), action, entity, entity_ids, patient_id=patient_id, details=details)

    def audit_facts(self) -> Facts:
        return Facts(
            organization_id=self.actor.organization_id,
            user_id=self.actor.user_id,
            actor_kind=self.actor.kind,
            roles=self.actor.roles,
            route=self.route,
            request_id=self.request_id,
            address=self.address,
            at=self.now(),
        )

    def may(self, permission: StrEnum, facility_id: UUID | None = None) -> bool:
        return self.actor.may(permission, facility_id)

    def require(self, permission: StrEnum, facility_id: UUID | None = None) -> None:
        """Refuse unless the permission is held, at this branch where one is named."""
        if not self.actor.may(permission, facility_id):
            raise Forbidden("Your roles at this branch don't include this" if facility_id else "")

    def require_everywhere(self, permission: StrEnum) -> None:
        """Refuse unless the permission is held at every branch: for what all of them share."""
        if self.facilities(permission) is not None:
            raise Forbidden("This is for who manages every branch")

    def own_only(self, permission: StrEnum) -> bool:
        """Whether the actor holds the permission for their own records only (a patient)."""
        scope = self.actor.scope(permission)
        return scope is None or scope.own_only

    def facilities(self, permission: StrEnum) -> frozenset[UUID] | None:
        """Branches where the permission is held; None is every branch."""
        scope = self.actor.scope(permission)
        return frozenset() if scope is None else scope.facilities


@dataclass(frozen=True, slots=True)
class AccessRule:
    """What a route asks for: one permission, or nothing (PUBLIC)."""

    permission: StrEnum | None
    transaction: bool
    step_up: Proof | None = None


def rule_of(call: Callable[..., Any] | None) -> AccessRule | None:
    return getattr(call, "__access_rule__", None)


class _Public:
    """Marks a route that anybody may call; such a route opens no transaction of its own."""

    __access_rule__ = AccessRule(None, transaction=False)

    def __call__(self) -> None:
        return None


PUBLIC: params.Depends = Depends(_Public())


def route_template(connection: HTTPConnection) -> str:
    """`GET /api/patients/{patient_id}`: names the operation, holds nobody's id."""
    route = connection.scope.get("route")
    path = getattr(route, "path_format", None) or getattr(route, "path", "") or "unmatched"
    return f"{connection.scope.get('method', 'WS')} {path}"


def bearer(connection: HTTPConnection) -> str:
    kind, _, credential = connection.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not credential:
        raise Unauthenticated
    return credential.strip()


async def context_of(connection: HTTPConnection, actor: Actor, session: AsyncSession | None) -> Context:
    state = connection.app.state
    context = Context(
        actor=actor,
        clock=state.clock,
        request_id=connection.scope["state"]["request_id"],
        route=route_template(connection),
        database=state.database,
        address=connection.scope["state"].get("address", ""),
        _session=session,
    )
    if session is not None:
        session.info["now"] = state.clock.now()
    if isinstance(connection, Request) and connection.method in {"POST", "PUT", "PATCH"}:
        keys = connection.headers.getlist("idempotency-key")
        if keys:
            context.idempotency_key = ", ".join(keys)  # two of them are none: no key holds a space
            # With the address: the same body sent to another record is another request.
            told = connection.scope["path"].encode() + b"\0" + await connection.body()
            context.body_hash = hashlib.sha256(told).digest()
    return context


def requires(permission: StrEnum, *, transaction: bool = True, step_up: Proof | None = None) -> Any:
    """The one permission that a route asks for, and, with step_up, a proof that it is still the same person.

    Opens the tenant's transaction, hands over the Context, and commits before the response is sent: with FastAPI's
    default scope a commit that fails would still show the client a 200. With transaction=False the Context has none.
    """

    @asynccontextmanager
    async def opened(request: Request) -> AsyncIterator[Context]:
        state = request.app.state
        claims = state.authenticator.read(bearer(request))
        denied: Problem | None = None
        async with state.database.transaction(claims.organization_id, claims.subject_id) as session:
            actor = await state.authenticator.actor(session, claims)
            context = await context_of(request, actor, session if transaction else None)
            request.scope["state"]["organization_id"] = actor.organization_id
            try:
                if not actor.may(permission):
                    raise Forbidden
                if step_up is not None:
                    await state.authenticator.refuse_unproved(session, claims, request, step_up)
                if transaction:
                    yield context
            except (Forbidden, NotFound) as refused:
                denied = refused
                await session.rollback()
        if denied is not None:
            # Only now is the refused transaction's connection back in the pool: with all taken, asking for a
            # second one while holding the first would wait for itself.
            await record_denial(state.database, context, denied)
            raise denied
        if not transaction:
            try:
                yield context
            except (Forbidden, NotFound) as refused:
                await record_denial(state.database, context, refused)
                raise

    async def open_context(request: Request) -> Context:
        # As FastAPI does it for a generator of scope="function", without the three layers that it lays around one.
        stack: AsyncExitStack = request.scope["fastapi_function_astack"]
        return await stack.enter_async_context(opened(request))

    open_context.__access_rule__ = AccessRule(permission, transaction, step_up)  # type: ignore[attr-defined]
    return Depends(open_context)


@asynccontextmanager
async def system_context(
    database: Database, clock: Clock, organization_id: UUID, *, route: str, request_id: str
) -> AsyncIterator[Context]:
    """A transaction of the system's own in one hospital: a reaction, a job. Commits on the way out."""
    async with database.transaction(organization_id) as session:
        session.info["now"] = clock.now()
        yield Context(
            actor=Actor(kind="system", organization_id=organization_id),
            clock=clock,
            request_id=request_id,
            route=route,
            database=database,
            _session=session,
        )


async def record_denial(database: Database, context: Context, refused: Problem) -> None:
    facts = context.audit_facts()
    async with database.transaction(facts.organization_id, facts.user_id) as session:
        record_denied(session, facts, refused.code, refused.audit_entity, refused.audit_ids)
