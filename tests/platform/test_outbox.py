"""The outbox loses nothing and does nothing twice, however often its worker dies."""

import asyncio
import os
import random
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from asyncpg import Connection
from sqlalchemy import text

from arogya.platform import outbox
from arogya.platform.clock import FixedClock, new_id
from arogya.platform.database import Database
from arogya.platform.relay import MAX_ATTEMPTS, Relay
from arogya.platform.settings import Settings
from tests.chaos.scale import LONG, report
from tests.platform.counting_worker import Counted
from tests.world import World

ROOT = Path(__file__).resolve().parents[2]
EVENTS, KILLS = (10_000, 25) if LONG else (1000, 5)
WRITERS = 10


@pytest.fixture
async def effects(owner: Connection) -> Connection:
    await owner.execute("CREATE TABLE effects (event_id uuid)")
    await owner.execute("GRANT SELECT, INSERT ON effects TO arogya_app")
    return owner


async def write_events(database: Database, world: World, clock: FixedClock, count: int) -> set[UUID]:
    written: set[UUID] = set()
    for start in range(0, count, 50):
        async with database.transaction(world.a.organization_id) as session:
            for _ in range(start, min(start + 50, count)):
                number_id = new_id()
                written.add(number_id)
                outbox.emit(session, Counted(number_id), organization_id=world.a.organization_id, at=clock.now())
    return written


class Worker:
    def __init__(self, config: Settings, reaction_s: float) -> None:
        environment = os.environ | {
            "DATABASE_URL": str(config.database_url),
            "AROGYA_SECRET_KEY": config.keys.hex,
            "REACTION_S": str(reaction_s),
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.platform.counting_worker"], cwd=ROOT, env=environment
        )

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


async def _until(condition: Callable[[], Awaitable[bool]], seconds: float) -> bool:
    async with asyncio.timeout(seconds):
        while not await condition():
            await asyncio.sleep(0.05)
    return True


async def run_with_kills(
    config: Settings, effects: Connection, kills: int, expected: int, reaction_s: float = 0.001
) -> None:
    """Let a worker deliver, killing it `kills` times while it is at work."""
    for nth in range(kills):
        worker = Worker(config, reaction_s)
        goal = expected * (nth + 1) // (kills + 2)
        try:

            async def far_enough(goal: int = goal) -> bool:
                return await effects.fetchval("SELECT count(*) FROM effects") >= goal

            await _until(far_enough, 120)
        finally:
            worker.kill()
    worker = Worker(config, reaction_s)

    async def all_done() -> bool:
        return await effects.fetchval("SELECT count(*) FROM outbox_events WHERE done_at IS NULL") == 0

    try:
        await _until(all_done, 180)
    finally:
        worker.kill()


async def test_killed_workers_lose_nothing_and_do_nothing_twice(
    config: Settings, world: World, database: Database, clock: FixedClock, effects: Connection
) -> None:
    written = await write_events(database, world, clock, EVENTS)
    await run_with_kills(config, effects, kills=KILLS, expected=EVENTS)
    done = [row["event_id"] for row in await effects.fetch("SELECT event_id FROM effects")]
    assert set(done) == written
    assert len(done) == EVENTS
    report("outbox", events=EVENTS, kills=KILLS)


async def test_control_without_effect_rows_a_killed_worker_does_things_twice(
    config: Settings, world: World, database: Database, clock: FixedClock, effects: Connection
) -> None:
    """The control: with the unique effect row gone, the same run must show doubles, else it proves nothing."""
    await effects.execute("DROP INDEX uq_reaction_effects")
    await write_events(database, world, clock, 200)
    await run_with_kills(config, effects, kills=5, expected=200, reaction_s=0.005)
    done = await effects.fetchval("SELECT count(*) FROM effects")
    assert done > 200
    report("outbox", twice_by_the_control=done - 200)


async def test_seq_has_no_gap_in_what_a_reader_sees(
    world: World, database: Database, clock: FixedClock, relay: Relay, owner: Connection
) -> None:
    """A transaction that began first and commits last gets the higher seq: a cursor over seq can't skip it."""
    async with database.transaction(world.a.organization_id) as slow:
        first = new_id()
        outbox.emit(slow, Counted(first), organization_id=world.a.organization_id, at=clock.now())
        await slow.flush()
        await write_events(database, world, clock, 3)
        await relay.stamp()
        seen = await owner.fetchval("SELECT max(seq) FROM outbox_events")
    await relay.stamp()
    late = await owner.fetchval("SELECT seq FROM outbox_events WHERE payload->>'number_id' = $1", str(first))
    assert late > seen


@dataclass
class Reader:
    """Goes on after the last that it has read, as a client does that resumes."""

    column: str
    last: Any
    read: list[UUID] = field(default_factory=list)

    async def go_on(self, connection: Connection) -> None:
        found = await connection.fetch(
            f"SELECT id, {self.column} AS at FROM outbox_events WHERE {self.column} > $1 ORDER BY at", self.last
        )
        if found:
            self.last = found[-1]["at"]
            self.read += [row["id"] for row in found]


async def lost_by(
    reader: Reader, database: Database, world: World, clock: FixedClock, relay: Relay, owner: Connection
) -> int:
    """How many events it misses while many write at once, each of whom commits when their work is done."""
    chance, at_work = random.Random(20261126), True

    async def write() -> None:
        for _ in range(EVENTS // 10 // WRITERS):
            async with database.transaction(world.a.organization_id) as session:
                outbox.emit(session, Counted(new_id()), organization_id=world.a.organization_id, at=clock.now())
                await session.flush()
                await asyncio.sleep(chance.random() / 50)

    async def over_and_over(step: Callable[[], Awaitable[Any]]) -> None:
        while at_work:
            await step()

    steps = [relay.stamp, relay.stamp, lambda: reader.go_on(owner)]  # two workers, as while one takes another's place
    meanwhile = [asyncio.create_task(over_and_over(step)) for step in steps]
    await asyncio.gather(*(write() for _ in range(WRITERS)))
    at_work = False
    await asyncio.gather(*meanwhile)
    await relay.stamp()
    await reader.go_on(owner)
    written = await owner.fetchval("SELECT count(*) FROM outbox_events")
    assert written == EVENTS // 10
    assert len(set(reader.read)) == len(reader.read), "told once"
    return int(written) - len(reader.read)


async def test_who_reads_by_seq_misses_nothing_while_many_write(
    world: World, database: Database, clock: FixedClock, relay: Relay, owner: Connection
) -> None:
    assert await lost_by(Reader("seq", 0), database, world, clock, relay, owner) == 0


async def test_control_who_reads_by_id_misses_what_is_committed_late(
    world: World, database: Database, clock: FixedClock, relay: Relay, owner: Connection
) -> None:
    """The control: ids are made when a transaction works, not when it commits."""
    lost = await lost_by(Reader("id", UUID(int=0)), database, world, clock, relay, owner)
    assert lost > 0
    report("outbox", lost_by_the_control=lost, read_by_the_control=EVENTS // 10)


async def test_rolled_back_change_emits_nothing(
    world: World, database: Database, clock: FixedClock, owner: Connection
) -> None:
    async def fail_after_emitting() -> None:
        async with database.transaction(world.a.organization_id) as session:
            outbox.emit(session, Counted(new_id()), organization_id=world.a.organization_id, at=clock.now())
            await session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail_after_emitting()
    assert await owner.fetchval("SELECT count(*) FROM outbox_events") == 0


async def test_failing_reaction_is_retried_then_parked_and_holds_nobody_up(
    world: World, database: Database, clock: FixedClock, relay: Relay, effects: Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    bad = (await write_events(database, world, clock, 1)).pop()

    async def sometimes(ctx: Any, happened: Counted) -> None:
        if happened.number_id == bad:
            raise RuntimeError("broken")
        await ctx.session.execute(text("INSERT INTO effects (event_id) VALUES (:id)"), {"id": happened.number_id})

    monkeypatch.setitem(outbox._reactions, "Counted", [("sometimes", sometimes)])
    await write_events(database, world, clock, 2)
    await relay.stamp()
    for _ in range(MAX_ATTEMPTS + 1):
        await relay.react()
        clock.at = clock.at.replace(year=clock.at.year + 1)
    rows = await effects.fetch("SELECT payload->>'number_id' AS id, attempts, parked_at, done_at FROM outbox_events")
    parked = [row for row in rows if row["parked_at"]]
    assert [row["id"] for row in parked] == [str(bad)]
    assert parked[0]["attempts"] == MAX_ATTEMPTS
    assert await effects.fetchval("SELECT count(*) FROM effects") == 2


async def test_event_reacts_in_its_own_tenant(
    world: World, database: Database, clock: FixedClock, relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[UUID, int]] = []

    async def look(ctx: Any, happened: Counted) -> None:
        seen.append((ctx.organization_id, await ctx.session.scalar(text("SELECT count(*) FROM patients"))))

    monkeypatch.setitem(outbox._reactions, "Counted", [("look", look)])
    async with database.transaction(world.b.organization_id) as session:
        outbox.emit(session, Counted(new_id()), organization_id=world.b.organization_id, at=clock.now())
    await relay.stamp()
    await relay.react()
    assert seen == [(world.b.organization_id, 2)]
