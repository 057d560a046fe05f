"""A database on which everything is tried and nothing stays: all transactions of the application are savepoints of one.

The application speaks as its own role, so row security holds; the connection itself is the superuser's, so that the
test can look at what was done from above, in between (`looking`).
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from arogya.platform.base import metadata
from arogya.platform.database import Database
from arogya.platform.lines import Line, tenant_is
from arogya.platform.settings import APP_ROLE
from arogya.platform.signals import dsn

TRAIL = ("audit_entries", "platform_audit_entries")
EFFECTS = [name for name in sorted(metadata.tables) if name not in {*TRAIL, "login_throttles"}]
"""What a refused request must leave as it was: every table but the trail, and the counting of wrong guesses."""
_FINGERPRINT = " UNION ALL ".join(
    f"SELECT '{name}', count(*), coalesce(sum(hashtextextended(t::text, 0)), 0) FROM {name} t" for name in EFFECTS
)
_DENIALS = " UNION ALL ".join(
    f"SELECT request_id FROM {name} WHERE outcome = 'denied' AND request_id = ANY($1::text[])" for name in TRAIL
)


class _Saved:
    """A savepoint in the place of the driver's transaction."""

    def __init__(self, driver: Any, name: str) -> None:
        self._driver, self._name = driver, name

    async def commit(self) -> None:
        await self._driver.execute(f"RELEASE SAVEPOINT {self._name}")

    async def rollback(self) -> None:
        await self._driver.execute(f"ROLLBACK TO SAVEPOINT {self._name}; RELEASE SAVEPOINT {self._name}")


class _RehearsedLine(Line):
    """depth: in so many others. Whose it is, is set anew after each that was within it."""

    depth = 0

    async def begin(self, organization_id: UUID | None, user_id: UUID | None) -> None:
        name = f"attempt_{self.depth}"
        self.whose = organization_id, user_id
        await self.driver.execute(f"SAVEPOINT {name}; {tenant_is(organization_id, user_id)}")
        self._adapter._transaction = _Saved(self.driver, name)

    async def take_on(self) -> None:
        await self.driver.execute(tenant_is(*self.whose))


class _OneLine:
    """In the place of the application's lines: a transaction within another has the same connection."""

    def __init__(self, database: "Rehearsal") -> None:
        self._database = database
        self._lines: list[_RehearsedLine] = []
        self._lent = 0

    async def lend(self) -> Line:
        if self._lent == len(self._lines):
            connection = await self._database.engine.connect()
            adapter: Any = (await connection.get_raw_connection()).dbapi_connection
            line = _RehearsedLine(connection, adapter, adapter.driver_connection)
            line.depth = self._lent
            self._lines.append(line)
        self._lent += 1
        return self._lines[self._lent - 1]

    async def take_back(self, line: Line) -> None:
        self._lent -= 1
        assert line is self._lines[self._lent], "transactions end in the order in which they began"
        if self._lent:
            await self._lines[self._lent - 1].take_on()

    async def close(self) -> None:
        for line in self._lines:
            await line.close()


class Rehearsal(Database):
    """One connection; `attempt` begins and takes back. Transactions may follow one another or be nested."""

    def __init__(self, superuser_url: str) -> None:
        self._url = make_url(superuser_url)
        self.lines = _OneLine(self)  # type: ignore[assignment]

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        self.driver = await asyncpg.connect(dsn(self._url), server_settings={"timezone": "UTC", "jit": "off"})

        async def the_one() -> Any:
            return self.driver

        self.engine = create_async_engine("postgresql+asyncpg://", async_creator=the_one, poolclass=NullPool)
        await self.driver.execute(f"SET ROLE {APP_ROLE}")
        try:
            yield
        finally:
            await self.lines.close()
            self.driver.terminate()

    @asynccontextmanager
    async def attempt(self) -> AsyncIterator[None]:
        """What is done within is there within, and gone after."""
        undone = self.driver.transaction()
        await undone.start()
        try:
            yield
        finally:
            await undone.rollback()

    @asynccontextmanager
    async def looking(self) -> AsyncIterator[asyncpg.Connection]:
        """From above row security."""
        await self.driver.execute("RESET ROLE")
        yield self.driver
        await self.driver.execute(f"SET ROLE {APP_ROLE}")

    async def fingerprint(self) -> dict[str, tuple[int, int]]:
        """Rows and their digest, by table."""
        async with self.looking() as above:
            return {name: (count, digest) for name, count, digest in await above.fetch(_FINGERPRINT)}

    async def denials(self, request_ids: list[str]) -> list[str]:
        """Of which of these requests the trail says that they were denied; once for each row."""
        async with self.looking() as above:
            return [row["request_id"] for row in await above.fetch(_DENIALS, request_ids)]
