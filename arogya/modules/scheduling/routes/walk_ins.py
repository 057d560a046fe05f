"""Patients who come without a booking."""

from typing import Annotated
from uuid import UUID

from arogya.modules.scheduling import walk_ins
from arogya.modules.scheduling.appointments import booking, reads
from arogya.modules.scheduling.appointments.schemas import AppointmentRead
from arogya.modules.scheduling.queue.schemas import WalkIn, WalkInPreview
from arogya.platform.access import Context, requires
from arogya.platform.idempotency import REPEATABLE, once
from arogya.platform.web import Router
from arogya.policy import Permission

router = Router(prefix="/api/walk-ins", tags=["queue"])
Receiving = Annotated[Context, requires(Permission.VISIT_RECEIVE)]


@router.post("", status_code=201, response_model=AppointmentRead, openapi_extra=REPEATABLE)
async def walk_in(request: WalkIn, ctx: Receiving) -> AppointmentRead:
    """Check a patient in without a booking and give the next number."""

    made = await once(ctx, lambda: walk_ins.walk_in(ctx, request), lambda id_: booking.placed(ctx, id_))
    return await reads.of_placed(ctx, made)


@router.get("/preview", response_model=WalkInPreview)
async def preview_walk_in(ctx: Receiving, patient_id: UUID, practitioner_id: UUID, facility_id: UUID) -> WalkInPreview:
    """The number, wait and fee that a walk-in would get now."""
    return await walk_ins.preview(ctx, patient_id, practitioner_id, facility_id)
