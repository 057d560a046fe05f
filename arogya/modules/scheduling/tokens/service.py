"""Queue tokens: a visit's number in its practitioner's queue of one session and day, and the states it goes through.

A token is a machine of its own beside the appointment. Whoever changes an appointment calls `follow` after it; that
gives the number when the hospital's rules say so and ends the token when the visit ends.
"""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import and_, bindparam, func, select
from sqlalchemy.dialects.postgresql import insert

from arogya.modules.organizations import api as organizations
from arogya.modules.scheduling import booking_rules
from arogya.modules.scheduling.events import QueueMoved
from arogya.modules.scheduling.models import Appointment, QueueCounter, QueueToken, Schedule, TokenStatus
from arogya.modules.scheduling.refusals import WrongState
from arogya.modules.scheduling.slots.timetables import add_exceptions, plans
from arogya.modules.scheduling.tokens.order import (
    APPOINTMENTS_FIRST,
    Place,
    appointment_due,
    due_behind_next,
    number_due,
    walk_in_due,
)
from arogya.modules.scheduling.tokens.sittings import Sitting, sitting_at
from arogya.modules.scheduling.transitions import AppointmentStatus
from arogya.platform.access import Context
from arogya.platform.audit import Action
from arogya.platform.errors import Conflict, constraint_means
from arogya.platform.prepared import prepare, scalar
from arogya.platform.writing import made, write_now

UNKNOWN_TURN = timedelta(minutes=15)
"""One consultation of a practitioner who has no schedule at the branch to say it."""

_T = TokenStatus
_A = AppointmentStatus
HERE: Final = frozenset({_A.ARRIVED, _A.CHECKED_IN})
OPEN: Final = frozenset({_T.WAITING, _T.CALLED, _T.IN_CONSULTATION, _T.SKIPPED})
"""The states of a token whose visit is not over."""
_GIVEN_WHEN: Final = {
    "booking": frozenset({_A.BOOKED, _A.ARRIVED, _A.CHECKED_IN}),
    "arrival": frozenset({_A.ARRIVED, _A.CHECKED_IN}),
    "check-in": frozenset({_A.CHECKED_IN}),
}
_OVER: Final = frozenset({_A.CANCELLED, _A.NO_SHOW, _A.ENTERED_IN_ERROR})


_KEY = ("organization_id", "practitioner_id", "facility_id", "day", "session")
_NEXT = prepare(
    insert(QueueCounter)
    .values(**{name: bindparam(name) for name in _KEY}, last=1)
    .on_conflict_do_update(index_elements=list(_KEY), set_={"last": QueueCounter.last + 1})
    .returning(QueueCounter.last)
)
_LAST_WALK_IN = prepare(
    select(func.max(QueueToken.due_at))
    .join(
        Appointment,
        and_(Appointment.organization_id == QueueToken.organization_id, Appointment.id == QueueToken.appointment_id),
    )
    .where(
        QueueToken.practitioner_id == bindparam("practitioner_id"),
        QueueToken.facility_id == bindparam("facility_id"),
        QueueToken.day == bindparam("day"),
        QueueToken.status == _T.WAITING.value,
        Appointment.kind == "walk-in",
    )
)
_OF_VISIT = select(QueueToken).where(QueueToken.appointment_id == bindparam("visit"))
_LOCKED = _OF_VISIT.with_for_update(key_share=True).execution_options(populate_existing=True)


class Move(StrEnum):
    """What can happen to a token, as the API spells it."""

    CALL = "call"
    RECALL = "recall"
    START = "start"
    FINISH = "finish"
    SKIP = "skip"
    RETURN = "return"
    LEAVE = "leave"
    PRIORITY = "priority"
    HAND_OVER = "hand-over"


MOVES: Final[dict[Move, tuple[frozenset[TokenStatus], TokenStatus | None]]] = {
    Move.CALL: (frozenset({_T.WAITING, _T.SKIPPED}), _T.CALLED),
    Move.RECALL: (frozenset({_T.CALLED}), _T.CALLED),
    Move.START: (frozenset({_T.WAITING, _T.CALLED}), _T.IN_CONSULTATION),
    Move.FINISH: (OPEN, _T.DONE),
    Move.SKIP: (frozenset({_T.WAITING, _T.CALLED}), _T.SKIPPED),
    # From called: it was the wrong number, and its holder loses nothing by it.
    Move.RETURN: (frozenset({_T.SKIPPED, _T.CALLED}), _T.WAITING),
    Move.LEAVE: (OPEN, _T.LEFT),
    Move.PRIORITY: (frozenset({_T.WAITING, _T.SKIPPED, _T.CALLED}), None),
    # The queue goes to a colleague, where its holder gets a new number.
    Move.HAND_OVER: (frozenset({_T.WAITING, _T.CALLED, _T.SKIPPED}), _T.MOVED),
}
"""From which states, and to which (None: it stays). `docs/queue.md` shows it; a test keeps the two alike."""


class SomeoneInside(Conflict):
    code, title = "someone_inside", "Someone is still with the doctor"


constraint_means("uq_queue_tokens_inside", SomeoneInside)


def refuse_unless_from(token: QueueToken, move: Move) -> None:
    """Raises WrongState with the token's `current_status`."""
    if token.status not in MOVES[move][0]:
        raise WrongState("The number is not in a state in which this can be done", status=token.status)


def take(token: QueueToken, move: Move, now: datetime) -> None:
    """Bring the token to where the move leads. Raises WrongState."""
    refuse_unless_from(token, move)
    target = MOVES[move][1]
    if target is not None:
        token.status = target
    if target == _T.CALLED:
        token.called_at = now
        token.calls += 1
    elif target == _T.WAITING:
        token.called_at = None
    elif target == _T.IN_CONSULTATION:
        token.started_at = now
    elif target in (_T.DONE, _T.LEFT, _T.MOVED):
        token.ended_at = now


async def give(ctx: Context, appointment: Appointment) -> QueueToken:
    """The visit's number: the one that it has, else the next of its session. Call after the appointment is flushed."""
    token = await token_of(ctx, appointment.id)
    if token is not None:
        return token
    sitting = await sitting_of(ctx, appointment.practitioner_id, appointment.facility_id, appointment.starts_at)
    return await issue(ctx, appointment, sitting)


async def issue(ctx: Context, appointment: Appointment, sitting: Sitting, *, is_priority: bool = False) -> QueueToken:
    """The next number of the sitting, for a visit that has none and is flushed."""
    number = await _next_number(ctx, appointment, sitting)
    order = (await booking_rules.current(ctx)).queue_order
    token = made(
        QueueToken,
        appointment_id=appointment.id,
        patient_id=appointment.patient_id,
        practitioner_id=appointment.practitioner_id,
        facility_id=appointment.facility_id,
        day=sitting.day,
        session=sitting.name,
        number=number,
        status=_T.WAITING,
        calls=0,
        is_priority=is_priority,
        due_at=await _due_at(ctx, appointment, sitting, number, order),
        stands_behind=order == APPOINTMENTS_FIRST and appointment.kind == "walk-in" and not sitting.is_by_number,
        issued_at=ctx.now(),
    )
    await write_now(ctx.session, token)
    moved(ctx, token, Action.CREATE)
    return token


async def follow(ctx: Context, appointment: Appointment) -> QueueToken | None:
    """Bring the token after the appointment's new status; call it after each change of one, in the same transaction.

    booked, arrived, checked-in: given where the rules say now; a late-comer is put where late-comers stand.
    fulfilled: done. cancelled, noshow, entered-in-error: left. None where the visit has no token.
    """
    token = await token_of(ctx, appointment.id, lock=True)
    if token is None:
        return await give(ctx, appointment) if await _is_given_now(ctx, appointment) else None
    if token.status not in OPEN:
        return token
    if appointment.status == _A.FULFILLED:
        take(token, Move.FINISH, ctx.now())
    elif appointment.status in _OVER:
        take(token, Move.LEAVE, ctx.now())
    elif _just_came(appointment):
        token.due_at = await _due_on_coming(ctx, appointment, token)
    moved(ctx, token)
    return token


async def token_of(ctx: Context, appointment_id: UUID, *, lock: bool = False) -> QueueToken | None:
    """lock: as it is now, and nobody else changes it before the commit."""
    token: QueueToken | None = await ctx.session.scalar(_LOCKED if lock else _OF_VISIT, {"visit": appointment_id})
    return token


def moved(ctx: Context, token: QueueToken, action: Action = Action.UPDATE) -> None:
    """The audit row and the event of a change."""
    ctx.audit(action, "queue_token", token.id, patient_id=token.patient_id, details={"status": token.status})
    ctx.emit(QueueMoved(practitioner_id=token.practitioner_id, facility_id=token.facility_id, token_id=token.id))


async def sitting_of(ctx: Context, practitioner_id: UUID, facility_id: UUID, moment: datetime) -> Sitting:
    """The queue of this practitioner to which the moment belongs."""
    facility = await organizations.facility(ctx.session, facility_id)
    around = moment - timedelta(days=2), moment + timedelta(days=1)
    found = await plans(ctx, [practitioner_id])
    await add_exceptions(ctx, found, *around)
    here = [one.only(facility_id=facility_id) for one in found.values()]
    return sitting_at([session for one in here for session in one.sessions(*around)], moment, facility.zone)


async def _next_number(ctx: Context, appointment: Appointment, sitting: Sitting) -> int:
    """One more than the last. Its row stays locked until the commit, so numbers have no doubles and no gaps."""
    line = {
        "organization_id": ctx.organization_id, "practitioner_id": appointment.practitioner_id,
        "facility_id": appointment.facility_id, "day": sitting.day, "session": sitting.name,
    }  # fmt: skip
    number: int = await scalar(ctx.session, _NEXT, line)
    return number


async def _is_given_now(ctx: Context, appointment: Appointment) -> bool:
    rules = await booking_rules.current(ctx)
    return appointment.status in _GIVEN_WHEN[rules.token_given_at]


async def _due_at(ctx: Context, appointment: Appointment, sitting: Sitting, number: int, order: str) -> datetime:
    """Where a new number stands: rules 3 to 5 of order.py."""
    turn = sitting.turn or await turn_without_session(ctx, appointment.practitioner_id, appointment.facility_id)
    if sitting.is_by_number and sitting.session:
        return number_due(sitting.session.starts_at, number, turn)
    if appointment.kind == "walk-in":
        return await _walk_in_due(ctx, appointment, sitting, turn, order)
    return _slot_due(appointment, order)


def _slot_due(appointment: Appointment, order: str) -> datetime:
    return appointment_due(appointment.starts_at, appointment.ends_at, appointment.arrived_at, order=order)


async def _walk_in_due(
    ctx: Context, appointment: Appointment, sitting: Sitting, turn: timedelta, order: str
) -> datetime:
    line = {
        "practitioner_id": appointment.practitioner_id, "facility_id": appointment.facility_id, "day": sitting.day,
    }  # fmt: skip
    last = await scalar(ctx.session, _LAST_WALK_IN, line)
    return walk_in_due(
        appointment.starts_at, sitting.session.starts_at if sitting.session else None, last, turn, order=order
    )


async def turn_without_session(ctx: Context, practitioner_id: UUID, facility_id: UUID) -> timedelta:
    """The slot's length of the practitioner's newest schedule here."""
    minutes = await ctx.session.scalar(
        select(Schedule.slot_minutes)
        .where(Schedule.practitioner_id == practitioner_id, Schedule.facility_id == facility_id)
        .order_by(Schedule.is_active.desc(), Schedule.valid_from.desc(), Schedule.id)
        .limit(1)
    )
    return timedelta(minutes=minutes) if minutes else UNKNOWN_TURN


def _just_came(appointment: Appointment) -> bool:
    if appointment.status == _A.ARRIVED:
        return True
    return appointment.status == _A.CHECKED_IN and appointment.arrived_at == appointment.checked_in_at


async def _due_on_coming(ctx: Context, appointment: Appointment, token: QueueToken) -> datetime:
    """Where one with a number from before stands once they are here: rule 5 of order.py."""
    if appointment.kind != "token":
        return _slot_due(appointment, (await booking_rules.current(ctx)).queue_order)
    everyone = await places_of(ctx, token.practitioner_id, token.facility_id, token.day)
    others = [place for place in everyone if place.key != token.id]
    was_passed = any(p.called_at and not p.is_priority and p.due_at > token.due_at for p in others)
    return due_behind_next(others, token.due_at) if was_passed else token.due_at


async def places_of(ctx: Context, practitioner_id: UUID, facility_id: UUID, day: date) -> list[Place]:
    """Everyone with a number in one queue of a day."""
    rows = await ctx.session.execute(
        select(
            QueueToken.id, QueueToken.number, QueueToken.status, QueueToken.due_at, QueueToken.is_priority,
            QueueToken.called_at, QueueToken.stands_behind, Appointment.status.label("visit"), Appointment.kind,
        )
        .join(Appointment, Appointment.id == QueueToken.appointment_id)
        .where(
            QueueToken.practitioner_id == practitioner_id,
            QueueToken.facility_id == facility_id,
            QueueToken.day == day,
        )
    )  # fmt: skip
    return [
        Place(
            row.id, row.number, row.status, row.due_at, row.visit in HERE, row.is_priority, row.kind == "walk-in",
            row.called_at, row.stands_behind,
        )
        for row in rows
    ]  # fmt: skip
