"""Back to a moment: a base backup from before it, and the log from there up to it, in the place of the data."""

import gzip
import os
import secrets
import shutil
import subprocess
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from arogya.platform.database_roles import scram_verifier
from arogya.platform.keys import Keys
from arogya.platform.operator import OperatorError
from arogya.platform.postgres import wal
from arogya.platform.postgres.archive import Archive, Base, Origin, Span, mark_of
from arogya.platform.postgres.archivist import ask
from arogya.platform.postgres.binaries import PostgresUnavailable, clean_environment, find_binaries, major_version
from arogya.platform.postgres.server import SET_ASIDE, SUPERUSER, EmbeddedPostgres, write_secret

_REPLAYED_WITHIN_S = 4 * 3600
_SCRATCH = ".recovery-"


class RecoveryRefused(OperatorError):
    """The moment can't be reached; one sentence says why. What was there is as it was."""


@dataclass(frozen=True)
class Recovered:
    """transaction, committed_at: the last that is in it; None where nothing was written after the base backup.

    set_aside: where the data that were there lie now.
    """

    transaction: int | None
    committed_at: datetime | None
    base_at: datetime
    set_aside: Path | None


def recover(data_dir: Path, archive: Archive, moment: datetime, keys: Keys) -> Recovered:
    """Put the data as they were at `moment` (aware) in the place of those in `data_dir`, which are set aside.

    Raises RecoveryRefused, PostgresUnavailable.
    """
    server = EmbeddedPostgres(data_dir)
    data_dir = data_dir.absolute()
    with server.kept_from_others():
        for left in data_dir.glob(f"{_SCRATCH}*"):  # of one that was killed
            shutil.rmtree(left)
        span = _span_of(archive, moment)
        _refuse_other_origin(span.origin, keys, server)
        base = next(base for base in reversed(span.bases()) if base.ended_at <= moment)
        with tempfile.TemporaryDirectory(dir=data_dir, prefix=_SCRATCH) as work:
            scratch = Path(work)
            _unpack(base, scratch / "postgres")
            found = _stage_log(span, base, scratch / "postgres" / "pg_wal", moment)
            _replay(data_dir, scratch, moment if found.goes_beyond else None)
            set_aside = _exchange(data_dir, scratch / "postgres")
    return Recovered(found.transaction, found.committed_at, base.ended_at, set_aside)


def check(archive: Archive) -> Iterator[tuple[Base | Span, str | None]]:
    """Each base backup, then the log of its span: what is wrong with it, None where all of it is whole."""
    for span in archive.spans():
        bases = span.bases()
        for base in bases:
            with tempfile.TemporaryDirectory(prefix="arogya-check-", dir=archive.folder) as work:
                try:
                    _unpack(base, Path(work) / "postgres")
                    yield base, None
                except RecoveryRefused as refused:
                    yield base, str(refused)
        if bases:
            with tempfile.TemporaryDirectory(prefix="arogya-check-", dir=archive.folder) as work:
                covered = span.covered
                try:
                    _read_log(span, bases[0], Path(work), covered.until if covered else bases[0].ended_at)
                    yield span, None
                except RecoveryRefused as refused:
                    yield span, str(refused)


def _span_of(archive: Archive, moment: datetime) -> Span:
    """The last that has a base backup from before the moment. Where it ends too early is found out on the way."""
    spans = [span for span in archive.spans() if span.bases()]
    if not spans:
        raise RecoveryRefused(f"There is no base backup in {archive.folder}.")
    earlier = [span for span in spans if span.bases()[0].ended_at <= moment]
    if not earlier:
        raise RecoveryRefused(
            f"The first base backup is of {told(spans[0].bases()[0].ended_at)}: nothing before it can be brought back."
        )
    return earlier[-1]


def _refuse_other_origin(origin: Origin, keys: Keys, server: EmbeddedPostgres) -> None:
    if origin.postgres != (ours := major_version(server.bin)):
        raise RecoveryRefused(
            f"The archive is of PostgreSQL {origin.postgres} and this is PostgreSQL {ours}: "
            f"restore with AROGYA_PG_BIN naming the programs of PostgreSQL {origin.postgres}."
        )
    if origin.key != mark_of(keys):
        raise RecoveryRefused(
            "The archive belongs to another key than this installation's: name the file of the right one with --key."
        )


def _unpack(base: Base, data: Path) -> None:
    """The copy, each file compared with what the server said of it."""
    damaged = RecoveryRefused(
        f"The base backup in {base.folder} is damaged: move it away to start from the one before it."
    )
    data.mkdir(mode=0o700)
    try:
        with gzip.open(base.folder / "base.tar.gz") as whole:
            with tarfile.open(fileobj=whole, mode="r|") as tar:
                for member in tar:
                    _unpack_one(tar, member, data)
            while whole.read(1 << 20):  # its check sum comes last
                pass
    except (tarfile.TarError, zlib.error, gzip.BadGzipFile, EOFError, FileNotFoundError) as error:
        raise damaged from error
    checked = subprocess.run(  # noqa: S603 – our own binary
        [find_binaries() / "pg_verifybackup", "--no-parse-wal", "--exit-on-error",
         f"--manifest-path={base.manifest}", data],
        capture_output=True, text=True, check=False, env=clean_environment(),
    )  # fmt: skip
    if checked.returncode:
        raise damaged


def _unpack_one(tar: tarfile.TarFile, member: tarfile.TarInfo, data: Path) -> None:
    """Content only: whose the files are is said when the server starts."""
    target = data / member.name
    if ".." in target.parts or not target.is_relative_to(data):
        raise tarfile.TarError(member.name)
    if member.isdir():
        target.mkdir(mode=0o700, parents=True, exist_ok=True)
    elif content := tar.extractfile(member):
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with target.open("wb") as file:
            shutil.copyfileobj(content, file)


def _stage_log(span: Span, base: Base, folder: Path, moment: datetime) -> wal.Walk:
    """Copy beside the data what leads to the moment. Raises where the log does not lead there."""
    with tempfile.TemporaryDirectory(dir=folder) as work:
        found = _read_log(span, base, Path(work), moment)
        links = sorted(Path(work).iterdir())
        last = wal.segment(span.origin.timeline, found.beyond_at + wal.SEGMENT_BYTES) if found.goes_beyond else None
        for link in links:
            if last is None or link.name <= last:
                shutil.copyfile(link, folder / link.name)
    return found


def _read_log(span: Span, base: Base, folder: Path, moment: datetime) -> wal.Walk:
    """Read the log from the base backup to the moment, by links in `folder`. Raises where it does not lead there."""
    timeline = span.origin.timeline
    start, end = base.log_range()
    there = {path.name[:24]: path for path in wal.segments(span.wal)}
    at = wal.begins_at(wal.segment(timeline, start))
    while path := there.get(wal.segment(timeline, at)):
        (folder / path.name[:24]).symlink_to(path.absolute())
        at += wal.SEGMENT_BYTES
    found = wal.walk(folder, timeline, start, at, moment)
    if found.goes_beyond:
        return found
    broke_off_at = at if found.broke_off_at is None else found.broke_off_at
    covered = span.covered
    whole_to = max(end, covered.lsn if covered else 0)
    if broke_off_at < whole_to or any(name > wal.segment(timeline, at) for name in there):
        name = wal.segment(timeline, broke_off_at)
        what = "damaged" if name in there else "missing"
        since = f" (the last moment before it is {told(found.last_seen)})" if found.last_seen else ""
        raise RecoveryRefused(f"The archive's log is {what} at {span.wal / name}{since}: nothing was changed.")
    known = [known for known in (covered and covered.until, found.last_seen, base.ended_at) if known]
    if max(known) < moment:
        raise RecoveryRefused(f"The archive ends at {told(max(known))}: nothing later can be brought back.")
    return found


def _replay(data_dir: Path, scratch: Path, moment: datetime | None) -> None:
    """Let PostgreSQL go through the log; moment None: to its end. The superuser gets this installation's password."""
    data = scratch / "postgres"
    (data / "recovery.signal").touch(mode=0o600)
    # Nobody else gets at the socket, and whose password the copy has may be unknown here.
    open_to_us = data / "recovery_hba.conf"
    open_to_us.write_text("local all all trust\n")
    options = {
        "hba_file": str(open_to_us),
        "hot_standby": "off",  # it is ready when it is there
        "restore_command": "/bin/false",  # what it needs lies in pg_wal
        "recovery_target_timeline": "current",
        "recovery_target_action": "promote",
        "fsync": "on",
    }
    if moment is not None:
        options["recovery_target_time"] = moment.astimezone(UTC).isoformat(sep=" ")
    password = data_dir / "postgres.password"
    if not password.exists():
        write_secret(password, secrets.token_urlsafe(32))
    server = EmbeddedPostgres(scratch, options=options, ready_within_s=_REPLAYED_WITHIN_S)
    try:
        with server:
            verifier = scram_verifier(password.read_text().strip())
            ask(server.url(password=""), f"ALTER ROLE {SUPERUSER} PASSWORD '{verifier}'")
    except PostgresUnavailable as error:
        raise RecoveryRefused(f"PostgreSQL could not go through the archive ({error}): nothing was changed.") from error
    open_to_us.unlink()


def _exchange(data_dir: Path, recovered: Path) -> Path | None:
    """Two renames; after a kill between them the server refuses to start anew."""
    data = data_dir / "postgres"
    set_aside = None
    if data.exists():
        set_aside = data_dir / f"postgres{SET_ASIDE}{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}"
        data.rename(set_aside)
    recovered.rename(data)
    _remember(data_dir)
    return set_aside


def _remember(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def told(moment: datetime, to_the: str = "seconds") -> str:
    """By this computer's clock."""
    return moment.astimezone().isoformat(sep=" ", timespec=to_the)
