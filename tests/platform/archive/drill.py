"""A stopped installation with its archive, and what one does with it."""

import asyncio
import gzip
import shutil
import time
import zlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import asyncpg
import httpx2

from arogya.app import create_app
from arogya.launch import database
from arogya.platform.clock import FixedClock
from arogya.platform.keys import Keys
from arogya.platform.postgres import EmbeddedPostgres
from arogya.platform.postgres.archive import (
    Archive,
    Span,
    mark_of,
)
from arogya.platform.postgres.archivist import Archivist, received
from arogya.platform.postgres.recovery import Recovered, recover
from arogya.platform.settings import OWNER_ROLE, Settings
from tests.conftest import KEYS, NOW
from tests.factories.patients import a_patient
from tests.world import World

PATIENCE_S = 120
FAST = {"fsync": "off"}
NAMES = ("Before Test", "Between Test", "After Test")


@dataclass(frozen=True)
class Drill:
    """A stopped installation with its archive, and what happened in it when.

    moments: one after each of the patients who were registered, in that order. began: the one before the first of
    them. first_base: of the first base backup. trail: the audit entries, whole, in the order of time.
    """

    folder: Path
    moments: tuple[datetime, ...]
    began: datetime
    first_base: datetime
    world: World
    trail: list[str]


class archiving:
    """An archive of this server is written meanwhile."""

    def __init__(self, postgres: EmbeddedPostgres, folder: Path) -> None:
        self.postgres = postgres
        self.archive = Archive(folder / "archive")
        self.archivist = Archivist(postgres, self.archive, key=mark_of(KEYS), keep=timedelta(days=7))

    def __enter__(self) -> "archiving":
        self.archivist.begin()
        eventually(self.is_received)
        return self

    def __exit__(self, *exc: object) -> None:
        self.archivist.stop()

    def is_received(self) -> bool:
        return self.archive.status.exists() and received(self.postgres.url(), 0)


def eventually(what: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@asynccontextmanager
async def browser(config: Settings) -> AsyncIterator[httpx2.AsyncClient]:
    app = create_app(config, FixedClock(NOW))
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://localhost:8000") as client:
        yield client
    await app.state.database.dispose()


async def register(config: Settings, world: World, name: str) -> None:
    async with browser(config) as client:
        desk = world.a.as_("receptionist")
        answer = await client.post("/api/patients", headers=desk, json=a_patient(name=name))
        assert answer.status_code == 201, answer.text


async def found(config: Settings, world: World) -> list[str]:
    """Which of the drill's patients the desk finds."""
    names = []
    async with browser(config) as client:
        for name in NAMES:
            answer = await client.post(
                "/api/patients/search", headers=world.a.as_("receptionist"), json={"search": name}
            )
            assert answer.status_code == 200, answer.text
            names += [name for one in answer.json()["items"] if one["name"] == name]
    return names


def rows(url: str, query: str) -> list[str]:
    async def run() -> list[str]:
        connection = await asyncpg.connect(url)
        try:
            return [str(row[0]) for row in await connection.fetch(query)]
        finally:
            await connection.close()

    return asyncio.run(run())


def trail(running: Settings) -> list[str]:
    url = running.role_url(OWNER_ROLE).render_as_string(hide_password=False)
    return rows(url, "SELECT to_jsonb(a) FROM audit_entries a ORDER BY a.id")


def served(folder: Path, world: World) -> list[str]:
    """Whom the desk finds when this installation is started."""
    with database(Settings(data_dir=folder, secret_key=KEYS.hex)) as (running, _):
        return asyncio.run(found(running, world))


def back_to(drill: Drill, moment: datetime, keys: Keys = KEYS) -> Recovered:
    return recover(drill.folder, Archive(drill.folder / "archive"), moment, keys)


def span_of(drill: Drill) -> Span:
    return Archive(drill.folder / "archive").spans()[0]


def flip(path: Path, at: int) -> None:
    own = Path(shutil.copyfile(path, path.with_name("own")))
    own.rename(path)
    with path.open("r+b") as file:
        file.seek(at)
        (byte,) = file.read(1)
        file.seek(at)
        file.write(bytes([byte ^ 1]))


def flip_what_counts(path: Path) -> None:
    """One bit near the middle of what is packed: not one that unpacks to the same, as in a long row of zeros."""
    packed = bytearray(path.read_bytes())
    whole = gzip.decompress(packed)
    for at in range(len(packed) // 2, len(packed)):
        packed[at] ^= 1
        try:
            changed = zlib.decompressobj(wbits=31).decompress(packed) != whole
        except zlib.error:
            changed = True
        if changed:
            flip(path, at)
            return
        packed[at] ^= 1
    raise AssertionError("there is nothing in it")
