"""Applying what was decided about the bookings inside a leave: all of it or nothing, in one transaction."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from arogya.modules.scheduling import reach
from arogya.modules.scheduling.appointments import steps
from arogya.modules.scheduling.appointments.moves import Goal, locked, locks_of, move_all, numbered, refuse
from arogya.modules.scheduling.appointments.places import in_savepoint
from arogya.modules.scheduling.events import AppointmentCancelled, LeaveCascaded, ScheduleChanged
from arogya.modules.scheduling.leave_cascade.preview import Affected, affected_by, as_proposal, closing_of, propose
from arogya.modules.scheduling.leave_cascade.schemas import ApplyLeave, Decision
from arogya.modules.scheduling.models import Appointment, LeaveCascade
from arogya.modules.scheduling.refusals import ProposalsStale
from arogya.modules.scheduling.schedules import exceptions as schedules_exceptions
from arogya.modules.scheduling.tokens import service as queue_tokens
from arogya.modules.scheduling.transitions import Step
from arogya.modules.staff import api as staff
from arogya.platform.access import Context
from arogya.platform.audit import Action
from arogya.platform.database import advisory_locks
from arogya.platform.errors import NotFound
from arogya.policy import Permission


async def apply(ctx: Context, request: ApplyLeave) -> LeaveCascade:
    """Make the leave, move or cancel all, and let each patient be told. Raises ProposalsStale and changes nothing."""
    closing = await closing_of(ctx, request)
    try:
        return await in_savepoint(ctx, lambda: _apply(ctx, request))
    except ProposalsStale as stale:
        refused = stale
    # Now that the locks are let go.
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
    goals = {one.appointment_id: _goal(one) for one in request.decisions}
    names = [*await schedules_exceptions.locks_of(ctx, closing), *await locks_of(ctx, goals)]
    await advisory_locks(ctx.session, names)
    if request.leave is not None:
        ctx.add(closing)
        await ctx.session.flush()
        details = {"kind": closing.kind, "affected": len(request.decisions)}
        ctx.audit(Action.CREATE, "schedule_exception", closing.id, details=details)
        ctx.emit(ScheduleChanged(practitioner_id=closing.practitioner_id, facility_id=closing.facility_id))
    _refuse_undecided(await affected_by(ctx, closing), request.decisions)
    visits = await locked(ctx, goals)
    for one in request.decisions:
        if one.action != "keep":
            reach.require(ctx, Permission.APPOINTMENT_CHANGE, visits[one.appointment_id].facility_id)
    going = [(visits[id_], goal) for id_, goal in goals.items() if goal is not None]
    leaving = {one.appointment_id for one in request.decisions if one.action != "keep"}
    moved = await move_all(ctx, going, leaving, "leave")
    cancelled = [visits[one.appointment_id] for one in request.decisions if one.action == "cancel"]
    await _cancel(ctx, cancelled, request.reason)
    cascade = LeaveCascade(exception_id=closing.id, outcome=[_outcome(one, moved) for one in request.decisions])
    ctx.add(cascade)
    await ctx.session.flush()
    details = {"moved": len(moved), "cancelled": len(cancelled)}
    ctx.audit(Action.CREATE, "leave_cascade", cascade.id, closing.id, details=details)
    ctx.emit(LeaveCascaded(cascade_id=cascade.id))
    return cascade


def _goal(one: Decision) -> Goal | None:
    if one.practitioner_id is None or one.facility_id is None or one.starts_at is None:
        return None
    return Goal(one.practitioner_id, one.facility_id, one.starts_at)


def _refuse_undecided(affected: Iterable[Affected], decisions: Iterable[Decision]) -> None:
    """Whoever was booked or went meanwhile: what was decided was not decided about them."""
    inside, decided = {one.appointment_id for one in affected}, {one.appointment_id for one in decisions}
    refuse([*((id_, "undecided") for id_ in inside - decided), *((id_, "not_affected") for id_ in decided - inside)])


async def _cancel(ctx: Context, leaving: Sequence[Appointment], reason: str) -> None:
    for old in leaving:
        old.cancel(ctx.now(), reason)
    await ctx.session.flush()
    numbers = await numbered(ctx, [old.id for old in leaving])
    for old in leaving:
        if old.id in numbers:
            await queue_tokens.follow(ctx, old)
        await steps.tell(ctx, old, Step.CANCEL, AppointmentCancelled)


def _outcome(decision: Decision, moved: Mapping[UUID, Appointment]) -> dict[str, str | None]:
    new = moved.get(decision.appointment_id)
    return {
        "appointment_id": str(decision.appointment_id), "action": decision.action,
        "new_appointment_id": str(new.id) if new else None,
    }  # fmt: skip


def _fresh(one: Affected, cards: Mapping[UUID, staff.PractitionerCard]) -> dict[str, object]:
    options = [as_proposal(place, cards).model_dump(mode="json") for place in one.options]
    return {"appointment_id": one.appointment_id, "options": options}
