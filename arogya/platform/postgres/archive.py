"""The archive of the embedded server: base backups, and every change since, as they lie on the disk.

    archive/
    ├─ 2026-11-26T175100.000000Z/ a span: one server's changes without a gap
    │  ├─ span.json               which server, which key
    │  ├─ covered.json            up to which moment nothing is missing
    │  ├─ bases/2026-11-26T…Z/    a base backup, by the moment at which it was whole
    │  └─ wal/                    what pg_receivewal writes
    └─ status.json                for /metrics, while it is being written

A span ends where the server can't go on with it: after a restore, or when the archive could not be written for so long
that the server dropped what it kept for it. It holds no key: that is kept apart (`arogya archive key`).
"""

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from fcntl import LOCK_EX, LOCK_UN, flock
from pathlib import Path
from typing import Any

from arogya.platform.keys import Keys
from arogya.platform.operator import OperatorError
from arogya.platform.postgres import wal
from arogya.platform.postgres.binaries import clean_environment, find_binaries, without_password
from arogya.platform.postgres.identity import stop_with_parent

_UNFINISHED = ".unfinished"
_NAME = "%Y-%m-%dT%H%M%S.%fZ"
_BASE_OPTIONS = (
    "--format=tar", "--compress=client-gzip:1", "--wal-method=none", "--checkpoint=fast", "--max-rate=64M",
    "--manifest-checksums=SHA256", "--no-password",
)  # fmt: skip


class ArchiveUnusable(OperatorError):
    """The archive can't be written or read; one sentence says why."""


def mark_of(keys: Keys) -> str:
    """What a span is marked with: from it the key can't be told."""
    return keys.derive("archive").hex()[:16]


@dataclass(frozen=True)
class Origin:
    """Whose changes a span holds. key: a mark of the master key, from which the key can't be told."""

    system: str
    timeline: int
    postgres: int
    key: str


@dataclass(frozen=True)
class Covered:
    """Everything that was committed by `until` is in the log before `lsn`."""

    until: datetime
    lsn: int

    @classmethod
    def read(cls, path: Path) -> "Covered | None":
        try:
            said = json.loads(path.read_text())
            return cls(datetime.fromisoformat(said["until"]), wal.position(said["lsn"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def write(self, path: Path) -> None:
        write_whole(path, {"until": self.until.isoformat(), "lsn": wal.written(self.lsn)})


@dataclass(frozen=True)
class Base:
    """A base backup. ended_at: when it was whole; no earlier moment can be reached from it."""

    folder: Path

    @property
    def ended_at(self) -> datetime:
        return datetime.strptime(self.folder.name, _NAME).replace(tzinfo=UTC)

    @property
    def manifest(self) -> Path:
        return self.folder / "backup_manifest"

    @property
    def size_bytes(self) -> int:
        return sum(path.stat().st_size for path in self.folder.iterdir())

    def log_range(self) -> tuple[int, int]:
        """The part of the log that it needs to be whole."""
        said = json.loads(self.manifest.read_text())["WAL-Ranges"][0]
        return wal.position(said["Start-LSN"]), wal.position(said["End-LSN"])


@dataclass(frozen=True)
class Span:
    folder: Path

    @property
    def wal(self) -> Path:
        return self.folder / "wal"

    @property
    def origin(self) -> Origin:
        return Origin(**json.loads((self.folder / "span.json").read_text()))

    @property
    def covered(self) -> Covered | None:
        return Covered.read(self.folder / "covered.json")

    def cover(self, covered: Covered) -> None:
        covered.write(self.folder / "covered.json")

    def bases(self) -> list[Base]:
        """The oldest first; an unfinished one is none."""
        found = sorted(path for path in (self.folder / "bases").iterdir() if path.suffix != _UNFINISHED)
        return [Base(path) for path in found]


@dataclass(frozen=True)
class Archive:
    """is_chosen: the folder may be on a disk that is not there just now, and is not made in that disk's place."""

    folder: Path
    is_chosen: bool = False

    def make(self) -> None:
        """Raises ArchiveUnusable."""
        if self.is_chosen and not self.folder.is_dir():
            raise ArchiveUnusable(f"There is no folder {self.folder}, which AROGYA_ARCHIVE_DIR names.")
        self.folder.mkdir(mode=0o700, exist_ok=True)

    def spans(self) -> list[Span]:
        """The oldest first."""
        return [Span(mark.parent) for mark in sorted(self.folder.glob("*/span.json"))]

    def begin_span(self, origin: Origin) -> Span:
        self.make()
        span = Span(self.folder / datetime.now(UTC).strftime(_NAME))
        for folder in (span.folder, span.wal, span.folder / "bases"):
            folder.mkdir(mode=0o700)
        write_whole(span.folder / "span.json", asdict(origin))
        return span

    def free_bytes(self) -> int:
        return shutil.disk_usage(self.folder).free

    @property
    def status(self) -> Path:
        """What whoever writes the archive says of it; gone when nobody does."""
        return self.folder / "status.json"

    def metrics_text(self) -> bytes:
        """Prometheus text; empty where nothing is archived."""
        try:
            said = json.loads(self.status.read_text())
        except (OSError, ValueError):
            return b""
        figures = {
            "lag_seconds": ("Age of the newest moment that can be brought back", _age_s(said["covered_until"])),
            "lag_bytes": ("Log that the archive has not got yet", said["behind_bytes"]),
            "base_age_seconds": ("Age of the newest base backup", _age_s(said["base_at"])),
        }
        return "".join(
            f"# HELP arogya_archive_{name} {help_}\n# TYPE arogya_archive_{name} gauge\narogya_archive_{name} {value}\n"
            for name, (help_, value) in figures.items()
            if value is not None
        ).encode()

    @contextmanager
    def taking_a_base(self) -> Iterator[None]:
        """One at a time, the command's and the clock's."""
        with (self.folder / "base.lock").open("w") as lock:
            flock(lock, LOCK_EX)
            yield
            flock(lock, LOCK_UN)


def take_base(
    archive: Archive, span: Span, url: str, *, going: Callable[[], bool], received: Callable[[int], bool]
) -> Base:
    """Copy the running server's data into the span, gently. Raises ArchiveUnusable.

    going: asked again and again; False ends it. received: whether the archive has the log up to a position.
    """
    with archive.taking_a_base():
        bases = span.folder / "bases"
        for left in bases.glob(f"*{_UNFINISHED}"):
            shutil.rmtree(left)
        unfinished = bases / f"base{_UNFINISHED}"
        shown, password = without_password(url)
        copying = subprocess.Popen(  # noqa: S603 – our own binary
            [find_binaries() / "pg_basebackup", f"--dbname={shown}", f"--pgdata={unfinished}", *_BASE_OPTIONS],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
            env=clean_environment() | {"PGPASSWORD": password or ""},
            preexec_fn=stop_with_parent(signal.SIGTERM),  # noqa: PLW1509 – it only makes system calls
        )  # fmt: skip
        try:
            _wait(copying, going)
            base = Base(unfinished)
            end = base.log_range()[1]
            while not received(end):
                if not going():
                    raise ArchiveUnusable("The base backup was broken off.")
            finished = bases / datetime.now(UTC).strftime(_NAME)
            unfinished.rename(finished)
        except BaseException:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise
        return Base(finished)


def _wait(copying: "subprocess.Popen[str]", going: Callable[[], bool]) -> None:
    while True:
        try:
            _, said = copying.communicate(timeout=0.25)
            break
        except subprocess.TimeoutExpired:
            if not going():
                copying.kill()
                copying.communicate()
                raise ArchiveUnusable("The base backup was broken off.") from None
    if copying.returncode:
        raise ArchiveUnusable(
            f"The base backup failed: {said.strip().splitlines()[-1] if said.strip() else 'no reason'}"
        )


def forget_older(archive: Archive, moment: datetime) -> None:
    """Delete what is needed for no moment since `moment`: base backups, the log before the oldest kept, ended spans."""
    spans = archive.spans()
    for span in spans[:-1]:
        covered = span.covered
        if covered is None or covered.until < moment or not span.bases():
            shutil.rmtree(span.folder)
    for span in archive.spans():
        bases = span.bases()
        older = [base for base in bases if base.ended_at <= moment]
        for base in older[:-1]:
            shutil.rmtree(base.folder)
        kept = bases[max(len(older) - 1, 0) :]
        if kept:
            first = wal.segment(span.origin.timeline, kept[0].log_range()[0])
            for path in wal.segments(span.wal):
                if path.name[:24] < first:
                    path.unlink()


def _age_s(moment: str | None) -> float | None:
    return (datetime.now(UTC) - datetime.fromisoformat(moment)).total_seconds() if moment else None


def write_whole(path: Path, content: dict[str, Any]) -> None:
    """Whole or not at all."""
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(content))
    os.replace(fresh, path)
