"""How far a session of today has come by now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Literal

from arogya.demo.doctors import Doctor
from arogya.demo.moment import MINUTE, rounded_up
from arogya.demo.queueing import give_numbers, receive, see, see_again
from arogya.demo.sessions import Session
from arogya.demo.visits import Visit

_HASTE = 0.93
"""Today is a full day: everything takes longer than planned."""


@dataclass(frozen=True, slots=True)
class DoctorsDay:
    doctor: Doctor
    branch: str
    state: Literal["here", "late", "on-break", "gone"]
    until: datetime | None = None


def play(session: Session, visits: list[Visit], now: datetime, draw: Random) -> DoctorsDay:
    """Let the session go on until now, in the middle of what the doctor does then."""
    receive(session, visits, draw)
    branch, doing = session.hours.branch, session.doctor.now
    if doing == "late":
        until = _later_today(now, 18)
        see(session, visits, until, draw)
        return DoctorsDay(session.doctor, branch, "late", until)
    see(session, visits, session.starts_at + draw.randrange(6, 16) * MINUTE, draw, _HASTE)
    if doing == "on-break":
        until = _later_today(now, 8)
        _break(session, visits, now, until, draw)
        return DoctorsDay(session.doctor, branch, "on-break", until)
    _bring_inside(session, visits, now, draw)
    if doing == "here":
        _keep_one_waiting(session, visits, now)
    if doing == "calling":
        _call_next(visits, now)
    return DoctorsDay(session.doctor, branch, "here")


def _later_today(now: datetime, minutes: int) -> datetime:
    last = now.replace(hour=23, minute=59)
    return max(now, min(rounded_up(now + minutes * MINUTE, 5), last))


def _break(session: Session, visits: Sequence[Visit], now: datetime, until: datetime, draw: Random) -> None:
    left_at = now - 5 * MINUTE
    for visit in visits:
        if visit.started_at and visit.done_at and visit.started_at < left_at:
            visit.done_at = min(visit.done_at, left_at)
    _go_on(session, visits, left_at, until, draw)


def _bring_inside(session: Session, visits: Sequence[Visit], now: datetime, draw: Random) -> None:
    """Somebody is with the doctor now: the last one takes longer, or the next came early."""
    inside = max((v for v in visits if v.started_at and v.started_at <= now), key=_started, default=None)
    if inside and inside.done_at and inside.done_at > now:
        return
    if inside is None or now - _started(inside) > 1.5 * session.turn:
        inside = _come_early(session, visits, now) or inside
    if inside:
        inside.done_at = now + 5 * MINUTE
        _go_on(session, visits, now, inside.done_at, draw)


def _come_early(session: Session, visits: Sequence[Visit], now: datetime) -> Visit | None:
    coming = [v for v in visits if v.intent == "come"]
    later = [v for v in coming if v.started_at and v.started_at > now]
    chosen = min(later, key=lambda v: (v.kind == "walk-in", v.due_at), default=None)
    if chosen is None:
        return None
    assert chosen.arrived_at is not None
    assert chosen.checked_in_at is not None
    chosen.arrived_at = min(chosen.arrived_at, now - 9 * MINUTE)
    chosen.checked_in_at = min(chosen.checked_in_at, now - 7 * MINUTE)
    if chosen.kind == "walk-in":
        chosen.starts_at = chosen.checked_in_at = chosen.arrived_at
        chosen.ends_at = chosen.starts_at + session.hours.minutes * MINUTE
    chosen.called_at, chosen.started_at = now - 4 * MINUTE, now - 3 * MINUTE
    for visit in coming:
        if visit.done_at and visit is not chosen and _started(visit) < now:
            visit.done_at = min(visit.done_at, chosen.called_at)
    give_numbers(session, coming)
    return chosen


def _keep_one_waiting(session: Session, visits: list[Visit], now: datetime) -> None:
    """Whoever works has a next patient: one of those to come was early, else somebody just walked in."""
    coming = [v for v in visits if v.intent == "come" and not (v.started_at and v.started_at <= now)]
    if any(_came(v) <= now for v in coming):
        return
    booked = [v for v in coming if v.kind != "walk-in"]
    came_at = now - 5 * MINUTE
    if booked:
        early = min(booked, key=lambda v: v.due_at)
        early.arrived_at, early.checked_in_at = came_at, came_at + 2 * MINUTE
    else:
        came_at = max(came_at, session.starts_at)
        new = Visit(session, "walk-in", came_at, came_at + session.hours.minutes * MINUTE)
        new.arrived_at = new.checked_in_at = came_at
        visits.append(new)
    give_numbers(session, [v for v in visits if v.intent == "come"])


def _call_next(visits: Sequence[Visit], now: datetime) -> None:
    """The last one just left or is about to, the next was called and is on the way in."""
    inside = max((v for v in visits if v.started_at and v.started_at < now), key=_started, default=None)
    ready = [v for v in visits if v.started_at and v.started_at > now and v.checked_in_at and v.checked_in_at < now]
    following = min(ready, key=_started, default=None)
    if inside is None or inside.done_at is None or following is None:
        return
    if _started(inside) <= now - 4 * MINUTE:
        inside.done_at = min(inside.done_at, now - MINUTE)
    following.called_at, following.started_at = now, now + MINUTE


def _go_on(session: Session, visits: Sequence[Visit], after: datetime, free_at: datetime, draw: Random) -> None:
    see_again(visits, after)
    see(session, visits, free_at, draw, _HASTE)


def _started(visit: Visit) -> datetime:
    assert visit.started_at is not None
    return visit.started_at


def miss_a_call(visits: Sequence[Visit], now: datetime) -> None:
    """One was called before those who are inside by now, twice, and did not come."""
    waiting = [v for v in visits if v.queue_status == "waiting" and v.checked_in_at]
    first = min(waiting, key=lambda v: v.due_at, default=None)
    if first:
        first.queue_status, first.called_at, first.calls = "skipped", max(_came(first), now - 8 * MINUTE), 2


def prefer_the_last(visits: Sequence[Visit]) -> None:
    """One who waits goes before the others."""
    waiting = [v for v in visits if v.queue_status == "waiting"]
    if len(waiting) > 1:
        max(waiting, key=lambda v: v.due_at).is_priority = True


def call_someone(visits: Sequence[Visit], days: Sequence[DoctorsDay], now: datetime) -> None:
    """A number stands on the waiting room's screen, even where the one who should call has nobody left."""
    here = {day.doctor.username for day in days if day.state == "here"}
    waiting = [
        v for v in visits if v.queue_status == "waiting" and v.checked_in_at and v.session.doctor.username in here
    ]
    if waiting and not any(v.queue_status == "called" for v in visits):
        first = min(waiting, key=lambda v: (not v.is_priority, v.due_at))
        first.queue_status, first.called_at, first.calls = "called", now, 1


def gone_home(sessions: Sequence[Session], now: datetime) -> list[DoctorsDay]:
    """Doctors of whose sessions at a branch none is on or to come. sessions: all of today's."""
    last: dict[tuple[str, str], Session] = {}
    for session in sessions:
        place = session.doctor.username, session.hours.branch
        if place not in last or session.ends_at > last[place].ends_at:
            last[place] = session
    return [DoctorsDay(s.doctor, s.hours.branch, "gone") for s in last.values() if s.ends_at <= now]


def _came(visit: Visit) -> datetime:
    assert visit.checked_in_at is not None
    return visit.checked_in_at
