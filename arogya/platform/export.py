"""Lists that people take away: CSV or XLSX that streams, is audited before its first byte, and becomes no formula."""

import asyncio
import csv
import json
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from io import StringIO
from typing import Any, Literal
from uuid import UUID

from fastapi import Response
from fastapi.responses import StreamingResponse
from sqlalchemy import Select, text
from sqlalchemy.ext.asyncio import AsyncSession

from arogya.platform.access import Context
from arogya.platform.audit import Action, record
from arogya.platform.money import Language
from arogya.platform.sheets.xlsx_writing import XlsxStream

ROWS_AT_A_TIME = 500
AT_ONCE = 4
"""Exports of this process that may hold a connection: a slow reader must not take the pool from the ward."""

_turns = asyncio.Semaphore(AT_ONCE)
# What spreadsheets take for the start of a formula, the full-width forms of Asian keyboards too (OWASP, CSV injection).
_FORMULA = re.compile(r"[=+\-@\t\r\n＝＋－＠]")
Form = Literal["csv", "xlsx"]
Headings = Mapping[str, tuple[str, str]]
"""Name in the row → its heading in English and in Hindi."""
MEDIA_TYPES: dict[Form, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
FILES: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {}, MEDIA_TYPES["xlsx"]: {}}}}
"""What the description of a route says (`responses`) that answers with either."""
Dress = Callable[[Context, Sequence[Mapping[str, Any]]], Awaitable[Sequence[Mapping[str, Any]]]]


@dataclass(frozen=True, slots=True)
class Export:
    """What is taken away. entity: what its rows are; details: what the audit keeps, the filters as they were asked.

    columns: heading → name in the row. dress: adds what the query can't join, for each batch of rows.
    """

    entity: str
    filename: str
    query: Select[Any]
    columns: Mapping[str, str]
    details: Mapping[str, Any] = field(default_factory=dict)
    patient_id: UUID | None = None
    dress: Dress | None = None
    form: Form = "csv"


def in_language(headings: Headings, language: Language) -> dict[str, str]:
    """An export's columns, headed in this language."""
    return {said[language == "hi"]: name for name, said in headings.items()}


async def export(ctx: Context, what: Export) -> Response:
    """Record that it was taken, then stream it. For routes that declare transaction=False."""
    return StreamingResponse(
        await taken(ctx, what),
        media_type=MEDIA_TYPES[what.form],
        headers={"Content-Disposition": f'attachment; filename="{what.filename}"'},
    )


async def taken(ctx: Context, what: Export) -> AsyncGenerator[bytes]:
    """The file's bytes as they come, once it is recorded that it was taken."""
    async with ctx.database.transaction(ctx.actor.organization_id, ctx.user_id) as session:
        record(
            session, ctx.audit_facts(), Action.EXPORT, what.entity, (), patient_id=what.patient_id,
            details=what.details,
        )  # fmt: skip
    return _csv(ctx, what) if what.form == "csv" else _xlsx(ctx, what)


async def _csv(ctx: Context, what: Export) -> AsyncGenerator[bytes]:
    # The mark lets spreadsheets read Devanagari as UTF-8.
    yield b"\xef\xbb\xbf" + _lines([list(what.columns)])
    async with aclosing(_rows(ctx, what)) as batches:
        async for batch in batches:
            yield _lines(batch)


async def _xlsx(ctx: Context, what: Export) -> AsyncGenerator[bytes]:
    book = XlsxStream(what.entity)
    yield book.head(list(what.columns))
    async with aclosing(_rows(ctx, what)) as batches:
        async for batch in batches:
            yield book.rows([[text_of(value) for value in row] for row in batch])
    yield book.end()


async def _rows(ctx: Context, what: Export) -> AsyncGenerator[list[list[object]]]:
    """The values below the headings, a batch at a time, in a read transaction of their own."""
    async with _turns, ctx.database.transaction(ctx.actor.organization_id, ctx.user_id) as session:
        await session.execute(text("SET TRANSACTION READ ONLY"))
        reading = replace(ctx, _session=session)
        async with aclosing(_batches(session, what.query)) as batches:
            async for batch in batches:
                rows = batch if what.dress is None else await what.dress(reading, batch)
                yield [[row[name] for name in what.columns.values()] for row in rows]


async def _batches(session: AsyncSession, query: Select[Any]) -> AsyncGenerator[Sequence[Mapping[str, Any]]]:
    result = await session.stream(query.execution_options(yield_per=ROWS_AT_A_TIME))
    async for batch in result.mappings().partitions():
        yield [dict(row) for row in batch]


def _lines(rows: Sequence[Sequence[object]]) -> bytes:
    page = StringIO(newline="")
    csv.writer(page).writerows([[cell(value) for value in row] for row in rows])
    return page.getvalue().encode()


def cell(value: object) -> str:
    """A value as a cell of CSV. Text that a spreadsheet would run as a formula gets a `'` before it."""
    said = text_of(value)
    is_ours = value is None or isinstance(value, (bool, int, datetime))
    return f"'{said}" if not is_ours and _FORMULA.match(said) else said


def text_of(value: object) -> str:
    """A value as people read it in a table."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return _said(value)


def _said(value: object) -> str:
    if isinstance(value, Mapping):
        return json.dumps(value, default=str, ensure_ascii=False, sort_keys=True) if value else ""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return " ".join(str(one) for one in value)
    return str(value)
