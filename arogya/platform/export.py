"""Lists that people take away: CSV that streams, is audited before its first byte, and can't become a formula."""

import asyncio
import csv
import json
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from io import StringIO
from typing import Any
from uuid import UUID

from fastapi import Response
from fastapi.responses import StreamingResponse
from sqlalchemy import Select, text
from sqlalchemy.ext.asyncio import AsyncSession

from arogya.platform.access import Context
from arogya.platform.audit import Action, record

ROWS_AT_A_TIME = 500
AT_ONCE = 4
"""Exports of this process that may hold a connection: a slow reader must not take the pool from the ward."""

_turns = asyncio.Semaphore(AT_ONCE)
# What spreadsheets take for the start of a formula, the full-width forms of Asian keyboards too (OWASP, CSV injection).
_FORMULA = re.compile(r"[=+\-@\t\r\n＝＋－＠]")
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


async def export(ctx: Context, what: Export) -> Response:
    """Record that it was taken, then stream it. For routes that declare transaction=False."""
    async with ctx.database.transaction(ctx.actor.organization_id, ctx.user_id) as session:
        record(
            session, ctx.audit_facts(), Action.EXPORT, what.entity, (), patient_id=what.patient_id,
            details=what.details,
        )  # fmt: skip
    return StreamingResponse(
        _csv(ctx, what),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{what.filename}"'},
    )


async def _csv(ctx: Context, what: Export) -> AsyncGenerator[bytes]:
    # The mark lets spreadsheets read Devanagari as UTF-8.
    yield b"\xef\xbb\xbf" + _lines([list(what.columns)])
    async with _turns, ctx.database.transaction(ctx.actor.organization_id, ctx.user_id) as session:
        await session.execute(text("SET TRANSACTION READ ONLY"))
        reading = replace(ctx, _session=session)
        async with aclosing(_batches(session, what.query)) as batches:
            async for batch in batches:
                rows = batch if what.dress is None else await what.dress(reading, batch)
                yield _lines([[row[name] for name in what.columns.values()] for row in rows])


async def _batches(session: AsyncSession, query: Select[Any]) -> AsyncGenerator[Sequence[Mapping[str, Any]]]:
    result = await session.stream(query.execution_options(yield_per=ROWS_AT_A_TIME))
    async for batch in result.mappings().partitions():
        yield [dict(row) for row in batch]


def _lines(rows: Sequence[Sequence[object]]) -> bytes:
    page = StringIO(newline="")
    csv.writer(page).writerows([[cell(value) for value in row] for row in rows])
    return page.getvalue().encode()


def cell(value: object) -> str:
    """A value as a cell's text. Text that a spreadsheet would run as a formula gets a `'` before it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    said = _said(value)
    return f"'{said}" if _FORMULA.match(said) else said


def _said(value: object) -> str:
    if isinstance(value, Mapping):
        return json.dumps(value, default=str, ensure_ascii=False, sort_keys=True) if value else ""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return " ".join(str(one) for one in value)
    return str(value)
