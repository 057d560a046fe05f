"""Jobs run after the commit, once where all goes well, and again where their worker died or the world was away."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from asyncpg import Connection
from sqlalchemy import text

from arogya.platform import jobs
from arogya.platform.clock import FixedClock, new_id
from arogya.platform.database import Database
from arogya.platform.settings import RELAY_ROLE, Settings
from arogya.platform.signals import dsn
from tests.platform.noting_worker import note_it
from tests.world import World

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
async def notes(owner: Connection) -> Connection:
    await owner.execute("CREATE TABLE notes (id uuid, was_tried boolean DEFAULT false, was_last boolean)")
    await owner.execute("GRANT SELECT, INSERT, UPDATE ON notes TO arogya_app")
    return owner


async def until_no_job_is_left(notes: Connection, seconds: float = 60) -> None:
    async with asyncio.timeout(seconds):
        while await notes.fetchval("SELECT count(*) FROM procrastinate_jobs"):
            await asyncio.sleep(0.05)


async def test_job_of_a_rolled_back_transaction_never_runs(database: Database, world: World, notes: Connection) -> None:
    async with database.transaction(world.a.organization_id) as session:
        await jobs.defer(session, note_it, note_id=new_id())
        await session.rollback()
    assert await notes.fetchval("SELECT count(*) FROM procrastinate_jobs") == 0


async def test_real_worker_runs_what_was_deferred_and_tries_again_what_failed(
    config: Settings, database: Database, world: World, work: jobs.Work, notes: Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(jobs, "MAX_ATTEMPTS", 1)
    async with database.transaction(world.a.organization_id) as session:
        await jobs.defer(session, note_it, note_id=new_id())
        await jobs.defer(session, note_it, note_id=new_id(), fails_first=True)
    running = asyncio.create_task(jobs.run_for_ever(dsn(config.role_url(RELAY_ROLE)), work))
    await until_no_job_is_left(notes)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    rows = await notes.fetch("SELECT id, count(*) AS notes FROM notes GROUP BY id ORDER BY notes")
    assert [row["notes"] for row in rows] == [1, 2], "one ran once, the other was tried and then done"
    last = await notes.fetch("SELECT was_last, count(*) AS notes FROM notes GROUP BY was_last ORDER BY was_last")
    assert [tuple(row) for row in last] == [(False, 2), (True, 1)], "a second try is the last of so few"


async def test_job_of_a_killed_worker_is_taken_up_by_the_next(
    config: Settings, database: Database, world: World, notes: Connection
) -> None:
    async with database.transaction(world.a.organization_id) as session:
        await jobs.defer(session, note_it, note_id=new_id(), lasts_s=60)
    with _worker(config) as first:
        async with asyncio.timeout(30):
            while await notes.fetchval("SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing'") == 0:
                await asyncio.sleep(0.05)
        first.send_signal(signal.SIGKILL)
    await notes.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'")
    await notes.execute("UPDATE procrastinate_jobs SET args = args - 'lasts_s'")
    with _worker(config) as second:
        await until_no_job_is_left(notes)
        second.terminate()
    assert await notes.fetchval("SELECT count(*) FROM notes") == 1


def _worker(config: Settings, *program: str, **environment: str) -> "subprocess.Popen[bytes]":
    env = os.environ | {"DATABASE_URL": str(config.database_url), "AROGYA_SECRET_KEY": config.keys.hex} | environment
    return subprocess.Popen([sys.executable, *(program or ("-m", "tests.platform.noting_worker"))], cwd=ROOT, env=env)


async def test_stopping_worker_finishes_the_job_that_it_has_begun(
    config: Settings, database: Database, world: World, notes: Connection, tmp_path: Path
) -> None:
    async with database.transaction(world.a.organization_id) as session:
        await jobs.defer(session, note_it, note_id=new_id(), lasts_s=2)
    whole = (
        "import asyncio; from arogya import worker; from tests.platform import noting_worker; asyncio.run(worker.run())"
    )
    with _worker(config, "-c", whole, AROGYA_DATA_DIR=str(tmp_path)) as stopping:
        try:
            async with asyncio.timeout(30):
                while not await notes.fetchval(
                    "SELECT bool_or(status = 'doing' AND task_name = 'test.note_it') FROM procrastinate_jobs"
                ):
                    await asyncio.sleep(0.05)
            stopping.terminate()
            assert await asyncio.to_thread(stopping.wait, 30) == 0
        finally:
            stopping.kill()
    assert await notes.fetchval("SELECT count(*) FROM notes") == 1


async def test_nothing_runs_before_its_time(
    database: Database, world: World, clock: FixedClock, notes: Connection, jobs_once: Callable[[], Awaitable[int]]
) -> None:
    async with database.transaction(world.a.organization_id) as session:
        await jobs.defer(session, note_it, at=clock.now() + timedelta(hours=20), note_id=new_id())
    assert await jobs_once() == 0
    clock.advance(timedelta(hours=20))
    assert await jobs_once() == 1


async def test_arguments_hold_no_words(owner: Connection, database: Database, world: World) -> None:
    """Ids and codes only: the table knows no tenant."""
    async with database.transaction(world.a.organization_id) as session:
        with pytest.raises(TypeError, match="neither an id nor a code"):
            await jobs.defer(session, note_it, note_id="Kavita Rane")
        assert await session.scalar(text("SELECT 1")) == 1
