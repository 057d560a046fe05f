"""Back to a moment: what was before it is there, what came after is not; what can't be trusted is refused."""

import asyncio
import json
import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from arogya import cli
from arogya.backup import ArchiveRefused, restore_to, save_key
from arogya.launch import database
from arogya.platform.keys import Keys
from arogya.platform.operator import OperatorError
from arogya.platform.postgres import EmbeddedPostgres, PostgresUnavailable, identity, recovery, wal
from arogya.platform.postgres.archive import (
    Archive,
    write_whole,
)
from arogya.platform.settings import APP_ROLE, Settings, settings
from tests.conftest import KEYS
from tests.platform.archive.drill import (
    FAST,
    NAMES,
    Drill,
    archiving,
    back_to,
    flip,
    flip_what_counts,
    found,
    rows,
    served,
    span_of,
    trail,
)

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become somebody else")


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

    @pytest.mark.parametrize(
        ("part", "damage"),
        [
            ("base.tar.gz", flip_what_counts),
            ("base.tar.gz", lambda path: flip(path, path.stat().st_size - 8)),  # its check sum
            ("backup_manifest", lambda path: flip(path, path.stat().st_size // 2)),
        ],
    )
    def test_a_flipped_byte_in_the_base_backup(
        self, drill: Drill, refused: Callable[..., str], part: str, damage: Callable[[Path], None]
    ) -> None:
        damage(span_of(drill).bases()[0].folder / part)
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
