"""Sessions bound to one tenant.

The tenant is set for the length of a transaction only, so a pooled connection carries nothing from one request to the
next.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Uuid, any_, bindparam, event, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import Session, SessionTransaction
from sqlalchemy.pool import NullPool

from arogya.platform import prepared
from arogya.platform.lines import Line, Lines, tenant_is
from arogya.platform.outage import LOST
from arogya.platform.writing import savepoint, write_last_rows


def async_url(url: URL) -> URL:
    return url.set(drivername="postgresql+asyncpg")


class BoundSession(AsyncSession):
    """A session on a lent line, in the transaction that the line has begun."""

    def __init__(self, line: Line, organization_id: UUID | None, user_id: UUID | None) -> None:
        super().__init__(line.connection, expire_on_commit=False)
        self._line = line
        self.info.update(organization_id=organization_id, user_id=user_id, driver=line.driver)

    async def rollback(self) -> None:
        await super().rollback()
        await self._line.rollback()
        self.info.pop("driver", None)

    def begin_nested(self) -> Any:
        """By the driver, as all else: SQLAlchemy sends one of its own only once it has something to say itself."""
        return savepoint(self)

    async def finish(self) -> None:
        """Write what is written last, and commit. Where no object was touched, SQLAlchemy has no part in it."""
        if not self._line.is_begun:
            return  # rolled back
        await write_last_rows(self)
        await prepared.flush(self)
        sync = self.sync_session
        if _has_spoken(sync):
            await self.commit()
        else:
            await self._line.commit()
            sync.dispatch.after_commit(sync)

    async def abandon(self) -> None:
        """Undo all of it. A line that can't is not lent again."""
        try:
            if self.sync_session.in_transaction():
                await super().rollback()
            await self._line.rollback()
        except (DBAPIError, *prepared.BROKEN, OSError):
            self._line.cut()


def _has_spoken(session: Session) -> bool:
    """Whether SQLAlchemy has sent anything in this transaction."""
    ours = session.get_transaction()
    return ours is not None and bool(ours._connections)


class Database:
    """One role's connections to the server."""

    def __init__(self, url: URL, *, pool_size: int = 16, pool_timeout_s: float = 2.0) -> None:
        self.engine: AsyncEngine = create_async_engine(
            async_url(url),
            poolclass=NullPool,
            hide_parameters=True,
            connect_args={
                "server_settings": {"application_name": "arogya", "timezone": "UTC", "jit": "off"},
                "command_timeout": 30,
                "timeout": 5,
            },
        )
        event.listen(self.engine.sync_engine, "do_connect", _connect)
        self.lines = Lines(self.engine, pool_size, pool_timeout_s)

    @asynccontextmanager
    async def transaction(
        self, organization_id: UUID | None = None, user_id: UUID | None = None
    ) -> AsyncIterator[AsyncSession]:
        """A session in one transaction, bound to the tenant; commits on the way out, rolls back on an exception."""
        line = await self.lines.lend()
        try:
            await line.begin(organization_id, user_id)
            session = BoundSession(line, organization_id, user_id)
            try:
                yield session
                await session.finish()
            except BaseException:
                await session.abandon()
                raise
        finally:
            await self.lines.take_back(line)

    async def dispose(self) -> None:
        await self.lines.close()
        await self.engine.dispose()


def _connect(dialect: Any, _record: object, arguments: Sequence[Any], options: Mapping[str, Any]) -> Any:
    """A connection, or the error that one which breaks later raises: not whatever the system says of a socket."""
    try:
        return dialect.connect(*arguments, **options)
    except LOST as error:
        raise dialect.loaded_dbapi.OperationalError(str(error)) from error


async def bind_tenant(session: AsyncSession, organization_id: UUID | None, user_id: UUID | None = None) -> None:
    """Let the rest of this transaction see one organization (None: none)."""
    session.info["organization_id"] = organization_id
    session.info["user_id"] = user_id
    await prepared.flush(session)
    await prepared.command(session, tenant_is(organization_id, user_id))


@event.listens_for(Session, "after_transaction_end")
def _let_go(session: Session, ended: SessionTransaction) -> None:
    if ended.parent is None:
        for name in ("driver", "read_once"):
            session.info.pop(name, None)


def is_one_of(column: Any, name: str = "ids") -> ColumnElement[bool]:
    """That a column of ids holds one of the parameter's. One statement for any number, unlike IN."""
    holds: ColumnElement[bool] = column == any_(bindparam(name, type_=ARRAY(Uuid)))
    return holds


_LOCK = prepared.prepare(
    text("SELECT pg_advisory_xact_lock(hashtextextended(name, 0)) FROM unnest(CAST(:names AS text[])) AS name")
)


async def advisory_locks(session: AsyncSession, names: Sequence[str]) -> None:
    """Take these locks until the end of the transaction, in one order for all, in a statement of their own.

    What is read after it is what the last holder committed; a snapshot taken before would miss it.
    """
    await prepared.execute(session, _LOCK, {"names": sorted(set(names))})
