"""Load that comes when it comes, whether or not what came before was answered.

Each request has its moment; how long it took is counted from there and not from when it could be sent, so that what
waits behind a slow answer counts as slow too (corrected for coordinated omission).
"""

import asyncio
import json
import random
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from arogya.policy import Permission
from bench.hospital import Person

ANSWER_WITHIN_S = 30
IDLE_S = 5.0
"""A connection that was idle for longer is not used again: a server may close it in that very moment."""
NEEDS = {"today": Permission.APPOINTMENT_READ, "patient": Permission.PATIENT_READ, "slots": Permission.SLOT_READ,
         "book": Permission.APPOINTMENT_BOOK, "walk-in": Permission.VISIT_RECEIVE}  # fmt: skip


@dataclass(slots=True, frozen=True)
class Act:
    """One request and its moment, in seconds from the begin."""

    due_s: float
    what: str
    raw: bytes


@dataclass(slots=True, frozen=True)
class Answer:
    """status 0: none came, or the connection broke."""

    due_s: float
    what: str
    status: int
    seconds: float
    says_when: bool
    body: bytes

    @property
    def is_good(self) -> bool:
        return 200 <= self.status < 300

    @property
    def is_shed(self) -> bool:
        """Told to come again, and when."""
        return self.status in {429, 503} and self.says_when


def acts(
    moments: Iterable[float], requests: Iterable[dict[str, Any]], people: Sequence[Person], seed: int
) -> list[Act]:
    """At each moment the next request, by someone whose role may."""
    chance = random.Random(seed)
    able = {what: [one for one in people if one.may(needs)] for what, needs in NEEDS.items()}
    return [Act(due, one["what"], _raw(one, chance.choice(able[one["what"]])))
            for due, one in zip(moments, requests, strict=False)]  # fmt: skip


def _raw(one: dict[str, Any], person: Person) -> bytes:
    body = json.dumps(one["body"]).encode() if one["body"] else b""
    key = f"Idempotency-Key: {one['key']}\r\nContent-Type: application/json\r\n" if body else ""
    head = f"{one['method']} {one['path']} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {person.token}\r\n{key}"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


class Connections:
    """Kept alive and used again; as many as there are answers awaited."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._idle: list[tuple[float, asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def send(self, raw: bytes) -> tuple[int, bool, bytes]:
        """Status, whether it came with Retry-After, and the body."""
        reader, writer = await self._one()
        try:
            writer.write(raw)
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
            lines = head.split("\r\n")
            length = next((int(line.split(":")[1]) for line in lines if line.startswith("content-length:")), 0)
            body = await reader.readexactly(length)
        except BaseException:
            writer.transport.abort()
            raise
        self._idle.append((time.perf_counter(), reader, writer))
        return int(lines[0].split()[1]), "\r\nretry-after:" in head, body

    async def _one(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        while self._idle:
            since, reader, writer = self._idle.pop()
            if time.perf_counter() - since < IDLE_S and not reader.at_eof():
                return reader, writer
            writer.close()
        return await asyncio.open_connection("127.0.0.1", self._port, limit=2**20)

    def close(self) -> None:
        for _, _, writer in self._idle:
            writer.close()


async def run(port: int, to_do: Sequence[Act]) -> list[Answer]:
    connections = Connections(port)
    began = time.perf_counter()

    async def one(act: Act) -> Answer:
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                status, says_when, body = await connections.send(act.raw)
        except (OSError, EOFError, TimeoutError):
            status, says_when, body = 0, False, b""
        taken = time.perf_counter() - began - act.due_s
        return Answer(act.due_s, act.what, status, taken, says_when, body)

    asked = []
    for act in to_do:
        ahead = began + act.due_s - time.perf_counter()
        if ahead > 0:
            await asyncio.sleep(ahead)
        asked.append(asyncio.create_task(one(act)))
    answers = await asyncio.gather(*asked)
    connections.close()
    return answers


def thinking(users: int, seconds: float, think_s: tuple[float, float], seed: int) -> list[float]:
    """The moments at which so many users act: each again after a pause of its own."""
    chance = random.Random(seed)
    found = []
    for _ in range(users):
        at = chance.uniform(0, sum(think_s) / 2)
        while at < seconds:
            found.append(at)
            at += chance.uniform(*think_s)
    return sorted(found)


def arriving(rate: float, begin_s: float, end_s: float, seed: int) -> list[float]:
    """The moments of independent arrivals, so many a second."""
    chance = random.Random(seed)
    found, at = [], begin_s
    while (at := at + chance.expovariate(rate)) < end_s:
        found.append(at)
    return found
