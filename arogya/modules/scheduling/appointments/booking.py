"""Booking an appointment, and moving one."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from arogya.modules.patients import api as patients
from arogya.modules.patients.api import PatientIdentity
from arogya.modules.scheduling import booking_rules, reach
from arogya.modules.scheduling.appointments.confirming import first_status
from arogya.modules.scheduling.appointments.places import Placed, Wish, day_locks, in_savepoint, take_place
from arogya.modules.scheduling.appointments.proposals import proposals
from arogya.modules.scheduling.appointments.schemas import BookAppointment, RescheduleAppointment
from arogya.modules.scheduling.appointments.steps import find, ids, may_step
from arogya.modules.scheduling.events import AppointmentBooked, AppointmentChanged, AppointmentRescheduled
from arogya.modules.scheduling.models import Appointment, Receipt
from arogya.modules.scheduling.refusals import (
    InThePast,
    NoSuchSlot,
    PatientInactive,
    SlotTaken,
    TooFarAhead,
)
from arogya.modules.scheduling.slots.computing import LONGEST
from arogya.modules.scheduling.tokens import service as queue_tokens
from arogya.modules.scheduling.transitions import Step
from arogya.modules.staff import api as staff
from arogya.platform.access import Context
from arogya.platform.audit import Action
from arogya.platform.errors import NotFound
from arogya.platform.problems import problem_of_database_error
from arogya.policy import Permission

FURTHEST = timedelta(days=366)
T = TypeVar("T")


async def book(ctx: Context, request: BookAppointment) -> Placed:
    """Reserve one place. Raises what `refusals` names; SlotTaken says what is free instead."""
    reach.require(ctx, Permission.APPOINTMENT_BOOK, request.facility_id)
    is_own = reach.is_own_only(ctx, Permission.APPOINTMENT_BOOK)
    rules = await booking_rules.current(ctx)
    patient = await of_patient(ctx, request.patient_id, is_own=is_own)
    practitioner = await of_practitioner(ctx, request.practitioner_id)
    wish = Wish(
        patient=patient, practitioner=practitioner, starts_at=within_reach(ctx, request.starts_at),
        status=await first_status(ctx, request.status, rules, patient.id, practitioner, is_own=is_own),
        is_own=is_own, facility_id=request.facility_id, mode=request.mode, reason=request.reason or "",
        notes=request.notes or "", override_reason=request.override_reason, hold_id=request.hold_id,
    )  # fmt: skip
    placed = await or_what_is_free(ctx, wish.practitioner, wish.starts_at, lambda: take_place(ctx, wish, rules))
    audit_new(ctx, placed.appointment)
    ctx.emit(AppointmentBooked(**ids(placed.appointment)))
    if rules.token_given_at != "booking" or placed.known is None:  # noqa: S105 - a queue token
        return placed
    token = await queue_tokens.follow(ctx, placed.appointment)
    return Placed(placed.appointment, replace(placed.known, token=token))


async def reschedule(ctx: Context, appointment_id: UUID, request: RescheduleAppointment) -> Placed:
    """Move it: a new appointment takes over, and the old one gives its place back, both or neither."""
    old = await find(ctx, appointment_id)
    rules = await booking_rules.current(ctx)
    is_own = await may_step(ctx, old, Step.RESCHEDULE, rules)
    patient = await of_patient(ctx, old.patient_id, is_own=is_own)
    practitioner = await of_practitioner(ctx, request.practitioner_id or old.practitioner_id)
    wish = Wish(
        patient=patient, practitioner=practitioner, starts_at=within_reach(ctx, request.starts_at),
        status=await first_status(ctx, None, rules, patient.id, practitioner, is_own=is_own),
        is_own=is_own, facility_id=request.facility_id, reason=old.reason, notes=old.notes,
        override_reason=request.override_reason, moved_from_id=old.id, series_id=old.series_id,
        hold_id=request.hold_id,
        other_locks=tuple(
            day_locks(old.practitioner_id, old.patient_id, [old.room_id], old.starts_at, old.ends_at)
        ),
    )  # fmt: skip

    async def give_way() -> None:
        # Read again under the lock: it may have been cancelled or moved meanwhile.
        leaving = await find(ctx, appointment_id, lock=True)
        leaving.leave_for_another(ctx.now(), request.reason or "")
        await ctx.session.flush()

    placed = await or_what_is_free(
        ctx, wish.practitioner, wish.starts_at, lambda: take_place(ctx, wish, rules, give_way)
    )
    left = await find(ctx, appointment_id)
    await take_receipt_along(ctx, left.id, placed.id)
    await queue_tokens.follow(ctx, left)
    await queue_tokens.follow(ctx, placed.appointment)
    audit_new(ctx, placed.appointment)
    ctx.audit(Action.UPDATE, "appointment", left.id, patient_id=left.patient_id, details={"step": Step.RESCHEDULE})
    ctx.emit(AppointmentRescheduled(**ids(placed.appointment), rescheduled_from_id=left.id))
    # The old one may stand at another branch or doctor, whose screens hear only what names them.
    ctx.emit(AppointmentChanged(**ids(left)))
    return Placed(placed.appointment)


async def placed(ctx: Context, appointment_id: UUID) -> Placed:
    """What an earlier request with the same key made."""
    return Placed(await find(ctx, appointment_id))


async def of_patient(ctx: Context, patient_id: UUID, *, is_own: bool) -> PatientIdentity:
    """Raises NotFound for whom the actor may not book, PatientInactive."""
    if is_own and patient_id not in await reach.own_patients(ctx):
        raise NotFound().about("patient", patient_id)
    patient = await patients.identify(ctx, patient_id)
    if not patient.is_active or patient.is_deceased:
        raise PatientInactive
    return patient


async def of_practitioner(ctx: Context, practitioner_id: UUID) -> staff.PractitionerCard:
    practitioner = await staff.practitioner(ctx, practitioner_id)
    if not practitioner.is_active:
        raise NoSuchSlot("This doctor no longer sees patients here")
    return practitioner


def within_reach(ctx: Context, starts_at: datetime) -> datetime:
    """Refuse what no session can be found for, before any is looked for."""
    if starts_at > ctx.now() + FURTHEST:
        raise TooFarAhead
    if starts_at < ctx.now() - LONGEST:
        raise InThePast
    return starts_at


async def or_what_is_free(
    ctx: Context, practitioner: staff.PractitionerCard, starts_at: datetime, take: Callable[[], Awaitable[T]]
) -> T:
    """Take it, or say what is free instead, now that the locks are let go."""
    try:
        return await in_savepoint(ctx, take)
    except SlotTaken as taken:
        refused = taken
    except IntegrityError as error:
        problem = problem_of_database_error(error)
        if not isinstance(problem, SlotTaken):
            raise
        refused = problem
    offered = await proposals(ctx, practitioner, starts_at)
    refused.extra["next_free"] = [one.model_dump(mode="json") for one in offered]
    raise refused


async def take_receipt_along(ctx: Context, from_id: UUID, to_id: UUID) -> None:
    """What was paid for the visit is paid for it on its new day."""
    paid = await ctx.session.scalar(
        update(Receipt).where(Receipt.appointment_id == from_id).values(appointment_id=to_id).returning(Receipt.id)
    )
    if paid is not None:
        await ctx.session.execute(
            update(Appointment)
            .where(Appointment.id == to_id)
            .values(fee_paise=select(Receipt.amount_paise).where(Receipt.id == paid).scalar_subquery())
        )
        ctx.audit(Action.UPDATE, "receipt", paid, details={"fields": ["appointment_id"]})


def audit_new(ctx: Context, appointment: Appointment) -> None:
    details = {"status": appointment.status, "is_override": appointment.is_override}
    ctx.audit(Action.CREATE, "appointment", appointment.id, patient_id=appointment.patient_id, details=details)
