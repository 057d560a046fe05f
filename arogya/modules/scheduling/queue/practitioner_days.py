"""The doctors' day at a branch: who is here, late, on a break or gone, and what that does to those who wait.

late, on a break: waits are counted from when the doctor is expected; the desk, the display and the patients' phones
show it, and those who wait are told. gone: no wait can be said, and nobody can walk in any more. Calling someone says
that the doctor is here.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from arogya.modules.organizations import api as organizations
from arogya.modules.organizations.api import Facility
from arogya.modules.scheduling import reach
from arogya.modules.scheduling.events import PractitionerDayChanged
from arogya.modules.scheduling.models import PractitionerDay
from arogya.modules.scheduling.queue.lines import Line, line_of, lines, todays_timetables
from arogya.modules.scheduling.queue.schemas import ChangeDay, PractitionersToday, PractitionerToday
from arogya.modules.scheduling.slots.timetables import Timetable, plans, timetables
from arogya.modules.scheduling.transitions import HOLDING, AppointmentStatus
from arogya.modules.staff import api as staff
from arogya.platform.access import Context
from arogya.platform.audit import Action
from arogya.platform.clock import day_bounds, local_day, new_id
from arogya.platform.errors import Forbidden, Invalid
from arogya.policy import Permission

LOOK_AHEAD = timedelta(days=14)
"""How far the list looks for a doctor's next free time."""


async def practitioners_today(ctx: Context, facility_id: UUID) -> PractitionersToday:
    """Everyone who has a session or a visit at the branch today, by name, services last; before them the doctor who
    asks, for who is at work sees whoever comes, whatever the schedule says. A dozen queries for any number.
    """
    if reach.is_own_only(ctx, Permission.QUEUE_READ):
        raise Forbidden
    facility = await organizations.facility(ctx.session, facility_id)
    reach.require(ctx, Permission.QUEUE_READ, facility_id)
    rows = await _rows(ctx, facility)
    mine = await _own(ctx, facility_id)
    if mine and all(row.practitioner_id != mine for row in rows):
        rows = [*await _rows(ctx, facility, [mine]), *rows]
    return PractitionersToday(items=rows)


async def change_day(ctx: Context, practitioner_id: UUID, request: ChangeDay) -> PractitionerToday:
    """Say how the doctor's day goes."""
    facility = await organizations.facility(ctx.session, request.facility_id)
    reach.require(ctx, Permission.QUEUE_CALL, facility.id)
    await refuse_elsewhere(ctx, practitioner_id, facility.id)
    line = await line_of(ctx, facility, practitioner_id)
    until = request.until if request.minutes is None else ctx.now() + timedelta(minutes=request.minutes)
    if until is not None and not ctx.now() < until < _end_of(line, facility):
        raise Invalid.field("until", "is not later today", "not_today")
    await _write(ctx, line, facility.id, request.state, until)
    (row,) = await _rows(ctx, facility, [practitioner_id])
    return row


async def is_at_work(ctx: Context, line: Line, facility_id: UUID) -> None:
    """Someone was called or went in: the doctor is here, whatever was said before."""
    if line.state != "here":
        await _write(ctx, line, facility_id, "here", None)


async def refuse_elsewhere(ctx: Context, practitioner_id: UUID, facility_id: UUID) -> staff.PractitionerCard:
    """The practitioner, who is active and has a room or a schedule at this branch. Raises NotFound, Invalid."""
    practitioner = await staff.practitioner(ctx, practitioner_id)
    if not practitioner.is_active or not await _is_here(ctx, practitioner, facility_id):
        raise Invalid.field("practitioner_id", "sees no patients at this branch", "not_at_this_branch")
    return practitioner


async def _own(ctx: Context, facility_id: UUID) -> UUID | None:
    """Who the reader is as a doctor of this branch."""
    if ctx.user_id is None or not ctx.may(Permission.VISIT_FULFIL, facility_id):
        return None
    mine = await staff.practitioner_of_user(ctx.session, ctx.user_id)
    return mine if mine and await _is_here(ctx, await staff.practitioner(ctx, mine), facility_id) else None


async def _is_here(ctx: Context, practitioner: staff.PractitionerCard, facility_id: UUID) -> bool:
    """Whether they have a room or a schedule at this branch."""
    return practitioner.at(facility_id) is not None or await _has_schedule(ctx, practitioner.id, facility_id)


async def _has_schedule(ctx: Context, practitioner_id: UUID, facility_id: UUID) -> bool:
    found = await plans(ctx, [practitioner_id])
    return any(plan.facility_id == facility_id for table in found.values() for plan in table.plans)


def _end_of(line: Line, facility: Facility) -> datetime:
    """When the day is over, or the night session that began on it."""
    return max([day_bounds(line.sitting.day, facility.zone)[1], *(session.ends_at for session in line.sessions)])


async def _write(ctx: Context, line: Line, facility_id: UUID, state: str, until: datetime | None) -> None:
    day = PractitionerDay
    now, changed = ctx.now(), {"state": state, "until": until, "updated_at": ctx.now(), "updated_by": ctx.user_id}
    first = insert(day).values(
        organization_id=ctx.organization_id, id=new_id(), practitioner_id=line.practitioner_id, facility_id=facility_id,
        day=line.sitting.day, version=1, created_at=now, created_by=ctx.user_id, **changed,
    )  # fmt: skip
    same = ["organization_id", "practitioner_id", "facility_id", "day"]
    await ctx.session.execute(
        first.on_conflict_do_update(index_elements=same, set_={**changed, "version": day.version + 1})
    )
    ctx.audit(Action.UPDATE, "practitioner_day", line.practitioner_id, details={"state": state})
    ctx.emit(PractitionerDayChanged(practitioner_id=line.practitioner_id, facility_id=facility_id))


async def _rows(ctx: Context, facility: Facility, only: Collection[UUID] | None = None) -> list[PractitionerToday]:
    """By name, services after doctors. only: these, whether they have something today or not."""
    found = await todays_timetables(ctx, facility, only)
    lines_ = await lines(ctx, facility, found, only)
    cards = await staff.practitioners(ctx, lines_)
    free = await _next_free(ctx, facility, lines_)
    doctors_first = sorted(cards.items(), key=lambda found: found[1].is_service)
    return [_row(lines_[who], card, facility.id, free.get(who)) for who, card in doctors_first]


def _row(line: Line, card: staff.PractitionerCard, facility_id: UUID, free: datetime | None) -> PractitionerToday:
    (room, floor), inside = line.room(card.at(facility_id)), line.inside
    return PractitionerToday.model_validate(
        {
            "practitioner_id": card.id,
            "kind": card.kind,
            "title": card.title,
            "name": card.name,
            "specialty": card.specialty,
            "specialty_hi": card.department_name_hi,
            "room": room,
            "floor": floor,
            "state": line.state,
            "until": line.until,
            "inside_number": inside.number if inside else None,
            "inside_status": inside.token_status if inside else None,
            "inside_token_id": inside.token_id if inside else None,
            "inside_appointment_id": inside.appointment_id if inside else None,
            "next_free": free,
            "waiting": len(line.next_numbers),
            "delay_minutes": line.delay_minutes,
            "seen": sum(1 for visit in line.visits if visit.visit_status == AppointmentStatus.FULFILLED),
            "booked": sum(1 for visit in line.visits if visit.visit_status in HOLDING),
            "next_numbers": line.next_numbers,
            "wait_minutes": line.newcomers_wait_minutes,
            "sessions": [
                {"starts_at": one.starts_at, "ends_at": one.ends_at, "kind": one.plan.kind} for one in line.sessions
            ],
            "leave": {"starts_at": line.leave[0], "ends_at": line.leave[1]} if line.leave else None,
        }
    )


async def _next_free(ctx: Context, facility: Facility, who: Iterable[UUID]) -> dict[UUID, datetime]:
    """Each one's next free time. Most have one today; only for the others are the coming days read.

    A token session that goes on is free from its start, which lies behind: past slots are never free.
    """
    now = ctx.now()
    today, tomorrow = day_bounds(local_day(now, facility.zone), facility.zone)
    free = await _free_between(ctx, facility, set(who), today, tomorrow)
    return {**await _free_between(ctx, facility, set(who) - set(free), tomorrow, now + LOOK_AHEAD), **free}


async def _free_between(
    ctx: Context, facility: Facility, who: Collection[UUID], start: datetime, end: datetime
) -> dict[UUID, datetime]:
    found = await timetables(ctx, start, end, who) if who else {}
    firsts = {
        one: _first_free(table.only(facility_id=facility.id), start, end, ctx.now()) for one, table in found.items()
    }
    return {one: first for one, first in firsts.items() if first is not None}


def _first_free(table: Timetable, start: datetime, end: datetime, now: datetime) -> datetime | None:
    return next((slot.starts_at for slot in table.slots(start, end, now) if slot.status == "free"), None)
