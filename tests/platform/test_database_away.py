"""A database that is away, or goes while one connects to it, is a 503 that says when to try again."""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import httpx2
import pytest
from fastapi import FastAPI
from sqlalchemy.engine import make_url

from arogya.platform.database import Database
from arogya.platform.settings import APP_ROLE, Settings
from tests.world import World


@pytest.fixture
async def elsewhere(app: FastAPI, config: Settings) -> AsyncIterator[None]:
    """The application looks for its database where none is."""
    here = app.state.database
    away = make_url(config.role_url(APP_ROLE)).update_query_dict({"host": "/nowhere"})
    app.state.database = Database(away)
    yield
    await app.state.database.dispose()
    app.state.database = here


async def refused(client: httpx2.AsyncClient, world: World) -> bool:
    answer = await client.get("/api/me", headers=world.a.as_("nurse"))
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable"), answer.text
    return int(answer.headers["retry-after"]) > 0


@pytest.mark.usefixtures("elsewhere")
async def test_no_socket_is_no_fault_of_ours(client: httpx2.AsyncClient, world: World) -> None:
    """While PostgreSQL starts again its socket is not there, which the system calls a file that was not found."""
    assert await refused(client, world)


@pytest.mark.parametrize(
    "error",
    [
        asyncpg.CannotConnectNowError("the database system is starting up"),
        asyncpg.InterfaceError("connection is closed"),
        asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation"),
        asyncpg.ConnectionFailureError("the socket said nothing more"),
        TimeoutError(),
        ConnectionResetError(),
    ],
    ids=lambda error: type(error).__name__,
)
@pytest.mark.parametrize("step", ["connect", "set_type_codec"])
async def test_a_connection_that_breaks_while_it_is_made(
    client: httpx2.AsyncClient, world: World, app: FastAPI, monkeypatch: pytest.MonkeyPatch, step: str, error: Exception
) -> None:
    async def breaks(*_: Any, **__: Any) -> None:
        raise error

    await app.state.database.dispose()
    monkeypatch.setattr(*((asyncpg, "connect") if step == "connect" else (asyncpg.Connection, step)), breaks)
    assert await refused(client, world)


async def test_a_full_disk_is_told_in_clear_words(
    client: httpx2.AsyncClient, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: Any, **__: Any) -> None:
        raise asyncpg.DiskFullError("could not extend file: No space left on device")

    monkeypatch.setattr(asyncpg.Connection, "execute", full)
    answer = await client.get("/api/me", headers=world.a.as_("nurse"))
    assert answer.status_code == 503
    assert answer.json()["detail"].startswith("The disk is full")
    assert int(answer.headers["retry-after"]) > 0


@pytest.mark.parametrize("statement", ["BEGIN", "COMMIT", "SELECT"])
async def test_a_line_whose_driver_has_lost_its_place_is_not_lent_again(
    client: httpx2.AsyncClient, world: World, app: FastAPI, monkeypatch: pytest.MonkeyPatch, statement: str
) -> None:
    """Its server was killed in the middle of a word; the driver then refuses every other statement."""
    await app.state.database.dispose()
    assert (await client.get("/api/me", headers=world.a.as_("nurse"))).status_code == 200
    lost: set[int] = set()
    execute, fetch = asyncpg.Connection.execute, asyncpg.Connection.fetch

    def losing(sent: Any) -> Any:
        async def run(connection: asyncpg.Connection, sql: str, *told: Any, **named: Any) -> Any:
            if sql.startswith(statement) and not lost:
                lost.add(id(connection))
            if id(connection) in lost:
                raise asyncpg.InternalClientError("cannot switch to state 11; another operation is in progress")
            return await sent(connection, sql, *told, **named)

        return run

    monkeypatch.setattr(asyncpg.Connection, "execute", losing(execute))
    monkeypatch.setattr(asyncpg.Connection, "fetch", losing(fetch))
    assert await refused(client, world)
    assert lost
    lines = app.state.database.lines
    assert lines.lent == 0
    for _ in range(3):
        assert (await client.get("/api/me", headers=world.a.as_("nurse"))).status_code == 200
