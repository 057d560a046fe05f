"""The commands: `arogya serve | demo | worker | db | outbox | backup | archive | restore | import | reset-password`."""

import asyncio
import errno
import ipaddress
import os
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from typer.core import TyperGroup

from arogya.importing import commands as imports
from arogya.platform.operator import OperatorError
from arogya.platform.settings import APP_ROLE, OWNER_ROLE, Settings, settings
from arogya.rescue import reset_password

if TYPE_CHECKING:
    from arogya.lan import Certificate

_LOOPBACKS = {"127.0.0.1", "localhost"}
_DISK_FULL = "53100"
_STARTED = time.monotonic()
say = Console(highlight=False, soft_wrap=True)
complain = Console(highlight=False, soft_wrap=True, stderr=True)


class PlainSpoken(TyperGroup):
    """What is wrong outside the program is told in one sentence, without a traceback."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except OperatorError as error:
            sentence = str(error)
        except ValidationError as error:
            first = error.errors()[0]
            reason = first["msg"].removeprefix("Value error, ")
            sentence = f"The setting {_environment_name(str(first['loc'][0]))} is wrong: {reason}."
        except Exception as error:
            if not _disk_is_full(error):
                raise
            sentence = "The disk is full: free some space and start again."
        complain.print(sentence, style="bold red", markup=False)
        raise typer.Exit(1)


# Each command imports what it needs when it runs: the worker must not pay for the server, nor `--help` for either.
app = typer.Typer(cls=PlainSpoken, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
db = typer.Typer(no_args_is_help=True, help="Prepare a real PostgreSQL server, named by DATABASE_URL.")
app.add_typer(db, name="db")
archive = typer.Typer(no_args_is_help=True, help="The archive that `arogya restore --to` goes back in.")
app.add_typer(archive, name="archive")
app.add_typer(imports, name="import")
app.command()(reset_password)

Host = Annotated[str | None, typer.Option(help="Address to listen at; AROGYA_HOST.")]
Port = Annotated[int | None, typer.Option(help="Port to listen at; PORT.", min=1, max=65535)]
Processes = Annotated[int | None, typer.Option(help="Server processes; AROGYA_SERVER_PROCESSES.", min=1, max=64)]
Lan = Annotated[bool, typer.Option("--lan", help="Serve the other computers in the house, over HTTPS.")]
Reload = Annotated[bool, typer.Option("--reload", help="For developers: start again when a source file changes.")]


@app.command()
def serve(
    host: Host = None, port: Port = None, processes: Processes = None, lan: Lan = False, reload: Reload = False
) -> None:
    """Run the hospital: database, worker and server. Ctrl-C stops all of it."""
    chosen = _chosen(host, port, processes, lan)
    _run(chosen, lan=lan, reload=reload, prepare=lambda _running: None, greet=lambda _address: None)


@app.command()
def demo(
    host: Host = None, port: Port = None, processes: Processes = None, lan: Lan = False, reload: Reload = False
) -> None:
    """Run a demo hospital, filled on the first start."""
    chosen = _chosen(host, port, processes, lan)
    if not chosen.demo_password and not _is_loopback(chosen.host):
        raise OperatorError(
            "The demo's password is known to everyone: set AROGYA_DEMO_PASSWORD before you serve it to other computers."
        )
    from arogya.demo.filling import PASSWORD  # noqa: PLC0415

    password = chosen.demo_password or PASSWORD
    _run(
        chosen,
        lan=lan,
        reload=reload,
        prepare=lambda running: _fill_demo(running, password),
        greet=lambda address: _show_sign_ins(address, chosen, password),
    )


@app.command()
def worker() -> None:
    """Run the background process alone; `serve` starts one by itself."""
    from arogya.worker import run  # noqa: PLC0415

    if not settings().database_url:
        raise OperatorError(
            "DATABASE_URL is empty; `arogya serve` runs the embedded database and its worker by itself."
        )
    asyncio.run(run())


@app.command()
def outbox(last: Annotated[int, typer.Option(help="How many of the newest to show.", min=1)] = 5) -> None:
    """Show the letters and text messages that went into files, as no mail server or SMS provider is set."""
    from arogya.integrations.outbox_folder import kept, readable  # noqa: PLC0415

    found = list(kept(settings().data_dir / "outbox"))[-last:]
    for path in found:
        say.rule()
        say.print(readable(path), markup=False, highlight=False)
    if not found:
        say.print("Nothing was sent yet.")


@db.command("init")
def init_database() -> None:
    """Make the three roles and the database, then the tables. DATABASE_URL's user must be allowed to make roles."""
    from arogya.platform.database_roles import ROLES  # noqa: PLC0415
    from arogya.platform.migrate import upgrade  # noqa: PLC0415
    from arogya.start_checks import prepare_server  # noqa: PLC0415

    chosen = settings()
    if not chosen.database_url:
        raise OperatorError("DATABASE_URL is empty; the embedded database prepares itself.")
    database = prepare_server(chosen)
    say.print(f"Roles {', '.join(ROLES)} and database {database} are ready.", markup=False)
    upgrade(chosen.role_url(OWNER_ROLE).render_as_string(hide_password=False))
    say.print("The tables are up to date.")
    if not chosen.secret_key:
        say.print(
            f"Their passwords derive from the key in {chosen.data_dir / 'keys'}: "
            "keep it safe, and give it to every node as AROGYA_SECRET_KEY.",
            markup=False,
        )


@db.command("migrate")
def migrate_database() -> None:
    """Bring the tables up to date; `serve` does it at every start."""
    from arogya.launch import database  # noqa: PLC0415

    with database(_chosen()):
        say.print("The tables are up to date.")


@app.command()
def backup(file: Annotated[Path, typer.Argument(help="The file to write.")]) -> None:
    """Write the whole installation into one file, also while Arogya runs."""
    from arogya.backup import back_up  # noqa: PLC0415

    back_up(_chosen(), file)
    say.print(f"Backed up to {file} ({file.stat().st_size / 1e6:.1f} MB).", markup=False)
    say.print("It holds the key as well as the records: keep it as safe as both.")


@app.command()
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
    manifest = bring_back(_chosen(), file, force=force)
    say.print(f"Restored the backup of {manifest.made_at} (Arogya {manifest.version}).", markup=False)


def _restore_to(moment: datetime, folder: Path | None, key: Path | None) -> None:
    from arogya.backup import restore_to  # noqa: PLC0415
    from arogya.platform.postgres.recovery import told  # noqa: PLC0415

    with say.status("Going through the archive"):
        recovered = restore_to(_chosen(), moment, archive=folder, key=key)
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


@archive.command("base")
def take_base_backup() -> None:
    """Take a base backup now, beside a running Arogya; it takes one a day by itself."""
    from arogya.backup import take_base_now  # noqa: PLC0415

    base = take_base_now(_chosen())
    say.print(f"Taken into {base.folder} ({base.size_bytes / 1e6:.1f} MB).", markup=False)


@archive.command("show")
def show_archive() -> None:
    """Say which moments can be brought back."""
    from arogya.platform.postgres.archive import Archive  # noqa: PLC0415
    from arogya.platform.postgres.recovery import told  # noqa: PLC0415

    kept = Archive(_chosen().archive_folder)
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


@archive.command("check")
def check_archive() -> None:
    """Read all of it, and say what could not be brought back. Takes about as long as a restore."""
    from arogya.platform.postgres.archive import Archive, Base  # noqa: PLC0415
    from arogya.platform.postgres.recovery import check, told  # noqa: PLC0415

    is_whole = True
    for part, wrong in check(Archive(_chosen().archive_folder)):
        what = f"base backup of {told(part.ended_at)}" if isinstance(part, Base) else "log since the first of them"
        say.print(f"{what}: {wrong or 'whole'}", markup=False, style="" if wrong is None else "bold red")
        is_whole = is_whole and wrong is None
    if not is_whole:
        raise typer.Exit(1)


@archive.command("key")
def save_archive_key(file: Annotated[Path, typer.Argument(help="The file to write.")]) -> None:
    """Write the key into a file. The archive holds none: without this file it opens only here."""
    from arogya.backup import save_key  # noqa: PLC0415

    save_key(_chosen(), file)
    say.print(f"The key is in {file}: keep it where the archive is not.", markup=False)


def _chosen(
    host: str | None = None, port: int | None = None, processes: int | None = None, lan: bool = False
) -> Settings:
    """The settings, with what the command line says put into the environment, where child processes find it."""
    said = {
        "AROGYA_HOST": host or ("0.0.0.0" if lan else None),  # noqa: S104 – --lan means every interface
        "PORT": port,
        "AROGYA_SERVER_PROCESSES": processes,
        "AROGYA_DATA_DIR": settings().data_dir.absolute(),
    }
    os.environ.update({name: str(value) for name, value in said.items() if value is not None})
    settings.cache_clear()
    return settings()


def _run(
    chosen: Settings,
    *,
    lan: bool,
    reload: bool,
    prepare: Callable[[Settings], None],
    greet: Callable[[str], None],
) -> None:
    from arogya import launch  # noqa: PLC0415
    from arogya.lan import certificate_for_lan  # noqa: PLC0415
    from arogya.platform.logs import configure_logging  # noqa: PLC0415

    configure_logging(chosen.log_format)
    certificate = certificate_for_lan(chosen.data_dir) if lan else None
    notes: list[str] = []

    def before_serving(running: Settings) -> None:
        prepare(running)
        notes.extend(_announcements(running))

    def when_open() -> None:
        address = _address(chosen, https=certificate is not None)
        greet(address)
        for note in notes:
            say.print(note, markup=False)
        if certificate:
            _show_how_to_trust(certificate, chosen.port)
        say.print(f"\n  Arogya is at [bold]{address}[/]  (Ctrl-C stops it)")
        say.print(f"  started in {time.monotonic() - _STARTED:.1f} s", style="dim")

    launch.serve(chosen, prepare=before_serving, ready=when_open, certificate=certificate, reload=reload)
    say.print("Arogya has stopped.")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _address(chosen: Settings, *, https: bool) -> str:
    """How a browser on this computer gets there."""
    host = "localhost" if chosen.host in {"0.0.0.0", "::"} else chosen.host  # noqa: S104 – compared, not bound
    return f"{'https' if https else 'http'}://{f'[{host}]' if ':' in host else host}:{chosen.port}"


def _announcements(running: Settings) -> list[str]:
    """What the modules have to say at the terminal, such as the set-up code."""
    from arogya.modules.identity.api import setup_announcement  # noqa: PLC0415
    from arogya.platform.database import Database  # noqa: PLC0415

    async def ask() -> list[str]:
        database = Database(running.role_url(APP_ROLE), pool_size=1)
        try:
            return await setup_announcement(database, running.keys)
        finally:
            await database.dispose()

    return asyncio.run(ask())


def _fill_demo(running: Settings, password: str) -> None:
    """Fill an empty database; a filled one only takes on the password. A hospital of one's own is not touched."""
    from arogya import demo as demo_hospital  # noqa: PLC0415
    from arogya.demo.password import keep_password  # noqa: PLC0415

    if demo_hospital.is_filled(running):
        keep_password(running, password)
        return
    if not demo_hospital.is_needed(running):
        raise OperatorError(
            f"There is a hospital of your own in {running.data_dir}: run it with `arogya serve`, "
            "or choose another folder for the demo with AROGYA_DATA_DIR."
        )
    with Progress(TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn(), console=say,
                  transient=True) as bar:  # fmt: skip
        task = bar.add_task("Filling the demo hospital")
        demo_hospital.fill(
            running, lambda done, total, label: bar.update(task, completed=done, total=total, description=label)
        )


def _show_sign_ins(address: str, chosen: Settings, password: str) -> None:
    from arogya.demo import SIGN_INS, display_path  # noqa: PLC0415

    table = Table(title="Demo sign-ins", title_justify="left", caption_justify="left")
    table.caption = (
        f"Password of each: {password}\nThe waiting room's screen, without a sign-in: {address}{display_path(chosen)}"
    )
    table.add_column("User name", style="bold")
    table.add_column("Who")
    for who, username in SIGN_INS:
        table.add_row(username, who)
    say.print(table)


def _show_how_to_trust(certificate: "Certificate", port: int) -> None:
    addresses = ", ".join(f"https://{name}:{port}" for name in certificate.names if name not in _LOOPBACKS)
    say.print(f"\nOther computers in the house find Arogya at {addresses}", markup=False)
    say.print(
        f"""
So that their browsers trust it, bring them this file once, by USB stick or chat: {certificate.authority}
  Windows   open it > Install certificate > Local machine > Trusted root certification authorities
  macOS     open it > keychain System > double-click it > Trust > Always trust
  Android   Settings > Security > Encryption and credentials > Install a certificate > CA certificate
  iPhone    open it > Settings > Profile downloaded > Install, then General > About > Certificate trust settings
  Linux     Chrome: chrome://certificate-manager > Installed by you; Firefox: Settings > Certificates > Import
Before you trust it, compare its SHA-256 fingerprint:
  {certificate.fingerprint}
It can only vouch for private addresses. The key beside it (ca.key) never leaves this computer.""",
        markup=False,
    )


def _environment_name(setting: str) -> str:
    """`PORT` and `DATABASE_…` go by their plain names."""
    name = setting.upper()
    return name if name == "PORT" or name.startswith("DATABASE_") else f"AROGYA_{name}"


def _disk_is_full(error: BaseException | None) -> bool:
    """Whether a full disk is at the bottom of it, said by the system or by PostgreSQL."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
            return True
        if getattr(error, "sqlstate", None) == _DISK_FULL:
            return True
        error = error.__cause__ or error.__context__
    return False
