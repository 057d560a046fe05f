"""Loops that go on after a failure end when they are asked to, also where the database goes at that very moment.

What was being said to it breaks then instead of being cancelled, and looks like any other failure.
"""

import asyncio
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import asyncpg
import pytest
from sqlalchemy.engine import make_url

from arogya.platform import jobs, relay, signals
from arogya.platform.clock import SystemClock
from arogya.platform.outage import Outage
from arogya.platform.realtime import hub as realtime
from arogya.platform.realtime.hub import Hub
from arogya.platform.relay import Relay

NOWHERE = make_url("postgresql://nowhere")
FEW_S = 5.0


class Breaks:
    """Waits, and breaks as it is cancelled for the first time."""

    __name__ = "breaks"

    def __init__(self) -> None:
        self._is_whole = True

    async def __call__(self, *_: object, **__: object) -> Any:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            if self._is_whole:
                self._is_whole = False
                raise OSError("the line is gone") from None
            raise


async def waker(patch: pytest.MonkeyPatch, breaks: Breaks) -> None:
    patch.setattr(asyncpg, "connect", breaks)
    one = signals.Waker(NOWHERE)
    one.start()
    one()
    try:
        await asyncio.Event().wait()
    finally:
        await one.stop()


async def listener(patch: pytest.MonkeyPatch, breaks: Breaks) -> None:
    patch.setattr(asyncpg, "connect", breaks)
    await signals.listen(NOWHERE, ["any"], print)


async def recheck(patch: pytest.MonkeyPatch, breaks: Breaks) -> None:
    patch.setattr(realtime, "RECHECK_S", 0)
    hub = Hub(Mock(), Mock())
    patch.setattr(hub, "recheck", breaks)
    await hub.recheck_for_ever()


def _relay() -> Relay:
    return Relay(Mock(), Mock(), NOWHERE, SystemClock())


async def stamping(patch: pytest.MonkeyPatch, breaks: Breaks) -> None:
    one = _relay()
    patch.setattr(one, "_listen", asyncio.Event().wait)
    patch.setattr(one, "react", asyncio.Event().wait)
    patch.setattr(one, "stamp", breaks)
    await one.run()


async def reactions(patch: pytest.MonkeyPatch, breaks: Breaks) -> None:
    """The second of them is not begun."""
    one = _relay()
    patch.setattr(relay, "reactions_to", lambda _: [("first", None), ("second", None)])
    patch.setattr(one, "_once", breaks)
    await one._react_to(Mock())


async def stalled(patch: pytest.MonkeyPatch, breaks: Breaks) -> None:
    """Where the library takes the request to end for its own and answers."""

    async def swallow(**_: object) -> list[Any]:
        with pytest.raises(OSError, match="gone"):
            await breaks()
        return []

    patch.setattr(jobs, "_STALLED_AFTER_S", 0)
    await jobs._take_up_stalled(SimpleNamespace(job_manager=SimpleNamespace(get_stalled_jobs=swallow)))


async def outage(_: pytest.MonkeyPatch, breaks: Breaks) -> None:
    try:
        await breaks()
    except OSError as error:
        await Outage().wait("any", error)


@pytest.mark.parametrize("loop", [waker, listener, recheck, stamping, reactions, stalled, outage])
async def test_ends_when_asked(
    loop: Callable[[pytest.MonkeyPatch, Breaks], Awaitable[None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    running = asyncio.ensure_future(loop(monkeypatch, Breaks()))
    await asyncio.sleep(0.05)
    running.cancel()
    done, _ = await asyncio.wait([running], timeout=FEW_S)
    if not done:
        running.cancel()
        await asyncio.wait([running], timeout=1)
    assert done, "it goes on"
    assert running.cancelled()
