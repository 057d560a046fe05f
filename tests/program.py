"""The whole program as people start it, in processes of its own, for tests that stop, kill and watch it."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil

READY_WITHIN_S = 120
STOPPED_WITHIN_S = 120
ROOT = Path(__file__).parent.parent


class Arogya:
    """A started program and everything that it has started. root: the checkout whose code it is."""

    def __init__(
        self, data_dir: Path, *command: str, module: str = "arogya", root: Path = ROOT, **environment: str
    ) -> None:
        self.port = free_port()
        self.data_dir = data_dir
        self.log = data_dir.parent / f"{self.port}.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", module, *(command or ("serve",))], cwd=root, stdout=log, stderr=log,
                start_new_session=True,  # a terminal of its own, for Ctrl-C
                env=clean_environment() | {"PORT": str(self.port), "AROGYA_DATA_DIR": str(data_dir)} | environment,
            )  # fmt: skip

    @property
    def said(self) -> str:
        return self.log.read_text()

    def get(self, path: str, timeout_s: float = 5) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=timeout_s) as answer:
            return str(answer.read().decode())

    def is_ready(self) -> bool:
        with suppress(OSError):
            return "Arogya is at" in self.said and self.get("/readyz") != ""
        return False

    def family(self) -> list[psutil.Process]:
        """Its processes, the database's backends included."""
        me = psutil.Process(self.process.pid)
        return [me, *me.children(recursive=True)]

    def servers(self) -> list[psutil.Process]:
        """The processes that answer requests."""
        found = []
        for one in self.forks():
            with suppress(psutil.NoSuchProcess):
                if one.num_threads() > 1:  # a program that is just being started by ours has one until it is itself
                    found.append(one)
        return found

    def forks(self) -> list[psutil.Process]:
        """Those that are called like ours: servers, also such as are just being born."""
        me, *others = self.family()
        found, command = [], me.cmdline()
        for one in others:
            with suppress(psutil.NoSuchProcess):
                if one.cmdline() == command and one.status() != psutil.STATUS_ZOMBIE:
                    found.append(one)
        return found

    def worker(self) -> psutil.Process | None:
        with suppress(psutil.NoSuchProcess):
            return next((one for one in self.family() if one.cmdline()[-2:] == ["arogya", "worker"]), None)
        return None

    def postmaster(self) -> psutil.Process:
        return psutil.Process(int((self.data_dir / "postgres" / "postmaster.pid").read_text().split()[0]))

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(how)
        return self.process.wait(STOPPED_WITHIN_S)


def clean_environment() -> dict[str, str]:
    names = ("AROGYA_", "DATABASE_", "PORT", "PG")
    return {name: value for name, value in os.environ.items() if not name.startswith(names)}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def eventually(what: Callable[[], object], within_s: float = READY_WITHIN_S) -> bool:
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if what():
            return True
        time.sleep(0.1)
    return False


def end(arogya: Arogya) -> None:
    """By force, whatever state the test has left it in."""
    with suppress(psutil.NoSuchProcess):
        left = arogya.family()
        for process in left:
            with suppress(psutil.NoSuchProcess):
                process.kill()
    arogya.process.wait()


def alive(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False
