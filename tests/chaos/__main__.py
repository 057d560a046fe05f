"""`make chaos`: the long version of each fire, and what it showed, written to docs/reliability.md."""

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
REPORT = ROOT / "docs" / "reliability.md"
BURNING = ["tests/chaos", "tests/platform/test_outbox.py"]

Figures = dict[str, Any]


def seconds(found: list[float]) -> str:
    return f"{statistics.median(found):.1f} s at the median, {max(found):.1f} at most"


ROWS: list[tuple[str, str, Callable[[Figures], str], str, Callable[[Figures], str]]] = [
    (
        "database",
        "PostgreSQL killed under load (postmaster, one backend, all at once): every acknowledged write is there, each "
        "once, and service is back within 30 s by itself",
        lambda f: (
            f"{f['kills']} kills, {f['acknowledged']:,} acknowledged, none lost; back in {seconds(f['outages_s'])}"
        ),
        "`synchronous_commit=off`",
        lambda f: f"{f['lost_by_the_control']} lost",
    ),
    (
        "midway",
        "The server process killed at each message to the database that changes something: all of it or nothing, "
        "audit, outbox and idempotency key with it; the same request again has one effect",
        lambda f: f"{f['use_cases']} use cases, {f['deaths']} deaths, none by half",
        "a commit in the middle",
        lambda f: f"{f['splits_found']} of {f['splits']} found",
    ),
    (
        "stop",
        "SIGTERM under 50 requests a second, one process and two: no accepted request is cut, gone within 10 s",
        lambda f: (
            f"{f['stops']} stops, {f['answered']:,} answered, none cut, {f['stale']} written to a line that was just "
            f"being closed; gone in {seconds(f['gone_after_s'])}"
        ),
        "SIGKILL",
        lambda f: f"{f['cut_by_the_control']} cut",
    ),
    (
        "sockets",
        "Lines of open screens cut by a reset, also in the middle of what they missed: all is told once, nothing of "
        "another hospital",
        lambda f: f"{f['cuts']} cuts, {f['told']:,} events told once each",
        "who does not resume",
        lambda f: f"{f['lost_by_the_control']} lost",
    ),
    (
        "outbox",
        "The worker killed while it delivers: no event lost, one effect each",
        lambda f: f"{f['events']:,} events, {f['kills']} kills",
        "without the effect rows; a cursor over ids",
        lambda f: f"{f['twice_by_the_control']} twice; {f['lost_by_the_control']} of {f['read_by_the_control']:,} lost",
    ),
    (
        "slow",
        "200 connections that send a byte a second, headers and bodies: cut, and others are served meanwhile",
        lambda f: f"cut after {seconds(f['cut_after_s'])}; others served in {seconds(f['served_s'])}",
        "endless patience",
        lambda f: f"{f['waited_for_by_the_control']} bodies waited for twice as long",
    ),
    (
        "exhausted",
        "Every connection to the database held: 503 with Retry-After, health answers, passes by itself",
        lambda f: f"{f['refused']} told in {seconds(f['told_after_s'])}",
        "no bound on waiting",
        lambda f: f"{f['not_told_by_the_control']} told nothing in three times as long",
    ),
    (
        "disk",
        "The disk full: writes refused in clear words, reads go on, nothing acknowledged lost, passes by itself",
        lambda f: f"{f['refused']} refused, {f['read']} of {f['reads']} reads served meanwhile",
        "a full disk is an error like any other",
        lambda f: f"500 after {f['asked_of_the_control']} writes",
    ),
    (
        "clock",
        "The application's clock jumps an hour back or a day ahead: work goes on, and no session, hold or offer that "
        "ended comes to life again",
        lambda f: f"{f['jumps']} jumps, none brought anything back",
        "a clock that stands, a session's end not looked at, a schema that believes in time",
        lambda f: f"{f['found_by_the_control']} of 5 found",
    ),
    (
        "older",
        "The newest migration runs while the code of before it serves, then today's beside it: no 5xx",
        lambda f: f"{f['answers']:,} answers, none a 5xx",
        "a column renamed",
        lambda _: "`tests/test_migrating_under_load.py`",
    ),
]

HEAD = """# Reliability

Written by `make chaos`; `make test` has a short version of each row, but leaves the controls of the senders that
dribble, of the full disk and of the closed door to the long one. The control is the same fire with the guard gone: it
must show the loss, else the row proves nothing.
"""
FOOT = """
Held by `make test` in full, each with its control:

| | Test |
|---|---|
| Double booking: 20 slots, 200 racers, 50 connections | `tests/modules/scheduling/test_races.py` |
| Idempotency: 50 posts with one key, another body with it | `tests/platform/test_requests.py` |
| Backup, back to a moment; damage is refused | `tests/platform/test_backup.py`, `tests/platform/archive/` |
| Upgrade from earlier data | `tests/test_upgrade.py` |
| Old and new code at once under load | `tests/test_migrating_under_load.py` |

Not yet there to be tried: stock, dispensing, the seal of the audit trail.

What this can't show: a kill takes processes and leaves the system's memory, so that the disk has what PostgreSQL gave
to the system is PostgreSQL's word (fsync), not measured here. A request written to a kept connection in the very moment
in which a stopping server closes it is not taken, and the client sends it again, as HTTP asks of it. An answer that is
sent in one piece waits in memory for a reader who never reads; only streams are given up.

Found by these fires, and mended: a SIGTERM that came as the server's parent began to wait was never answered, because
the server's own handler waited for a lock that the thread it interrupted held (`arogya/launch.py: _hear_signals`); a
server process that was forked while the program looked whether it was open had both ends of that line, and, told to
stop, waited for itself until its parent killed it, ten seconds later (`arogya/attendants.py: Attendants.begin`; and
whatever else keeps one that has answered everybody: `arogya/door.py: _leave_once_all_is_answered`).
"""


def gathered(folder: Path) -> dict[str, Figures]:
    """By fire: numbers of one name added up, lists put together."""
    found: dict[str, Figures] = defaultdict(dict)
    for file in sorted(folder.glob("*.json")):
        told = json.loads(file.read_text())
        into = found[told.pop("fire")]
        for name, value in told.items():
            into[name] = into[name] + value if name in into else value
    return found


class Missed:
    """What failed, by its name."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.names.append(report.nodeid)


def told(how: Callable[[Figures], str], figures: Figures) -> str:
    """A row's figures; what failed before its end has left none."""
    try:
        return how(figures)
    except (KeyError, statistics.StatisticsError):
        return "**no figures: it failed before its end**"


def commit() -> str:
    asked = ["git", "rev-parse", "--short", "HEAD"]
    return subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip() or "unknown"


def written(found: dict[str, Figures], missed: list[str]) -> str:
    machine = f"{os.cpu_count()} cores, Linux {platform.release().partition('-')[0]}"
    measured = (
        f"Measured on {datetime.now(UTC):%-d %B %Y} at commit {commit()}, {machine}, the load on the same cores.\n"
    )
    lines = [HEAD, measured]
    lines += ["| Fire and bar | Found | Control | Found |", "|---|---|---|---|"]
    for fire, bar, kept, control, lost in ROWS:
        lines.append(f"| {bar} | {told(kept, found[fire])} | {control} | {told(lost, found[fire])} |")
    if missed:
        lines += ["", "**Failed in this run:** " + ", ".join(f"`{name}`" for name in missed)]
    return "\n".join(lines) + "\n" + FOOT


def main() -> int:
    missed = Missed()
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"AROGYA_CHAOS": "long", "AROGYA_CHAOS_REPORT": folder}
        failed = pytest.main(["-n", "1", *BURNING], plugins=[missed])
        if failed in {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED}:
            REPORT.write_text(written(gathered(Path(folder)), missed.names))
            print(f"{REPORT.relative_to(ROOT)} is written")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
