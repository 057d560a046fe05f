"""The archive is kept whatever dies, says how far it is, and forgets only what no moment needs."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest
import structlog

from arogya import launch
from arogya.backup import ArchiveRefused, take_base_now
from arogya.platform.postgres import EmbeddedPostgres, archivist, recovery, serving, wal
from arogya.platform.postgres.archive import (
    Archive,
    ArchiveUnusable,
    Covered,
    Origin,
    forget_older,
    mark_of,
    take_base,
)
from arogya.platform.postgres.archivist import Archivist, ask, let_go, received
from arogya.platform.postgres.recovery import RecoveryRefused
from arogya.platform.settings import Settings
from tests.conftest import KEYS
from tests.platform.archive.drill import (
    FAST,
    PATIENCE_S,
    Drill,
    archiving,
    back_to,
    eventually,
    flip_what_counts,
    span_of,
)
from tests.test_launch import Arogya, clean_environment, end


class TestKeepingTheArchive:
    @pytest.fixture
    def postgres(self, copied: Drill) -> Iterator[EmbeddedPostgres]:
        with EmbeddedPostgres(copied.folder, options=FAST) as running:
            yield running

    def receivers(self) -> list[psutil.Process]:
        return [one for one in psutil.Process().children() if one.name() == "pg_receivewal"]

    def test_a_killed_receiver_is_started_again_and_nothing_is_missing(
        self, copied: Drill, postgres: EmbeddedPostgres
    ) -> None:
        with archiving(postgres, copied.folder) as meanwhile:
            (first,) = self.receivers()
            first.send_signal(signal.SIGKILL)
            ask(postgres.url(), "CREATE TABLE meanwhile AS SELECT 1")
            at = datetime.now(UTC)
            eventually(lambda: self.receivers() not in ([], [first]) and meanwhile.is_received())
        assert not self.receivers()
        postgres.stop()
        assert len(Archive(copied.folder / "archive").spans()) == 1
        back_to(copied, at)
        with EmbeddedPostgres(copied.folder, options=FAST) as again:
            assert ask(again.url(), "SELECT count(*) FROM meanwhile") == ["1"]

    def test_a_killed_server_is_followed_again(self, copied: Drill, postgres: EmbeddedPostgres) -> None:
        with archiving(postgres, copied.folder) as meanwhile:
            ask(postgres.url(), "CREATE TABLE meanwhile AS SELECT 1")
            psutil.Process(int((copied.folder / "postgres" / "postmaster.pid").read_text().split()[0])).kill()
            eventually(lambda: not postgres.is_running)
            postgres.start()
            eventually(meanwhile.is_received)
            at = datetime.now(UTC)
        postgres.stop()
        back_to(copied, at)
        with EmbeddedPostgres(copied.folder, options=FAST) as again:
            assert ask(again.url(), "SELECT count(*) FROM meanwhile") == ["1"]

    def test_what_the_server_no_longer_has_begins_a_new_span(self, copied: Drill, postgres: EmbeddedPostgres) -> None:
        let_go(postgres.url())  # as it does by itself when the archive could not be written for a gigabyte
        with archiving(postgres, copied.folder) as meanwhile:
            assert len(meanwhile.archive.spans()) == 2
        postgres.stop()
        with pytest.raises(RecoveryRefused, match="The archive ends at"):
            back_to(copied, datetime.now(UTC))

    def test_data_from_before_the_archives_end_begin_a_new_span(self, copied: Drill) -> None:
        """As when someone copies an older data folder back."""
        span = span_of(copied)
        covered = span.covered
        assert covered
        span.cover(Covered(covered.until, covered.lsn + (1 << 30)))
        with EmbeddedPostgres(copied.folder, options=FAST) as postgres, archiving(postgres, copied.folder) as meanwhile:
            assert len(meanwhile.archive.spans()) == 2

    def test_nothing_is_kept_for_an_archive_that_nobody_wants(self, copied: Drill, postgres: EmbeddedPostgres) -> None:
        slots = "SELECT count(*) FROM pg_replication_slots"
        assert ask(postgres.url(), slots) == ["1"]
        unwanted = Settings(data_dir=copied.folder, secret_key=KEYS.hex, archive=False)
        assert launch._archivist_for(unwanted, postgres) is None
        assert ask(postgres.url(), slots) == ["0"]

    def test_a_disk_that_is_not_there_is_said_and_not_made_up(self, copied: Drill, postgres: EmbeddedPostgres) -> None:
        away = copied.folder / "unplugged" / "archive"
        keeper = Archivist(postgres, Archive(away, is_chosen=True), key=mark_of(KEYS), keep=timedelta(days=7))
        with structlog.testing.capture_logs() as told, pytest.MonkeyPatch.context() as patch:
            patch.setattr(archivist, "log", structlog.get_logger())
            keeper.begin()
            eventually(lambda: told)
            keeper.stop()
        assert told[0]["event"] == "archive_receiver_lost"
        assert "which AROGYA_ARCHIVE_DIR names" in told[0]["reason"]
        assert not away.parent.exists()

    def test_a_full_disk_is_left_to_the_hospital(
        self, copied: Drill, postgres: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with archiving(postgres, copied.folder) as meanwhile:
            monkeypatch.setattr(Archive, "free_bytes", lambda _: 0)
            eventually(lambda: not self.receivers())
            monkeypatch.undo()
            eventually(meanwhile.is_received)

    def test_it_says_how_far_it_is(self, copied: Drill, postgres: EmbeddedPostgres) -> None:
        with archiving(postgres, copied.folder) as meanwhile:
            told = meanwhile.archive.metrics_text().decode()
            assert "\narogya_archive_base_age_seconds " in told
            assert "\narogya_archive_lag_seconds " in told
        assert meanwhile.archive.metrics_text() == b"", "nobody writes it now"

    def test_a_base_backup_beside_nothing_is_refused(self, copied: Drill) -> None:
        with pytest.raises(ArchiveRefused, match="No Arogya that archives is running here"):
            take_base_now(Settings(data_dir=copied.folder, secret_key=KEYS.hex))

    def test_a_base_backup_that_is_broken_off_leaves_nothing(self, copied: Drill, postgres: EmbeddedPostgres) -> None:
        span = span_of(copied)
        before = span.bases()
        with pytest.raises(ArchiveUnusable, match="broken off"):
            take_base(
                Archive(copied.folder / "archive"), span, postgres.url(), going=lambda: False, received=lambda _: False
            )
        assert span.bases() == before
        assert [path.name for path in (span.folder / "bases").iterdir()] == [one.folder.name for one in before]


class TestChecking:
    def said(self, drill: Drill) -> list[str | None]:
        return [wrong for _, wrong in recovery.check(Archive(drill.folder / "archive"))]

    def test_a_whole_archive_is_said_to_be_whole(self, drill: Drill) -> None:
        before = sorted((drill.folder / "archive").rglob("*"))
        assert self.said(drill) == [None, None, None], "two base backups and the log"
        assert sorted((drill.folder / "archive").rglob("*")) == before

    def test_what_is_damaged_is_named(self, drill: Drill) -> None:
        first = span_of(drill).bases()[0].folder / "base.tar.gz"
        flip_what_counts(first)
        wal.segments(span_of(drill).wal)[-1].unlink()
        base, other, log = self.said(drill)
        assert other is None
        assert base
        assert str(first.parent) in base
        assert log
        assert "The archive's log is missing at" in log


def test_only_what_is_needed_for_no_moment_is_forgotten(drill: Drill) -> None:
    archive = Archive(drill.folder / "archive")
    older = archive.spans()[0]
    first, second = older.bases()
    forget_older(archive, second.ended_at - timedelta(microseconds=1))
    assert older.bases() == [first, second], "a moment just before the second needs the first"
    forget_older(archive, second.ended_at)
    assert older.bases() == [second]
    start = wal.segment(older.origin.timeline, second.log_range()[0])
    assert wal.segments(older.wal)[0].name[:24] == start
    back_to(drill, drill.moments[2])
    newer = archive.begin_span(Origin("1", 2, 18, "x"))
    covered = older.covered
    assert covered
    forget_older(archive, covered.until)
    assert archive.spans() == [older, newer]
    forget_older(archive, covered.until + timedelta(microseconds=1))
    assert archive.spans() == [newer]


def test_positions_are_read_as_they_are_written() -> None:
    at = wal.position("2/16EF780")
    assert wal.written(at) == "2/16EF780"
    assert wal.segment(1, at) == "000000010000000200000001"
    assert wal.begins_at("000000010000000200000001") == wal.position("2/1000000")


class TestTheWholeProgram:
    @pytest.fixture
    def start(self) -> Iterator[Callable[..., Arogya]]:
        started: list[Arogya] = []

        def begin(folder: Path) -> Arogya:
            started.append(Arogya(folder, AROGYA_SECRET_KEY=KEYS.hex))
            eventually(started[-1].is_ready)
            return started[-1]

        yield begin
        for one in started:
            end(one)

    def arogya(self, folder: Path, *command: str) -> str:
        environment = clean_environment() | {"AROGYA_DATA_DIR": str(folder), "AROGYA_SECRET_KEY": KEYS.hex}
        done = subprocess.run(
            [sys.executable, "-m", "arogya", *command], capture_output=True, text=True, check=False, env=environment
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def test_archives_by_itself_and_a_kill_loses_nothing(self, copied: Drill, start: Callable[..., Arogya]) -> None:
        running = start(copied.folder)
        archive = Archive(copied.folder / "archive")
        eventually(lambda: "arogya_archive_lag_seconds" in running.get("/metrics"))
        assert "Taken into" in self.arogya(copied.folder, "archive", "base")
        with serving(copied.folder) as postgres:
            ask(postgres.url(), "CREATE TABLE acknowledged AS SELECT 1")
            at = datetime.now(UTC)
            position = wal.position(ask(postgres.url(), "SELECT pg_current_wal_flush_lsn()")[0])
            eventually(lambda: received(postgres.url(), position))
        family = running.family()
        assert [one for one in family if one.name() == "pg_receivewal"]
        running.process.kill()
        running.process.wait()
        psutil.wait_procs(family, timeout=PATIENCE_S)
        assert [one for one in family if one.is_running()] == []
        assert recovery.told(archive.spans()[-1].bases()[-1].ended_at) in self.arogya(copied.folder, "archive", "show")
        assert "as they were at" in self.arogya(copied.folder, "restore", "--to", at.isoformat())
        with EmbeddedPostgres(copied.folder, options=FAST) as postgres:
            assert ask(postgres.url(), "SELECT count(*) FROM acknowledged") == ["1"]
