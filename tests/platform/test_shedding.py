"""Past what can be answered the rest is told to come again, whoever was let in is answered, and no place is lost."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from arogya.app import create_app
from arogya.platform.clock import FixedClock
from arogya.platform.settings import Settings
from arogya.platform.shedding import ShedsLoad
from arogya.platform.telemetry import SHED, Telemetry
from tests.world import World

FOR_EVER_S = 60.0


class Work:
    """An application whose every request takes until it is told to go on."""

    def __init__(self) -> None:
        self.go_on = asyncio.Event()
        self.at_work = self.most_at_work = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive()).get("more_body"):
            pass
        self.at_work += 1
        self.most_at_work = max(self.at_work, self.most_at_work)
        try:
            await self.go_on.wait()
        finally:
            self.at_work -= 1
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"done"})


@pytest.fixture
def work() -> Work:
    return Work()


def served(app: ASGIApp, **bounds: Any) -> httpx2.AsyncClient:
    shedding = Telemetry(ShedsLoad(app, **{"at_once": 2, "line_length": 3, "wait_s": FOR_EVER_S, **bounds}))
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=shedding), base_url="http://localhost:8000")


async def until(what: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not what():
            await asyncio.sleep(0)


async def all_begun() -> None:
    """Every request that was sent has come as far as it can."""
    for _ in range(50):
        await asyncio.sleep(0)


async def test_two_are_worked_on_three_wait_the_sixth_is_told_to_come_again(work: Work) -> None:
    before = SHED._value.get()
    async with served(work) as client:
        let_in = [asyncio.create_task(client.get("/api/x")) for _ in range(5)]
        await until(lambda: work.at_work == 2)
        await all_begun()
        refused = await client.post("/api/x", json={"a": 1})
        assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
        assert refused.headers["Retry-After"] == "2"
        assert refused.headers["X-Request-ID"] == refused.json()["request_id"]
        work.go_on.set()
        assert [one.status_code for one in await asyncio.gather(*let_in)] == [200] * 5
        assert (await client.get("/api/x")).status_code == 200
    assert work.most_at_work == 2
    assert SHED._value.get() == before + 1


async def test_control_without_bounds_all_are_worked_on_at_once(work: Work) -> None:
    async with served(work, at_once=1_000) as client:
        let_in = [asyncio.create_task(client.get("/api/x")) for _ in range(20)]
        await until(lambda: work.at_work == 20)
        work.go_on.set()
        await asyncio.gather(*let_in)
    assert work.most_at_work == 20


async def test_who_waits_longer_than_the_bound_is_told_to_come_again(work: Work) -> None:
    async with served(work, wait_s=0.05) as client:
        let_in = [asyncio.create_task(client.get("/api/x")) for _ in range(2)]
        await until(lambda: work.at_work == 2)
        async with asyncio.timeout(30):
            assert (await client.get("/api/x")).status_code == 503
        work.go_on.set()
        assert [one.status_code for one in await asyncio.gather(*let_in)] == [200, 200]
        answers = await asyncio.gather(*(client.get("/api/x") for _ in range(2)))
        assert [one.status_code for one in answers] == [200, 200], "who left the line takes no place"


async def test_health_and_what_has_a_bound_of_its_own_come_through(work: Work) -> None:
    async with served(work, line_length=0, exempt=("/api/auth/",)) as client:
        paths = ("/healthz", "/metrics", "/my", "/api/auth/login")
        held = [asyncio.create_task(client.get("/api/x")) for _ in range(2)]
        await until(lambda: work.at_work == 2)
        assert (await client.get("/api/x")).status_code == 503
        others = [asyncio.create_task(client.get(path)) for path in paths]
        await until(lambda: work.at_work == 2 + len(paths))
        work.go_on.set()
        assert {one.status_code for one in await asyncio.gather(*held, *others)} == {200}


async def test_a_fault_or_a_client_that_goes_gives_its_place_back(work: Work) -> None:
    async def failing(scope: Scope, _receive: Receive, _send: Send) -> None:
        raise RuntimeError(scope["path"])

    async with served(failing, line_length=0) as client:
        for _ in range(5):
            with pytest.raises(RuntimeError):
                await client.get("/api/x")
    async with served(work) as client:
        leaving = [asyncio.create_task(client.get("/api/x")) for _ in range(5)]
        await until(lambda: work.at_work == 2)
        await all_begun()
        for one in leaving:
            one.cancel()
        await asyncio.gather(*leaving, return_exceptions=True)
        work.go_on.set()
        assert (await client.get("/api/x")).status_code == 200


class Wire:
    """One request by hand: its body comes when the test says."""

    def __init__(self, app: ASGIApp) -> None:
        self.says: asyncio.Queue[Message] = asyncio.Queue()
        self.heard: list[Message] = []
        scope = {"type": "http", "method": "POST", "path": "/api/x", "headers": [], "state": {"request_id": "by hand"}}
        self.task = asyncio.ensure_future(_run(app, scope, self.says.get, self._hear))

    async def _hear(self, message: Message) -> None:
        self.heard.append(message)

    @property
    def status(self) -> int:
        return int(self.heard[0]["status"])


async def _run(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    await app(scope, receive, send)


def part(more_body: bool) -> Message:
    return {"type": "http.request", "body": b"x", "more_body": more_body}


async def test_a_body_that_comes_slowly_holds_no_place(work: Work) -> None:
    shedding = ShedsLoad(work, at_once=1, line_length=0, wait_s=FOR_EVER_S)
    slow = [Wire(shedding) for _ in range(5)]
    for one in slow:
        one.says.put_nowait(part(more_body=True))
    await all_begun()
    work.go_on.set()
    quick = Wire(shedding)
    quick.says.put_nowait(part(more_body=False))
    await quick.task
    assert quick.status == 200
    for one in slow:
        one.says.put_nowait(part(more_body=False))
        await one.task
        assert one.status == 200
    assert work.most_at_work == 1


async def test_a_file_that_goes_out_slowly_holds_no_place() -> None:
    taken = asyncio.Event()

    async def streaming(_scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await taken.wait()
        await send({"type": "http.response.body", "body": b"rest"})

    shedding = ShedsLoad(streaming, at_once=1, line_length=0, wait_s=FOR_EVER_S)
    files = [Wire(shedding) for _ in range(3)]
    for one in files:
        one.says.put_nowait(part(more_body=False))
        await until(lambda one=one: len(one.heard) == 1)  # type: ignore[misc]
        assert one.status == 200
    taken.set()
    await asyncio.gather(*(one.task for one in files))


@pytest.fixture
async def small(config: Settings, clock: FixedClock, world: World) -> AsyncIterator[FastAPI]:
    """The whole application with two connections, and so two requests at once."""
    app = create_app(config.model_copy(update={"pool_size": 2}), clock)
    yield app
    await app.state.database.dispose()


async def test_the_application_is_bounded_and_sign_in_is_not(small: FastAPI, world: World) -> None:
    """A request for each connection; when those places are taken, people can still sign in."""
    transport = httpx2.ASGITransport(app=small)
    async with httpx2.AsyncClient(transport=transport, base_url="http://localhost:8000") as client:
        assert (await client.get("/healthz")).status_code == 200
        shedding = _inside(small)
        assert shedding._turns._free == 2
        shedding._turns._line_length = 0
        for _ in range(2):
            await shedding._turns.take(FOR_EVER_S)
        desk = world.a.as_("receptionist")
        assert (await client.get("/api/patients", headers=desk)).status_code == 503
        assert (await client.get("/healthz")).status_code == 200
        told = {"username": "nobody.here", "password": "not the password"}
        assert (await client.post("/api/auth/login", json=told)).status_code == 401
        shedding._turns.give_back()
        assert (await client.get("/api/patients", headers=desk)).status_code == 200


def _inside(app: FastAPI) -> ShedsLoad:
    layer: Any = app.middleware_stack
    while not isinstance(layer, ShedsLoad):
        layer = layer.app
    return layer
