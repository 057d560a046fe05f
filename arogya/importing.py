"""`arogya import …`: other systems' records, taken in at the terminal."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from arogya.platform.operator import OperatorError
from arogya.platform.settings import APP_ROLE, Settings, settings

if TYPE_CHECKING:
    from arogya.modules.interop.api import Tally
    from arogya.modules.organizations.api import Organization
    from arogya.platform.database import Database

commands = typer.Typer(no_args_is_help=True, help="Take in records from elsewhere; may be repeated without doubles.")
say = Console(highlight=False, soft_wrap=True)


@commands.callback()
def _group() -> None:
    """Keeps `fhir` a word of its own while it is the only command here."""


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
