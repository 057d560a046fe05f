"""Finding a time: one practitioner's slots, and who of all is free next."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from uuid import UUID
from zoneinfo import ZoneInfo

from arogya.modules.organizations import api as organizations
from arogya.modules.organizations.api import Facility
from arogya.modules.scheduling import booking_rules, moments, reach
from arogya.modules.scheduling.booking_rules import Rules
from arogya.modules.scheduling.slots.computing import Slot
from arogya.modules.scheduling.slots.schemas import Availability, FoundPractitioner, NextSlot, SlotRead
from arogya.modules.scheduling.slots.timetables import Timetable, add_exceptions, add_taken, plans, timetables
from arogya.modules.staff import api as staff
from arogya.platform.access import Context
from arogya.platform.clock import day_bounds, local_day
from arogya.platform.errors import Invalid
from arogya.policy import Permission

MOST_DAYS = 62
SHOWN = 3
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Asked:
    """From when to when slots are wanted. days_ahead: how far patients see; None: no limit."""

    from_: date | datetime | None
    to: date | datetime | None
    days_ahead: int | None

    def window(self, zone: ZoneInfo, now: datetime) -> tuple[datetime, datetime]:
        """In moments, by the branch's own days. Raises Invalid for more than MOST_DAYS."""
        today = local_day(now, zone)
        first = self.from_ or today
        last = self.to or (local_day(first, zone) if isinstance(first, datetime) else first)
        start, end = moments.begins(first, zone), moments.ends(last, zone)
        if end - start > MOST_DAYS * _DAY + timedelta(hours=1):
            raise Invalid.field("to", f"is more than {MOST_DAYS} days after from", "too_long")
        if self.days_ahead is not None:
            end = min(end, moments.ends(today + self.days_ahead * _DAY, zone))
        return start, end


async def patients_rules(ctx: Context) -> Rules | None:
    """What limits the actor who books for themselves; None: the desk, which nothing does."""
    return await booking_rules.current(ctx) if reach.is_own_only(ctx, Permission.SLOT_READ) else None


def see_as(tables: Iterable[Timetable], rules: Rules | None, now: datetime) -> None:
    """Let slots be what the actor may book."""
    for table in tables:
        table.patients_from = rules.earliest(now) if rules else None


async def slots_between(
    ctx: Context,
    practitioner_id: UUID,
    from_: date | datetime | None,
    to: date | datetime | None,
    *,
    facility_id: UUID | None = None,
    mode: str | None = None,
) -> list[SlotRead]:
    """The slots that begin in the time, in order. Patients see no further than they may book.

    from_ None: today. to None: until the end of the day on which `from_` is.
    """
    table = (await plans(ctx, [practitioner_id])).get(practitioner_id)
    if table is None:
        await staff.practitioner(ctx, practitioner_id)
        return []
    rules = await patients_rules(ctx)
    see_as([table], rules, ctx.now())
    asked = Asked(from_, to, rules.days_ahead if rules else None)
    windows = {plan.schedule_id: asked.window(plan.zone, ctx.now()) for plan in table.plans}
    start, end = min(w[0] for w in windows.values()), max(w[1] for w in windows.values())
    await add_exceptions(ctx, {practitioner_id: table}, start, end)
    await add_taken(ctx, {practitioner_id: table}, start, end)
    fitting = table.only(facility_id=facility_id, mode=mode)
    return [
        _shown(slot, ctx.user_id)
        for slot in fitting.slots(start, end, ctx.now())
        if windows[slot.schedule_id][0] <= slot.starts_at < windows[slot.schedule_id][1]
    ]


def _shown(slot: Slot, user_id: UUID | None) -> SlotRead:
    read = SlotRead.model_validate(slot, from_attributes=True)
    if user_id in slot.holders:
        read.is_held_by_you = True
    return read


async def availability(
    ctx: Context,
    *,
    from_: date | None = None,
    days: int = 14,
    search: str = "",
    department_id: UUID | None = None,
    facility_id: UUID | None = None,
    kind: str | None = None,
) -> list[Availability]:
    """Practitioners by when they are free next, at each branch where they sit; whoever is not free, last.

    kind: practitioner or service; None: both.

    However many practitioners and days: a fixed number of queries.
    """
    cards = await staff.practitioners(ctx, search=search, department_id=department_id, is_active=True, kind=kind)
    facilities = await organizations.facilities(ctx.session, None if facility_id is None else [facility_id])
    if not cards or not facilities:
        return []
    rules = await patients_rules(ctx)
    limit = rules.days_ahead if rules else None
    asked = Asked(from_, None if from_ is None else from_ + (days - 1) * _DAY, limit)
    if from_ is None:
        today = local_day(ctx.now(), next(iter(facilities.values())).zone)
        asked = Asked(ctx.now(), today + (days - 1) * _DAY, limit)
    windows = {id_: asked.window(facility.zone, ctx.now()) for id_, facility in facilities.items()}
    start, end = min(w[0] for w in windows.values()), max(w[1] for w in windows.values())
    tables = await timetables(ctx, start, end, cards)
    see_as(tables.values(), rules, ctx.now())
    found = [
        _availability(ctx, cards[id_], facilities[at], table.only(facility_id=at), windows[at])
        for id_, table in tables.items()
        for at in dict.fromkeys(plan.facility_id for plan in table.plans)
        if at in facilities
    ]
    return sorted(found, key=lambda one: (not one.next, one.next[0].starts_at if one.next else end))


def _availability(
    ctx: Context, card: staff.PractitionerCard, facility: Facility, table: Timetable, window: tuple[datetime, datetime]
) -> Availability:
    return Availability(
        practitioner=FoundPractitioner.model_validate(card, from_attributes=True),
        facility_id=facility.id,
        facility_name=facility.name,
        next=[
            NextSlot.model_validate(slot, from_attributes=True)
            for slot in islice(_first_free_day(table, facility.zone, window, ctx.now()), SHOWN)
        ],
    )


def _first_free_day(
    table: Timetable, zone: ZoneInfo, window: tuple[datetime, datetime], now: datetime
) -> Iterator[Slot]:
    """The free slots of the first day that has any; the days after it are never made."""
    start, end = window
    day = local_day(start, zone)
    while day_bounds(day, zone)[0] < end:
        opens, closes = day_bounds(day, zone)
        free = [s for s in table.slots(max(opens, start), min(closes, end), now) if s.status == "free"]
        if free:
            yield from free
            return
        day += _DAY
