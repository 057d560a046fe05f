"""What happens to an appointment after it was booked, step by step as `transitions` allows."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from sqlalchemy import bindparam, select

from arogya.modules.organizations import api as organizations
from arogya.modules.patients import api as patients
from arogya.modules.scheduling import booking_rules, reach
from arogya.modules.scheduling.appointments.schemas import EditAppointment
from arogya.modules.scheduling.booking_rules import Rules
from arogya.modules.scheduling.events import (
    AppointmentArrived,
    AppointmentCancelled,
    AppointmentChanged,
    AppointmentCheckedIn,
    AppointmentConfirmed,
    AppointmentFulfilled,
    AppointmentNoShow,
)
from arogya.modules.scheduling.models import Appointment
from arogya.modules.scheduling.refusals import TooLateToChange, VisitNotToday, WrongState
from arogya.modules.scheduling.tokens import service as queue_tokens
from arogya.modules.scheduling.transitions import TRANSITIONS, Step
from arogya.modules.staff import api as staff
from arogya.platform.access import Context
from arogya.platform.audit import Action
from arogya.platform.clock import local_day
from arogya.platform.errors import Forbidden, NotFound
from arogya.platform.etags import check_version
from arogya.platform.outbox import Event
from arogya.policy import Permission

CHART_STAYS_OPEN = timedelta(days=1)
"""How long the doctor may open the chart after the patient came, and again after the visit."""

_OF_ITS_DAY = frozenset({Step.ARRIVE, Step.CHECK_IN, Step.NO_SHOW})

_ONE = select(Appointment).where(Appointment.id == bindparam("id"))
_LOCKED = _ONE.with_for_update(key_share=True)


async def find(ctx: Context, appointment_id: UUID, *, lock: bool = False) -> Appointment:
    """The appointment as it is now. lock: nobody else changes it before the commit. Raises NotFound."""
    query = await reach.narrowed(ctx, _LOCKED if lock else _ONE)
    found: Appointment | None = await ctx.session.scalar(
        query, {"id": appointment_id}, execution_options={"populate_existing": True}
    )
    if found is None:
        raise NotFound().about("appointment", appointment_id)
    return found


async def may_step(ctx: Context, appointment: Appointment, step: Step, rules: Rules | None = None) -> bool:
    """Refuse whom the table does not let take this step. True where a patient takes it with their own.

    Raises Forbidden, WrongState, TooLateToChange.
    """
    transition = TRANSITIONS[step]
    if not reach.is_own_only(ctx, transition.permission):
        reach.require(ctx, transition.permission, appointment.facility_id)
        _refuse_wrong_state(appointment, transition.sources)
        return False
    if not transition.own_sources or appointment.patient_id not in await reach.own_patients(ctx):
        raise Forbidden
    _refuse_wrong_state(appointment, transition.own_sources)
    rules = rules or await booking_rules.current(ctx)
    if ctx.now() > appointment.starts_at - timedelta(minutes=rules.cancel_until_minutes):
        raise TooLateToChange(extra={"cancel_until_minutes": rules.cancel_until_minutes})
    return True


def _refuse_wrong_state(appointment: Appointment, sources: frozenset[str]) -> None:
    if appointment.status not in sources:
        raise WrongState(status=appointment.status)


async def confirm(ctx: Context, appointment_id: UUID) -> Appointment:
    return await _step(ctx, appointment_id, Step.CONFIRM, Appointment.confirm, AppointmentConfirmed)


async def cancel(ctx: Context, appointment_id: UUID, reason: str) -> Appointment:
    now = ctx.now()
    return await _step(ctx, appointment_id, Step.CANCEL, lambda a: a.cancel(now, reason), AppointmentCancelled)


async def arrive(ctx: Context, appointment_id: UUID) -> Appointment:
    now = ctx.now()
    return await _step(ctx, appointment_id, Step.ARRIVE, lambda a: a.arrive(now), AppointmentArrived)


async def check_in(ctx: Context, appointment_id: UUID) -> Appointment:
    now = ctx.now()
    return await _step(ctx, appointment_id, Step.CHECK_IN, lambda a: a.check_in(now), AppointmentCheckedIn)


async def fulfil(ctx: Context, appointment_id: UUID) -> Appointment:
    now = ctx.now()
    return await _step(ctx, appointment_id, Step.FULFIL, lambda a: a.fulfil(now), AppointmentFulfilled)


async def no_show(ctx: Context, appointment_id: UUID) -> Appointment:
    now = ctx.now()
    return await _step(ctx, appointment_id, Step.NO_SHOW, lambda a: a.miss(now), AppointmentNoShow)


async def seen(ctx: Context, appointment_id: UUID) -> Appointment:
    """Fulfil as the queue does at its next call; the actor's right to work the queue was asked there."""
    appointment = await find(ctx, appointment_id, lock=True)
    appointment.fulfil(ctx.now())
    return await _taken(ctx, appointment, Step.FULFIL, AppointmentFulfilled)


async def gone(ctx: Context, appointment_id: UUID, reason: str) -> Appointment:
    """Cancel as the queue does for one who left; the actor's right to work the queue was asked there."""
    appointment = await find(ctx, appointment_id, lock=True)
    appointment.cancel(ctx.now(), reason)
    return await _taken(ctx, appointment, Step.CANCEL, AppointmentCancelled)


async def _step(
    ctx: Context, appointment_id: UUID, step: Step, take: Callable[[Appointment], None], event: type[Event]
) -> Appointment:
    appointment = await find(ctx, appointment_id, lock=True)
    await may_step(ctx, appointment, step)
    if step in _OF_ITS_DAY:
        await _refuse_before_its_day(ctx, appointment)
    take(appointment)
    return await _taken(ctx, appointment, step, event)


async def _refuse_before_its_day(ctx: Context, appointment: Appointment) -> None:
    """Nobody is let into another day's queue, nor missed before theirs: a night session's is that of its beginning."""
    zone = (await organizations.facility(ctx.session, appointment.facility_id)).zone
    today = local_day(ctx.now(), zone)
    if local_day(appointment.starts_at, zone) <= today:
        return
    sitting = await queue_tokens.sitting_of(
        ctx, appointment.practitioner_id, appointment.facility_id, appointment.starts_at
    )
    if sitting.day > today:
        raise VisitNotToday(extra={"day": sitting.day})


async def _taken(ctx: Context, appointment: Appointment, step: Step, event: type[Event]) -> Appointment:
    await ctx.session.flush()
    await queue_tokens.follow(ctx, appointment)
    await tell(ctx, appointment, step, event)
    return appointment


async def tell(
    ctx: Context,
    appointment: Appointment,
    step: Step,
    event: type[Event],
    practitioner: staff.PractitionerCard | None = None,
) -> None:
    """What every step leaves behind: the doctor's right to the chart, an audit row, an event.

    practitioner: whose visit it is, where it was read already.
    """
    await _open_chart(ctx, appointment, step, practitioner)
    details = {"step": step, "status": appointment.status}
    ctx.audit(Action.UPDATE, "appointment", appointment.id, patient_id=appointment.patient_id, details=details)
    ctx.emit(event(**ids(appointment)))


def ids(appointment: Appointment) -> dict[str, UUID]:
    """What every event about an appointment names."""
    return {
        "appointment_id": appointment.id, "patient_id": appointment.patient_id,
        "practitioner_id": appointment.practitioner_id, "facility_id": appointment.facility_id,
    }  # fmt: skip


async def _open_chart(
    ctx: Context, appointment: Appointment, step: Step, practitioner: staff.PractitionerCard | None
) -> None:
    """Let the doctor open the patient's chart while the visit lasts; end it where the visit does not take place."""
    if step not in {Step.ARRIVE, Step.CHECK_IN, Step.FULFIL, Step.CANCEL} or appointment.arrived_at is None:
        return
    practitioner = practitioner or await staff.practitioner(ctx, appointment.practitioner_id)
    if practitioner.user_id is not None:
        until = ctx.now() if step == Step.CANCEL else ctx.now() + CHART_STAYS_OPEN
        await patients.grant(
            ctx, appointment.patient_id, practitioner.user_id, "treatment",
            source="appointment", source_id=appointment.id, until=until,
        )  # fmt: skip


async def edit(ctx: Context, appointment_id: UUID, request: EditAppointment, if_match: str | None) -> Appointment:
    """Change the words of a visit, not its time. What is left out stays."""
    appointment = await find(ctx, appointment_id, lock=True)
    if reach.is_own_only(ctx, Permission.APPOINTMENT_CHANGE):
        if appointment.patient_id not in await reach.own_patients(ctx):
            raise Forbidden
    else:
        reach.require(ctx, Permission.APPOINTMENT_CHANGE, appointment.facility_id)
    check_version(appointment, if_match)
    for name in request.model_fields_set:
        setattr(appointment, name, getattr(request, name) or "")
    await ctx.session.flush()
    details = {"fields": sorted(request.model_fields_set)}
    ctx.audit(Action.UPDATE, "appointment", appointment.id, patient_id=appointment.patient_id, details=details)
    ctx.emit(AppointmentChanged(**ids(appointment)))
    return appointment
