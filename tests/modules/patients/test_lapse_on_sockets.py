"""What a guardian may hear ends with the birthday, and what the desk ends at once: open sockets, real time."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any

import asyncpg
import httpx2
import pytest
import websockets
from fastapi import FastAPI
from sqlalchemy import text

from arogya.modules.patients.events import PatientChanged
from arogya.platform import outbox
from arogya.platform.clock import FixedClock
from arogya.platform.database import Database
from arogya.platform.relay import Relay
from tests.platform.test_realtime import Live, live
from tests.world import World

__all__ = ["live"]  # a fixture

Change = Callable[[], Awaitable[None]]


@pytest.fixture
def changed(database: Database, clock: FixedClock, relay: Relay, world: World) -> Change:
    """Let the world's patient be edited, and the relay announce it."""

    async def do() -> None:
        async with database.transaction(world.a.organization_id) as session:
            fact = PatientChanged(world.a.patient)
            outbox.emit(session, fact, organization_id=world.a.organization_id, at=clock.now())
        await relay.stamp()

    return do


async def heard(socket: Any, within_s: float = 1.0) -> list[str]:
    """The events that come meanwhile."""
    found: list[str] = []
    try:
        async with asyncio.timeout(within_s):
            while True:
                message = json.loads(await socket.recv())
                if message["type"] == "event":
                    found.append(message["event"])
    except TimeoutError:
        return found


async def _read_on(socket: Any) -> None:
    async with asyncio.timeout(3):
        while True:
            await socket.recv()


async def closed_after(socket: Any) -> float:
    """Seconds until the server closes it; it opens anew and is then told what it may."""
    began = time.monotonic()
    with pytest.raises(websockets.ConnectionClosed) as closed:
        await _read_on(socket)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4401
    return time.monotonic() - began


async def test_guardians_socket_loses_the_child_within_a_second_of_the_birthday(
    live: Live, world: World, owner: asyncpg.Connection, clock: FixedClock, changed: Change, app: FastAPI
) -> None:
    """24 November begins in Kolkata at 18:30 UTC of the 23rd."""
    await owner.execute("UPDATE patients SET birth_date = $1 WHERE id = $2", date(2008, 11, 24), world.a.patient)
    await owner.execute("UPDATE patient_accounts SET relation = 'guardian'")
    clock.at = clock.at.replace(hour=18, minute=29, second=58)
    socket = await live.open(world.a, "patient")
    await socket.recv()  # hello: from here on it hears
    await changed()
    assert await heard(socket) == ["PatientChanged"], "open, and still told"
    clock.advance(timedelta(seconds=2))
    assert await closed_after(socket) < 1
    again = await live.open(world.a, "patient")
    await again.recv()
    await changed()
    assert await heard(again) == []
    await again.close()


async def test_socket_of_an_access_that_the_desk_ended_closes_within_a_second(
    live: Live, world: World, owner: asyncpg.Connection
) -> None:
    await owner.execute(
        """INSERT INTO patient_accounts (organization_id, id, patient_id, user_id, relation, valid_from)
           SELECT organization_id, gen_random_uuid(), $1, user_id, 'carer', valid_from FROM patient_accounts
           WHERE patient_id = $2""",
        world.a.other_patient, world.a.patient,
    )  # fmt: skip
    account = await owner.fetchval("SELECT id FROM patient_accounts WHERE patient_id = $1", world.a.patient)
    socket = await live.open(world.a, "patient")
    staff = await live.open(world.a, "receptionist")
    await socket.recv()
    async with httpx2.AsyncClient(base_url=live.http) as client:
        path = f"/api/patients/{world.a.patient}/accounts/{account}"
        answer = await client.delete(path, headers=world.a.as_("receptionist"))
        assert answer.status_code == 204
    assert await closed_after(socket) < 1
    assert await heard(staff, 0.8) is not None, "whom it is not about stays"
    await staff.close()


async def test_control_nothing_ended_and_the_socket_stays(live: Live, world: World, database: Database) -> None:
    socket = await live.open(world.a, "patient")
    async with database.transaction(world.a.organization_id) as session:
        assert await session.scalar(text("SELECT count(*) FROM patient_accounts")) == 1
    assert await heard(socket, 1.5) == []
    await socket.close()
