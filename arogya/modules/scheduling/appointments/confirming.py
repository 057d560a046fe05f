"""Which of the patients' own bookings wait for the desk, and who missed how many visits."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import bindparam, exists, func, select

from arogya.modules.patients import api as patients
from arogya.modules.scheduling import booking_rules, reach
from arogya.modules.scheduling.booking_rules import Rules
from arogya.modules.scheduling.models import Appointment
from arogya.modules.scheduling.transitions import AppointmentStatus
from arogya.modules.staff.api import PractitionerCard
from arogya.platform.access import Context
from arogya.platform.errors import Invalid, NotFound
from arogya.policy import Permission

_MISSED = select(func.count()).where(
    Appointment.patient_id == bindparam("patient"),
    Appointment.starts_at >= bindparam("since"),
    Appointment.status == AppointmentStatus.NO_SHOW.value,
)
_WAS_HERE = select(
    exists().where(
        Appointment.patient_id == bindparam("patient"), Appointment.status == AppointmentStatus.FULFILLED.value
    )
)


@dataclass(frozen=True, slots=True)
class Missed:
    """count: visits missed within so many days. needs_confirming: their own bookings wait for the desk by it."""

    count: int
    days: int
    needs_confirming: bool


async def first_status(
    ctx: Context, asked: str | None, rules: Rules, patient_id: UUID, practitioner: PractitionerCard, *, is_own: bool
) -> str:
    """What a new booking begins as. Raises Invalid for a patient who asks for more than the rules give."""
    if not is_own:
        return asked or AppointmentStatus.BOOKED
    if not await _waits_for_desk(ctx, rules, patient_id, practitioner):
        return asked or AppointmentStatus.BOOKED
    if asked == AppointmentStatus.BOOKED:
        raise Invalid.field("status", "The hospital confirms bookings first", "needs_confirming")
    return AppointmentStatus.PENDING


async def _waits_for_desk(ctx: Context, rules: Rules, patient_id: UUID, practitioner: PractitionerCard) -> bool:
    if rules.patient_bookings_need_confirming or practitioner.id in rules.confirm_practitioner_ids:
        return True
    if practitioner.department_id is not None and practitioner.department_id in rules.confirm_department_ids:
        return True
    if rules.first_visits_need_confirming and not await ctx.session.scalar(_WAS_HERE, {"patient": patient_id}):
        return True
    return rules.noshow_limit > 0 and (await _missed(ctx, patient_id, rules)).needs_confirming


async def missed(ctx: Context, patient_id: UUID) -> Missed:
    """As the desk sees it while it books. Opens the record; raises NotFound for whom the actor may not know of."""
    is_own = reach.is_own_only(ctx, Permission.APPOINTMENT_BOOK)
    if is_own and patient_id not in await reach.own_patients(ctx):
        raise NotFound().about("patient", patient_id)
    await patients.identify(ctx, patient_id)
    return await _missed(ctx, patient_id, await booking_rules.current(ctx))


async def _missed(ctx: Context, patient_id: UUID, rules: Rules) -> Missed:
    told = {"patient": patient_id, "since": ctx.now() - timedelta(days=rules.noshow_days)}
    count = await ctx.session.scalar(_MISSED, told) or 0
    return Missed(count, rules.noshow_days, 0 < rules.noshow_limit <= count)
