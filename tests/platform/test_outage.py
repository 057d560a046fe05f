"""A database that goes away is said once, asked for ever more seldom, and said once when it is back."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path

import pytest
import structlog
from asyncpg import Connection
from psycopg_pool import PoolTimeout
from sqlalchemy.engine import make_url

from arogya.platform import jobs
from arogya.platform import outage as outages
from arogya.platform.database import Database
from arogya.platform.outage import Outage
from arogya.platform.relay import Relay
from arogya.platform.settings import RELAY_ROLE, Settings
from arogya.platform.signals import dsn

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def waited(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(outages, "sleep", sleep)
    return slept


async def test_each_part_waits_twice_as_long_each_time_and_no_longer_than_five_seconds(waited: list[float]) -> None:
    outage = Outage()
    for _ in range(7):
        await outage.wait("stamp", OSError())
    assert waited == [0.25, 0.5, 1, 2, 4, 5, 5]
    await outage.wait("react", OSError())
    assert waited[-1] == 0.25
    outage.over("stamp")
    await outage.wait("stamp", OSError())
    assert waited[-1] == 0.25, "what worked again begins anew"


async def test_two_lines_whatever_the_parts_and_however_often(
    waited: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    outage = Outage()
    with structlog.testing.capture_logs() as told:
        monkeypatch.setattr(outages, "log", structlog.get_logger())
        for _ in range(20):
            for part in ("stamp", "react", "jobs"):
                await outage.wait(part, ConnectionRefusedError())
        for part in ("stamp", "stamp", "react"):
            outage.over(part)
        await outage.wait("react", ConnectionRefusedError())
        for part in ("react", "jobs", "jobs"):
            outage.over(part)
    assert [(one["event"], one.get("error")) for one in told] == [
        ("database_lost", "ConnectionRefusedError"), ("database_back", None),
    ]  # fmt: skip


class Wire:
    """What lies between a worker and its database, to be cut."""

    def __init__(self, socket: str) -> None:
        self._socket = socket
        self._open: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self.port = 0

    async def join(self) -> None:
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    def url(self, config: Settings) -> str:
        """Of the database, by way of here."""
        here = make_url(config.database_url or "").set(host="127.0.0.1", port=self.port, query={})
        return here.render_as_string(hide_password=False)

    def cut(self) -> None:
        assert self._server is not None
        self._server.close()
        for writer in self._open:
            writer.transport.abort()
        self._open.clear()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there = await asyncio.open_unix_connection(self._socket)
        self._open |= {writer, there}
        if self._server is None or not self._server.is_serving():  # cut while this one was being made
            self.cut()
        await asyncio.gather(_pass(reader, there), _pass(there_reader, writer))


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while said := await reader.read(65536):
            writer.write(said)
            await writer.drain()
    writer.close()


@pytest.fixture
async def wire(config: Settings) -> AsyncIterator[Wire]:
    url = make_url(config.database_url or "")
    wire = Wire(f"{url.query['host']}/.s.PGSQL.{url.port or url.query.get('port', 5432)}")
    await wire.join()
    yield wire
    wire.cut()


async def test_worker_says_two_lines_of_ten_seconds_without_a_database(
    config: Settings, wire: Wire, owner: Connection, tmp_path: Path
) -> None:
    environment = _environment(config, wire.url(config), tmp_path)
    said = tmp_path / "said"
    with (
        said.open("w") as errors,
        subprocess.Popen(
            [sys.executable, "-m", "arogya", "worker"], cwd=ROOT, env=environment, stderr=errors
        ) as worker,
    ):
        try:
            await _until_it_is_at_rest(owner)
            wire.cut()
            await asyncio.sleep(10)
            assert _events(said) == ["database_lost"]
            await wire.join()
            async with asyncio.timeout(30):
                while len(_events(said)) < 2:
                    await asyncio.sleep(0.1)
            await asyncio.sleep(3)
            assert _events(said) == ["database_lost", "database_back"]
        finally:
            worker.kill()
            await asyncio.to_thread(worker.wait)  # here, what lies between them goes on carrying


async def _until_it_is_at_rest(owner: Connection) -> None:
    """The worker is connected with all its parts, and its first jobs are done."""
    async with asyncio.timeout(60):
        while (
            await owner.fetchval("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()") < 5
            or await owner.fetchval("SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing')") > 0
        ):
            await asyncio.sleep(0.1)


@pytest.mark.parametrize("part", ["jobs", "relay"])
async def test_who_is_asked_to_end_just_as_the_database_goes_ends(
    config: Settings, wire: Wire, owner: Connection, work: jobs.Work, part: str
) -> None:
    """What it says on its way out breaks, and that must not look like an outage to be waited for."""
    there = config.model_copy(update={"database_url": wire.url(config)})
    relays = Database(there.role_url(RELAY_ROLE), pool_size=4)
    ways = {
        "jobs": lambda: jobs.run_for_ever(dsn(there.role_url(RELAY_ROLE)), work),
        "relay": lambda: Relay(relays, work.database, there.direct_url(RELAY_ROLE), work.clock).run(),
    }
    for after_s in (0.0, 0.003, 0.03):
        running = asyncio.create_task(ways[part]())
        await _until(owner, lambda lines: lines >= 2)
        await asyncio.sleep(0.5)
        running.cancel()
        await asyncio.sleep(after_s)
        wire.cut()
        done, _ = await asyncio.wait([running], timeout=15)
        assert done, f"it goes on, cut {after_s} s after it was asked"
        assert running.cancelled()
        await _until(owner, lambda lines: lines == 0)
        await wire.join()
    await relays.dispose()


async def test_jobs_go_on_where_the_database_goes_before_their_first_connection(
    config: Settings, work: jobs.Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What their own driver raises then, after half a minute, is an outage as well."""
    tries, again = 0, asyncio.Event()

    async def lose_the_database(_carrier: object) -> None:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise PoolTimeout("pool initialization incomplete after 30.0 sec")
        again.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(jobs, "_work", lose_the_database)
    running = asyncio.create_task(jobs.run_for_ever(dsn(config.role_url(RELAY_ROLE)), work))
    waiting = asyncio.create_task(again.wait())
    try:
        done, _ = await asyncio.wait([running, waiting], timeout=20, return_when=asyncio.FIRST_COMPLETED)
        assert done == {waiting}
    finally:
        running.cancel()
        waiting.cancel()
        await asyncio.wait([running])


HANGS = """
import asyncio, threading
from arogya import worker
worker.ENDS_WITHIN_S = 1
def a_wait_without_end():
    threading.Event().wait()
async def waits_for_a_thread(relay):
    print("begun", flush=True)
    await asyncio.to_thread(a_wait_without_end)
worker.Relay.run = waits_for_a_thread
asyncio.run(worker.run())
"""


async def test_worker_that_hangs_ends_by_force(config: Settings, tmp_path: Path) -> None:
    environment = _environment(config, str(config.database_url), tmp_path)
    said = tmp_path / "said"
    with (
        said.open("w") as errors,
        subprocess.Popen(
            [sys.executable, "-c", HANGS], cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=errors
        ) as worker,
    ):
        try:
            assert worker.stdout
            assert await asyncio.to_thread(worker.stdout.readline) == b"begun\n"
            worker.terminate()
            assert await asyncio.to_thread(worker.wait, 20) == 1
        finally:
            worker.kill()
    assert "in a_wait_without_end" in said.read_text()


def _environment(config: Settings, database_url: str, folder: Path) -> dict[str, str]:
    return {
        **os.environ, "DATABASE_URL": database_url, "AROGYA_SECRET_KEY": config.keys.hex,
        "AROGYA_DATA_DIR": str(folder), "AROGYA_LOG_FORMAT": "json",
    }  # fmt: skip


_LINES = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = $1"


async def _until(owner: Connection, there_are: Callable[[int], bool]) -> None:
    async with asyncio.timeout(30):
        while not there_are(await owner.fetchval(_LINES, RELAY_ROLE)):
            await asyncio.sleep(0.05)


def _events(said: Path) -> list[str]:
    """What was said; a job that was cut off in the middle says so for itself, once."""
    events = [str(json.loads(line)["event"]) for line in said.read_text().splitlines()]
    return [event for event in events if event != "job_failed"]
