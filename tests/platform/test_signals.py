"""What waits for a word between processes stops when it is told to, even in the moment in which the word comes."""

import asyncio
from collections.abc import Callable
from typing import Any

import asyncpg
import pytest
from sqlalchemy.engine import make_url

from arogya.platform.clock import SystemClock
from arogya.platform.relay import Relay
from arogya.platform.signals import listen

URL = make_url("postgresql:///none")
# How far the loop has come since the word when the cancellation arrives.
STEPS = range(8)


class Line:
    """Stands in for a connection: all it does is end when the test says so."""

    ended: Callable[[Any], None]

    def add_termination_listener(self, listener: Callable[[Any], None]) -> None:
        self.ended = listener

    async def add_listener(self, channel: str, heard: Callable[..., None]) -> None: ...

    async def execute(self, sql: str) -> None:
        raise asyncpg.InterfaceError("connection is closed")

    async def close(self, timeout: float) -> None: ...


@pytest.mark.parametrize("steps", STEPS)
async def test_a_listener_stops_while_the_database_goes_away(steps: int, monkeypatch: pytest.MonkeyPatch) -> None:
    line = Line()

    async def connect(*_: Any, **__: Any) -> Line:
        return line

    monkeypatch.setattr(asyncpg, "connect", connect)
    listening = asyncio.create_task(listen(URL, ["words"], lambda _: None))
    await asyncio.sleep(0.01)
    line.ended(line)
    assert await stops(listening, steps)


@pytest.mark.parametrize("steps", STEPS)
async def test_the_relay_stops_while_it_is_woken(steps: int) -> None:
    relay = Relay(None, None, URL, SystemClock())  # type: ignore[arg-type]
    woken = asyncio.Event()

    async def nothing_to_do() -> bool:
        return False

    looping = asyncio.create_task(relay._loop(woken, nothing_to_do))
    await asyncio.sleep(0.01)
    woken.set()
    assert await stops(looping, steps)


async def stops(task: "asyncio.Task[None]", steps: int) -> bool:
    for _ in range(steps):
        await asyncio.sleep(0)
    task.cancel()
    done, _ = await asyncio.wait([task], timeout=1)
    task.cancel()  # for the next test, should it have been deaf to the first
    return bool(done)
