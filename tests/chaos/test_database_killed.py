"""PostgreSQL is killed under load, again and again: what was acknowledged is there, and service comes back by itself.

A kill takes the processes and leaves the system's memory: it shows that nothing is acknowledged before PostgreSQL gave
it to the system, not that the disk has it. The control is PostgreSQL acknowledging before that.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from itertools import cycle, islice

import psutil
import pytest

from tests.chaos.load import Clerks, Look, Noted, lost, until
from tests.chaos.scale import LONG, report
from tests.program import Arogya
from tests.world import World

BACK_WITHIN_S = 30
KILLS = 24 if LONG else 3
BETWEEN = 60 if LONG else 20
"""Acknowledged writes from one kill to the next."""
MOST_TRIES_TO_LOSE = 5

Kill = Callable[[Arogya], None]


def kill_postmaster(arogya: Arogya) -> None:
    arogya.postmaster().kill()


def kill_backend(arogya: Arogya) -> None:
    """One that serves requests: PostgreSQL then ends all others, as it can't know what that one left behind."""
    backends = [one for one in arogya.postmaster().children() if "arogya_app" in " ".join(one.cmdline())]
    backends[-1].kill()


def kill_all(arogya: Arogya) -> None:
    postmaster = arogya.postmaster()
    for one in [postmaster, *postmaster.children()]:
        with suppress(psutil.NoSuchProcess):
            one.kill()


async def set_on_fire(
    arogya: Arogya, hospital: World, kills: list[Callable[[Arogya], None]]
) -> tuple[Noted, list[float]]:
    """Kill one after the other under load. What was noted, and how long each took to be over."""
    outages = []
    async with Clerks(f"http://127.0.0.1:{arogya.port}", hospital.a).at_work() as noted:
        for kill in kills:
            target = noted.count + BETWEEN
            await until(lambda target=target: noted.count >= target)
            kill(arogya)
            killed = time.monotonic()
            await until(lambda killed=killed: noted.back_after(killed) is not None)
            outages.append(noted.back_after(killed) or 0.0)
        target = noted.count + BETWEEN
        await until(lambda: noted.count >= target)
    return noted, outages


async def test_killed_database_loses_nothing_acknowledged_and_is_back_by_itself(
    arogya: Arogya, hospital: World, looking: Look
) -> None:
    kills = list(islice(cycle([kill_postmaster, kill_backend, kill_all]), KILLS))
    noted, outages = await set_on_fire(arogya, hospital, kills)
    assert noted.answers["404"] == 0
    assert await lost(looking, noted) == 0
    assert max(outages) <= BACK_WITHIN_S
    clerk = hospital.a.users["receptionist"]
    async with looking() as owner:
        for table, ids in noted.acknowledged.items():
            made = await owner.fetchval(f"SELECT count(*) FROM {table} WHERE created_by = $1", clerk)
            assert made == len(ids), "each was asked for until it was acknowledged, and made once"
    report("database", kills=len(kills), acknowledged=noted.count, outages_s=outages)


async def test_control_what_is_acknowledged_too_early_is_lost(arogya: Arogya, hospital: World, looking: Look) -> None:
    async with looking() as owner:
        for setting in ("synchronous_commit = off", "wal_writer_delay = '10s'", "wal_writer_flush_after = '1GB'"):
            await owner.execute(f"ALTER SYSTEM SET {setting}")
        await owner.execute("SELECT pg_reload_conf()")
    for _ in range(MOST_TRIES_TO_LOSE):
        noted, _ = await set_on_fire(arogya, hospital, [kill_all])
        if gone := await lost(looking, noted):
            report("database", lost_by_the_control=gone)
            return
    pytest.fail("nothing was lost: the kills prove nothing")
