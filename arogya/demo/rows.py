"""What will be inserted into one organization's tables, gathered first and written at once."""

import json
from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Column, ColumnDefault, Table, TextClause, text
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from arogya.demo.moment import Moment
from arogya.platform.base import Base, Edited, Recorded, TenantScoped, metadata

_AT_ONCE = 1000

Wrote = Callable[[int, str], None]
"""Told after each portion: how many rows, of which table."""


class Rows:
    """organization_id None: the platform's own rows. Ids come from the date: they too are the same each time."""

    def __init__(self, moment: Moment, name: str, organization_id: UUID | None = None) -> None:
        self.organization_id = organization_id
        self._moment = moment
        self._name = name
        self._rows: dict[str, list[dict[str, Any]]] = {}
        self._blank: dict[str, dict[str, Any]] = {}
        self._draws: dict[str, Random] = {}

    def __len__(self) -> int:
        return sum(len(rows) for rows in self._rows.values())

    def new_id(self, kind: type[Base], made_at: datetime) -> UUID:
        """A UUIDv7 of the moment at which the row would have been made."""
        name = kind.__tablename__
        if name not in self._draws:
            self._draws[name] = self._moment.draw(self._name, "ids", name)
        draw = self._draws[name]
        milliseconds = int(made_at.timestamp() * 1000)
        return UUID(int=milliseconds << 80 | 0x7 << 76 | draw.getrandbits(12) << 64 | 0b10 << 62 | draw.getrandbits(62))

    def add(self, kind: type[Base], made_at: datetime, /, **values: Any) -> UUID:
        """One row as it would have been made then; columns that are not named have their defaults. Answers its id."""
        row = {**self._blank_of(kind), **values}
        if "id" in row and row["id"] is None:
            row["id"] = self.new_id(kind, made_at)
        if issubclass(kind, TenantScoped):
            row["organization_id"] = self.organization_id
        if issubclass(kind, Recorded) or "created_at" in row:
            row["created_at"] = made_at
        if issubclass(kind, Edited):
            row["updated_at"] = values.get("updated_at", made_at)
            row["updated_by"] = values.get("updated_by", row["created_by"])
            row["version"] = 1
        self._rows.setdefault(kind.__tablename__, []).append(row)
        made: UUID = row.get("id") or row["organization_id"]
        return made

    def _blank_of(self, kind: type[Base]) -> dict[str, Any]:
        """A value for every column: rows written together must name the same ones."""
        name = kind.__tablename__
        if name not in self._blank:
            self._blank[name] = {c.key: _default(c) for c in metadata.tables[name].columns}
        return self._blank[name]

    async def write(self, session: AsyncSession, wrote: Wrote) -> None:
        """Insert everything, what others point at first. The session is bound to the organization."""
        for table, portion in self._portions():
            await session.execute(_insert(table), {"rows": json.dumps(portion, default=_plain, ensure_ascii=False)})
            wrote(len(portion), table.name)

    def _portions(self) -> Iterator[tuple[Table, list[dict[str, Any]]]]:
        for table in metadata.sorted_tables:
            rows = self._rows.get(table.name, [])
            for start in range(0, len(rows), _AT_ONCE):
                yield table, rows[start : start + _AT_ONCE]


def _insert(table: Table) -> TextClause:
    """One message a portion, which the server takes apart: a row each would take three times as long."""
    rows = f"jsonb_populate_recordset(CAST(NULL AS {table.name}), CAST(:rows AS jsonb))"
    return text(f"INSERT INTO {table.name} SELECT * FROM {rows}")  # noqa: S608 – the table's name is ours


def _plain(value: object) -> str:
    """As PostgreSQL reads it."""
    if isinstance(value, bytes):
        return f"\\x{value.hex()}"
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, Range) and value.lower and value.upper:
        return f"[{value.lower.isoformat()},{value.upper.isoformat()})"
    return str(value)


def _default(column: "Column[Any]") -> Any:
    default = column.default
    if isinstance(column.type, ARRAY) and not column.nullable:
        return []
    return default.arg if isinstance(default, ColumnDefault) and default.is_scalar else None
