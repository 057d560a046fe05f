"""The drill: made once a worker, each test has its files under names of its own."""

import asyncio
import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from arogya.backup import take_base_now
from arogya.launch import database
from arogya.platform.clock import FixedClock
from arogya.platform.postgres import archivist, wal
from arogya.platform.postgres.archive import (
    Archive,
)
from arogya.platform.settings import Settings
from tests.conftest import KEYS, NOW
from tests.platform.archive.drill import (
    NAMES,
    Drill,
    archiving,
    register,
    trail,
)
from tests.world import build_world


@pytest.fixture(scope="package", autouse=True)
def often() -> Iterator[None]:
    """Look more often than on a hospital's machine."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(archivist, "_LOOK_EVERY_S", 0.2)
        yield


@pytest.fixture(scope="package")
def drilled(memory_folder: Path, often: None) -> Iterator[Drill]:
    """Patients are registered through the API while the archive is written; a second base backup lies between."""
    folder = memory_folder / "drilled"
    chosen = Settings(data_dir=folder, secret_key=KEYS.hex)
    with database(chosen) as (running, postgres):
        assert postgres
        world = asyncio.run(build_world(running, FixedClock(NOW)))
        with archiving(postgres, folder):
            moments = []
            for number, name in enumerate(NAMES):
                if number != 1:
                    take_base_now(chosen)
                if number == 0:
                    began = datetime.now(UTC)
                asyncio.run(register(running, world, name))
                moments.append(datetime.now(UTC))
        before = trail(running)
    bases = Archive(folder / "archive").spans()[0].bases()
    assert len(bases) == 2
    yield Drill(folder, tuple(moments), began, bases[0].ended_at, world, before)
    shutil.rmtree(folder)


@pytest.fixture
def drill(drilled: Drill, memory_folder: Path) -> Iterator[Drill]:
    """The same files under names of its own: what is recovered is new, what is there is only renamed."""

    def linked(source: str, target: str) -> None:
        if source.endswith(wal.PARTIAL):
            shutil.copyfile(source, target)
        else:
            os.link(source, target)

    folder = Path(shutil.copytree(drilled.folder, memory_folder / "drill", copy_function=linked))
    yield replace(drilled, folder=folder)
    shutil.rmtree(folder)


@pytest.fixture
def copied(drilled: Drill, drill: Drill) -> Drill:
    """With data of its own, which may be served."""
    shutil.rmtree(drill.folder / "postgres")
    shutil.copytree(drilled.folder / "postgres", drill.folder / "postgres")
    return drill
