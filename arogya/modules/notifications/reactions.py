"""Who is told of what. Each reaction runs once for its event; what it raises says so itself."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from arogya.modules.identity import api as identity
from arogya.modules.notifications.schemas import Template
from arogya.modules.notifications.service import notify
from arogya.modules.notifications.telling import text_to
from arogya.modules.organizations import api as organizations
from arogya.modules.patients import api as patients
from arogya.modules.patients.events import PatientRegistered
from arogya.modules.scheduling import api as scheduling
from arogya.modules.scheduling.events import (
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentConfirmed,
    AppointmentRescheduled,
    LeaveCascaded,
    PlaceOffered,
    PractitionerDayChanged,
    TokenCalled,
    VisitHandedOver,
)
from arogya.modules.staff import api as staff
from arogya.platform.access import Context
from arogya.platform.outbox import on
from arogya.policy import Role

_AWAY = {"late", "on-break", "gone"}


@on(PatientRegistered)
async def tell_the_administrators(ctx: Context, event: PatientRegistered) -> None:
    admins = await _users_with(ctx, Role.HOSPITAL_ADMIN)
    await notify(ctx, admins, Template.PATIENT_REGISTERED, {"patient_id": event.patient_id})


@on(AppointmentBooked)
async def tell_of_a_booking(ctx: Context, event: AppointmentBooked) -> None:
    """The patient's people and the doctor; the branch's desk too, where it has to confirm. A walk-in stands there."""
    visit = await scheduling.visit_facts(ctx.session, event.appointment_id)
    if visit is None or visit.kind == "walk-in":
        return
    await _tell_both(ctx, visit, Template.APPOINTMENT_BOOKED)
    if visit.status == "pending":
        desk = await _users_with(ctx, Role.RECEPTIONIST, visit.facility_id)
        await notify(ctx, desk, Template.APPOINTMENT_PENDING, _params(visit))


@on(AppointmentConfirmed)
async def tell_of_a_confirmation(ctx: Context, event: AppointmentConfirmed) -> None:
    await _tell_of_the_visit(ctx, event.appointment_id, Template.APPOINTMENT_CONFIRMED)


@on(AppointmentCancelled)
async def tell_of_a_cancellation(ctx: Context, event: AppointmentCancelled) -> None:
    await _tell_of_the_visit(ctx, event.appointment_id, Template.APPOINTMENT_CANCELLED)


@on(AppointmentRescheduled)
async def tell_of_a_move(ctx: Context, event: AppointmentRescheduled) -> None:
    """With the old time; and the doctor from whom it was moved away."""
    visit = await scheduling.visit_facts(ctx.session, event.appointment_id)
    before = await scheduling.visit_facts(ctx.session, event.rescheduled_from_id)
    if visit is None or before is None:
        return
    moved = _before(before)
    await _tell_both(ctx, visit, Template.APPOINTMENT_RESCHEDULED, moved)
    if before.practitioner_id != visit.practitioner_id:
        left = await _users_of_practitioner(ctx, before.practitioner_id)
        await notify(ctx, left, Template.APPOINTMENT_RESCHEDULED, {**_params(visit), **moved})


@on(TokenCalled)
async def tell_who_is_called(ctx: Context, event: TokenCalled) -> None:
    visit = await scheduling.visit_facts(ctx.session, event.appointment_id)
    if visit is not None:
        people = await _users_of_patient(ctx, visit.patient_id)
        await notify(ctx, people, Template.TOKEN_CALLED, _params(visit))


@on(PractitionerDayChanged)
async def tell_who_waits(ctx: Context, event: PractitionerDayChanged) -> None:
    """Late, on a break or gone: everybody who waits today or is yet to come."""
    zone = (await organizations.facility(ctx.session, event.facility_id)).zone
    of_today = (ctx.session, event.practitioner_id, event.facility_id, zone, ctx.now())
    day = await scheduling.day_state(*of_today)
    if day is None or day.state not in _AWAY:
        return
    for visit in await scheduling.still_to_be_seen(*of_today):
        people = await _users_of_patient(ctx, visit.patient_id)
        said = {**_params(visit), "state": day.state, "until": day.until}
        await notify(ctx, people, Template.PRACTITIONER_DELAYED, said)


@on(LeaveCascaded)
async def text_who_has_no_account(ctx: Context, event: LeaveCascaded) -> None:
    """Each visit's own event tells who signs in; the others have their phone."""
    changed = await scheduling.rebooked_by(ctx.session, event.cascade_id)
    reached = await patients.recipients(ctx.session, {one.old.patient_id for one in changed}, ctx.now())
    for one in changed:
        if one.old.patient_id not in reached or reached[one.old.patient_id].has_account:
            continue
        if one.new is None:
            await text_to(ctx, one.old.patient_id, Template.APPOINTMENT_CANCELLED, _params(one.old))
        else:
            said = {**_params(one.new), **_before(one.old)}
            await text_to(ctx, one.old.patient_id, Template.APPOINTMENT_RESCHEDULED, said)


@on(VisitHandedOver)
async def tell_of_the_colleague(ctx: Context, event: VisitHandedOver) -> None:
    """On the screen, or by text message; the colleague sees it in the queue."""
    visit = await scheduling.visit_facts(ctx.session, event.appointment_id)
    before = await scheduling.visit_facts(ctx.session, event.rescheduled_from_id)
    if visit is None or before is None:
        return
    said = {**_params(visit), **_before(before)}
    people = await _users_of_patient(ctx, visit.patient_id)
    if people:
        await notify(ctx, people, Template.VISIT_HANDED_OVER, said)
    else:
        await text_to(ctx, visit.patient_id, Template.VISIT_HANDED_OVER, said)


@on(PlaceOffered)
async def tell_of_an_offer(ctx: Context, event: PlaceOffered) -> None:
    """On the screen and by text message, both: there is a quarter of an hour to answer."""
    offer = await scheduling.offer_facts(ctx.session, event.offer_id, ctx.now())
    if offer is None or not offer.is_open:
        return
    said = {
        "offer_id": offer.offer_id, "patient_id": offer.patient_id, "practitioner_id": offer.practitioner_id,
        "facility_id": offer.facility_id, "starts_at": offer.starts_at, "until": offer.expires_at,
    }  # fmt: skip
    await notify(ctx, await _users_of_patient(ctx, offer.patient_id), Template.PLACE_OFFERED, said)
    await text_to(ctx, offer.patient_id, Template.PLACE_OFFERED, said)


async def _tell_of_the_visit(ctx: Context, appointment_id: UUID, template: Template) -> None:
    visit = await scheduling.visit_facts(ctx.session, appointment_id)
    if visit is not None:
        await _tell_both(ctx, visit, template)


async def _tell_both(
    ctx: Context, visit: scheduling.VisitFacts, template: Template, more: dict[str, Any] | None = None
) -> None:
    """Those who sign in for the patient, and the practitioner."""
    people = [
        *await _users_of_patient(ctx, visit.patient_id),
        *await _users_of_practitioner(ctx, visit.practitioner_id),
    ]
    await notify(ctx, people, template, {**_params(visit), **(more or {})})


async def _users_of_patient(ctx: Context, patient_id: UUID) -> list[UUID]:
    return await patients.user_ids_of(ctx.session, patient_id, ctx.now())


async def _users_of_practitioner(ctx: Context, practitioner_id: UUID) -> Iterable[UUID]:
    doctor = await staff.practitioner(ctx, practitioner_id)
    return [doctor.user_id] if doctor.user_id and doctor.is_active else []


async def _users_with(ctx: Context, role: Role, facility_id: UUID | None = None) -> list[UUID]:
    return await identity.users_with_role(ctx.session, ctx.organization_id, role.value, facility_id, ctx.now())


def _params(visit: scheduling.VisitFacts) -> dict[str, Any]:
    return {
        "appointment_id": visit.appointment_id,
        "patient_id": visit.patient_id,
        "practitioner_id": visit.practitioner_id,
        "facility_id": visit.facility_id,
        "starts_at": visit.starts_at,
        "status": visit.status,
        "token_number": visit.token_number,
        "room_id": visit.room_id,
    }


def _before(visit: scheduling.VisitFacts) -> dict[str, Any]:
    """When and with whom it was before it moved."""
    return {"previous_starts_at": visit.starts_at, "previous_practitioner_id": visit.practitioner_id}
