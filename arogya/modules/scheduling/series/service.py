"""Booking a series, and changing or cancelling this one, this and the following, or all."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, select

from arogya.modules.scheduling import booking_rules
from arogya.modules.scheduling.appointments import booking, places, steps
from arogya.modules.scheduling.appointments.places import Wish
from arogya.modules.scheduling.appointments.schemas import RescheduleAppointment
from arogya.modules.scheduling.booking_rules import Rules
from arogya.modules.scheduling.events import AppointmentBooked, SeriesVisitBooked
from arogya.modules.scheduling.models import Appointment, AppointmentSeries
from arogya.modules.scheduling.refusals import (
    AlreadyInSession,
    InThePast,
    NoSuchSlot,
    PatientBusy,
    PractitionerOnLeave,
    SeriesConflicts,
    SlotTaken,
    TooFarAhead,
)
from arogya.modules.scheduling.series.preview import refuse_patients
from arogya.modules.scheduling.series.recurrence import moved
from arogya.modules.scheduling.series.schemas import BookSeries, CancelSeries, Missing, MoveSeries
from arogya.modules.scheduling.slots import timetables
from arogya.modules.scheduling.slots.timetables import Timetable
from arogya.modules.scheduling.tokens import service as queue_tokens
from arogya.modules.scheduling.transitions import HELD_OPEN, AppointmentStatus
from arogya.modules.scheduling.zones import zone_of
from arogya.platform.access import Context
from arogya.platform.audit import Action
from arogya.platform.database import advisory_locks
from arogya.platform.errors import NotFound

_NOT_TO_BE_HAD = (
    SlotTaken, PatientBusy, AlreadyInSession, PractitionerOnLeave, NoSuchSlot, InThePast, TooFarAhead
)  # fmt: skip
_OPEN = (
    select(Appointment)
    .where(
        Appointment.series_id == bindparam("series"),
        Appointment.status.in_(sorted(HELD_OPEN)),
        Appointment.starts_at >= bindparam("since"),
    )
    .order_by(Appointment.starts_at, Appointment.id)
)


@dataclass(frozen=True, slots=True)
class Made:
    """A series after a change. left_out: the times that could not be had."""

    id: UUID
    left_out: list[Missing] = field(default_factory=list)


async def book(ctx: Context, request: BookSeries) -> Made:
    """All in one transaction, or only those that are free, as asked. Raises SeriesConflicts."""
    refuse_patients(ctx, request.facility_id)
    patient = await booking.of_patient(ctx, request.patient_id, is_own=False)
    practitioner = await booking.of_practitioner(ctx, request.practitioner_id)
    starts = sorted(request.starts)
    rules = await booking_rules.current(ctx)
    wishes = [
        Wish(
            patient=patient, practitioner=practitioner, starts_at=starts_at, status=AppointmentStatus.BOOKED,
            is_own=False, facility_id=request.facility_id, mode=request.mode, reason=request.reason or "",
            hold_id=request.hold_id,
        )
        for starts_at in starts
    ]  # fmt: skip
    return await places.in_savepoint(ctx, lambda: _take_all(ctx, request, wishes, rules))


async def _take_all(ctx: Context, request: BookSeries, wishes: Sequence[Wish], rules: Rules) -> Made:
    first = wishes[0]
    await _lock(ctx, first.patient.id, [(first.practitioner.id, [wish.starts_at for wish in wishes])])
    found, left_out = await _placed(ctx, wishes, rules)
    if not found or (left_out and not request.only_free):
        raise SeriesConflicts(extra={"conflicts": [one.model_dump(mode="json") for one in left_out]})
    series = AppointmentSeries(
        patient_id=first.patient.id, practitioner_id=first.practitioner.id, facility_id=found[0].facility_id,
        unit=request.unit, every=request.every, starts_at=found[0].starts_at, count=len(wishes),
    )  # fmt: skip
    ctx.add(series)
    await ctx.session.flush()
    for appointment in found:
        appointment.series_id = series.id
    await ctx.session.flush()
    for appointment in found:
        booking.audit_new(ctx, appointment)
        event = AppointmentBooked if appointment is found[0] else SeriesVisitBooked
        ctx.emit(event(**steps.ids(appointment)))
        await queue_tokens.follow(ctx, appointment)
    ctx.audit(Action.CREATE, "appointment_series", series.id, patient_id=first.patient.id)
    return Made(series.id, left_out)


async def _placed(ctx: Context, wishes: Iterable[Wish], rules: Rules) -> tuple[list[Appointment], list[Missing]]:
    found: list[Appointment] = []
    left_out: list[Missing] = []
    for wish in wishes:
        try:
            booking.within_reach(ctx, wish.starts_at)
            async with ctx.session.begin_nested():
                found.append((await places.take_place(ctx, wish, rules)).appointment)
        except _NOT_TO_BE_HAD as refused:
            left_out.append(Missing(starts_at=wish.starts_at, code=refused.code))
    return found, left_out


async def cancel(ctx: Context, series_id: UUID, request: CancelSeries) -> Made:
    """Those that are booked and yet to come; patients' limits hold for each. Raises NotFound."""
    from_ = await _visit_of(ctx, series_id, request.appointment_id)
    if request.scope == "this":
        await steps.cancel(ctx, from_.id, request.reason)
    else:
        for appointment in await _concerned(ctx, series_id, from_, request.scope):
            await steps.cancel(ctx, appointment.id, request.reason)
    return Made(series_id)


async def move(ctx: Context, series_id: UUID, request: MoveSeries) -> Made:
    """All in one transaction, or only those whose new time is free, as asked. Raises SeriesConflicts, NotFound."""
    refuse_patients(ctx)
    from_ = await _visit_of(ctx, series_id, request.appointment_id)
    zone = await zone_of(ctx, from_.facility_id)
    concerned = [from_] if request.scope == "this" else await _concerned(ctx, series_id, from_, request.scope)
    goes = [(one, moved(one.starts_at, from_.starts_at, request.starts_at, zone)) for one in concerned]
    # Each leaves its place before the one behind it comes there.
    goes.sort(key=lambda pair: pair[0].starts_at, reverse=request.starts_at > from_.starts_at)
    return await places.in_savepoint(ctx, lambda: _move_all(ctx, series_id, request, goes))


async def _move_all(
    ctx: Context, series_id: UUID, request: MoveSeries, goes: Sequence[tuple[Appointment, datetime]]
) -> Made:
    who = request.practitioner_id
    times = [(one.practitioner_id, [one.starts_at, to]) for one, to in goes]
    if who is not None:
        times.append((who, [to for _, to in goes]))
    await _lock(ctx, goes[0][0].patient_id, times)
    left_out: list[Missing] = []
    for one, to in goes:
        try:
            async with ctx.session.begin_nested():
                told = RescheduleAppointment(starts_at=to, practitioner_id=who, reason=request.reason)
                await booking.reschedule(ctx, one.id, told)
        except _NOT_TO_BE_HAD as refused:
            left_out.append(Missing(starts_at=to, code=refused.code))
    if left_out and (not request.only_free or len(left_out) == len(goes)):
        conflicts = sorted(left_out, key=lambda missing: missing.starts_at)
        raise SeriesConflicts(extra={"conflicts": [one.model_dump(mode="json") for one in conflicts]})
    ctx.audit(Action.UPDATE, "appointment_series", series_id, details={"step": "move", "scope": request.scope})
    return Made(series_id, left_out)


async def _visit_of(ctx: Context, series_id: UUID, appointment_id: UUID) -> Appointment:
    appointment = await steps.find(ctx, appointment_id)
    if appointment.series_id != series_id:
        raise NotFound().about("appointment", appointment_id)
    return appointment


async def _concerned(ctx: Context, series_id: UUID, from_: Appointment, scope: str) -> Sequence[Appointment]:
    """The open visits that are meant and yet to come; the named one in any case."""
    since = max(from_.starts_at, ctx.now()) if scope == "following" else ctx.now()
    found = (await ctx.session.scalars(_OPEN, {"series": series_id, "since": since})).all()
    return found if any(one.id == from_.id for one in found) else [from_, *found]


async def _lock(ctx: Context, patient_id: UUID, wanted: Iterable[tuple[UUID, Sequence[datetime]]]) -> None:
    """All days of all visits in one statement: what is locked one by one could stand across another series."""
    wanted = list(wanted)
    tables = await timetables.plans(ctx, {practitioner_id for practitioner_id, _ in wanted})
    names = {
        name
        for practitioner_id, starts in wanted
        for starts_at in starts
        for name in places.day_locks(
            practitioner_id, patient_id, places.rooms_of(tables.get(practitioner_id, Timetable()).plans),
            *places.touched(starts_at, tables.get(practitioner_id, Timetable()).plans),
        )
    }  # fmt: skip
    await advisory_locks(ctx.session, sorted(names))
