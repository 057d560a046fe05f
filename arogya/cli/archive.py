"""`arogya backup | restore | archive`: what is kept, and the ways back."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from arogya.cli.chosen import chosen_settings
from arogya.cli.words import say
from arogya.platform.operator import OperatorError

commands = typer.Typer(no_args_is_help=True, help="The archive that `arogya restore --to` goes back in.")


def backup(file: Annotated[Path, typer.Argument(help="The file to write.")]) -> None:
    """Write the whole installation into one file, also while Arogya runs."""
    from arogya.backup import back_up  # noqa: PLC0415

    back_up(chosen_settings(), file)
    say.print(f"Backed up to {file} ({file.stat().st_size / 1e6:.1f} MB).", markup=False)
    say.print("It holds the key as well as the records: keep it as safe as both.")


def restore(
    file: Annotated[Path | None, typer.Argument(help="What `arogya backup` wrote.", show_default=False)] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the data that is there by FILE's.")] = False,
    to: Annotated[
        str | None,
        typer.Option(
            metavar="TIME",
            help='Instead of FILE: a moment in the archive, "2026-11-26 18:03:00" by this clock, or with a zone.',
        ),
    ] = None,
    folder: Annotated[
        Path | None, typer.Option("--archive", help="Where the archive is; AROGYA_ARCHIVE_DIR.", show_default=False)
    ] = None,
    key: Annotated[
        Path | None, typer.Option(help="Its key, where this installation has none or another.", show_default=False)
    ] = None,
) -> None:
    """Bring back a backup, or the data as they were at a moment. All is as before if anything goes wrong."""
    from arogya.backup import restore as bring_back  # noqa: PLC0415

    if (file is None) == (to is None):
        raise OperatorError("Name either the file of a backup or, with --to, a moment.")
    if file is None:
        _restore_to(_moment(str(to)), folder, key)
        return
    manifest = bring_back(chosen_settings(), file, force=force)
    say.print(f"Restored the backup of {manifest.made_at} (Arogya {manifest.version}).", markup=False)


def _restore_to(moment: datetime, folder: Path | None, key: Path | None) -> None:
    from arogya.backup import restore_to  # noqa: PLC0415
    from arogya.platform.postgres.recovery import told  # noqa: PLC0415

    with say.status("Going through the archive"):
        recovered = restore_to(chosen_settings(), moment, archive=folder, key=key)
    last = "nothing was written between the two"
    if recovered.committed_at:
        at = told(recovered.committed_at, to_the="milliseconds")
        last = f"the last transaction in it is {recovered.transaction}, committed at {at}"
    say.print(f"The data are as they were at {told(moment)}.", markup=False)
    say.print(f"From the base backup of {told(recovered.base_at)}; {last}.", markup=False)
    if recovered.set_aside:
        say.print(
            f"What was here before lies in {recovered.set_aside}: delete it when you need it no more.", markup=False
        )


def _moment(said: str) -> datetime:
    try:
        return datetime.fromisoformat(said).astimezone()
    except (ValueError, OverflowError):
        raise OperatorError(
            f'"{said}" is no moment: write it like "2026-11-26 18:03:00" or "2026-11-26T18:03:00+05:30".'
        ) from None


@commands.command("base")
def take_base_backup() -> None:
    """Take a base backup now, beside a running Arogya; it takes one a day by itself."""
    from arogya.backup import take_base_now  # noqa: PLC0415

    base = take_base_now(chosen_settings())
    say.print(f"Taken into {base.folder} ({base.size_bytes / 1e6:.1f} MB).", markup=False)


@commands.command("show")
def show_archive() -> None:
    """Say which moments can be brought back."""
    from arogya.platform.postgres.archive import Archive  # noqa: PLC0415
    from arogya.platform.postgres.recovery import told  # noqa: PLC0415

    kept = Archive(chosen_settings().archive_folder)
    spans = [span for span in kept.spans() if span.bases()]
    for span in spans:
        covered = span.covered
        until = told(covered.until) if covered else "?"
        size = sum(path.stat().st_size for path in span.folder.rglob("*") if path.is_file())
        say.print(f"{told(span.bases()[0].ended_at)}  to  {until}   {size / 1e6:,.0f} MB", markup=False)
        for base in span.bases():
            say.print(f"    base backup of {told(base.ended_at)}   {base.size_bytes / 1e6:,.1f} MB", markup=False)
    if not spans:
        say.print(f"There is no base backup in {kept.folder} yet: `arogya archive base` takes one.", markup=False)


@commands.command("check")
def check_archive() -> None:
    """Read all of it, and say what could not be brought back. Takes about as long as a restore."""
    from arogya.platform.postgres.archive import Archive, Base  # noqa: PLC0415
    from arogya.platform.postgres.recovery import check, told  # noqa: PLC0415

    is_whole = True
    for part, wrong in check(Archive(chosen_settings().archive_folder)):
        what = f"base backup of {told(part.ended_at)}" if isinstance(part, Base) else "log since the first of them"
        say.print(f"{what}: {wrong or 'whole'}", markup=False, style="" if wrong is None else "bold red")
        is_whole = is_whole and wrong is None
    if not is_whole:
        raise typer.Exit(1)


@commands.command("key")
def save_archive_key(file: Annotated[Path, typer.Argument(help="The file to write.")]) -> None:
    """Write the key into a file. The archive holds none: without this file it opens only here."""
    from arogya.backup import save_key  # noqa: PLC0415

    save_key(chosen_settings(), file)
    say.print(f"The key is in {file}: keep it where the archive is not.", markup=False)
