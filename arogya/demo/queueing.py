"""Lets a session's patients come, wait and be seen, by the rules of the queue (`docs/queue.md`)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

from arogya.demo.moment import MINUTE
from arogya.demo.sessions import Session
from arogya.demo.visits import Visit

_WALK_INS_TOGETHER = 20 * MINUTE


def receive(session: Session, visits: Sequence[Visit], draw: Random) -> None:
    """Decide when each comes to the desk, and is ready for the doctor."""
    coming = [v for v in visits if v.intent == "come"]
    early = draw.randrange(12, 28)
    for n, visit in enumerate(v for v in coming if v.kind == "token"):
        # Where numbers are given by turns, people come by turns.
        visit.arrived_at = (
            session.starts_at + n * session.turn - (early + draw.randrange(session.hours.minutes)) * MINUTE
        )
    for visit in coming:
        if visit.kind == "slot":
            visit.arrived_at = visit.starts_at - round(draw.triangular(-4, 32, 14)) * MINUTE
        elif visit.kind == "walk-in":
            visit.arrived_at = visit.starts_at
        visit.checked_in_at = _came(visit)
        if visit.kind != "walk-in":
            visit.checked_in_at += draw.choice((1, 1, 2, 2, 3, 6, 9)) * MINUTE
    give_numbers(session, coming)


def give_numbers(session: Session, coming: Sequence[Visit]) -> None:
    """By coming; and where each stands in the order."""
    last_walk_in: Visit | None = None
    for n, visit in enumerate(sorted(coming, key=_came), start=1):
        visit.number = n
        if session.hours.kind == "tokens":
            visit.due_at = session.starts_at + (n - 1) * session.turn
        elif visit.kind == "walk-in":
            visit.due_at = max(_came(visit), session.starts_at)
            if last_walk_in and _came(visit) - _came(last_walk_in) < _WALK_INS_TOGETHER:
                visit.due_at = max(visit.due_at, last_walk_in.due_at + session.hours.minutes * MINUTE)
            last_walk_in = visit
        elif _came(visit) >= visit.ends_at:
            visit.due_at = _came(visit)


def see(session: Session, visits: Sequence[Visit], opens_at: datetime, draw: Random, haste: float = 1) -> None:
    """The doctor calls one after the other from then on: whoever stands first of those who are here.

    haste: how much faster than usual.
    """
    rest = [v for v in visits if v.intent == "come" and v.started_at is None]
    free_at = opens_at
    while rest:
        here = [v for v in rest if _ready(v) <= free_at]
        if not here:
            free_at = min(_ready(v) for v in rest)
            continue
        visit = min(here, key=_turn)
        rest.remove(visit)
        free_at = _consult(visit, free_at, _duration(session, draw, haste))


def _consult(visit: Visit, called_at: datetime, duration: timedelta) -> datetime:
    visit.called_at = called_at
    visit.started_at = called_at + MINUTE
    visit.done_at = visit.started_at + duration
    return visit.done_at


def see_in_time(session: Session, visits: list[Visit], opens_at: datetime, draw: Random) -> None:
    """As `see`, done before the session is over, as another may begin then. For whom no time is left: they never
    came."""
    late: list[Visit] = []
    for haste in (1, 1.4, 2, 3):
        see_again(visits, opens_at)
        see(session, visits, opens_at, draw, haste)
        late = [v for v in visits if v.done_at and v.done_at > session.ends_at]
        if not late:
            return
    for visit in late:
        if visit.kind == "walk-in":
            visits.remove(visit)
        visit.intent, visit.number = "miss", None
        visit.arrived_at = visit.checked_in_at = visit.called_at = visit.started_at = visit.done_at = None


def see_again(visits: Sequence[Visit], after: datetime) -> None:
    """Plan anew for all who were not inside by then."""
    for visit in visits:
        if visit.started_at and visit.started_at >= after:
            visit.called_at = visit.started_at = visit.done_at = None


def _duration(session: Session, draw: Random, haste: float) -> timedelta:
    planned = session.turn / MINUTE * session.doctor.pace / haste
    return max(3, round(planned * draw.uniform(0.75, 1.15))) * MINUTE


def _came(visit: Visit) -> datetime:
    assert visit.arrived_at is not None
    return visit.arrived_at


def _ready(visit: Visit) -> datetime:
    assert visit.checked_in_at is not None
    return visit.checked_in_at


def _turn(visit: Visit) -> tuple[bool, datetime, bool, int]:
    return (not visit.is_priority, visit.due_at, visit.kind == "walk-in", visit.number or 0)
