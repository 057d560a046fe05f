"""A backup is worth what its restore brings back: every row and rule, or a clear refusal and nothing changed."""

import asyncio
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import pytest

from arogya.backup import ArchiveRefused, back_up, restore
from arogya.launch import database
from arogya.modules.organizations.models import Facility, Organization
from arogya.platform import database_roles as roles
from arogya.platform.clock import new_id
from arogya.platform.database import Database
from arogya.platform.keys import Keys
from arogya.platform.postgres import EmbeddedPostgres, PostgresUnavailable, run_binary
from arogya.platform.settings import APP_ROLE, OWNER_ROLE, Settings

NAMES = ("Kamala Devi Nursing Home", "सरस्वती चिकित्सालय", 'O\'Brien "Test" Clinic\twith a tab\\')


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a stopped installation with two hospitals in it."""
    folder = tmp_path_factory.mktemp("filled") / "var"
    with database(Settings(data_dir=folder)) as (running, _):
        asyncio.run(fill(running))
    return folder


@pytest.fixture
def source(filled: Path, tmp_path: Path) -> Settings:
    return Settings(data_dir=Path(shutil.copytree(filled, tmp_path / "source")))


@pytest.fixture
def target(tmp_path: Path) -> Settings:
    """Another computer: nothing there yet."""
    return Settings(data_dir=tmp_path / "target")


@pytest.fixture(scope="module")
def made_archive(filled: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("archive") / "hospital.backup"
    back_up(Settings(data_dir=filled), file)
    return file


@pytest.fixture
def archive(made_archive: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy2(made_archive, tmp_path / "hospital.backup"))


async def fill(config: Settings) -> None:
    app = Database(config.role_url(APP_ROLE), pool_size=2)
    for code in ("HA", "HB"):
        organization_id = new_id()
        async with app.transaction(organization_id) as session:
            session.add(Organization(id=organization_id, name=f"Hospital {code}", code=code))
            await session.flush()
            for number, name in enumerate(NAMES):
                session.add(Facility(organization_id=organization_id, name=name, code=f"F{number}"))
    await app.dispose()


@contextmanager
def owner(config: Settings) -> Iterator[str]:
    """Start the server, give the owner's URL, stop it."""
    with database(config, migrated=False) as (running, _):
        yield running.role_url(OWNER_ROLE).render_as_string(hide_password=False)


def ask(url: str, *statements: str) -> list[asyncpg.Record]:
    """Run them in one connection; the last one's rows."""

    async def run() -> list[asyncpg.Record]:
        connection = await asyncpg.connect(url)
        try:
            for statement in statements[:-1]:
                await connection.execute(statement)
            return list(await connection.fetch(statements[-1]))
        finally:
            await connection.close()

    return asyncio.run(run())


def as_owner(config: Settings, *statements: str) -> list[asyncpg.Record]:
    with owner(config) as url:
        return ask(url, *statements)


def contents(config: Settings) -> dict[str, str]:
    """Each table's rows as one hash."""
    with owner(config) as url:
        tables = [
            row[0]
            for row in ask(
                url,
                "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1",
            )
        ]
        hashes = ", ".join(
            f"(SELECT count(*) || md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {table} t)"
            for table in tables
        )
        return dict(zip(tables, ask(url, f"SELECT {hashes}")[0].values(), strict=True)) if tables else {}


def schema(config: Settings) -> list[str]:
    """Tables, keys, policies, grants, as statements. Expressions are printed in another form the second time."""
    with owner(config) as url:
        dumped = run_binary("pg_dump", "--schema-only", url=url)
    return [
        line
        for line in dumped.splitlines()
        if not line.startswith("\\") and "ARRAY[" not in line and " CHECK (" not in line
    ]


def repacked(archive: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """The archive with its parts changed by somebody who doesn't mend the sums."""
    with tarfile.open(archive) as tar:
        parts = {member.name: tar.extractfile(member).read() for member in tar.getmembers()}  # type: ignore[union-attr]
    change(parts)
    with tarfile.open(archive, "w") as tar:
        for name, content in parts.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return archive


class TestRestoring:
    def test_brings_back_every_row_and_rule_on_another_computer(
        self, source: Settings, target: Settings, archive: Path
    ) -> None:
        restore(target, archive)
        before = contents(source)
        assert before["facilities"].startswith("6")
        assert contents(target) == before
        assert schema(target) == schema(source)

    def test_brings_the_key_and_the_roles_passwords_with_it(
        self, source: Settings, target: Settings, archive: Path
    ) -> None:
        restore(target, archive)
        kept = target.data_dir / "keys" / "master.key"
        assert kept.read_text() == source.keys.hex
        assert kept.stat().st_mode & 0o777 == 0o600
        with EmbeddedPostgres(target.data_dir) as postgres:
            url = postgres.url(APP_ROLE, source.keys.database_password(APP_ROLE), "arogya")
            assert ask(url, "SELECT name FROM facilities") == [], "row security came back too"

    def test_refuses_to_replace_rows_without_being_told_so(self, source: Settings, archive: Path) -> None:
        as_owner(source, "UPDATE facilities SET name = 'Newer' RETURNING 1")
        before = contents(source)
        with pytest.raises(ArchiveRefused, match=r"already holds data .*--force"):
            restore(source, archive)
        assert contents(source) == before

    def test_by_force_replaces_all_of_it(self, source: Settings, archive: Path) -> None:
        before = contents(source)
        as_owner(
            source,
            "UPDATE facilities SET name = 'Newer'",
            "CREATE TYPE mood AS ENUM ('newer')",
            "CREATE TABLE newer (mood mood)",
            "CREATE VIEW newest AS SELECT * FROM newer",
            "CREATE FUNCTION newness() RETURNS int LANGUAGE sql RETURN 1",
            "SELECT 1",
        )
        restore(source, archive, force=True)
        assert contents(source) == before
        assert as_owner(source, "SELECT 1 FROM pg_proc WHERE proname = 'newness'") == []

    def test_a_failure_half_way_leaves_what_was_there(self, source: Settings, tmp_path: Path) -> None:
        as_owner(source, "CREATE TABLE zzz (n int)", "GRANT SELECT ON zzz TO pg_monitor", "SELECT 1")
        file = tmp_path / "half.backup"
        back_up(source, file)
        as_owner(source, "DROP TABLE zzz", "SELECT 1")
        before = contents(source)

        def forget_a_table(parts: dict[str, bytes]) -> None:
            # Same length, so that the dump stays readable; the sum is mended, as no damage would.
            parts["database.dump"] = parts["database.dump"].replace(b"pg_monitor", b"pg_monitxx")
            mend(parts)

        with pytest.raises(ArchiveRefused, match=r"nothing was changed: .*pg_monitxx"):
            restore(source, repacked(file, forget_a_table), force=True)
        assert contents(source) == before

    def test_with_a_key_of_ones_own_says_where_to_put_the_archives(self, tmp_path: Path, archive: Path) -> None:
        keyed = Settings(data_dir=tmp_path / "keyed", secret_key=Keys(bytes(32)).hex)
        with pytest.raises(ArchiveRefused, match=r"put it into AROGYA_SECRET_KEY \(tar [^)]*\), restore again"):
            restore(keyed, archive)
        assert not (keyed.data_dir / "postgres").exists()

    def test_refuses_beside_a_running_arogya(self, source: Settings, archive: Path) -> None:
        with (
            EmbeddedPostgres(source.data_dir),
            pytest.raises(PostgresUnavailable, match="already served by another running Arogya"),
        ):
            restore(source, archive, force=True)


class TestDamage:
    def refused(self, target: Settings, archive: Path, saying: str) -> None:
        with pytest.raises(ArchiveRefused, match=saying):
            restore(target, archive, force=True)
        assert not (target.data_dir / "postgres").exists(), "looked at before the database is"

    @pytest.mark.parametrize("part", ["master.key", "database.dump"])
    def test_one_changed_byte(self, target: Settings, archive: Path, part: str) -> None:
        def flip(parts: dict[str, bytes]) -> None:
            middle = len(parts[part]) // 2
            changed = bytes([parts[part][middle] ^ 1])
            parts[part] = parts[part][:middle] + changed + parts[part][middle + 1 :]

        self.refused(target, repacked(archive, flip), f"damaged in its part {part}: nothing was changed")

    def test_a_missing_part(self, target: Settings, archive: Path) -> None:
        self.refused(target, repacked(archive, lambda parts: parts.pop("database.dump") and None), "damaged")

    def test_a_file_cut_short(self, target: Settings, archive: Path) -> None:
        os.truncate(archive, archive.stat().st_size // 2)
        self.refused(target, archive, "damaged")

    def test_some_other_file(self, target: Settings, tmp_path: Path) -> None:
        (tmp_path / "letter.txt").write_text("Dear colleague")
        self.refused(target, tmp_path / "letter.txt", "no backup of Arogya")

    def test_no_file(self, target: Settings, tmp_path: Path) -> None:
        self.refused(target, tmp_path / "nowhere", "There is no file")

    def test_an_archive_of_a_newer_arogya(self, target: Settings, archive: Path) -> None:
        def age(parts: dict[str, bytes]) -> None:
            parts["manifest.json"] = json.dumps(json.loads(parts["manifest.json"]) | {"version": "99.0.0"}).encode()

        self.refused(target, repacked(archive, age), "made by Arogya 99.0.0 .* update first")

    def test_names_that_lead_elsewhere_are_never_written(self, target: Settings, archive: Path) -> None:
        victim = target.data_dir.parent / "victim"
        restore(target, repacked(archive, lambda parts: parts.update({"../victim": b"x"})))
        assert not victim.exists()


class TestBackingUp:
    def test_only_its_owner_can_read_the_file(self, made_archive: Path) -> None:
        archive = made_archive
        assert archive.stat().st_mode & 0o777 == 0o600
        assert list(archive.parent.iterdir()) == [archive], "nothing unfinished lies about"

    def test_works_beside_a_running_arogya(self, source: Settings, target: Settings, tmp_path: Path) -> None:
        with EmbeddedPostgres(source.data_dir) as postgres:
            back_up(source, tmp_path / "live.backup")
            assert postgres.is_running
        restore(target, tmp_path / "live.backup")
        assert contents(target) == contents(source)

    def test_refuses_where_rows_would_be_missing(self, source: Settings, tmp_path: Path) -> None:
        as_owner(
            source,
            "CREATE TABLE hidden (n int)",
            "INSERT INTO hidden VALUES (1)",
            "ALTER TABLE hidden ENABLE ROW LEVEL SECURITY",
            "ALTER TABLE hidden FORCE ROW LEVEL SECURITY",
            "CREATE POLICY tenant ON hidden TO arogya_app USING (true)",
            "SELECT 1",
        )
        with pytest.raises(ArchiveRefused, match="doesn't see every row of hidden"):
            back_up(source, tmp_path / "x")
        assert not (tmp_path / "x").exists()

    def test_of_nothing_is_refused(self, target: Settings, tmp_path: Path) -> None:
        with pytest.raises(ArchiveRefused, match="nothing to back up"):
            back_up(target, tmp_path / "x")

    def test_into_no_folder_is_refused(self, source: Settings, tmp_path: Path) -> None:
        with pytest.raises(ArchiveRefused, match="doesn't exist"):
            back_up(source, tmp_path / "no" / "x")


class TestOnARealServer:
    @pytest.fixture
    def server(self, tmp_path: Path) -> Iterator[EmbeddedPostgres]:
        with EmbeddedPostgres(tmp_path / "server", options={"fsync": "off"}) as running:
            yield running

    def settings(self, server: EmbeddedPostgres, data_dir: Path, key: Keys) -> Settings:
        return Settings(database_url=server.url(database="arogya"), secret_key=key.hex, data_dir=data_dir)

    def test_moves_in_and_out_of_one(
        self, server: EmbeddedPostgres, source: Settings, archive: Path, tmp_path: Path
    ) -> None:
        real = self.settings(server, tmp_path / "real", source.keys)
        roles.provision(server.url(), real.keys)
        restore(real, archive)
        assert contents(real) == contents(source)
        back_up(real, tmp_path / "back")
        home = Settings(data_dir=tmp_path / "home")
        restore(home, tmp_path / "back")
        assert contents(home) == contents(source)

    def test_with_another_key_says_where_to_put_it(
        self, server: EmbeddedPostgres, archive: Path, tmp_path: Path
    ) -> None:
        real = self.settings(server, tmp_path / "real", Keys(bytes(32)))
        roles.provision(server.url(), real.keys)
        with pytest.raises(ArchiveRefused, match="AROGYA_SECRET_KEY"):
            restore(real, archive)

    def test_refuses_while_an_arogya_is_connected(
        self, server: EmbeddedPostgres, source: Settings, archive: Path, tmp_path: Path
    ) -> None:
        real = self.settings(server, tmp_path / "real", source.keys)
        roles.provision(server.url(), real.keys)

        async def beside() -> None:
            connection = await asyncpg.connect(real.role_url(APP_ROLE).render_as_string(hide_password=False))
            try:
                with pytest.raises(ArchiveRefused, match="stop it first"):
                    await asyncio.to_thread(restore, real, archive)
            finally:
                await connection.close()

        asyncio.run(beside())


def test_the_commands_say_what_they_did(source: Settings, target: Settings, tmp_path: Path) -> None:
    def arogya(config: Settings, *arguments: str) -> "subprocess.CompletedProcess[str]":
        environment = os.environ | {"AROGYA_DATA_DIR": str(config.data_dir)}
        return subprocess.run(
            [sys.executable, "-m", "arogya", *arguments], capture_output=True, text=True, check=False, env=environment
        )

    made = arogya(source, "backup", str(tmp_path / "b"))
    assert (made.returncode, made.stdout.split(" (")[0]) == (0, f"Backed up to {tmp_path / 'b'}")
    assert arogya(target, "restore", str(tmp_path / "b")).stdout.startswith("Restored the backup of ")
    again = arogya(target, "restore", str(tmp_path / "b"))
    assert again.returncode == 1
    assert again.stderr.startswith("The database already holds data")
    assert "Traceback" not in again.stderr


def mend(parts: dict[str, bytes]) -> None:
    manifest = json.loads(parts["manifest.json"])
    manifest["sha256"] = {name: hashlib.sha256(parts[name]).hexdigest() for name in manifest["sha256"]}
    parts["manifest.json"] = json.dumps(manifest).encode()
