"""Lines of open screens are cut hard, also in the middle of what they missed: each hears all of its hospital once."""

import asyncio
import json
import random
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import uuid4

import httpx2
import websockets

from tests.chaos.scale import LONG, report
from tests.factories.patients import a_patient
from tests.program import Arogya
from tests.world import Hospital, World

CUTS = 100 if LONG else 20
CAUGHT_UP_WITHIN_S = 120
PAUSE_S = 0.02


@dataclass
class Front:
    """Two hospitals whose desks register people all the while. By hospital code: the ids of who was registered."""

    base_url: str
    registered: dict[str, set[str]] = field(default_factory=lambda: {"TA": set(), "TB": set()})

    @asynccontextmanager
    async def open(self, world: World) -> AsyncIterator["Front"]:
        over = asyncio.Event()
        async with httpx2.AsyncClient(base_url=self.base_url, timeout=60) as client, asyncio.TaskGroup() as tasks:
            for hospital in (world.a, world.b):
                tasks.create_task(self._register(client, hospital, over))
            try:
                yield self
            finally:
                over.set()

    async def _register(self, client: httpx2.AsyncClient, hospital: Hospital, over: asyncio.Event) -> None:
        while not over.is_set():
            body, headers = a_patient(name=f"Heard {uuid4().hex[:8]}"), hospital.as_("receptionist")
            answer = await client.post("/api/patients", json=body, headers=headers)
            assert answer.status_code == 201, answer.text
            self.registered[hospital.code].add(answer.json()["id"])
            await asyncio.sleep(PAUSE_S)


@dataclass
class Screen:
    """A client that goes on from the last number that it heard; resumes=False is the control."""

    port: int
    hospital: Hospital
    resumes: bool = True
    seq: int | None = None
    heard: list[str] = field(default_factory=list)

    async def connect(self) -> websockets.ClientConnection:
        async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{self.port}", timeout=60) as client:
            answer = await client.post("/api/realtime/ticket", headers=self.hospital.as_("receptionist"))
        told = answer.json()
        if self.seq is None or not self.resumes:
            self.seq = told["seq"]
        line = await websockets.connect(f"ws://127.0.0.1:{self.port}/api/realtime")
        await line.send(json.dumps({"ticket": told["ticket"], "since": self.seq if self.resumes else None}))
        return line

    async def hear(self, line: websockets.ClientConnection) -> None:
        """The next event. What came before it, comes twice or out of its order fails."""
        while True:
            message = json.loads(await line.recv())
            assert message["type"] != "resync"
            if message["type"] != "event":
                continue
            assert self.seq is not None
            assert message["seq"] > self.seq, "each once, in order"
            self.seq = message["seq"]
            if message["event"] == "PatientRegistered":
                self.heard.append(message["ids"]["patient_id"])
                return


def cut(line: websockets.ClientConnection) -> None:
    """Without a goodbye; what is on its way is lost and the server gets a reset."""
    found = line.transport.get_extra_info("socket")
    found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    line.transport.abort()


async def cut_again_and_again(arogya: Arogya, world: World, screen: Screen) -> dict[str, set[str]]:
    """Who was registered meanwhile, by hospital."""
    chance = random.Random(7)
    async with Front(f"http://127.0.0.1:{arogya.port}").open(world) as front:
        for _ in range(CUTS):
            line = await screen.connect()
            # None: cut before the first word. Few: in the middle of what was missed. More: what comes live, too.
            for _ in range(chance.choice([0, 1, 2, 8])):
                async with asyncio.timeout(CAUGHT_UP_WITHIN_S):
                    await screen.hear(line)
            cut(line)
            await asyncio.sleep(chance.choice([0, 0.1, 0.3]))
    return front.registered


async def test_lines_cut_hard_lose_nothing_and_tell_nothing_twice(arogya: Arogya, hospital: World) -> None:
    screen = Screen(arogya.port, hospital.a)
    await (await screen.connect()).close()  # from here on
    registered = await cut_again_and_again(arogya, hospital, screen)
    line = await screen.connect()
    async with asyncio.timeout(CAUGHT_UP_WITHIN_S):
        while len(screen.heard) < len(registered["TA"]):
            await screen.hear(line)
    await line.close()
    assert set(screen.heard) == registered["TA"]
    assert len(screen.heard) == len(registered["TA"])
    assert registered["TB"], "another hospital was busy, too"
    report("sockets", cuts=CUTS, told=len(screen.heard), of_another_hospital=len(registered["TB"]))


async def test_control_who_does_not_resume_loses(arogya: Arogya, hospital: World) -> None:
    screen = Screen(arogya.port, hospital.a, resumes=False)
    await (await screen.connect()).close()
    registered = await cut_again_and_again(arogya, hospital, screen)
    assert set(screen.heard) < registered["TA"]
    report("sockets", lost_by_the_control=len(registered["TA"]) - len(set(screen.heard)))
