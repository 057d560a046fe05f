"""A database on which everything is tried and nothing stays: all transactions of the application are savepoints of one.

The application speaks as its own role, so row security holds; the connection itself is the superuser's, so that the
test can look at what was done from above, in between (`looking`).
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession, create_async_engine
from sqlalchemy.pool import NullPool

from arogya.platform.database import Database, async_url, bind_tenant, metadata
from arogya.platform.database import _write_last_rows_now as write_last_rows_now
from arogya.platform.settings import APP_ROLE

TRAIL = ("audit_entries", "platform_audit_entries")
EFFECTS = [name for name in sorted(metadata.tables) if name not in {*TRAIL, "login_throttles"}]
"""What a refused request must leave as it was: every table but the trail, and the counting of wrong guesses."""
_FINGERPRINT = text(
    " UNION ALL ".join(
        f"SELECT '{name}', count(*), coalesce(sum(hashtextextended(t::text, 0)), 0) FROM {name} t" for name in EFFECTS
    )
)
_DENIALS = text(
    "SELECT route, request_id FROM audit_entries WHERE outcome = 'denied' AND request_id = ANY(:ids) UNION ALL "
    "SELECT route, request_id FROM platform_audit_entries WHERE outcome = 'denied' AND request_id = ANY(:ids)"
)


class Rehearsal(Database):
    """One connection; `attempt` begins and takes back. Transactions may follow one another or be nested."""

    def __init__(self, superuser_url: str) -> None:
        url: URL = async_url(make_url(superuser_url))
        self.engine = create_async_engine(url, poolclass=NullPool)
        self._connection: AsyncConnection | None = None
        self._open: list[AsyncSession] = []

    @property
    def connection(self) -> AsyncConnection:
        assert self._connection is not None, "nothing is tried just now"
        return self._connection

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        async with self.engine.connect() as connection:
            self._connection = connection
            await connection.execute(text(f"SET ROLE {APP_ROLE}"))
            await connection.commit()
            yield
        await self.engine.dispose()

    @asynccontextmanager
    async def attempt(self) -> AsyncIterator[None]:
        """What is done within is there within, and gone after."""
        async with self.connection.begin() as outer:
            yield
            await outer.rollback()

    @asynccontextmanager
    async def transaction(
        self, organization_id: UUID | None = None, user_id: UUID | None = None
    ) -> AsyncIterator[AsyncSession]:
        around = self._open[-1] if self._open else None
        how: Any = "create_savepoint"
        made = AsyncSession(self.connection, expire_on_commit=False, join_transaction_mode=how)
        async with made as session, session.begin():
            # A transaction of its own begins with no tenant; this one would inherit that of the one before.
            await bind_tenant(session, organization_id, user_id)
            if organization_id is None and user_id is None:
                session.info.pop("is_bound")
            self._open.append(session)
            try:
                yield session
                if session.info.get("is_bound"):
                    await write_last_rows_now(session)
            finally:
                self._open.pop()
        if around is not None:
            await bind_tenant(around, around.info.get("organization_id"), around.info.get("user_id"))

    @asynccontextmanager
    async def looking(self) -> AsyncIterator[AsyncConnection]:
        """From above row security."""
        await self.connection.execute(text("RESET ROLE"))
        yield self.connection
        await self.connection.execute(text(f"SET ROLE {APP_ROLE}"))

    async def fingerprint(self) -> dict[str, tuple[int, int]]:
        """Rows and their digest, by table."""
        async with self.looking() as above:
            return {name: (count, digest) for name, count, digest in await above.execute(_FINGERPRINT)}

    async def denials(self, request_ids: list[str]) -> list[str]:
        """Of which of these requests the trail says that they were denied; once for each row."""
        async with self.looking() as above:
            return [row.request_id for row in await above.execute(_DENIALS, {"ids": request_ids})]
