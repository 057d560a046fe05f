"""Copies of a database: of its template's files, not page by page by way of the log."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from arogya.platform.postgres import EmbeddedPostgres
from arogya.platform.settings import OWNER_ROLE


async def copy_database(postgres: EmbeddedPostgres, name: str, template: str) -> None:
    async with _as_superuser(postgres) as admin:
        await admin.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY OWNER {OWNER_ROLE}")


async def drop_database(postgres: EmbeddedPostgres, name: str) -> None:
    async with _as_superuser(postgres) as admin:
        await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@asynccontextmanager
async def _as_superuser(postgres: EmbeddedPostgres) -> AsyncIterator[asyncpg.Connection]:
    admin = await asyncpg.connect(postgres.url())
    try:
        yield admin
    finally:
        await admin.close()
