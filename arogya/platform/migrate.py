"""Brings a database to this version's schema, as the owner role."""

import asyncio
from importlib.resources import files

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from arogya.platform import jobs
from arogya.platform.database import async_url, metadata
from arogya.platform.modules import load_tables

_ONE_AT_A_TIME = text("SELECT pg_advisory_lock(7311002)")


def config() -> Config:
    made = Config()
    made.set_main_option("script_location", str(files("arogya") / "migrations"))
    return made


def upgrade(owner_url: str, revision: str = "head") -> None:
    """Run what is missing; several nodes that start at once take turns."""
    asyncio.run(_with_connection(owner_url, lambda c: _command(c, "upgrade", revision)))


def downgrade(owner_url: str, revision: str) -> None:
    asyncio.run(_with_connection(owner_url, lambda c: _command(c, "downgrade", revision)))


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
