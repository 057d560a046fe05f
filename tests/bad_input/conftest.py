"""A real server process, whose time and memory are measured from outside, and a raw line to it."""

import asyncio
import contextlib
import itertools
import json
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from arogya.platform.settings import Settings
from tests.fuzz.conftest import marked, quick_hashing  # noqa: F401 - a hospital with one of everything, and its ids
from tests.test_launch import clean_environment, free_port

ROOT = Path(__file__).parents[2]
READY_WITHIN_S = 120
PATIENCE_S = 60
"""For one answer on a busy machine. How long the server itself worked is measured as its CPU time."""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    raw: bytes
    worked_s: float
    """CPU seconds of the server process."""
    grown_mib: float
    """How much more memory it held at the most while it answered."""

    @property
    def problem(self) -> dict[str, Any]:
        assert self.headers["content-type"] == "application/problem+json", (self.status, self.raw[:300])
        return dict(json.loads(self.raw))


class Served:
    """One server process."""

    def __init__(self, port: int, parent: psutil.Process) -> None:
        self.port = port
        (self._process,) = [one for one in parent.children() if "resource_tracker" not in " ".join(one.cmdline())]

    async def ask(self, method: str, path: str, headers: dict[str, str], pieces: Iterable[bytes]) -> Answer:
        """Send the head, then the pieces until it answers."""
        held, worked = self._forget_peak(), self._worked_s()
        lines = [f"{method} {path} HTTP/1.1", "Host: localhost", *(f"{k}: {v}" for k, v in headers.items()), "", ""]
        with socket.create_connection(("127.0.0.1", self.port)) as line:
            line.setblocking(False)
            sending = asyncio.create_task(_send(line, itertools.chain(["\r\n".join(lines).encode()], pieces)))
            async with asyncio.timeout(PATIENCE_S):
                status, told, raw = await _read(line)
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
        return Answer(status, told, raw, self._worked_s() - worked, (self._peak_kib() - held) / 1024)

    def _worked_s(self) -> float:
        spent = self._process.cpu_times()
        return float(spent.user + spent.system)

    def _forget_peak(self) -> int:
        Path(f"/proc/{self._process.pid}/clear_refs").write_text("5")
        return self._peak_kib()

    def _peak_kib(self) -> int:
        said = Path(f"/proc/{self._process.pid}/status").read_text()
        return int(said.partition("VmHWM:")[2].split()[0])


async def _send(line: socket.socket, pieces: Iterable[bytes]) -> None:
    """What it hears of a line that was closed meanwhile is not of interest: the answer may have come before."""
    with contextlib.suppress(OSError):
        for piece in pieces:
            await asyncio.get_running_loop().sock_sendall(line, piece)


async def _read(line: socket.socket) -> tuple[int, dict[str, str], bytes]:
    raw = b""

    async def until(is_enough: Callable[[], bool]) -> None:
        nonlocal raw
        while not is_enough():
            more = await asyncio.get_running_loop().sock_recv(line, 1 << 16)
            if not more:
                raise ConnectionError("closed without a whole answer")
            raw += more

    await until(lambda: b"\r\n\r\n" in raw)
    head, _, raw = raw.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (one.partition(":") for one in lines)}
    if "content-length" in headers:
        await until(lambda: len(raw) >= int(headers["content-length"]))
    elif headers.get("transfer-encoding") == "chunked":
        await until(lambda: raw.endswith(b"0\r\n\r\n"))
    return int(first.split()[1]), headers, raw


@pytest.fixture
async def served(config: Settings, tmp_path: Path) -> AsyncIterator[Served]:
    port = free_port()
    environment = {"PORT": str(port), "DATABASE_URL": str(config.database_url), "AROGYA_DATA_DIR": str(tmp_path),
                   "AROGYA_SECRET_KEY": str(config.secret_key)}  # fmt: skip
    log = tmp_path / "served.log"
    with log.open("wb") as told:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.bad_input.served"], cwd=ROOT, stdout=told, stderr=told,
            env=clean_environment() | environment,
        )  # fmt: skip
    try:
        async with asyncio.timeout(READY_WITHIN_S):
            while True:
                assert process.poll() is None, log.read_text()
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)) as line:
                    line.setblocking(False)
                    await _send(line, [b"GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n"])
                    if (await _read(line))[0] == 200:
                        break
                await asyncio.sleep(0.1)
        yield Served(port, psutil.Process(process.pid))
    finally:
        process.terminate()
        process.wait(60)
