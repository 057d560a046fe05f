"""The supervisor: makes the data folder, starts the server on a private socket, stops it with its parent."""

import fcntl
import hashlib
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Self
from urllib.parse import quote
from weakref import WeakSet

from arogya.platform.postgres.binaries import PostgresUnavailable, clean_environment, find_binaries, major_version
from arogya.platform.postgres.identity import Identity, identity_for, stop_with_parent

SUPERUSER = "postgres"
SET_ASIDE = ".before-"
"""Behind it the moment at which other data took the place of these."""
_PORT = 5432  # only a part of the socket's name: nothing listens on TCP
_READY_WITHIN_S = 120  # crash recovery replays up to max_wal_size
_LEFTOVERS_GONE_WITHIN_S = 30
_LOG_KEPT_BYTES = 10_000_000

# For a small machine shared with the server and browsers. What is stored must be safe: fsync and
# synchronous_commit keep their default. Errors go to the client, not to a log: they name values.
_OPTIONS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "maintenance_work_mem": "64MB",
    "effective_cache_size": "512MB",
    "random_page_cost": "1.1",
    "wal_compression": "on",
    "max_wal_size": "512MB",
    "max_slot_wal_keep_size": "1GB",  # what an archive that can't be written may cost
    "autovacuum_max_workers": "2",
    "max_logical_replication_workers": "0",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}


class EmbeddedPostgres:
    """One server on `data_dir/postgres`. Its password, lock and log lie beside it.

    Start it from a thread that outlives it: the kernel stops it when the thread that started it ends.
    """

    def __init__(
        self, data_dir: Path, *, options: Mapping[str, str] | None = None, ready_within_s: float = _READY_WITHIN_S
    ) -> None:
        self._dir = data_dir.absolute()
        self._ready_within_s = ready_within_s
        self._options = _OPTIONS | dict(options or {})
        self._data = self._dir / "postgres"
        self._lock: IO[str] | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._run_dir: Path | None = None
        _of_this_process.add(self)

    @property
    def bin(self) -> Path:
        return find_binaries()

    @property
    def is_running(self) -> bool:
        """Whether the server that we started still lives."""
        return self._process is not None and self._process.poll() is None

    @property
    def socket_folder(self) -> Path:
        """Ours, or that of the process that serves this data folder."""
        if self._run_dir is None:
            self._run_dir = _folder_of_running(self._data)
        return self._run_dir

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def start(self) -> None:
        """Serve, making the data on the first start. Returns when connections are taken. Raises PostgresUnavailable."""
        if self.is_running:
            return
        with _plain_words(self._dir):
            self._dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._take_lock()
            try:
                self._refuse_other_version()
                identity = identity_for(self._data)
                identity.may_enter(self._dir)
                self._run_dir = self._run_dir or _runtime_folder(self._dir, identity)
                if not self._data.exists():
                    self._refuse_half_exchanged()
                    self._make_data(identity)
                self._wait_for_leftovers()
                identity.own(self._data)
                self._launch(identity)
            except BaseException:
                self.stop()
                raise

    def stop(self) -> None:
        """Fast shutdown: transactions in flight are rolled back, committed ones are on disk."""
        if self._process:
            for stop_signal, patience_s in ((signal.SIGINT, 30), (signal.SIGQUIT, 10), (signal.SIGKILL, None)):
                with suppress(subprocess.TimeoutExpired):
                    self._process.send_signal(stop_signal)  # nothing where it has ended by itself
                    self._process.wait(patience_s)
                    break
        if self._lock and self._run_dir:
            with suppress(OSError):  # not empty where the server was killed
                self._run_dir.rmdir()
            self._run_dir = None
        self._disown()

    def url(self, role: str = SUPERUSER, password: str | None = None, database: str = "postgres") -> str:
        """For asyncpg and libpq alike. Without `password` only the superuser's is filled in."""
        if password is None and role == SUPERUSER:
            password = self._superuser_password()
        login = f"{role}:{quote(password, safe='')}" if password else role
        return f"postgresql://{login}@/{database}?host={quote(str(self.socket_folder))}&port={_PORT}"

    @contextmanager
    def kept_from_others(self) -> Iterator[None]:
        """While its data are exchanged nobody serves them. Raises AlreadyServed where somebody does."""
        self._dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._take_lock()
        try:
            identity_for(self._data).may_enter(self._dir)
            if left := _postgres_processes_on(self._data):
                raise AlreadyServed(f"PostgreSQL (process {left[0]}) is still running on {self._data}: stop it first.")
            yield
        finally:
            self._disown()

    def _disown(self) -> None:
        self._process = None
        if self._lock:
            self._lock.close()
            self._lock = None

    def _take_lock(self) -> None:
        """Held while we serve; the kernel lets go of it however we end."""
        if self._lock:
            return
        lock = (self._dir / "postgres.lock").open("a+")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            raise AlreadyServed(f"The data folder {self._dir} is already served by another running Arogya.") from None
        self._lock = lock

    def _refuse_other_version(self) -> None:
        mark = self._data / "PG_VERSION"
        ours = major_version(self.bin)
        if self._data.exists() and (theirs := mark.read_text().strip()) != str(ours):
            raise PostgresUnavailable(
                f"The data in {self._data} is of PostgreSQL {theirs} and this is PostgreSQL {ours}: "
                f"start it with AROGYA_PG_BIN naming the programs of PostgreSQL {theirs}, back it up, restore it here."
            )

    def _refuse_half_exchanged(self) -> None:
        """A restore that was killed between its two renames must not look like a hospital that has yet to begin."""
        if aside := sorted(self._dir.glob(f"{self._data.name}{SET_ASIDE}*")):
            raise PostgresUnavailable(
                f"A restore was broken off here: restore again, or rename {aside[-1]} to {self._data.name}."
            )

    def _superuser_password(self) -> str:
        try:
            return (self._dir / "postgres.password").read_text().strip()
        except FileNotFoundError:
            raise PostgresUnavailable(
                f"The file {self._dir / 'postgres.password'} is missing and the database can't be opened without it."
            ) from None

    def _make_data(self, identity: Identity) -> None:
        """initdb beside, then rename: a kill in the middle leaves nothing that looks like data."""
        unfinished = self._dir / "postgres.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        identity.own(unfinished)
        password = self._dir / "postgres.password"
        write_secret(password, secrets.token_urlsafe(32))
        assert self._run_dir is not None
        handed_over = self._run_dir / "password"
        write_secret(handed_over, password.read_text())
        identity.own(handed_over)
        try:
            self._run_as(
                identity, "initdb", f"--pgdata={unfinished}", f"--username={SUPERUSER}", f"--pwfile={handed_over}",
                "--auth-local=scram-sha-256", "--auth-host=reject", "--encoding=UTF8", "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8", "--locale=C", "--data-checksums", "--no-instructions",
                *(["--no-sync"] if self._options.get("fsync") == "off" else []),
            )  # fmt: skip
        finally:
            handed_over.unlink()
        unfinished.rename(self._data)

    def _run_as(self, identity: Identity, program: str, *arguments: str) -> None:
        done = subprocess.run(  # noqa: S603 – our own binary
            [self.bin / program, *arguments], capture_output=True, text=True, check=False,
            env=clean_environment(), preexec_fn=identity.let_go_of_root, cwd="/",
        )  # fmt: skip
        if done.returncode:
            raise _refusal(self._dir, done.stderr)

    def _wait_for_leftovers(self) -> None:
        """After a kill -9 the old server may still be shutting down, or its pid may belong to a stranger by now."""
        if not Path("/proc/self").exists():
            return  # not Linux: PostgreSQL's own check of the pid has to do
        assert self._run_dir is not None
        deadline = time.monotonic() + _LEFTOVERS_GONE_WITHIN_S
        while left := _postgres_processes_on(self._data):
            if time.monotonic() > deadline:
                raise AlreadyServed(f"PostgreSQL (process {left[0]}) is still running on {self._data}: stop it first.")
            time.sleep(0.05)
        for trace in (self._data / "postmaster.pid", *self._run_dir.glob(".s.PGSQL.*")):
            trace.unlink(missing_ok=True)

    def _launch(self, identity: Identity) -> None:
        deadline = time.monotonic() + self._ready_within_s
        while True:
            log = self._open_log()
            log_start = log.tell()
            with log:
                self._process = self._spawn(identity, log)
            if self._came_up(deadline):
                return
            said = self._log_since(log_start)
            # Backends of a killed server may hold its shared memory for another moment.
            if "is still in use" not in said or time.monotonic() > deadline:
                raise _refusal(self._dir, said)
            time.sleep(0.2)

    def _spawn(self, identity: Identity, log: IO[bytes]) -> subprocess.Popen[bytes]:
        stop_too = stop_with_parent(signal.SIGINT)

        def before_exec() -> None:
            identity.let_go_of_root()
            stop_too()  # last: a change of user makes the kernel forget it

        options = self._options | {"unix_socket_directories": str(self._run_dir), "port": str(_PORT)}
        return subprocess.Popen(  # noqa: S603 – our own binary
            [self.bin / "postgres", "-D", self._data, *(f"--{name}={value}" for name, value in options.items())],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=clean_environment(),
            preexec_fn=before_exec,  # noqa: PLW1509 – it only makes system calls, so no thread's lock can hold it
            start_new_session=True, cwd="/",  # Ctrl-C at the terminal is the parent's to hear, not the server's
        )  # fmt: skip

    def _came_up(self, deadline: float) -> bool:
        """postmaster.pid's first line is its pid, its eighth says "ready": pg_ctl looks there too."""
        assert self._process is not None
        while self._process.poll() is None and time.monotonic() < deadline:
            lines = _lines(self._data / "postmaster.pid")
            if len(lines) > 7 and lines[0] == str(self._process.pid) and lines[7].strip() == "ready":
                return True
            time.sleep(0.01)
        return False

    def _open_log(self) -> IO[bytes]:
        path = self._dir / "postgres.log"
        if path.exists() and path.stat().st_size > _LOG_KEPT_BYTES:
            path.replace(path.with_suffix(".log.1"))
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        log = os.fdopen(descriptor, "ab")
        log.seek(0, os.SEEK_END)
        return log

    def _log_since(self, start: int) -> str:
        with (self._dir / "postgres.log").open("rb") as log:
            log.seek(start)
            return log.read().decode(errors="replace")


def _leave_to_the_parent() -> None:
    """In a forked server process: an inherited lock would outlive a killed parent, and the server is not ours."""
    for server in _of_this_process:
        server._disown()


_of_this_process: "WeakSet[EmbeddedPostgres]" = WeakSet()
os.register_at_fork(after_in_child=_leave_to_the_parent)


class AlreadyServed(PostgresUnavailable):
    """Another process serves this data folder."""


@contextmanager
def serving(data_dir: Path) -> Iterator[EmbeddedPostgres]:
    """The server of `data_dir`: the one that another process runs, else one started for the while."""
    server = EmbeddedPostgres(data_dir)
    with suppress(AlreadyServed):  # its url() finds the running one
        server.start()
    try:
        yield server
    finally:
        server.stop()


def _folder_of_running(data: Path) -> Path:
    lines = _lines(data / "postmaster.pid")
    if len(lines) < 8 or lines[7].strip() != "ready":
        raise PostgresUnavailable(f"No PostgreSQL is running on {data}.")
    return Path(lines[4])


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text().splitlines()
    except FileNotFoundError:
        return []


def _runtime_folder(data_dir: Path, identity: Identity) -> Path:
    """A short private folder for the socket: a socket's path has at most 107 bytes, a data folder's may have more."""
    base = Path(os.environ.get("XDG_RUNTIME_DIR") or "/tmp")  # noqa: S108 – checked below
    if identity.owner_uid != os.geteuid() or not os.access(base, os.W_OK):
        base = Path("/tmp")  # noqa: S108 – the service user can't enter root's runtime folder
    name = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:12]
    folder = base / f"arogya-{identity.owner_uid}-{name}"
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    found = folder.lstat()
    if found.st_uid not in {identity.owner_uid, os.geteuid()} or found.st_mode != 0o40700:
        # Someone else was there first, in a folder that all may write to.
        folder = Path(tempfile.mkdtemp(prefix="arogya-", dir=base))
    identity.own(folder)
    return folder


def _postgres_processes_on(data: Path) -> list[int]:
    """Pids of PostgreSQL processes whose working folder is `data`: the server and its backends stand in it."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if (process / "comm").read_text().strip() == "postgres" and (process / "cwd").readlink() == data:
                found.append(int(process.name))
    return found


def write_secret(path: Path, secret: str) -> None:
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secret)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def _plain_words(data_dir: Path) -> Iterator[None]:
    """An OSError on the way becomes a sentence."""
    try:
        yield
    except OSError as error:
        raise _refusal(data_dir, str(error)) from error


def _refusal(data_dir: Path, said: str) -> PostgresUnavailable:
    """One sentence out of what PostgreSQL or the system said."""
    if "No space left on device" in said or "Disk quota exceeded" in said:
        return PostgresUnavailable(f"The disk that holds {data_dir} is full: free some space and start again.")
    if "Permission denied" in said or "Operation not permitted" in said or "Read-only file system" in said:
        return PostgresUnavailable(
            f"PostgreSQL may not write to {data_dir}: choose a folder with AROGYA_DATA_DIR that its user may enter."
        )
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    blunt = [line for line in lines if "FATAL" in line or "PANIC" in line or "error:" in line] or lines[-1:]
    return PostgresUnavailable(f"PostgreSQL doesn't start: {blunt[0] if blunt else 'it gave no reason'}")
