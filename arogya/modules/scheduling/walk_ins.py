"""Patients who come without a booking: a visit, checked in, with a number."""

from uuid import UUID

from sqlalchemy import ARRAY, String, any_, bindparam, literal, select

from arogya.modules.organizations import api as organizations
from arogya.modules.patients import api as patients
from arogya.modules.scheduling import booking_rules, fees, reach
from arogya.modules.scheduling.appointments import steps
from arogya.modules.scheduling.appointments.places import Known, Placed
from arogya.modules.scheduling.events import AppointmentBooked, AppointmentCheckedIn
from arogya.modules.scheduling.models import Appointment, QueueToken
from arogya.modules.scheduling.queue.lines import Line, line_of
from arogya.modules.scheduling.queue.practitioner_days import refuse_elsewhere
from arogya.modules.scheduling.queue.schemas import WalkIn, WalkInPreview
from arogya.modules.scheduling.refusals import PatientInactive
from arogya.modules.scheduling.tokens import service as queue_tokens
from arogya.modules.scheduling.tokens.service import OPEN
from arogya.modules.scheduling.transitions import AppointmentStatus, Step
from arogya.platform.access import Context
from arogya.platform.audit import Action
from arogya.platform.database import advisory_locks, is_one_of
from arogya.platform.errors import Conflict
from arogya.platform.prepared import prepare, rows
from arogya.platform.writing import made, write_now
from arogya.policy import Permission

_HELD = prepare(
    select(QueueToken.appointment_id, QueueToken.number)
    .where(
        is_one_of(QueueToken.patient_id, "record_ids"),
        QueueToken.practitioner_id == bindparam("practitioner_id"),
        QueueToken.facility_id == bindparam("facility_id"),
        QueueToken.day == bindparam("day"),
        QueueToken.status == any_(literal(sorted(OPEN), ARRAY(String))),
    )
    .limit(1)
)


class AlreadyWaiting(Conflict):
    """Carries `appointment_id` and `number`."""

    code, title = "already_waiting", "The patient already has a number for this doctor today"


class PractitionerGone(Conflict):
    code, title = "practitioner_gone", "The doctor has left for today"


async def walk_in(ctx: Context, request: WalkIn) -> Placed:
    """Check a patient in without a booking and give the next number. Raises AlreadyWaiting, PractitionerGone."""
    facility = await organizations.facility(ctx.session, request.facility_id)
    reach.require(ctx, Permission.VISIT_RECEIVE, facility.id)
    practitioner = await refuse_elsewhere(ctx, request.practitioner_id, facility.id)
    patient = await patients.identify(ctx, request.patient_id)
    if not patient.is_active or patient.is_deceased:
        raise PatientInactive
    # Lock first: two desks may send the same patient in.
    await advisory_locks(ctx.session, [f"walk-in:{ctx.organization_id}:{patient.id}"])
    line = await line_of(ctx, facility, practitioner.id)
    await _refuse(ctx, line, patient, facility.id)
    now, plan = ctx.now(), line.sitting.session.plan if line.sitting.session else None
    fee = await fees.reckon(ctx, patient.id, practitioner, line.sitting.day, await booking_rules.current(ctx))
    appointment = made(
        Appointment, patient_id=patient.id, practitioner_id=practitioner.id, facility_id=facility.id,
        schedule_id=plan.schedule_id if plan else None, room_id=plan.room_id if plan else None,
        kind="walk-in", status=AppointmentStatus.CHECKED_IN, starts_at=now,
        ends_at=now + (line.sitting.turn or line.turn), reason=request.reason or "", source="desk",
        fee_paise=fee.fee_paise, is_free_revisit=fee.is_free_revisit, is_revisit=fee.is_revisit, arrived_at=now,
        checked_in_at=now,
    )  # fmt: skip
    await write_now(ctx.session, appointment)
    token = await queue_tokens.issue(ctx, appointment, line.sitting, is_priority=request.is_priority)
    ctx.audit(
        Action.CREATE, "appointment", appointment.id, patient_id=patient.id,
        details={"kind": "walk-in", "is_priority": request.is_priority},
    )  # fmt: skip
    ctx.emit(AppointmentBooked(**steps.ids(appointment)))
    await steps.tell(ctx, appointment, Step.CHECK_IN, AppointmentCheckedIn, practitioner)
    room = plan.room_name if plan else None
    return Placed(appointment, Known(patient, practitioner, facility.name, fee, room, token=token))


async def _refuse(ctx: Context, line: Line, patient: patients.PatientIdentity, facility_id: UUID) -> None:
    if line.state == "gone":
        raise PractitionerGone
    told = {
        "record_ids": patient.record_ids, "practitioner_id": line.practitioner_id, "facility_id": facility_id,
        "day": line.sitting.day,
    }  # fmt: skip
    for held in await rows(ctx.session, _HELD, told):
        raise AlreadyWaiting(extra={"appointment_id": held.appointment_id, "number": held.number})


async def preview(ctx: Context, patient_id: UUID, practitioner_id: UUID, facility_id: UUID) -> WalkInPreview:
    """What a walk-in would get now."""
    facility = await organizations.facility(ctx.session, facility_id)
    reach.require(ctx, Permission.VISIT_RECEIVE, facility.id)
    practitioner = await refuse_elsewhere(ctx, practitioner_id, facility.id)
    patient = await patients.identify(ctx, patient_id)
    line = await line_of(ctx, facility, practitioner.id)
    rules = await booking_rules.current(ctx)
    fee = await fees.reckon(ctx, patient.id, practitioner, line.sitting.day, rules)
    left = (fee.revisit_free_until - line.sitting.day).days if fee.revisit_free_until and fee.is_revisit else None
    return WalkInPreview(
        next_number=line.next_number,
        wait_minutes=line.newcomers_wait_minutes,
        fee_paise=fee.fee_paise,
        is_free_revisit=fee.is_free_revisit,
        is_revisit=fee.is_revisit,
        revisit_day=None if left is None else rules.revisit_days - left,
        revisit_days=rules.revisit_days,
    )
