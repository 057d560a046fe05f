"""Taking a place: lock, then look, then choose; the schema's exclusion constraints have the last word.

What is read before the lock misses what its last holder committed, so nothing that decides is read before it. All
bookings that could exclude each other share a lock: that of a practitioner and a UTC day, or of a patient and a UTC
day. The locks are taken in one order, in one statement.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from sqlalchemy import Row, bindparam, func, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.exc import DBAPIError

from arogya.modules.patients.api import PatientIdentity
from arogya.modules.scheduling import fees, reach, timetables
from arogya.modules.scheduling.booking_rules import Rules
from arogya.modules.scheduling.models import Appointment, QueueToken, holds_its_place
from arogya.modules.scheduling.moments import utc_days
from arogya.modules.scheduling.refusals import (
    AlreadyInSession,
    InThePast,
    NoSuchSlot,
    PatientBusy,
    PractitionerOnLeave,
    SlotTaken,
    TooFarAhead,
    TooManyOpen,
)
from arogya.modules.scheduling.slots import LONGEST, Plan, Slot, free_lane
from arogya.modules.scheduling.timetables import Timetable
from arogya.modules.scheduling.transitions import HELD_OPEN
from arogya.modules.staff.api import PractitionerCard
from arogya.platform.access import Context
from arogya.platform.clock import local_day
from arogya.platform.database import advisory_locks
from arogya.platform.errors import Problem
from arogya.policy import Permission

_DEADLOCK = "40P01"
_INSTANT = timedelta(microseconds=1)
_OPEN_VISITS = select(func.count()).where(
    Appointment.patient_id == bindparam("patient_id"),
    Appointment.starts_at >= bindparam("now"),
    Appointment.status.in_(sorted(HELD_OPEN)),
)
_VISITS_DURING = (
    select(Appointment.id, Appointment.kind, Appointment.practitioner_id, Appointment.starts_at)
    .where(
        Appointment.patient_id == bindparam("patient_id"),
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
    are locked too by `other_locks`.
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


@dataclass(frozen=True, slots=True)
class Known:
    """What was read while a place was taken, so that the answer needs no reading.

    overlapping: the patient's visits at the same time that did not stand in the way.
    """

    patient: PatientIdentity
    practitioner: PractitionerCard
    facility_name: str
    fee: fees.Fee
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
        async with ctx.session.begin_nested():
            return await do()
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != _DEADLOCK:
            raise
    async with ctx.session.begin_nested():
        return await do()


def day_locks(practitioner_id: UUID, patient_id: UUID, start: datetime, end: datetime) -> list[str]:
    """What all who want this doctor's or this patient's time in [start, end) lock."""
    return [
        f"{kind} {id_} {day}"
        for kind, id_ in (("practitioner", practitioner_id), ("patient", patient_id))
        for day in utc_days(start, end)
    ]


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
    slot = await _slot(ctx, wish, table)
    plan = next(plan for plan in table.plans if plan.schedule_id == slot.schedule_id)
    reach.require(ctx, Permission.APPOINTMENT_BOOK, slot.facility_id)
    if wish.is_own:
        await _within_patients_limits(ctx, wish, slot, plan, rules)
    overlapping = await _visits_during(ctx, wish, slot)
    hindrance = _hindrance(wish, slot, overlapping)
    if hindrance is not None:
        if wish.override_reason is None:
            raise hindrance
        reach.require(ctx, Permission.APPOINTMENT_OVERRIDE, slot.facility_id)
    fee = await fees.reckon(ctx, wish.patient.id, wish.practitioner, local_day(slot.starts_at, plan.zone), rules)
    appointment = new_appointment(wish, slot, fee, is_override=hindrance is not None)
    ctx.add(appointment)
    await ctx.session.flush()
    beside = tuple(visit.id for visit in overlapping)
    return Placed(appointment, Known(wish.patient, wish.practitioner, plan.facility_name, fee, beside))


def _locks(wish: Wish, plans: Sequence[Plan]) -> list[str]:
    """Of the practitioner's and the patient's days that any of these slots could touch."""
    end = wish.starts_at + timetables.longest(plans) + _INSTANT
    names = [*day_locks(wish.practitioner.id, wish.patient.id, wish.starts_at, end), *wish.other_locks]
    return [*names, f"patient {wish.patient.id} open"] if wish.is_own else names


async def _slot(ctx: Context, wish: Wish, table: Timetable) -> Slot:
    """The slot that begins then, with who holds it now. Raises InThePast, NoSuchSlot."""
    start = wish.starts_at
    only = {wish.practitioner.id: table}
    await timetables.add_exceptions(ctx, only, start, start + timetables.longest(table.plans) + _INSTANT)
    await timetables.add_taken(ctx, only, start, start + _INSTANT)
    fitting = table.only(facility_id=wish.facility_id, mode=wish.mode)
    slot = next(iter(fitting.slots(start, start + _INSTANT, ctx.now())), None)
    if (slot is None and start < ctx.now()) or (slot is not None and slot.status == "past"):
        raise InThePast
    if slot is None:
        raise NoSuchSlot
    return slot


async def _within_patients_limits(ctx: Context, wish: Wish, slot: Slot, plan: Plan, rules: Rules) -> None:
    """What a hospital allows its patients to book by themselves. Raises TooFarAhead, TooManyOpen."""
    last_day = local_day(ctx.now(), plan.zone) + timedelta(days=rules.days_ahead)
    if local_day(slot.starts_at, plan.zone) > last_day:
        raise TooFarAhead(extra={"last_day": last_day.isoformat()})
    open_now = await ctx.session.scalar(_OPEN_VISITS, {"patient_id": wish.patient.id, "now": ctx.now()})
    if (open_now or 0) >= rules.open_per_patient:
        raise TooManyOpen(extra={"open_per_patient": rules.open_per_patient})


async def _visits_during(ctx: Context, wish: Wish, slot: Slot) -> Sequence[Row[UUID, str, UUID, datetime]]:
    """The patient's visits that overlap the slot."""
    told = {
        "patient_id": wish.patient.id, "earliest": slot.starts_at - LONGEST, "start": slot.starts_at,
        "end": slot.ends_at,
    }  # fmt: skip
    return (await ctx.session.execute(_VISITS_DURING, told)).all()


def _hindrance(wish: Wish, slot: Slot, overlapping: Iterable[Row[UUID, str, UUID, datetime]]) -> Problem | None:
    """What only an override gets past. Raises AlreadyInSession, which nothing does: one place a session is enough."""
    for visit in overlapping:
        same_session = visit.practitioner_id == wish.practitioner.id and visit.starts_at == slot.starts_at
        if slot.kind == visit.kind == "token" and same_session:
            raise AlreadyInSession(extra={"appointment_id": visit.id})
    if slot.status == "leave":
        return PractitionerOnLeave()
    if free_lane(slot) is None:
        return SlotTaken()
    timed = next((visit for visit in overlapping if slot.kind == visit.kind == "slot"), None)
    return PatientBusy(extra={"appointment_id": timed.id}) if timed else None


def new_appointment(wish: Wish, slot: Slot, fee: fees.Fee, *, is_override: bool = False) -> Appointment:
    """On the lowest free place of the slot; with an override on one more."""
    return Appointment(
        patient_id=wish.patient.id, practitioner_id=wish.practitioner.id, facility_id=slot.facility_id,
        schedule_id=slot.schedule_id, kind=slot.kind, mode=slot.mode, status=wish.status, starts_at=slot.starts_at,
        ends_at=slot.ends_at, during=Range(slot.starts_at, slot.ends_at), places=slot.places,
        lane=free_lane(slot) or max(slot.used) + 1, is_override=is_override,
        override_reason=wish.override_reason or "" if is_override else "", reason=wish.reason, notes=wish.notes,
        source="patient" if wish.is_own else "desk", fee_paise=fee.fee_paise, is_free_revisit=fee.is_free_revisit,
        rescheduled_from_id=wish.moved_from_id,
    )  # fmt: skip
