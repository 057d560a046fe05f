"""The application's lines to the database: kept open, each lent to one transaction at a time.

SQLAlchemy's pool hands a connection out by way of a greenlet and a task, and sends BEGIN and the tenant in two trips:
four times the cost of doing it here. A line carries SQLAlchemy's connection beside the driver's, so that what is
written by objects and what is read by prepared statements share one transaction, whoever asks first.
"""

import asyncio
import contextlib
from collections import deque
from typing import Any
from uuid import UUID

from asyncpg.transaction import Transaction, TransactionState
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from arogya.platform.prepared import BROKEN, as_usual

_CLOSE_S = 2.0


class _Begun(Transaction):
    """A transaction whose BEGIN came with more."""

    _connection: Any

    async def begin(self, statements: str) -> None:
        try:
            await self._connection.execute(statements)
        except BaseException:
            self._state = TransactionState.FAILED
            raise
        self._connection._top_xact = self
        self._state = TransactionState.STARTED


def tenant_is(organization_id: UUID | None, user_id: UUID | None) -> str:
    """The statement that lets the rest of the transaction see one organization (None: none)."""
    # Ids of hexadecimal digits only: nothing to escape.
    organization, user = (UUID(str(one)) if one else "" for one in (organization_id, user_id))
    return (
        f"SELECT set_config('arogya.organization_id', '{organization}', true), "
        f"set_config('arogya.user_id', '{user}', true)"
    )


class Line:
    """One connection, as SQLAlchemy and as the driver knows it."""

    def __init__(self, connection: AsyncConnection, adapter: Any, driver: Any) -> None:
        self.connection = connection
        self.driver = driver
        self._adapter = adapter

    async def begin(self, organization_id: UUID | None, user_id: UUID | None) -> None:
        """One trip for both, which SQLAlchemy then takes for its own BEGIN."""
        begun = _Begun(self.driver, None, False, False)
        try:
            await begun.begin(f"BEGIN;{tenant_is(organization_id, user_id)}")
        except BROKEN as error:
            raise as_usual(error, self.driver) from error
        self._adapter._transaction = begun

    @property
    def is_begun(self) -> bool:
        """Whether that transaction still runs."""
        return self._adapter._transaction is not None

    async def commit(self) -> None:
        """Where SQLAlchemy had no part in the transaction."""
        begun, self._adapter._transaction = self._adapter._transaction, None
        try:
            await begun.commit()
        except BROKEN as error:
            raise as_usual(error, self.driver) from error

    async def rollback(self) -> None:
        begun, self._adapter._transaction = self._adapter._transaction, None
        if begun is not None and not self.driver.is_closed():
            await begun.rollback()

    def cut(self) -> None:
        """Let nobody have it again."""
        self.driver.terminate()

    @property
    def is_fit(self) -> bool:
        """Whether the next transaction may have it."""
        return not (self.driver.is_closed() or self.is_begun or self.driver.is_in_transaction())

    async def close(self) -> None:
        with contextlib.suppress(Exception):
            self.cut()
        with contextlib.suppress(Exception):
            await self.connection.invalidate()
        with contextlib.suppress(Exception):
            await self.connection.close()


class Lines:
    """At most so many; who comes when all are lent waits in line, and no longer than the time given."""

    def __init__(self, engine: AsyncEngine, size: int, timeout_s: float) -> None:
        self._engine = engine
        self._size = size
        self._timeout_s = timeout_s
        self._idle: list[Line] = []
        self._open = 0
        self._waiting: deque[asyncio.Future[Line | None]] = deque()

    @property
    def lent(self) -> int:
        return self._open - len(self._idle)

    async def lend(self) -> Line:
        """Raises sqlalchemy.exc.TimeoutError where none comes free in time, and what connecting raises."""
        while self._idle:
            line = self._idle.pop()
            if line.is_fit:
                return line
            self._open -= 1
            await line.close()
        if self._open < self._size:
            self._open += 1
            return await self._connect()
        return await self._next_free() or await self._connect()

    async def take_back(self, line: Line) -> None:
        if line.is_fit:
            self._pass_on(line)
            return
        try:
            await line.close()
        finally:
            self._pass_on(None)

    async def close(self) -> None:
        while self._idle:
            line = self._idle.pop()
            self._open -= 1
            with contextlib.suppress(Exception):
                async with asyncio.timeout(_CLOSE_S):
                    await line.driver.close()
            await line.close()

    async def _connect(self) -> Line:
        """In a place that is counted already, and given up where it fails."""
        try:
            connection = await self._engine.connect()
            adapter: Any = (await connection.get_raw_connection()).dbapi_connection
            return Line(connection, adapter, adapter.driver_connection)
        except BaseException:
            self._pass_on(None)
            raise

    async def _next_free(self) -> Line | None:
        """A line, or None: a place for a new one."""
        waiter: asyncio.Future[Line | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        try:
            async with asyncio.timeout(self._timeout_s):
                return await waiter
        except BaseException as error:
            if waiter.done() and not waiter.cancelled():
                self._pass_on(waiter.result())  # it came as we gave up
            elif waiter in self._waiting:
                self._waiting.remove(waiter)
            if isinstance(error, TimeoutError):
                raise PoolTimeout(f"no connection came free within {self._timeout_s} s") from None
            raise

    def _pass_on(self, line: Line | None) -> None:
        """Give the line, or the place of one that is gone, to who waits longest."""
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(line)
                return
        if line is None:
            self._open -= 1
        else:
            self._idle.append(line)
