"""`arogya` without one of its guards, for the controls, or with a part that fails. AROGYA_UNGUARDED: see `GUARDS`."""

import os
import socket
import time
from collections.abc import Callable
from typing import Any

from granian import _signals
from granian._granian import WorkerSignal
from granian.server import mp

from arogya import launch
from arogya.cli import app
from arogya.platform import patience, problems, shedding
from arogya.platform.database import Database

_FOR_EVER_S = 3600.0


def open_door() -> None:
    """A server told to stop closes as it would by itself."""
    launch.close_the_door_on_sigterm = lambda: None


def endless_patience() -> None:
    """Who sends a body in drops is waited for."""
    patience.FIRST_S = _FOR_EVER_S


def endless_wait() -> None:
    """Who finds neither a turn nor a connection waits for one."""
    for made, bound in ((Database.__init__, "pool_timeout_s"), (shedding.ShedsLoad.__init__, "wait_s")):
        assert made.__kwdefaults__[bound] < _FOR_EVER_S
        made.__kwdefaults__[bound] = _FOR_EVER_S


def mute_disk() -> None:
    """That the disk is full is an error like any other."""
    problems._DISK_FULL = "none"


def deaf_server() -> None:
    """The HTTP server never hears that it is to stop, as when it waits for itself."""
    _signals.set_loop_signals = lambda _loop: WorkerSignal()
    kill = mp.WorkerProcess.kill

    def told(process: mp.WorkerProcess) -> None:
        print("a server had to be killed", flush=True)
        kill(process)

    mp.WorkerProcess.kill = told


def slow_look() -> None:
    """The program takes long to fork its servers, and meanwhile to look whether they are there."""
    os.register_at_fork(before=lambda: time.sleep(0.5))
    connect = socket.create_connection

    def slowly(*told: Any, **named: Any) -> socket.socket:
        line = connect(*told, **named)
        time.sleep(1)
        return line

    socket.create_connection = slowly


GUARDS: dict[str, Callable[[], None]] = {
    "door": open_door, "patience": endless_patience, "wait": endless_wait, "disk": mute_disk,
    "ear": deaf_server, "eye": slow_look,
}  # fmt: skip

if guard := os.environ.get("AROGYA_UNGUARDED"):
    GUARDS[guard]()

if __name__ == "__main__":
    app()
