"""Moving many appointments at once, all of them or none: what leave and a doctor who is gone ask for.

Everything is read for all of them together. The caller took the locks of all days concerned (`locks_of`) in one
statement before, and runs it in a savepoint.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from arogya.modules.patients import api as patients
from arogya.modules.scheduling import booking_rules, fees, reach
from arogya.modules.scheduling.appointments import steps
from arogya.modules.scheduling.appointments.booking import audit_new, take_receipt_along
from arogya.modules.scheduling.appointments.places import Wish, day_locks, new_appointment, rooms_of
from arogya.modules.scheduling.booking_rules import Rules
from arogya.modules.scheduling.events import AppointmentChanged, AppointmentRescheduled
from arogya.modules.scheduling.models import Appointment, QueueToken, Receipt, holds_its_place
from arogya.modules.scheduling.refusals import ProposalsStale
from arogya.modules.scheduling.slots import timetables
from arogya.modules.scheduling.slots.computing import LONGEST, Slot, free_lane
from arogya.modules.scheduling.slots.timetables import Timetable
from arogya.modules.scheduling.tokens import service as queue_tokens
from arogya.modules.scheduling.transitions import Step
from arogya.modules.staff import api as staff
from arogya.platform.access import Context
from arogya.platform.audit import Action
from arogya.platform.clock import local_day
from arogya.platform.database import is_one_of
from arogya.policy import Permission

_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Busy:
    """A time at which a patient has to be somewhere."""

    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Goal:
    """Where one appointment is to go."""

    practitioner_id: UUID
    facility_id: UUID
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class _Move:
    old: Appointment
    to: Goal
    practitioner: staff.PractitionerCard


async def locks_of(ctx: Context, goals: Mapping[UUID, Goal | None]) -> list[str]:
    """All that bookings of the times concerned lock: of each appointment, its patient, and its new place.

    goals: by appointment; None: it moves nowhere.
    """
    at = Appointment
    rows = await ctx.session.execute(
        select(at.id, at.practitioner_id, at.patient_id, at.room_id, at.starts_at, at.ends_at).where(is_one_of(at.id)),
        {"ids": list(goals)},
    )
    plans = await timetables.plans(ctx, {goal.practitioner_id for goal in goals.values() if goal is not None})
    names = []
    for row in rows:
        names += day_locks(row.practitioner_id, row.patient_id, [row.room_id], row.starts_at, row.ends_at)
        goal = goals[row.id]
        if goal is not None:
            rooms = rooms_of(plans.get(goal.practitioner_id, Timetable()).plans)
            names += day_locks(goal.practitioner_id, row.patient_id, rooms, goal.starts_at, goal.starts_at + LONGEST)
    return names


async def locked(ctx: Context, ids: Collection[UUID]) -> dict[UUID, Appointment]:
    """These appointments as they are now; nobody else changes them before the commit."""
    rows = await ctx.session.scalars(
        select(Appointment).where(is_one_of(Appointment.id)).order_by(Appointment.id).with_for_update(key_share=True),
        {"ids": list(ids)}, execution_options={"populate_existing": True},
    )  # fmt: skip
    return {row.id: row for row in rows}


async def busy_times(ctx: Context, patient_ids: Collection[UUID], leaving: Collection[UUID]) -> dict[UUID, list[Busy]]:
    """When these patients have to be somewhere from now on. leaving: visits that don't count, being given up."""
    at = Appointment
    rows = await ctx.session.execute(
        select(at.patient_id, at.starts_at, at.ends_at, at.id).where(
            is_one_of(at.patient_id), at.starts_at >= ctx.now() - LONGEST, holds_its_place(), at.during.is_not(None)
        ),
        {"ids": list(patient_ids)},
    )
    found: dict[UUID, list[Busy]] = {id_: [] for id_ in patient_ids}
    for patient_id, starts_at, ends_at, id_ in rows:
        if id_ not in leaving:
            found[patient_id].append(Busy(starts_at, ends_at))
    return found


def is_at(busy: Iterable[Busy], slot: Slot) -> bool:
    return any(one.starts_at < slot.ends_at and one.ends_at > slot.starts_at for one in busy)


def refuse(refused: Sequence[tuple[UUID, str]]) -> None:
    """Raises ProposalsStale where there is anything to refuse: (appointment, code)."""
    if refused:
        raise ProposalsStale(extra={"refused": [{"appointment_id": id_, "code": code} for id_, code in refused]})


async def move_all(
    ctx: Context, going: Sequence[tuple[Appointment, Goal]], leaving: Collection[UUID], cause: str
) -> dict[UUID, Appointment]:
    """The new appointment of each that moves, by the old one's id. Raises ProposalsStale with all that find no place.

    leaving: all appointments that are given up in this step. cause: for the audit trail.
    """
    if not going:
        return {}
    cards = await staff.practitioners(ctx, {goal.practitioner_id for _, goal in going}, is_active=True)
    refuse([(old.id, "no_such_slot") for old, goal in going if goal.practitioner_id not in cards])
    moves = [_Move(old, goal, cards[goal.practitioner_id]) for old, goal in going]
    busy = await busy_times(ctx, {old.patient_id for old, _ in going}, leaving)
    rules = await booking_rules.current(ctx)
    new = await _placed(ctx, moves, busy, rules)
    for move in moves:
        move.old.leave_for_another(ctx.now(), "")
    await ctx.session.flush()
    ctx.add(*new.values())
    await ctx.session.flush()
    await _bring_along(ctx, moves, new, rules, cause)
    return new


async def _placed(
    ctx: Context, moves: Sequence[_Move], busy: dict[UUID, list[Busy]], rules: Rules
) -> dict[UUID, Appointment]:
    """Choose a lane for each, in their order."""
    ids = {move.practitioner.id for move in moves}
    start, end = min(move.to.starts_at for move in moves), max(move.to.starts_at for move in moves) + LONGEST
    tables = await timetables.timetables(ctx, start, end, ids)
    people = await patients.identities(ctx, {move.old.patient_id for move in moves})
    paid = await fees.paid_visits(ctx, people, ids)
    new: dict[UUID, Appointment] = {}
    refused: list[tuple[UUID, str]] = []
    for move in moves:
        table, theirs = tables.get(move.practitioner.id, Timetable()), busy[move.old.patient_id]
        slot = _slot(ctx, table, move)
        code = _hindrance(ctx, slot, move, theirs)
        if slot is None or code is not None:
            refused.append((move.old.id, code or "no_such_slot"))
            continue
        reach.require(ctx, Permission.APPOINTMENT_BOOK, slot.facility_id)
        zone = next(plan.zone for plan in table.plans if plan.schedule_id == slot.schedule_id)
        visits = paid.get((move.old.patient_id, move.practitioner.id), [])
        fee = fees.fee_after(visits, move.practitioner, local_day(slot.starts_at, zone), rules)
        appointment = new_appointment(_wish(move, people[move.old.patient_id]), slot, fee, lane=free_lane(slot))
        appointment.source = move.old.source
        new[move.old.id] = appointment
        table.take(move.practitioner.id, slot, appointment.lane)
        theirs.append(Busy(slot.starts_at, slot.ends_at))
    refuse(refused)
    return new


def _slot(ctx: Context, table: Timetable, move: _Move) -> Slot | None:
    here = table.only(facility_id=move.to.facility_id, mode=move.old.mode)
    return next(iter(here.slots(move.to.starts_at, move.to.starts_at + _INSTANT, ctx.now())), None)


def _hindrance(ctx: Context, slot: Slot | None, move: _Move, busy: Sequence[Busy]) -> str | None:
    if move.to.starts_at < ctx.now() and (slot is None or slot.status == "past"):
        return "in_the_past"
    if slot is None:
        return "no_such_slot"
    if slot.status == "leave":
        return "practitioner_on_leave"
    if slot.is_room_taken:
        return "room_taken"
    if free_lane(slot) is None:
        return "slot_taken"
    return "patient_busy" if is_at(busy, slot) else None


def _wish(move: _Move, patient: patients.PatientIdentity) -> Wish:
    return Wish(
        patient=patient, practitioner=move.practitioner, starts_at=move.to.starts_at, status=move.old.status,
        is_own=False, reason=move.old.reason, notes=move.old.notes, moved_from_id=move.old.id,
    )  # fmt: skip


async def _bring_along(
    ctx: Context, moves: Sequence[_Move], new: Mapping[UUID, Appointment], rules: Rules, cause: str
) -> None:
    """Receipts and numbers go with their visits; each move has its audit rows and events."""
    ids = [move.old.id for move in moves]
    paid = select(Receipt.appointment_id).where(is_one_of(Receipt.appointment_id))
    receipts = set(await ctx.session.scalars(paid, {"ids": ids}))
    numbers = await numbered(ctx, ids)
    for move in moves:
        old, appointment = move.old, new[move.old.id]
        if old.id in receipts:
            await take_receipt_along(ctx, old.id, appointment.id)
        if old.id in numbers:
            await queue_tokens.follow(ctx, old)
        if rules.token_given_at == "booking":  # noqa: S105 - a queue token
            await queue_tokens.follow(ctx, appointment)
        audit_new(ctx, appointment)
        ctx.audit(
            Action.UPDATE, "appointment", old.id, patient_id=old.patient_id,
            details={"step": Step.RESCHEDULE, "cause": cause},
        )  # fmt: skip
        ctx.emit(AppointmentRescheduled(**steps.ids(appointment), rescheduled_from_id=old.id))
        ctx.emit(AppointmentChanged(**steps.ids(old)))


async def numbered(ctx: Context, ids: Sequence[UUID]) -> set[UUID]:
    """Those of these appointments that have a number."""
    query = select(QueueToken.appointment_id).where(is_one_of(QueueToken.appointment_id))
    return set(await ctx.session.scalars(query, {"ids": list(ids)}))
