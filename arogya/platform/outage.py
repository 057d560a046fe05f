"""The database is away: said once when it goes and once when it is back, and asked for ever more seldom between."""

import asyncio
import time
from asyncio import sleep

import asyncpg
import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

FIRST_WAIT_S = 0.25
LONGEST_WAIT_S = 5.0

LOST = (
    OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, DBAPIError,
    PoolTimeout,
)  # fmt: skip
"""What is raised where the database is away; the driver's own where a connection breaks while it is being made."""

log = structlog.get_logger(__name__)


def end_if_asked() -> None:
    """For a loop that goes on after a failure: raises CancelledError where this task was cancelled before."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


class Outage:
    """What the parts of one process find out about the database.

    It is away as long as one of them can't reach it: they notice its going and its coming at different moments.
    """

    def __init__(self) -> None:
        self._waits: dict[str, float] = {}
        self._since = 0.0

    async def wait(self, part: str, error: BaseException) -> None:
        """After a failure of this part: tell it where it is the first, and wait, each time twice as long.

        Raises CancelledError where this task has been asked to end: its last words to a database that is away fail too,
        and hide that it was asked.
        """
        end_if_asked()
        if not self._waits:
            self._since = time.monotonic()
            log.warning("database_lost", part=part, error=type(error).__name__)
        wait_s = self._waits.get(part, FIRST_WAIT_S)
        self._waits[part] = min(2 * wait_s, LONGEST_WAIT_S)
        await sleep(wait_s)

    def over(self, part: str) -> None:
        """This part reached the database; tell it where that was the last one that could not."""
        if self._waits.pop(part, None) is not None and not self._waits:
            log.info("database_back", after_s=round(time.monotonic() - self._since, 1))
