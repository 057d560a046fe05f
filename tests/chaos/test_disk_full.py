"""The disk is full: writes are refused in clear words, reads go on, and once there is room again nothing is missing."""

import asyncio
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.chaos.conftest import Looking
from tests.chaos.load import Clerks, lost, until, working_day
from tests.chaos.on_small_disk import is_possible
from tests.chaos.scale import LONG, report
from tests.chaos.wire import Connection, request_bytes
from tests.factories.patients import a_patient
from tests.program import Arogya
from tests.world import World

DISK_MB = 160

pytestmark = pytest.mark.skipif(not is_possible(), reason="this system lets nobody have a disk of their own")


def fill(folder: Path) -> Path:
    """To the last byte."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (1 << 20, 4096, 1):
            try:
                while True:
                    file.write(b"\0" * size)
            except OSError:
                continue
    return ballast


@pytest.fixture
def on_small_disk(start: Callable[..., Arogya]) -> Callable[..., tuple[Arogya, Path]]:
    """The program, and its disk as we see it."""

    def begin(**environment: str) -> tuple[Arogya, Path]:
        arogya = start(module="tests.chaos.on_small_disk", SMALL_DISK_MB=str(DISK_MB), **environment)
        return arogya, Path(f"/proc/{arogya.process.pid}/root") / arogya.data_dir.relative_to("/")

    return begin


async def test_full_disk_refuses_writes_loses_nothing_and_passes(
    on_small_disk: Callable[..., tuple[Arogya, Path]], hospital: World
) -> None:
    arogya, disk = on_small_disk()
    slots = f"/api/slots?practitioner_id={hospital.a.practitioner}&from={working_day()}&to={working_day()}"
    reads = []
    async with Clerks(f"http://127.0.0.1:{arogya.port}", hospital.a).at_work() as noted:
        await until(lambda: noted.count >= 40)
        ballast = fill(disk)
        await until(lambda: noted.words["The disk is full"] >= 8)
        for _ in range(10):
            connection = await Connection.open(arogya.port)
            answer = await connection.ask(request_bytes("GET", slots, hospital.a.as_("doctor")))
            reads.append(answer.status)
            connection.close()
            await asyncio.sleep(0.2)
        ballast.unlink()
        target = noted.count + 40
        await until(lambda: noted.count >= target)
    assert noted.answers["404"] == 0
    assert await lost(lambda: Looking(disk), noted) == 0
    assert set(reads) <= {200, 503}
    assert reads.count(200) >= len(reads) // 2
    report("disk", refused=noted.answers["503"], acknowledged=noted.count, read=reads.count(200), reads=len(reads))


@pytest.mark.skipif(not LONG, reason="the words for it have a test of their own")
async def test_control_a_program_that_knows_no_full_disk_breaks(
    on_small_disk: Callable[..., tuple[Arogya, Path]], hospital: World
) -> None:
    """Were it not told apart, a clerk would read of an error of ours, and not ask again."""
    arogya, disk = on_small_disk(AROGYA_UNGUARDED="disk")
    ballast, answers = fill(disk), Counter[int]()
    async with asyncio.timeout(120):
        while not answers[500]:
            connection = await Connection.open(arogya.port)
            body = a_patient(name=f"Full Disk {answers.total()}")
            raw = request_bytes("POST", "/api/patients", hospital.a.as_("receptionist"), body)
            answers[(await connection.ask(raw)).status] += 1
            connection.close()
    ballast.unlink()
    report("disk", asked_of_the_control=answers.total())
