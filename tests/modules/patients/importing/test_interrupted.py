"""Workers die and desks work on while a file is taken in: no line twice, none lost, none half."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any
from unittest.mock import AsyncMock

import asyncpg
import httpx2
import pytest
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from arogya.modules.patients.importing import running
from arogya.modules.patients.importing.running import work_off
from arogya.platform.clock import FixedClock
from arogya.platform.database import Database
from arogya.platform.settings import Settings
from tests.modules.patients.importing.files import Imports, Jobs, csv_of, person
from tests.world import World

ROOT = Path(__file__).resolve().parents[4]
LINES = 60


def worker(config: Settings, portion_s: float) -> "subprocess.Popen[bytes]":
    environment = os.environ | {
        "DATABASE_URL": str(config.database_url), "AROGYA_SECRET_KEY": config.keys.hex, "LINES_AT_A_TIME": "5",
        "PORTION_S": str(portion_s),
    }  # fmt: skip
    command = [sys.executable, "-m", "tests.modules.patients.importing.import_worker"]
    return subprocess.Popen(command, cwd=ROOT, env=environment)


async def until(owner: asyncpg.Connection, query: str, seconds: float = 60) -> None:
    async with asyncio.timeout(seconds):
        while not await owner.fetchval(query):
            await asyncio.sleep(0.02)


@pytest.fixture
def imports(client: httpx2.AsyncClient, world: World, jobs_once: Jobs) -> Imports:
    return Imports(client, world.a, jobs_once)


async def test_a_killed_worker_is_followed_and_no_line_is_taken_twice(
    imports: Imports, config: Settings, owner: asyncpg.Connection
) -> None:
    await imports.send(csv_of(*(person(n) for n in range(1, LINES + 1)), person(1)))
    await imports.check()
    assert (await imports.post("run")).status_code == 200
    for kills in range(1, 4):
        with worker(config, portion_s=0.2) as dying:
            before = await owner.fetchval("SELECT lines_done FROM patient_imports")
            await until(owner, f"SELECT lines_done > {before} FROM patient_imports")
            dying.send_signal(signal.SIGKILL)
        done = await owner.fetchval("SELECT lines_done FROM patient_imports")
        assert await owner.fetchval("SELECT count(*) FROM patients WHERE mrn LIKE 'OLD-%'") == done, kills
        await owner.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'")
    assert 0 < done < LINES, "the worker was killed on the way"
    with worker(config, portion_s=0) as last:
        await until(owner, "SELECT status = 'done' FROM patient_imports")
        last.terminate()
    end = await imports.now()
    assert (end["taken"], end["refused"], end["lines_done"]) == (LINES, 1, LINES + 1)
    assert await imports.refused() == {LINES + 2: [("mrn", "twice_in_file")]}
    assert await owner.fetchval("SELECT count(*) FROM patient_import_lines") == LINES
    for part in ("patient_phones", "patient_terms"):
        lacking = f"SELECT count(*) FROM patients p WHERE mrn LIKE 'OLD-%' AND NOT EXISTS (SELECT FROM {part} x "
        assert await owner.fetchval(lacking + "WHERE x.patient_id = p.id)") == 0


async def test_two_runners_of_one_import_take_each_line_once(
    imports: Imports, database: Database, clock: FixedClock, world: World, owner: asyncpg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(running, "LINES_AT_A_TIME", 3)
    sent = await imports.send(csv_of(*(person(n) for n in range(1, LINES + 1))))
    await imports.check()
    await imports.post("run")
    await asyncio.gather(*(work_off(database, clock, world.a.organization_id, sent["id"]) for _ in range(3)))
    end = await imports.now()
    assert (end["status"], end["taken"], end["refused"]) == ("done", LINES, 0)
    assert await owner.fetchval("SELECT count(*) FROM patients WHERE mrn LIKE 'OLD-%'") == LINES


async def test_two_files_at_once_with_the_same_people_make_each_once(
    client: httpx2.AsyncClient, world: World, jobs_once: Jobs, database: Database, clock: FixedClock,
    owner: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Half of the lines of each stand in the other too, with UHID and ABHA; and both have lines to be numbered."""
    monkeypatch.setattr(running, "LINES_AT_A_TIME", 4)
    both = [Imports(client, world.a, jobs_once) for _ in range(2)]
    for which, one in enumerate(both):
        start = which * LINES // 2
        shared = [person(n, ABHA=f"91{n:012}") for n in range(start + 1, start + LINES + 1)]
        numbered = [person(1000 * (which + 1) + n, UHID="") for n in range(20)]
        await one.send(csv_of(*shared, *numbered))
        await one.check()
    for one in both:
        await one.post("run")
    await asyncio.gather(*(work_off(database, clock, world.a.organization_id, one.sent["id"]) for one in both))
    ends = [await one.now() for one in both]
    assert [end["status"] for end in ends] == ["done", "done"]
    assert sum(end["taken"] for end in ends) == LINES * 3 // 2 + 40
    assert sum(end["refused"] for end in ends) == LINES // 2
    assert await owner.fetchval("SELECT count(*) FROM patients WHERE name LIKE 'Importa%'") == LINES * 3 // 2 + 40
    assert await owner.fetchval("SELECT count(*) FROM patient_identifiers") == LINES * 3 // 2


def _cut_off(*, invalidated: bool) -> DBAPIError:
    return DBAPIError("", {}, Exception("cut in the middle of a word"), connection_invalidated=invalidated)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (PoolTimeout("none came free"), "running"),
        (_cut_off(invalidated=True), "running"),
        (OSError("gone"), "running"),
        (_cut_off(invalidated=False), "failed"),
        (ValueError("a fault of ours"), "failed"),
    ],
)
async def test_only_what_no_later_try_would_mend_fails_an_import(
    imports: Imports, database: Database, clock: FixedClock, world: World, monkeypatch: pytest.MonkeyPatch,
    error: Exception, status: str,
) -> None:  # fmt: skip
    sent = await imports.send(csv_of(*(person(n) for n in range(1, 4))))
    await imports.check()
    await imports.post("run")
    with monkeypatch.context() as broken:
        broken.setattr(running, "sort_out", AsyncMock(side_effect=error))
        with pytest.raises(type(error)):
            await work_off(database, clock, world.a.organization_id, sent["id"])
    assert (await imports.now())["status"] == status
    await work_off(database, clock, world.a.organization_id, sent["id"])
    assert (await imports.now())["status"] == ("done" if status == "running" else status)


async def test_after_the_last_try_it_has_failed_and_a_person_can_let_it_go_on(
    imports: Imports, database: Database, clock: FixedClock, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = await imports.send(csv_of(*(person(n) for n in range(1, 4))))
    await imports.check()
    await imports.post("run")
    with monkeypatch.context() as broken:
        broken.setattr(running, "sort_out", AsyncMock(side_effect=PoolTimeout("none came free")))
        with pytest.raises(PoolTimeout):
            await work_off(database, clock, world.a.organization_id, sent["id"], is_last_try=True)
    assert (await imports.now())["status"] == "failed"
    await imports.post("run")
    await work_off(database, clock, world.a.organization_id, sent["id"])
    assert (await imports.now())["status"] == "done"


async def test_a_number_that_the_desk_adds_meanwhile_refuses_the_line_and_not_the_file(
    imports: Imports, client: httpx2.AsyncClient, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Added between the look and the write: the portion is tried again and finds it."""
    await imports.send(csv_of(person(1, ABHA="91-0000-0000-0007"), person(2)))
    await imports.check()
    await imports.post("run")
    sorted_out, calls = running.sort_out, []

    async def then_the_desk(*told: Any, **how: Any) -> Any:
        found = await sorted_out(*told, **how)
        calls.append(1)
        if len(calls) == 1:
            body = {"identifiers": [{"kind": "abha_number", "value": "91-0000-0000-0007"}]}
            url = f"/api/patients/{world.a.other_patient}"
            answer = await client.patch(url, headers=world.a.as_("receptionist"), json=body)
            assert answer.status_code == 200, answer.text
        return found

    monkeypatch.setattr(running, "sort_out", then_the_desk)
    await imports.jobs_once()
    end = await imports.now()
    assert (end["status"], end["taken"], end["refused"]) == ("done", 1, 1)
    assert await imports.refused() == {2: [("abha_number", "identifier_taken")]}


async def test_the_import_of_one_hospital_is_not_seen_by_another(
    imports: Imports, client: httpx2.AsyncClient, world: World, jobs_once: Jobs
) -> None:
    """The same numbers in two hospitals are two people."""
    raw = csv_of(person(1, ABHA="91-0000-0000-0007"))
    await imports.through(raw)
    theirs = await Imports(client, world.b, jobs_once).through(raw)
    assert (theirs["taken"], theirs["refused"]) == (1, 0)
