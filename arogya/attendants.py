"""What runs beside the server processes: the worker, the archive, and the eye that starts them again."""

import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Self

import structlog

from arogya.platform.postgres import EmbeddedPostgres, PostgresUnavailable
from arogya.platform.postgres.archivist import Archivist
from arogya.platform.postgres.identity import stop_with_parent
from arogya.platform.settings import Settings

DRAINED_WITHIN_S = 10
_LOOK_EVERY_S = 0.25

log = structlog.get_logger(__name__)


class Attendants:
    """The worker, the archive, and the eye that starts the worker or PostgreSQL again should they die.

    ready: called once browsers can connect. The worker begins after that: it would take the server's share of a start.
    """

    def __init__(
        self,
        running: Settings,
        postgres: EmbeddedPostgres | None,
        archivist: Archivist | None,
        ready: Callable[[], None],
    ) -> None:
        self._running = running
        self._postgres = postgres
        self._archivist = archivist
        self._ready = ready
        self._worker: subprocess.Popen[bytes] | None = None
        self._worker_since = 0.0
        self._pause_s = 1.0
        self._stopping = False
        self._turn = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def begin(self, are_forked: Callable[[], bool]) -> None:
        """are_forked: all server processes are there. A fork of this process takes along what its other threads have
        open just then: an end of the line by which we look whether the server is there, so that it waits for itself as
        it stops; the pipe by which a program that we start says that it has begun, so that we wait for ever."""
        threading.Thread(target=self._watch, args=[are_forked], daemon=True, name="attendants").start()

    def __exit__(self, *exc: object) -> None:
        with self._turn:
            self._stopping = True
            self._stop_worker()
        if self._archivist:
            self._archivist.stop()

    def renew_worker(self) -> None:
        with self._turn:
            if self._worker:
                self._stop_worker()
                self._start_worker()

    def _start_worker(self) -> None:
        self._worker_since = time.monotonic()
        self._worker = subprocess.Popen(
            [sys.executable, "-m", "arogya", "worker"],
            start_new_session=True,
            preexec_fn=stop_with_parent(signal.SIGTERM),  # noqa: PLW1509 – it only makes system calls
        )

    def _stop_worker(self) -> None:
        if self._worker is None:
            return
        self._worker.terminate()
        try:
            self._worker.wait(DRAINED_WITHIN_S)
        except subprocess.TimeoutExpired:
            self._worker.kill()
            self._worker.wait()
        self._worker = None

    def _watch(self, are_forked: Callable[[], bool]) -> None:
        while not self._stopping and not (are_forked() and self._is_open()):
            time.sleep(0.02)
        with self._turn:
            if not self._stopping:
                self._start_worker()
                if self._archivist:
                    self._archivist.begin()
                with suppress(OSError):  # nobody reads what we print
                    self._ready()
        while not self._stopping:
            time.sleep(_LOOK_EVERY_S)
            with self._turn:
                if not self._stopping:
                    self._revive()
        # What this thread started is stopped by the kernel when the thread ends; that is not for it to decide.
        threading.Event().wait()

    def _is_open(self) -> bool:
        host = self._running.host
        address = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 – compared, not bound
        with suppress(OSError), socket.create_connection((address, self._running.port), timeout=1):
            return True
        return False

    def _revive(self) -> None:
        if self._postgres and not self._postgres.is_running:
            log.error("postgres_died")
            try:
                self._postgres.start()
            except PostgresUnavailable as error:
                log.error("postgres_not_started", reason=str(error))
                return
        lived_s = time.monotonic() - self._worker_since
        if self._worker is None or self._worker.poll() is None:
            if lived_s > 60:
                self._pause_s = 1.0
        elif lived_s > self._pause_s:
            log.error("worker_died", exit_code=self._worker.returncode)
            self._pause_s = min(self._pause_s * 2, 30)
            self._start_worker()
