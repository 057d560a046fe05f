"""The waitlist, and the places that are offered to those who wait."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from arogya.modules.scheduling.appointments import booking
from arogya.modules.scheduling.appointments import reads as appointments
from arogya.modules.scheduling.appointments.schemas import AppointmentRead
from arogya.modules.scheduling.moments import AskedDay
from arogya.modules.scheduling.waitlist import reads, service
from arogya.modules.scheduling.waitlist.schemas import (
    JoinWaitlist,
    SetWaitlistPriority,
    WaitlistEntryRead,
    WaitlistRead,
)
from arogya.platform.access import Context, requires
from arogya.platform.idempotency import REPEATABLE, once
from arogya.platform.paging import PageOf
from arogya.platform.web import Router
from arogya.policy import Permission

router = Router(prefix="/api", tags=["waitlist"])

Reader = Annotated[Context, requires(Permission.APPOINTMENT_READ)]
Booker = Annotated[Context, requires(Permission.APPOINTMENT_BOOK)]
Confirmer = Annotated[Context, requires(Permission.APPOINTMENT_CONFIRM)]
Changer = Annotated[Context, requires(Permission.APPOINTMENT_CHANGE)]


@router.get("/waitlist", response_model=WaitlistRead)
async def read_waitlist(
    ctx: Reader,
    paging: PageOf,
    *,
    facility_id: UUID | None = None,
    practitioner_id: Annotated[
        UUID | None, Query(description="Those who wait for them, or for their department or specialty.")
    ] = None,
    day: Annotated[AskedDay | None, Query(description="Those for whom this day would do.")] = None,
    everything: Annotated[bool, Query(alias="all", description="Those, too, who wait no more.")] = False,
) -> Response:
    """In the order of the line. A patient sees their own entries, with their place."""
    found = await reads.waitlist(
        ctx, paging, facility_id=facility_id, practitioner_id=practitioner_id, day=day, everything=everything
    )
    return Response(found.model_dump_json(), media_type="application/json")


@router.post("/waitlist", status_code=201, response_model=WaitlistEntryRead, openapi_extra=REPEATABLE)
async def join_waitlist(request: JoinWaitlist, ctx: Booker) -> WaitlistEntryRead:
    """Wait for a place. Honours `Idempotency-Key`. A freed place is held 15 minutes for the first who fits."""
    entry = await once(ctx, lambda: service.join(ctx, request), lambda id_: service.joined(ctx, id_))
    return await reads.read(ctx, entry)


@router.post("/waitlist/{entry_id}/priority", response_model=WaitlistEntryRead)
async def set_waitlist_priority(entry_id: UUID, request: SetWaitlistPriority, ctx: Confirmer) -> WaitlistEntryRead:
    return await reads.read(ctx, await service.set_priority(ctx, entry_id, request.is_priority))


@router.post("/waitlist/{entry_id}/leave", response_model=WaitlistEntryRead)
async def leave_waitlist(entry_id: UUID, ctx: Changer) -> WaitlistEntryRead:
    """Wait no more. A place that is held for them goes to the next."""
    return await reads.read(ctx, await service.leave(ctx, entry_id))


@router.post(
    "/waitlist-offers/{offer_id}/accept", status_code=201, response_model=AppointmentRead, openapi_extra=REPEATABLE
)
async def accept_offer(offer_id: UUID, ctx: Booker) -> AppointmentRead:
    """Book the place that is held. Honours `Idempotency-Key`. 409 `offer_over` once its time is over."""
    made = await once(ctx, lambda: service.accept(ctx, offer_id), lambda id_: booking.placed(ctx, id_))
    return await appointments.of_placed(ctx, made)


@router.post("/waitlist-offers/{offer_id}/decline", response_model=WaitlistEntryRead)
async def decline_offer(offer_id: UUID, ctx: Booker) -> WaitlistEntryRead:
    """Let the next have it and wait on."""
    return await reads.read(ctx, await service.decline(ctx, offer_id))
