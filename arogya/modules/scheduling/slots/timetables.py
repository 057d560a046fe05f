"""What slots are made from, read for any number of practitioners in three queries.

Times are compared by b-tree ranges on starts_at: under row security PostgreSQL won't use an index for `during && …`.
"""

from bisect import insort
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ColumnElement,
    Uuid,
    and_,
    bindparam,
    cast,
    literal_column,
    not_,
    null,
    or_,
    select,
    union_all,
)

from arogya.modules.organizations.api import facilities_table, rooms_table
from arogya.modules.scheduling.models import (
    Appointment,
    Hold,
    OfferStatus,
    Schedule,
    ScheduleException,
    ScheduleSession,
    WaitlistOffer,
    holds_its_place,
)
from arogya.modules.scheduling.slots.computing import (
    LONGEST,
    Closure,
    Plan,
    RoomUse,
    Session,
    Slot,
    Taken,
    Weekly,
    as_patients_see,
    slots_of,
    weekly_sessions,
)
from arogya.platform.access import Context
from arogya.platform.database import is_one_of
from arogya.platform.prepared import prepare, rows


@dataclass(slots=True)
class Timetable:
    """One practitioner's plans and what stands in their way. taken: by starts_at.

    rooms: who has the rooms of the plans; one for all timetables that are read together.

    patients_from: slots are as patients see them, who may book from this moment on; None: as the desk sees them.
    """

    plans: list[Plan] = field(default_factory=list)
    extras: list[Session] = field(default_factory=list)
    closures: list[Closure] = field(default_factory=list)
    taken: list[Taken] = field(default_factory=list)
    patients_from: datetime | None = None
    rooms: dict[UUID, list[RoomUse]] = field(default_factory=dict)

    def sessions(self, start: datetime, end: datetime) -> list[Session]:
        """The sittings that touch [start, end), by time; leave is not taken off."""
        weekly = [session for plan in self.plans for session in weekly_sessions(plan, start, end)]
        extras = [s for s in self.extras if s.starts_at < end and s.ends_at > start]
        return sorted([*weekly, *extras], key=lambda s: s.starts_at)

    def slots(self, start: datetime, end: datetime, now: datetime) -> Iterator[Slot]:
        """The slots that begin in [start, end), by time."""
        plan_of = {plan.schedule_id: plan for plan in self.plans}
        sessions, within = self.sessions(start, end), (start, end)
        for slot in slots_of(sessions, self.closures, self.taken, now, self.rooms, within=within):
            if self.patients_from is None:
                yield slot
            elif (seen := as_patients_see(slot, plan_of[slot.schedule_id], self.patients_from)) is not None:
                yield seen

    def take(self, practitioner_id: UUID, slot: Slot, lane: int) -> None:
        """Whoever looks at it next, and at those that were read with it, sees the place as taken."""
        insort(self.taken, Taken(slot.starts_at, slot.ends_at, lane), key=attrgetter("starts_at"))
        if slot.room_id is not None:
            use = RoomUse(slot.starts_at, slot.ends_at, practitioner_id)
            insort(self.rooms.setdefault(slot.room_id, []), use, key=attrgetter("starts_at"))

    def only(self, *, facility_id: UUID | None = None, mode: str | None = None) -> "Timetable":
        """The same, for sittings at this branch and in this mode. What is taken elsewhere stays taken."""
        fits = [p for p in self.plans if facility_id in (None, p.facility_id) and mode in (None, p.mode)]
        ids = {p.schedule_id for p in fits}
        return replace(self, plans=fits, extras=[s for s in self.extras if s.plan.schedule_id in ids])


async def timetables(
    ctx: Context, start: datetime, end: datetime, practitioner_ids: Iterable[UUID] | None = None
) -> dict[UUID, Timetable]:
    """Those of the practitioners (None: all) who have a schedule, for making the slots of [start, end)."""
    found = await plans(ctx, practitioner_ids)
    await add_exceptions(ctx, found, start, end)
    await add_taken(ctx, found, start, end)
    return found


_PLANS = prepare(
    select(
        Schedule.id, Schedule.practitioner_id, Schedule.facility_id, facilities_table.c.time_zone,
        facilities_table.c.name, Schedule.kind, Schedule.mode, Schedule.slot_minutes, Schedule.places,
        Schedule.buffer_before_minutes, Schedule.buffer_after_minutes, Schedule.patients_may_book,
        Schedule.kept_for_desk, Schedule.extra_places, Schedule.valid_from, Schedule.valid_to, ScheduleSession.weekday,
        ScheduleSession.starts, ScheduleSession.ends, rooms_table.c.id.label("room_id"),
        rooms_table.c.name.label("room_name"), rooms_table.c.floor.label("room_floor"),
    )
    .join(
        facilities_table,
        and_(
            facilities_table.c.organization_id == Schedule.organization_id,
            facilities_table.c.id == Schedule.facility_id,
        ),
    )
    # A room that is closed is none: the session goes on without.
    .outerjoin(
        rooms_table,
        and_(
            rooms_table.c.organization_id == Schedule.organization_id, rooms_table.c.id == Schedule.room_id,
            rooms_table.c.is_active,
        ),
    )
    .outerjoin(
        ScheduleSession,
        and_(
            ScheduleSession.organization_id == Schedule.organization_id, ScheduleSession.schedule_id == Schedule.id
        ),
    )
    .where(Schedule.is_active, facilities_table.c.is_active)
    .order_by(Schedule.id, ScheduleSession.weekday, ScheduleSession.starts)
)  # fmt: skip
_PLANS_OF = prepare(_PLANS.where(is_one_of(Schedule.practitioner_id, "practitioner_ids")))
_EXCEPTIONS = prepare(
    select(
    ScheduleException.kind, ScheduleException.practitioner_id, ScheduleException.facility_id,
    ScheduleException.schedule_id, ScheduleException.starts_at, ScheduleException.ends_at,
).where(
    ScheduleException.is_active,
    ScheduleException.starts_at < bindparam("end"),
    ScheduleException.ends_at > bindparam("start"),
    or_(is_one_of(ScheduleException.practitioner_id, "practitioner_ids"), ScheduleException.practitioner_id.is_(None)),
)
)  # fmt: skip


_Standing = type[Appointment] | type[Hold] | type[WaitlistOffer]


def _standing(table: _Standing, held_by: Any, *conditions: Any) -> Any:
    return select(
        table.practitioner_id, table.starts_at, table.ends_at, table.lane, held_by.label("held_by"), table.room_id
    ).where(
        table.starts_at >= bindparam("earliest"),
        table.starts_at < bindparam("latest"),
        table.ends_at > bindparam("start"),
        *conditions,
    )


def _all_that_stand(whose: Callable[[_Standing], ColumnElement[bool]]) -> list[Any]:
    return [
        _standing(
            Appointment, cast(null(), Uuid), whose(Appointment), holds_its_place(), Appointment.during.is_not(None)
        ),
        _standing(Hold, Hold.user_id, whose(Hold), Hold.expires_at > bindparam("now")),
        # What has lapsed holds nothing, whether or not a job wrote so.
        _standing(
            WaitlistOffer,
            cast(null(), Uuid),
            whose(WaitlistOffer),
            WaitlistOffer.status == literal_column(f"'{OfferStatus.OFFERED.value}'"),
            WaitlistOffer.expires_at > bindparam("now"),
        ),
    ]


def _theirs(table: _Standing) -> ColumnElement[bool]:
    return is_one_of(table.practitioner_id, "practitioner_ids")


def _others_there(table: _Standing) -> ColumnElement[bool]:
    """Others in these rooms."""
    return and_(is_one_of(table.room_id, "room_ids"), not_(_theirs(table)))


_TAKEN = prepare(union_all(*_all_that_stand(_theirs)).order_by("starts_at"))
_TAKEN_AND_ROOMS = prepare(union_all(*_all_that_stand(_theirs), *_all_that_stand(_others_there)).order_by("starts_at"))


async def plans(ctx: Context, practitioner_ids: Iterable[UUID] | None = None) -> dict[UUID, Timetable]:
    """The active schedules with their weekly sessions; nothing in their way yet."""
    if practitioner_ids is None:
        found_rows = await rows(ctx.session, _PLANS)
    else:
        found_rows = await rows(ctx.session, _PLANS_OF, {"practitioner_ids": list(practitioner_ids)})
    weekly: dict[UUID, list[Weekly]] = {}
    found: dict[UUID, Timetable] = {}
    for row in found_rows:
        if row.id not in weekly:
            weekly[row.id] = []
            found.setdefault(row.practitioner_id, Timetable()).plans.append(_plan(row, weekly[row.id]))
        if row.weekday is not None:
            weekly[row.id].append(Weekly(row.weekday, row.starts, row.ends))
    return found


def _plan(row: Any, weekly: Sequence[Weekly]) -> Plan:
    return Plan(
        schedule_id=row.id, practitioner_id=row.practitioner_id, facility_id=row.facility_id,
        zone=ZoneInfo(row.time_zone), kind=row.kind, mode=row.mode, slot_minutes=row.slot_minutes, places=row.places,
        valid_from=row.valid_from, valid_to=row.valid_to, sessions=weekly, facility_name=row.name,
        before=timedelta(minutes=row.buffer_before_minutes), after=timedelta(minutes=row.buffer_after_minutes),
        patients_may_book=row.patients_may_book, kept_for_desk=row.kept_for_desk, extra_places=row.extra_places,
        room_id=row.room_id, room_name=row.room_name, room_floor=row.room_floor,
    )  # fmt: skip


async def add_exceptions(ctx: Context, to: dict[UUID, Timetable], start: datetime, end: datetime) -> None:
    """Put leave, holidays and extra sessions that touch [start, end) into the timetables."""
    if not to:
        return
    told = {"start": start, "end": end, "practitioner_ids": list(to)}
    plan_of = {plan.schedule_id: plan for one in to.values() for plan in one.plans}
    for row in await rows(ctx.session, _EXCEPTIONS, told):
        if row.kind != "extra":
            closure = Closure(row.starts_at, row.ends_at, row.practitioner_id, row.facility_id)
            for one in to.values() if row.practitioner_id is None else [to[row.practitioner_id]]:
                one.closures.append(closure)
        elif row.schedule_id in plan_of:
            plan = plan_of[row.schedule_id]
            to[plan.practitioner_id].extras.append(Session(plan, row.starts_at, row.ends_at, is_extra=True))


async def add_taken(ctx: Context, to: dict[UUID, Timetable], start: datetime, end: datetime) -> None:
    """Put the places that are taken by whoever overlaps a slot that begins in [start, end), or the time kept free
    around it, into the timetables; and who has the rooms."""
    if not to:
        return
    all_plans = [plan for one in to.values() for plan in one.plans]
    told = {
        "earliest": start - LONGEST, "latest": end + longest(all_plans), "start": start - longest_before(all_plans),
        "now": ctx.now(), "practitioner_ids": list(to),
    }  # fmt: skip
    whose = _whose_rooms(all_plans)
    rooms: dict[UUID, list[RoomUse]] = {room_id: [] for room_id in whose}
    found = (
        await rows(ctx.session, _TAKEN_AND_ROOMS, {**told, "room_ids": list(rooms)})
        if rooms
        else await rows(ctx.session, _TAKEN, told)
    )
    for practitioner_id, starts_at, ends_at, lane, held_by, room_id in found:
        own = to.get(practitioner_id)
        if own is not None:
            own.taken.append(Taken(starts_at, ends_at, lane, held_by))
        # Most rooms are one practitioner's, and in nobody's way there.
        if room_id in rooms and whose[room_id] != practitioner_id:
            rooms[room_id].append(RoomUse(starts_at, ends_at, practitioner_id))
    for one in to.values():
        one.rooms = rooms


def _whose_rooms(plans: Iterable[Plan]) -> dict[UUID, UUID | None]:
    """The rooms of these plans, with the one practitioner who sits there; None: several do."""
    whose: dict[UUID, UUID | None] = {}
    for plan in plans:
        if plan.room_id is not None:
            known = whose.setdefault(plan.room_id, plan.practitioner_id)
            whose[plan.room_id] = known if known == plan.practitioner_id else None
    return whose


def longest(plans: Iterable[Plan]) -> timedelta:
    """No slot of these plans is longer, with the time that is kept free after it."""
    return max((LONGEST if p.kind == "tokens" else p.slot_length + p.after for p in plans), default=timedelta(0))


def longest_before(plans: Iterable[Plan]) -> timedelta:
    """The most that is kept free before a slot."""
    return max((p.before for p in plans if p.kind == "slots"), default=timedelta(0))


async def sessions_between(
    ctx: Context,
    start: datetime,
    end: datetime,
    *,
    practitioner_ids: Iterable[UUID] | None = None,
    facility_id: UUID | None = None,
) -> list[Session]:
    """The sittings that touch [start, end), by time, the extra ones too; leave is not taken off."""
    found = await plans(ctx, practitioner_ids)
    await add_exceptions(ctx, found, start, end)
    sessions = [s for one in found.values() for s in one.only(facility_id=facility_id).sessions(start, end)]
    return sorted(sessions, key=lambda s: s.starts_at)
