"""All visits of one hospital: ninety days back, today, and thirty days ahead."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from random import Random

from arogya.demo import sessions
from arogya.demo.cast import DESHMUKHS, PRIORITY_AT, QUEUES, SKIPPED_AT, Player, everyone
from arogya.demo.doctors import REASONS, Doctor
from arogya.demo.moment import MINUTE, Moment, at
from arogya.demo.panel import Panel
from arogya.demo.people import Person
from arogya.demo.queueing import give_numbers, receive, see, see_in_time
from arogya.demo.sessions import Absence, Session
from arogya.demo.today import DoctorsDay, call_someone, gone_home, miss_a_call, play, prefer_the_last
from arogya.demo.visits import CANCEL_REASONS, Visit, bookings, inside_leave, walk_ins

DAYS_BEHIND, DAYS_AHEAD = 90, 30
_LEAD_DAYS = 14
_MOVED = 0.3
_UNCONFIRMED = 0.12
_CONFIRMED_BEFORE_DAYS = 10


class Diary:
    """visits: by time, today's last. absences, extras: what is added to the weekly hours."""

    def __init__(
        self, moment: Moment, name: str, doctors: Sequence[Doctor], people: Sequence[Person], absences: list[Absence]
    ) -> None:
        self._moment = moment
        self._name = name
        self._doctors = doctors
        self._people = {person.name: person for person in reversed(people) if person.is_active}
        self._panel = Panel(moment, name, doctors, people)
        self._to_move: dict[str, list[Visit]] = {}
        self._leave: Absence | None = None
        self.absences = absences
        self.extras: list[Session] = []
        self.days: list[DoctorsDay] = []
        self.visits: list[Visit] = []

    def fill(self) -> Iterator[None]:
        """A step after each day. Today comes last: what the time of day decides changes nothing else."""
        for offset in (*range(-DAYS_BEHIND, 0), *range(1, DAYS_AHEAD + 1), 0):
            self._fill_day(offset)
            yield

    def _fill_day(self, offset: int) -> None:
        day = self._moment.day(offset)
        draw = self._moment.draw(self._name, "visits", day.isoformat())
        if offset == 0:
            held = self._prepare_today()
        else:
            held = [session for doctor in self._doctors for session in sessions.weekly(doctor, day)]
        made = [visit for session in held for visit in self._hold(session, offset, draw)]
        call_someone(made, self.days, self._moment.now)
        if offset == 0 and self._leave:
            self.absences.append(self._leave)  # only now: who was booked before it stays booked
        self.visits += sorted(made, key=lambda visit: visit.starts_at)

    def _prepare_today(self) -> list[Session]:
        held = []
        for doctor in self._doctors:
            sits, moved = sessions.today(doctor, self._moment)
            held += sits
            self.absences += moved
            if doctor.now == "leave":
                self._leave = sessions.leave_from_now(sits, self._moment)
        self.extras = [session for session in held if session.is_extra]
        self.days += gone_home(held, self._moment.now)
        for player in (*everyone(), *DESHMUKHS):
            if player.name in self._people:
                self._panel.reserve(self._people[player.name], self._moment.today)
        return held

    def _hold(self, session: Session, offset: int, draw: Random) -> list[Visit]:
        """One session: who is booked, who walks in, and how it went so far."""
        now = self._moment.now
        visits = bookings(session, _demand(session.doctor, offset, draw), draw, self.absences)
        if offset <= 0:
            visits += walk_ins(session, 0.7 if offset else 1.0, draw, self.absences)
        self._insist(session, offset, visits)
        if self._leave and offset == 0 and session.doctor is self._leave.doctor:
            visits += inside_leave(session, self._leave, visits)
        if offset == 0 and session.is_on(now):
            self.days.append(play(session, visits, now, draw))
        elif offset <= 0:
            receive(session, visits, draw)
            hold = see_in_time if offset == 0 else see
            hold(session, visits, session.starts_at + draw.randrange(12) * MINUTE, draw)
        for visit in visits:
            stand(visit, now)
        named = self._name_all(session, [v for v in visits if v.kind != "walk-in" or v.starts_at <= now], draw)
        give_numbers(session, [visit for visit in named if visit.arrived_at])
        if offset == 0 and session.is_on(now):
            self._disturb(session.doctor, named)
        return named

    def _disturb(self, doctor: Doctor, visits: Sequence[Visit]) -> None:
        if doctor.username == SKIPPED_AT:
            miss_a_call(visits, self._moment.now)
        elif doctor.username == PRIORITY_AT:
            prefer_the_last(visits)

    def _insist(self, session: Session, offset: int, visits: list[Visit]) -> None:
        """A visit that the script wants finds a place, in which its patient comes."""
        if not self._wanted(session.doctor, offset):
            return
        booked = [visit for visit in visits if visit.kind != "walk-in"]
        if not booked:
            booked = bookings(session, 1.0, self._moment.draw("insist"), self.absences)[:1]
            visits += booked
        if booked and not any(visit.intent == "come" for visit in booked):
            booked[0].intent = "come"

    def _wanted(self, doctor: Doctor, offset: int) -> list[Person]:
        day = self._moment.day(offset)
        return [
            person
            for person in self._people.values()
            for username, days in person.visits
            if username == doctor.username and self._moment.workday(days) == day
        ]

    def _name_all(self, session: Session, visits: list[Visit], draw: Random) -> list[Visit]:
        """Give each visit its patient; one for whom nobody is left is dropped."""
        day, doctor = session.day, session.doctor
        if session.is_on(self._moment.now):
            self._cast(doctor, visits)
        wanted = self._wanted(doctor, (day - self._moment.today).days)
        for person, visit in zip(wanted, (v for v in visits if v.intent == "come"), strict=False):
            self._give(visit, person)
        for visit in visits:
            if visit.person is None:
                self._give(visit, self._chosen(visit, doctor, day, draw))
        named = [visit for visit in visits if visit.person is not None]
        for visit in named:
            self._tell(visit, draw)
        return named

    def _chosen(self, visit: Visit, doctor: Doctor, day: date, draw: Random) -> Person | None:
        if visit.kind == "walk-in":
            newcomer = self._panel.newcomer(doctor, day)
            if newcomer:
                newcomer.registered_at = visit.starts_at - 4 * MINUTE
                return newcomer
        return self._moved_here(visit, doctor, day) or self._panel.one_for(doctor, day, draw)

    def _moved_here(self, visit: Visit, doctor: Doctor, day: date) -> Person | None:
        """Someone whose earlier visit was moved to this one."""
        waiting = self._to_move.get(doctor.username, [])
        if visit.kind == "walk-in" or visit.intent == "cancel" or not waiting or day == self._moment.today:
            return None
        old = waiting[0]
        if old.ended_at is None or old.session.day >= day or not self._panel.is_free(old.patient, day):
            return None
        waiting.pop(0)
        visit.moved_from, visit.booked_at = old, old.ended_at
        old.cancel_reason = "Moved to another time"
        return old.patient

    def _give(self, visit: Visit, person: Person | None) -> None:
        visit.person = person
        if person:
            self._panel.note(person, visit.session.doctor, visit.session.day)

    def _cast(self, doctor: Doctor, visits: Sequence[Visit]) -> None:
        """Those whom the pictures show take the places in which they are shown."""
        queue = QUEUES.get(doctor.username)
        if queue is None:
            return
        expected = [v for v in visits if v.status == "booked" and v.intent == "come"]
        late_enough = [v for v in expected if v.starts_at > self._moment.now]
        for visit in self._seat(queue.pending, late_enough[1:]):
            visit.status, visit.source = "pending", "patient"
        seen = sorted((v for v in visits if v.queue_status == "done" and v.kind != "walk-in"), key=lambda v: v.due_at)
        self._seat(queue.seen, seen[-len(queue.seen) :])
        self._seat(queue.missed, [v for v in visits if v.status == "noshow"])
        self._seat(queue.inside, [v for v in visits if v.queue_status == "in-consultation"])
        self._seat(queue.waiting, [v for v in visits if v.queue_status == "waiting"])
        self._seat(queue.expected, [v for v in expected if v.status == "booked"])

    def _seat(self, players: Sequence[Player], visits: Sequence[Visit]) -> list[Visit]:
        """The visits that were given to them, in order of their turn."""
        free = [v for v in sorted(visits, key=lambda v: v.due_at) if v.person is None and v.kind != "walk-in"]
        taken = list(zip(players, free, strict=False))
        for player, visit in taken:
            self._give(visit, self._people.get(player.name))
        return [visit for _, visit in taken]

    def _tell(self, visit: Visit, draw: Random) -> None:
        """Why and when it was booked, and how it ended if it was not seen."""
        today, day = self._moment.today, visit.session.day
        visit.reason = draw.choice(REASONS[visit.session.doctor.department]) if draw.random() < 0.8 else ""
        lead, minutes, unconfirmed = draw.randrange(1, _LEAD_DAYS), draw.randrange(600), draw.random()
        chance, reason, moves = draw.random(), draw.choice(CANCEL_REASONS), draw.random()
        if visit.kind == "walk-in":
            visit.booked_at = visit.starts_at
            return
        is_soon = 0 < (day - today).days <= _CONFIRMED_BEFORE_DAYS
        if visit.status == "booked" and visit.source == "patient" and is_soon and unconfirmed < _UNCONFIRMED:
            visit.status = "pending"
        if visit.booked_at is None:
            booked_on = min(day, today) - timedelta(days=1 if visit.status == "pending" else lead)
            known_since = visit.patient.known_since + 5 * MINUTE
            visit.booked_at = max(at(booked_on, time(9)) + minutes * MINUTE, known_since)
        if visit.status == "cancelled":
            self._cancel(visit, visit.booked_at, chance, reason)
            if moves < _MOVED:
                self._to_move.setdefault(visit.session.doctor.username, []).append(visit)

    def _cancel(self, visit: Visit, booked_at: datetime, chance: float, reason: str) -> None:
        """Some time between the booking and now, or the visit's start."""
        is_ahead = visit.session.day > self._moment.today
        known_by = at(self._moment.today) if is_ahead else min(visit.starts_at, self._moment.now)
        visit.ended_at = booked_at + int((known_by - booked_at) / MINUTE * chance) * MINUTE
        visit.cancel_reason = reason


def _demand(doctor: Doctor, offset: int, draw: Random) -> float:
    if offset == 0:
        return min(0.9, doctor.demand * (1.0 if doctor.now == "elsewhere" else 1.4))
    if offset > 0:
        return doctor.demand * max(0.05, 0.85 - 0.028 * offset)
    return doctor.demand * draw.uniform(0.45, 0.65)


def stand(visit: Visit, now: datetime) -> None:
    """Bring the visit to where it is now, and forget what has not happened yet."""
    if visit.intent == "cancel":
        visit.status = "cancelled"
    elif visit.intent == "miss":
        gone_at = min(visit.ends_at + 20 * MINUTE, visit.session.ends_at + 30 * MINUTE)
        visit.status, visit.ended_at = ("noshow", gone_at) if gone_at <= now else ("booked", None)
    else:
        _stand_in_queue(visit, now)


def _stand_in_queue(visit: Visit, now: datetime) -> None:
    visit.arrived_at = _if_past(visit.arrived_at, now)
    visit.checked_in_at = _if_past(visit.checked_in_at, now)
    visit.called_at = _if_past(visit.called_at, now)
    visit.started_at = _if_past(visit.started_at, now)
    visit.done_at = _if_past(visit.done_at, now)
    if visit.arrived_at is None:
        visit.status, visit.number = "booked", None
        return
    visit.status = "fulfilled" if visit.done_at else "checked-in" if visit.checked_in_at else "arrived"
    if visit.done_at:
        visit.queue_status = "done"
    elif visit.started_at:
        visit.queue_status = "in-consultation"
    else:
        visit.queue_status = "called" if visit.called_at else "waiting"
    visit.calls = 1 if visit.called_at else 0


def _if_past(moment: datetime | None, now: datetime) -> datetime | None:
    return moment if moment and moment <= now else None
