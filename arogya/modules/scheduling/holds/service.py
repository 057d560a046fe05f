"""Keeping a place while a person fills the form: five minutes, seen by everybody, used up by the booking."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range

from arogya.modules.scheduling import booking_rules, reach
from arogya.modules.scheduling.appointments import holds, places
from arogya.modules.scheduling.appointments.booking import of_patient, of_practitioner, or_what_is_free, within_reach
from arogya.modules.scheduling.booking_rules import Rules
from arogya.modules.scheduling.events import PlaceHeld
from arogya.modules.scheduling.holds.lapsing import lapse
from arogya.modules.scheduling.holds.schemas import HoldPlace
from arogya.modules.scheduling.models import Hold
from arogya.modules.scheduling.refusals import PractitionerOnLeave, RoomTaken, SlotTaken
from arogya.modules.scheduling.slots import timetables
from arogya.modules.scheduling.slots.timetables import Timetable
from arogya.platform import jobs
from arogya.platform.access import Context
from arogya.platform.audit import Action
from arogya.platform.database import advisory_locks
from arogya.platform.errors import Invalid, NotFound
from arogya.policy import Permission

KEPT_FOR = timedelta(minutes=5)


async def hold(ctx: Context, request: HoldPlace) -> Hold:
    """Keep one place. Raises what `refusals` names; SlotTaken says what is free instead."""
    reach.require(ctx, Permission.APPOINTMENT_BOOK, request.facility_id)
    is_own = reach.is_own_only(ctx, Permission.APPOINTMENT_BOOK)
    if request.patient_id is not None:
        await of_patient(ctx, request.patient_id, is_own=is_own)
    elif is_own:
        raise Invalid.field("patient_id", "is needed", "required")
    practitioner = await of_practitioner(ctx, request.practitioner_id)
    starts_at = within_reach(ctx, request.starts_at)
    rules = await booking_rules.current(ctx)
    held = await or_what_is_free(ctx, practitioner, starts_at, lambda: _take(ctx, request, rules, is_own=is_own))
    ctx.audit(Action.CREATE, "hold", held.id, patient_id=held.patient_id)
    ctx.emit(PlaceHeld(practitioner_id=held.practitioner_id, facility_id=held.facility_id))
    await jobs.defer(ctx.session, lapse, at=held.expires_at, organization_id=ctx.organization_id, hold_id=held.id)
    return held


async def release(ctx: Context, hold_id: UUID) -> None:
    """Give the place back. Done twice, or too late, it does nothing; nor to another's."""
    if await holds.give_back(ctx, hold_id):
        ctx.audit(Action.DEACTIVATE, "hold", hold_id)


async def again(ctx: Context, hold_id: UUID) -> Hold:
    """What an earlier request with the same key took. Raises NotFound where it is over."""
    query = select(Hold).where(Hold.id == hold_id, Hold.user_id == ctx.user_id, Hold.expires_at > ctx.now())
    held = await ctx.session.scalar(query)
    if held is None:
        raise NotFound().about("hold", hold_id)
    return held


async def _take(ctx: Context, request: HoldPlace, rules: Rules, *, is_own: bool) -> Hold:
    """As a booking does: lock, then look, then choose."""
    practitioner_id, starts_at = request.practitioner_id, request.starts_at
    table = (await timetables.plans(ctx, [practitioner_id])).get(practitioner_id, Timetable())
    person = f"holder {ctx.user_id} {request.patient_id}"
    rooms = places.rooms_of(table.plans)
    days = places.place_locks(practitioner_id, rooms, *places.touched(starts_at, table.plans))
    await advisory_locks(ctx.session, [*days, person])
    await holds.leave_earlier(ctx, request.patient_id)
    await holds.sweep(ctx, practitioner_id, rooms)
    slot = await places.slot_at(
        ctx, practitioner_id, table, starts_at, facility_id=request.facility_id, mode=request.mode
    )
    plan = next(plan for plan in table.plans if plan.schedule_id == slot.schedule_id)
    reach.require(ctx, Permission.APPOINTMENT_BOOK, slot.facility_id)
    if is_own and request.patient_id is not None:
        slot = await places.within_patients_limits(ctx, request.patient_id, slot, plan, rules)
    if slot.status == "leave":
        raise PractitionerOnLeave
    if slot.is_room_taken:
        raise RoomTaken
    lane = places.lane_of(slot, plan, is_own=is_own)
    if lane is None:
        raise SlotTaken
    held = Hold(
        user_id=ctx.user_id, patient_id=request.patient_id, practitioner_id=practitioner_id,
        facility_id=slot.facility_id, room_id=slot.room_id, starts_at=slot.starts_at, ends_at=slot.ends_at,
        during=Range(slot.starts_at, slot.ends_at), lane=lane, expires_at=ctx.now() + KEPT_FOR,
    )  # fmt: skip
    ctx.add(held)
    await ctx.session.flush()
    return held
