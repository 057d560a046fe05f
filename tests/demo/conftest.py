"""Databases with the demo in them, each filled once a run; `living` is a copy of one, with the application on it.

`morning`, `night`, `sunday`, `april`: filled at that moment. `any_hour`: each of them in turn. `midnight`, `brink`: at
the edges of a day, where little can have happened yet or is left to happen. `any_moment`: the edges too.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
import httpx2
import pytest
from fastapi import FastAPI
from sqlalchemy.engine import make_url

from arogya import demo
from arogya.app import connect
from arogya.platform import database_roles as roles
from arogya.platform import migrate
from arogya.platform.clock import FixedClock
from arogya.platform.postgres import EmbeddedPostgres
from arogya.platform.settings import OWNER_ROLE, Settings
from arogya.platform.signals import dsn
from tests.conftest import KEYS, settings_for
from tests.databases import copy_database, drop_database

KOLKATA = ZoneInfo("Asia/Kolkata")
MORNING = datetime(2026, 11, 23, 10, 0, tzinfo=KOLKATA)
NIGHT = datetime(2026, 11, 23, 23, 0, tzinfo=KOLKATA)
SUNDAY = datetime(2026, 11, 22, 10, 0, tzinfo=KOLKATA)
APRIL = datetime(2026, 5, 6, 12, 40, tzinfo=KOLKATA)
"""Ninety days before lies another financial year."""
MIDNIGHT = datetime(2026, 11, 22, 0, 2, tzinfo=KOLKATA)
"""A Sunday two minutes old."""
BRINK = datetime(2028, 2, 29, 23, 57, tzinfo=KOLKATA)
"""The end of a day that most years lack."""
EMPTY = "demo_empty"


class Filled:
    """A database with the demo in it, as it was made at a moment."""

    def __init__(self, settings: Settings, now: datetime) -> None:
        self.settings = settings
        self.now = now

    @property
    def name(self) -> str:
        return str(make_url(str(self.settings.database_url)).database)

    @property
    def today(self) -> date:
        return self.now.date()

    def rows(self, sql: str, *values: Any) -> list[Any]:
        return asyncio.run(_ask(self.settings, sql, values))

    def value(self, sql: str, *values: Any) -> Any:
        return self.rows(sql, *values)[0][0]

    def digest(self, sql: str, *values: Any) -> str:
        rows = sorted(str(dict(row)) for row in self.rows(sql, *values))
        return hashlib.sha256("\n".join(rows).encode()).hexdigest()


async def _ask(settings: Settings, sql: str, values: Any = ()) -> list[Any]:
    connection = await asyncpg.connect(dsn(settings.role_url(OWNER_ROLE)))
    try:
        return await connection.fetch(sql, *values)
    finally:
        await connection.close()


@pytest.fixture(scope="session")
def empty(postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Settings]:
    """Makes a migrated database with nothing in it."""
    folder = tmp_path_factory.mktemp("demo")
    roles.provision(postgres.url(), KEYS, EMPTY)
    first = settings_for(postgres, EMPTY, folder)
    migrate.upgrade(first.role_url(OWNER_ROLE).render_as_string(hide_password=False))

    def make(name: str) -> Settings:
        asyncio.run(copy_database(postgres, name, EMPTY))
        return settings_for(postgres, name, folder)

    return make


def fill(settings: Settings, now: datetime) -> Filled:
    demo.fill(settings, lambda _done, _total, _label: None, FixedClock(now))
    return Filled(settings, now)


@pytest.fixture(scope="session")
def morning(empty: Callable[[str], Settings]) -> Filled:
    return fill(empty("demo_morning"), MORNING)


@pytest.fixture(scope="session")
def night(empty: Callable[[str], Settings]) -> Filled:
    return fill(empty("demo_night"), NIGHT)


@pytest.fixture(scope="session")
def sunday(empty: Callable[[str], Settings]) -> Filled:
    return fill(empty("demo_sunday"), SUNDAY)


@pytest.fixture(scope="session")
def april(empty: Callable[[str], Settings]) -> Filled:
    return fill(empty("demo_april"), APRIL)


@pytest.fixture(scope="session")
def midnight(empty: Callable[[str], Settings]) -> Filled:
    return fill(empty("demo_midnight"), MIDNIGHT)


@pytest.fixture(scope="session")
def brink(empty: Callable[[str], Settings]) -> Filled:
    return fill(empty("demo_brink"), BRINK)


@pytest.fixture(params=["morning", "night", "sunday", "april"])
def any_hour(request: pytest.FixtureRequest) -> Filled:
    filled: Filled = request.getfixturevalue(request.param)
    return filled


@pytest.fixture(params=["morning", "night", "sunday", "april", "midnight", "brink"])
def any_moment(request: pytest.FixtureRequest) -> Filled:
    filled: Filled = request.getfixturevalue(request.param)
    return filled


@dataclass
class SignedIn:
    """A client of the application, and who it is."""

    client: httpx2.AsyncClient
    me: dict[str, Any]

    @property
    def branch(self) -> str:
        branch: str = self.me["facilities"][0]["id"]
        return branch

    async def get(self, path: str, **query: Any) -> Any:
        answer = await self.client.get(path, params=query)
        assert answer.status_code == 200, (path, answer.text)
        return answer.json()

    async def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        answer = await self.client.post(path, json=body)
        assert answer.is_success, (path, answer.text)
        return answer.json()


@pytest.fixture
def lived_at(morning: Filled) -> Filled:
    """Which demo `living` is a copy of."""
    return morning


@pytest.fixture
async def living(
    _application: FastAPI, postgres: EmbeddedPostgres, lived_at: Filled, every_test_database: Callable[[], str]
) -> AsyncIterator[FastAPI]:
    """The application on a copy of the demo, at the moment at which it was filled."""
    name = every_test_database()
    await copy_database(postgres, name, lived_at.name)
    settings = settings_for(postgres, name, lived_at.settings.data_dir)
    app = connect(_application, settings, FixedClock(lived_at.now))
    yield app
    await app.state.database.dispose()
    await drop_database(postgres, name)


@pytest.fixture
async def sign_in(living: FastAPI) -> AsyncIterator[Callable[[str], Awaitable[SignedIn]]]:
    """Sign in by user name, as people do."""
    opened: list[httpx2.AsyncClient] = []

    async def enter(username: str) -> SignedIn:
        transport = httpx2.ASGITransport(app=living, raise_app_exceptions=False)
        client = httpx2.AsyncClient(transport=transport, base_url="http://localhost:8000")
        opened.append(client)
        answer = await client.post(
            "/api/auth/login", json={"username": username, "password": "arogya-demo", "client": "api"}
        )
        assert answer.status_code == 200, answer.text
        client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        return SignedIn(client, (await client.get("/api/me")).json())

    yield enter
    for client in opened:
        await client.aclose()
