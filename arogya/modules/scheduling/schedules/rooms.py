"""A schedule's room: what is booked follows it, and who else sits there at the same time is worth a warning."""

from datetime import UTC, datetime, time, timedelta

from sqlalchemy import update

from arogya.modules.scheduling.models import Appointment, Schedule
from arogya.modules.scheduling.schedules.schemas import RoomShared
from arogya.modules.scheduling.slots import timetables
from arogya.modules.scheduling.slots.computing import Plan, Session, overlapping, weekly_sessions
from arogya.modules.scheduling.transitions import HELD_OPEN
from arogya.modules.staff import api as staff
from arogya.platform.access import Context
from arogya.platform.audit import Action

_A_WEEK = timedelta(days=8)
"""Sessions come again each week: after one, with the night into the next, there is nothing new to see."""


async def take_bookings_along(ctx: Context, schedule: Schedule) -> None:
    """Who is booked from now on is sent to the schedule's room, too; what stands in the doctor's way is the room only.

    Raises RoomTaken, by the schema's last word, where another's patient is there then: nothing is changed.
    """
    at = Appointment
    coming = (
        update(at)
        .where(
            at.schedule_id == schedule.id, at.starts_at > ctx.now(), at.status.in_(sorted(HELD_OPEN)),
            at.room_id.is_distinct_from(schedule.room_id),
        )
        .values(room_id=schedule.room_id)
        .returning(at.id)
    )  # fmt: skip
    moved = (await ctx.session.scalars(coming)).all()
    if moved:
        ctx.audit(Action.UPDATE, "appointment", *moved, details={"fields": ["room_id"]})


async def shared_room(ctx: Context, schedule: Schedule) -> list[RoomShared]:
    """Other practitioners' schedules whose weekly sessions are held in this one's room while it is used."""
    if schedule.room_id is None or not schedule.is_active:
        return []
    there = [plan for table in (await timetables.plans(ctx)).values() for plan in table.plans
             if plan.room_id == schedule.room_id]  # fmt: skip
    mine = next((plan for plan in there if plan.schedule_id == schedule.id), None)
    if mine is None:
        return []
    both = [(plan, _first_together(mine, plan, ctx.now())) for plan in there
            if plan.practitioner_id != mine.practitioner_id]  # fmt: skip
    names = await staff.practitioners(ctx, {plan.practitioner_id for plan, _ in both})
    return [
        RoomShared(
            schedule_id=plan.schedule_id, practitioner_id=plan.practitioner_id,
            practitioner_name=names[plan.practitioner_id].display_name, starts_at=at,
        )
        for plan, at in both
        if at is not None
    ]  # fmt: skip


def _first_together(one: Plan, other: Plan, now: datetime) -> datetime | None:
    """When both sit there for the first time."""
    begins = [datetime.combine(plan.valid_from, time(), UTC) - timedelta(days=1) for plan in (one, other)]
    start = max(now, *begins)
    sessions: list[Session] = [s for plan in (one, other) for s in weekly_sessions(plan, start, start + _A_WEEK)]
    found = overlapping(sessions)
    return max(found[0].starts_at, found[1].starts_at) if found else None
