"""Slots, computed and never stored: sessions − exceptions − appointments − holds. Pure; `timetables.py` reads what goes
in.

Sessions are wall time in the facility's zone, everything that comes out is UTC. On the day a clock is put forward, a
session that begins inside the hour that is not there begins when it is over; on the day it is put back, sessions run
through both of the equal hours. Two sessions that don't overlap on the wall don't overlap in time.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

LONGEST = timedelta(hours=25)
"""No slot or session is longer: a session of a day, on the day a clock is put back."""
_DAY = timedelta(days=1)

Status = Literal["free", "busy", "past", "leave"]


@dataclass(frozen=True, slots=True)
class Weekly:
    """One weekly session, in wall time. weekday: Monday is 0. ends <= starts goes on past midnight."""

    weekday: int
    starts: time
    ends: time


@dataclass(frozen=True, slots=True)
class Plan:
    """A schedule as slots are made from it. kind: 'slots' or 'tokens'; valid_to None: without end.

    before, after: kept free around each timed slot. kept_for_desk: of the places. extra_places: beyond them.
    room_id: where it is held; None: nowhere in particular.
    """

    schedule_id: UUID
    practitioner_id: UUID
    facility_id: UUID
    zone: ZoneInfo
    kind: str
    mode: str
    slot_minutes: int
    places: int
    valid_from: date
    valid_to: date | None
    sessions: Sequence[Weekly]
    facility_name: str = ""
    before: timedelta = timedelta(0)
    after: timedelta = timedelta(0)
    patients_may_book: bool = True
    kept_for_desk: int = 0
    extra_places: int = 0
    room_id: UUID | None = None
    room_name: str | None = None
    room_floor: str | None = None

    @property
    def slot_length(self) -> timedelta:
        return timedelta(minutes=self.slot_minutes)

    @property
    def pitch(self) -> timedelta:
        """From one slot's start to the next one's."""
        return self.before + self.slot_length + self.after


@dataclass(frozen=True, slots=True)
class Session:
    """One sitting of a plan: from then to then. is_extra: added by an exception."""

    plan: Plan
    starts_at: datetime
    ends_at: datetime
    is_extra: bool = False


@dataclass(frozen=True, slots=True)
class Closure:
    """Leave of a practitioner, or (practitioner_id None) a facility's holiday, which leaves extra sessions be."""

    starts_at: datetime
    ends_at: datetime
    practitioner_id: UUID | None
    facility_id: UUID | None

    def closes(self, session: Session) -> bool:
        plan = session.plan
        if self.practitioner_id is None and session.is_extra:
            return False
        return (
            self.practitioner_id in (None, plan.practitioner_id)
            and self.facility_id in (None, plan.facility_id)
            and self.starts_at < session.ends_at
            and self.ends_at > session.starts_at
        )


@dataclass(frozen=True, slots=True)
class Taken:
    """A place that an appointment has, or that a hold keeps for a person."""

    starts_at: datetime
    ends_at: datetime
    lane: int
    held_by: UUID | None = None


@dataclass(frozen=True, slots=True)
class RoomUse:
    """A time for which a practitioner's patient, or one who is being booked, has a room."""

    starts_at: datetime
    ends_at: datetime
    practitioner_id: UUID


Rooms = Mapping[UUID, Sequence[RoomUse]]
"""Who has which room, sorted by starts_at."""


@dataclass(frozen=True, slots=True)
class Slot:
    """What can be booked: a slot, or for kind 'token' a whole session. free: how many of its places are.

    extra: how many more the desk may book beyond the places. held: how many are being booked by someone just now.
    is_room_taken: another practitioner has its room; whatever places there are, none is free.
    """

    starts_at: datetime
    ends_at: datetime
    status: Status
    places: int
    free: int
    facility_id: UUID
    schedule_id: UUID
    kind: Literal["slot", "token"]
    mode: str
    used: frozenset[int] = frozenset()
    """The lanes that are held."""
    extra: int = 0
    holders: tuple[UUID, ...] = ()
    room_id: UUID | None = None
    room_name: str | None = None
    is_room_taken: bool = False

    @property
    def held(self) -> int:
        return len(self.holders)

    def overlaps(self, other: "Slot") -> bool:
        return self.starts_at < other.ends_at and self.ends_at > other.starts_at


def at_wall(day: date, wall: time, zone: ZoneInfo) -> datetime:
    """When a clock on the wall shows this: the first time it does; where it never does, when it has jumped over it."""
    moment = datetime.combine(day, wall, zone).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == datetime.combine(day, wall):
        return moment
    # zoneinfo reads a time that is not there by the offset before the jump, which is too late by part of the jump,
    # and with fold=1 by the offset after it, which is too early.
    return _jump(datetime.combine(day, wall.replace(fold=1), zone).astimezone(UTC), moment, zone)


def _jump(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The moment between the two at which the zone's offset changes, to the second."""
    old = before.astimezone(zone).utcoffset()
    low, high = int(before.timestamp()), int(after.timestamp())
    while high - low > 1:
        middle = (low + high) // 2
        if datetime.fromtimestamp(middle, zone).utcoffset() == old:
            low = middle
        else:
            high = middle
    return datetime.fromtimestamp(high, UTC)


def weekly_sessions(plan: Plan, start: datetime, end: datetime) -> Iterator[Session]:
    """The plan's sittings that touch [start, end), by time."""
    first = start.astimezone(plan.zone).date() - _DAY  # yesterday's may go on past midnight
    last = end.astimezone(plan.zone).date()
    by_weekday = sorted(plan.sessions, key=lambda weekly: weekly.starts)
    for n in range((last - first).days + 1):
        day = first + n * _DAY
        if day < plan.valid_from or (plan.valid_to is not None and day > plan.valid_to):
            continue
        for weekly in by_weekday:
            if weekly.weekday == day.weekday():
                over = day if weekly.ends > weekly.starts else day + _DAY
                starts_at = at_wall(day, weekly.starts, plan.zone)
                ends_at = at_wall(over, weekly.ends, plan.zone)
                if starts_at < ends_at and starts_at < end and ends_at > start:
                    yield Session(plan, starts_at, ends_at)


def slots_of(
    sessions: Iterable[Session],
    closures: Sequence[Closure],
    taken: Sequence[Taken],
    now: datetime,
    rooms: Rooms | None = None,
    *,
    within: tuple[datetime, datetime] | None = None,
) -> Iterator[Slot]:
    """The sessions' slots. taken: the practitioner's, sorted by starts_at, from LONGEST before the first session.

    within: only those that begin in [start, end).
    """
    starts = [t.starts_at for t in taken]
    for session in sessions:
        closing = sorted((c for c in closures if c.closes(session)), key=lambda c: c.starts_at)
        from_, to = bisect_left(starts, session.starts_at - LONGEST), bisect_left(starts, session.ends_at)
        during = [t for t in taken[from_:to] if t.ends_at > session.starts_at]
        others = _others_in(rooms, session) if rooms else ()
        if session.plan.kind == "tokens":
            if within is None or within[0] <= session.starts_at < within[1]:
                yield _session_slot(session, closing, during, others, now)
        else:
            yield from _timed_slots(session, closing, during, others, now, within=within)


def _others_in(rooms: Rooms, session: Session) -> Sequence[RoomUse]:
    """What others do in the session's room while it lasts."""
    plan = session.plan
    uses = rooms.get(plan.room_id) if plan.room_id is not None else None
    if not uses:
        return ()
    from_ = bisect_left(uses, session.starts_at - LONGEST, key=_begins)
    to = bisect_left(uses, session.ends_at, key=_begins)
    return [
        use for use in uses[from_:to] if use.practitioner_id != plan.practitioner_id and use.ends_at > session.starts_at
    ]


def _begins(use: RoomUse) -> datetime:
    return use.starts_at


def _timed_slots(
    session: Session,
    closing: Sequence[Closure],
    during: Sequence[Taken],
    others: Sequence[RoomUse],
    now: datetime,
    *,
    within: tuple[datetime, datetime] | None,
) -> Iterator[Slot]:
    pitch, length = session.plan.pitch, session.plan.slot_length
    begins = session.starts_at + session.plan.before
    count = (session.ends_at - session.starts_at) // pitch
    taken = _taken_by_slot(session, during, count)
    first, end = 0, count
    if within is not None:
        first, end = (-((begins - edge) // pitch) for edge in within)
    for n in range(max(first, 0), min(end, count)):
        starts_at = begins + n * pitch
        ends_at = starts_at + length
        is_closed = any(c.starts_at < ends_at and c.ends_at > starts_at for c in closing)
        is_past = starts_at < now
        yield _slot(session, starts_at, ends_at, taken.get(n, ()), others, is_past=is_past, is_closed=is_closed)


def _taken_by_slot(session: Session, during: Sequence[Taken], count: int) -> dict[int, list[Taken]]:
    """Who stands in which slot or in the time kept free around it; an appointment of another length than today's slots
    may stand in several."""
    pitch = session.plan.pitch
    found: dict[int, list[Taken]] = {}
    for t in during:
        first = max((t.starts_at - session.starts_at) // pitch, 0)
        last = min(-((session.starts_at - t.ends_at) // pitch), count)
        for n in range(first, last):
            found.setdefault(n, []).append(t)
    return found


def _session_slot(
    session: Session, closing: Sequence[Closure], during: Sequence[Taken], others: Sequence[RoomUse], now: datetime
) -> Slot:
    """A token session ends where leave begins; leave over its start closes it."""
    is_closed = bool(closing) and closing[0].starts_at <= session.starts_at
    ends_at = closing[0].starts_at if closing and not is_closed else session.ends_at
    taken = [t for t in during if t.starts_at < ends_at]
    return _slot(session, session.starts_at, ends_at, taken, others, is_past=ends_at <= now, is_closed=is_closed)


def _slot(
    session: Session,
    starts_at: datetime,
    ends_at: datetime,
    taken: Sequence[Taken],
    others: Sequence[RoomUse],
    *,
    is_past: bool,
    is_closed: bool,
) -> Slot:
    plan = session.plan
    used = frozenset(t.lane for t in taken)
    is_room_taken = bool(others) and any(use.starts_at < ends_at and use.ends_at > starts_at for use in others)
    is_shut = is_past or is_closed or is_room_taken
    free = 0 if is_shut else plan.places - sum(1 for lane in used if lane <= plan.places)
    extra = 0 if is_shut else sum(1 for lane in _extra_lanes(plan.places, plan.extra_places) if lane not in used)
    status: Status = "past" if is_past else "leave" if is_closed else "free" if free else "busy"
    return Slot(
        starts_at, ends_at, status, plan.places, free, plan.facility_id, plan.schedule_id,
        "token" if plan.kind == "tokens" else "slot", plan.mode, used, extra,
        tuple(t.held_by for t in taken if t.held_by is not None), plan.room_id, plan.room_name, is_room_taken,
    )  # fmt: skip


def _extra_lanes(places: int, extra_places: int) -> range:
    return range(places + 1, places + extra_places + 1)


def as_patients_see(slot: Slot, plan: Plan, earliest: datetime) -> Slot | None:
    """None where patients may not book by themselves; else without what is kept for the desk.

    earliest: what begins before it is too short a notice.
    """
    if not plan.patients_may_book:
        return None
    free = max(slot.free - plan.kept_for_desk, 0) if slot.starts_at >= earliest else 0
    status: Status = "busy" if slot.status == "free" and not free else slot.status
    return replace(slot, free=free, status=status, extra=0)


def free_lane(slot: Slot) -> int | None:
    """The lowest place that nobody holds."""
    return next((lane for lane in range(1, slot.places + 1) if lane not in slot.used), None)


def extra_lane(slot: Slot, extra_places: int) -> int | None:
    """The lowest of the extra places that nobody holds."""
    return next((lane for lane in _extra_lanes(slot.places, extra_places) if lane not in slot.used), None)


def overlapping(sessions: Iterable[Session]) -> tuple[Session, Session] | None:
    """The first two that overlap in time, if any do."""
    ordered = sorted(sessions, key=lambda s: s.starts_at)
    return next(((a, b) for a, b in pairwise(ordered) if a.ends_at > b.starts_at), None)
