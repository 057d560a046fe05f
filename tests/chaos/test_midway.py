"""The server process dies at each message to the database of a use case: all of it is there afterwards, or nothing.

What is compared is every row of every table: audit, outbox, jobs and the idempotency key with the rest. Then the same
request is sent again, as a client does that got no answer, and there is one effect.
"""

import asyncio
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import asyncpg
import pytest

from arogya.platform.postgres import EmbeddedPostgres
from arogya.platform.settings import OWNER_ROLE, Settings
from arogya.platform.signals import dsn
from tests.chaos.scale import LONG, report
from tests.conftest import settings_for
from tests.databases import copy_database, drop_database
from tests.factories.patients import a_patient
from tests.factories.scheduling import TUESDAY, WEDNESDAY, a_booking, at
from tests.program import ROOT, clean_environment
from tests.world import Hospital, World

Told = dict[str, Any]
Rows = dict[str, Counter[str]]
Difference = dict[str, tuple[int, int]]
KEY = "the-same-key"


def ask(hospital: Hospital, path: str, body: Any, who: str = "receptionist", key: str | None = None) -> Told:
    return {"method": "POST", "path": f"/api{path}", "json": body, "headers": hospital.as_(who, key)}


@dataclass(frozen=True)
class UseCase:
    """What changes several tables at once.

    before: requests that come first, and whose answers `request` is given.
    """

    name: str
    request: Callable[[Hospital, list[Any]], Told]
    before: tuple[Callable[[Hospital], Told], ...] = ()


def _here(hospital: Hospital) -> Told:
    return {"practitioner_id": str(hospital.practitioner), "facility_id": str(hospital.main)}


def _booked(hospital: Hospital) -> Told:
    return ask(hospital, "/appointments", a_booking(hospital))


def _others_booked(hospital: Hospital) -> Told:
    return ask(
        hospital,
        "/appointments",
        a_booking(hospital, patient_id=hospital.other_patient, starts_at=at(TUESDAY, "11:00")),
    )


def _held(hospital: Hospital) -> Told:
    return ask(hospital, "/holds", {"practitioner_id": str(hospital.practitioner), "starts_at": at(TUESDAY, "10:00")})


def _waits(hospital: Hospital) -> Told:
    return ask(hospital, "/walk-ins", {"patient_id": str(hospital.other_patient), **_here(hospital)})


def _series(hospital: Hospital) -> Told:
    visit = a_booking(hospital)
    first = visit.pop("starts_at")
    return {**visit, "unit": "week", "starts": [first, at("2026-12-01", "10:00")]}


def _leave(hospital: Hospital, made: list[Any]) -> Told:
    leave = {
        "kind": "leave", "practitioner_id": str(hospital.practitioner), "starts_at": at(TUESDAY, "00:00"),
        "ends_at": at(WEDNESDAY, "00:00"),
    }  # fmt: skip
    decisions = [
        {"appointment_id": made[0]["id"], "action": "move", **_here(hospital), "starts_at": at(WEDNESDAY, "10:00")},
        {"appointment_id": made[1]["id"], "action": "cancel"},
    ]
    return {"leave": leave, "decisions": decisions}


def _handover(hospital: Hospital) -> Told:
    return {
        "from_practitioner_id": str(hospital.practitioner), "to_practitioner_id": str(hospital.other_practitioner),
        "facility_id": str(hospital.main),
    }  # fmt: skip


USE_CASES = [
    UseCase("register", lambda h, _: ask(h, "/patients", a_patient(phones=["9000011299"]), key=KEY)),
    UseCase("book", lambda h, _: ask(h, "/appointments", a_booking(h, reason="Fever"), key=KEY)),
    UseCase("walk in", lambda h, _: ask(h, "/walk-ins", {"patient_id": str(h.patient), **_here(h)}, key=KEY)),
    UseCase("hold", lambda h, _: {**_held(h), "headers": h.as_("receptionist", KEY)}),
    UseCase(
        "book what is held",
        lambda h, made: ask(h, "/appointments", a_booking(h, hold_id=made[0]["id"]), key=KEY),
        (_held,),
    ),
    UseCase(
        "move",
        lambda h, made: ask(
            h, f"/appointments/{made[0]['id']}/reschedule", {"starts_at": at(WEDNESDAY, "09:00")}, key=KEY
        ),
        (_booked,),
    ),
    UseCase(
        "merge",
        lambda h, _: ask(
            h, f"/patients/{h.patient}/merges", {"merged_id": str(h.other_patient)}, "hospital_admin", KEY
        ),
        (_others_booked,),
    ),
    UseCase(
        "go on leave",
        lambda h, made: ask(h, "/leave-cascades", _leave(h, made), "hospital_admin", KEY),
        (_booked, _others_booked),
    ),
    UseCase("book a series", lambda h, _: ask(h, "/appointment-series", _series(h), key=KEY)),
    UseCase(
        "hand the queue over",
        lambda h, _: ask(h, "/queue-handovers", _handover(h), key=KEY),
        (_waits,),
    ),
    UseCase(
        "pay",
        lambda h, made: ask(h, f"/appointments/{made[0]['id']}/receipt", {"method": "cash"}, "cashier", KEY),
        (_booked,),
    ),
]  # fmt: skip


class Mortals:
    """Server processes, one a request: they are made to be killed."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.mortal"], cwd=ROOT, env=clean_environment(), text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip

    def serve(self, config: Settings, request: Told, **told: Any) -> Told:
        """`{"status", "body", "messages"}`, or `{"killed"}` where the order was to die on the way."""
        assert self._process.stdin
        assert self._process.stdout
        order = {"database_url": config.database_url, "secret_key": config.secret_key, "request": request, **told}
        self._process.stdin.write(json.dumps(order) + os.linesep)
        self._process.stdin.flush()
        return dict(json.loads(self._process.stdout.readline()))

    def end(self) -> None:
        self._process.communicate()


@pytest.fixture(scope="module")
def mortals() -> Iterator[Mortals]:
    started = Mortals()
    yield started
    started.end()


class Databases:
    """Copies of this test's database, each for one life and one death."""

    def __init__(self, server: EmbeddedPostgres, source: Settings) -> None:
        self._server, self.source = server, source

    @asynccontextmanager
    async def copy(self) -> AsyncIterator[tuple[Settings, asyncpg.Connection]]:
        assert self.source.database_url
        source = self.source.database_url.partition("?")[0].rpartition("/")[2]
        name = f"{source}_life"
        await copy_database(self._server, name, source)
        config = settings_for(self._server, name, self.source.data_dir)
        owner = await asyncpg.connect(dsn(config.role_url(OWNER_ROLE)))
        try:
            yield config, owner
        finally:
            await owner.close()
            await drop_database(self._server, name)


@pytest.fixture
def databases(postgres: EmbeddedPostgres, config: Settings) -> Databases:
    return Databases(postgres, config)


async def gone(owner: asyncpg.Connection) -> None:
    """What the killed process had sent is done with: PostgreSQL has noticed its death."""
    others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    async with asyncio.timeout(60):
        while await owner.fetchval(others):
            await asyncio.sleep(0.01)


async def every_row(owner: asyncpg.Connection) -> Rows:
    """Every table's rows, as text."""
    tables = await owner.fetch(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    )
    each = " UNION ALL ".join(f"SELECT '{t}' AS name, t::text AS row FROM {t} AS t" for (t,) in tables)
    found: Rows = {}
    for name, row in await owner.fetch(each):
        found.setdefault(name, Counter())[row] += 1
    return found


def difference(before: Rows, after: Rows) -> Difference:
    """By table: how many rows are gone and how many are new; one that was changed is both."""
    told = {}
    for name in before.keys() | after.keys():
        was, is_ = before.get(name, Counter()), after.get(name, Counter())
        if was != is_:
            told[name] = ((was - is_).total(), (is_ - was).total())
    return told


def writes(message: str) -> bool:
    """A message that may change something, or make it last."""
    return any(word in message for word in ("INSERT", "UPDATE", "DELETE", "COMMIT"))


def in_a_savepoint(messages: Sequence[str]) -> bool:
    """Whether what comes next would be refused if all before it were committed."""
    return sum(one.startswith("SAVEPOINT") - one.startswith("RELEASE") for one in messages) > 0


@dataclass
class Fire:
    """One use case, killed again and again."""

    mortals: Mortals
    databases: Databases
    request: Told
    whole: Difference
    repeated: Difference
    messages: list[str]

    async def dies(self, after: int, *, unanswered: bool = False) -> str:
        """'nothing', 'all', or what is there by half; and that the request sent again has its one effect."""
        async with self.databases.copy() as (config, owner):
            before = await every_row(owner)
            assert "killed" in self.mortals.serve(config, self.request, die_after=after, unanswered=unanswered)
            await gone(owner)
            left = difference(before, await every_row(owner))
            if left not in ({}, self.whole):
                return f"{left} of {self.whole}"
            again = self.mortals.serve(config, self.request)
            assert again["status"] in {200, 201}, again["body"]
            assert difference(before, await every_row(owner)) == (self.repeated if left else self.whole)
            return "all" if left else "nothing"

    async def halves(self, split: int, death: int) -> bool:
        """Whether what is committed after one message and dies after another is there by half."""
        async with self.databases.copy() as (config, owner):
            before = await every_row(owner)
            assert "killed" in self.mortals.serve(config, self.request, die_after=death, split_after=split)
            await gone(owner)
            return difference(before, await every_row(owner)) not in ({}, self.whole)


async def set_on_fire(case: UseCase, mortals: Mortals, databases: Databases, hospital: Hospital) -> Fire:
    """Serve it once and once more, to know what is to be there."""
    made = []
    for first in case.before:
        answer = mortals.serve(databases.source, first(hospital))
        assert answer["status"] in {200, 201}, answer["body"]
        made.append(json.loads(answer["body"]))
    request = case.request(hospital, made)
    async with databases.copy() as (config, owner):
        before = await every_row(owner)
        once = mortals.serve(config, request)
        assert once["status"] in {200, 201}, once["body"]
        whole = difference(before, await every_row(owner))
        assert mortals.serve(config, request)["status"] in {200, 201}
        repeated = difference(before, await every_row(owner))
    return Fire(mortals, databases, request, whole, repeated, once["messages"])


ids = {"ids": lambda case: case.name.replace(" ", "-")}


@pytest.mark.parametrize("case", USE_CASES, **ids)
async def test_killed_midway_leaves_all_or_nothing(
    case: UseCase, mortals: Mortals, databases: Databases, template: World
) -> None:
    fire = await set_on_fire(case, mortals, databases, template.a)
    assert len(fire.whole) >= 3, "it changes several tables"
    assert "idempotency_keys" in fire.whole
    commit = fire.messages.index("COMMIT;")
    deaths = [n for n, message in enumerate(fire.messages) if writes(message)]
    for n in deaths:
        assert await fire.dies(n) == ("nothing" if n < commit else "all"), fire.messages[n]
        if LONG or n == commit:
            assert await fire.dies(n, unanswered=True) in {"nothing", "all"}, fire.messages[n]
    report("midway", use_cases=1, deaths=2 * len(deaths) if LONG else len(deaths) + 1)


@pytest.mark.parametrize("case", USE_CASES if LONG else USE_CASES[1:2], **ids)
async def test_control_a_commit_in_the_middle_is_found(
    case: UseCase, mortals: Mortals, databases: Databases, template: World
) -> None:
    fire = await set_on_fire(case, mortals, databases, template.a)
    commit = fire.messages.index("COMMIT;")
    changing = [n for n, message in enumerate(fire.messages[:commit]) if writes(message)]
    splits = [(n, death) for n, death in pairwise(changing) if not in_a_savepoint(fire.messages[: n + 1])]
    assert len(splits) >= 2
    missed = [fire.messages[split] for split, death in splits if not await fire.halves(split, death)]
    report("midway", splits=len(splits), splits_found=len(splits) - len(missed))
    assert missed == [], "committed after these, and nothing was there by half"
