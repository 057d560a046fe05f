"""The application's lines to the database: kept open, each lent to one transaction at a time.

SQLAlchemy's pool hands a connection out by way of a greenlet and a task, and sends BEGIN and the tenant in two trips:
four times the cost of doing it here. A line carries SQLAlchemy's connection beside the driver's, so that what is
written by objects and what is read by prepared statements share one transaction, whoever asks first.
"""

import asyncio
import contextlib
from typing import Any
from uuid import UUID

from asyncpg.transaction import Transaction, TransactionState
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from arogya.platform.prepared import BROKEN, as_usual
from arogya.platform.turns import NoTurn, Turns

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
        self._turns = Turns(size)
        self._timeout_s = timeout_s
        self._idle: list[Line] = []

    @property
    def lent(self) -> int:
        return self._turns.taken

    async def lend(self) -> Line:
        """Raises sqlalchemy.exc.TimeoutError where none comes free in time, and what connecting raises."""
        try:
            await self._turns.take(self._timeout_s)
        except NoTurn:
            raise PoolTimeout(f"no connection came free within {self._timeout_s} s") from None
        try:
            while self._idle:
                line = self._idle.pop()
                if line.is_fit:
                    return line
                await line.close()
            return await self._connect()
        except BaseException:
            self._turns.give_back()
            raise

    async def take_back(self, line: Line) -> None:
        try:
            if line.is_fit:
                self._idle.append(line)
            else:
                await line.close()
        finally:
            self._turns.give_back()

    async def close(self) -> None:
        while self._idle:
            line = self._idle.pop()
            with contextlib.suppress(Exception):
                async with asyncio.timeout(_CLOSE_S):
                    await line.driver.close()
            await line.close()

    async def _connect(self) -> Line:
        connection = await self._engine.connect()
        adapter: Any = (await connection.get_raw_connection()).dbapi_connection
        return Line(connection, adapter, adapter.driver_connection)
