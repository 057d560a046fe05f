"""Bringing an installation back: from one file that holds all of it, or from the archive to a chosen moment."""

import asyncio
import datetime as dt
import hashlib
import json
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

import asyncpg

from arogya import __version__
from arogya.launch import database
from arogya.platform.database_roles import provision
from arogya.platform.keys import Keys
from arogya.platform.operator import OperatorError
from arogya.platform.postgres import find_binaries, run_binary, serving
from arogya.platform.postgres.archive import Archive, Base, take_base
from arogya.platform.postgres.archivist import received
from arogya.platform.postgres.binaries import clean_environment, without_password
from arogya.platform.postgres.recovery import Recovered, recover
from arogya.platform.postgres.server import write_secret
from arogya.platform.settings import OWNER_ROLE, Settings
from arogya.platform.wipe import DROP_EVERYTHING
from arogya.start_checks import refuse_unprepared

FORMAT = 1
_MANIFEST, _KEY, _DUMP = "manifest.json", "master.key", "database.dump"
_PARTS = (_KEY, _DUMP)


# The archive may not say anything about these: they stay the installation's own.
_NOT_RESTORED = re.compile(r"\d+; \d+ \d+ ((COMMENT - |ACL - )?SCHEMA (- )?public|(COMMENT - )?EXTENSION) ")
_TABLES_WITH_HIDDEN_ROWS = """
SELECT relname FROM pg_class
 WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND relrowsecurity AND relforcerowsecurity
   AND NOT EXISTS (SELECT FROM pg_policies
                    WHERE schemaname = 'public' AND tablename = relname AND permissive = 'PERMISSIVE'
                      AND roles && ARRAY['public', current_user] AND cmd IN ('ALL', 'SELECT') AND qual = 'true')
 ORDER BY relname"""
_SESSIONS_OF_A_RUNNING_ONE = """
SELECT pid::text FROM pg_stat_activity
 WHERE datname = current_database() AND usename IN ('arogya_app', 'arogya_relay')"""
_TABLES = """
SELECT oid::regclass::text FROM pg_class
 WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'alembic_version' ORDER BY 1"""


class ArchiveRefused(OperatorError):
    """The backup can't be made or used; one sentence says why and what stays as it was."""


@dataclass(frozen=True)
class Manifest:
    """What the archive says of itself. sha256: of each part."""

    format: int
    version: str
    made_at: str
    sha256: dict[str, str]


def back_up(chosen: Settings, target: Path) -> Manifest:
    """Write the archive, mode 0600, whole or not at all. Works beside a running Arogya: the dump is one snapshot."""
    target = target.absolute()
    if not target.parent.is_dir():
        raise ArchiveRefused(f"The folder {target.parent} doesn't exist.")
    with _owner_url(chosen) as url, tempfile.TemporaryDirectory(dir=target.parent, prefix=".arogya-") as work:
        if hidden := _ask(url, _TABLES_WITH_HIDDEN_ROWS):
            raise ArchiveRefused(f"The owner doesn't see every row of {', '.join(hidden)}: a backup would lack some.")
        parts = Path(work)
        run_binary("pg_dump", "--format=custom", "--enable-row-security", f"--file={parts / _DUMP}", url=url)
        (parts / _KEY).write_text(chosen.keys.hex)
        manifest = Manifest(
            FORMAT, __version__, dt.datetime.now(dt.UTC).isoformat(), {name: _sha256(parts / name) for name in _PARTS}
        )
        (parts / _MANIFEST).write_text(json.dumps(asdict(manifest), indent=2))
        archive = parts / "archive"
        descriptor = os.open(archive, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            with tarfile.open(fileobj=file, mode="w") as tar:
                for name in (_MANIFEST, *_PARTS):
                    tar.add(parts / name, arcname=name)
            file.flush()
            os.fsync(file.fileno())
        archive.replace(target)
    return manifest


def restore(chosen: Settings, source: Path, *, force: bool = False) -> Manifest:
    """Put the archive in the database's place in one transaction: a failure leaves what was there.

    force: even where the database holds rows. Raises ArchiveRefused.
    """
    chosen.data_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=chosen.data_dir, prefix=".restore-") as work:
        manifest = _unpack(source, Path(work))
        archived = Keys.from_hex((Path(work) / _KEY).read_text())
        same_key = archived.hex == chosen.keys.hex
        if not same_key and (chosen.database_url or chosen.secret_key):
            first = "run `arogya db init`, then " if chosen.database_url else ""
            raise ArchiveRefused(
                f"The archive has another key than this installation: put it into AROGYA_SECRET_KEY "
                f"(tar -xOf {source} {_KEY}), {first}restore again."
            )
        with database(chosen, migrated=False) as (running, postgres):
            url = running.role_url(OWNER_ROLE).render_as_string(hide_password=False)
            if _ask(url, _SESSIONS_OF_A_RUNNING_ONE):
                raise ArchiveRefused("An Arogya is connected to this database: stop it first.")
            if not force and (table := _a_table_with_rows(url)):
                raise ArchiveRefused(
                    f"The database already holds data (in {table}): restore with --force to replace all of it."
                )
            _replace_everything(url, Path(work) / _DUMP)
            if postgres and not same_key:
                _take_over_key(chosen.data_dir / "keys", archived)
                provision(postgres.url(), archived)
    return manifest


def restore_to(
    chosen: Settings, moment: dt.datetime, *, archive: Path | None = None, key: Path | None = None
) -> Recovered:
    """Put the data as they were at `moment` in the place of those that are here, which are set aside.

    key: the file of the archive's key, where it is not this installation's. Raises ArchiveRefused, RecoveryRefused.
    """
    if chosen.database_url:
        raise ArchiveRefused(
            "DATABASE_URL names a server of your own: bringing it back to a moment is its operator's work."
        )
    keys = _keys_for(chosen, key)
    folder = archive.absolute() if archive else chosen.archive_folder
    recovered = recover(chosen.data_dir, Archive(folder), moment, keys)
    kept = chosen.data_dir / "keys" / "master.key"
    if not chosen.secret_key and not kept.exists():
        kept.parent.mkdir(mode=0o700, exist_ok=True)
        write_secret(kept, keys.hex)
    elif keys.hex != chosen.keys.hex:
        _take_over_key(kept.parent, keys)
    return recovered


def take_base_now(chosen: Settings) -> Base:
    """A base backup into the span that a running Arogya writes."""
    archive = Archive(chosen.archive_folder)
    if chosen.database_url or not archive.status.exists():
        raise ArchiveRefused("No Arogya that archives is running here: a base backup is taken beside one.")
    with serving(chosen.data_dir) as postgres:
        url = postgres.url()

        def going() -> bool:
            time.sleep(0.1)
            return archive.status.exists()

        return take_base(archive, archive.spans()[-1], url, going=going, received=lambda at: received(url, at))


def save_key(chosen: Settings, target: Path) -> None:
    """Write the master key, mode 0600, to be kept apart from the archive. Never over another file."""
    if target.exists():
        raise ArchiveRefused(f"There is a file {target} already, and it might be another key.")
    if not target.absolute().parent.is_dir():
        raise ArchiveRefused(f"The folder {target.absolute().parent} doesn't exist.")
    write_secret(target, chosen.keys.hex)


def _keys_for(chosen: Settings, key: Path | None) -> Keys:
    """The named file's, else this installation's own; none is made here."""
    has_own = chosen.secret_key or (chosen.data_dir / "keys" / "master.key").exists()
    if key is None:
        if has_own:
            return chosen.keys
        raise ArchiveRefused("There is no key here: name the file that `arogya archive key` wrote with --key.")
    try:
        named = Keys.from_hex(key.read_text())
    except FileNotFoundError:
        raise ArchiveRefused(f"There is no file {key}.") from None
    except ValueError:
        raise ArchiveRefused(f"There is no key in {key}.") from None
    if chosen.secret_key and named.hex != chosen.keys.hex:
        raise ArchiveRefused(f"AROGYA_SECRET_KEY is another key than that in {key}: put that one into it.")
    return named


@contextmanager
def _owner_url(chosen: Settings) -> Iterator[str]:
    """The database as its owner sees it, running already or started for the while."""
    if chosen.database_url:
        refuse_unprepared(chosen)
        yield chosen.role_url(OWNER_ROLE).render_as_string(hide_password=False)
    elif not (chosen.data_dir / "postgres").exists():
        raise ArchiveRefused(f"There is nothing to back up in {chosen.data_dir}.")
    else:
        with serving(chosen.data_dir) as postgres:
            yield postgres.url(OWNER_ROLE, chosen.keys.database_password(OWNER_ROLE), "arogya")


def _unpack(source: Path, folder: Path) -> Manifest:
    """The parts, checked one by one: nothing of a damaged archive reaches the database."""
    try:
        with tarfile.open(source, mode="r:") as tar:
            manifest = Manifest(**json.loads(_member(tar, _MANIFEST).read()))
            if manifest.format != FORMAT or _release(manifest.version) > _release(__version__):
                raise ArchiveRefused(
                    f"The archive was made by Arogya {manifest.version} and this is {__version__}: update first."
                )
            for name in _PARTS:
                with (folder / name).open("wb") as file:
                    shutil.copyfileobj(_member(tar, name), file)
                if _sha256(folder / name) != manifest.sha256[name]:
                    raise ArchiveRefused(f"The archive {source} is damaged in its part {name}: nothing was changed.")
    except FileNotFoundError:
        raise ArchiveRefused(f"There is no file {source}.") from None
    except (tarfile.TarError, KeyError, TypeError, ValueError) as error:
        raise ArchiveRefused(f"{source} is damaged or no backup of Arogya: nothing was changed.") from error
    return manifest


def _ask(url: str, question: str) -> list[str]:
    """The answer's first column."""

    async def ask() -> list[str]:
        connection = await asyncpg.connect(url, timeout=15)
        try:
            return [row[0] for row in await connection.fetch(question)]
        finally:
            await connection.close()

    return asyncio.run(ask())


def _a_table_with_rows(url: str) -> str | None:
    tables = _ask(url, _TABLES)
    looks = " UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT FROM {table})" for table in tables)  # noqa: S608
    return next(iter(_ask(url, looks)), None) if looks else None


def _replace_everything(url: str, dump: Path) -> None:
    """Drop and fill again between BEGIN and COMMIT; COMMIT is only said once the whole dump has been read."""
    contents = dump.with_suffix(".list")
    listed = run_binary("pg_restore", "--list", str(dump)).splitlines(keepends=True)
    contents.write_text("".join(line for line in listed if not _NOT_RESTORED.match(line)))
    shown, password = without_password(url)
    programs = find_binaries()
    with tempfile.TemporaryFile("w+") as complaints:
        psql = subprocess.Popen(  # noqa: S603 – our own binary
            [programs / "psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", f"--dbname={shown}"],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=complaints,
            env=clean_environment() | {"PGPASSWORD": password or ""},
        )  # fmt: skip
        script = subprocess.Popen(  # noqa: S603 – our own binary
            [programs / "pg_restore", "--no-owner", f"--use-list={contents}", "--file=-", dump],
            stdout=subprocess.PIPE, stderr=complaints, env=clean_environment(),
        )  # fmt: skip
        assert psql.stdin is not None
        assert script.stdout is not None
        with suppress(BrokenPipeError), psql.stdin, script.stdout:  # psql hangs up at its first error
            psql.stdin.write(b"BEGIN;\n" + DROP_EVERYTHING.encode())
            shutil.copyfileobj(script.stdout, psql.stdin)
            if script.wait() == 0:
                psql.stdin.write(b"COMMIT;\nANALYZE;\n")
        if script.wait() != 0 or psql.wait() != 0:
            complaints.seek(0)
            said = complaints.read().strip().splitlines()
            raise ArchiveRefused(
                f"The restore failed and nothing was changed: {said[0] if said else 'no reason given'}"
            )


def _take_over_key(folder: Path, archived: Keys) -> None:
    """The key that was here opened nothing but an empty or a replaced database; it is kept all the same."""
    path = folder / "master.key"
    os.link(path, folder / f"master.key.{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%SZ}")
    fresh = folder / "master.key.new"
    write_secret(fresh, archived.hex)
    fresh.replace(path)


def _member(tar: tarfile.TarFile, name: str) -> IO[bytes]:
    part = tar.extractfile(name)
    if part is None:
        raise KeyError(name)
    return part


def _release(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in version.split(".")[:3])


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
