"""Who is affected by leave, and where each of them could go instead."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from arogya.modules.organizations import api as organizations
from arogya.modules.patients import api as patients
from arogya.modules.scheduling import reach
from arogya.modules.scheduling.appointments import reads
from arogya.modules.scheduling.appointments.moves import Busy, busy_times, is_at
from arogya.modules.scheduling.appointments.pool import Place, Pool
from arogya.modules.scheduling.appointments.proposals import colleagues, proposal
from arogya.modules.scheduling.appointments.schemas import AppointmentRead, Proposal
from arogya.modules.scheduling.leave_cascade.schemas import AffectedRead, LeavePreview, PreviewLeave
from arogya.modules.scheduling.models import Appointment, ScheduleException
from arogya.modules.scheduling.schedules import exceptions as schedules_exceptions
from arogya.modules.scheduling.slots.computing import Closure, Slot
from arogya.modules.scheduling.slots.timetables import timetables
from arogya.modules.staff import api as staff
from arogya.platform.access import Context
from arogya.platform.clock import local_day
from arogya.platform.database import is_one_of
from arogya.platform.errors import Forbidden, NotFound
from arogya.policy import Permission

NEAR = timedelta(days=3)
"""Up to so many days the patient rather waits for their own doctor than sees a colleague on the day."""
EARLIER, LATER = timedelta(days=7), timedelta(days=28)
"""How far before and after the leave a place is looked for."""
NOTICE = timedelta(hours=2)
"""Nobody is moved to a time that begins sooner: they have to hear of it and come."""
OFFERED = 3


@dataclass(slots=True)
class Affected:
    """One open booking inside the leave, as places are looked for."""

    appointment_id: UUID
    patient_id: UUID
    practitioner_id: UUID
    facility_id: UUID
    mode: str
    starts_at: datetime
    ends_at: datetime
    options: list[Place] = field(default_factory=list)


async def preview(ctx: Context, request: PreviewLeave) -> LeavePreview:
    """Lists the affected with a place for each. One audit row with the ids shown."""
    closing = await closing_of(ctx, request)
    affected = await affected_by(ctx, closing)
    cards = await propose(ctx, closing, affected)
    rows = (
        await ctx.session.execute(
            reads.everything().where(is_one_of(Appointment.id)), {"ids": [a.appointment_id for a in affected]}
        )
    ).mappings()
    read = {one.id: one for one in await reads.assemble(ctx, rows.all())}
    reads.audit_list(ctx, list(read.values()))
    told = await patients.recipients(ctx.session, {a.patient_id for a in affected}, ctx.now())
    return LeavePreview(
        items=[_shown(one, read[one.appointment_id], told.get(one.patient_id), cards) for one in affected]
    )


async def closing_of(ctx: Context, request: PreviewLeave) -> ScheduleException:
    """The leave, made or yet to be made, after asking whether the actor may. Raises NotFound, Forbidden.

    Leave that is there already may be worked on by whoever may change the bookings inside.
    """
    if reach.is_own_only(ctx, Permission.APPOINTMENT_CHANGE):
        raise Forbidden
    if request.leave is not None:
        return await schedules_exceptions.whose(ctx, request.leave)
    found = await ctx.session.get(ScheduleException, (ctx.organization_id, request.exception_id))
    if found is None or found.kind == "extra" or not found.is_active:
        raise NotFound().about("schedule_exception", *filter(None, [request.exception_id]))
    if found.facility_id is not None:
        reach.require(ctx, Permission.APPOINTMENT_CHANGE, found.facility_id)
    return found


async def affected_by(ctx: Context, closing: ScheduleException) -> list[Affected]:
    """The open bookings inside that begin from now on, by time, those of the actor's branches."""
    ids = await reach.narrowed(ctx, schedules_exceptions.affected_ids(closing), Permission.APPOINTMENT_CHANGE)
    at = Appointment
    columns: list[Any] = [
        at.id, at.patient_id, at.practitioner_id, at.facility_id, at.mode, at.starts_at, at.ends_at,
    ]  # fmt: skip
    rows = await ctx.session.execute(ids.with_only_columns(*columns).where(at.ends_at > ctx.now()))
    return [Affected(*row) for row in rows]


async def propose(
    ctx: Context, closing: ScheduleException, affected: Sequence[Affected]
) -> Mapping[UUID, staff.PractitionerCard]:
    """Give each up to three options, and return the practitioners whom they name.

    First everybody's best, in the order of their times, so that nobody's second choice takes what another needs.
    """
    if not affected:
        return {}
    own = {one.practitioner_id for one in affected}
    cards = await staff.practitioners(ctx, own)
    others = await _stand_ins(ctx, cards[closing.practitioner_id]) if closing.practitioner_id else {}
    branches = await organizations.facilities(ctx.session, {one.facility_id for one in affected}, with_inactive=True)
    zones = {id_: branch.zone for id_, branch in branches.items()}
    days = {local_day(one.starts_at, zones[one.facility_id]) for one in affected}
    pool = await _free(ctx, closing, own, others, days)
    busy = await busy_times(ctx, {one.patient_id for one in affected}, {one.appointment_id for one in affected})
    choices = [_choices(pool, one, zones[one.facility_id], others, busy[one.patient_id]) for one in affected]
    for _ in range(OFFERED):
        for one, choice in zip(affected, choices, strict=True):
            place = next(choice, None)
            if place is not None:
                pool.take(place)
                one.options.append(place)
                busy[one.patient_id].append(Busy(place.slot.starts_at, place.slot.ends_at))
    return {**cards, **others}


async def _stand_ins(ctx: Context, practitioner: staff.PractitionerCard) -> dict[UUID, staff.PractitionerCard]:
    """Colleagues of the same specialty. On a branch's holiday there are none: they are away too."""
    found = await colleagues(ctx, practitioner)
    return {id_: card for id_, card in found.items() if card.specialty == practitioner.specialty}


def _choices(pool: Pool, one: Affected, zone: ZoneInfo, others: Collection[UUID], busy: list[Busy]) -> Iterator[Place]:
    """Places in the order in which they are proposed; each is looked for when it is asked for.

    Their own doctor within NEAR, a colleague at about the same time of the same day, then their own doctor further off.
    """
    day, own = local_day(one.starts_at, zone), (one.practitioner_id, one.facility_id, one.mode)

    def suits(slot: Slot) -> bool:
        return not is_at(busy, slot)

    def on(days: Iterator[date]) -> Iterator[Place]:
        return (place for day_ in days if (place := pool.on(own, day_, one.starts_at, suits)) is not None)

    mine = on(pool.days_near(own, day))
    first = next(mine, None)
    if first is not None and abs(local_day(first.slot.starts_at, zone) - day) <= NEAR:
        yield first
        first = None
    sittings = ((id_, one.facility_id, one.mode) for id_ in others)
    found = [place for sitting in sittings if (place := pool.on(sitting, day, one.starts_at, suits)) is not None]
    nearest = min(found, key=lambda place: abs(place.slot.starts_at - one.starts_at), default=None)
    if nearest is not None:
        yield nearest
    # What was found before may have gone to somebody else meanwhile.
    if first is not None and pool.is_left(first):
        yield first
    yield from (place for place in mine if pool.is_left(place))


async def _free(
    ctx: Context, closing: ScheduleException, own: Collection[UUID], others: Collection[UUID], days: Collection[date]
) -> Pool:
    """The free places, as if the leave were made: the doctors' own of some weeks, the colleagues' of these days."""
    start, end = max(ctx.now() + NOTICE, closing.starts_at - EARLIER), closing.ends_at + LATER
    pool = Pool()
    closure = Closure(closing.starts_at, closing.ends_at, closing.practitioner_id, closing.facility_id)
    for id_, table in (await timetables(ctx, start, end, [*own, *others])).items():
        table.closures.append(closure)
        zones = {plan.facility_id: plan.zone for plan in table.plans}
        for slot in table.slots(start, end, ctx.now()):
            zone = zones[slot.facility_id]
            if id_ in own or local_day(slot.starts_at, zone) in days:
                pool.add(id_, slot, zone)
    return pool


def _shown(
    one: Affected, read: AppointmentRead, told: patients.Recipient | None, cards: Mapping[UUID, staff.PractitionerCard]
) -> AffectedRead:
    return AffectedRead(
        appointment=read, told_by=_told_by(told),
        options=[as_proposal(place, cards) for place in one.options],
    )  # fmt: skip


def as_proposal(place: Place, cards: Mapping[UUID, staff.PractitionerCard]) -> Proposal:
    return proposal(place.slot, cards[place.practitioner_id])


def _told_by(told: patients.Recipient | None) -> Literal["app", "text"] | None:
    if told is None:
        return None
    return "app" if told.has_account else "text" if told.e164 else None
