"""Facts that others react to: written with the change that made them, delivered after the commit.

`emit` only inserts a row. NOTIFY inside the transaction would serialise every commit of the server, so the process
sends one after it, and the relay (arogya.platform.relay) polls in case that one was lost.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, ClassVar, TypeVar, cast
from uuid import UUID

from sqlalchemy import BigInteger, Index, Table, event, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, Session, mapped_column

from arogya.platform.base import TenantOwned
from arogya.platform.clock import new_id
from arogya.platform.writing import write_last


@dataclass(frozen=True)
class Event:
    """Something that happened, past tense, ids only. `topic` says which sockets hear of it; '' is none."""

    topic: ClassVar[str] = ""


class OutboxEvent(TenantOwned):
    """One fact. `seq` is stamped by the relay in commit order; ids have none."""

    __tablename__ = "outbox_events"
    __table_args__ = (
        Index("ix_outbox_events_waiting", "created_at", postgresql_where=text("done_at IS NULL AND parked_at IS NULL")),
        Index("uq_outbox_events_seq", "seq", unique=True, postgresql_where=text("seq IS NOT NULL")),
        Index("ix_outbox_events_tenant_seq", "organization_id", "seq"),
    )

    name: Mapped[str]
    topic: Mapped[str]
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[datetime]
    seq: Mapped[int | None] = mapped_column(BigInteger)
    attempts: Mapped[int] = mapped_column(default=0)
    retry_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    parked_at: Mapped[datetime | None]
    last_error: Mapped[str | None]


_OUTBOX = cast(Table, OutboxEvent.__table__)


class ReactionEffect(TenantOwned):
    """That one reaction to one event has taken effect: unique, so that a second delivery does nothing."""

    __tablename__ = "reaction_effects"
    __table_args__ = (Index("uq_reaction_effects", "organization_id", "event_id", "reaction", unique=True),)

    event_id: Mapped[UUID]
    reaction: Mapped[str]
    at: Mapped[datetime]


E_ = TypeVar("E_", bound=Event)
Reaction = Callable[[Any, Any], Awaitable[None]]

_kinds: dict[str, type[Event]] = {}
_reactions: dict[str, list[tuple[str, Reaction]]] = {}


def fact(kind: type[E_]) -> type[E_]:
    """Register a kind of event under its class name, which is what the outbox and the sockets call it."""
    if kind.__name__ in _kinds and _kinds[kind.__name__].__module__ != kind.__module__:
        raise RuntimeError(f"two modules name an event {kind.__name__}")
    _kinds[kind.__name__] = kind
    return kind


def on(kind: type[E_]) -> Callable[[Callable[[Any, E_], Awaitable[None]]], Callable[[Any, E_], Awaitable[None]]]:
    """Let a handler `(ctx, event)` run once for each such event, in a transaction of its own, in the event's tenant."""

    def register(handler: Callable[[Any, E_], Awaitable[None]]) -> Callable[[Any, E_], Awaitable[None]]:
        name = f"{handler.__module__}.{handler.__qualname__}"
        _reactions.setdefault(kind.__name__, []).append((name, handler))
        return handler

    return register


def reactions_to(name: str) -> list[tuple[str, Reaction]]:
    return _reactions.get(name, [])


def revive(name: str, payload: dict[str, Any]) -> Event:
    """The event that a row holds; ids come back as UUIDs."""
    kind = _kinds[name]
    known = {f.name: f.type for f in fields(kind)}
    values = {k: UUID(v) if v is not None and "UUID" in str(known[k]) else v for k, v in payload.items() if k in known}
    return kind(**values)


def emit(session: AsyncSession, happened: Event, *, organization_id: UUID, at: datetime) -> None:
    """Insert the event into this transaction."""
    name = type(happened).__name__
    if name not in _kinds:
        raise RuntimeError(f"{name} lacks @fact")
    payload = {f.name: _plain(getattr(happened, f.name)) for f in fields(happened)}
    write_last(
        session,
        _OUTBOX,
        {
            "organization_id": organization_id, "id": new_id(), "name": name, "topic": happened.topic,
            "payload": payload, "created_at": at, "attempts": 0,
        },
    )  # fmt: skip
    session.info["emitted"] = True


def _plain(value: object) -> object:
    return str(value) if isinstance(value, UUID) else value


_after_commit: list[Callable[[], None]] = []


def call_after_commit(wake: Callable[[], None]) -> None:
    """Call `wake` in this process after each commit that wrote an event."""
    _after_commit.append(wake)


@event.listens_for(Session, "after_commit")
def _wake(session: Session) -> None:
    if session.info.pop("emitted", False):
        for wake in _after_commit:
            wake()
