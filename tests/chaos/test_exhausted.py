"""Every connection to the database is held: others are told when to come again, none hangs, and it passes by itself."""

import asyncio
import time
from collections.abc import Callable

from tests.chaos.conftest import Looking
from tests.chaos.scale import report
from tests.chaos.wire import Answer, Connection, request_bytes
from tests.program import Arogya
from tests.world import World

POOL = 4
ASKING = 40
TOLD_WITHIN_S = 20
"""The program waits two seconds for a connection; the rest is what a busy machine may take."""
NOT_TOLD_S = 6
"""Three times as long as it takes to be told."""


async def asked(arogya: Arogya, raw: bytes) -> tuple[Answer, float]:
    begun = time.monotonic()
    connection = await Connection.open(arogya.port)
    answer = await connection.ask(raw)
    connection.close()
    return answer, time.monotonic() - begun


def read_of(hospital: World) -> bytes:
    return request_bytes("GET", f"/api/patients/{hospital.a.patient}", hospital.a.as_("receptionist"))


async def test_with_all_connections_held_the_rest_is_told_to_come_again(
    start: Callable[..., Arogya], hospital: World
) -> None:
    arogya = start(AROGYA_POOL_SIZE=str(POOL))
    read = read_of(hospital)
    async with Looking(arogya.data_dir) as owner:
        async with owner.transaction():
            await owner.execute("LOCK TABLE patients IN ACCESS EXCLUSIVE MODE")
            asking = [asyncio.create_task(asked(arogya, read)) for _ in range(ASKING)]
            async with asyncio.timeout(60):
                while sum(one.done() for one in asking) < ASKING - POOL:
                    await asyncio.sleep(0.05)
            alive, took = await asked(arogya, request_bytes("GET", "/healthz", {}))
            assert (alive.status, took < TOLD_WITHIN_S) == (200, True)
            ready, _ = await asked(arogya, request_bytes("GET", "/readyz", {}))
            assert ready.status == 503
            held = [one for one in asking if not one.done()]
            refused = [one.result() for one in asking if one.done()]
            assert {answer.status for answer, _ in refused} == {503}
            assert all(int(answer.headers["retry-after"]) > 0 for answer, _ in refused)
            assert max(seconds for _, seconds in refused) <= TOLD_WITHIN_S
        served = [(await one)[0].status for one in held]
    assert served == [200] * POOL, "who held a connection is served once the lock is gone"
    for _ in range(2 * POOL):
        assert (await asked(arogya, read))[0].status == 200
    report("exhausted", refused=len(refused), told_after_s=[seconds for _, seconds in refused])


async def test_control_who_may_wait_for_ever_is_told_nothing(start: Callable[..., Arogya], hospital: World) -> None:
    arogya = start(module="tests.chaos.unguarded", AROGYA_UNGUARDED="wait", AROGYA_POOL_SIZE=str(POOL))
    read = read_of(hospital)
    async with Looking(arogya.data_dir) as owner:
        async with owner.transaction():
            await owner.execute("LOCK TABLE patients IN ACCESS EXCLUSIVE MODE")
            asking = [asyncio.create_task(asked(arogya, read)) for _ in range(ASKING)]
            await asyncio.sleep(NOT_TOLD_S)
            told = sum(one.done() for one in asking)
        assert {(await one)[0].status for one in asking} == {200}
    assert told == 0
    report("exhausted", not_told_by_the_control=len(asking))
