"""The same import for the command line: in one process, without the worker, going on where it was interrupted."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args
from uuid import UUID

from pydantic import ValidationError

from arogya.modules.patients.importing import service
from arogya.modules.patients.importing.headings import TARGETS, Target
from arogya.modules.patients.importing.running import work_off
from arogya.modules.patients.importing.schemas import CheckImport
from arogya.modules.patients.models import PatientImport
from arogya.platform.access import Context, system_context
from arogya.platform.clock import Clock
from arogya.platform.database import Database
from arogya.platform.export import taken
from arogya.platform.operator import OperatorError

_DATE_ORDERS = ("dmy", "mdy")


@dataclass(frozen=True, slots=True)
class FileOptions:
    """columns: what is taken → its heading, where the guess is to be mended; an empty heading leaves it out."""

    columns: Mapping[str, str] = field(default_factory=dict)
    dates: str | None = None
    skips_existing: bool = False
    is_dry_run: bool = False
    report: Path | None = None


@dataclass(frozen=True, slots=True)
class ImportTold:
    """How far it is, or how it ended."""

    status: str
    lines_done: int
    lines_total: int | None
    taken: int
    refused: int
    skipped: int
    failure: str | None


def column_guesses(raw: bytes) -> tuple[list[str], dict[str, str]]:
    """The headings, and what is taken → its heading. Raises UnreadableSheet."""
    head = service.head_of(raw)
    return head.headings, {target: head.headings[column] for target, column in head.mapping.items()}


async def import_file(
    database: Database,
    clock: Clock,
    organization_id: UUID,
    file: Path,
    options: FileOptions,
    *,
    tell: Callable[[ImportTold], None],
) -> ImportTold:
    """Take a file in, or only check it; write the refused lines beside it. Raises OperatorError, Invalid."""
    raw = await asyncio.to_thread(file.read_bytes)
    head = await service.read_head(raw)
    request = _request(head, options)
    opened = _Terminal(database, clock, organization_id)
    import_id = await opened.begin(file.name, raw, head, request, options)
    await work_off(database, clock, organization_id, import_id, lambda row: tell(_told(row)))
    async with opened.context() as ctx:
        row = await service.find(ctx, import_id)
    if row.refused and options.report:
        what = service.report(ctx, row, "xlsx" if options.report.suffix == ".xlsx" else "csv")
        pieces = [piece async for piece in await taken(ctx, what)]
        await asyncio.to_thread(options.report.write_bytes, b"".join(pieces))
    return _told(row)


@dataclass(frozen=True, slots=True)
class _Terminal:
    database: Database
    clock: Clock
    organization_id: UUID

    @asynccontextmanager
    async def context(self) -> AsyncIterator[Context]:
        async with system_context(
            self.database, self.clock, self.organization_id, route="arogya import patients", request_id="terminal"
        ) as ctx:
            yield ctx

    async def begin(
        self, filename: str, raw: bytes, head: service.Head, request: CheckImport, options: FileOptions
    ) -> UUID:
        """A new import, or the interrupted one of the same file, at the step that `work_off` does."""
        async with self.context() as ctx:
            row = None if options.is_dry_run else await service.unfinished(ctx, raw)
            if row is None:
                row = await service.keep_file(ctx, filename, raw, head)
                service.take_up(row, request)
                row.run_at = None if options.is_dry_run else ctx.now()
            service.wait_for(ctx, row, "checking" if options.is_dry_run else "running")
            return row.id


def _request(head: service.Head, options: FileOptions) -> CheckImport:
    mapping: dict[str, int] = dict(head.mapping)  # type: ignore[arg-type]
    for target, heading in options.columns.items():
        if target not in TARGETS:
            raise OperatorError(f"There is no {target}; there is {', '.join(get_args(Target))}.")
        mapping.pop(target, None)
        if heading:
            if heading not in head.headings:
                raise OperatorError(f"The file has no column {heading}; it has {', '.join(head.headings)}.")
            mapping[target] = head.headings.index(heading)
    if options.dates not in {None, *_DATE_ORDERS}:
        raise OperatorError("--dates is dmy or mdy.")
    existing: Literal["skip", "refuse"] = "skip" if options.skips_existing else "refuse"
    facts: dict[str, Any] = {"mapping": mapping, "existing": existing}
    try:
        return CheckImport(**facts, date_order=options.dates or head.date_order)  # type: ignore[arg-type]
    except ValidationError as fault:
        raise OperatorError(f'{fault.errors()[0]["msg"]}: --map "name=…".') from None


def _told(row: PatientImport) -> ImportTold:
    return ImportTold(
        row.status, row.lines_done, row.lines_total, row.taken, row.refused, row.skipped, row.failure
    )  # fmt: skip
