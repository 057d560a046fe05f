"""`python -m bench.sockets`: from a commit to 500 open screens, over two server processes at 60 % of what they can do.

A moment of commit is PostgreSQL's own (track_commit_timestamp), of the appointment's row; the moment of hearing is when
the bytes came in. Both by the one clock of the machine. Every socket is a session of its own of one branch's staff, so
that nearly all hear of every booking: no hospital is as bad as that.
"""

import argparse
import asyncio
import base64
import json
import os
import re
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import psutil

from arogya.policy import Permission
from bench import hospital, processes, results, table
from bench.hospital import Demo, Person, percentiles
from bench.open_loop import Connections, acts, arriving, run
from bench.users import requests, saturation, undo

SOCKETS = 500
SHARE = 0.6
PROCESSES = 2
_PONG = b'{"type":"pong"}'
_BOOKED = re.compile(rb'"event": ?"AppointmentBooked".*?"appointment_id": ?"([0-9a-f-]{36})"')


class Screen(asyncio.Protocol):
    """One socket. It keeps what came and when, and is read afterwards: 500 of them must not take the server's share."""

    def __init__(self, person: Person, ticket: dict[str, Any]) -> None:
        self.person = person
        self._ticket = ticket
        self.heard: list[tuple[float, bytes]] = []
        self.lost = False

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        key = base64.b64encode(os.urandom(16)).decode()
        transport.write(
            f"GET /api/realtime HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        if not self.heard:
            self._transport.write(_frame(json.dumps({"ticket": self._ticket["ticket"], "since": None}).encode()))
        if b'"ping"' in data:
            self._transport.write(_frame(_PONG))
        self.heard.append((time.time(), data))

    def connection_lost(self, _error: Exception | None) -> None:
        self.lost = True

    def close(self) -> None:
        self._transport.close()

    def messages(self) -> Iterator[tuple[float, bytes]]:
        """Each message, and when its last byte came."""
        left = b""
        for at, data in self.heard:
            left += data
            if left.startswith(b"HTTP/"):
                _, found, rest = left.partition(b"\r\n\r\n")
                left = rest if found else left
            while (whole := _length(left)) is not None and len(left) >= whole[0] + whole[1]:
                yield at, left[whole[0] : whole[0] + whole[1]]
                left = left[whole[0] + whole[1] :]


def _frame(text: bytes) -> bytes:
    """A client's frame is masked; the mask of zeros changes nothing."""
    size = bytes([0x80 | len(text)]) if len(text) < 126 else b"\xfe" + len(text).to_bytes(2, "big")
    return b"\x81" + size + bytes(4) + text


def _length(frame: bytes) -> tuple[int, int] | None:
    """Bytes of the head and of the text; None where not even the head is there."""
    if len(frame) < 2:
        return None
    wide = {126: 2, 127: 8}.get(frame[1] & 0x7F, 0)
    if len(frame) < 2 + wide:
        return None
    return 2 + wide, int.from_bytes(frame[2 : 2 + wide], "big") if wide else frame[1] & 0x7F


async def open_screens(port: int, people: Sequence[Person]) -> list[Screen]:
    connections, few = Connections(port), asyncio.Semaphore(8)

    async def one(person: Person) -> Screen:
        raw = f"POST /api/realtime/ticket HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {person.token}\r\n"
        async with few:
            status, _, body = await connections.send(f"{raw}Content-Length: 0\r\n\r\n".encode())
            assert status == 201, body
            screen = Screen(person, json.loads(body))
            await asyncio.get_running_loop().create_connection(lambda: screen, "127.0.0.1", port)
            async with asyncio.timeout(30):
                while not any(b'"hello"' in data for _, data in screen.heard):
                    await asyncio.sleep(0.005)
        return screen

    screens = list(await asyncio.gather(*(one(person) for person in people)))
    connections.close()
    return screens


def split(server: int, port: int) -> list[int]:
    """Open connections of each server process."""
    found = []
    for child in psutil.Process(server).children():
        theirs = [one for one in child.net_connections("tcp") if one.laddr and one.laddr.port == port]
        found.append(sum(one.status == psutil.CONN_ESTABLISHED for one in theirs))
    return sorted(count for count in found if count)


async def committed(at: Demo, since: datetime) -> dict[str, float]:
    to = await asyncpg.connect(at.url)
    found = await to.fetch("SELECT id, pg_xact_commit_timestamp(xmin) AS at FROM appointments WHERE created_at > $1",
                           since)  # fmt: skip
    await to.close()
    return {str(row["id"]): row["at"].timestamp() for row in found}


async def one_run(at: Demo, port: int, screens: Sequence[Screen], people: Sequence[Person], rate: float, seconds: int,
                  where: tuple[Any, Any], server: int) -> dict[str, Any]:  # fmt: skip
    began = datetime.now(UTC)
    moments = arriving(rate, 0, seconds, int(rate))
    asked = await requests(at, *where, len(moments) + 20)
    for screen in screens:
        screen.heard = [(0.0, b"")]
    cpu, started = processes.cpu_s(server), time.monotonic()
    answers = await run(port, acts(moments, asked, people, 6))
    await asyncio.sleep(2)
    used = (processes.cpu_s(server) - cpu) / (time.monotonic() - started)
    commits = await committed(at, began)
    hearing = [one for one in screens if one.person.may(Permission.APPOINTMENT_READ)]
    taken, told = [], Counter[str]()
    for screen in hearing:
        for when, message in screen.messages():
            if (booked := _BOOKED.search(message)) and (id_ := booked[1].decode()) in commits:
                told[id_] += 1
                taken.append(when - commits[id_])
    wrong = sum(told[id_] != len(hearing) for id_ in commits)
    return {"req_s": round(rate), **percentiles(taken or [0]), "heard": len(taken), "events": len(commits),
            "screens": len(hearing), "not_heard_once_by_all": wrong, "gone": sum(one.lost for one in screens),
            "before_commit": sum(one < 0 for one in taken), "errors": sum(not one.is_good for one in answers),
            "answers": percentiles([one.seconds for one in answers]), "cores": round(used, 2),
            "load": os.getloadavg()[0]}  # fmt: skip


async def measure(at: Demo, port: int, server: int, told: argparse.Namespace) -> dict[str, Any]:
    where = await hospital.where(at)
    people = await hospital.sign_in(at, *where, told.sockets)
    began = datetime.now(UTC)
    alone = await saturation(port, at, await requests(at, *where, 1000), people)
    await undo(at, began)
    screens = await open_screens(port, people)
    print("connections of each process:", split(server, port), flush=True)
    runs: list[dict[str, Any]] = []
    for _ in range(told.rounds):
        rate = told.rate or await saturation(port, at, await requests(at, *where, 600), people)
        await undo(at, began)
        found = await one_run(at, port, screens, people, rate * SHARE, told.seconds, where, server)
        runs.append({"saturation_req_s": round(rate), **found})
        print(runs[-1], flush=True)
        await undo(at, began)
    for screen in screens:
        screen.close()
    return {"saturation_without_sockets_req_s": round(alone), "runs": runs}


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m bench.sockets")
    asked.add_argument("--rounds", type=int, default=3)
    asked.add_argument("--seconds", type=int, default=20)
    asked.add_argument("--sockets", type=int, default=SOCKETS)
    asked.add_argument("--rate", type=float, help="What can be done, where it was measured before.")
    told = asked.parse_args()
    with (
        tempfile.TemporaryDirectory() as name,
        hospital.demo(Path(name)) as at,
        hospital.serving(at, PROCESSES) as (port, server),
    ):
        found = asyncio.run(measure(at, port, server, told))
    runs = found["runs"]
    p95, p99 = (statistics.median(one[name] for one in runs) for name in ("p95_ms", "p99_ms"))
    lost = sum(one["not_heard_once_by_all"] + one["gone"] + one["errors"] for one in runs)
    print(f"commit to screen: {p95:.0f} ms p95, {p99:.0f} ms p99; {lost} lost or failed")
    figures = {"push_p95_ms": p95, "push_p99_ms": p99, "push_lost": lost}
    results.keep(figures | {"sockets": found})
    return 0 if table.holds(figures) else 1


if __name__ == "__main__":
    sys.exit(main())
