"""Who keeps the archive while the server runs: receives its log, takes a base backup a day, forgets what is too old."""

import signal
import subprocess
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import IO

import structlog

from arogya.platform.postgres import wal
from arogya.platform.postgres.archive import (
    Archive,
    ArchiveUnusable,
    Covered,
    Origin,
    Span,
    forget_older,
    take_base,
    write_whole,
)
from arogya.platform.postgres.binaries import (
    PostgresUnavailable,
    clean_environment,
    find_binaries,
    major_version,
    run_binary,
    without_password,
)
from arogya.platform.postgres.identity import stop_with_parent
from arogya.platform.postgres.server import EmbeddedPostgres

SLOT = "arogya_archive"
_LOOK_EVERY_S = 5.0
_FIRST_BASE_AFTER_S = 60.0  # people who have just started it want the machine for themselves
_BASE_EVERY = timedelta(days=1)
_SAID_TO_BE_BEHIND_AFTER_S = 120.0
_LAST_WORDS_WITHIN_S = 5.0
_LONGEST_PAUSE_S = 30.0
_ROOM_FOR_THE_HOSPITAL_BYTES = 1 << 30

# The message is a mark in the log: what was committed before it lies before it.
_LOOK = """
SELECT pg_logical_emit_message(true, 'arogya_archive', ''),
       (SELECT write_lsn FROM pg_stat_replication JOIN pg_replication_slots ON active_pid = pid
         WHERE slot_name = 'arogya_archive')"""
_ORIGIN = "SELECT system_identifier, timeline_id FROM pg_control_system(), pg_control_checkpoint()"
_SLOT = "SELECT wal_status, pg_current_wal_flush_lsn() FROM pg_replication_slots WHERE slot_name = 'arogya_archive'"
_DROP = "SELECT pg_drop_replication_slot('arogya_archive') FROM pg_replication_slots WHERE slot_name = 'arogya_archive'"
_CREATE = "SELECT pg_create_physical_replication_slot('arogya_archive', true)"

log = structlog.get_logger(__name__)


def ask(url: str, question: str) -> list[str]:
    """The first row's columns; none without a row. By a process of its own: no event loop beside the server's forks."""
    said = run_binary("psql", "--no-psqlrc", "-Atqc", question, url=url, timeout_s=30).strip()
    return said.splitlines()[0].split("|") if said else []


def let_go(url: str) -> None:
    """Nothing is kept for an archive any more."""
    ask(url, _DROP)


def received(url: str, at: int) -> bool:
    """Whether the receiver has this position. Looking moves the log on, so that there is something to receive."""
    said = ask(url, _LOOK)[1]
    return bool(said) and wal.position(said) >= at


@dataclass(frozen=True)
class _Mark:
    at: datetime
    lsn: int


class Archivist:
    """Begin when people can connect, stop before the server is stopped."""

    def __init__(self, postgres: EmbeddedPostgres, archive: Archive, *, key: str, keep: timedelta) -> None:
        """key: what the spans are marked with. keep: for how long every moment stays within reach."""
        self._postgres = postgres
        self._archive = archive
        self._key = key
        self._keep = keep
        self._span: Span | None = None
        self._receiver: subprocess.Popen[bytes] | None = None
        self._said: IO[bytes] | None = None
        self._pause_s = 0.0
        self._not_before = 0.0
        self._looked = 0.0
        self._mark: _Mark | None = None
        self._is_behind = False
        self._has_room = True
        self._base_not_before = time.monotonic() + _FIRST_BASE_AFTER_S
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._keep_on, daemon=True, name="archivist")

    def begin(self) -> None:
        self._base_not_before = time.monotonic() + _FIRST_BASE_AFTER_S
        self._thread.start()

    def stop(self) -> None:
        """Return once everything that was committed is in the archive, or can't be brought there in time."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def _keep_on(self) -> None:
        while not self._stopping.wait(0.25):
            self._turn()
            if self._is_base_due():
                self._take_base()
        with suppress(PostgresUnavailable, subprocess.TimeoutExpired, OSError):
            self._last_words()
        self._end_receiver()
        self._archive.status.unlink(missing_ok=True)

    def _turn(self) -> None:
        """Whatever goes wrong here concerns the archive only: it is said, and tried again later."""
        try:
            if self._postgres.is_running:
                self._receive()
                if self._receiver and time.monotonic() - self._looked >= _LOOK_EVERY_S:
                    self._looked = time.monotonic()
                    self._look()
                    if not self._there_is_room():
                        self._end_receiver()
        except (PostgresUnavailable, ArchiveUnusable, subprocess.TimeoutExpired, OSError) as error:
            self._wait_longer(str(error))

    def _receive(self) -> None:
        """Let there be a receiver, unless one has just failed or the disk is nearly full."""
        if self._receiver and self._receiver.poll() is not None:
            said = self._what_it_said()
            self._end_receiver()
            if "has already been removed" in said or "is ahead of the WAL flush position" in said:
                self._span = None  # the server has not what follows: a new span begins
            self._wait_longer(said)
        if self._receiver or time.monotonic() < self._not_before or not self._there_is_room():
            return
        self._span = self._span or self._open_span()
        self._start_receiver(self._span)

    def _there_is_room(self) -> bool:
        self._archive.make()
        has_room = self._archive.free_bytes() > _ROOM_FOR_THE_HOSPITAL_BYTES
        if has_room != self._has_room:
            self._has_room = has_room
            log.log(20 if has_room else 40, "archive_has_room" if has_room else "archive_has_no_room")
        return has_room

    def _open_span(self) -> Span:
        """The newest, where the server can go on with it; else a new one."""
        url = self._postgres.url()
        system, timeline = ask(url, _ORIGIN)
        origin = Origin(system, int(timeline), major_version(self._postgres.bin), self._key)
        newest = next(reversed(self._archive.spans()), None)
        if newest and newest.origin == origin and (slot := ask(url, _SLOT)) and slot[0] != "lost":
            covered = newest.covered
            if covered is None or covered.lsn <= wal.position(slot[1]):
                return newest
        let_go(url)
        ask(url, _CREATE)
        log.info("archive_span_begun")
        return self._archive.begin_span(origin)

    def _start_receiver(self, span: Span) -> None:
        shown, password = without_password(self._postgres.url())
        self._said = (self._archive.folder / "receiver.log").open("w+b")
        self._receiver = subprocess.Popen(  # noqa: S603 – our own binary
            [find_binaries() / "pg_receivewal", f"--dbname={shown}", f"--directory={span.wal}", f"--slot={SLOT}",
             "--no-loop", "--status-interval=1", "--no-password"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=self._said, start_new_session=True,
            env=clean_environment() | {"PGPASSWORD": password or ""},
            preexec_fn=stop_with_parent(signal.SIGINT),  # noqa: PLW1509 – it only makes system calls
        )  # fmt: skip

    def _end_receiver(self) -> None:
        if self._receiver:
            self._receiver.send_signal(signal.SIGINT)  # it closes its file
            try:
                self._receiver.wait(_LAST_WORDS_WITHIN_S)
            except subprocess.TimeoutExpired:
                self._receiver.kill()
                self._receiver.wait()
            self._receiver = None
        if self._said:
            self._said.close()
            self._said = None
        self._mark = None

    def _what_it_said(self) -> str:
        assert self._said is not None
        self._said.seek(0)
        return self._said.read().decode(errors="replace").strip()

    def _wait_longer(self, reason: str) -> None:
        self._pause_s = min(max(1.0, self._pause_s * 2), _LONGEST_PAUSE_S)
        self._not_before = time.monotonic() + self._pause_s
        if self._postgres.is_running and not self._stopping.is_set():
            log.error("archive_receiver_lost", reason=reason.splitlines()[-1] if reason else "")

    def _look(self) -> None:
        """Note how far nothing is missing: up to the last mark, once the receiver is past it."""
        assert self._span is not None
        at = datetime.now(UTC)
        lsn, has = ask(self._postgres.url(), _LOOK)
        if self._mark and has and wal.position(has) >= self._mark.lsn:
            self._span.cover(Covered(self._mark.at, self._mark.lsn))
            self._pause_s = 0.0
        if self._mark is None or (has and wal.position(has) >= self._mark.lsn):
            self._mark = _Mark(at, wal.position(lsn))
        self._report(wal.position(lsn) - wal.position(has) if has else None)

    def _report(self, behind_bytes: int | None) -> None:
        assert self._span is not None
        covered = self._span.covered
        bases = self._span.bases()
        write_whole(
            self._archive.status,
            {
                "covered_until": covered.until.isoformat() if covered else None,
                "behind_bytes": behind_bytes,
                "base_at": bases[-1].ended_at.isoformat() if bases else None,
            },
        )
        behind_s = (datetime.now(UTC) - covered.until).total_seconds() if covered else 0.0
        is_behind = behind_s > _SAID_TO_BE_BEHIND_AFTER_S
        if is_behind != self._is_behind:
            self._is_behind = is_behind
            log.log(40 if is_behind else 20, "archive_behind" if is_behind else "archive_caught_up", by_s=int(behind_s))

    def _last_words(self) -> None:
        """Everything that was committed goes into the archive before the server stops."""
        if not (self._receiver and self._span and self._postgres.is_running):
            return
        at = datetime.now(UTC)
        lsn = wal.position(ask(self._postgres.url(), _LOOK)[0])
        deadline = time.monotonic() + _LAST_WORDS_WITHIN_S
        while not received(self._postgres.url(), lsn):
            if time.monotonic() > deadline:
                return
            time.sleep(0.1)
        self._span.cover(Covered(at, lsn))

    def _is_base_due(self) -> bool:
        if not (self._span and self._receiver and self._has_room) or time.monotonic() < self._base_not_before:
            return False
        bases = self._span.bases()
        return not bases or datetime.now(UTC) - bases[-1].ended_at >= _BASE_EVERY

    def _take_base(self) -> None:
        assert self._span is not None
        url = self._postgres.url()
        try:
            base = take_base(self._archive, self._span, url, going=self._goes_on, received=lambda at: received(url, at))
            log.info("archive_base_taken", size_mb=round(base.size_bytes / 1e6, 1))
            forget_older(self._archive, datetime.now(UTC) - self._keep)
        except (PostgresUnavailable, ArchiveUnusable, subprocess.TimeoutExpired, OSError) as error:
            self._base_not_before = time.monotonic() + 600
            if not self._stopping.is_set():
                log.error("archive_base_failed", reason=str(error))

    def _goes_on(self) -> bool:
        """While a base backup is taken the log is received all the same."""
        self._turn()
        return not self._stopping.wait(0.1) and self._postgres.is_running
