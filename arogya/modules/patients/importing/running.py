"""Works an import off, portion by portion: each is one transaction with its progress, so that whoever dies is followed.

Lines are read in a thread while the portion before them is written: reading is Python's work, writing the database's.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Final, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select
from sqlalchemy.exc import DBAPIError

from arogya.modules.organizations.api import Organization, organization
from arogya.modules.patients.events import PatientImportMoved, PatientsImported
from arogya.modules.patients.importing.cells import DateOrder
from arogya.modules.patients.importing.headings import Target
from arogya.modules.patients.importing.lines import Person, Reader, Refused
from arogya.modules.patients.importing.portions import Portion, Seen, keep, keep_refusals, sort_out
from arogya.modules.patients.models import PatientImport, PatientImportFile
from arogya.modules.patients.mrn import lock_mrns
from arogya.platform.access import Context, system_context
from arogya.platform.audit import Action
from arogya.platform.clock import Clock, local_day
from arogya.platform.database import Database
from arogya.platform.errors import Unavailable
from arogya.platform.outage import LOST
from arogya.platform.problems import problem_of_database_error
from arogya.platform.sheets.line import Line, UnreadableSheet
from arogya.platform.sheets.reading import lines

LINES_AT_A_TIME: Final = 2000
MOST_LINES: Final = 500_000
_WORKING: Final = frozenset({"checking", "running"})
_AFTER: Final = {"checking": "checked", "running": "done"}
_TRIES: Final = 3
_LOST_A_RACE: Final = frozenset({"23505", "40P01", "40001"})
"""Another added the same number meanwhile, or waited for us as we for it: what is here is asked again."""

Tell = Callable[[PatientImport], None]


@dataclass(slots=True)
class Opened:
    """An import to be worked on, as it stood when it was taken up."""

    row: PatientImport
    content: bytes
    hospital: Organization


class Sheet:
    """The file's lines as portions. Reads on from line to line, so each is asked for once."""

    def __init__(self, opened: Opened, reader: Reader) -> None:
        self._reader = reader
        self._seen = Seen()
        self._lines: Iterator[Line] = iter(lines(opened.content))
        next(self._lines)  # the headings
        self._first = 0
        self._pass(opened.row.lines_done)

    def portion(self) -> Portion | None:
        """The next lines; None where there are no more. Raises UnreadableSheet."""
        some = list(islice(self._lines, LINES_AT_A_TIME))
        if not some:
            return None
        made = Portion(self._first, some[-1][0], [], [])
        for number, cells in some:
            read = self._read(number, cells)
            if isinstance(read, Person):
                made.people.append(read)
            else:
                made.refused.append(read)
        self._first += made.count
        return made

    def _pass(self, count: int) -> None:
        """Over what an earlier run took in. It is read all the same, for the numbers that later lines may repeat."""
        for number, cells in islice(self._lines, count):
            self._read(number, cells)
        self._first = count

    def _read(self, number: int, cells: list[str]) -> Person | Refused:
        read = self._reader.read(number, cells)
        if isinstance(read, Person) and (reasons := self._seen.doubled(read)):
            return Refused(number, cells, reasons)
        return read


async def work_off(
    database: Database, clock: Clock, organization_id: UUID, import_id: UUID, tell: Tell = lambda _: None,
    *, is_last_try: bool = False,
) -> None:  # fmt: skip
    """Check or run the import, whichever it waits for, to its end or until it is cancelled. Nothing where it waits not.

    tell: called with the import after each portion. is_last_try: what fails now fails the import, whatever it is; a
    person can let it go on.
    """
    opening = _Import(database, clock, organization_id, import_id, tell)
    try:
        await opening.work_off()
    except UnreadableSheet:
        await opening.fail("sheet_unreadable")
    except Exception as error:
        if is_last_try or not _goes_through_later(error):
            await opening.fail("unexpected")
        raise  # what goes through later, the job tries again


def _goes_through_later(error: Exception) -> bool:
    """The database is away, busy or full."""
    if isinstance(error, DBAPIError):
        return isinstance(problem_of_database_error(error), Unavailable)
    return isinstance(error, LOST)


@dataclass(slots=True)
class _Import:
    database: Database
    clock: Clock
    organization_id: UUID
    import_id: UUID
    tell: Tell

    async def work_off(self) -> None:
        opened = await self._open()
        if opened is None:
            return
        if opened.row.lines_total is None:
            count = await asyncio.to_thread(lambda: sum(1 for _ in lines(opened.content)) - 1)
            if count > MOST_LINES:
                await self.fail("too_many_lines")
                return
            await self._told(opened.row.status, lines_total=count)
        sheet = await asyncio.to_thread(Sheet, opened, self._reader(opened))
        coming = asyncio.ensure_future(asyncio.to_thread(sheet.portion))
        try:
            while portion := await coming:
                coming = asyncio.ensure_future(asyncio.to_thread(sheet.portion))
                if not await self._keep(opened, portion):
                    return
        finally:
            await asyncio.gather(coming, return_exceptions=True)
        await self._finish(opened.row.status)

    async def fail(self, code: str) -> None:
        async with self._context() as (ctx, row):
            if row.status in _WORKING:
                row.status, row.failure, row.finished_at = "failed", code, ctx.now()
                ctx.emit(PatientImportMoved(row.id))
        self.tell(row)

    @asynccontextmanager
    async def _context(self) -> AsyncIterator[tuple[Context, PatientImport]]:
        """A transaction in the name of who ran it, with the import's row locked."""
        async with system_context(
            self.database, self.clock, self.organization_id, route="patients.import", request_id=str(self.import_id)
        ) as system:
            query = select(PatientImport).where(PatientImport.id == self.import_id).with_for_update()
            row = (await system.session.execute(query)).scalar_one()
            system.session.info["user_id"] = row.run_by
            yield replace(system, actor=replace(system.actor, user_id=row.run_by)), row

    async def _open(self) -> Opened | None:
        async with self._context() as (ctx, row):
            if row.status not in _WORKING:
                return None
            content = await ctx.session.scalar(
                select(PatientImportFile.content).where(PatientImportFile.id == self.import_id)
            )
            assert content is not None, "an import keeps its file until it is done"
            return Opened(row, content, await organization(ctx.session, ctx.organization_id))

    def _reader(self, opened: Opened) -> Reader:
        row, hospital = opened.row, opened.hospital
        # The day on which it was begun: an age in a line is the same age after a pause over midnight.
        began = row.run_at or self.clock.now()
        today = local_day(began, ZoneInfo(hospital.time_zone))
        mapping = cast(dict[Target, int], row.mapping)
        order = cast(DateOrder | None, row.date_order)
        return Reader(mapping, len(row.headings), order, today, hospital.country)

    async def _told(self, status: str, **facts: Any) -> None:
        async with self._context() as (ctx, row):
            if row.status == status:
                for name, value in facts.items():
                    setattr(row, name, value)
                ctx.emit(PatientImportMoved(row.id))
        self.tell(row)

    async def _keep(self, opened: Opened, portion: Portion) -> bool:
        """False where this runner is no longer wanted: cancelled, or another one is further."""
        for attempt in range(1, _TRIES + 1):
            try:
                return await self._keep_once(opened, portion)
            except DBAPIError as error:
                if getattr(error.orig, "sqlstate", None) not in _LOST_A_RACE or attempt == _TRIES:
                    raise
        raise AssertionError("unreachable")

    async def _keep_once(self, opened: Opened, portion: Portion) -> bool:
        async with self._context() as (ctx, row):
            if row.status != opened.row.status or row.lines_done != portion.first:
                return False
            is_run = row.status == "running"
            if is_run:
                await lock_mrns(ctx)
            found = await sort_out(ctx, portion, skips_existing=row.existing == "skip")
            if is_run and found.new:
                ids = await keep(ctx, row.id, found.new, opened.hospital)
                details = {"import_id": str(row.id), "up_to_line": portion.last_line}
                ctx.audit(Action.CREATE, "patient", *ids, details=details)
            await keep_refusals(ctx, row.id, found.refused)
            row.lines_done += portion.count
            row.last_line = portion.last_line
            row.taken += len(found.new)
            row.refused += len(found.refused)
            row.skipped += len(found.skipped)
            ctx.emit(PatientImportMoved(row.id))
        self.tell(row)
        return True

    async def _finish(self, status: str) -> None:
        async with self._context() as (ctx, row):
            if row.status != status:
                return
            row.status, row.finished_at = _AFTER[status], ctx.now()
            if row.status == "done":
                await ctx.session.execute(delete(PatientImportFile).where(PatientImportFile.id == row.id))
                ctx.emit(PatientsImported(row.id))
            ctx.emit(PatientImportMoved(row.id))
        self.tell(row)
