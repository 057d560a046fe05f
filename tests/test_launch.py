"""The whole program, started as people start it: it comes up, comes back, stops cleanly, and speaks plainly."""

import asyncio
import ctypes
import errno
import http.client
import os
import platform
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import asyncpg
import psutil
import pytest
from typer.testing import CliRunner

from arogya import cli, launch
from arogya.cli import demo, words
from arogya.lan import certificate_for_lan
from arogya.launch import database
from arogya.modules.identity.passwords import scheme
from arogya.platform import migrate
from arogya.platform.keys import Keys
from arogya.platform.operator import OperatorError
from arogya.platform.postgres import EmbeddedPostgres
from arogya.platform.settings import Settings, settings
from tests.program import ROOT, Arogya, alive, clean_environment, end, eventually, free_port


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder whose database is migrated, so that each start is a warm one. Copied, never served."""
    folder = tmp_path_factory.mktemp("migrated") / "var"
    with database(Settings(data_dir=folder)):
        pass
    return folder


@pytest.fixture
def data_dir(migrated: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(migrated, tmp_path / "var"))


@pytest.fixture
def start() -> Iterator[Callable[..., Arogya]]:
    started: list[Arogya] = []

    def begin(*arguments: object, **options: str) -> Arogya:
        started.append(Arogya(*arguments, **options))  # type: ignore[arg-type]
        return started[-1]

    yield begin
    for one in started:
        end(one)


@pytest.fixture(scope="module")
def running(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arogya]:
    """One that tests share: they may kill what comes back, not the whole."""
    arogya = Arogya(Path(shutil.copytree(migrated, tmp_path_factory.mktemp("running") / "var")))
    assert eventually(arogya.is_ready), arogya.said
    yield arogya
    end(arogya)


@pytest.fixture
def refusal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., str]]:
    """What `arogya …` says on its way out with code 1, in this process."""
    handler = signal.getsignal(signal.SIGTERM)

    def run(data_dir: Path, *command: str, **environment: str) -> str:
        for name in ("AROGYA_HOST", "AROGYA_DEMO_PASSWORD", "AROGYA_SECRET_KEY", "DATABASE_URL"):
            monkeypatch.setenv(name, "")
        for name, value in ({"PORT": str(free_port()), "AROGYA_DATA_DIR": str(data_dir)} | environment).items():
            monkeypatch.setenv(name, value)
        settings.cache_clear()
        done = CliRunner().invoke(cli.app, command)
        assert (done.exit_code, type(done.exception)) == (1, SystemExit), done.output
        assert done.stderr.count("\n") == 1, "one sentence"
        return done.stderr

    yield run
    settings.cache_clear()
    signal.signal(signal.SIGTERM, handler)


def refused_outside(data_dir: Path, *command: str, **environment: str) -> str:
    """What it says on its way out with code 1."""
    done = subprocess.run(
        [sys.executable, "-m", "arogya", *command], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60,
        env=clean_environment() | {"AROGYA_DATA_DIR": str(data_dir)} | environment,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.count("\n") == 1, "one sentence"
    return done.stderr


TGKILL = {"x86_64": 234, "aarch64": 131}[platform.machine()]


class TestStopping:
    def test_what_breaks_midway_is_told_without_its_words(self, start: Callable[..., Arogya], data_dir: Path) -> None:
        arogya = start(data_dir, "serve", module="tests.slow_server")
        assert eventually(arogya.is_ready), arogya.said
        with suppress(OSError, http.client.HTTPException):
            arogya.get("/broken")
        assert eventually(lambda: "_granian" in arogya.said or "Traceback" in arogya.said), arogya.said
        assert "9000077777" not in arogya.said
        assert "Traceback" not in arogya.said

    def test_a_signal_that_another_thread_takes_is_heard(self, start: Callable[..., Arogya], data_dir: Path) -> None:
        """The system may give it to any thread; Python's handlers run in the first, which waits."""
        arogya = start(data_dir, "serve")
        assert eventually(arogya.is_ready), arogya.said
        pid = arogya.process.pid
        other = max(one.id for one in psutil.Process(pid).threads())
        assert other != pid
        assert ctypes.CDLL(None).syscall(TGKILL, pid, other, signal.SIGTERM) == 0
        assert arogya.process.wait(30) == 0

    def test_ctrl_c_answers_what_is_in_flight_and_stops_all_of_it(
        self, start: Callable[..., Arogya], data_dir: Path
    ) -> None:
        arogya = start(data_dir, "serve", module="tests.slow_server")
        assert eventually(arogya.is_ready), arogya.said
        assert eventually(arogya.worker)
        family = arogya.family()
        answers: list[str] = []
        asking = threading.Thread(target=lambda: answers.append(arogya.get("/slow?seconds=2", timeout_s=20)))
        asking.start()
        time.sleep(0.7)
        # The terminal sends it to the whole group: the database must not hear it while requests still use it.
        os.killpg(arogya.process.pid, signal.SIGINT)
        assert arogya.process.wait(30) == 0
        asking.join()
        assert answers == ["answered"]
        assert [one for one in family if alive(one)] == []
        assert "Traceback" not in arogya.said
        assert (data_dir / "postgres.log").read_text().endswith("database system is shut down\n")

    def test_kill_9_of_the_parent_ends_the_rest_and_the_next_start_is_clean(
        self, start: Callable[..., Arogya], data_dir: Path
    ) -> None:
        first = start(data_dir)
        assert eventually(first.is_ready), first.said
        assert eventually(first.worker)
        children = first.family()[1:]
        first.process.kill()
        first.process.wait()
        again = start(data_dir)
        assert eventually(again.is_ready), again.said
        assert [one for one in children if alive(one)] == []
        family = again.family()
        assert again.stop(signal.SIGTERM) == 0
        assert [one for one in family if alive(one)] == []

    def test_kill_9_of_the_parent_ends_a_server_process_that_is_just_being_born(
        self, start: Callable[..., Arogya], data_dir: Path
    ) -> None:
        """It has the parent's handlers until its own loop runs, and those would only note the signal."""
        arogya = start(data_dir)
        assert eventually(arogya.is_ready), arogya.said
        time.sleep(6)  # one that dies within 5.5 s of its start counts as hopeless
        (first,) = arogya.servers()
        first.kill()
        born: list[psutil.Process] = []
        while not born:
            born = [one for one in arogya.forks() if one.pid != first.pid]
        time.sleep(0.05)
        others = [one for one in arogya.family() if one.pid not in {born[0].pid, arogya.process.pid}]
        arogya.process.kill()
        assert eventually(lambda: not alive(born[0]), within_s=60)
        assert eventually(lambda: not any(map(alive, others))), [one for one in others if alive(one)]


def test_it_says_where_it_is_and_how_to_begin(running: Arogya) -> None:
    assert f"Arogya is at http://127.0.0.1:{running.port}" in running.said
    assert "There is no hospital yet" in running.said


class TestComingBack:
    def test_a_killed_worker_is_started_again(self, running: Arogya) -> None:
        assert eventually(running.worker)
        first = running.worker()
        assert first
        first.kill()
        assert eventually(lambda: (now := running.worker()) and now.pid != first.pid, within_s=20)

    def test_a_killed_database_is_started_again(self, running: Arogya) -> None:
        running.postmaster().kill()
        assert eventually(lambda: "postgres_died" in running.said)
        assert eventually(running.is_ready, within_s=30)

    def test_a_killed_server_process_is_started_again(self, running: Arogya) -> None:
        time.sleep(6)  # one that dies within 5.5 s of its start counts as hopeless
        servers = running.servers()
        assert len(servers) == 1
        servers[0].kill()
        assert eventually(lambda: not alive(servers[0]))
        assert eventually(running.is_ready)


class TestOneSentence:
    def test_a_port_in_use(self, data_dir: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            assert f"port {port}: another program uses it" in refused_outside(data_dir, "serve", PORT=str(port))

    def test_a_second_arogya_on_the_same_port(
        self, running: Arogya, refusal: Callable[..., str], tmp_path: Path
    ) -> None:
        assert "another program uses it" in refusal(tmp_path, "serve", PORT=str(running.port))

    def test_a_second_arogya_on_the_same_data(self, running: Arogya, refusal: Callable[..., str]) -> None:
        assert "already served by another running Arogya" in refusal(running.data_dir, "serve")
        assert running.is_ready()

    def test_an_address_that_is_not_ours(self, refusal: Callable[..., str], tmp_path: Path) -> None:
        assert "doesn't have that address" in refusal(tmp_path, "serve", "--host", "192.0.2.1")

    def test_data_of_another_postgresql(self, refusal: Callable[..., str], data_dir: Path) -> None:
        (data_dir / "postgres" / "PG_VERSION").write_text("15\n")
        assert "is of PostgreSQL 15" in refusal(data_dir, "serve")

    def test_a_database_of_a_newer_arogya(self, refusal: Callable[..., str], data_dir: Path) -> None:
        with database(Settings(data_dir=data_dir)) as (_, postgres):
            assert postgres
            newer = "UPDATE alembic_version SET version_num = '9999'"
            asyncio.run(execute(postgres.url(database="arogya"), newer))
        assert "belongs to a newer Arogya" in refusal(data_dir, "serve")

    def test_a_setting_that_makes_no_sense(self, refusal: Callable[..., str], tmp_path: Path) -> None:
        assert "The setting PORT is wrong" in refusal(tmp_path, "serve", PORT="eight")

    def test_a_server_that_does_not_answer(self, refusal: Callable[..., str], tmp_path: Path) -> None:
        url = f"postgresql://arogya@127.0.0.1:{free_port()}/arogya"
        assert "doesn't answer" in refusal(tmp_path, "serve", DATABASE_URL=url)

    @pytest.mark.parametrize("url", ["garbage", "mysql://arogya:secret@db.example/arogya"])
    def test_an_address_of_no_postgresql(self, refusal: Callable[..., str], tmp_path: Path, url: str) -> None:
        said = refusal(tmp_path, "serve", DATABASE_URL=url)
        assert said.startswith("The setting DATABASE_URL is wrong: it looks like postgresql://")
        assert "secret" not in said

    def test_a_key_that_is_none(self, refusal: Callable[..., str], tmp_path: Path) -> None:
        said = refusal(tmp_path, "serve", AROGYA_SECRET_KEY="abc")
        assert said.startswith("The setting AROGYA_SECRET_KEY is wrong: it has 64 hexadecimal digits")
        assert "abc" not in said

    def test_a_damaged_key(self, refusal: Callable[..., str], data_dir: Path) -> None:
        (data_dir / "keys" / "master.key").write_text("")
        assert "is damaged: put it back from a backup" in refusal(data_dir, "serve")

    @pytest.mark.parametrize("command", [("db", "init"), ("backup", "kept")])
    def test_a_server_that_does_not_answer_others(
        self, refusal: Callable[..., str], tmp_path: Path, command: tuple[str, ...]
    ) -> None:
        url = f"postgresql://arogya@127.0.0.1:{free_port()}/arogya"
        assert "doesn't answer" in refusal(tmp_path, *command, DATABASE_URL=url)

    def test_a_worker_without_a_server(self, refusal: Callable[..., str], tmp_path: Path) -> None:
        assert "DATABASE_URL is empty" in refusal(tmp_path, "worker")

    def test_db_init_without_a_server(self, refusal: Callable[..., str], tmp_path: Path) -> None:
        assert "DATABASE_URL is empty" in refusal(tmp_path, "db", "init")

    def test_a_demo_for_others_with_the_password_that_everyone_knows(
        self, refusal: Callable[..., str], tmp_path: Path
    ) -> None:
        assert "AROGYA_DEMO_PASSWORD" in refusal(tmp_path, "demo", "--host", "0.0.0.0")
        assert not tmp_path.joinpath("postgres").exists()

    def test_a_disk_that_fills_while_it_migrates(self) -> None:
        class DiskFull(Exception):
            sqlstate = "53100"

        wrapped = RuntimeError("migration failed")
        wrapped.__cause__ = DiskFull()
        assert words._disk_is_full(wrapped)
        assert words._disk_is_full(OSError(errno.ENOSPC, "No space left on device"))
        assert not words._disk_is_full(RuntimeError())


class TestARealServer:
    KEY = Keys(bytes(range(32)))

    @pytest.fixture
    def server(self, tmp_path: Path) -> Iterator[EmbeddedPostgres]:
        with EmbeddedPostgres(tmp_path / "server", options={"fsync": "off"}) as running:
            yield running

    def test_is_prepared_by_db_init_and_then_served(
        self, server: EmbeddedPostgres, start: Callable[..., Arogya], refusal: Callable[..., str], tmp_path: Path
    ) -> None:
        data_dir = tmp_path / "var"
        key = {"AROGYA_SECRET_KEY": self.KEY.hex}
        passwordless = server.url("arogya_app", database="arogya")
        said = refusal(data_dir, "serve", DATABASE_URL=passwordless, **key)
        assert "run `arogya db init`" in said
        for _ in range(2):  # it may be repeated
            done = subprocess.run(
                [sys.executable, "-m", "arogya", "db", "init"], cwd=ROOT, capture_output=True, text=True, check=False,
                env=clean_environment() | {"AROGYA_DATA_DIR": str(data_dir), **key,
                                           "DATABASE_URL": server.url(database="arogya")},
            )  # fmt: skip
            assert done.returncode == 0, done.stderr
        assert "Roles arogya_owner, arogya_app, arogya_relay and database arogya are ready." in done.stdout
        arogya = start(data_dir, "serve", DATABASE_URL=passwordless, **key)
        assert eventually(arogya.is_ready), arogya.said
        assert arogya.stop() == 0
        assert server.is_running, "somebody else's server is not ours to stop"
        assert not (data_dir / "postgres").exists()

    def test_a_user_who_may_not_prepare_it_is_told_what_it_lacks(
        self, server: EmbeddedPostgres, refusal: Callable[..., str], tmp_path: Path
    ) -> None:
        asyncio.run(execute(server.url(), "CREATE ROLE weak LOGIN PASSWORD 'weak'"))
        said = refusal(tmp_path, "db", "init", DATABASE_URL=server.url("weak", "weak", "arogya"))
        assert "give it CREATEROLE and CREATEDB" in said
        said = refusal(tmp_path, "db", "init", DATABASE_URL=server.url("weak", "wrong", "arogya"))
        assert "refuses its user" in said


class TestDemo:
    """What is done to which database; what the demo holds is its own test's."""

    @pytest.fixture
    def filled(self, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
        with database(Settings(data_dir=data_dir)) as (config, _):
            demo._fill_demo(config, "arogya-demo")
            yield config

    def hashes(self, config: Settings) -> set[str]:
        url = config.role_url("arogya_app").render_as_string(hide_password=False)
        return set(asyncio.run(execute(url, "SELECT array_agg(password_hash) FROM credentials")))  # type: ignore[call-overload]

    def test_is_filled_once_and_keeps_its_password_until_another_is_set(self, filled: Settings) -> None:
        (first,) = self.hashes(filled)
        demo._fill_demo(filled, "arogya-demo")
        assert self.hashes(filled) == {first}
        demo._fill_demo(filled, "known to few")
        (second,) = self.hashes(filled)
        assert not scheme.verify("arogya-demo", second)
        assert scheme.verify("known to few", second)

    def test_leaves_a_hospital_of_ones_own_alone(self, data_dir: Path) -> None:
        with database(Settings(data_dir=data_dir)) as (config, postgres):
            assert postgres
            own = "INSERT INTO organizations (id, name, code, status, country, time_zone, language, is_solo, " \
                "is_open_to_registration) VALUES (gen_random_uuid(), 'Own', 'OWN', 'active', 'IN', 'UTC', 'en', " \
                "false, false)"  # fmt: skip
            asyncio.run(execute(postgres.url(database="arogya"), own))
            with pytest.raises(OperatorError, match="a hospital of your own"):
                demo._fill_demo(config, "arogya-demo")

    def test_a_known_password_may_be_served_with_one_of_ones_own(self) -> None:
        assert demo._is_loopback("127.0.0.1")
        assert demo._is_loopback("::1")
        assert demo._is_loopback("localhost")
        assert not demo._is_loopback("0.0.0.0")
        assert not demo._is_loopback("hospital.example")


class TestLan:
    def test_its_certificate_is_trusted_by_who_trusts_the_authority_and_nobody_else(
        self, start: Callable[..., Arogya], data_dir: Path
    ) -> None:
        arogya = start(data_dir, "serve", "--lan")
        assert eventually(lambda: "Arogya is at https://" in arogya.said), arogya.said
        authority = data_dir / "tls" / "ca.crt"
        assert str(authority) in arogya.said
        trusting = ssl.create_default_context(cafile=str(authority))
        url = f"https://localhost:{arogya.port}/healthz"
        with urllib.request.urlopen(url, context=trusting, timeout=5) as answer:
            assert answer.status == 200
        with pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED"):
            urllib.request.urlopen(url, context=ssl.create_default_context(), timeout=5)
        assert arogya.stop() == 0

    def test_the_authority_stays_and_the_certificate_follows_the_addresses(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("arogya.lan.lan_addresses", lambda: ("192.168.1.20", "127.0.0.1"))
        first = certificate_for_lan(tmp_path)
        again = certificate_for_lan(tmp_path)
        assert again.path.read_bytes() == (kept := first.path.read_bytes())
        monkeypatch.setattr("arogya.lan.lan_addresses", lambda: ("192.168.1.21", "127.0.0.1"))
        moved = certificate_for_lan(tmp_path)
        assert moved.path.read_bytes() != kept
        assert moved.fingerprint == first.fingerprint
        assert "192.168.1.21" in moved.names

    def test_keys_are_readable_by_their_owner_only(self, tmp_path: Path) -> None:
        certificate = certificate_for_lan(tmp_path)
        for path in (certificate.path, tmp_path / "tls" / "ca.key"):
            assert path.stat().st_mode & 0o777 == 0o600


def test_the_newest_schema_is_what_the_migrations_say() -> None:
    """A start compares the number of the last file instead of loading alembic."""
    assert launch.newest_schema() == migrate.newest()


async def execute(url: str, sql: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        if sql.startswith("SELECT"):
            return await connection.fetchval(sql)
        return await connection.execute(sql)
    finally:
        await connection.close()


def test_signal_in_the_moment_in_which_the_server_begins_to_wait_is_heard() -> None:
    """Its own handlers would wait for a lock that the thread which they interrupt holds."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.getsignal(number) for number in numbers]
    server = launch._http_server(Settings(database_url=None), None)
    launch._hear_signals(server, reload=False)
    try:
        with server.main_loop_interrupt._cond:
            signal.raise_signal(signal.SIGTERM)
        assert server.main_loop_interrupt.wait(60)
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
    assert server.interrupt_signal
