"""`arogya import …`: other systems' records, taken in at the terminal."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from arogya.platform.operator import OperatorError
from arogya.platform.settings import APP_ROLE, Settings, settings

if TYPE_CHECKING:
    from arogya.modules.interop.api import Tally
    from arogya.modules.organizations.api import Organization
    from arogya.modules.patients.api import FileOptions, ImportTold
    from arogya.platform.database import Database

commands = typer.Typer(no_args_is_help=True, help="Take in records from elsewhere; may be repeated without doubles.")
say = Console(highlight=False, soft_wrap=True)


@commands.command("fhir")
def fhir(
    folder: Annotated[Path, typer.Argument(help="A folder of FHIR R4 bundles, `*.json`.")],
    organization: Annotated[
        str | None, typer.Option(help="The hospital's code, e.g. NH. May be left out where there is one.")
    ] = None,
) -> None:
    """Patients, practitioners and the organizations that they name. What is not understood yet is listed."""
    if not folder.is_dir():
        raise OperatorError(f"There is no folder {folder}.")
    with running_database(settings()) as running:
        tally = asyncio.run(_take(running, folder, organization))
    show(tally)
    if not tally.is_whole:
        raise typer.Exit(1)


@commands.command("patients")
def patients(
    file: Annotated[Path, typer.Argument(help="CSV (any separator and encoding) or XLSX, headings in its first line.")],
    *,
    organization: Annotated[
        str | None, typer.Option(help="The hospital's code, e.g. NH. May be left out where there is one.")
    ] = None,
    columns: Annotated[
        list[str] | None, typer.Option("--map", help='Mend a guess: --map "mrn=Old No"; --map "age=" leaves it out.')
    ] = None,
    dates: Annotated[
        str | None, typer.Option(help="dmy or mdy: which stands first in dates that may be read in two ways.")
    ] = None,
    skip_existing: Annotated[
        bool, typer.Option("--skip-existing", help="Pass over patients who are here already, instead of refusing.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be taken and what refused.")] = False,
    report: Annotated[
        Path | None, typer.Option(help="Where refused lines go (.csv or .xlsx). Left out: beside the file.")
    ] = None,
) -> None:
    """Patients of another system, from a table. Interrupted, it goes on when it is called again with the same file."""
    from arogya.modules.patients.api import FileOptions, column_guesses  # noqa: PLC0415
    from arogya.platform.errors import Invalid, TooLarge  # noqa: PLC0415

    if not file.is_file():
        raise OperatorError(f"There is no file {file}.")
    mended = dict(_pair(one) for one in columns or ())
    chosen = FileOptions(
        mended, dates, skip_existing, dry_run, report or file.with_name(f"{file.stem}-refused.csv")
    )  # fmt: skip
    try:
        headings, guesses = column_guesses(file.read_bytes())
        _show_columns(headings, guesses | mended)
        with running_database(settings()) as running:
            told = asyncio.run(_take_patients(running, file, organization, chosen))
    except (Invalid, TooLarge) as fault:
        raise OperatorError(f"{fault.detail}.") from None
    _show_import(told, chosen)
    if told.refused or told.failure:
        raise typer.Exit(1)


def _pair(said: str) -> tuple[str, str]:
    target, is_pair, heading = said.partition("=")
    if not is_pair:
        raise OperatorError(f'--map is written "name=Heading", not {said}.')
    return target.strip(), heading.strip()


async def _take_patients(running: Settings, file: Path, code: str | None, chosen: "FileOptions") -> "ImportTold":
    from arogya.modules.patients.api import import_file  # noqa: PLC0415
    from arogya.platform.clock import SystemClock  # noqa: PLC0415
    from arogya.platform.database import Database  # noqa: PLC0415

    database = Database(running.role_url(APP_ROLE), pool_size=2)
    try:
        hospital = await _chosen_hospital(database, code)
        verb = "Checking for" if chosen.is_dry_run else "Importing into"
        say.print(f"{verb} {hospital.name} ({hospital.code})", markup=False)
        with Progress(
            TextColumn("lines"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=say
        ) as bar:  # fmt: skip
            task = bar.add_task("lines", total=None)
            return await import_file(
                database,
                SystemClock(),
                hospital.id,
                file,
                chosen,
                tell=lambda told: bar.update(task, completed=told.lines_done, total=told.lines_total),
            )
    finally:
        await database.dispose()


def _show_columns(headings: list[str], taken: dict[str, str]) -> None:
    table = Table("Column", "taken as", box=None)
    by_heading = {heading: target for target, heading in taken.items()}
    for heading in headings:
        table.add_row(escape(heading), by_heading.get(heading, "– left out"))
    say.print(table)


def _show_import(told: "ImportTold", chosen: "FileOptions") -> None:
    verb = "would be taken in" if chosen.is_dry_run else "taken in"
    say.print(f"{told.taken} {verb}, {told.refused} refused, {told.skipped} skipped", markup=False)
    if told.refused:
        say.print(f"The refused lines and why: {chosen.report}", style="yellow", markup=False)
    if told.failure:
        say.print(f"Stopped at line {told.lines_done}: {told.failure}", style="red", markup=False)


@contextmanager
def running_database(chosen: Settings) -> Iterator[Settings]:
    """The database beside a running Arogya, or started for the while."""
    from arogya.platform.postgres.server import serving  # noqa: PLC0415

    if chosen.database_url:
        yield chosen
        return
    if not (chosen.data_dir / "postgres").exists():
        raise OperatorError(f"There is no hospital in {chosen.data_dir} yet: start `arogya serve` first.")
    with serving(chosen.data_dir) as postgres:
        yield chosen.model_copy(update={"database_url": postgres.url(APP_ROLE, database="arogya")})


async def _take(running: Settings, folder: Path, code: str | None) -> "Tally":
    from arogya.modules.interop.api import import_folder, json_files  # noqa: PLC0415
    from arogya.platform.clock import SystemClock  # noqa: PLC0415
    from arogya.platform.database import Database  # noqa: PLC0415

    if not json_files(folder):
        raise OperatorError(f"There is no JSON file in {folder}.")
    database = Database(running.role_url(APP_ROLE), pool_size=2)
    try:
        hospital = await _chosen_hospital(database, code)
        say.print(f"Importing into {hospital.name} ({hospital.code})", markup=False)
        columns = (TextColumn("files"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=say) as bar:
            task = bar.add_task("files")
            return await import_folder(
                database,
                SystemClock(),
                hospital,
                folder,
                lambda done, total: bar.update(task, completed=done, total=total),
            )
    finally:
        await database.dispose()


async def _chosen_hospital(database: "Database", code: str | None) -> "Organization":
    """The one of this code, or the only one: what is imported can't be moved to another afterwards."""
    from arogya.modules.organizations.api import all_organization_ids, organizations  # noqa: PLC0415

    ids = await all_organization_ids(database)
    async with database.transaction() as session:
        there = {one.code: one for one in (await organizations(session, ids)).values()}
    if not there:
        raise OperatorError("There is no hospital yet: open Arogya in the browser and set one up.")
    if code is None and len(there) > 1:
        raise OperatorError(f"Say into which hospital: --organization {' or '.join(sorted(there))}.")
    chosen = there.get((code or next(iter(there))).upper())
    if chosen is None:
        raise OperatorError(f"There is no hospital {code}; there is {' and '.join(sorted(there))}.")
    return chosen


def show(tally: "Tally") -> None:
    """What was taken, and everything that was not."""
    taken = Table("Taken in", "new", "already here", "kept", box=None, title_justify="left")
    for kind in sorted({*tally.added, *tally.known, *tally.kept}):
        taken.add_row(kind, *(str(count[kind] or "") for count in (tally.added, tally.known, tally.kept)))
    say.print(taken)
    for title, counted in (
        ("Not understood yet, left in the files", tally.not_understood),
        ("Parts that no module keeps yet", tally.left_over),
    ):
        if counted:
            say.print(_counts(title, sorted(counted.items())))
    for file, reason in tally.skipped:
        say.print(f"Skipped {file}: {reason}", style="yellow", markup=False)
    for file, kind, reason in tally.refused:
        say.print(f"Refused a {kind} in {file}: {reason}", style="yellow", markup=False)


def _counts(title: str, rows: list[tuple[str, int]]) -> Table:
    table = Table(title, "times", box=None)
    for name, count in rows:
        table.add_row(name, str(count))
    return table
