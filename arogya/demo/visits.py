"""A visit before becoming rows, and what a session is booked with."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Literal

from arogya.demo.moment import MINUTE
from arogya.demo.people import Person
from arogya.demo.sessions import Absence, Session

Intent = Literal["come", "miss", "cancel"]
_CANCELLED, _MISSED = 0.06, 0.06
_BY_PATIENT = 0.35
_INSIDE_LEAVE = 4
CANCEL_REASONS = ("Patient asked by phone", "Feels better", "Out of town", "Goes to another doctor")


@dataclass(eq=False, slots=True)
class Visit:
    """status, queue_status: FHIR's and the queue's words. The moments are those that have come by now."""

    session: Session
    kind: Literal["slot", "token", "walk-in"]
    starts_at: datetime
    ends_at: datetime
    lane: int = 1
    intent: Intent = "come"
    source: Literal["desk", "patient"] = "desk"
    reason: str = ""
    notes: str = ""
    override_reason: str = ""
    person: Person | None = None
    booked_at: datetime | None = None
    moved_from: "Visit | None" = None
    status: str = "booked"
    queue_status: str | None = None
    number: int | None = None
    due_at: datetime = field(init=False)
    is_priority: bool = False
    calls: int = 0
    arrived_at: datetime | None = None
    checked_in_at: datetime | None = None
    called_at: datetime | None = None
    started_at: datetime | None = None
    done_at: datetime | None = None
    ended_at: datetime | None = None
    cancel_reason: str | None = None
    fee_paise: int = 0
    is_free_revisit: bool = False

    def __post_init__(self) -> None:
        self.due_at = self.starts_at

    @property
    def patient(self) -> Person:
        assert self.person is not None
        return self.person

    @property
    def changed_at(self) -> datetime:
        """When something last happened to it."""
        moments = (self.booked_at, self.arrived_at, self.checked_in_at, self.done_at, self.ended_at)
        return max(moment for moment in moments if moment)


def bookings(session: Session, demand: float, draw: Random, absences: list[Absence]) -> list[Visit]:
    """Places of the session that are taken. demand: which part of them."""
    if session.hours.kind == "tokens":
        return _numbers(session, demand, draw, absences)
    minutes = session.hours.minutes * MINUTE
    return [
        _booking(session, start, start + minutes, lane, draw)
        for start in session.slots()
        if not any(absence.covers(session, start, start + minutes) for absence in absences)
        for lane in range(1, session.hours.places + 1)
        if draw.random() < demand
    ]


def _numbers(session: Session, demand: float, draw: Random, absences: list[Absence]) -> list[Visit]:
    if any(absence.covers(session, session.starts_at, session.ends_at) for absence in absences):
        return []
    count = min(session.hours.places, round(session.hours.places * demand * draw.uniform(0.8, 1.2)))
    return [_booking(session, session.starts_at, session.ends_at, lane + 1, draw) for lane in range(count)]


def _booking(session: Session, start: datetime, end: datetime, lane: int, draw: Random) -> Visit:
    chance = draw.random()
    intent: Intent = "cancel" if chance < _CANCELLED else "miss" if chance < _CANCELLED + _MISSED else "come"
    source: Literal["desk", "patient"] = "patient" if draw.random() < _BY_PATIENT else "desk"
    return Visit(session, "slot" if session.hours.kind == "slots" else "token", start, end, lane, intent, source)


def inside_leave(session: Session, absence: Absence, visits: list[Visit]) -> list[Visit]:
    """What is still missing so that a few are booked in the later part of a leave."""
    minutes = session.hours.minutes * MINUTE
    late = [start for start in session.slots() if absence.starts_at + 30 * MINUTE <= start < absence.ends_at]
    taken = {visit.starts_at for visit in visits if visit.intent == "come"}
    free = [start for start in reversed(late) if start not in taken]
    missing = max(0, _INSIDE_LEAVE - len(taken & set(late)))
    cancelled = [visit for visit in visits if visit.starts_at in free]
    for visit in cancelled:
        visit.intent = "come"
    empty = [start for start in free if start not in {visit.starts_at for visit in cancelled}]
    return [Visit(session, "slot", start, start + minutes) for start in empty[:missing]]


def walk_ins(session: Session, part: float, draw: Random, absences: list[Absence]) -> list[Visit]:
    """Who comes without a booking, at any time of the session but its end. part: of those who usually do."""
    last = session.ends_at - min(30 * MINUTE, (session.ends_at - session.starts_at) / 2)
    length = (session.ends_at - session.starts_at) / timedelta(hours=3.5)
    count = round(session.hours.walk_ins * part * length * draw.uniform(0.5, 1.5))
    span = int((last - session.starts_at) / MINUTE)
    came = sorted(session.starts_at + draw.randrange(span) * MINUTE for _ in range(count))
    minutes = session.hours.minutes * MINUTE
    return [
        Visit(session, "walk-in", moment, moment + minutes)
        for moment in came
        if not any(absence.covers(session, moment, moment + minutes) for absence in absences)
    ]
