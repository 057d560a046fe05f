"""Real PostgreSQL for every test.

One embedded server a worker, one migrated template database with a small world in it, one copy (about 30 ms) a test.
- `world`: two hospitals (tests/world.py), `world.a` and `world.b`: facilities, one user a role,
  a practitioner with a schedule, a patient with an account.
- `client`: an HTTP client of the real application; `client.get(url, headers=world.a.as_("receptionist"))`.
- `in_tenant`: `async with in_tenant(world.a.organization_id) as session` reads and writes as the application's role.
- `system(world.a)`: an open Context of the system actor, for calling services.
- `clock`: what the application thinks the time is (Monday 23 November 2026, 10:00 in Kolkata); `clock.advance(...)`.
- `relay_once()`: deliver what is in the outbox now, as the worker would.
- `jobs_once()`: run the jobs that are due by `clock` now; what they send is in `sent.letters` and `sent.texts`.
- `owner`: an asyncpg connection as the owner role, for looking and for planting faults.
"""

import asyncio
import gc
import io
import json
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import httpx2
import pytest
import structlog
from fastapi import FastAPI
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncSession

from arogya.app import connect, create_app
from arogya.platform import database_roles as roles
from arogya.platform import jobs, logs, migrate, modules, problems, telemetry
from arogya.platform.access import Context, system_context
from arogya.platform.clock import FixedClock
from arogya.platform.database import Database
from arogya.platform.keys import Keys
from arogya.platform.messages import Email, TextMessage
from arogya.platform.postgres import EmbeddedPostgres
from arogya.platform.relay import Relay
from arogya.platform.settings import OWNER_ROLE, RELAY_ROLE, Settings
from arogya.platform.signals import dsn
from tests.databases import copy_database, drop_database
from tests.world import Hospital, World, build_world

IN_MEMORY = Path("/dev/shm")
if IN_MEMORY.is_dir() and os.access(IN_MEMORY, os.W_OK) and shutil.disk_usage(IN_MEMORY).free > 8 << 30:
    # Whole programs with their databases, by the hundred: a disk that has to keep up stalls all of them.
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(IN_MEMORY))

KEYS = Keys(bytes(range(32)))
NOW = datetime(2026, 11, 23, 4, 30, tzinfo=UTC)
TEMPLATE = "arogya_template"
_LONG = ("journeys", "test_client.py", "chaos", "test_launch.py", "archive", "test_outage.py", "test_canary.py")
"""Each file or folder once; they start programs and browsers, and wait."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Each worker's share begins with what takes long and ends with what is soon over.

    Who is through with theirs takes from the end of another's: short ones, so that all end together.
    """
    workers = getattr(config, "workerinput", {}).get("workercount", 1)
    long = [item for part in _LONG for item in items if part in item.path.parts]
    short = [item for item in items if not any(part in item.path.parts for part in _LONG)]
    items[:] = [
        item
        for n in range(workers)
        for kind in (long, short)
        for item in kind[n * len(kind) // workers : (n + 1) * len(kind) // workers]
    ]


def pytest_collection_finish() -> None:
    """What is there by now stays: a collection that walks through all of it took a seventh of a run's time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 50)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What was measured, for who reads the run: times from one screen to another, keys, cases."""
    reports = [one for one in terminalreporter.getreports("passed") if one.when == "call"]
    if said := [line for one in reports for line in one.capstdout.splitlines() if line.strip()]:
        terminalreporter.section("figures")
        terminalreporter.write_line("\n".join(said))


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def memory_folder() -> Iterator[Path]:
    """A folder in memory where there is one: copying a database takes 30 ms there and 300 on a disk."""
    has_room = IN_MEMORY.is_dir() and os.access(IN_MEMORY, os.W_OK) and shutil.disk_usage(IN_MEMORY).free > 2 << 30
    with tempfile.TemporaryDirectory(prefix="arogya-", dir=IN_MEMORY if has_room else None) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def postgres(memory_folder: Path) -> Iterator[EmbeddedPostgres]:
    """This worker's server. Nothing in it outlives the run, so it needn't wait for the disk."""
    options = {"fsync": "off", "full_page_writes": "off", "max_connections": "150", "autovacuum": "off"}
    with EmbeddedPostgres(memory_folder, options=options) as server:
        roles.provision(server.url(), KEYS, TEMPLATE)
        yield server


def settings_for(server: EmbeddedPostgres, database: str, data_dir: Path) -> Settings:
    return Settings(
        database_url=server.url(database=database), secret_key=KEYS.hex, data_dir=data_dir, pool_size=20, port=8000
    )


@pytest.fixture(scope="session")
def template(postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> World:
    """The migrated database with the world in it, from which each test's is copied."""
    config = settings_for(postgres, TEMPLATE, tmp_path_factory.mktemp("template"))
    migrate.upgrade(config.role_url(OWNER_ROLE).render_as_string(hide_password=False))
    return asyncio.run(build_world(config, FixedClock(NOW)))


@pytest.fixture(scope="session")
def every_test_database() -> Callable[[], str]:
    count = 0

    def fresh_name() -> str:
        nonlocal count
        count += 1
        return f"test_{count}"

    return fresh_name


@pytest.fixture
async def config(
    postgres: EmbeddedPostgres, template: World, every_test_database: Callable[[], str], tmp_path: Path
) -> AsyncIterator[Settings]:
    """Settings that lead to this test's own database, a copy of the template."""
    name = every_test_database()
    await copy_database(postgres, name, TEMPLATE)
    yield settings_for(postgres, name, tmp_path)
    await drop_database(postgres, name)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture(scope="session")
def _application(postgres: EmbeddedPostgres, template: World, tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    """With room for a hundred requests at once: fifty racers are to be answered, however slow the machine."""
    config = settings_for(postgres, TEMPLATE, tmp_path_factory.mktemp("app")).model_copy(update={"pool_size": 100})
    return create_app(config, FixedClock(NOW))


@pytest.fixture
async def app(_application: FastAPI, config: Settings, clock: FixedClock) -> AsyncIterator[FastAPI]:
    """The application on this test's database and clock. Built once a worker: routes don't change between tests."""
    fresh = connect(_application, config, clock)
    yield fresh
    await fresh.state.database.dispose()


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://localhost:8000") as browser:
        yield browser


@pytest.fixture
def logged(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[dict[str, Any]]]:
    """What was logged of requests, as machines read it.

    A logger that has spoken keeps the standard error of that moment, which no later test captures: these are fresh.
    """
    logs.configure_logging("json")
    written = io.StringIO()
    for speaker in (telemetry, problems):
        fresh = structlog.wrap_logger(structlog.PrintLogger(written))
        monkeypatch.setattr(speaker, "log", fresh)
    return lambda: [json.loads(line) for line in written.getvalue().splitlines()]


@pytest.fixture
def world(template: World, app: FastAPI) -> World:
    return template


@pytest.fixture
def database(app: FastAPI) -> Database:
    return app.state.database


@pytest.fixture
def in_tenant(database: Database) -> Callable[..., AbstractAsyncContextManager[AsyncSession]]:
    def bound(organization_id: UUID, user_id: UUID | None = None) -> AbstractAsyncContextManager[AsyncSession]:
        return database.transaction(organization_id, user_id)

    return bound


@pytest.fixture
def system(database: Database, clock: FixedClock) -> Callable[[Hospital], AbstractAsyncContextManager[Context]]:
    """A Context of the system actor with an open transaction that commits at its end."""

    def opened(hospital: Hospital) -> AbstractAsyncContextManager[Context]:
        return system_context(database, clock, hospital.organization_id, route="test", request_id="test")

    return opened


@pytest.fixture
async def owner(config: Settings) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(dsn(config.role_url(OWNER_ROLE)))
    yield connection
    await connection.close()


@pytest.fixture
async def relay(config: Settings, database: Database, clock: FixedClock) -> AsyncIterator[Relay]:
    for _ in (*modules.every("events"), *modules.every("reactions")):
        pass
    relay_database = Database(config.role_url(RELAY_ROLE), pool_size=4)
    yield Relay(relay_database, database, make_url(dsn(config.role_url(RELAY_ROLE))), clock)
    await relay_database.dispose()


@pytest.fixture
def relay_once(relay: Relay) -> Callable[[], Awaitable[None]]:
    """Deliver until the outbox is empty: what reactions emit is delivered too."""

    async def deliver() -> None:
        for _ in range(10):
            await relay.stamp()
            await relay.react()

    return deliver


@dataclass(slots=True)
class Sent:
    """What would have gone out; stands at the ports of mail and text messages."""

    letters: list[Email] = field(default_factory=list)
    texts: list[TextMessage] = field(default_factory=list)


class _Keeping:
    def __init__(self, into: list[Any]) -> None:
        self._into = into

    async def send(self, message: Any) -> None:
        self._into.append(message)


@pytest.fixture
def sent() -> Sent:
    return Sent()


@pytest.fixture
def work(database: Database, clock: FixedClock, sent: Sent) -> jobs.Work:
    return jobs.Work(database, clock, _Keeping(sent.letters), _Keeping(sent.texts), "http://localhost:8000", KEYS)


@pytest.fixture
def jobs_once(work: jobs.Work, owner: asyncpg.Connection, clock: FixedClock) -> Callable[[], Awaitable[int]]:
    """Run what is due until nothing is; answers how many ran. A job that fails fails the test."""
    for _ in modules.every("jobs"):
        pass

    async def run() -> int:
        ran = 0
        while waiting := await owner.fetch(
            "DELETE FROM procrastinate_jobs WHERE status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= $1) "
            "RETURNING task_name, args, id",
            clock.now(),
        ):
            for row in sorted(waiting, key=lambda one: one["id"]):
                await jobs.registered()[row["task_name"]].run(work, **json.loads(row["args"]))
                ran += 1
        return ran

    return run
