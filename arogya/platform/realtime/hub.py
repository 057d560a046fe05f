"""Who listens in this process, and what each is told."""

import asyncio
import contextlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

import structlog
from fastapi import WebSocket, WebSocketDisconnect
from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from arogya.platform.access import Actor, Context
from arogya.platform.outage import end_if_asked
from arogya.platform.outbox import OutboxEvent
from arogya.platform.telemetry import SOCKETS

PING_S = 20.0
SILENCE_S = 50.0
SEND_S = 10.0
QUEUE_LENGTH = 256
REPLAY_MOST = 500
RECHECK_S = 0.5

log = structlog.get_logger(__name__)


class Audience(Protocol):
    """Decides who hears what; app.py fills it from policy.py."""

    async def prepare(self, ctx: Context) -> object:
        """What `hears` needs to know of the actor beyond the grants. Called when the socket opens."""

    async def prepared_now(self, organization_id: UUID, actors: Sequence[Actor]) -> list[object]:
        """What `prepare` would say now, of many at once: a socket that was told otherwise opens anew."""

    def hears(self, actor: Actor, prepared: object, topic: str, ids: dict[str, Any]) -> dict[str, Any] | None:
        """Those of the ids that this actor may be told, as they are, or None."""


class SessionCheck(Protocol):
    async def standing(self, organization_id: UUID, actors: Sequence[Actor]) -> list[bool]:
        """For each, whether the session is still good in this organization and grants what it did."""


@dataclass(eq=False)
class Listener:
    """One open socket."""

    actor: Actor
    prepared: object
    queue: asyncio.Queue[tuple[int | None, str]] = field(default_factory=lambda: asyncio.Queue(QUEUE_LENGTH))
    """What waits to be sent, an event with its `seq`."""
    told_to: int = 0
    """The newest `seq` that `hello` named: what was heard of those meanwhile is told by the replay."""
    overrun: bool = False
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    def offer(self, message: str, seq: int | None = None) -> None:
        """Queue it; one who reads too slowly gets a `resync` in place of all that waits."""
        if self.overrun:
            return
        try:
            self.queue.put_nowait((seq, message))
        except asyncio.QueueFull:
            while not self.queue.empty():
                self.queue.get_nowait()
            self.overrun = True
            self.queue.put_nowait((None, RESYNC))


RESYNC = json.dumps({"type": "resync"})
PING = json.dumps({"type": "ping"})


class Hub:
    """All sockets of this process."""

    def __init__(self, audience: Audience, sessions: SessionCheck) -> None:
        self._audience = audience
        self._sessions = sessions
        self._listeners: dict[UUID, set[Listener]] = {}

    def heard(self, payload: str) -> None:
        """Pass one NOTIFY on to those who may hear it."""
        message = json.loads(payload)
        seq, event, topic, ids = message["seq"], message["event"], message["topic"], message["ids"]
        written: dict[tuple[str, ...], str] = {}  # by the names of what is told: hundreds hear the same
        for listener in self._listeners.get(UUID(message["o"]), ()):
            told = self._audience.hears(listener.actor, listener.prepared, topic, ids)
            if told is None:
                continue
            names = tuple(told)
            if names not in written:
                written[names] = _event(seq, event, topic, told)
            listener.offer(written[names], seq)

    async def prepare(self, ctx: Context) -> object:
        return await self._audience.prepare(ctx)

    async def resync_all(self) -> None:
        """After the line to the database was cut: nobody knows what was said meanwhile."""
        for listeners in self._listeners.values():
            for listener in listeners:
                listener.offer(RESYNC)

    async def recheck_for_ever(self) -> None:
        while True:
            await asyncio.sleep(RECHECK_S)
            try:
                await self.recheck()
            except Exception as error:
                end_if_asked()
                log.warning("recheck_failed", error=type(error).__name__)

    async def recheck(self) -> None:
        """Close the sockets whose session ended or may not do any more what it did; a changed one opens anew."""
        for organization_id, listeners in list(self._listeners.items()):
            here = list(listeners)
            if not here:
                continue
            standing = await self._sessions.standing(organization_id, [one.actor for one in here])
            prepared = await self._audience.prepared_now(organization_id, [one.actor for one in here])
            for one, stands, now in zip(here, standing, prepared, strict=True):
                if not stands or now != one.prepared:
                    one.ended.set()

    @contextlib.contextmanager
    def joined(self, listener: Listener) -> Any:
        organization_id = listener.actor.organization_id
        assert organization_id is not None
        self._listeners.setdefault(organization_id, set()).add(listener)
        SOCKETS.inc()
        try:
            yield
        finally:
            SOCKETS.dec()
            self._listeners[organization_id].discard(listener)

    async def serve(self, socket: WebSocket, ctx: Context, prepared: object, since: int | None) -> None:
        """Speak to one socket until it goes, its session ends, or it falls silent."""
        listener = Listener(ctx.actor, prepared)
        with self.joined(
            listener
        ):  # joined before the replay is read: what comes meanwhile is heard twice, and told once
            try:
                await self._replay(socket, ctx, listener, since)
            except (TimeoutError, WebSocketDisconnect, RuntimeError):
                return  # gone, or it does not read
            async with asyncio.TaskGroup() as tasks:
                sender = tasks.create_task(_send_all(socket, listener))
                reader = tasks.create_task(_read_pongs(socket))
                ended = tasks.create_task(listener.ended.wait())
                await asyncio.wait({sender, reader, ended}, return_when=asyncio.FIRST_COMPLETED)
                for task in (sender, reader, ended):
                    task.cancel()
            if listener.ended.is_set():
                with contextlib.suppress(RuntimeError, WebSocketDisconnect):
                    await socket.close(4401)

    async def _replay(self, socket: WebSocket, ctx: Context, listener: Listener, since: int | None) -> None:
        async with ctx.database.transaction(ctx.actor.organization_id, ctx.user_id) as session:
            newest = await newest_seq(session)
            oldest = await session.scalar(select(func.min(OutboxEvent.seq))) or 0
            missed: Sequence[Row[Any]] = ()
            if since is not None and since < newest:
                missed = (
                    await session.execute(
                        select(OutboxEvent.seq, OutboxEvent.name, OutboxEvent.topic, OutboxEvent.payload)
                        .where(OutboxEvent.seq > since, OutboxEvent.seq <= newest, OutboxEvent.topic != "")
                        .order_by(OutboxEvent.seq)
                        .limit(REPLAY_MOST + 1)
                    )
                ).all()
        listener.told_to = newest
        await _send(socket, json.dumps({"type": "hello", "seq": newest}))
        if since is None:
            return
        if since > newest or since < oldest - 1 or len(missed) > REPLAY_MOST:
            listener.offer(RESYNC)
            return
        for row in missed:
            told = self._audience.hears(listener.actor, listener.prepared, row.topic, row.payload)
            if told is not None:
                await _send(socket, _event(row.seq, row.name, row.topic, told))


def _event(seq: int, name: str, topic: str, ids: dict[str, Any]) -> str:
    return json.dumps({"type": "event", "seq": seq, "event": name, "topic": topic, "ids": ids})


async def _send(socket: WebSocket, message: str) -> None:
    """Raises TimeoutError where the other side does not read."""
    async with asyncio.timeout(SEND_S):
        await socket.send_text(message)


async def _send_all(socket: WebSocket, listener: Listener) -> None:
    with contextlib.suppress(WebSocketDisconnect, RuntimeError, OSError), _pinged(listener):
        while True:
            seq, message = await listener.queue.get()
            if seq is not None and seq <= listener.told_to:
                continue
            await _send(socket, message)
            if message == RESYNC:
                listener.overrun = False


@contextlib.contextmanager
def _pinged(listener: Listener) -> Iterator[None]:
    """However much there is to tell: who only listens is heard of by their answers to it."""
    loop = asyncio.get_running_loop()
    due: asyncio.TimerHandle

    def ping() -> None:
        nonlocal due
        listener.offer(PING)
        due = loop.call_later(PING_S, ping)

    due = loop.call_later(PING_S, ping)
    try:
        yield
    finally:
        due.cancel()


async def _read_pongs(socket: WebSocket) -> None:
    with contextlib.suppress(WebSocketDisconnect, RuntimeError, TimeoutError):
        while True:
            async with asyncio.timeout(SILENCE_S):
                await socket.receive_text()


async def newest_seq(session: AsyncSession) -> int:
    """The number of the organization's newest event; 0 before the first."""
    return await session.scalar(select(func.max(OutboxEvent.seq))) or 0
