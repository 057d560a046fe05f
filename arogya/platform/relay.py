"""Delivers the outbox: word to every open screen in commit order, then each event's reactions, once each.

Two steps, so that a slow or failing reaction delays nobody's screen:
- stamp: number what has been committed and NOTIFY it, in one transaction under one lock, so that `seq`, its becoming
  visible and its being heard all have the same order, and a socket that resumes by `seq` can miss nothing;
- react: claim a batch with SKIP LOCKED and run its reactions, each in its own transaction with its effect row. A relay
  that is killed lets go of the batch, another takes it up, and the effect rows keep anything from being done twice.
"""

import asyncio
import contextlib
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Row, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import URL

from arogya.platform.access import system_context
from arogya.platform.clock import Clock, new_id
from arogya.platform.database import Database
from arogya.platform.outage import LOST, Outage, end_if_asked
from arogya.platform.outbox import Reaction, ReactionEffect, reactions_to, revive
from arogya.platform.signals import LIVE_CHANNEL, OUTBOX_CHANNEL, listen
from arogya.platform.telemetry import PARKED, RELAYED

STAMP_BATCH = 500
REACT_BATCH = 25
POLL_S = 0.25
MAX_ATTEMPTS = 6
KEPT_FOR = timedelta(hours=24)

log = structlog.get_logger(__name__)

_STAMP_LOCK = text("SELECT pg_advisory_xact_lock(7311001)")
_STAMP = text("""
    UPDATE outbox_events o SET seq = n.seq
    FROM (
        SELECT organization_id, id, nextval('outbox_seq') AS seq
        FROM (SELECT organization_id, id FROM outbox_events WHERE seq IS NULL ORDER BY created_at, id LIMIT :batch) w
    ) n
    WHERE o.organization_id = n.organization_id AND o.id = n.id
    RETURNING o.organization_id, o.seq, o.name, o.topic, o.payload
""")
_NOTIFY = text("SELECT pg_notify(:channel, p) FROM unnest(CAST(:payloads AS text[])) AS p")
_CLAIM = text("""
    SELECT organization_id, id, seq, name, payload, attempts FROM outbox_events
    WHERE seq IS NOT NULL AND done_at IS NULL AND parked_at IS NULL AND (retry_at IS NULL OR retry_at <= :now)
    ORDER BY seq LIMIT :batch FOR UPDATE SKIP LOCKED
""")
_DONE = text("UPDATE outbox_events SET done_at = :now WHERE organization_id = :o AND id = :id")
_RETRY = text("""
    UPDATE outbox_events SET attempts = :attempts, retry_at = :retry_at, parked_at = :parked_at, last_error = :error
    WHERE organization_id = :o AND id = :id
""")
_PURGE = text("DELETE FROM outbox_events WHERE done_at < :before")
_PURGE_EFFECTS = text("DELETE FROM reaction_effects WHERE at < :before")


class Relay:
    """One worker's part in the delivery. relay: connects as the relay role; database: as the application."""

    def __init__(
        self, relay: Database, database: Database, listen_url: URL, clock: Clock, outage: Outage | None = None
    ) -> None:
        self._relay = relay
        self._database = database
        self._listen_url = listen_url
        self._clock = clock
        self._outage = outage or Outage()
        self._committed = asyncio.Event()
        self._stamped = asyncio.Event()

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._listen())
            tasks.create_task(self._loop(self._committed, self.stamp))
            tasks.create_task(self._loop(self._stamped, self.react))

    async def _listen(self) -> None:
        await listen(self._listen_url, [OUTBOX_CHANNEL], lambda _: self._committed.set(), outage=self._outage)

    async def _loop(self, woken: asyncio.Event, step: Callable[[], Any]) -> None:
        while True:
            woken.clear()
            try:
                busy = await step()
                self._outage.over(step.__name__)
            except LOST as error:
                await self._outage.wait(step.__name__, error)
                continue
            if not busy:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(POLL_S):
                        await woken.wait()

    async def stamp(self) -> bool:
        """Number and announce what has been committed. True where there may be more."""
        async with self._relay.transaction() as session:
            await session.execute(_STAMP_LOCK)
            rows = sorted((await session.execute(_STAMP, {"batch": STAMP_BATCH})).all(), key=lambda row: row.seq)
            heard = [_message(row) for row in rows if row.topic]
            if heard:
                await session.execute(_NOTIFY, {"channel": LIVE_CHANNEL, "payloads": heard})
        if rows:
            self._stamped.set()
        return len(rows) == STAMP_BATCH

    async def react(self) -> bool:
        """Run the reactions of one batch. True where there may be more."""
        now = self._clock.now()
        async with self._relay.transaction() as session:
            batch = (await session.execute(_CLAIM, {"now": now, "batch": REACT_BATCH})).all()
            for row in batch:
                failed = await self._react_to(row)
                if failed is None:
                    await session.execute(_DONE, {"now": now, "o": row.organization_id, "id": row.id})
                    RELAYED.labels(row.name).inc()
                else:
                    await session.execute(_RETRY, _retry(row, failed, now))
        return len(batch) == REACT_BATCH

    async def _react_to(self, row: Row[Any]) -> Exception | None:
        """Run what has not run yet. One reaction's failure keeps none of the others from running."""
        failed: Exception | None = None
        for name, reaction in reactions_to(row.name):
            try:
                await self._once(row, name, reaction)
            except Exception as error:
                end_if_asked()
                log.error("reaction_failed", reaction=name, event_name=row.name, exc_info=error)
                failed = error
        return failed

    async def _once(self, row: Row[Any], name: str, reaction: Reaction) -> None:
        now = self._clock.now()
        opened = system_context(
            self._database, self._clock, row.organization_id, route=name, request_id=str(row.id)
        )  # fmt: skip
        async with opened as ctx:
            fresh = insert(ReactionEffect).values(
                organization_id=row.organization_id, id=new_id(), event_id=row.id, reaction=name, at=now
            )
            if await ctx.session.scalar(fresh.on_conflict_do_nothing().returning(ReactionEffect.id)) is not None:
                await reaction(ctx, revive(row.name, row.payload))

    async def purge(self) -> None:
        """Forget what was delivered a day ago."""
        async with self._relay.transaction() as session:
            await session.execute(_PURGE, {"before": self._clock.now() - KEPT_FOR})
            await session.execute(_PURGE_EFFECTS, {"before": self._clock.now() - 2 * KEPT_FOR})


def _message(row: Row[Any]) -> str:
    return json.dumps(
        {"o": str(row.organization_id), "seq": row.seq, "event": row.name, "topic": row.topic, "ids": row.payload},
        separators=(",", ":"),
    )


def _retry(row: Row[Any], failed: Exception, now: datetime) -> dict[str, Any]:
    attempts = row.attempts + 1
    gives_up = attempts >= MAX_ATTEMPTS
    if gives_up:
        PARKED.labels(row.name).inc()
        log.error("event_parked", event_name=row.name, event_id=str(row.id))
    return {
        "attempts": attempts,
        "retry_at": now + timedelta(seconds=0.5 * 4**attempts),
        "parked_at": now if gives_up else None,
        "error": type(failed).__name__,
        "o": row.organization_id,
        "id": row.id,
    }
