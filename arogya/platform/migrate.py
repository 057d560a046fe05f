"""Brings a database to this version's schema, as the owner role."""

import asyncio
import time
from collections.abc import Callable
from importlib.resources import files

import structlog
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from arogya.platform import jobs
from arogya.platform.base import metadata
from arogya.platform.database import async_url
from arogya.platform.modules import load_tables
from arogya.platform.operator import OperatorError
from arogya.platform.tables import PATIENCE_WITH_TRAFFIC

_ONE_AT_A_TIME = text("SELECT pg_advisory_lock(7311002)")
# Who waits for a table makes everybody wait who comes after. Shorter than the second after which PostgreSQL looks for
# deadlocks: it is the migration that gives way, and not a request.
_GIVE_WAY = text(f"SET lock_timeout = '{PATIENCE_WITH_TRAFFIC}'")
_IN_THE_WAY = {"55P03", "40P01"}
_FIRST_PAUSE_S, _LONGEST_PAUSE_S, _TRIED_FOR_S = 0.2, 5.0, 600.0

log = structlog.get_logger(__name__)


class TablesInUse(OperatorError):
    """Something holds on to a table that a migration has to change."""


def config() -> Config:
    made = Config()
    made.set_main_option("script_location", str(files("arogya") / "migrations"))
    return made


def upgrade(owner_url: str, revision: str = "head") -> None:
    """Run what is missing, also beside a running Arogya; several nodes that start at once take turns."""
    _between_requests(lambda: asyncio.run(_with_connection(owner_url, lambda c: _command(c, "upgrade", revision))))


def downgrade(owner_url: str, revision: str) -> None:
    _between_requests(lambda: asyncio.run(_with_connection(owner_url, lambda c: _command(c, "downgrade", revision))))


def _between_requests(migrate: Callable[[], None]) -> None:
    """Try again and again, ever more seldom. Each migration is a transaction: those that are done stay done."""
    pause_s, deadline = _FIRST_PAUSE_S, time.monotonic() + _TRIED_FOR_S
    while True:
        try:
            migrate()
            return
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) not in _IN_THE_WAY:
                raise
            if time.monotonic() > deadline:
                raise TablesInUse(
                    "A table that has to change is in use (an export, a backup): let it end, then start again."
                ) from error
        log.info("migration_gives_way", tries_again_in_s=pause_s)
        time.sleep(pause_s)
        pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)


def draft(owner_url: str, message: str, revision_id: str) -> None:
    """Write a new migration file from what the models have and the database has not. To be read and mended by hand."""

    def write(connection: Connection) -> None:
        made = config()
        made.attributes["connection"] = connection
        command.revision(made, message=message, rev_id=revision_id, autogenerate=True)

    asyncio.run(_with_connection(owner_url, write))


def differences(owner_url: str) -> list[object]:
    """What the models say and the database does not have, or the other way round."""
    found: list[object] = []

    load_tables()

    def compare(connection: Connection) -> None:
        ours = {"compare_type": True, "include_name": is_ours}
        context = MigrationContext.configure(connection, opts=ours)
        found.extend(compare_metadata(context, metadata))

    asyncio.run(_with_connection(owner_url, compare))
    return found


def is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """Whether a table is made by our models; the jobs' are Procrastinate's."""
    return kind != "table" or name not in jobs.TABLES


def newest() -> str:
    head = ScriptDirectory.from_config(config()).get_current_head()
    assert head is not None
    return head


def _command(connection: Connection, name: str, revision: str) -> None:
    made = config()
    made.attributes["connection"] = connection
    connection.execute(_ONE_AT_A_TIME)
    connection.execute(_GIVE_WAY)
    connection.commit()
    getattr(command, name)(made, revision)


async def _with_connection(owner_url: str, do: object) -> None:
    assert callable(do)
    engine = create_async_engine(async_url(make_url(owner_url)), poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            await connection.run_sync(do)
            await connection.commit()
    finally:
        await engine.dispose()
