"""When doctors sit: their weekly hours, and what is added and taken away.

Whenever the demo is filled, at night or on a Sunday, some doctors sit right then: where their hours don't say so, an
extra session of today does.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from arogya.demo.doctors import Doctor, Hours
from arogya.demo.moment import MINUTE, Moment, at, rounded_down, rounded_up

_ENOUGH_BEFORE, _ENOUGH_AFTER = 75 * MINUTE, 30 * MINUTE
_LATE_AT_LEAST = 15 * MINUTE
_SHORTEST_EXTRA = 30 * MINUTE
_LATE_AT_MOST = 100 * MINUTE


@dataclass(frozen=True, slots=True)
class Session:
    doctor: Doctor
    hours: Hours
    starts_at: datetime
    ends_at: datetime
    is_extra: bool = False

    @property
    def day(self) -> date:
        return self.starts_at.date()

    @property
    def name(self) -> str:
        """As tokens have it."""
        return f"{self.starts_at:%H:%M}"

    @property
    def turn(self) -> timedelta:
        """What is planned for one patient; where a slot has two places they share its time."""
        shared = self.hours.places if self.hours.kind == "slots" else 1
        return self.hours.minutes * MINUTE / shared

    def slots(self) -> Iterator[datetime]:
        start = self.starts_at
        while start + self.hours.minutes * MINUTE <= self.ends_at:
            yield start
            start += self.hours.minutes * MINUTE

    def is_on(self, moment: datetime) -> bool:
        return self.starts_at <= moment < self.ends_at


@dataclass(frozen=True, slots=True)
class Absence:
    """Leave of a doctor, or with doctor None a branch's holiday."""

    starts_at: datetime
    ends_at: datetime
    reason: str
    doctor: Doctor | None = None
    branch: str | None = None

    def covers(self, session: Session, start: datetime, end: datetime) -> bool:
        concerned = self.doctor is session.doctor if self.doctor else self.branch == session.hours.branch
        return concerned and self.starts_at < end and self.ends_at > start


def weekly(doctor: Doctor, day: date) -> list[Session]:
    return [
        Session(doctor, hours, at(day, hours.starts), at(day, hours.ends))
        for hours in doctor.hours
        if day.weekday() in hours.days
    ]


def today(doctor: Doctor, moment: Moment) -> tuple[list[Session], list[Absence]]:
    """Today's sessions by time. A doctor who would not sit now has an extra one; it stands for those of the day that
    lie apart from it, whose time is then taken away."""
    usual = weekly(doctor, moment.today)
    if doctor.now == "elsewhere" or any(_will_do(session, doctor, moment) for session in usual):
        return usual, []
    starts_at, ends_at = _wanted(doctor, moment)
    kept = [session for session in usual if session.starts_at <= ends_at and session.ends_at >= starts_at]
    pieces = _without(starts_at, min(ends_at, moment.midnight), kept)
    extras = [Session(doctor, doctor.hours[0], start, end, is_extra=True) for start, end in pieces]
    moved = [
        Absence(session.starts_at, session.ends_at, "Sits at another time today", doctor, session.hours.branch)
        for session in usual
        if session not in kept
    ]
    return sorted([*kept, *extras], key=lambda s: s.starts_at), moved


def _wanted(doctor: Doctor, moment: Moment) -> tuple[datetime, datetime]:
    """A session in the middle of which it is now; the late doctor's began a while ago."""
    before, after = (35, 150) if doctor.now == "late" else (125, 130)
    starts_at = max(rounded_down(moment.now - before * MINUTE, 5 if doctor.now == "late" else 30), at(moment.today))
    return starts_at, rounded_up(moment.now + after * MINUTE, 30)


def _will_do(session: Session, doctor: Doctor, moment: Moment) -> bool:
    """Whether the hours themselves say that it is in the middle of a session."""
    if not session.is_on(moment.now):
        return False
    gone, left = moment.now - session.starts_at, session.ends_at - moment.now
    if doctor.now == "late":
        return _LATE_AT_LEAST <= gone <= _LATE_AT_MOST
    return gone >= _ENOUGH_BEFORE and left >= _ENOUGH_AFTER


def _without(
    starts_at: datetime, ends_at: datetime, sessions: Sequence[Session]
) -> Iterator[tuple[datetime, datetime]]:
    """The parts of the time that no session takes, where they are long enough to be one."""
    for session in sorted(sessions, key=lambda s: s.starts_at):
        if min(session.starts_at, ends_at) - starts_at >= _SHORTEST_EXTRA:
            yield starts_at, min(session.starts_at, ends_at)
        starts_at = max(starts_at, session.ends_at)
    if ends_at - starts_at >= _SHORTEST_EXTRA:
        yield starts_at, ends_at


def leave_from_now(held: Sequence[Session], moment: Moment) -> Absence | None:
    """The doctor who is called away in a few minutes, though patients are booked; None where the day ends soon.

    held: the doctor's sessions of today, by time.
    """
    on = next(session for session in held if session.is_on(moment.now))
    over = on.ends_at
    for session in held:
        if session.starts_at == over and session.hours.branch == on.hours.branch:
            over = session.ends_at
    starts_at = rounded_up(moment.now + 5 * MINUTE, 15)
    ends_at = min(starts_at + 120 * MINUTE, over)
    if ends_at - starts_at < _SHORTEST_EXTRA:
        return None
    return Absence(starts_at, ends_at, "Called to the ward", on.doctor, on.hours.branch)
