"""Leave and holidays, which take time away, and extra sessions, which add some."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, or_, select

from arogya.modules.organizations import api as organizations
from arogya.modules.scheduling import moments, reach
from arogya.modules.scheduling.events import ScheduleChanged
from arogya.modules.scheduling.models import Appointment, Schedule, ScheduleException
from arogya.modules.scheduling.schedules import service as schedules
from arogya.modules.scheduling.schedules.schemas import CreateException, ExceptionCreated, brief
from arogya.modules.scheduling.slots import timetables
from arogya.modules.scheduling.slots.computing import LONGEST
from arogya.modules.scheduling.transitions import HELD_OPEN
from arogya.modules.staff import api as staff
from arogya.platform.access import Context
from arogya.platform.audit import Action
from arogya.platform.database import advisory_locks
from arogya.platform.errors import Invalid, NotFound
from arogya.policy import Permission

LONGEST_LEAVE = timedelta(days=366)


async def add(ctx: Context, request: CreateException) -> ExceptionCreated:
    """Raises SessionsOverlap for an extra session at a time when the practitioner sits already."""
    if request.ends_at - request.starts_at > (timedelta(days=1) if request.kind == "extra" else LONGEST_LEAVE):
        raise Invalid.field("ends_at", "is too long after starts_at", "too_long")
    added = await whose(ctx, request)
    ctx.add(added)
    if added.kind == "extra" and added.practitioner_id is not None:
        await schedules.lock_timetable(ctx, added.practitioner_id)
        await ctx.session.flush()
        await schedules.refuse_overlap(ctx, added.practitioner_id)
        affected: Sequence[UUID] = ()
    else:
        await advisory_locks(ctx.session, await locks_of(ctx, added))
        await ctx.session.flush()
        affected = await _affected(ctx, added)
    ctx.audit(Action.CREATE, "schedule_exception", added.id, details={"kind": added.kind, "affected": len(affected)})
    ctx.emit(ScheduleChanged(practitioner_id=added.practitioner_id, facility_id=added.facility_id))
    return ExceptionCreated.model_validate({**brief(added), "affected": affected})


async def added_before(ctx: Context, exception_id: UUID) -> ExceptionCreated:
    """What a repeated request added the first time, with the open bookings that are inside now."""
    added = await _find(ctx, exception_id)
    affected = () if added.kind == "extra" else await _affected(ctx, added)
    return ExceptionCreated.model_validate({**brief(added), "affected": affected})


async def remove(ctx: Context, exception_id: UUID) -> None:
    """The time is as if it had never been; bookings of an extra session stay."""
    found = await _find(ctx, exception_id)
    if found.is_active:
        found.is_active = False
        ctx.audit(Action.DEACTIVATE, "schedule_exception", found.id)
        ctx.emit(ScheduleChanged(practitioner_id=found.practitioner_id, facility_id=found.facility_id))


def listed(
    ctx: Context,
    *,
    practitioner_id: UUID | None = None,
    facility_id: UUID | None = None,
    from_: date | datetime | None = None,
    to: date | datetime | None = None,
    zone: ZoneInfo,
    is_active: bool | None = True,
) -> Select[Any]:
    """Those that touch the time. facility_id: at that branch, or of practitioners everywhere."""
    at = ScheduleException
    query = select(*at.__table__.columns).order_by(at.starts_at, at.id)
    conditions: list[ColumnElement[bool]] = []
    facilities = ctx.facilities(Permission.SCHEDULE_READ)
    if ctx.actor.kind != "system" and facilities is not None:
        conditions.append(or_(at.facility_id.in_(facilities), at.facility_id.is_(None)))
    if practitioner_id is not None:
        conditions.append(at.practitioner_id == practitioner_id)
    if facility_id is not None:
        conditions.append(or_(at.facility_id == facility_id, at.facility_id.is_(None)))
    if from_ is not None:
        conditions.append(at.ends_at > moments.begins(from_, zone))
    if to is not None:
        conditions.append(at.starts_at < moments.ends(to, zone))
    if is_active is not None:
        conditions.append(at.is_active == is_active)
    return query.where(*conditions)


async def whose(ctx: Context, request: CreateException) -> ScheduleException:
    """The new row, after asking whether the actor may. An extra session is its schedule's."""
    added = ScheduleException(
        kind=request.kind, practitioner_id=request.practitioner_id, facility_id=request.facility_id,
        schedule_id=request.schedule_id, starts_at=request.starts_at, ends_at=request.ends_at, reason=request.reason,
        is_active=True,
    )  # fmt: skip
    if request.schedule_id is not None:
        schedule = await schedules.find(ctx, request.schedule_id)
        if not schedule.is_active:
            raise Invalid.field("schedule_id", "is not active any more")
        if request.practitioner_id not in (None, schedule.practitioner_id):
            raise Invalid.field("practitioner_id", "is not the schedule's")
        if request.facility_id not in (None, schedule.facility_id):
            raise Invalid.field("facility_id", "is not the schedule's")
        added.practitioner_id, added.facility_id = schedule.practitioner_id, schedule.facility_id
        return added
    if added.practitioner_id is not None:
        await staff.practitioner(ctx, added.practitioner_id)
    if added.facility_id is not None:
        await organizations.facility(ctx.session, added.facility_id)
    await _may_manage(ctx, added)
    return added


async def _find(ctx: Context, exception_id: UUID) -> ScheduleException:
    """For changing. Raises NotFound, Forbidden."""
    found = await ctx.session.get(ScheduleException, (ctx.organization_id, exception_id))
    if found is None:
        raise NotFound().about("schedule_exception", exception_id)
    await _may_manage(ctx, found)
    return found


async def _may_manage(ctx: Context, at: ScheduleException) -> None:
    """Leave everywhere is for who manages every branch where the practitioner sits."""
    if at.facility_id is not None:
        reach.require(ctx, Permission.SCHEDULE_MANAGE, at.facility_id)
        return
    where = select(Schedule.facility_id).where(Schedule.practitioner_id == at.practitioner_id, Schedule.is_active)
    for facility_id in set(await ctx.session.scalars(where)):
        reach.require(ctx, Permission.SCHEDULE_MANAGE, facility_id)


async def locks_of(ctx: Context, closing: ScheduleException) -> list[str]:
    """What bookings in this time lock: under them each is either refused, or seen among the affected."""
    days = moments.utc_days(closing.starts_at, closing.ends_at)
    return [f"practitioner {id_} {day}" for id_ in await _practitioners(ctx, closing) for day in days]


async def _practitioners(ctx: Context, closing: ScheduleException) -> Iterable[UUID]:
    if closing.practitioner_id is not None:
        return [closing.practitioner_id]
    found = await timetables.plans(ctx)
    return [id_ for id_, table in found.items() if table.only(facility_id=closing.facility_id).plans]


async def _affected(ctx: Context, closing: ScheduleException) -> Sequence[UUID]:
    return (await ctx.session.scalars(affected_ids(closing))).all()


def affected_ids(closing: ScheduleException) -> Select[UUID]:
    """The open bookings inside, by time."""
    at = Appointment
    query = select(at.id).where(
        at.starts_at >= closing.starts_at - LONGEST, at.starts_at < closing.ends_at, at.ends_at > closing.starts_at,
        at.status.in_(HELD_OPEN), at.during.is_not(None),
    )  # fmt: skip
    if closing.practitioner_id is not None:
        query = query.where(at.practitioner_id == closing.practitioner_id)
    if closing.facility_id is not None:
        query = query.where(at.facility_id == closing.facility_id)
    return query.order_by(at.starts_at, at.id)
