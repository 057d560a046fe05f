"""Word between processes: PostgreSQL's NOTIFY, sent outside every transaction, heard on a connection of its own."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import asyncpg
import structlog
from sqlalchemy.engine import URL

from arogya.platform.outage import LOST, Outage, end_if_asked

OUTBOX_CHANNEL = "arogya_outbox"
LIVE_CHANNEL = "arogya_live"
COALESCE_S = 0.01

log = structlog.get_logger(__name__)


def dsn(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


async def knock(database_url: str) -> None:
    """Whether the database answers. Raises one of LOST."""
    connection = await asyncpg.connect(database_url, timeout=5)
    await connection.close(timeout=5)


class Waker:
    """Tells the relay that there is something to do, at most once in 10 ms. A lost word is made good by its polling."""

    def __init__(self, url: URL) -> None:
        self._dsn = dsn(url)
        self._due = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def __call__(self) -> None:
        self._due.set()

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        connection: asyncpg.Connection[Any] | None = None
        while True:
            await self._due.wait()
            self._due.clear()
            try:
                if connection is None or connection.is_closed():
                    connection = await asyncpg.connect(self._dsn, timeout=5)
                await connection.execute(f"NOTIFY {OUTBOX_CHANNEL}")
            except LOST as error:
                end_if_asked()
                log.warning("wake_failed", error=type(error).__name__)
                connection = None
                await asyncio.sleep(0.25)
            await asyncio.sleep(COALESCE_S)


async def listen(
    url: URL,
    channels: Sequence[str],
    heard: Callable[[str], None],
    connected: Callable[[], Awaitable[None]] | None = None,
    outage: Outage | None = None,
) -> None:
    """Call `heard(payload)` for each NOTIFY, for ever; reconnects, and calls `connected` after each connect.

    What was said while the line was cut is lost here: `connected` is where the listener catches up.
    """
    outage = outage or Outage()
    while True:
        try:
            connection = await asyncpg.connect(dsn(url), timeout=5)
            outage.over("listen")
            try:
                closed = asyncio.Event()
                connection.add_termination_listener(lambda _c, done=closed: done.set())
                for channel in channels:
                    await connection.add_listener(channel, lambda _c, _pid, _channel, payload: heard(str(payload)))
                if connected:
                    await connected()
                while not closed.is_set():
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(15):
                            await closed.wait()
                    await connection.execute("SELECT 1")
            finally:
                with contextlib.suppress(Exception):
                    await connection.close(timeout=1)
        except LOST as error:
            await outage.wait("listen", error)
