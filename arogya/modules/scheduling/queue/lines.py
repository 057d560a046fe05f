"""A line: one practitioner's queue at a branch as it stands now, and how it will go on. Few queries for any number."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import and_, bindparam, or_, select

from arogya.modules.organizations.api import Facility
from arogya.modules.scheduling import booking_rules
from arogya.modules.scheduling.models import Appointment, PractitionerDay, QueueToken, TokenStatus, holds_its_place
from arogya.modules.scheduling.queue.waits import expected_calls, minutes_until, pace
from arogya.modules.scheduling.slots.computing import Session
from arogya.modules.scheduling.slots.timetables import Timetable, add_exceptions, plans
from arogya.modules.scheduling.tokens.order import (
    APPOINTMENTS_FIRST,
    Place,
    calling_order,
    number_due,
    waiting_here,
    walk_in_due,
)
from arogya.modules.scheduling.tokens.service import HERE, UNKNOWN_TURN
from arogya.modules.scheduling.tokens.sittings import Sitting, sitting_at
from arogya.modules.scheduling.transitions import AppointmentStatus
from arogya.modules.staff.api import Workplace
from arogya.platform.access import Context
from arogya.platform.clock import day_bounds, local_day
from arogya.platform.database import is_one_of
from arogya.platform.prepared import prepare, rows

_GOING_IN = (TokenStatus.IN_CONSULTATION, TokenStatus.CALLED)
_NEWCOMER = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Visit:
    """One appointment of the day, with what its token says where it has one."""

    appointment_id: UUID
    practitioner_id: UUID
    visit_status: str
    kind: str
    starts_at: datetime
    token_id: UUID | None
    day: date | None
    session: str | None
    number: int | None
    token_status: str | None
    is_priority: bool | None
    stands_behind: bool | None
    due_at: datetime | None
    called_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None

    @property
    def key(self) -> UUID:
        """As in Place."""
        return self.token_id or self.appointment_id

    @property
    def place(self) -> Place:
        return Place(
            key=self.key,
            number=self.number,
            status=self.token_status or ("done" if self.visit_status == AppointmentStatus.FULFILLED else "waiting"),
            due_at=self.due_at or self.starts_at,
            is_here=self.token_id is not None and self.visit_status in HERE,
            is_priority=bool(self.is_priority),
            is_walk_in=self.kind == "walk-in",
            called_at=self.called_at,
            stands_behind=bool(self.stands_behind),
        )

    @property
    def duration(self) -> timedelta | None:
        """How long the doctor took. Where nobody said when it began, it began with the call."""
        began = self.started_at or self.called_at
        return self.ended_at - began if self.token_status == TokenStatus.DONE and began and self.ended_at else None


@dataclass(frozen=True, slots=True)
class Told:
    """What someone said of a practitioner's day, and when. state: here, late, on-break, gone."""

    state: str
    until: datetime | None
    at: datetime


@dataclass(frozen=True)
class Line:
    """One practitioner's queue of a day.

    leave: the present or next one of the day, from and to. turn: how long one consultation takes.
    order: how appointments and walk-ins go in.
    """

    practitioner_id: UUID
    sitting: Sitting
    now: datetime
    visits: Sequence[Visit]
    sessions: Sequence[Session]
    leave: tuple[datetime, datetime] | None
    told: Told | None
    turn: timedelta
    order: str

    def room(self, place: Workplace | None) -> tuple[str | None, str | None]:
        """The session's room and its floor; without one, where the practitioner usually sits."""
        plan = self.sitting.session.plan if self.sitting.session else None
        if plan is not None and plan.room_name is not None:
            return plan.room_name, plan.room_floor
        return (place.room, place.floor) if place else (None, None)

    @property
    def state(self) -> str:
        """As it was told last; leave once it began after that; not-here where nobody said."""
        if self._is_on_leave:
            return "leave"
        return self.told.state if self.told else "not-here"

    @property
    def until(self) -> datetime | None:
        if self._is_on_leave:
            return self.leave[1] if self.leave else None
        return self.told.until if self.told else None

    @property
    def _is_on_leave(self) -> bool:
        began = self.leave[0] if self.leave else None
        return began is not None and began <= self.now and (self.told is None or self.told.at < began)

    @property
    def places(self) -> list[Place]:
        return [visit.place for visit in self.visits]

    @cached_property
    def in_order(self) -> list[Visit]:
        return ordered(self.visits)

    @property
    def inside(self) -> Visit | None:
        """Who is with the doctor, else who was called and is on the way in."""
        first = self.in_order[0] if self.in_order else None
        return first if first and first.token_status in _GOING_IN else None

    @property
    def next_numbers(self) -> list[int]:
        """Who goes in after the one inside, in order."""
        called = [v.number for v in self.in_order if v.token_status == TokenStatus.CALLED and v is not self.inside]
        waiting = [place.number for place in waiting_here(self.places)]
        return [number for number in (*called, *waiting) if number is not None]

    @property
    def free_from(self) -> datetime | None:
        """When the doctor can see the next one; None where nobody knows, because they are gone."""
        if self.state == "gone":
            return None
        known = [self.now]
        if self.until:
            known.append(self.until)
        if self.state == "not-here" and self.sitting.session:
            known.append(self.sitting.session.starts_at)
        if self.inside and self.inside.started_at and self.inside.token_status == TokenStatus.IN_CONSULTATION:
            known.append(self.inside.started_at + self.turn)
        return max(known)

    @cached_property
    def calls(self) -> Mapping[UUID, datetime]:
        """When each who waits will probably be called, by key; in that order."""
        return expected_calls(self.places, self.free_from, self.turn) if self.free_from else {}

    def wait_minutes(self, visit: Visit) -> int | None:
        call = self.calls.get(visit.key)
        return minutes_until(call, self.now) if call else None

    @property
    def next_number(self) -> int:
        """What one who walks in now will get."""
        given = (v.number for v in self.visits if v.number is not None and v.session == self.sitting.name)
        return max(given, default=0) + 1

    @property
    def newcomer(self) -> Place:
        """Where one who walks in now will stand."""
        session, slot = self.sitting.session, self.sitting.turn or self.turn
        if session and self.sitting.is_by_number:
            due_at = number_due(session.starts_at, self.next_number, slot)
        else:
            before = [p.due_at for p in self.places if p.is_walk_in and p.status == TokenStatus.WAITING]
            began, last = session.starts_at if session else None, max(before, default=None)
            due_at = walk_in_due(self.now, began, last, slot, order=self.order)
        behind = self.order == APPOINTMENTS_FIRST and not self.sitting.is_by_number
        return Place(
            _NEWCOMER, self.next_number, "waiting", due_at, is_here=True, is_walk_in=True, stands_behind=behind
        )

    @property
    def newcomers_wait_minutes(self) -> int | None:
        """How long one who walks in now will wait."""
        if self.free_from is None:
            return None
        calls = expected_calls([*self.places, self.newcomer], self.free_from, self.turn)
        return minutes_until(calls[_NEWCOMER], self.now)

    @property
    def delay_minutes(self) -> int:
        """How far behind its appointments the line runs: when the first of them will be called, against when due."""
        due = {visit.key: visit.place.due_at for visit in self.visits if visit.kind != "walk-in"}
        late = next((call - due[key] for key, call in self.calls.items() if key in due), None)
        session = self.sitting.session
        if late is None and session and self.state == "late" and self.until:
            late = self.until - session.starts_at
        return max(0, late // timedelta(minutes=1)) if late else 0


def ordered(visits: Iterable[Visit]) -> list[Visit]:
    by_key = {visit.key: visit for visit in visits}
    return [by_key[place.key] for place in calling_order(visit.place for visit in by_key.values())]


async def lines(
    ctx: Context, facility: Facility, found: dict[UUID, Timetable], only: Collection[UUID] | None = None
) -> dict[UUID, Line]:
    """The lines of all who have a session or a visit at the branch today; with `only`, of just these in any case.

    found: from `todays_timetables`. Three queries, however many practitioners.
    """
    now, zone = ctx.now(), facility.zone
    start, end = day_bounds(local_day(now, zone), zone)
    sessions = {who: table.sessions(start - timedelta(days=1), end) for who, table in found.items()}
    sittings = {who: sitting_at(his, now, zone) for who, his in sessions.items()}
    is_night = any(sitting.day < local_day(now, zone) for sitting in sittings.values())
    # Who is booked for after midnight may be here before it.
    closes = max((session.ends_at for his in sessions.values() for session in his), default=end)
    visits = await _visits(ctx, facility.id, start - timedelta(days=is_night), max(end, closes), only)
    order = (await booking_rules.current(ctx)).queue_order
    told = await _told(ctx, facility.id, local_day(now, zone) - timedelta(days=is_night))
    made = {}
    for who in {*sessions, *visits} if only is None else only:
        his = sessions.get(who, [])
        sitting = sittings.get(who) or sitting_at(his, now, zone)
        todays = [s for s in his if local_day(s.starts_at, zone) == sitting.day]
        seen = [v for v in visits.get(who, []) if _day_of(v, his, facility) == sitting.day]
        if todays or seen or only is not None:
            leave = _leave(found[who], todays, now) if who in found else None
            turn = _turn(seen, sitting, found.get(who))
            made[who] = Line(who, sitting, now, seen, todays, leave, told.get((who, sitting.day)), turn, order)
    return made


async def visits_of_day(
    ctx: Context, facility: Facility, day: date, only: Collection[UUID] | None = None
) -> list[Visit]:
    """Everyone who has a number of that day."""
    start, end = day_bounds(day, facility.zone)
    found = await _visits(ctx, facility.id, start, end + timedelta(days=1), only)
    return [visit for visits in found.values() for visit in visits if visit.day == day]


async def line_of(ctx: Context, facility: Facility, practitioner_id: UUID) -> Line:
    found = await todays_timetables(ctx, facility, [practitioner_id])
    return (await lines(ctx, facility, found, [practitioner_id]))[practitioner_id]


async def todays_timetables(
    ctx: Context, facility: Facility, practitioner_ids: Iterable[UUID] | None = None
) -> dict[UUID, Timetable]:
    """Sessions and leave at this branch, yesterday's night included; what is taken is not read."""
    start, end = day_bounds(local_day(ctx.now(), facility.zone), facility.zone)
    found = await plans(ctx, practitioner_ids)
    await add_exceptions(ctx, found, start - timedelta(days=1), end)
    here = {who: table.only(facility_id=facility.id) for who, table in found.items()}
    return {who: table for who, table in here.items() if table.plans}


def _day_of(visit: Visit, sessions: Sequence[Session], facility: Facility) -> date:
    return visit.day or sitting_at(sessions, visit.starts_at, facility.zone).day


def _leave(table: Timetable, sessions: Sequence[Session], now: datetime) -> tuple[datetime, datetime] | None:
    closing = [c for c in table.closures if c.ends_at > now and any(c.closes(session) for session in sessions)]
    first = min(closing, key=lambda c: c.starts_at, default=None)
    return (first.starts_at, first.ends_at) if first else None


def _turn(visits: Sequence[Visit], sitting: Sitting, table: Timetable | None) -> timedelta:
    over = sorted((v for v in visits if v.ended_at), key=lambda v: v.ended_at or v.starts_at, reverse=True)
    newest = max(table.plans, key=lambda plan: plan.valid_from).slot_length if table else UNKNOWN_TURN
    return pace([v.duration for v in over if v.duration is not None], sitting.turn or newest)


_COLUMNS: list[Any] = [
    Appointment.id.label("appointment_id"), Appointment.practitioner_id, Appointment.status.label("visit_status"),
    Appointment.kind, Appointment.starts_at, QueueToken.id.label("token_id"), QueueToken.day, QueueToken.session,
    QueueToken.number, QueueToken.status.label("token_status"), QueueToken.is_priority,
    QueueToken.stands_behind, QueueToken.due_at, QueueToken.called_at, QueueToken.started_at, QueueToken.ended_at,
]  # fmt: skip

_VISITS = prepare(
    select(*_COLUMNS)
    .outerjoin(
        QueueToken,
        and_(QueueToken.organization_id == Appointment.organization_id, QueueToken.appointment_id == Appointment.id),
    )
    .where(
        Appointment.facility_id == bindparam("facility_id"),
        Appointment.starts_at >= bindparam("start"),
        Appointment.starts_at < bindparam("end"),
        or_(holds_its_place(), QueueToken.id.is_not(None)),
    )
)
_DAYS_TOLD = prepare(
    select(
        PractitionerDay.practitioner_id, PractitionerDay.day, PractitionerDay.state, PractitionerDay.until,
        PractitionerDay.updated_at,
    ).where(PractitionerDay.facility_id == bindparam("facility_id"), PractitionerDay.day >= bindparam("since"))
)  # fmt: skip
_VISITS_OF = prepare(_VISITS.where(is_one_of(Appointment.practitioner_id)))


async def _visits(
    ctx: Context, facility_id: UUID, start: datetime, end: datetime, only: Collection[UUID] | None
) -> dict[UUID, list[Visit]]:
    """Those that begin in [start, end) and hold their place, and whoever has a number."""
    told = {"facility_id": facility_id, "start": start, "end": end}
    asked = (_VISITS, told) if only is None else (_VISITS_OF, {**told, "ids": only})
    found: dict[UUID, list[Visit]] = defaultdict(list)
    for row in await rows(ctx.session, *asked):
        found[row.practitioner_id].append(Visit(*row))
    return found


async def _told(ctx: Context, facility_id: UUID, since: date) -> dict[tuple[UUID, date], Told]:
    found = await rows(ctx.session, _DAYS_TOLD, {"facility_id": facility_id, "since": since})
    return {(row.practitioner_id, row.day): Told(row.state, row.until, row.updated_at) for row in found}
