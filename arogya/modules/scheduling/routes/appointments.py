"""Appointments over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from arogya.modules.scheduling import fees
from arogya.modules.scheduling.appointments import booking, confirming, reads, steps
from arogya.modules.scheduling.appointments.places import Placed
from arogya.modules.scheduling.appointments.proposals import proposals_for
from arogya.modules.scheduling.appointments.schemas import (
    AppointmentRead,
    BookAppointment,
    CancelAppointment,
    EditAppointment,
    FeeRead,
    MissedRead,
    Proposals,
    RescheduleAppointment,
    SearchAppointments,
)
from arogya.modules.scheduling.moments import DayOrMoment
from arogya.modules.scheduling.transitions import AppointmentStatus
from arogya.platform.access import Context, requires
from arogya.platform.etags import IfMatch, show_version
from arogya.platform.idempotency import REPEATABLE, once
from arogya.platform.paging import Page, PageOf, Paging
from arogya.platform.web import Router
from arogya.policy import Permission

router = Router(prefix="/api", tags=["appointments"])

Reader = Annotated[Context, requires(Permission.APPOINTMENT_READ)]
Booker = Annotated[Context, requires(Permission.APPOINTMENT_BOOK)]
Confirmer = Annotated[Context, requires(Permission.APPOINTMENT_CONFIRM)]
Changer = Annotated[Context, requires(Permission.APPOINTMENT_CHANGE)]
Receiver = Annotated[Context, requires(Permission.VISIT_RECEIVE)]
Finisher = Annotated[Context, requires(Permission.VISIT_FULFIL)]
Statuses = Annotated[list[AppointmentStatus] | None, Query(description="May be given several times.")]


@router.post("/appointments", status_code=201, response_model=AppointmentRead, openapi_extra=REPEATABLE)
async def book_appointment(request: BookAppointment, ctx: Booker, response: Response) -> AppointmentRead:
    """Book one place. Honours `Idempotency-Key`. 409 `slot_taken` names what is free instead in `next_free`."""
    made = await once(ctx, lambda: booking.book(ctx, request), lambda id_: booking.placed(ctx, id_))
    return await _shown(ctx, made, response)


@router.get("/appointments", response_model=Page[AppointmentRead])
async def list_appointments(
    ctx: Reader,
    paging: PageOf,
    *,
    patient_id: UUID | None = None,
    practitioner_id: UUID | None = None,
    facility_id: UUID | None = None,
    status: Statuses = None,
    from_: Annotated[DayOrMoment | None, Query(alias="from", description="A day, or a moment with its zone.")] = None,
    to: Annotated[DayOrMoment | None, Query(description="The last day, or a moment.")] = None,
    newest_first: bool = False,
) -> Response:
    """By start, with walk-ins at the time they came."""
    query = await reads.listed(
        ctx, patient_id=patient_id, practitioner_id=practitioner_id, facility_id=facility_id, statuses=status,
        from_=from_, to=to, newest_first=newest_first,
    )  # fmt: skip
    return await reads.read_many(ctx, query, paging)


@router.get("/appointments/today", response_model=Page[AppointmentRead])
async def list_appointments_today(
    ctx: Reader,
    paging: PageOf,
    *,
    facility_id: UUID | None = None,
    practitioner_id: UUID | None = None,
    status: Statuses = None,
) -> Response:
    """Today, by each branch's own clock."""
    query = await reads.todays(ctx, facility_id=facility_id, practitioner_id=practitioner_id, statuses=status)
    return await reads.read_many(ctx, query, paging)


@router.post("/appointments/search", response_model=Page[AppointmentRead])
async def search_appointments(request: SearchAppointments, ctx: Reader) -> Response:
    """Today's and the coming visits of those whom the text finds, the next first."""
    return await reads.read_many(ctx, await reads.sought(ctx, request.search), Paging(skip=0, limit=request.limit))


@router.get("/appointments/{appointment_id}", response_model=AppointmentRead)
async def read_appointment(appointment_id: UUID, ctx: Reader, response: Response) -> AppointmentRead:
    found = await reads.read(ctx, appointment_id)
    show_version(response, found)
    return found


@router.patch("/appointments/{appointment_id}", response_model=AppointmentRead)
async def edit_appointment(
    appointment_id: UUID, request: EditAppointment, ctx: Changer, response: Response, if_match: IfMatch = None
) -> AppointmentRead:
    answer = await reads.answer(ctx, await steps.edit(ctx, appointment_id, request, if_match))
    show_version(response, answer)
    return answer


@router.post("/appointments/{appointment_id}/reschedule", response_model=AppointmentRead, openapi_extra=REPEATABLE)
async def reschedule_appointment(
    appointment_id: UUID, request: RescheduleAppointment, ctx: Changer, response: Response
) -> AppointmentRead:
    """Answers the new appointment; the old one is cancelled. Honours `Idempotency-Key`."""
    made = await once(
        ctx, lambda: booking.reschedule(ctx, appointment_id, request), lambda id_: booking.placed(ctx, id_)
    )
    return await _shown(ctx, made, response)


@router.get("/appointments/{appointment_id}/proposals", response_model=Proposals)
async def propose_times(appointment_id: UUID, ctx: Changer) -> Proposals:
    """Three free times to move it to."""
    return Proposals(items=await proposals_for(ctx, await steps.find(ctx, appointment_id)))


@router.post("/appointments/{appointment_id}/confirm", response_model=AppointmentRead)
async def confirm_appointment(appointment_id: UUID, ctx: Confirmer) -> AppointmentRead:
    return await reads.answer(ctx, await steps.confirm(ctx, appointment_id))


@router.post("/appointments/{appointment_id}/cancel", response_model=AppointmentRead)
async def cancel_appointment(appointment_id: UUID, request: CancelAppointment, ctx: Changer) -> AppointmentRead:
    return await reads.answer(ctx, await steps.cancel(ctx, appointment_id, request.reason))


@router.post("/appointments/{appointment_id}/arrive", response_model=AppointmentRead)
async def receive_patient(appointment_id: UUID, ctx: Receiver) -> AppointmentRead:
    return await reads.answer(ctx, await steps.arrive(ctx, appointment_id))


@router.post("/appointments/{appointment_id}/check-in", response_model=AppointmentRead)
async def check_patient_in(appointment_id: UUID, ctx: Receiver) -> AppointmentRead:
    return await reads.answer(ctx, await steps.check_in(ctx, appointment_id))


@router.post("/appointments/{appointment_id}/fulfil", response_model=AppointmentRead)
async def fulfil_appointment(appointment_id: UUID, ctx: Finisher) -> AppointmentRead:
    return await reads.answer(ctx, await steps.fulfil(ctx, appointment_id))


@router.post("/appointments/{appointment_id}/no-show", response_model=AppointmentRead)
async def mark_no_show(appointment_id: UUID, ctx: Receiver) -> AppointmentRead:
    return await reads.answer(ctx, await steps.no_show(ctx, appointment_id))


@router.get("/fees", response_model=FeeRead)
async def read_fee(patient_id: UUID, practitioner_id: UUID, ctx: Booker) -> fees.Fee:
    """What a visit to this doctor would cost this patient today."""
    return await fees.fee_today(ctx, patient_id, practitioner_id)


@router.get("/no-shows", response_model=MissedRead)
async def count_no_shows(patient_id: UUID, ctx: Booker) -> confirming.Missed:
    """How many visits the patient missed lately, and whether their own bookings wait for the desk because of it."""
    return await confirming.missed(ctx, patient_id)


async def _shown(ctx: Context, made: Placed, response: Response) -> AppointmentRead:
    answer = await reads.of_placed(ctx, made)
    show_version(response, answer)
    return answer
