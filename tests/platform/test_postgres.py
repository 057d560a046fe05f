"""The embedded server: it starts whatever happened before, keeps what was committed, and says plainly what is wrong."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from arogya.platform.database_roles import ROLES, UnsafeRole, provision
from arogya.platform.keys import Keys
from arogya.platform.postgres import EmbeddedPostgres, PostgresUnavailable, binaries, identity, run_binary, server
from arogya.platform.postgres import serving as serving_of

FAST = {"fsync": "off"}
KEYS = Keys(bytes(range(32)))
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become somebody else")

SUPERVISOR = """
import sys, time
from pathlib import Path
from arogya.platform.postgres import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]), options={"fsync": "off"})
server.start()
print("up", flush=True)
time.sleep(60)
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder after its first start, with one committed row. Copied, never served."""
    folder = tmp_path_factory.mktemp("made")
    with EmbeddedPostgres(folder, options=FAST) as postgres:
        query(postgres.url(), "CREATE TABLE kept AS SELECT 'committed' AS word")
    return folder


@pytest.fixture
def data_dir(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "var"))


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that other users may pass through to; pytest's own is closed to them."""
    folder = Path(tempfile.mkdtemp(prefix="arogya-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def supervisor(data_dir: Path) -> Iterator["subprocess.Popen[str]"]:
    """Another Arogya that serves the data folder."""
    process = subprocess.Popen([sys.executable, "-c", SUPERVISOR, data_dir], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "up\n"
    yield process
    process.kill()
    process.wait()


def query(url: str, sql: str) -> object:
    async def ask() -> object:
        connection = await asyncpg.connect(url)
        try:
            return await connection.fetchval(sql)
        finally:
            await connection.close()

    return asyncio.run(ask())


def kept_word(postgres: EmbeddedPostgres) -> object:
    return query(postgres.url(), "SELECT word FROM kept")


def postmaster_of(data_dir: Path) -> int:
    return int((data_dir / "postgres" / "postmaster.pid").read_text().split()[0])


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """A socket's path has room for 107 bytes, and a test's usual folder is longer where several run at once."""
    with tempfile.TemporaryDirectory(prefix="ar-") as folder:
        yield Path(folder)


class TestStarting:
    def test_first_start_makes_data_that_only_its_user_can_read(self, made: Path) -> None:
        assert (made / "postgres").stat().st_mode & 0o077 == 0
        assert (made / "postgres.password").stat().st_mode & 0o777 == 0o600

    def test_second_start_keeps_the_rows(self, data_dir: Path) -> None:
        for _ in range(2):
            with EmbeddedPostgres(data_dir, options=FAST) as postgres:
                assert kept_word(postgres) == "committed"

    def test_its_settings_keep_rows_safe_and_the_network_out(self, data_dir: Path) -> None:
        with EmbeddedPostgres(data_dir) as postgres:
            told = {
                name: query(postgres.url(), f"SHOW {name}")
                for name in ("fsync", "synchronous_commit", "data_checksums", "listen_addresses", "TimeZone")
            }
            locale = query(postgres.url(), "SELECT datlocale FROM pg_database WHERE datname = 'postgres'")
        assert told == {
            "fsync": "on",
            "synchronous_commit": "on",
            "data_checksums": "on",
            "listen_addresses": "",
            "TimeZone": "UTC",
        }
        assert locale == "C.UTF-8"

    def test_a_wrong_password_is_refused(self, data_dir: Path) -> None:
        with EmbeddedPostgres(data_dir, options=FAST) as postgres, pytest.raises(asyncpg.InvalidPasswordError):
            query(postgres.url(password="guessed"), "SELECT 1")

    def test_a_kill_during_the_first_start_leaves_nothing_behind(self, tmp_path: Path) -> None:
        (tmp_path / "postgres.new").mkdir()
        (tmp_path / "postgres.new" / "PG_VERSION").write_text("18")
        with EmbeddedPostgres(tmp_path, options=FAST) as postgres:
            assert query(postgres.url(), "SELECT 1") == 1
        assert not (tmp_path / "postgres.new").exists()

    def test_a_long_path_is_no_hindrance(self, made: Path, tmp_path: Path) -> None:
        far = tmp_path / ("a" * 100) / ("b" * 100)
        with EmbeddedPostgres(Path(shutil.copytree(made, far)), options=FAST) as postgres:
            assert kept_word(postgres) == "committed"

    def test_a_socket_folder_that_others_prepared_is_not_used(
        self, data_dir: Path, short_folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(short_folder))
        with EmbeddedPostgres(data_dir, options=FAST) as postgres:
            usual = postgres.socket_folder
        assert usual.parent == short_folder
        assert not usual.exists(), "a clean stop leaves nothing in a folder that all share"
        usual.mkdir()
        usual.chmod(0o777)
        with EmbeddedPostgres(data_dir, options=FAST) as postgres:
            assert postgres.socket_folder != usual
            assert postgres.socket_folder.stat().st_mode & 0o077 == 0
            assert kept_word(postgres) == "committed"


class TestAfterAKill:
    def test_it_stops_when_its_parent_is_killed(self, data_dir: Path, supervisor: "subprocess.Popen[str]") -> None:
        pid = postmaster_of(data_dir)
        supervisor.kill()
        deadline = time.monotonic() + 10
        while (data_dir / "postgres" / "postmaster.pid").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not server._postgres_processes_on(data_dir / "postgres"), f"process {pid} still runs"

    @pytest.mark.parametrize("killed", ["supervisor", "postmaster", "all"])
    def test_committed_rows_survive(self, data_dir: Path, supervisor: "subprocess.Popen[str]", killed: str) -> None:
        with serving_of(data_dir) as other:
            query(other.url(), "INSERT INTO kept VALUES ('last') RETURNING 1")
        victims = {
            "supervisor": [supervisor.pid],
            "postmaster": [postmaster_of(data_dir), supervisor.pid],
            "all": [*server._postgres_processes_on(data_dir / "postgres"), supervisor.pid],
        }[killed]
        for pid in victims:
            os.kill(pid, signal.SIGKILL)
        supervisor.wait()
        with EmbeddedPostgres(data_dir, options=FAST) as postgres:
            assert query(postgres.url(), "SELECT count(*) FROM kept") == 2

    def test_a_pid_that_now_belongs_to_a_stranger_is_no_hindrance(self, data_dir: Path) -> None:
        with subprocess.Popen(["sleep", "60"]) as stranger:
            (data_dir / "postgres" / "postmaster.pid").write_text(f"{stranger.pid}\n{data_dir / 'postgres'}\n1\n5432\n")
            with EmbeddedPostgres(data_dir, options=FAST) as postgres:
                assert kept_word(postgres) == "committed"
            stranger.kill()

    def test_it_starts_again_under_the_same_supervisor(self, data_dir: Path) -> None:
        with EmbeddedPostgres(data_dir, options=FAST) as postgres:
            url = postgres.url()
            os.kill(postmaster_of(data_dir), signal.SIGKILL)
            while postgres.is_running:
                time.sleep(0.01)
            postgres.start()
            assert query(url, "SELECT word FROM kept") == "committed"


class TestRefusals:
    def test_a_folder_that_another_arogya_serves(self, data_dir: Path, supervisor: "subprocess.Popen[str]") -> None:
        with pytest.raises(PostgresUnavailable, match="already served by another running Arogya"):
            EmbeddedPostgres(data_dir, options=FAST).start()
        with serving_of(data_dir) as postgres:
            assert kept_word(postgres) == "committed"
        assert supervisor.poll() is None
        assert postmaster_of(data_dir), "looking at it must not stop it"

    def test_data_of_another_postgresql(self, data_dir: Path) -> None:
        (data_dir / "postgres" / "PG_VERSION").write_text("15\n")
        with pytest.raises(PostgresUnavailable, match="is of PostgreSQL 15 and this is PostgreSQL 18"):
            EmbeddedPostgres(data_dir, options=FAST).start()

    @AS_ROOT
    def test_a_full_disk(self, tmp_path: Path) -> None:
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "arogya", tmp_path], check=False)
        if mounted.returncode:
            pytest.skip("may not mount a small disk here")
        try:
            with pytest.raises(PostgresUnavailable, match=r"^The disk that holds .* is full: free some space"):
                EmbeddedPostgres(tmp_path / "var", options=FAST).start()
        finally:
            subprocess.run(["umount", tmp_path], check=True)

    def test_a_lost_password_file(self, data_dir: Path) -> None:
        (data_dir / "postgres.password").unlink()
        with EmbeddedPostgres(data_dir, options=FAST) as postgres, pytest.raises(PostgresUnavailable, match="missing"):
            postgres.url()

    def test_a_folder_without_programs(self, tmp_path: Path) -> None:
        with pytest.raises(PostgresUnavailable, match="there is no initdb"):
            binaries.find_binaries(str(tmp_path))

    def test_a_setting_that_postgresql_does_not_know(self, data_dir: Path) -> None:
        with pytest.raises(PostgresUnavailable, match=r"doesn't start: .*FATAL.*nonsense"):
            EmbeddedPostgres(data_dir, options={"nonsense": "1"}).start()
        with EmbeddedPostgres(data_dir, options=FAST) as postgres:  # the refused one let go of the lock
            assert kept_word(postgres) == "committed"


class TestPrograms:
    def test_a_dump_and_its_password_stay_off_the_command_line(self, data_dir: Path) -> None:
        with EmbeddedPostgres(data_dir, options=FAST) as postgres:
            shown, password = binaries.without_password(postgres.url())
            assert password
            assert password not in shown
            assert "committed" in run_binary("pg_dump", url=postgres.url())

    def test_its_complaint_is_passed_on(self, data_dir: Path) -> None:
        with EmbeddedPostgres(data_dir, options=FAST) as postgres, pytest.raises(PostgresUnavailable, match="no_such"):
            run_binary("pg_dump", url=postgres.url(database="no_such"))

    def test_they_see_neither_our_keys_nor_the_users_settings(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AROGYA_SECRET_KEY", "00" * 32)
        monkeypatch.setenv("PGHOST", "elsewhere.example")
        assert not {"AROGYA_SECRET_KEY", "PGHOST"} & set(binaries.clean_environment())


@AS_ROOT
class TestAsRoot:
    def test_a_namespace_hides_root_and_files_stay_roots(self, data_dir: Path) -> None:
        if not identity.user_namespaces_work():
            pytest.skip("no user namespaces here")
        with EmbeddedPostgres(data_dir, options=FAST) as postgres:
            assert kept_word(postgres) == "committed"
        assert (data_dir / "postgres").stat().st_uid == 0

    def test_without_namespaces_a_service_user_serves(
        self, made: Path, open_folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(identity, "user_namespaces_work", lambda: False)
        data_dir = Path(shutil.copytree(made, open_folder / "var"))
        for _ in range(2):  # the second time the data says whose it is
            with EmbeddedPostgres(data_dir, options=FAST) as postgres:
                status = Path(f"/proc/{postmaster_of(data_dir)}/status").read_text()
                assert "\nUid:\t0\t" not in status
                assert kept_word(postgres) == "committed"
        assert (data_dir / "postgres").stat().st_uid != 0
        assert (data_dir / "postgres.password").stat().st_uid == 0

    def test_a_service_user_makes_fresh_data_too(self, open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(identity, "user_namespaces_work", lambda: False)
        with EmbeddedPostgres(open_folder / "var", options=FAST) as postgres:
            assert query(postgres.url(), "SELECT 1") == 1

    def test_without_either_it_says_so(self, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(identity, "user_namespaces_work", lambda: False)
        monkeypatch.setattr(identity, "_SERVICE_USERS", ("no-such-user",))
        with pytest.raises(PostgresUnavailable, match="start Arogya as an ordinary user"):
            EmbeddedPostgres(data_dir, options=FAST).start()

    def test_a_folder_that_the_service_user_cannot_reach(self, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(identity, "user_namespaces_work", lambda: False)
        with pytest.raises(PostgresUnavailable, match="choose a folder with AROGYA_DATA_DIR"):
            EmbeddedPostgres(data_dir, options=FAST).start()


@pytest.fixture(scope="module")
def postgres(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """A running server with our roles and database."""
    folder = tmp_path_factory.mktemp("roles") / "var"
    with EmbeddedPostgres(Path(shutil.copytree(made, folder)), options=FAST) as running:
        provision(running.url(), KEYS)
        yield running


class TestRoles:
    def url(self, postgres: EmbeddedPostgres, role: str) -> str:
        return postgres.url(role, KEYS.database_password(role), "arogya")

    def test_each_signs_in_with_its_own_derived_password(self, postgres: EmbeddedPostgres) -> None:
        for role in ROLES:
            assert query(self.url(postgres, role), "SELECT current_user") == role
        with pytest.raises(asyncpg.InvalidPasswordError):
            query(postgres.url("arogya_app", KEYS.database_password("arogya_owner"), "arogya"), "SELECT 1")

    def test_none_is_above_row_security(self, postgres: EmbeddedPostgres) -> None:
        powers = "SELECT bool_or(rolsuper OR rolbypassrls OR rolcreaterole) FROM pg_roles WHERE rolname LIKE 'arogya%'"
        assert query(postgres.url(), powers) is False

    def test_only_the_owner_makes_tables(self, postgres: EmbeddedPostgres) -> None:
        query(self.url(postgres, "arogya_owner"), "CREATE TABLE owned (n int)")
        for role in ("arogya_app", "arogya_relay"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                query(self.url(postgres, role), "CREATE TABLE sneaked (n int)")
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                query(self.url(postgres, role), "SELECT n FROM owned")

    def test_strangers_may_not_even_connect(self, postgres: EmbeddedPostgres) -> None:
        query(postgres.url(), "CREATE ROLE stranger LOGIN PASSWORD 'x'")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            query(postgres.url("stranger", "x", "arogya"), "SELECT 1")

    def test_again_with_another_key_changes_the_passwords(self, postgres: EmbeddedPostgres) -> None:
        other = Keys(bytes(32))
        provision(postgres.url(), other)
        url = postgres.url("arogya_app", other.database_password("arogya_app"), "arogya")
        assert query(url, "SELECT 1") == 1
        with pytest.raises(asyncpg.InvalidPasswordError):
            query(self.url(postgres, "arogya_app"), "SELECT 1")
        provision(postgres.url(), KEYS)
        assert query(self.url(postgres, "arogya_app"), "SELECT 1") == 1

    def test_who_may_only_make_roles_and_databases_can_prepare_a_server(self, made: Path, tmp_path: Path) -> None:
        with EmbeddedPostgres(Path(shutil.copytree(made, tmp_path / "var")), options=FAST) as postgres:
            query(postgres.url(), "CREATE ROLE admin LOGIN CREATEROLE CREATEDB PASSWORD 'x'")
            for _ in range(2):
                provision(postgres.url("admin", "x", "arogya"), KEYS)
            assert query(self.url(postgres, "arogya_owner"), "CREATE TABLE owned (n int)") is None

    @pytest.mark.parametrize(
        ("fault", "cure"),
        [
            ("ALTER ROLE arogya_app BYPASSRLS", "ALTER ROLE arogya_app NOBYPASSRLS"),
            ("ALTER ROLE arogya_relay SUPERUSER", "ALTER ROLE arogya_relay NOSUPERUSER"),
            ("GRANT arogya_owner TO arogya_app", "REVOKE arogya_owner FROM arogya_app"),
        ],
    )
    def test_a_role_with_too_much_power_stops_the_start(
        self, postgres: EmbeddedPostgres, fault: str, cure: str
    ) -> None:
        query(postgres.url(), fault)
        with pytest.raises(UnsafeRole, match=fault.rsplit(maxsplit=1)[-1]):
            provision(postgres.url(), KEYS)
        query(postgres.url(), cure)
        provision(postgres.url(), KEYS)
