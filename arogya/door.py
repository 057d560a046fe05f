"""How a server process closes: nobody new comes in, those who wait at the door are let in, then it stops.

A listening socket that is closed resets the connections that the system has taken and the server not yet: their
requests would be cut, though they had been accepted.
"""

import asyncio
import ctypes
import fcntl
import os
import signal
import socket
import stat
import sys
import termios
import threading
import time
from array import array
from collections.abc import Iterator
from contextlib import suppress

import structlog

from arogya.platform.telemetry import requests_in_flight

log = structlog.get_logger("arogya.door")

_LET_IN_WITHIN_S = 0.25
_LEAVES_WITHIN_S = 3.0
"""After the last answer. The server now and then waits for itself for ever, and its parent gives it ten seconds."""
_ATTACH_FILTER = 26  # SO_ATTACH_FILTER of Linux, which Python doesn't name
_TAKE_NOTHING = b"\x06\x00\x00\x00\x00\x00\x00\x00"  # one instruction: return 0 bytes of whatever comes


class _Program(ctypes.Structure):
    """What the kernel calls sock_fprog."""

    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def close_the_door_on_sigterm() -> None:
    """Put our handler before the server's, which hears SIGINT as well. Called in the loop, once the server has its own.

    Elsewhere than on Linux the server closes as it does by itself.
    """
    if sys.platform != "linux":
        return
    loop = asyncio.get_running_loop()

    def close() -> None:
        for listening in _listening_sockets():
            _take_no_more(listening)
        loop.call_later(_LET_IN_WITHIN_S, os.kill, os.getpid(), signal.SIGINT)
        threading.Thread(target=_leave_once_all_is_answered, daemon=True, name="leaving").start()

    loop.add_signal_handler(signal.SIGTERM, close)


def _leave_once_all_is_answered() -> None:
    """In a thread, for the loop may be what does not end. The server, if it is well, is gone before."""
    time.sleep(_LET_IN_WITHIN_S)
    idle_since = time.monotonic()
    while time.monotonic() - idle_since < _LEAVES_WITHIN_S:
        time.sleep(0.1)
        if requests_in_flight() or _is_still_sending():
            idle_since = time.monotonic()
    log.warning("server_left_waiting")
    os._exit(0)


def _is_still_sending() -> bool:
    """Whether a connection has bytes that its other side has not taken yet: what the application has answered may be
    the server's to deliver for a while."""
    for one in _sockets():
        unsent = array("i", [0])
        with suppress(OSError):
            fcntl.ioctl(one.fileno(), termios.TIOCOUTQ, unsent)
            if unsent[0]:
                return True
    return False


def _take_no_more(listening: socket.socket) -> None:
    """Whoever knocks from now on hears nothing until the socket is closed, and then that nobody is there."""
    program = _Program(1, _TAKE_NOTHING)
    listening.setsockopt(socket.SOL_SOCKET, _ATTACH_FILTER, bytes(program))


def _listening_sockets() -> Iterator[socket.socket]:
    for one in _sockets():
        if one.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
            yield one


def _sockets() -> Iterator[socket.socket]:
    """This process's TCP sockets, whoever opened them: the server's own do not show themselves."""
    for descriptor in map(int, os.listdir("/proc/self/fd")):
        with suppress(OSError):  # the folder's own is closed by now
            if not stat.S_ISSOCK(os.fstat(descriptor).st_mode):
                continue
            with socket.socket(fileno=os.dup(descriptor)) as found:
                if found.family in {socket.AF_INET, socket.AF_INET6} and found.type == socket.SOCK_STREAM:
                    yield found
