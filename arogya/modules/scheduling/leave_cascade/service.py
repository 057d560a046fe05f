"""Applying what was decided about the bookings inside a leave: all of it or nothing, in one transaction.

Two hundred bookings are moved at once, so everything is read for all of them together, after one statement has taken
every lock that a booking of the same times would take.
"""

from bisect import insort
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter
from uuid import UUID

from sqlalchemy import select

from arogya.modules.patients import api as patients
from arogya.modules.scheduling import booking_rules, fees, queue_tokens, reach, schedules_exceptions, timetables
from arogya.modules.scheduling.appointments import steps
from arogya.modules.scheduling.appointments.booking import audit_new, take_receipt_along
from arogya.modules.scheduling.appointments.places import Wish, day_locks, in_savepoint, new_appointment
from arogya.modules.scheduling.booking_rules import Rules
from arogya.modules.scheduling.events import (
    AppointmentCancelled,
    AppointmentChanged,
    AppointmentRescheduled,
    LeaveCascaded,
    ScheduleChanged,
)
from arogya.modules.scheduling.leave_cascade.preview import (
    Affected,
    Busy,
    affected_by,
    as_proposal,
    busy_times,
    closing_of,
    is_at,
    propose,
)
from arogya.modules.scheduling.leave_cascade.schemas import ApplyLeave, Decision
from arogya.modules.scheduling.models import Appointment, LeaveCascade, QueueToken, Receipt, ScheduleException
from arogya.modules.scheduling.slots import LONGEST, Slot, Taken, free_lane
from arogya.modules.scheduling.timetables import Timetable
from arogya.modules.scheduling.transitions import Step
from arogya.modules.staff import api as staff
from arogya.platform.access import Context
from arogya.platform.audit import Action
from arogya.platform.clock import local_day
from arogya.platform.database import advisory_locks, is_one_of
from arogya.platform.errors import Conflict, NotFound
from arogya.policy import Permission

_INSTANT = timedelta(microseconds=1)


class ProposalsStale(Conflict):
    """Carries `refused`: which decisions could not be carried out and why (`slot_taken`, `practitioner_on_leave`,
    `in_the_past`, `no_such_slot`, `patient_busy`, `not_affected`, `undecided`), and `proposals`: fresh options of all
    that are affected now, by appointment. Nothing was changed.
    """

    code, title = "proposals_stale", "Some of these places were taken meanwhile; nothing was changed"


@dataclass(frozen=True, slots=True)
class Move:
    """One booking and where it goes."""

    old: Appointment
    to: Decision
    practitioner: staff.PractitionerCard
    starts_at: datetime


async def apply(ctx: Context, request: ApplyLeave) -> LeaveCascade:
    """Make the leave, move or cancel all, and let each patient be told. Raises ProposalsStale and changes nothing."""
    closing = await closing_of(ctx, request)
    try:
        return await in_savepoint(ctx, lambda: _apply(ctx, request))
    except ProposalsStale as stale:
        refused = stale
    affected = await affected_by(ctx, closing)
    cards = await propose(ctx, closing, affected)
    refused.extra["proposals"] = [_fresh(one, cards) for one in affected]
    raise refused


async def made(ctx: Context, cascade_id: UUID) -> LeaveCascade:
    """What an earlier request with the same key did."""
    found = await ctx.session.get(LeaveCascade, (ctx.organization_id, cascade_id))
    if found is None:
        raise NotFound().about("leave_cascade", cascade_id)
    return found


async def _apply(ctx: Context, request: ApplyLeave) -> LeaveCascade:
    closing = await closing_of(ctx, request)
    await advisory_locks(ctx.session, await _locks(ctx, closing, request.decisions))
    if request.leave is not None:
        ctx.add(closing)
        await ctx.session.flush()
        ctx.audit(
            Action.CREATE, "schedule_exception", closing.id,
            details={"kind": closing.kind, "affected": len(request.decisions)},
        )  # fmt: skip
    affected = await affected_by(ctx, closing)
    _refuse_undecided(affected, request.decisions)
    visits = await _locked(ctx, [one.appointment_id for one in affected])
    decided = [(visits[one.appointment_id], one) for one in request.decisions]
    for old, decision in decided:
        if decision.action != "keep":
            reach.require(ctx, Permission.APPOINTMENT_CHANGE, old.facility_id)
    moved = await _move(ctx, decided)
    await _cancel(ctx, [old for old, decision in decided if decision.action == "cancel"], request.reason)
    cascade = LeaveCascade(exception_id=closing.id, outcome=[_outcome(old, one, moved) for old, one in decided])
    ctx.add(cascade)
    await ctx.session.flush()
    counts = {action: sum(1 for one in request.decisions if one.action == action) for action in ("move", "cancel")}
    ctx.audit(Action.UPDATE, "leave_cascade", cascade.id, details=counts)
    if request.leave is not None:
        ctx.emit(ScheduleChanged(practitioner_id=closing.practitioner_id, facility_id=closing.facility_id))
    ctx.emit(LeaveCascaded(cascade_id=cascade.id))
    return cascade


async def _locks(ctx: Context, closing: ScheduleException, decisions: Iterable[Decision]) -> list[str]:
    """All that bookings of the times concerned lock: those of the leave, of each patient, and of each new place."""
    names = await schedules_exceptions.locks_of(ctx, closing)
    at = Appointment
    rows = await ctx.session.execute(
        select(at.id, at.practitioner_id, at.patient_id, at.starts_at, at.ends_at).where(is_one_of(at.id)),
        {"ids": [one.appointment_id for one in decisions]},
    )
    known = {row.id: row for row in rows}
    for row in known.values():
        names += day_locks(row.practitioner_id, row.patient_id, row.starts_at, row.ends_at)
    for one in decisions:
        if one.practitioner_id and one.starts_at and one.appointment_id in known:
            patient_id = known[one.appointment_id].patient_id
            names += day_locks(one.practitioner_id, patient_id, one.starts_at, one.starts_at + LONGEST)
    return names


def _refuse_undecided(affected: Iterable[Affected], decisions: Iterable[Decision]) -> None:
    """Whoever was booked or went meanwhile: what was decided was not decided about them."""
    inside, decided = {one.appointment_id for one in affected}, {one.appointment_id for one in decisions}
    refused = [*((id_, "undecided") for id_ in inside - decided), *((id_, "not_affected") for id_ in decided - inside)]
    _refuse(refused)


def _refuse(refused: Sequence[tuple[UUID, str]]) -> None:
    if refused:
        raise ProposalsStale(extra={"refused": [{"appointment_id": id_, "code": code} for id_, code in refused]})


async def _locked(ctx: Context, ids: Sequence[UUID]) -> dict[UUID, Appointment]:
    rows = await ctx.session.scalars(
        select(Appointment).where(is_one_of(Appointment.id)).order_by(Appointment.id).with_for_update(key_share=True),
        {"ids": list(ids)}, execution_options={"populate_existing": True},
    )  # fmt: skip
    return {row.id: row for row in rows}


async def _move(ctx: Context, decided: Sequence[tuple[Appointment, Decision]]) -> dict[UUID, Appointment]:
    """The new appointment of each that moves, by the old one's id."""
    going = [(old, one) for old, one in decided if one.action == "move"]
    if not going:
        return {}
    cards = await staff.practitioners(ctx, {one.practitioner_id for _, one in going if one.practitioner_id})
    moves, refused = [], []
    for old, one in going:
        card = cards.get(one.practitioner_id) if one.practitioner_id else None
        if card is None or not card.is_active or one.starts_at is None:
            refused.append((old.id, "no_such_slot"))
        else:
            moves.append(Move(old, one, card, one.starts_at))
    _refuse(refused)
    leaving = {old.id for old, one in decided if one.action != "keep"}
    busy = await busy_times(ctx, {old.patient_id for old, _ in going}, leaving)
    rules = await booking_rules.current(ctx)
    new = await _placed(ctx, moves, busy, rules)
    await _give_way(ctx, [move.old for move in moves])
    ctx.add(*new.values())
    await ctx.session.flush()
    await _bring_along(ctx, moves, new, rules)
    return new


async def _placed(
    ctx: Context, moves: Sequence[Move], busy: dict[UUID, list[Busy]], rules: Rules
) -> dict[UUID, Appointment]:
    """Choose a lane for each, in their order. Raises ProposalsStale with all that find none."""
    ids = {move.practitioner.id for move in moves}
    start, end = min(move.starts_at for move in moves), max(move.starts_at for move in moves) + LONGEST
    tables = await timetables.timetables(ctx, start, end, ids)
    people = await patients.identities(ctx, {move.old.patient_id for move in moves})
    paid = await fees.paid_visits(ctx, people, ids)
    new: dict[UUID, Appointment] = {}
    refused: list[tuple[UUID, str]] = []
    for move in moves:
        table = tables.get(move.practitioner.id, Timetable())
        slot = _slot(ctx, table, move)
        code = _hindrance(ctx, slot, move, busy[move.old.patient_id])
        if slot is None or code is not None:
            refused.append((move.old.id, code or "no_such_slot"))
            continue
        reach.require(ctx, Permission.APPOINTMENT_BOOK, slot.facility_id)
        zone = next(plan.zone for plan in table.plans if plan.schedule_id == slot.schedule_id)
        visits = paid.get((move.old.patient_id, move.practitioner.id), [])
        fee = fees.fee_after(visits, move.practitioner, local_day(slot.starts_at, zone), rules)
        appointment = new_appointment(_wish(move, people[move.old.patient_id]), slot, fee)
        appointment.source = move.old.source
        new[move.old.id] = appointment
        # The next in the list sees it as taken.
        insort(table.taken, Taken(slot.starts_at, slot.ends_at, appointment.lane), key=attrgetter("starts_at"))
        busy[move.old.patient_id].append(Busy(slot.starts_at, slot.ends_at))
    _refuse(refused)
    return new


def _slot(ctx: Context, table: Timetable, move: Move) -> Slot | None:
    here = table.only(facility_id=move.to.facility_id, mode=move.old.mode)
    return next(iter(here.slots(move.starts_at, move.starts_at + _INSTANT, ctx.now())), None)


def _hindrance(ctx: Context, slot: Slot | None, move: Move, busy: Sequence[Busy]) -> str | None:
    if move.starts_at < ctx.now() and (slot is None or slot.status == "past"):
        return "in_the_past"
    if slot is None:
        return "no_such_slot"
    if slot.status == "leave":
        return "practitioner_on_leave"
    if free_lane(slot) is None:
        return "slot_taken"
    return "patient_busy" if is_at(busy, slot) else None


def _wish(move: Move, patient: patients.PatientIdentity) -> Wish:
    return Wish(
        patient=patient, practitioner=move.practitioner, starts_at=move.starts_at, status=move.old.status,
        is_own=False, reason=move.old.reason, notes=move.old.notes, moved_from_id=move.old.id,
    )  # fmt: skip


async def _give_way(ctx: Context, leaving: Iterable[Appointment]) -> None:
    for old in leaving:
        old.leave_for_another(ctx.now(), "")
    await ctx.session.flush()


async def _bring_along(ctx: Context, moves: Sequence[Move], new: Mapping[UUID, Appointment], rules: Rules) -> None:
    """Receipts and numbers go with their visits; each move has its audit rows and events."""
    told = {"ids": [move.old.id for move in moves]}
    receipts = set(
        await ctx.session.scalars(select(Receipt.appointment_id).where(is_one_of(Receipt.appointment_id)), told)
    )
    numbers = await _numbered(ctx, told["ids"])
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
            details={"step": Step.RESCHEDULE, "cause": "leave"},
        )  # fmt: skip
        ctx.emit(AppointmentRescheduled(**steps.ids(appointment), rescheduled_from_id=old.id))
        ctx.emit(AppointmentChanged(**steps.ids(old)))


async def _cancel(ctx: Context, leaving: Sequence[Appointment], reason: str) -> None:
    for old in leaving:
        old.cancel(ctx.now(), reason)
    await ctx.session.flush()
    numbers = await _numbered(ctx, [old.id for old in leaving])
    for old in leaving:
        if old.id in numbers:
            await queue_tokens.follow(ctx, old)
        await steps.tell(ctx, old, Step.CANCEL, AppointmentCancelled)


async def _numbered(ctx: Context, ids: Sequence[UUID]) -> set[UUID]:
    query = select(QueueToken.appointment_id).where(is_one_of(QueueToken.appointment_id))
    return set(await ctx.session.scalars(query, {"ids": list(ids)}))


def _outcome(old: Appointment, decision: Decision, moved: Mapping[UUID, Appointment]) -> dict[str, str | None]:
    new = moved.get(old.id)
    return {
        "appointment_id": str(old.id), "action": decision.action, "new_appointment_id": str(new.id) if new else None,
    }  # fmt: skip


def _fresh(one: Affected, cards: Mapping[UUID, staff.PractitionerCard]) -> dict[str, object]:
    options = [as_proposal(place, cards).model_dump(mode="json") for place in one.options]
    return {"appointment_id": one.appointment_id, "options": options}
