"""When practitioners see patients: schedules of weekly sessions, of which no two of one practitioner overlap."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm.attributes import flag_modified

from arogya.modules.organizations import api as organizations
from arogya.modules.scheduling import reach
from arogya.modules.scheduling.events import ScheduleChanged
from arogya.modules.scheduling.models import Schedule, ScheduleSession
from arogya.modules.scheduling.refusals import SessionsOverlap
from arogya.modules.scheduling.schedules.reads import read
from arogya.modules.scheduling.schedules.rooms import shared_room, take_bookings_along
from arogya.modules.scheduling.schedules.schemas import ChangeSchedule, CreateSchedule, ScheduleRead, WeeklySession
from arogya.modules.scheduling.slots import timetables
from arogya.modules.scheduling.slots.computing import Plan, Session, overlapping
from arogya.modules.staff import api as staff
from arogya.platform.access import Context
from arogya.platform.audit import Action
from arogya.platform.clock import local_day
from arogya.platform.database import advisory_locks
from arogya.platform.errors import Invalid, NotFound
from arogya.platform.etags import check_version
from arogya.policy import Permission

COMPARED = timedelta(days=400)
"""How far two schedules are laid over each other: a year of weeks, with every change of the clocks in it."""


async def create(ctx: Context, request: CreateSchedule) -> ScheduleRead:
    """Raises SessionsOverlap, NotFound."""
    reach.require(ctx, Permission.SCHEDULE_MANAGE, request.facility_id)
    await staff.practitioner(ctx, request.practitioner_id)
    facility = await organizations.facility(ctx.session, request.facility_id)
    await _check_room(ctx, request.room_id, facility.id)
    schedule = Schedule(
        practitioner_id=request.practitioner_id, facility_id=request.facility_id, room_id=request.room_id,
        kind=request.kind, mode=request.mode,
        slot_minutes=request.slot_minutes, places=request.places, buffer_before_minutes=request.buffer_before_minutes,
        buffer_after_minutes=request.buffer_after_minutes, patients_may_book=request.patients_may_book,
        kept_for_desk=request.kept_for_desk, extra_places=request.extra_places,
        valid_from=request.valid_from or local_day(ctx.now(), facility.zone), valid_to=request.valid_to, is_active=True,
    )  # fmt: skip
    await lock_timetable(ctx, schedule.practitioner_id)
    ctx.add(schedule)
    await ctx.session.flush()
    _add_sessions(ctx, schedule, request.sessions)
    return await _saved(ctx, schedule, Action.CREATE, request.model_fields_set)


async def change(ctx: Context, schedule_id: UUID, request: ChangeSchedule, if_match: str | None) -> ScheduleRead:
    """Appointments that are booked already stay as they are, but for a new room, which they take too.

    Raises SessionsOverlap, RoomTaken.
    """
    schedule = await find(ctx, schedule_id)
    await lock_timetable(ctx, schedule.practitioner_id)
    await ctx.session.refresh(schedule)
    check_version(schedule, if_match)
    is_new_room = "room_id" in request.model_fields_set and request.room_id != schedule.room_id
    if is_new_room:
        await _check_room(ctx, request.room_id, schedule.facility_id)
    for name in request.model_fields_set - {"sessions"}:
        value = getattr(request, name)
        if value is None and name not in {"valid_to", "room_id"}:
            raise Invalid.field(name, "may not be empty", "required")
        setattr(schedule, name, value)
    if schedule.valid_to is not None and schedule.valid_to < schedule.valid_from:
        raise Invalid.field("valid_to", "is before valid_from")
    if schedule.kept_for_desk > schedule.places:
        raise Invalid.field("kept_for_desk", "is more than there are places")
    if is_new_room:
        await ctx.session.flush()
        await take_bookings_along(ctx, schedule)
    flag_modified(schedule, "updated_at")  # new sessions alone are a change of the schedule, too
    if request.sessions is not None:
        await ctx.session.execute(delete(ScheduleSession).where(ScheduleSession.schedule_id == schedule.id))
        _add_sessions(ctx, schedule, request.sessions)
    return await _saved(ctx, schedule, Action.UPDATE, request.model_fields_set)


async def deactivate(ctx: Context, schedule_id: UUID) -> None:
    """No new bookings; those that are there stay."""
    schedule = await find(ctx, schedule_id)
    if schedule.is_active:
        schedule.is_active = False
        _changed(ctx, schedule, Action.DEACTIVATE)


async def reactivate(ctx: Context, schedule_id: UUID) -> ScheduleRead:
    """Raises SessionsOverlap where others sit there now."""
    schedule = await find(ctx, schedule_id)
    await lock_timetable(ctx, schedule.practitioner_id)
    schedule.is_active = True
    return await _saved(ctx, schedule, Action.REACTIVATE, ())


async def find(ctx: Context, schedule_id: UUID) -> Schedule:
    """For changing. Raises NotFound, Forbidden."""
    schedule = await ctx.session.get(Schedule, (ctx.organization_id, schedule_id))
    if schedule is None:
        raise NotFound().about("schedule", schedule_id)
    reach.require(ctx, Permission.SCHEDULE_MANAGE, schedule.facility_id)
    return schedule


async def lock_timetable(ctx: Context, practitioner_id: UUID) -> None:
    """Two who change one practitioner's sessions take turns: each must see what the other did."""
    await advisory_locks(ctx.session, [f"timetable {practitioner_id}"])


async def refuse_overlap(ctx: Context, practitioner_id: UUID) -> None:
    """Raise SessionsOverlap where two sittings of this practitioner, weekly or extra, would be held at once."""
    table = (await timetables.plans(ctx, [practitioner_id])).get(practitioner_id)
    if table is None:
        return
    starts = _looked_from(table.plans, ctx.now() - timedelta(days=1))
    await timetables.add_exceptions(ctx, {practitioner_id: table}, starts[0], starts[-1] + COMPARED)
    for start in starts:
        _refuse(overlapping(table.sessions(start, start + COMPARED)))


def _looked_from(plans: Iterable[Plan], now: datetime) -> list[datetime]:
    """Now, and when each schedule that comes later begins."""
    begins = (datetime.combine(plan.valid_from, time(), UTC) - timedelta(days=1) for plan in plans)
    return sorted({now, *(begin for begin in begins if begin > now)})


def _refuse(both: tuple[Session, Session] | None) -> None:
    if both is not None:
        one, other = both
        raise SessionsOverlap(
            extra={
                "schedule_ids": [one.plan.schedule_id, other.plan.schedule_id],
                "starts_at": max(one.starts_at, other.starts_at).isoformat(),
            }
        )


def _add_sessions(ctx: Context, schedule: Schedule, sessions: Sequence[WeeklySession]) -> None:
    ctx.add(
        *(ScheduleSession(schedule_id=schedule.id, weekday=s.weekday, starts=s.starts, ends=s.ends) for s in sessions)
    )


async def _saved(ctx: Context, schedule: Schedule, action: Action, fields: Iterable[str]) -> ScheduleRead:
    await ctx.session.flush()
    await refuse_overlap(ctx, schedule.practitioner_id)
    _changed(ctx, schedule, action, fields)
    saved = await read(ctx, schedule.id)
    saved.warnings = await shared_room(ctx, schedule)
    return saved


async def _check_room(ctx: Context, room_id: UUID | None, facility_id: UUID) -> None:
    """Raises Invalid for one that is closed, or not of this branch."""
    if room_id is None:
        return
    room = (await organizations.rooms(ctx.session, [room_id])).get(room_id)
    if room is None or not room.is_active or room.facility_id != facility_id:
        raise Invalid.field("room_id", "is no room of this branch", "no_such_room")


def _changed(ctx: Context, schedule: Schedule, action: Action, fields: Iterable[str] = ()) -> None:
    ctx.audit(action, "schedule", schedule.id, details={"fields": sorted(fields)} if fields else None)
    ctx.emit(ScheduleChanged(practitioner_id=schedule.practitioner_id, facility_id=schedule.facility_id))
