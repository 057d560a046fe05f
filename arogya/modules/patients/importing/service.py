"""What is done with an import: sent, checked, run, cancelled, undone; and the report of what was refused."""

import asyncio
import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, delete, select

from arogya.modules.patients.events import PatientImportMoved
from arogya.modules.patients.importing.cells import DateOrder, order_seen
from arogya.modules.patients.importing.headings import Target, guessed
from arogya.modules.patients.importing.reasons import said
from arogya.modules.patients.importing.schemas import CheckImport
from arogya.modules.patients.importing.undoing import used_count
from arogya.modules.patients.jobs import work_on_import
from arogya.modules.patients.models import PatientImport, PatientImportFile, PatientImportRefusal
from arogya.platform import jobs
from arogya.platform.access import Context
from arogya.platform.audit import Action
from arogya.platform.errors import Conflict, Invalid, NotFound, TooLarge
from arogya.platform.export import Export, Form, Headings, in_language
from arogya.platform.money import Language
from arogya.platform.sheets.line import UnreadableSheet
from arogya.platform.sheets.reading import form_of, lines

MAX_BYTES: Final = 50 * 1024 * 1024
_SAMPLES: Final = 5
_LOOKED_AT: Final = 200
_LONGEST_HEADING: Final = 120
_UNCHECKED: Final = frozenset({"uploaded", "checked", "failed", "cancelled"})


class ImportFileTooLarge(TooLarge):
    code, title = "import_too_large", "The file is larger than 50 MB"


class ImportNotReady(Conflict):
    code, title = "import_not_ready", "The import is not at this step now"


class ImportFileGone(Conflict):
    code, title = "import_file_gone", "The file is not kept any more: send it again"


class ImportUsed(Conflict):
    code, title = "import_used", "Patients of this import are in use already"


@dataclass(frozen=True, slots=True)
class Head:
    """The beginning of a file."""

    headings: list[str]
    samples: list[list[str]]
    date_order: DateOrder | None
    mapping: dict[Target, int]


def head_of(raw: bytes) -> Head:
    """Raises UnreadableSheet."""
    first = list(islice(lines(raw, is_glance=True), _LOOKED_AT))
    if not first:
        raise UnreadableSheet("There is nothing in it")
    (_, headings), *rows = first
    if any("\0" in heading for heading in headings):
        raise UnreadableSheet("It is neither a table of text nor an Excel file")
    if not rows:
        raise UnreadableSheet("There are headings and no line below them")
    named = [" ".join(heading.split())[:_LONGEST_HEADING] for heading in headings]
    mapping = guessed(named)
    column = mapping.get("birth_date")
    dates = [cells[column] for _, cells in rows if column < len(cells)] if column is not None else []
    return Head(named, [cells[: len(named)] for _, cells in rows[:_SAMPLES]], order_seen(dates), mapping)


async def read_head(raw: bytes) -> Head:
    """Raises Invalid, ImportFileTooLarge, UnreadableSheet."""
    if len(raw) > MAX_BYTES:
        raise ImportFileTooLarge
    if not raw:
        raise Invalid.field("file", "The file is empty", "empty")
    return await asyncio.to_thread(head_of, raw)


async def keep_file(ctx: Context, filename: str, raw: bytes, head: Head) -> PatientImport:
    """A new import, its columns guessed."""
    made = PatientImport(
        filename=plain_name(filename), form=form_of(raw), size_bytes=len(raw), sha256=hashlib.sha256(raw).digest(),
        headings=head.headings, mapping=head.mapping, date_order=head.date_order,
    )  # fmt: skip
    ctx.add(made)
    await ctx.session.flush()
    ctx.add(PatientImportFile(id=made.id, content=raw))
    ctx.audit(Action.CREATE, "patient_import", made.id)
    await ctx.session.flush()
    return made


def plain_name(filename: str) -> str:
    """The file's own name, whatever folders a browser says it lay in."""
    name = PurePosixPath(PureWindowsPath(filename.replace("\0", "")).name).name
    return " ".join(name.split())[-120:] or "patients"


def as_sent(ctx: Context, filename: str, raw: bytes) -> Context:
    """The context of an upload whose form has its own hash: a browser draws other borders around it each time."""
    told = hashlib.sha256(f"{ctx.route}\0{filename}\0".encode() + hashlib.sha256(raw).digest())
    return replace(ctx, body_hash=told.digest())


async def find(ctx: Context, import_id: UUID) -> PatientImport:
    """Raises NotFound."""
    row = await ctx.session.scalar(select(PatientImport).where(PatientImport.id == import_id))
    if row is None:
        raise NotFound().about("patient_import", import_id)
    return row


async def unfinished(ctx: Context, raw: bytes) -> PatientImport | None:
    """The newest import of the same file that was begun and not finished: where one goes on after a power cut."""
    query = (
        select(PatientImport)
        .where(
            PatientImport.sha256 == hashlib.sha256(raw).digest(),
            PatientImport.status.in_(("running", "failed", "cancelled")),
            PatientImport.run_at.is_not(None),
        )
        .order_by(PatientImport.created_at.desc())
        .limit(1)
    )
    return await ctx.session.scalar(query)


def imports() -> Select[Any]:
    """All imports, the newest first."""
    return select(*PatientImport.__table__.columns).order_by(PatientImport.created_at.desc(), PatientImport.id.desc())


async def samples(ctx: Context, import_id: UUID) -> list[list[str]]:
    """The file's first lines, while it is kept. Raises NotFound."""
    await find(ctx, import_id)
    content = await ctx.session.scalar(select(PatientImportFile.content).where(PatientImportFile.id == import_id))
    ctx.audit(Action.READ, "patient_import", import_id, details={"part": "samples"})
    return (await asyncio.to_thread(head_of, content)).samples if content else []


async def check(ctx: Context, import_id: UUID, request: CheckImport) -> PatientImport:
    """Begin the dry run. Raises NotFound, ImportNotReady, ImportFileGone, Invalid."""
    row = await _locked(ctx, import_id)
    if row.status not in _UNCHECKED or (row.taken and row.run_at):
        raise ImportNotReady
    await _insist_on_file(ctx, row)
    take_up(row, request)
    await _begin(ctx, row, "checking")
    row.run_at = row.run_by = None
    return row


def take_up(row: PatientImport, request: CheckImport) -> None:
    """What stands in which column. Raises Invalid."""
    beyond = [target for target, column in request.mapping.items() if column >= len(row.headings)]
    if beyond:
        raise Invalid.field(f"mapping.{beyond[0]}", "The file has no such column", "no_such_column")
    row.mapping = {str(target): column for target, column in request.mapping.items()}
    row.existing, row.date_order = request.existing, request.date_order


async def run(ctx: Context, import_id: UUID) -> PatientImport:
    """Take in what was checked, or go on with what was interrupted. Raises NotFound, ImportNotReady, ImportFileGone."""
    row = await _locked(ctx, import_id)
    goes_on = row.status in {"failed", "cancelled"} and row.run_at is not None
    if row.status != "checked" and not goes_on:
        raise ImportNotReady
    await _insist_on_file(ctx, row)
    if goes_on:
        await _go(ctx, row, "running")
    else:
        await _begin(ctx, row, "running")
        row.run_at = ctx.now()
    row.run_by = ctx.user_id
    return row


async def cancel(ctx: Context, import_id: UUID) -> PatientImport:
    """Stop after the portion that is being worked on. What was taken in stays, until it is undone."""
    row = await _locked(ctx, import_id)
    if row.status not in {"checking", "running"}:
        raise ImportNotReady
    row.status, row.finished_at = "cancelled", ctx.now()
    ctx.audit(Action.UPDATE, "patient_import", row.id, details={"to": "cancelled"})
    ctx.emit(PatientImportMoved(row.id))
    return row


async def undo(ctx: Context, import_id: UUID) -> PatientImport:
    """Close all of its records while none is used. Raises NotFound, ImportNotReady, ImportUsed."""
    row = await _locked(ctx, import_id)
    if row.status not in {"done", "failed", "cancelled"} or not row.taken or row.run_at is None:
        raise ImportNotReady
    if used := await used_count(ctx, row.id):
        raise ImportUsed(extra={"used": used})
    row.lines_done = row.last_line = row.undone = 0
    row.lines_total = row.taken
    row.run_by = ctx.user_id
    await _go(ctx, row, "undoing")
    return row


async def _locked(ctx: Context, import_id: UUID) -> PatientImport:
    row = await ctx.session.scalar(select(PatientImport).where(PatientImport.id == import_id).with_for_update())
    if row is None:
        raise NotFound().about("patient_import", import_id)
    return row


async def _insist_on_file(ctx: Context, row: PatientImport) -> None:
    if await ctx.session.scalar(select(PatientImportFile.id).where(PatientImportFile.id == row.id)) is None:
        raise ImportFileGone


async def _begin(ctx: Context, row: PatientImport, status: str) -> None:
    """From the first line, with nothing found yet."""
    await ctx.session.execute(delete(PatientImportRefusal).where(PatientImportRefusal.import_id == row.id))
    row.lines_done = row.last_line = row.taken = row.refused = row.skipped = 0
    await _go(ctx, row, status)


async def _go(ctx: Context, row: PatientImport, status: str) -> None:
    wait_for(ctx, row, status)
    await jobs.defer(ctx.session, work_on_import, organization_id=ctx.organization_id, import_id=row.id)


def wait_for(ctx: Context, row: PatientImport, status: str) -> None:
    """Put it at a step for whoever works it off."""
    row.status, row.failure, row.finished_at = status, None, None
    ctx.audit(Action.EXECUTE, "patient_import", row.id, details={"to": status})
    ctx.emit(PatientImportMoved(row.id))


def refusals(import_id: UUID) -> Select[Any]:
    return (
        select(PatientImportRefusal.line, PatientImportRefusal.reasons, PatientImportRefusal.cells)
        .where(PatientImportRefusal.import_id == import_id)
        .order_by(PatientImportRefusal.line)
    )


def report(ctx: Context, row: PatientImport, form: Form, language: Language = "en") -> Export:
    """The refused lines as a table to mend and send again: number and reasons, then the cells as they came."""
    own = in_language(_OWN_COLUMNS, language)
    names = _distinct(row.headings, own)
    columns = own | {name: f"cell_{n}" for n, name in enumerate(names)}
    places = {target: row.headings[column] for target, column in row.mapping.items()}

    async def dress(_: Context, batch: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        return [
            {"line": one["line"], "why": _why(one["reasons"], places, language)}
            | {f"cell_{n}": one["cells"][n] if n < len(one["cells"]) else "" for n in range(len(names))}
            for one in batch
        ]

    return Export(
        entity="patient_import",
        filename=f"refused-lines-{ctx.now():%Y-%m-%d}.{form}",
        query=refusals(row.id),
        columns=columns,
        details={"import_id": str(row.id)},
        dress=dress,
        form=form,
    )


_OWN_COLUMNS: Headings = {"line": ("Line", "पंक्ति"), "why": ("Why not", "क्यों नहीं")}


def _why(reasons: Sequence[Mapping[str, str]], places: Mapping[str, str], language: Language) -> str:
    """`Mobile No: There is no digit in it; DOB: There is no such day`."""
    told = [(places.get(one["field"], ""), said(one["code"], one["message"], language)) for one in reasons]
    return "; ".join(f"{place}: {message}" if place else message for place, message in told)


def _distinct(headings: Sequence[str], own: Collection[str]) -> list[str]:
    """The headings, none empty and none twice, and none that the report's own columns have."""
    found: list[str] = []
    for n, heading in enumerate(headings, 1):
        name = heading or f"Column {n}"
        found.append(name if name not in {*found, *own} else f"{name} ({n})")
    return found
