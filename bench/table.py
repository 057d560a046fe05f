"""`python -m bench.table`: the newest figure of each kind beside its bar; ends with 1 where one is missed."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import ge, le

from bench import results


@dataclass(frozen=True)
class Bar:
    """What a figure of results.json has to be, `is_held(figure, bar)`."""

    name: str
    is_held: Callable[[float, float], bool]
    bar: float
    unit: str
    what: str


MISSED = "MISSED"
BARS = (
    Bar("mix_share_of_floor", ge, 0.45, "", "the mix at 50 connections, of the floor"),
    Bar("mix_errors", le, 0, "", "of it failed"),
    Bar("users_200_p50_ms", le, 25, "ms", "200 people at work, p50"),
    Bar("users_200_p99_ms", le, 250, "ms", "200 people at work, p99"),
    Bar("errors_50_users", le, 0, "", "of 50 people's requests failed"),
    Bar("errors_200_users", le, 0, "", "of 200 people's requests failed"),
    Bar("errors_500_users", le, 0, "", "of 500 people's requests failed"),
    Bar("overload_lost", le, 0, "", "of three times too much, neither served nor told to come again"),
    Bar("overload_accepted_p99_ms", le, 2000, "ms", "of it, what was served, p99"),
    Bar("overload_recovered_s", le, 10, "s", "until all is as quick as before"),
    Bar("push_p95_ms", le, 250, "ms", "commit to 500 screens, p95"),
    Bar("push_p99_ms", le, 1000, "ms", "commit to 500 screens, p99"),
    Bar("push_lost", le, 0, "", "events not told once to each screen"),
    Bar("search_1m_median_ms", le, 20, "ms", "search among a million patients, median"),
    Bar("warm_start_s", le, 3, "s", "warm start"),
    Bar("make_run_s", le, 180, "s", "make run in a fresh clone"),
    Bar("restore_1gb_s", le, 300, "s", "back to a moment in a gigabyte"),
    Bar("idle_memory_mb", le, 400, "MB", "memory of the whole, idle"),
    Bar("day_memory_mb", le, 512, "MB", "memory of a day's work inside 512 MB, most"),
)


def verdict(bar: Bar, found: Mapping[str, float]) -> str:
    if bar.name not in found:
        return "not measured"
    return "held" if bar.is_held(found[bar.name], bar.bar) else MISSED


def holds(found: Mapping[str, float]) -> bool:
    """Whether none of these figures misses its bar."""
    return MISSED not in (verdict(bar, found) for bar in BARS)


def main() -> int:
    found, moments = results.newest()
    for bar in BARS:
        sign = "≥" if bar.is_held is ge else "≤"
        figure = f"{found[bar.name]:g}" if bar.name in found else "-"
        print(f"{figure:>8} {bar.unit:3} {sign} {bar.bar:<6g} {verdict(bar, found):12} "
              f"{moments.get(bar.name, ''):17} {bar.what}")  # fmt: skip
    return 0 if holds(found) else 1


if __name__ == "__main__":
    sys.exit(main())
