"""A run of pytest in which, instead of each test once, each fault meets the tests that should notice it."""

import asyncio
import os
import signal
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from _pytest.runner import runtestprotocol

from tests.access import faults
from tests.access.planting import BROKEN, KILLED, SURVIVED, Fault, NotPlanted, Watching, in_a_fork

TESTS = (
    "tests/access/test_matrix.py", "tests/architecture", "tests/modules/identity", "tests/modules/organizations",
    "tests/modules/staff", "tests/modules/audit", "tests/modules/patients/test_access.py",
    "tests/modules/patients/test_doors.py", "tests/modules/patients/test_claiming.py",
    "tests/modules/patients/test_passes.py", "tests/modules/patients/test_records.py",
    "tests/modules/patients/test_registration.py", "tests/modules/patients/test_export.py",
    "tests/modules/patients/test_merging.py", "tests/modules/patients/test_photos.py",
    "tests/modules/patients/test_lapse_on_sockets.py", "tests/modules/scheduling/test_appointments.py",
    "tests/modules/scheduling/test_appointments_moved.py", "tests/modules/scheduling/test_booking.py",
    "tests/modules/scheduling/test_calendars.py", "tests/modules/scheduling/test_display.py",
    "tests/modules/scheduling/test_holds.py", "tests/modules/scheduling/test_leave_cascade.py",
    "tests/modules/scheduling/test_offer_links.py", "tests/modules/scheduling/test_queue.py",
    "tests/modules/scheduling/test_receipts.py", "tests/modules/scheduling/test_schedules.py",
    "tests/modules/scheduling/test_waitlist.py", "tests/modules/scheduling/test_two_roles.py",
    "tests/modules/scheduling/test_appointments_read.py", "tests/modules/scheduling/test_register.py",
    "tests/modules/scheduling/test_load.py", "tests/modules/scheduling/test_booking_rules.py",
    "tests/modules/notifications", "tests/modules/analytics",
    "tests/platform/test_requests.py", "tests/platform/test_bodies.py", "tests/platform/test_realtime.py",
    "tests/platform/test_database.py", "tests/platform/test_reach.py", "tests/test_live.py",
)  # fmt: skip
"""Who should notice: the matrix and the tests of whatever holds a guard."""
SAMPLED = ("identity/test_access_tokens", "identity/test_sessions", "staff/test_members")
_MAKING = (
    "tests/access/test_matrix.py::test_every_operation_stands_in_the_table",
    "tests/architecture/test_access.py::test_public_operations_are_a_closed_list",
    "tests/architecture/test_tenancy.py::test_row_security_is_forced_on_every_tenants_table",
)
TEST_S = 30
FIRST, MOST = 6, 600
"""Tests that a fault meets at first, the likeliest first; and at most, where none of those noticed."""


class Planter:
    """only: of these faults alone, by family or a part of their names, and tests that are tried instead of all.

    `--passed` among them: the tests passed just now, so those that a fault names are not run without it first.
    """

    def __init__(self, only: Sequence[str] = ()) -> None:
        self._have_passed = "--passed" in only
        only = [one for one in only if one != "--passed"]
        self._only = tuple(one for one in only if not one.startswith("tests/"))
        self._tests = tuple(one for one in only if one.startswith("tests/"))
        self._verdicts: list[tuple[Fault, str]] = []
        self._took_s = 0.0

    def tests(self) -> list[str]:
        if self._only == ("--sample",):
            return [*TESTS[:2], *(f"tests/modules/{one}.py" for one in SAMPLED)]
        return [*_MAKING, *self._tests] if self._tests else list(TESTS)

    def share_killed(self) -> float:
        killed = sum(1 for _, verdict in self._verdicts if verdict == "killed")
        return killed / max(len(self._verdicts), 1)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        started = time.monotonic()
        items = {item.nodeid: item for item in session.items}
        first = self._made_ready(items)
        wanted = [fault for fault in self._faults(first) if self._is_wanted(fault)]
        running = self._watched(wanted, items)
        for n, fault in enumerate(wanted, 1):
            verdict = self._try(fault, running.get(fault.name, []), items, n)
            self._verdicts.append((fault, verdict))
            print(f"{verdict:9} {fault.family:10} {fault.name}", flush=True)
        self._took_s = time.monotonic() - started
        return True

    def _made_ready(self, items: dict[str, pytest.Item]) -> pytest.Item:
        """With the database, the scene and the applications made, which the forks share."""
        first, *others = (next(item for name, item in items.items() if one in name) for one in _MAKING)
        for item in (first, *others):
            assert not _failed(item), f"{item.nodeid} fails without any fault"
        return first

    def _is_wanted(self, fault: Fault) -> bool:
        return self._only in ((), ("--sample",)) or any(one in fault.name or one == fault.family for one in self._only)

    def _faults(self, first: pytest.Item) -> list[Fault]:
        app = _session_fixture(first, "_stage")
        if self._only == ("--sample",):
            return list(faults.sample(app))
        return [*faults.by_hand(), *faults.of_routes(app), *faults.in_the_code(), *faults.of_the_database()]

    def _watched(self, wanted: Iterable[Fault], items: dict[str, pytest.Item]) -> dict[str, list[str]]:
        """For each fault the tests that run what it changes, the likeliest first; each has passed without any fault."""
        looked_for = {place for fault in wanted for place in fault.where if not fault.killers}
        named = tuple(name for fault in wanted for name in fault.killers)
        by_place: dict[tuple[str, str], list[str]] = defaultdict(list)
        took: dict[str, float] = {}
        for name, item in items.items():
            if not looked_for and (self._have_passed or not name.startswith(named)):
                continue
            before = time.monotonic()
            with Watching() as watching:
                failed = _failed(item)
            took[name] = time.monotonic() - before
            if failed:
                print(f"passed over, for it fails without a fault: {name}", flush=True)
                continue
            for place in watching.ran & looked_for:
                by_place[place].append(name)
        found = {}
        for fault in wanted:
            names: Iterable[str] = {one for part in fault.killers for one in items if one.startswith(part)}
            names = names or {name for place in fault.where for name in by_place[place]}
            found[fault.name] = _likeliest_first([name for name in names if name in items], fault, took)
        return found

    def _try(self, fault: Fault, names: list[str], items: dict[str, pytest.Item], n: int) -> str:
        if not names:
            return "unmet"
        _skip_database_names(items[names[0]])
        copies = _copied(items[names[0]], fault, n) if fault.database else {}
        for some in (names[:FIRST], names[FIRST:MOST]):
            if not some:
                continue
            found = in_a_fork(lambda some=some: _meet(fault, [items[name] for name in some], copies))  # type: ignore[misc]
            if found == BROKEN:
                return "broken"
            if found != SURVIVED:
                return "killed"
        return "survived"

    def told(self) -> str:
        counted = Counter((fault.family, verdict) for fault, verdict in self._verdicts)
        families = sorted({family for family, _ in counted})
        lines = [f"{'':12}{'planted':>8}{'killed':>8}{'survived':>10}"]
        for family in families:
            planted = sum(count for (of, _), count in counted.items() if of == family)
            killed = counted[family, "killed"]
            lines.append(f"{family:12}{planted:8}{killed:8}{planted - killed:10}")
        total, killed = len(self._verdicts), sum(v == "killed" for _, v in self._verdicts)
        lines.append(
            f"{'all':12}{total:8}{killed:8}{total - killed:10}   {self.share_killed():.1%}, {self._took_s:.0f} s"
        )
        return "\n".join(lines)

    def as_markdown(self) -> str:
        counted = Counter((fault.family, verdict) for fault, verdict in self._verdicts)
        rows = []
        for family in sorted({family for family, _ in counted}):
            planted = sum(count for (of, _), count in counted.items() if of == family)
            rows.append(f"| {family} | {planted} | {counted[family, 'killed']} |")
        left = [f"- `{fault.name}` ({verdict})" for fault, verdict in self._verdicts if verdict != "killed"]
        killed = sum(v == "killed" for _, v in self._verdicts)
        return "\n".join([
            "# Planted faults", "",
            "Written by `make mutants`: one fault at a time in a guard, and whether a test notices. What is planted:",
            "`tests/access/faults.txt` and `faults.py`; how: `planting.py`.", "",
            f"**{killed} of {len(self._verdicts)} were noticed ({self.share_killed():.1%}).**", "",
            "| family | planted | noticed |", "|---|---|---|", *rows, "", "Not noticed:", "", *(left or ["none"]), "",
        ])  # fmt: skip


def _likeliest_first(names: Iterable[str], fault: Fault, took: dict[str, float]) -> list[str]:
    """The tests of a file called like the faulty one, those of its module, then others: of each file the quickest, of
    each the second, and so on. What nearly every test runs would else meet those that say nothing of it."""
    files = {file for file, _ in fault.where}
    modules = {file.split("/")[1] for file in files if file.startswith("modules/")}
    stems = {word for file in files for word in Path(file).stem.split("_")}
    by_file: dict[str, list[str]] = defaultdict(list)
    for name in sorted(names, key=lambda one: took.get(one, 0)):
        by_file[name.partition("::")[0]].append(name)

    def place(file: str) -> int:
        if stems & set(Path(file).stem.removeprefix("test_").split("_")):
            return 0
        return 1 if modules & set(Path(file).parts) else 2

    ordered = [
        (place(file), nth, took.get(name, 0), name) for file, names in by_file.items() for nth, name in enumerate(names)
    ]
    return [name for *_, name in sorted(ordered)]


def _failed(item: pytest.Item) -> bool:
    """What is made for the session stays."""
    return any(report.failed for report in runtestprotocol(item, log=False, nextitem=item.session))


def _meet(fault: Fault, items: Sequence[pytest.Item], copies: dict[str, str]) -> int:
    """In a fork: plant it, and see whether one of the tests fails."""
    for module_name, copy in copies.items():
        where, name = module_name.rsplit(".", 1)
        setattr(__import__(where, fromlist=[name]), name, copy)
    try:
        fault.plant()
    except NotPlanted:
        return BROKEN
    for item in items:
        signal.alarm(TEST_S)  # a test that hangs has noticed: the fork dies of it
        if _failed(item):
            return KILLED
    return SURVIVED


def _skip_database_names(item: pytest.Item) -> None:
    """A fork that died leaves its database: the next one's has another name."""
    fresh: Any = _session_fixture(item, "every_test_database")
    for _ in range(MOST + 1):
        fresh()


def _session_fixture(item: pytest.Item, name: str) -> Any:
    known = item.session._fixturemanager.getfixturedefs(name, item)
    assert known, f"there is no fixture {name}"
    assert known[-1].cached_result is not None, f"{name} was not made yet"
    return known[-1].cached_result[0]


def _copied(item: pytest.Item, fault: Fault, n: int) -> dict[str, str]:
    """A copy of the template in which the statements were run."""
    server = _session_fixture(item, "postgres")
    copy = f"planted_{os.getpid()}_{n}"

    async def make() -> None:
        from tests.conftest import TEMPLATE
        from tests.databases import copy_database

        await copy_database(server, copy, TEMPLATE)
        inside = await asyncpg.connect(server.url(database=copy))
        for statement in fault.database:
            await inside.execute(statement)
        await inside.close()

    asyncio.run(make())
    return {"tests.conftest.TEMPLATE": copy}
