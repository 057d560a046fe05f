"""`python -m bench.users`: 50, 200 and 500 people at work at once, then three times more than can be answered.

The whole product (server, worker, database) on the demo hospital; staff of all roles, each on a session of its own. An
OPD counter serves a patient in about a minute, in some four to six steps (list, patient, slots, booking), so each user
acts every 10 to 20 seconds: 60 % reads, 30 % bookings, 10 % priority walk-ins.
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg

from bench import hospital, plan, results, table
from bench.__main__ import forget
from bench.hospital import Demo, Person, percentiles
from bench.open_loop import NEEDS, Act, Answer, acts, arriving, run, thinking

USERS = (50, 200, 500)
THINK_S = (10.0, 20.0)
CALM, RUSH = 0.3, 3.0
"""Shares of what can be answered: before and after the overload, and during it."""
CALM_S, RUSH_S = 15, 20


async def requests(at: Demo, organization: Any, facility: Any, count: int) -> list[dict[str, Any]]:
    to = await asyncpg.connect(at.url)
    plan.REQUESTS = count
    made = await plan.requests(to, organization, facility)
    await to.close()
    return made


async def undo(at: Demo, began: datetime) -> None:
    await hospital.at_rest(at)
    await forget(at.url, began)


def described(answers: Sequence[Answer]) -> dict[str, Any]:
    classes = {what: percentiles([one.seconds for one in answers if one.what == what]) for what in NEEDS}
    seen = Counter(f"{one.what} {one.status}" for one in answers)
    return {**percentiles([one.seconds for one in answers]), "classes": classes, "requests": len(answers),
            "errors": sum(not one.is_good for one in answers), "seen": seen, "load": os.getloadavg()[0]}  # fmt: skip


async def saturation(port: int, at: Demo, asked: list[dict[str, Any]], people: Sequence[Person]) -> float:
    """Requests a second that 50 connections get answered, each sending its next one at once."""
    all_may = next(one for one in people if all(one.may(needs) for needs in NEEDS.values()))
    file = at.folder / "plan.json"
    file.write_text(json.dumps({"token": all_may.token, "requests": asked}))
    command = [sys.executable, "-m", "bench.client", str(port), file]
    said = await asyncio.to_thread(subprocess.run, command, capture_output=True, check=True)
    return len(asked) / float(json.loads(said.stdout)["seconds"])


def overload(requests: list[dict[str, Any]], rate: float, people: Sequence[Person]) -> list[Act]:
    """A calm time, the rush, a calm time."""
    ends = CALM_S + RUSH_S
    moments = [*arriving(CALM * rate, 0, CALM_S, 1), *arriving(RUSH * rate, CALM_S, ends, 2),
               *arriving(CALM * rate, ends, ends + CALM_S, 3)]  # fmt: skip
    return acts(moments, requests, people, 4)


def judged(answers: Sequence[Answer], rate: float) -> dict[str, Any]:
    begins, ends = CALM_S, CALM_S + RUSH_S
    before = percentiles([one.seconds for one in answers if one.due_s < begins])["p50_ms"]
    rush = [one for one in answers if begins <= one.due_s < ends]
    accepted = [one for one in rush if one.is_good]
    return {
        "saturation_req_s": round(rate), "asked_req_s": round(len(rush) / RUSH_S),
        "answered_req_s": round(len(accepted) / RUSH_S), "shed_req_s": round(sum(o.is_shed for o in rush) / RUSH_S),
        "neither": Counter(f"{o.what} {o.status}" for o in answers if not o.is_good and not o.is_shed),
        "accepted": percentiles([one.seconds for one in accepted]),
        "shed": percentiles([one.seconds for one in rush if one.is_shed] or [0]),
        "before_p50_ms": before, "recovered_s": recovered(answers, before), "load": os.getloadavg()[0],
    }  # fmt: skip


def recovered(answers: Sequence[Answer], before_p50_ms: float) -> int:
    """Whole seconds after the rush until all are answered again, half as quickly as before (or by 10 ms)."""
    enough = max(1.5 * before_p50_ms, before_p50_ms + 10)
    for second in reversed(range(CALM_S)):
        due = CALM_S + RUSH_S + second
        window = [one for one in answers if due <= one.due_s < due + 1]
        if window and (
            not all(o.is_good for o in window) or percentiles([o.seconds for o in window])["p50_ms"] > enough
        ):
            return second + 1
    return 0


def median_of(runs: Sequence[dict[str, Any]], *path: str) -> float:
    def inside(one: Any) -> Any:
        for name in path:
            one = one[name]
        return one

    return statistics.median(inside(one) for one in runs)


async def measure(at: Demo, port: int, rounds: int, seconds: int, users: Sequence[int]) -> dict[str, Any]:
    organization, facility = await hospital.where(at)
    people = await hospital.sign_in(at, organization, facility, max(users))
    print("people:", dict(Counter(one.role.value for one in people)))
    began = datetime.now(UTC)
    levels: dict[int, list[dict[str, Any]]] = {count: [] for count in users}
    rushes: list[dict[str, Any]] = []
    warm = await requests(at, organization, facility, 600)
    await saturation(port, at, warm, people)
    await undo(at, began)
    for n in range(rounds):
        for count, found in levels.items():
            moments = thinking(count, seconds, THINK_S, n)
            asked = await requests(at, organization, facility, len(moments) * 11 // 10 + 20)
            found.append(described(await run(port, acts(moments, asked, people[:count], n))))
            print(count, "users", found[-1], flush=True)
            await undo(at, began)
        rate = await saturation(port, at, await requests(at, organization, facility, 1000), people)
        await undo(at, began)
        most = int(rate * (RUSH * RUSH_S + 2 * CALM * CALM_S) * 1.1) + 100
        asked = await requests(at, organization, facility, most)
        rushes.append(judged(await run(port, overload(asked, rate, people)), rate))
        print("overload", rushes[-1], flush=True)
        await undo(at, began)
    return {"users": levels, "overload": rushes}


def report(found: dict[str, Any]) -> None:
    """Print the medians of all rounds."""
    for count, runs in found["users"].items():
        p50, p95, p99 = (median_of(runs, f"p{q}_ms") for q in (50, 95, 99))
        errors = sum(one["errors"] for one in runs)
        print(f"{count:4} users: {p50:6.1f} ms p50 {p95:6.1f} p95 {p99:6.1f} p99, {errors} errors of "
              f"{sum(one['requests'] for one in runs)}")  # fmt: skip
        for what in NEEDS:
            each = (median_of(runs, "classes", what, f"p{q}_ms") for q in (50, 95, 99))
            print(f"     {what:8}" + "".join(f" {ms:7.1f}" for ms in each))
    for name in ("saturation_req_s", "asked_req_s", "answered_req_s", "shed_req_s", "recovered_s"):
        print(f"overload {name:18} {median_of(found['overload'], name):7.0f}")
    print(f"overload accepted p99 {median_of(found['overload'], 'accepted', 'p99_ms'):.0f} ms")


def flat(found: dict[str, Any]) -> dict[str, float]:
    """What there is a bar for; of the overload the slowest of all rounds, not the usual one."""
    levels, rushes = found["users"], found["overload"]
    figures: dict[str, float] = {
        "overload_lost": sum(sum(one["neither"].values()) for one in rushes),
        "overload_accepted_p99_ms": max(one["accepted"]["p99_ms"] for one in rushes),
        "overload_recovered_s": max(one["recovered_s"] for one in rushes),
    }
    for count, runs in levels.items():
        figures[f"errors_{count}_users"] = sum(one["errors"] for one in runs)
        figures |= {f"users_{count}_p{q}_ms": median_of(runs, f"p{q}_ms") for q in (50, 99)}
    return figures


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m bench.users")
    asked.add_argument("--rounds", type=int, default=3)
    asked.add_argument("--seconds", type=int, default=60)
    asked.add_argument("--users", type=int, nargs="+", default=USERS)
    told = asked.parse_args()
    with (
        tempfile.TemporaryDirectory() as name,
        hospital.demo(Path(name)) as at,
        hospital.serving(at) as (port, _),
    ):
        found = asyncio.run(measure(at, port, told.rounds, told.seconds, told.users))
    report(found)
    figures = flat(found)
    results.keep(figures | found)
    return 0 if table.holds(figures) else 1


if __name__ == "__main__":
    sys.exit(main())
