"""Back to a moment: what was before it is there, what came after is not; what can't be trusted is refused."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import httpx2
import psutil
import pytest
import structlog
from typer.testing import CliRunner

from arogya import cli, launch
from arogya.app import create_app
from arogya.backup import ArchiveRefused, restore_to, save_key, take_base_now
from arogya.launch import database
from arogya.platform.clock import FixedClock
from arogya.platform.keys import Keys
from arogya.platform.operator import OperatorError
from arogya.platform.postgres import EmbeddedPostgres, PostgresUnavailable, archivist, identity, recovery, serving, wal
from arogya.platform.postgres.archive import (
    Archive,
    ArchiveUnusable,
    Covered,
    Origin,
    Span,
    forget_older,
    mark_of,
    take_base,
    write_whole,
)
from arogya.platform.postgres.archivist import Archivist, ask, let_go, received
from arogya.platform.postgres.recovery import Recovered, RecoveryRefused, recover
from arogya.platform.settings import APP_ROLE, OWNER_ROLE, Settings, settings
from tests.conftest import KEYS, NOW
from tests.factories.patients import a_patient
from tests.test_launch import Arogya, clean_environment, end
from tests.world import World, build_world

PATIENCE_S = 120
FAST = {"fsync": "off"}
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become somebody else")


@dataclass(frozen=True)
class Drill:
    """A stopped installation with its archive, and what happened in it when.

    moments: one after each of the patients who were registered, in that order. began: the one before the first of
    them. first_base: of the first base backup. trail: the audit entries, whole, in the order of time.
    """

    folder: Path
    moments: tuple[datetime, ...]
    began: datetime
    first_base: datetime
    world: World
    trail: list[str]


NAMES = ("Before Test", "Between Test", "After Test")


@pytest.fixture(scope="module", autouse=True)
def often() -> Iterator[None]:
    """Look more often than on a hospital's machine."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(archivist, "_LOOK_EVERY_S", 0.2)
        yield


@pytest.fixture(scope="module")
def drilled(memory_folder: Path, often: None) -> Iterator[Drill]:
    """Patients are registered through the API while the archive is written; a second base backup lies between."""
    folder = memory_folder / "drilled"
    chosen = Settings(data_dir=folder, secret_key=KEYS.hex)
    with database(chosen) as (running, postgres):
        assert postgres
        world = asyncio.run(build_world(running, FixedClock(NOW)))
        with archiving(postgres, folder):
            moments = []
            for number, name in enumerate(NAMES):
                if number != 1:
                    take_base_now(chosen)
                if number == 0:
                    began = datetime.now(UTC)
                asyncio.run(register(running, world, name))
                moments.append(datetime.now(UTC))
        before = trail(running)
    bases = Archive(folder / "archive").spans()[0].bases()
    assert len(bases) == 2
    yield Drill(folder, tuple(moments), began, bases[0].ended_at, world, before)
    shutil.rmtree(folder)


@pytest.fixture
def drill(drilled: Drill, memory_folder: Path) -> Iterator[Drill]:
    """The same files under names of its own: what is recovered is new, what is there is only renamed."""

    def linked(source: str, target: str) -> None:
        if source.endswith(wal.PARTIAL):
            shutil.copyfile(source, target)
        else:
            os.link(source, target)

    folder = Path(shutil.copytree(drilled.folder, memory_folder / "drill", copy_function=linked))
    yield replace(drilled, folder=folder)
    shutil.rmtree(folder)


@pytest.fixture
def copied(drilled: Drill, drill: Drill) -> Drill:
    """With data of its own, which may be served."""
    shutil.rmtree(drill.folder / "postgres")
    shutil.copytree(drilled.folder / "postgres", drill.folder / "postgres")
    return drill


class archiving:
    """An archive of this server is written meanwhile."""

    def __init__(self, postgres: EmbeddedPostgres, folder: Path) -> None:
        self.postgres = postgres
        self.archive = Archive(folder / "archive")
        self.archivist = Archivist(postgres, self.archive, key=mark_of(KEYS), keep=timedelta(days=7))

    def __enter__(self) -> "archiving":
        self.archivist.begin()
        eventually(self.is_received)
        return self

    def __exit__(self, *exc: object) -> None:
        self.archivist.stop()

    def is_received(self) -> bool:
        return self.archive.status.exists() and received(self.postgres.url(), 0)


def eventually(what: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@asynccontextmanager
async def browser(config: Settings) -> AsyncIterator[httpx2.AsyncClient]:
    app = create_app(config, FixedClock(NOW))
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://localhost:8000") as client:
        yield client
    await app.state.database.dispose()


async def register(config: Settings, world: World, name: str) -> None:
    async with browser(config) as client:
        desk = world.a.as_("receptionist")
        answer = await client.post("/api/patients", headers=desk, json=a_patient(name=name))
        assert answer.status_code == 201, answer.text


async def found(config: Settings, world: World) -> list[str]:
    """Which of the drill's patients the desk finds."""
    names = []
    async with browser(config) as client:
        for name in NAMES:
            answer = await client.post(
                "/api/patients/search", headers=world.a.as_("receptionist"), json={"search": name}
            )
            assert answer.status_code == 200, answer.text
            names += [name for one in answer.json()["items"] if one["name"] == name]
    return names


def rows(url: str, query: str) -> list[str]:
    async def run() -> list[str]:
        connection = await asyncpg.connect(url)
        try:
            return [str(row[0]) for row in await connection.fetch(query)]
        finally:
            await connection.close()

    return asyncio.run(run())


def trail(running: Settings) -> list[str]:
    url = running.role_url(OWNER_ROLE).render_as_string(hide_password=False)
    return rows(url, "SELECT to_jsonb(a) FROM audit_entries a ORDER BY a.id")


def served(folder: Path, world: World) -> list[str]:
    """Whom the desk finds when this installation is started."""
    with database(Settings(data_dir=folder, secret_key=KEYS.hex)) as (running, _):
        return asyncio.run(found(running, world))


def back_to(drill: Drill, moment: datetime, keys: Keys = KEYS) -> Recovered:
    return recover(drill.folder, Archive(drill.folder / "archive"), moment, keys)


def span_of(drill: Drill) -> Span:
    return Archive(drill.folder / "archive").spans()[0]


def flip(path: Path, at: int) -> None:
    own = Path(shutil.copyfile(path, path.with_name("own")))
    own.rename(path)
    with path.open("r+b") as file:
        file.seek(at)
        (byte,) = file.read(1)
        file.seek(at)
        file.write(bytes([byte ^ 1]))


class TestBackToAMoment:
    @pytest.mark.parametrize("last", [0, 2])
    def test_what_was_before_is_there_and_what_came_after_is_not(self, drill: Drill, last: int) -> None:
        recovered = back_to(drill, drill.moments[last])
        with database(Settings(data_dir=drill.folder, secret_key=KEYS.hex)) as (running, _):
            kept = trail(running)
            assert asyncio.run(found(running, drill.world)) == list(NAMES[: last + 1])
        assert kept == drill.trail[: len(kept)]
        assert len(kept) == len(drill.trail) - (len(NAMES) - 1 - last), "one entry a registration"
        assert recovered.committed_at is not None
        assert recovered.committed_at <= drill.moments[last]
        assert last == 0 or recovered.committed_at > drill.moments[last - 1]
        assert recovered.transaction

    def test_what_was_there_is_set_aside_whole(self, copied: Drill) -> None:
        recovered = back_to(copied, copied.moments[0])
        assert recovered.set_aside
        shutil.rmtree(copied.folder / "postgres")
        recovered.set_aside.rename(copied.folder / "postgres")
        assert served(copied.folder, copied.world) == list(NAMES)

    def test_a_kill_between_the_two_renames_does_not_begin_an_empty_hospital(
        self, drill: Drill, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        class Killed(BaseException):
            """Nothing of ours is done after it."""

        rename = Path.rename

        def killed(self: Path, target: Path) -> Path:
            if self.parent.name.startswith(".recovery-"):
                raise Killed
            return rename(self, target)

        with monkeypatch.context() as patched:
            patched.setattr(Path, "rename", killed)
            with pytest.raises(Killed):
                back_to(drill, drill.moments[0])
        with pytest.raises(PostgresUnavailable, match=r"broken off here: restore again, or rename .*/postgres.before-"):
            EmbeddedPostgres(drill.folder, options=FAST).start()
        (drill.folder / ".recovery-left").mkdir()
        back_to(drill, drill.moments[0])
        assert not list(drill.folder.glob(".recovery-*"))
        assert served(drill.folder, drill.world) == list(NAMES[:1])

    def test_it_can_be_brought_forward_again(self, drill: Drill) -> None:
        back_to(drill, drill.moments[0])
        with EmbeddedPostgres(drill.folder, options=FAST) as postgres, archiving(postgres, drill.folder):
            pass
        first, second = Archive(drill.folder / "archive").spans()
        assert first.origin.timeline < second.origin.timeline, "another history is another span"
        back_to(drill, drill.moments[1])
        assert served(drill.folder, drill.world) == list(NAMES[:2])

    def test_on_another_computer_with_the_key_that_was_kept_apart(self, drill: Drill, tmp_path: Path) -> None:
        save_key(Settings(data_dir=drill.folder, secret_key=KEYS.hex), tmp_path / "kept.key")
        assert (tmp_path / "kept.key").stat().st_mode & 0o777 == 0o600
        assert not list((drill.folder / "archive").rglob("*.key"))
        other = Settings(data_dir=drill.folder / "other")
        with pytest.raises(ArchiveRefused, match="There is no key here"):
            restore_to(other, drill.moments[1], archive=drill.folder / "archive")
        assert not (other.data_dir / "keys").exists(), "a fresh key would look like the right one"
        recovered = restore_to(other, drill.moments[1], archive=drill.folder / "archive", key=tmp_path / "kept.key")
        assert recovered.set_aside is None
        kept = other.data_dir / "keys" / "master.key"
        assert (kept.read_text(), kept.stat().st_mode & 0o777) == (KEYS.hex, 0o600)
        with database(other) as (running, _):
            assert asyncio.run(found(running, drill.world)) == list(NAMES[:2])
            assert (
                rows(running.role_url(APP_ROLE).render_as_string(hide_password=False), "SELECT name FROM patients")
                == []
            )

    @AS_ROOT
    def test_where_a_service_user_serves(self, drill: Drill, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(identity, "user_namespaces_work", lambda: False)
        drill.folder.parent.chmod(0o711)
        back_to(drill, drill.moments[1])
        assert (drill.folder / "postgres").stat().st_uid != 0
        with EmbeddedPostgres(drill.folder, options=FAST) as postgres, archiving(postgres, drill.folder) as meanwhile:
            assert meanwhile.is_received()
        assert served(drill.folder, drill.world) == list(NAMES[:2])

    def test_the_command_says_to_which_second_and_transaction(
        self, drill: Drill, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("AROGYA_DATA_DIR", str(drill.folder))
        monkeypatch.setenv("AROGYA_SECRET_KEY", KEYS.hex)
        settings.cache_clear()
        done = CliRunner().invoke(cli.app, ["restore", "--to", drill.moments[0].isoformat()])
        settings.cache_clear()
        assert done.exit_code == 0, done.output
        assert f"as they were at {recovery.told(drill.moments[0])}" in done.output
        assert "the last transaction in it is " in done.output
        assert "postgres.before-" in done.output


class TestRefusals:
    """One sentence, and everything is as it was."""

    @pytest.fixture
    def refused(self, drill: Drill) -> Callable[..., str]:
        before = sorted(path.name for path in drill.folder.iterdir())
        data = (drill.folder / "postgres").stat()

        def refusal(moment: datetime, keys: Keys = KEYS) -> str:
            with pytest.raises(OperatorError) as refused:
                back_to(drill, moment, keys)
            assert sorted(path.name for path in drill.folder.iterdir()) == before
            now = (drill.folder / "postgres").stat()
            assert (now.st_ino, now.st_mtime) == (data.st_ino, data.st_mtime)
            said = str(refused.value)
            assert "\n" not in said
            return said

        return refusal

    def test_before_the_first_base_backup(self, drill: Drill, refused: Callable[..., str]) -> None:
        assert "The first base backup is of" in refused(drill.first_base - timedelta(microseconds=1))

    def test_after_the_archives_end(self, drill: Drill, refused: Callable[..., str]) -> None:
        end = span_of(drill).covered
        assert end
        assert end.until >= drill.moments[-1], "what was committed before the stop is within reach"
        assert "The archive ends at" in refused(end.until + timedelta(hours=1))

    def test_the_very_end_is_within_reach(self, drill: Drill) -> None:
        end = span_of(drill).covered
        assert end
        back_to(drill, end.until)
        assert served(drill.folder, drill.world) == list(NAMES)

    def test_no_archive(self, drill: Drill, refused: Callable[..., str]) -> None:
        shutil.rmtree(drill.folder / "archive" / span_of(drill).folder.name / "bases")
        span_of(drill).folder.joinpath("bases").mkdir()
        assert "There is no base backup in" in refused(drill.moments[0])

    @pytest.mark.parametrize("part", ["base.tar.gz", "backup_manifest"])
    def test_a_flipped_byte_in_the_base_backup(self, drill: Drill, refused: Callable[..., str], part: str) -> None:
        path = span_of(drill).bases()[0].folder / part
        flip(path, path.stat().st_size // 2)
        assert "is damaged: move it away to start from the one before it" in refused(drill.moments[0])

    def test_a_base_backup_without_one_of_its_files(self, drill: Drill, refused: Callable[..., str]) -> None:
        (span_of(drill).bases()[0].folder / "base.tar.gz").unlink()
        assert "is damaged" in refused(drill.moments[0])

    def log_of(self, drill: Drill) -> tuple[Path, int]:
        """A file of the log, and the byte in it where what follows the first patient ends."""
        span = span_of(drill)
        start, _ = span.bases()[0].log_range()
        seen = drill.folder.parent / "seen"
        seen.mkdir()
        for path in wal.segments(span.wal):
            (seen / path.name[:24]).symlink_to(path)
            end = wal.begins_at(path.name) + wal.SEGMENT_BYTES
        walked = wal.walk(seen, span.origin.timeline, start, end, drill.moments[0])
        shutil.rmtree(seen)
        name = wal.segment(span.origin.timeline, walked.beyond_at)
        (path,) = (path for path in wal.segments(span.wal) if path.name.startswith(name))
        return path, walked.beyond_at % wal.SEGMENT_BYTES

    def test_a_flipped_byte_in_the_log(self, drill: Drill, refused: Callable[..., str]) -> None:
        path, at = self.log_of(drill)
        flip(path, at + 25)
        said = refused(drill.moments[1])
        assert f"The archive's log is damaged at {span_of(drill).wal / path.name[:24]}" in said
        assert "the last moment before it is" in said
        back_to(drill, drill.began)
        assert served(drill.folder, drill.world) == [], "what lies before the damage is not lost"

    def test_a_missing_file_of_the_log(self, drill: Drill, refused: Callable[..., str]) -> None:
        path, _ = self.log_of(drill)
        path.unlink()
        assert f"The archive's log is missing at {span_of(drill).wal / path.name[:24]}" in refused(drill.moments[1])

    def test_damage_that_only_postgresql_sees(
        self, drill: Drill, refused: Callable[..., str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Were our own look at the log blind, PostgreSQL would not say that it is there either."""
        path, at = self.log_of(drill)
        flip(path, at + 25)
        monkeypatch.setattr(
            recovery.wal, "walk", lambda *_: wal.Walk(goes_beyond=True, beyond_at=wal.begins_at(path.name) + at)
        )
        assert "could not go through the archive" in refused(drill.moments[1])

    def test_another_postgresql(self, drill: Drill, refused: Callable[..., str]) -> None:
        mark = span_of(drill).folder / "span.json"
        write_whole(mark, json.loads(mark.read_text()) | {"postgres": 17})
        assert "The archive is of PostgreSQL 17 and this is PostgreSQL" in refused(drill.moments[0])

    def test_another_key(self, drill: Drill, refused: Callable[..., str]) -> None:
        assert "belongs to another key" in refused(drill.moments[0], Keys(bytes(32)))

    def test_beside_a_running_arogya(self, copied: Drill) -> None:
        with (
            EmbeddedPostgres(copied.folder, options=FAST),
            pytest.raises(PostgresUnavailable, match="already served by another running Arogya"),
        ):
            back_to(copied, copied.moments[0])

    @pytest.mark.parametrize(
        ("arguments", "saying"),
        [
            (["--to", "yesterday"], "is no moment"),
            (["--to", "2026-02-30"], "is no moment"),
            ([], "Name either the file"),
            (["--to", "2026-01-01", "some.file"], "Name either the file"),
            (["--to", "2026-01-01", "--key", "nowhere"], "There is no file nowhere"),
        ],
    )
    def test_what_makes_no_sense(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], saying: str
    ) -> None:
        monkeypatch.setenv("AROGYA_DATA_DIR", str(tmp_path))
        settings.cache_clear()
        done = CliRunner().invoke(cli.app, ["restore", *arguments])
        settings.cache_clear()
        assert done.exit_code == 1
        assert saying in done.stderr

    def test_a_server_of_ones_own(self, tmp_path: Path) -> None:
        own = Settings(data_dir=tmp_path, database_url="postgresql://a@127.0.0.1/x")
        with pytest.raises(ArchiveRefused, match="its operator's work"):
            restore_to(own, datetime.now(UTC))

    def test_a_key_is_never_written_over(self, tmp_path: Path) -> None:
        (tmp_path / "there").write_text("other")
        with pytest.raises(ArchiveRefused, match="already"):
            save_key(Settings(data_dir=tmp_path, secret_key=KEYS.hex), tmp_path / "there")


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
        flip(first, first.stat().st_size // 2)
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
