"""How long one waits: the queue played forward at the doctor's own pace of today."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from math import ceil
from statistics import median
from uuid import UUID

from arogya.modules.scheduling.tokens.order import Place, calling_order

FEWEST_TO_LEARN_FROM = 3
"""Finished consultations before the doctor's own pace is believed."""
NEWEST_COUNT = 8
"""Finished consultations from which the pace is learnt."""


def pace(durations: Sequence[timedelta], slot: timedelta) -> timedelta:
    """How long this doctor takes for one: the median of today's newest consultations; the slot's length until there
    are enough of them.

    durations: newest first.
    """
    newest = [d.total_seconds() for d in durations[:NEWEST_COUNT]]
    return timedelta(seconds=max(median(newest), 60)) if len(newest) >= FEWEST_TO_LEARN_FROM else slot


def expected_calls(places: Iterable[Place], free_from: datetime, turn: timedelta) -> dict[UUID, datetime]:
    """When each who waits will be called, if everyone takes one turn and who is expected comes when they are due.

    free_from: when the doctor can see the next, not before now. Who should have come before it and has not, is not
    waited for. Who was called but is not inside yet goes in first.
    """
    order = calling_order(places)
    called = [p for p in order if p.status == "called"]
    here = [p for p in order if p.status == "waiting" and p.is_here]
    coming = [p for p in order if p.status == "waiting" and not p.is_here and p.due_at >= free_from]
    coming.sort(key=lambda p: p.due_at)
    calls = {place.key: free_from for place in called}
    clock = free_from + turn * len(called)
    while here or coming:
        if not here:
            clock = max(clock, coming[0].due_at)
        while coming and coming[0].due_at <= clock:
            here.append(coming.pop(0))
            here.sort(key=lambda p: p.turn)
        calls[here.pop(0).key] = clock
        clock += turn
    return calls


def minutes_until(moment: datetime, now: datetime) -> int:
    """Whole minutes, begun ones counted."""
    return max(0, ceil((moment - now) / timedelta(minutes=1)))


def roughly(minutes: int) -> int:
    """As a waiting room is told: up to the next five."""
    return ceil(minutes / 5) * 5
