"""Open screens over real sockets: right ticket, right origin, right hospital, nothing lost over a cut line."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx2
import pytest
import websockets
from fastapi import FastAPI
from granian.constants import Interfaces
from granian.server.embed import Server
from sqlalchemy import text

from arogya.modules.patients.events import PatientRegistered
from arogya.platform import outbox
from arogya.platform.access import Actor
from arogya.platform.clock import FixedClock, new_id
from arogya.platform.database import Database
from arogya.platform.realtime import handshake, hub, tickets
from arogya.platform.realtime.hub import Listener
from arogya.platform.relay import Relay
from tests.journeys.conftest import free_port
from tests.world import Hospital, World


class Live:
    """The application on a real port."""

    def __init__(self, port: int) -> None:
        self.http = f"http://127.0.0.1:{port}"
        self.ws = f"ws://127.0.0.1:{port}/api/realtime"

    async def ticket(self, hospital: Hospital, who: str) -> str:
        return str((await self.ticket_and_seq(hospital, who))["ticket"])

    async def ticket_and_seq(self, hospital: Hospital, who: str) -> dict[str, Any]:
        async with httpx2.AsyncClient(base_url=self.http) as client:
            answer = await client.post("/api/realtime/ticket", headers=hospital.as_(who))
            assert answer.status_code == 201, answer.text
            return dict(answer.json())

    async def open(self, hospital: Hospital, who: str, since: int | None = None) -> Any:
        socket = await websockets.connect(self.ws)
        await socket.send(json.dumps({"ticket": await self.ticket(hospital, who), "since": since}))
        return socket


@asynccontextmanager
async def serving(app: FastAPI) -> AsyncIterator[Live]:
    port = free_port()
    server = Server(app, address="127.0.0.1", port=port, interface=Interfaces.ASGI, log_enabled=False)
    running = asyncio.create_task(server.serve())
    found = Live(port)
    async with asyncio.timeout(15), httpx2.AsyncClient(base_url=found.http) as client:
        while True:
            try:
                if (await client.get("/readyz")).status_code == 200:
                    break
            except httpx2.TransportError:
                await asyncio.sleep(0.05)
    yield found
    server.stop()
    await running


@pytest.fixture
async def live(app: FastAPI) -> AsyncIterator[Live]:
    async with serving(app) as found:
        yield found


@pytest.fixture
def happen(database: Database, clock: FixedClock, relay: Relay) -> Callable[[Hospital, int], Awaitable[list[str]]]:
    """Let so many patients be registered in a hospital, and the relay announce it. Returns their ids."""

    async def do(hospital: Hospital, count: int) -> list[str]:
        ids = [new_id() for _ in range(count)]
        async with database.transaction(hospital.organization_id) as session:
            for patient_id in ids:
                outbox.emit(
                    session, PatientRegistered(patient_id), organization_id=hospital.organization_id, at=clock.now()
                )
        await relay.stamp()
        return [str(one) for one in ids]

    return do


async def told(socket: Any, count: int, seconds: float = 5) -> list[dict[str, Any]]:
    """The next so many messages that are no pings."""
    found: list[dict[str, Any]] = []
    async with asyncio.timeout(seconds):
        while len(found) < count:
            message = json.loads(await socket.recv())
            if message["type"] != "ping":
                found.append(message)
    return found


async def silent(socket: Any, seconds: float = 0.5) -> bool:
    try:
        await told(socket, 1, seconds)
    except TimeoutError:
        return True
    return False


async def test_change_reaches_the_own_hospitals_screens_alone(live: Live, world: World, happen: Any) -> None:
    mine = await live.open(world.a, "receptionist")
    theirs = await live.open(world.b, "receptionist")
    assert (await told(mine, 1))[0]["type"] == "hello"
    assert (await told(theirs, 1))[0]["type"] == "hello"
    ids = await happen(world.a, 3)
    heard = await told(mine, 3)
    assert [one["ids"]["patient_id"] for one in heard] == ids
    assert [one["seq"] for one in heard] == sorted(one["seq"] for one in heard)
    assert await silent(theirs)
    await mine.close()
    await theirs.close()


async def test_patient_hears_nothing_of_others(live: Live, world: World, happen: Any) -> None:
    socket = await live.open(world.a, "patient")
    await told(socket, 1)
    await happen(world.a, 2)
    assert await silent(socket)
    await socket.close()


async def test_cut_line_loses_nothing(live: Live, world: World, happen: Any) -> None:
    """Twenty cuts; what happened while the line was down is told on resuming by seq, each once, in order."""
    wanted: list[str] = []
    got: list[str] = []
    socket = await live.open(world.a, "receptionist")
    seq = (await told(socket, 1))[0]["seq"]
    for _ in range(20):
        wanted += await happen(world.a, 1)
        heard = await told(socket, 1)
        got += [one["ids"]["patient_id"] for one in heard]
        seq = heard[-1]["seq"]
        await socket.close()
        wanted += await happen(world.a, 2)
        await happen(world.b, 1)
        socket = await live.open(world.a, "receptionist", since=seq)
        assert (await told(socket, 1))[0]["type"] == "hello"
        heard = await told(socket, 2)
        got += [one["ids"]["patient_id"] for one in heard]
        seq = heard[-1]["seq"]
    await socket.close()
    assert got == wanted


async def test_control_without_resuming_the_cut_loses(live: Live, world: World, happen: Any) -> None:
    socket = await live.open(world.a, "receptionist")
    await told(socket, 1)
    await socket.close()
    await happen(world.a, 2)
    socket = await live.open(world.a, "receptionist")
    assert (await told(socket, 1))[0]["type"] == "hello"
    assert await silent(socket)
    await socket.close()


async def test_what_comes_between_the_ticket_and_the_socket_is_heard(live: Live, world: World, happen: Any) -> None:
    """A page reads as it opens, and its socket opens later: the ticket says from where to go on."""
    await happen(world.a, 1)
    ticket = await live.ticket_and_seq(world.a, "receptionist")
    wanted = await happen(world.a, 2)
    socket = await websockets.connect(live.ws)
    await socket.send(json.dumps({"ticket": ticket["ticket"], "since": ticket["seq"]}))
    hello, *heard = await told(socket, 3)
    assert (hello["type"], [one["ids"]["patient_id"] for one in heard]) == ("hello", wanted)
    assert await silent(socket)
    await socket.close()


async def test_what_is_heard_while_the_missed_is_read_is_told_once(
    live: Live, world: World, happen: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between joining and reading what was missed: the line hears it, and the read finds it too."""
    heard = asyncio.Event()
    wanted: list[str] = []
    newest_seq, offer = hub.newest_seq, Listener.offer

    def noted(self: Listener, message: str, seq: int | None = None) -> None:
        offer(self, message, seq)
        if self.queue.qsize() == 2:
            heard.set()

    async def late(session: Any) -> int:
        if not wanted:
            wanted.extend(await happen(world.a, 2))
            async with asyncio.timeout(30):
                await heard.wait()
        return await newest_seq(session)

    ticket = await live.ticket(world.a, "receptionist")
    monkeypatch.setattr(Listener, "offer", noted)
    monkeypatch.setattr(hub, "newest_seq", late)
    socket = await websockets.connect(live.ws)
    await socket.send(json.dumps({"ticket": ticket, "since": 0}))
    hello, *told_of = await told(socket, 3, 30)
    assert hello["type"] == "hello"
    assert [one["ids"]["patient_id"] for one in told_of] == wanted
    wanted += await happen(world.a, 1)
    assert (await told(socket, 1))[0]["ids"]["patient_id"] == wanted[-1]
    await socket.close()


async def test_who_was_away_too_long_is_told_to_read_all_again(live: Live, world: World, happen: Any) -> None:
    await happen(world.a, 3)
    socket = await live.open(world.a, "receptionist", since=10_000)
    assert [one["type"] for one in await told(socket, 2)] == ["hello", "resync"]
    await socket.close()


async def closes_with(socket: Any) -> int:
    with pytest.raises(websockets.ConnectionClosed) as closed:
        async with asyncio.timeout(8):
            await told(socket, 1_000, 8)
    assert closed.value.rcvd is not None
    return int(closed.value.rcvd.code)


async def test_ticket_opens_one_socket(live: Live, world: World) -> None:
    word = await live.ticket(world.a, "receptionist")
    first = await websockets.connect(live.ws)
    await first.send(json.dumps({"ticket": word}))
    assert (await told(first, 1))[0]["type"] == "hello"
    second = await websockets.connect(live.ws)
    await second.send(json.dumps({"ticket": word}))
    assert await closes_with(second) == 4401
    await first.close()


@pytest.mark.parametrize(
    "first",
    ["{}", "no json", '{"ticket": "x.y"}', '{"ticket": 7}', "[]", "7", "[" * 4_000],
    ids=range(7),
)
async def test_socket_without_a_good_ticket_is_closed(live: Live, first: str) -> None:
    socket = await websockets.connect(live.ws)
    await socket.send(first)
    assert await closes_with(socket) == 4401


async def test_first_message_is_short(live: Live, world: World) -> None:
    socket = await websockets.connect(live.ws)
    await socket.send(json.dumps({"ticket": await live.ticket(world.a, "nurse"), "more": "x" * handshake.FIRST_MOST}))
    assert await closes_with(socket) == 4401


async def test_page_of_another_origin_gets_no_socket(live: Live) -> None:
    with pytest.raises(websockets.InvalidStatus):
        await websockets.connect(live.ws, origin=websockets.Origin("https://evil.example"))


async def test_ended_session_loses_its_socket_within_a_second(live: Live, world: World, database: Database) -> None:
    socket = await live.open(world.a, "nurse")
    await told(socket, 1)
    async with database.transaction() as session:
        await session.execute(
            text("UPDATE sessions SET revoked_at = now() WHERE id = :id"), {"id": world.a.sessions["nurse"]}
        )
    started = asyncio.get_running_loop().time()
    assert await closes_with(socket) == 4401
    assert asyncio.get_running_loop().time() - started < 2.5  # 1 s on an idle machine


@pytest.mark.parametrize("since", [-1, -(10**25), 10**25, True, "3", 1.5, [], {}])
async def test_no_seq_to_resume_from_uses_no_ticket_up(live: Live, world: World, since: Any) -> None:
    word = await live.ticket(world.a, "receptionist")
    socket = await websockets.connect(live.ws)
    await socket.send(json.dumps({"ticket": word, "since": since}))
    assert await closes_with(socket) == 4401
    again = await websockets.connect(live.ws)
    await again.send(json.dumps({"ticket": word}))
    assert (await told(again, 1))[0]["type"] == "hello"
    await again.close()


async def test_ticket_is_good_for_half_a_minute(live: Live, world: World, clock: FixedClock) -> None:
    word = await live.ticket(world.a, "receptionist")
    clock.advance(tickets.TICKET_FOR + timedelta(seconds=1))
    socket = await websockets.connect(live.ws)
    await socket.send(json.dumps({"ticket": word}))
    assert await closes_with(socket) == 4401


async def test_who_loses_their_place_after_the_ticket_gets_no_socket(live: Live, world: World, owner: Any) -> None:
    ticket = await live.ticket(world.a, "receptionist")
    await owner.execute("DELETE FROM memberships WHERE user_id = $1", world.a.users["receptionist"])
    socket = await websockets.connect(live.ws)
    await socket.send(json.dumps({"ticket": ticket, "since": None}))
    assert await closes_with(socket) == 4401


async def test_socket_that_says_nothing_is_closed(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handshake, "TICKET_WITHIN_S", 0.2)
    socket = await websockets.connect(live.ws)
    assert await closes_with(socket) == 4401


async def test_quiet_line_is_pinged(live: Live, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "PING_S", 0.1)
    socket = await live.open(world.a, "receptionist")
    async with asyncio.timeout(5):
        said = [json.loads(await socket.recv())["type"] for _ in range(3)]
    assert said == ["hello", "ping", "ping"]
    await socket.close()


async def test_socket_that_answers_no_ping_is_let_go(
    live: Live, world: World, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "SILENCE_S", 0.6)
    dead, alive = await live.open(world.a, "nurse"), await live.open(world.a, "receptionist")
    for socket in (dead, alive):
        await told(socket, 1)
    for _ in range(8):
        await alive.send('{"type": "pong"}')
        await asyncio.sleep(0.2)
    with pytest.raises(websockets.ConnectionClosed):
        await told(dead, 1, 2)
    assert await silent(alive, 0.1)
    await alive.close()


class Slow:
    """A socket whose other side reads when it wants to."""

    def __init__(self) -> None:
        self.reads = asyncio.Event()
        self.sent: list[dict[str, Any]] = []

    async def send_text(self, message: str) -> None:
        await self.reads.wait()
        self.sent.append(json.loads(message))


def listener(world: World) -> Listener:
    actor = Actor("user", world.a.users["nurse"], world.a.organization_id)
    return Listener(actor, None)


async def sending(slow: Slow, one: Listener) -> asyncio.Task[None]:
    task = asyncio.create_task(hub._send_all(slow, one))  # type: ignore[arg-type]
    await asyncio.sleep(0)
    return task


async def test_who_reads_too_slowly_is_told_to_read_all_again(world: World) -> None:
    """What waits for one socket is bounded; in place of what was dropped comes one `resync`, then news again."""
    slow, one = Slow(), listener(world)
    task = await sending(slow, one)
    for n in range(hub.QUEUE_LENGTH * 3):
        one.offer(json.dumps({"type": "event", "seq": n}))
        assert one.queue.qsize() <= hub.QUEUE_LENGTH
    slow.reads.set()
    await asyncio.sleep(0.05)
    assert slow.sent[-1] == {"type": "resync"}
    assert len(slow.sent) <= 2
    one.offer(json.dumps({"type": "event", "seq": 9_999}))
    await asyncio.sleep(0.05)
    assert slow.sent[-1] == {"type": "event", "seq": 9_999}
    task.cancel()


async def test_who_hears_all_the_time_is_pinged_too(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Their answer to it is all that is heard of them: without it a busy hospital's screens were closed every 50 s."""
    monkeypatch.setattr(hub, "PING_S", 0.05)
    slow, one = Slow(), listener(world)
    slow.reads.set()
    one.offer("{}")
    task = await sending(slow, one)
    async with asyncio.timeout(30):
        while {"type": "ping"} not in slow.sent:
            if one.queue.qsize() < 2:
                one.offer("{}")
            await asyncio.sleep(0)
    assert {} in slow.sent
    task.cancel()


async def test_who_never_reads_is_let_go(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "SEND_S", 0.1)
    one = listener(world)
    task = await sending(Slow(), one)
    one.offer("{}")
    async with asyncio.timeout(5):
        await task
