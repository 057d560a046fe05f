"""How full doctors' days are: places and minutes offered, and what is taken of them.

A day is the branch's own. Offered is what sessions give, leave taken off. A place stands for its share of its slot's
minutes (of the session's, where one comes by token); someone who walked in takes as much as one place. So more can be
used than was offered.
"""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from arogya.modules.organizations import api as organizations
from arogya.modules.organizations.api import Facility
from arogya.modules.scheduling import reach
from arogya.modules.scheduling.models import Appointment, holds_its_place
from arogya.modules.scheduling.slots.computing import Slot
from arogya.modules.scheduling.slots.timetables import Timetable, timetables
from arogya.platform.access import Context
from arogya.platform.bodies import Read
from arogya.platform.clock import day_bounds, local_day
from arogya.platform.errors import Forbidden, Invalid
from arogya.policy import Permission

MOST_DAYS = 62


@dataclass(slots=True)
class Tally:
    """places: offered. booked: of them and beyond. held: being booked just now. free: what can still be booked.

    Minutes are whole.
    """

    places: int = 0
    booked: int = 0
    held: int = 0
    free: int = 0
    walk_ins: int = 0
    minutes_offered: int = 0
    minutes_used: int = 0

    def add(self, other: "Tally") -> None:
        for one in fields(Tally):
            setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))


class LoadRead(Read):
    """minutes_used may pass minutes_offered: who walks in or is booked over takes time too."""

    places: int
    booked: int
    held: int
    free: int
    walk_ins: int
    minutes_offered: int
    minutes_used: int


class DayLoad(LoadRead):
    day: date


class PractitionerLoad(Read):
    """At one branch. total: of the days together."""

    practitioner_id: UUID
    facility_id: UUID
    days: list[DayLoad]
    total: LoadRead


class LoadList(Read):
    items: list[PractitionerLoad]


async def load(
    ctx: Context,
    *,
    facility_id: UUID | None,
    practitioner_ids: Sequence[UUID] | None,
    from_: date | None,
    to: date | None,
) -> LoadList:
    """Of whoever has a schedule at the branch (None: at any). from_ None: today; to None: that day alone.

    However many practitioners and days: a fixed number of queries.
    """
    if reach.is_own_only(ctx, Permission.SCHEDULE_READ):
        raise Forbidden
    if facility_id is not None:
        await organizations.facility(ctx.session, facility_id)
    facilities = await organizations.facilities(ctx.session, None if facility_id is None else [facility_id])
    if not facilities:
        return LoadList(items=[])
    days = {id_: _days(from_, to, local_day(ctx.now(), one.zone)) for id_, one in facilities.items()}
    bounds = [day_bounds(day, facilities[id_].zone) for id_, asked in days.items() for day in (asked[0], asked[-1])]
    start, end = min(b[0] for b in bounds), max(b[1] for b in bounds)
    tables = await timetables(ctx, start, end, practitioner_ids)
    walked_in = await _walk_ins(ctx, start, end, tables, facilities)
    found = []
    for who, table in tables.items():
        for at in dict.fromkeys(plan.facility_id for plan in table.plans):
            if at in facilities:
                counts = {day: walked_in.get((who, at, day), 0) for day in days[at]}
                tallies = _tallies(ctx, table.only(facility_id=at), facilities[at].zone, counts)
                found.append(_read(who, at, tallies))
    return LoadList(items=found)


def _days(from_: date | None, to: date | None, today: date) -> list[date]:
    first = from_ or today
    last = to or first
    if not 0 <= (last - first).days < MOST_DAYS:
        raise Invalid.field("to", f"is not within {MOST_DAYS} days from the first", "days")
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _tallies(ctx: Context, table: Timetable, zone: ZoneInfo, walk_ins: dict[date, int]) -> dict[date, Tally]:
    tallies = {day: Tally(walk_ins=count) for day, count in walk_ins.items()}
    turns: dict[date, float] = {}
    start, end = day_bounds(min(tallies), zone)[0], day_bounds(max(tallies), zone)[1]
    # As if nothing were past yet: a slot that is over was offered all the same.
    for slot in table.slots(start, end, start):
        day = local_day(slot.starts_at, zone)
        minutes = (slot.ends_at - slot.starts_at) / timedelta(minutes=1)
        turns.setdefault(day, minutes / slot.places)
        tallies[day].add(_tally(slot, minutes, is_over=slot.ends_at <= ctx.now() or _has_begun(slot, ctx)))
    for day, tally in tallies.items():
        tally.minutes_used += round(turns.get(day, 0) * tally.walk_ins)
    return tallies


def _read(who: UUID, at: UUID, tallies: dict[date, Tally]) -> PractitionerLoad:
    total = Tally()
    for tally in tallies.values():
        total.add(tally)
    days = [DayLoad.model_validate({"day": day, **asdict(tally)}) for day, tally in tallies.items()]
    return PractitionerLoad(
        practitioner_id=who, facility_id=at, days=days, total=LoadRead.model_validate(asdict(total))
    )


def _has_begun(slot: Slot, ctx: Context) -> bool:
    """A timed slot is over for the desk once it began; a session's numbers are given until its end."""
    return slot.kind == "slot" and slot.starts_at < ctx.now()


def _tally(slot: Slot, minutes: float, *, is_over: bool) -> Tally:
    is_offered = slot.status != "leave"
    booked = len(slot.used) - slot.held
    return Tally(
        places=slot.places if is_offered else 0,
        booked=booked,
        held=slot.held,
        free=0 if is_over else slot.free,
        minutes_offered=round(minutes) if is_offered else 0,
        minutes_used=round(minutes * booked / slot.places),
    )


async def _walk_ins(
    ctx: Context, start: datetime, end: datetime, practitioner_ids: Collection[UUID], facilities: dict[UUID, Facility]
) -> dict[tuple[UUID, UUID, date], int]:
    """By practitioner, branch and day."""
    rows = await ctx.session.execute(
        select(Appointment.practitioner_id, Appointment.facility_id, Appointment.starts_at).where(
            Appointment.practitioner_id.in_(practitioner_ids), Appointment.starts_at >= start,
            Appointment.starts_at < end, holds_its_place(), Appointment.during.is_(None),
        )
    )  # fmt: skip
    counts: dict[tuple[UUID, UUID, date], int] = {}
    for who, at, starts_at in rows:
        if at in facilities:
            key = (who, at, local_day(starts_at, facilities[at].zone))
            counts[key] = counts.get(key, 0) + 1
    return counts
