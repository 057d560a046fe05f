"""SIGTERM under load: what was accepted is answered, then all of it is gone; SIGKILL, the control, cuts."""

import asyncio
import signal
import socket
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from typing import Literal
from uuid import uuid4

import asyncpg
import psutil
import pytest

from arogya.platform.postgres import EmbeddedPostgres
from tests.chaos.scale import LONG, report
from tests.chaos.wire import Connection, fate_of, request_bytes
from tests.factories.patients import a_patient
from tests.program import Arogya
from tests.world import World

A_SECOND = 50
MOST_IN_FLIGHT = 12
"""Fewer than the program has connections to its database: a slow machine is asked for less, and refuses nothing."""
STOPS = 10 if LONG else 2
GONE_WITHIN_S = 10
STALE_AT_MOST = 2
"""In a stop: it takes a write just as the server closes the line, which 3 of 150 stops had, one each."""
KEPT = 6
"""Connections that are kept open and used in turn, as browsers do; other requests open their own."""
AT_THE_DOOR = 30
SLOW_S = 6
"""Longer than a server that is done stays, shorter than its parent waits for it."""

Start = Callable[..., Arogya]
Fate = Literal["answered", "refused", "cut", "stale"]
"""stale: written to a kept connection after the server was told to stop, and closed without a byte of an answer. HTTP
has no word against that, and bids the client ask again on another; none of it was taken. Whatever was written before,
or has half an answer, is cut."""


@dataclass
class Load:
    """Fifty requests a second, reads and writes, half on connections of their own, and what became of each."""

    port: int
    hospital: World
    fates: Counter[Fate] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    in_flight: int = 0
    told_to_stop_at: float = inf
    answered: list[str] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)
    """Ids of requests."""
    registered: set[str] = field(default_factory=set)
    not_registered: set[str] = field(default_factory=set)
    kept: list[Connection] = field(default_factory=list)

    async def run(self, over: asyncio.Event) -> None:
        self.kept = [await Connection.open(self.port) for _ in range(KEPT)]
        loop = asyncio.get_running_loop()
        due, number = loop.time(), 0
        async with asyncio.TaskGroup() as tasks:
            while not over.is_set():
                if self.in_flight < MOST_IN_FLIGHT:
                    self.in_flight += 1
                    tasks.create_task(self._one(number))
                    number += 1
                due += 1 / A_SECOND
                await asyncio.sleep(max(0.0, due - loop.time()))

    async def _one(self, number: int) -> None:
        keep, name = number % 2 == 0 and bool(self.kept), f"Under Load {uuid4().hex[:8]}"
        request_id = uuid4().hex
        headers = {**self.hospital.a.as_("receptionist"), "X-Request-ID": request_id}
        if number % 4 < 2:
            raw = request_bytes("GET", f"/api/patients/{self.hospital.a.patient}", headers, keep=keep)
        else:
            raw = request_bytes("POST", "/api/patients", headers, a_patient(name=name), keep=keep)
        fate, status = await (self._on_kept(raw) if keep else fate_of(self.port, raw))
        self.in_flight -= 1
        self.fates[fate] += 1
        if fate == "answered":
            self.statuses[status] += 1
            self.answered.append(request_id)
        elif fate == "stale":
            self.stale.append(request_id)
        (self.registered if status == 201 else self.not_registered).add(name)

    async def _on_kept(self, raw: bytes) -> tuple[Fate, int]:
        connection = self.kept.pop()
        if connection.reader.at_eof():
            return "refused", 0
        heard, written_at = connection.heard, time.monotonic()
        try:
            answer = await connection.ask(raw)
        except (OSError, EOFError):
            is_unheard = connection.heard == heard
            return "stale" if is_unheard and written_at >= self.told_to_stop_at else "cut", 0
        if answer.headers.get("connection") != "close":
            self.kept.insert(0, connection)
        return "answered", answer.status


async def suspend(servers: list[psutil.Process]) -> None:
    """Until they stand still: of two signals that wait a process hears the one with the lower number first."""
    for one in servers:
        one.suspend()
    await until(lambda: all(one.status() == psutil.STATUS_STOPPED for one in servers))


def hears(process: psutil.Process) -> bool:
    """Whether a signal waits for the process, which is suspended."""
    return int(Path(f"/proc/{process.pid}/status").read_text().partition("ShdPnd:")[2].split()[0], 16) != 0


async def until(what: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not what():
            await asyncio.sleep(0.01)


async def stopped(arogya: Arogya, hospital: World, how: signal.Signals) -> tuple[Load, float]:
    """The signal comes while as many are in flight as may be: some at the server, some at its door.

    What became of them all, and how long the program took to be gone.
    """
    load, over = Load(arogya.port, hospital), asyncio.Event()
    running = asyncio.create_task(load.run(over))
    await until(lambda: load.fates["answered"] >= A_SECOND)
    servers = arogya.servers()
    await suspend(servers)
    await until(lambda: load.in_flight == MOST_IN_FLIGHT)
    if how == signal.SIGKILL:
        for one in servers:
            one.kill()
        over.set()
        await running
        return load, 0
    arogya.process.send_signal(how)
    await until(lambda: all(map(hears, servers)))
    load.told_to_stop_at = time.monotonic()  # until now nobody wrote: as many were in flight as may be
    for one in servers:
        one.resume()
    await asyncio.to_thread(arogya.process.wait, 60)
    took = time.monotonic() - load.told_to_stop_at
    over.set()
    await running
    return load, took


async def names_in(data_dir: Path) -> set[str]:
    with EmbeddedPostgres(data_dir) as postgres:
        connection = await asyncpg.connect(postgres.url(database="arogya"))
        found = await connection.fetch("SELECT name FROM patients WHERE name LIKE 'Under Load%'")
        await connection.close()
    return {str(row["name"]) for row in found}


@pytest.mark.parametrize("processes", [1, 2])
async def test_no_accepted_request_is_cut_by_a_stop(start: Start, hospital: World, processes: int) -> None:
    registered, not_registered = set[str](), set[str]()
    for _ in range(STOPS):
        arogya = start(AROGYA_SERVER_PROCESSES=str(processes))
        load, seconds = await stopped(arogya, hospital, signal.SIGTERM)
        assert arogya.process.returncode == 0
        print(f"{processes} processes: {dict(load.fates)}, gone after {seconds:.1f} s")
        assert load.fates["cut"] == 0, load.fates
        assert load.fates["stale"] <= STALE_AT_MOST, load.fates
        assert any(one in arogya.said for one in load.answered)
        assert [one for one in load.stale if one in arogya.said] == [], "the server began with what it then cut"
        assert set(load.statuses) <= {200, 201}, load.statuses
        report("stop", stops=1, answered=load.fates["answered"], stale=load.fates["stale"], gone_after_s=[seconds])
        assert seconds <= GONE_WITHIN_S
        registered |= load.registered
        not_registered |= load.not_registered
    there = await names_in(arogya.data_dir)
    assert registered <= there
    assert not_registered.isdisjoint(there), "what was not answered was not done"


def test_a_server_that_waits_for_itself_is_gone_in_time(start: Start) -> None:
    """Once all is answered, and before its parent has to kill it; on a busy machine it may have to be asked again."""
    said = []
    for _ in range(3):
        arogya = start(module="tests.chaos.unguarded", AROGYA_UNGUARDED="ear")
        arogya.stop()
        said.append(arogya.said)
        if "server_left_waiting" in arogya.said and "had to be killed" not in arogya.said:
            return
    pytest.fail("\n".join(said))


@pytest.mark.parametrize("processes", [1, 2])
def test_no_server_has_both_ends_of_a_line(start: Start, processes: int) -> None:
    """It would wait for itself: the program looks whether it is open just as it forks them."""
    arogya = start(module="tests.chaos.unguarded", AROGYA_UNGUARDED="eye", AROGYA_SERVER_PROCESSES=str(processes))
    servers = arogya.servers()
    assert len(servers) == processes
    for one in servers:
        assert [line for line in one.net_connections("tcp") if line.raddr and line.raddr.port == arogya.port] == []


def test_who_takes_an_answer_slowly_gets_it_whole(arogya: Arogya) -> None:
    """The application has given it to the server long before the other side has it."""
    with socket.socket() as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.settimeout(60)
        slow.connect(("127.0.0.1", arogya.port))
        slow.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n")
        head, _, came = slow.recv(4096).partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].split()[0])
        assert length > 400_000
        arogya.process.send_signal(signal.SIGTERM)
        stopped_at = time.monotonic()
        while len(came) < length and (part := slow.recv(4096)):
            came += part
            if time.monotonic() - stopped_at < SLOW_S:
                time.sleep(SLOW_S * len(part) / length)
    assert len(came) == length
    assert arogya.process.wait(60) == 0


async def test_control_a_killed_server_cuts(arogya: Arogya, hospital: World) -> None:
    load, _ = await stopped(arogya, hospital, signal.SIGKILL)
    assert load.fates["stale"] == 0, "all was written before the kill"
    assert load.fates["cut"] > MOST_IN_FLIGHT - KEPT, f"also on kept connections: {load.fates}"
    report("stop", cut_by_the_control=load.fates["cut"])


async def let_in(arogya: Arogya, hospital: World) -> int:
    """How many were answered of those that the system had taken and the server not yet when it was told to stop."""
    (server,) = arogya.servers()
    await suspend([server])
    waiting = [await Connection.open(arogya.port) for _ in range(AT_THE_DOOR)]
    for one in waiting:
        one.writer.write(request_bytes("GET", "/api/me", hospital.a.as_("nurse")))
        await one.writer.drain()
    arogya.process.send_signal(signal.SIGTERM)
    await until(lambda: hears(server))
    server.resume()
    fates = await asyncio.gather(*(one.answer() for one in waiting), return_exceptions=True)
    await asyncio.to_thread(arogya.process.wait, 60)  # the data folder is the next one's
    return [getattr(one, "status", 0) for one in fates].count(200)


async def test_who_waits_at_the_door_is_let_in(arogya: Arogya, hospital: World) -> None:
    assert await let_in(arogya, hospital) == AT_THE_DOOR


@pytest.mark.skipif(not LONG, reason="it is chance whether the server looks once more before it closes")
async def test_control_a_door_that_is_slammed_cuts_who_waits_at_it(start: Start, hospital: World) -> None:
    for _ in range(8):  # now and then the server looks once more before it closes
        if await let_in(start(module="tests.chaos.unguarded", AROGYA_UNGUARDED="door"), hospital) < AT_THE_DOOR:
            return
    pytest.fail("nobody was cut: the door proves nothing")
