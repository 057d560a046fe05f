"""The whole program on a hospital of its own, ready to be set on fire."""

import asyncio
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest

from arogya.launch import database
from arogya.platform.clock import SystemClock
from arogya.platform.postgres import EmbeddedPostgres
from arogya.platform.settings import Settings
from tests.program import Arogya, end, eventually
from tests.world import World, build_world


@dataclass(frozen=True)
class Ground:
    """A data folder with the world in it. Copied, never served."""

    data_dir: Path
    world: World


@pytest.fixture(scope="session")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    """The world of today, by the machine's own clock, with room for everybody in each slot."""
    folder = tmp_path_factory.mktemp("ground") / "var"
    with database(Settings(data_dir=folder)) as (running, postgres):
        assert postgres
        world = asyncio.run(build_world(running, SystemClock()))
        asyncio.run(_make_room(postgres))
    return Ground(folder, world)


async def _make_room(postgres: EmbeddedPostgres) -> None:
    connection = await asyncpg.connect(postgres.url(database="arogya"))
    await connection.execute("UPDATE schedules SET places = 200 WHERE kind = 'slots'")
    await connection.close()


@pytest.fixture
def hospital(ground: Ground) -> World:
    return ground.world


@pytest.fixture
def start(ground: Ground, tmp_path: Path) -> Iterator[Callable[..., Arogya]]:
    """Start the program on a copy of the ground, as often as one likes on the same."""
    data_dir = Path(shutil.copytree(ground.data_dir, tmp_path / "var"))
    started: list[Arogya] = []

    def begin(*command: str, **environment: str) -> Arogya:
        started.append(Arogya(data_dir, *command, **environment))
        assert eventually(started[-1].is_ready), started[-1].said
        return started[-1]

    yield begin
    for one in started:
        end(one)


@pytest.fixture
def arogya(start: Callable[..., Arogya]) -> Arogya:
    return start()


@pytest.fixture
def looking(arogya: Arogya) -> Callable[[], "Looking"]:
    return lambda: Looking(arogya.data_dir)


class Looking:
    """A short look into the database past all of the program, as its superuser."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir

    async def __aenter__(self) -> asyncpg.Connection:
        self._connection = await asyncpg.connect(EmbeddedPostgres(self._data_dir).url(database="arogya"))
        return self._connection

    async def __aexit__(self, *_: object) -> None:
        await self._connection.close()
