"""Moving a queue: everyone who waits for a doctor who is gone gets a number with a colleague, in one step."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from arogya.modules.organizations.api import Facility
from arogya.modules.scheduling.appointments import reads, steps
from arogya.modules.scheduling.appointments.booking import audit_new, take_receipt_along
from arogya.modules.scheduling.appointments.moves import Goal, busy_times, is_at, locked, locks_of, move_all, refuse
from arogya.modules.scheduling.appointments.places import in_savepoint
from arogya.modules.scheduling.appointments.pool import Place, Pool
from arogya.modules.scheduling.appointments.proposals import proposal
from arogya.modules.scheduling.appointments.schemas import AppointmentRead
from arogya.modules.scheduling.events import (
    AppointmentArrived,
    AppointmentChanged,
    AppointmentCheckedIn,
    VisitHandedOver,
)
from arogya.modules.scheduling.models import Appointment, QueueHandover, QueueToken, TokenStatus
from arogya.modules.scheduling.queue import service as queue
from arogya.modules.scheduling.queue.lines import Line, Visit, line_of
from arogya.modules.scheduling.queue.moves.schemas import (
    HandOver,
    HandoverPreview,
    PreviewHandover,
    WhoComes,
    WhoWaits,
)
from arogya.modules.scheduling.queue.practitioner_days import refuse_elsewhere
from arogya.modules.scheduling.slots.computing import Slot
from arogya.modules.scheduling.slots.timetables import timetables
from arogya.modules.scheduling.tokens import service as queue_tokens
from arogya.modules.scheduling.tokens.order import handed_over_due
from arogya.modules.scheduling.tokens.service import HERE, OPEN, Move
from arogya.modules.scheduling.transitions import HELD_OPEN, AppointmentStatus, Step
from arogya.modules.staff import api as staff
from arogya.platform.access import Context
from arogya.platform.audit import Action
from arogya.platform.clock import day_bounds, local_day
from arogya.platform.database import advisory_locks, is_one_of
from arogya.platform.errors import Conflict, NotFound

HANDED_OVER = "Moved to a colleague"
"""Why the visit with the doctor who is gone was cancelled."""
_AWAY = ("gone", "leave")


class ColleagueAway(Conflict):
    code, title = "colleague_away", "This doctor is on leave or gone, too"


class NoColleague(Conflict):
    code, title = "no_colleague", "The queue of a service goes to nobody else, and no doctor's queue to a service"


class NobodyWaits(Conflict):
    code, title = "nobody_waits", "There is nobody to move"


@dataclass(frozen=True, slots=True)
class _Both:
    """The queue that is moved, and the one that it goes to, as they are now."""

    facility: Facility
    source: Line
    target: Line
    doctor: staff.PractitionerCard
    colleague: staff.PractitionerCard
    there: frozenset[UUID]
    """Patients who have an open number with the colleague; they stay."""


async def preview(ctx: Context, request: PreviewHandover) -> HandoverPreview:
    """Who would move, in which order, and where the later ones could go. One audit row with the ids shown."""
    both = await _both(ctx, request)
    people = await _patients_of(ctx, both.source.visits)
    waiting, later = _who_waits(both.source), _who_comes(both.source)
    rows = await ctx.session.execute(
        reads.everything().where(is_one_of(Appointment.id)), {"ids": [v.appointment_id for v in (*waiting, *later)]}
    )
    read = {one.id: one for one in await reads.assemble(ctx, rows.mappings().all())}
    reads.audit_list(ctx, list(read.values()))
    goes = [visit for visit in waiting if people[visit.appointment_id] not in both.there]
    due = _due(both, goes)
    options = await _options(ctx, both, [read[visit.appointment_id] for visit in later])
    return HandoverPreview(
        waiting=[
            WhoWaits(
                appointment=read[v.appointment_id], due_at=due.get(v.key),
                has_number_there=people[v.appointment_id] in both.there,
            )
            for v in waiting
        ],
        later=[
            WhoComes(
                appointment=read[v.appointment_id],
                option=proposal(found.slot, both.colleague) if (found := options.get(v.appointment_id)) else None,
            )
            for v in later
        ],
        waiting_there=len(both.target.next_numbers),
    )  # fmt: skip


async def hand_over(ctx: Context, request: HandOver) -> QueueHandover:
    """Move all who wait, and those of the later ones that are named. Raises ColleagueAway, NobodyWaits, and
    ProposalsStale where a later one's place was taken; then nothing was changed.
    """
    return await in_savepoint(ctx, lambda: _hand_over(ctx, request))


async def made(ctx: Context, handover_id: UUID) -> QueueHandover:
    """What an earlier request with the same key did."""
    found = await ctx.session.get(QueueHandover, (ctx.organization_id, handover_id))
    if found is None:
        raise NotFound().about("queue_handover", handover_id)
    return found


async def _hand_over(ctx: Context, request: HandOver) -> QueueHandover:
    facility = await queue.branch(ctx, request.facility_id)
    ends = (request.from_practitioner_id, request.to_practitioner_id)
    goals: dict[UUID, Goal | None] = {
        one.appointment_id: Goal(request.to_practitioner_id, facility.id, one.starts_at) for one in request.later
    }
    names = [queue.lock_name(ctx, facility.id, id_) for id_ in ends]
    await advisory_locks(ctx.session, [*names, *await locks_of(ctx, goals)])
    both = await _both(ctx, request)
    people = await _patients_of(ctx, both.source.visits)
    goes = [visit for visit in _who_waits(both.source) if people[visit.appointment_id] not in both.there]
    expected = {visit.appointment_id for visit in _who_comes(both.source)}
    refuse([(id_, "not_affected") for id_ in goals if id_ not in expected])
    if not goes and not goals:
        raise NobodyWaits
    visits = await locked(ctx, [*(visit.appointment_id for visit in goes), *goals])
    going = [(visits[id_], goal) for id_, goal in goals.items() if goal is not None]
    moved = await move_all(ctx, going, goals, "handover")
    outcome = [*await _move_numbers(ctx, both, goes, visits), *((old, new.id) for old, new in moved.items())]
    handover = QueueHandover(
        from_practitioner_id=ends[0], to_practitioner_id=ends[1], facility_id=facility.id, day=both.source.sitting.day,
        outcome=[{"appointment_id": str(old), "new_appointment_id": str(new)} for old, new in outcome],
    )  # fmt: skip
    ctx.add(handover)
    await ctx.session.flush()
    ctx.audit(Action.CREATE, "queue_handover", handover.id, *ends, details={"moved": len(outcome)})
    return handover


async def _both(ctx: Context, request: PreviewHandover) -> _Both:
    """Raises Forbidden, NotFound, ColleagueAway, NoColleague; Invalid for one who sees nobody at this branch."""
    facility = await queue.branch(ctx, request.facility_id)
    colleague = await refuse_elsewhere(ctx, request.to_practitioner_id, facility.id)
    doctor = await staff.practitioner(ctx, request.from_practitioner_id)
    if doctor.is_service or colleague.is_service:
        raise NoColleague
    target = await line_of(ctx, facility, colleague.id)
    if target.state in _AWAY:
        raise ColleagueAway
    there = await ctx.session.scalars(
        select(QueueToken.patient_id).where(
            QueueToken.practitioner_id == colleague.id, QueueToken.facility_id == facility.id,
            QueueToken.day == target.sitting.day, QueueToken.status.in_(OPEN),
        )
    )  # fmt: skip
    source = await line_of(ctx, facility, doctor.id)
    return _Both(facility, source, target, doctor, colleague, frozenset(there))


async def _patients_of(ctx: Context, visits: Sequence[Visit]) -> dict[UUID, UUID]:
    rows = await ctx.session.execute(
        select(Appointment.id, Appointment.patient_id).where(is_one_of(Appointment.id)),
        {"ids": [visit.appointment_id for visit in visits]},
    )
    return {row.id: row.patient_id for row in rows}


def _who_waits(line: Line) -> list[Visit]:
    """Those who are here and not with the doctor, in calling order; who was skipped comes last."""
    sources = queue_tokens.MOVES[Move.HAND_OVER][0]
    return [v for v in line.in_order if v.token_id and v.token_status in sources and v.visit_status in HERE]


def _who_comes(line: Line) -> list[Visit]:
    """Today's appointments of those who are not here yet, by time."""
    return sorted((v for v in line.visits if v.visit_status in HELD_OPEN), key=lambda v: v.starts_at)


def _due(both: _Both, goes: Sequence[Visit]) -> dict[UUID, datetime]:
    """Where each will stand there, by the visit's key. Who has priority goes first there, too, as due as before."""
    session, by_turns = both.target.sitting.session, [visit for visit in goes if not visit.is_priority]
    shared = handed_over_due(
        both.target.places, len(by_turns), both.target.now, session.starts_at if session else None, both.target.turn
    )
    kept = {visit.key: visit.due_at for visit in goes if visit.is_priority and visit.due_at}
    return kept | dict(zip((visit.key for visit in by_turns), shared, strict=True))


async def _options(ctx: Context, both: _Both, later: Sequence[AppointmentRead]) -> dict[UUID, Place]:
    """For each the colleague's free place of today nearest to their own time, not before it; no place twice."""
    start, end = ctx.now(), day_bounds(local_day(ctx.now(), both.facility.zone), both.facility.zone)[1]
    pool, day = Pool(), local_day(ctx.now(), both.facility.zone)
    for id_, table in (await timetables(ctx, start, end, [both.colleague.id])).items():
        for slot in table.only(facility_id=both.facility.id).slots(start, end, ctx.now()):
            pool.add(id_, slot, both.facility.zone)
    busy = await busy_times(ctx, {one.patient_id for one in later}, {one.id for one in later})
    found: dict[UUID, Place] = {}
    for one in later:

        def suits(slot: Slot, one: AppointmentRead = one) -> bool:
            return (slot.kind == "token" or slot.starts_at >= one.starts_at) and not is_at(busy[one.patient_id], slot)

        place = pool.on((both.colleague.id, both.facility.id, one.mode), day, one.starts_at, suits)
        if place is not None:
            pool.take(place)
            found[one.id] = place
    return found


async def _move_numbers(
    ctx: Context, both: _Both, goes: Sequence[Visit], visits: dict[UUID, Appointment]
) -> list[tuple[UUID, UUID]]:
    """Close each old number as moved and give one with the colleague, where the order says."""
    due = _due(both, goes)
    tokens = {
        token.appointment_id: token
        for token in await ctx.session.scalars(
            select(QueueToken).where(is_one_of(QueueToken.appointment_id)).with_for_update(key_share=True),
            {"ids": [visit.appointment_id for visit in goes]}, execution_options={"populate_existing": True},
        )
    }  # fmt: skip
    outcome = []
    for visit in goes:
        old, token = visits[visit.appointment_id], tokens[visit.appointment_id]
        new = await _take_over(ctx, both, old)
        was_skipped = token.status == TokenStatus.SKIPPED
        queue_tokens.take(token, Move.HAND_OVER, ctx.now())
        queue_tokens.moved(ctx, token)
        given = await queue_tokens.issue(ctx, new, both.target.sitting, is_priority=token.is_priority)
        given.due_at = due[visit.key]
        if was_skipped:
            queue_tokens.take(given, Move.SKIP, ctx.now())
        await _tell(ctx, both, old, new)
        outcome.append((old.id, new.id))
    return outcome


async def _take_over(ctx: Context, both: _Both, old: Appointment) -> Appointment:
    """A visit with the colleague in the old one's stead. What is due for it stays what it was."""
    status = old.status
    old.hand_over(ctx.now(), HANDED_OVER)
    session = both.target.sitting.session
    plan = session.plan if session else None
    new = Appointment(
        patient_id=old.patient_id, practitioner_id=both.colleague.id, facility_id=both.facility.id,
        schedule_id=plan.schedule_id if plan else None, room_id=plan.room_id if plan else None,
        kind="walk-in", mode=old.mode, status=status, starts_at=old.starts_at, ends_at=old.ends_at, reason=old.reason,
        notes=old.notes, source=old.source, rescheduled_from_id=old.id, fee_paise=old.fee_paise,
        is_free_revisit=old.is_free_revisit, arrived_at=old.arrived_at, checked_in_at=old.checked_in_at,
    )  # fmt: skip
    ctx.add(new)
    await ctx.session.flush()
    await take_receipt_along(ctx, old.id, new.id)
    return new


async def _tell(ctx: Context, both: _Both, old: Appointment, new: Appointment) -> None:
    """The chart is open to the colleague now and not to the other; audit rows, events."""
    audit_new(ctx, new)
    await steps.tell(ctx, old, Step.CANCEL, AppointmentChanged, both.doctor)
    if new.status == AppointmentStatus.ARRIVED:
        await steps.tell(ctx, new, Step.ARRIVE, AppointmentArrived, both.colleague)
    else:
        await steps.tell(ctx, new, Step.CHECK_IN, AppointmentCheckedIn, both.colleague)
    ctx.emit(VisitHandedOver(**steps.ids(new), rescheduled_from_id=old.id))
