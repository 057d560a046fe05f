"""Many rows at once: COPY into a temporary table, then INSERT … SELECT, which row security checks like any other."""

from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import Table, text
from sqlalchemy.ext.asyncio import AsyncSession

from arogya.platform.base import Base


async def load(session: AsyncSession, into: type[Base], columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Insert rows of these columns, each in their order. COPY itself refuses a table that has row security."""
    if not rows:
        return
    table = cast(Table, into.__table__).name
    names = ", ".join(f'"{column}"' for column in columns)
    waiting = f"load_{table}"
    connection = await session.connection()
    await connection.execute(text(f"CREATE TEMP TABLE {waiting} ON COMMIT DROP AS SELECT {names} FROM {table} LIMIT 0"))  # noqa: S608 - names of our own tables
    driver: Any = (await connection.get_raw_connection()).driver_connection
    await driver.copy_records_to_table(waiting, records=rows, columns=list(columns))
    await connection.execute(text(f"INSERT INTO {table} ({names}) SELECT {names} FROM {waiting}"))  # noqa: S608
    await connection.execute(text(f"DROP TABLE {waiting}"))
