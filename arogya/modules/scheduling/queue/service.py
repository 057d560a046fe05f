"""The queue at work: call the next, call again, begin, skip, bring back, leave, priority.

Every change takes the queue's lock first: two desks that press at once call one patient.
"""

from uuid import UUID

from sqlalchemy import select

from arogya.modules.organizations import api as organizations
from arogya.modules.organizations.api import Facility
from arogya.modules.scheduling.appointments import steps
from arogya.modules.scheduling.events import QueueMoved, TokenCalled
from arogya.modules.scheduling.models import QueueToken, TokenStatus
from arogya.modules.scheduling.queue import practitioner_days
from arogya.modules.scheduling.queue import reads as queue_reads
from arogya.modules.scheduling.queue.lines import Line, Visit, line_of
from arogya.modules.scheduling.queue.schemas import CallNext, NextCalled, QueueEntry
from arogya.modules.scheduling.reach import require
from arogya.modules.scheduling.tokens.order import due_behind_next, waiting_here
from arogya.modules.scheduling.tokens.service import Move, SomeoneInside, refuse_unless_from, take
from arogya.platform.access import Context
from arogya.platform.audit import Action
from arogya.platform.database import advisory_locks
from arogya.platform.errors import Conflict, NotFound
from arogya.policy import Permission

LEFT = "Left without being seen"
"""Why the visit of one who left was cancelled."""


class NotHere(Conflict):
    code, title = "not_here", "The patient has not arrived yet"


class NotToday(Conflict):
    code, title = "not_today", "This number belongs to another day"


async def call_next(ctx: Context, request: CallNext) -> NextCalled:
    """Finish the one with the doctor and call the next by the order.

    Who was called and is not inside yet stays the next to go in: pressed again, or at another desk, it calls nobody
    else.
    """
    facility = await branch(ctx, request.facility_id)
    line = await _locked(ctx, facility, request.practitioner_id)
    finished = await _finish(ctx, line, request.finishing)
    if finished:
        line = await line_of(ctx, facility, request.practitioner_id)
    called = line.inside.token_id if line.inside else None
    if called is None and (first := next(iter(waiting_here(line.places)), None)):
        called = first.key
        token = await _token(ctx, called)
        await _call(ctx, token, line)
        _moved(ctx, token, Move.CALL)
    if called is None:
        return NextCalled(finished=finished, called=None)
    return NextCalled(finished=finished, called=await queue_reads.entry(ctx, facility, line.practitioner_id, called))


async def move(ctx: Context, token_id: UUID, step: Move) -> QueueEntry:
    """Take one step with one number. Raises WrongState, NotHere, NotToday, SomeoneInside."""
    token, facility, line = await _opened(ctx, token_id, step)
    if token.day != line.sitting.day and step != Move.LEAVE:
        raise NotToday
    match step:
        case Move.CALL | Move.RECALL:
            await _call(ctx, token, line, step)
        case Move.START:
            await _start(ctx, token, line)
        case Move.SKIP:
            _skip(ctx, token, line)
        case Move.LEAVE:
            await _leave(ctx, token)
        case _:
            take(token, step, ctx.now())
    _moved(ctx, token, step)
    return await queue_reads.entry(ctx, facility, token.practitioner_id, token.id)


async def set_priority(ctx: Context, token_id: UUID, is_priority: bool) -> QueueEntry:
    token, facility, _ = await _opened(ctx, token_id, Move.PRIORITY)
    take(token, Move.PRIORITY, ctx.now())
    token.is_priority = is_priority
    _moved(ctx, token, Move.PRIORITY)
    return await queue_reads.entry(ctx, facility, token.practitioner_id, token.id)


async def branch(ctx: Context, facility_id: UUID, permission: Permission = Permission.QUEUE_CALL) -> Facility:
    """The branch, where the actor may do this there. Raises NotFound, Forbidden."""
    facility = await organizations.facility(ctx.session, facility_id)
    require(ctx, permission, facility_id)
    return facility


def lock_name(ctx: Context, facility_id: UUID, practitioner_id: UUID) -> str:
    """What everyone locks who changes this queue."""
    return f"queue:{ctx.organization_id}:{facility_id}:{practitioner_id}"


async def _opened(ctx: Context, token_id: UUID, step: Move) -> tuple[QueueToken, Facility, Line]:
    """The number with its queue, locked. Raises NotFound for a branch that the actor may know nothing of."""
    known = QueueToken.facility_id, QueueToken.practitioner_id
    row = (await ctx.session.execute(select(*known).where(QueueToken.id == token_id))).one_or_none()
    if row is None or not ctx.may(Permission.QUEUE_READ, row.facility_id):
        raise NotFound().about("queue_token", token_id)
    facility = await branch(ctx, row.facility_id)
    line = await _locked(ctx, facility, row.practitioner_id)
    # Who ends a visit locks it first and its number after; to leave is to end one.
    return await _token(ctx, token_id, lock=step != Move.LEAVE), facility, line


async def _token(ctx: Context, token_id: UUID, *, lock: bool = True) -> QueueToken:
    key, how = (ctx.organization_id, token_id), {"key_share": True} if lock else None
    return await ctx.session.get_one(QueueToken, key, populate_existing=True, with_for_update=how)


async def _locked(ctx: Context, facility: Facility, practitioner_id: UUID) -> Line:
    """The line as the last holder of its lock left it."""
    await advisory_locks(ctx.session, [lock_name(ctx, facility.id, practitioner_id)])
    return await line_of(ctx, facility, practitioner_id)


async def _finish(ctx: Context, line: Line, finishing: UUID | None) -> UUID | None:
    """End the visit of the one inside, or of `finishing` where that one is inside or was called."""
    inside = _who_is_finished(line, finishing)
    if inside is None or inside.token_id is None:
        return None
    await steps.seen(ctx, inside.appointment_id)
    token = await ctx.session.get_one(QueueToken, (ctx.organization_id, inside.token_id))
    token.started_at = token.started_at or token.called_at
    return token.id


def _who_is_finished(line: Line, finishing: UUID | None) -> Visit | None:
    if finishing is None:
        return _in_consultation(line)
    named = next((visit for visit in line.visits if visit.token_id == finishing), None)
    if named is None:
        raise NotFound("This number is not in this queue").about("queue_token", finishing)
    return named if named.token_status in (TokenStatus.IN_CONSULTATION, TokenStatus.CALLED) else None


def _in_consultation(line: Line) -> Visit | None:
    return next((visit for visit in line.visits if visit.token_status == TokenStatus.IN_CONSULTATION), None)


async def _call(ctx: Context, token: QueueToken, line: Line, step: Move = Move.CALL) -> None:
    _refuse_absent(line, token)
    take(token, step, ctx.now())
    await practitioner_days.is_at_work(ctx, line, token.facility_id)
    ctx.emit(
        TokenCalled(
            practitioner_id=token.practitioner_id, facility_id=token.facility_id, token_id=token.id,
            appointment_id=token.appointment_id, patient_id=token.patient_id,
        )
    )  # fmt: skip


async def _start(ctx: Context, token: QueueToken, line: Line) -> None:
    _refuse_absent(line, token)
    other = _in_consultation(line)
    if other is not None and other.token_id != token.id:
        raise SomeoneInside(extra={"token_id": other.token_id, "number": other.number})
    take(token, Move.START, ctx.now())
    await practitioner_days.is_at_work(ctx, line, token.facility_id)


def _refuse_absent(line: Line, token: QueueToken) -> None:
    visit = next(visit for visit in line.visits if visit.token_id == token.id)
    if visit.visit_status in {"booked", "pending"}:
        raise NotHere


def _skip(ctx: Context, token: QueueToken, line: Line) -> None:
    take(token, Move.SKIP, ctx.now())
    token.due_at = due_behind_next((place for place in line.places if place.key != token.id), token.due_at)


async def _leave(ctx: Context, token: QueueToken) -> None:
    """End the visit, and the number with it."""
    refuse_unless_from(token, Move.LEAVE)
    await steps.gone(ctx, token.appointment_id, LEFT)


def _moved(ctx: Context, token: QueueToken, step: Move) -> None:
    ctx.audit(
        Action.UPDATE, "queue_token", token.id, patient_id=token.patient_id,
        details={"move": step, "status": token.status},
    )  # fmt: skip
    ctx.emit(QueueMoved(practitioner_id=token.practitioner_id, facility_id=token.facility_id, token_id=token.id))
