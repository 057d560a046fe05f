"""Taking a place: lock, then look, then choose; the schema's exclusion constraints have the last word.

What is read before the lock misses what its last holder committed, so nothing that decides is read before it. All
bookings that could exclude each other share a lock: that of a practitioner and a UTC day, or of a patient and a UTC
day, or of a room and a UTC day. The locks are taken in one order, in one statement. Holds take the practitioner's and
the room's, and each counts the other.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from sqlalchemy import Row, bindparam, func, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.exc import DBAPIError

from arogya.modules.patients import api as patients
from arogya.modules.patients.api import PatientIdentity
from arogya.modules.scheduling import fees, reach
from arogya.modules.scheduling.appointments import holds
from arogya.modules.scheduling.booking_rules import Rules
from arogya.modules.scheduling.models import Appointment, QueueToken, holds_its_place
from arogya.modules.scheduling.moments import utc_days
from arogya.modules.scheduling.refusals import (
    AlreadyInSession,
    InThePast,
    NoSuchSlot,
    PatientBusy,
    PractitionerOnLeave,
    RoomTaken,
    SlotTaken,
    TooFarAhead,
    TooManyOpen,
    TooShortNotice,
)
from arogya.modules.scheduling.slots import timetables
from arogya.modules.scheduling.slots.computing import LONGEST, Plan, Slot, as_patients_see, extra_lane, free_lane
from arogya.modules.scheduling.slots.timetables import Timetable
from arogya.modules.scheduling.transitions import HELD_OPEN
from arogya.modules.staff.api import PractitionerCard
from arogya.platform.access import Context
from arogya.platform.clock import local_day
from arogya.platform.database import advisory_locks, is_one_of
from arogya.platform.errors import Problem
from arogya.platform.prepared import prepare, rows
from arogya.platform.writing import made, savepoint, write_now
from arogya.policy import Permission

_DEADLOCK = "40P01"
_INSTANT = timedelta(microseconds=1)
_OPEN_VISITS = select(func.count()).where(
    is_one_of(Appointment.patient_id, "record_ids"),
    Appointment.starts_at >= bindparam("now"),
    Appointment.status.in_(sorted(HELD_OPEN)),
)
_VISITS_DURING = prepare(
    select(Appointment.id, Appointment.kind, Appointment.practitioner_id, Appointment.starts_at)
    .where(
        is_one_of(Appointment.patient_id, "record_ids"),
        Appointment.starts_at >= bindparam("earliest"),
        Appointment.starts_at < bindparam("end"),
        Appointment.ends_at > bindparam("start"),
        holds_its_place(),
        Appointment.during.is_not(None),
    )
    .order_by(Appointment.starts_at, Appointment.id)
)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be booked, by people who are known to be there. is_own: the patient books, not the desk.

    facility_id, mode None: whatever the schedule says. moved_from_id: the visit that gives way to this one, whose days
    are locked too by `other_locks`. hold_id: the hold that the booking uses up.
    """

    patient: PatientIdentity
    practitioner: PractitionerCard
    starts_at: datetime
    status: str
    is_own: bool
    facility_id: UUID | None = None
    mode: str | None = None
    reason: str = ""
    notes: str = ""
    override_reason: str | None = None
    moved_from_id: UUID | None = None
    other_locks: tuple[str, ...] = ()
    hold_id: UUID | None = None
    series_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What was read while a place was taken, so that the answer needs no reading.

    overlapping: the patient's visits at the same time that did not stand in the way.
    """

    patient: PatientIdentity
    practitioner: PractitionerCard
    facility_name: str
    fee: fees.Fee
    room: str | None
    overlapping: tuple[UUID, ...] = ()
    token: QueueToken | None = None


@dataclass(frozen=True, slots=True)
class Placed:
    """A new appointment. known None: it was made by an earlier request, or has changed since."""

    appointment: Appointment
    known: Known | None = None

    @property
    def id(self) -> UUID:
        return self.appointment.id


async def in_savepoint(ctx: Context, do: Callable[[], Awaitable[T]]) -> T:
    """Do it; once more where PostgreSQL ended it to break a deadlock. What is refused lets go of its locks."""
    try:
        async with savepoint(ctx.session):
            return await do()
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != _DEADLOCK:
            raise
    async with savepoint(ctx.session):
        return await do()


def day_locks(
    practitioner_id: UUID, patient_id: UUID, rooms: Iterable[UUID | None], start: datetime, end: datetime
) -> list[str]:
    """What all who want this doctor's, this patient's or these rooms' time in [start, end) lock."""
    return [
        *place_locks(practitioner_id, rooms, start, end),
        *(f"patient {patient_id} {day}" for day in utc_days(start, end)),
    ]


def place_locks(practitioner_id: UUID, rooms: Iterable[UUID | None], start: datetime, end: datetime) -> list[str]:
    """The same, whoever it is for. rooms: those in which the doctor might sit then; None is none."""
    whose = [f"practitioner {practitioner_id}", *(f"room {room}" for room in set(rooms) if room is not None)]
    return [f"{one} {day}" for one in whose for day in utc_days(start, end)]


def rooms_of(plans: Iterable[Plan]) -> set[UUID | None]:
    return {plan.room_id for plan in plans}


def touched(starts_at: datetime, plans: Sequence[Plan]) -> tuple[datetime, datetime]:
    """All the time that a slot of these plans beginning then could want, with what is kept free around it."""
    return starts_at - timetables.longest_before(plans), starts_at + timetables.longest(plans) + _INSTANT


async def take_place(
    ctx: Context, wish: Wish, rules: Rules, give_way: Callable[[], Awaitable[None]] | None = None
) -> Placed:
    """Lock the days, choose a lane, take it. To be run in a savepoint.

    give_way: what must happen under the lock before the place is chosen. Raises what `refusals` names.
    """
    table = (await timetables.plans(ctx, [wish.practitioner.id])).get(wish.practitioner.id, Timetable())
    await advisory_locks(ctx.session, _locks(wish, table.plans))
    if give_way is not None:
        await give_way()
    await holds.use_up(
        ctx, wish.hold_id, patient_id=wish.patient.id, practitioner_id=wish.practitioner.id, starts_at=wish.starts_at
    )
    slot = await slot_at(ctx, wish.practitioner.id, table, wish.starts_at, facility_id=wish.facility_id, mode=wish.mode)
    plan = next(plan for plan in table.plans if plan.schedule_id == slot.schedule_id)
    reach.require(ctx, Permission.APPOINTMENT_BOOK, slot.facility_id)
    if wish.is_own:
        slot = await within_patients_limits(ctx, wish.patient.id, slot, plan, rules)
    overlapping = await _visits_during(ctx, wish, slot)
    lane = lane_of(slot, plan, is_own=wish.is_own)
    hindrance = _hindrance(wish, slot, lane, overlapping)
    if hindrance is not None:
        if wish.override_reason is None:
            raise hindrance
        reach.require(ctx, Permission.APPOINTMENT_OVERRIDE, slot.facility_id)
    fee = await fees.reckon(ctx, wish.patient.id, wish.practitioner, local_day(slot.starts_at, plan.zone), rules)
    appointment = new_appointment(
        wish, slot, fee, lane=lane, extra_places=plan.extra_places, is_override=hindrance is not None
    )  # fmt: skip
    await write_now(ctx.session, appointment)
    beside = tuple(visit.id for visit in overlapping)
    room = plan.room_name if appointment.room_id else None
    return Placed(appointment, Known(wish.patient, wish.practitioner, plan.facility_name, fee, room, beside))


def _locks(wish: Wish, plans: Sequence[Plan]) -> list[str]:
    """Of the practitioner's, the patient's and the rooms' days that any of these slots could touch."""
    start, end = touched(wish.starts_at, plans)
    names = [*day_locks(wish.practitioner.id, wish.patient.id, rooms_of(plans), start, end), *wish.other_locks]
    return [*names, f"patient {wish.patient.id} open"] if wish.is_own else names


async def slot_at(
    ctx: Context,
    practitioner_id: UUID,
    table: Timetable,
    start: datetime,
    *,
    facility_id: UUID | None,
    mode: str | None,
) -> Slot:
    """The slot that begins then, with who has it now. Raises InThePast, NoSuchSlot."""
    only = {practitioner_id: table}
    await timetables.add_exceptions(ctx, only, start, start + timetables.longest(table.plans) + _INSTANT)
    await timetables.add_taken(ctx, only, start, start + _INSTANT)
    fitting = table.only(facility_id=facility_id, mode=mode)
    slot = next(iter(fitting.slots(start, start + _INSTANT, ctx.now())), None)
    if (slot is None and start < ctx.now()) or (slot is not None and slot.status == "past"):
        raise InThePast
    if slot is None:
        raise NoSuchSlot
    return slot


def lane_of(slot: Slot, plan: Plan, *, is_own: bool) -> int | None:
    """The place that is to be taken; None: there is none. Patients get none that is kept for the desk."""
    if is_own:
        return free_lane(slot) if slot.free else None
    return free_lane(slot) or extra_lane(slot, plan.extra_places)


async def within_patients_limits(ctx: Context, patient_id: UUID, slot: Slot, plan: Plan, rules: Rules) -> Slot:
    """The slot as patients see it, within what a hospital allows them to book by themselves.

    Raises NoSuchSlot, TooShortNotice, TooFarAhead, TooManyOpen.
    """
    seen = as_patients_see(slot, plan, rules.earliest(ctx.now()))
    if seen is None:
        raise NoSuchSlot
    if slot.starts_at < rules.earliest(ctx.now()):
        raise TooShortNotice(extra={"min_notice_minutes": rules.min_notice_minutes})
    last_day = local_day(ctx.now(), plan.zone) + timedelta(days=rules.days_ahead)
    if local_day(slot.starts_at, plan.zone) > last_day:
        raise TooFarAhead(extra={"last_day": last_day.isoformat()})
    record_ids = await patients.record_ids(ctx.session, patient_id)
    open_now = await ctx.session.scalar(_OPEN_VISITS, {"record_ids": record_ids, "now": ctx.now()})
    if (open_now or 0) >= rules.open_per_patient:
        raise TooManyOpen(extra={"open_per_patient": rules.open_per_patient})
    return seen


async def _visits_during(ctx: Context, wish: Wish, slot: Slot) -> Sequence[Row[UUID, str, UUID, datetime]]:
    """The patient's visits that overlap the slot."""
    told = {
        "record_ids": wish.patient.record_ids, "earliest": slot.starts_at - LONGEST, "start": slot.starts_at,
        "end": slot.ends_at,
    }  # fmt: skip
    return await rows(ctx.session, _VISITS_DURING, told)


def _hindrance(
    wish: Wish, slot: Slot, lane: int | None, overlapping: Iterable[Row[UUID, str, UUID, datetime]]
) -> Problem | None:
    """What only an override gets past. Raises AlreadyInSession, which nothing does: one place a session is enough."""
    for visit in overlapping:
        same_session = visit.practitioner_id == wish.practitioner.id and visit.starts_at == slot.starts_at
        if slot.kind == visit.kind == "token" and same_session:
            raise AlreadyInSession(extra={"appointment_id": visit.id})
    if slot.status == "leave":
        return PractitionerOnLeave()
    if slot.is_room_taken:
        return RoomTaken()
    if lane is None:
        return SlotTaken()
    timed = next((visit for visit in overlapping if slot.kind == visit.kind == "slot"), None)
    return PatientBusy(extra={"appointment_id": timed.id}) if timed else None


def new_appointment(
    wish: Wish, slot: Slot, fee: fees.Fee, *, lane: int | None, extra_places: int = 0, is_override: bool = False
) -> Appointment:
    """On this place of the slot; None, with an override: on one more. extra_places: of its schedule.

    An override does not make a room larger: where another has it, the visit has none, and the desk finds one.
    """
    is_extra = not is_override and lane is not None and lane > slot.places
    return made(
        Appointment, patient_id=wish.patient.id, practitioner_id=wish.practitioner.id, facility_id=slot.facility_id,
        room_id=None if slot.is_room_taken else slot.room_id, schedule_id=slot.schedule_id,
        kind=slot.kind, mode=slot.mode, status=wish.status, starts_at=slot.starts_at,
        ends_at=slot.ends_at, during=Range(slot.starts_at, slot.ends_at),
        places=slot.places + extra_places if is_extra else slot.places,
        lane=lane or max(slot.used, default=0) + 1, is_extra=is_extra, is_override=is_override,
        override_reason=wish.override_reason or "" if is_override else "", reason=wish.reason, notes=wish.notes,
        source="patient" if wish.is_own else "desk", fee_paise=fee.fee_paise, is_free_revisit=fee.is_free_revisit,
        is_revisit=fee.is_revisit, rescheduled_from_id=wish.moved_from_id, series_id=wish.series_id,
    )  # fmt: skip
