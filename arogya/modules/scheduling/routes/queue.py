"""The queue, and the doctors' day at a branch."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from arogya.modules.scheduling.moments import AskedDay
from arogya.modules.scheduling.queue import practitioner_days
from arogya.modules.scheduling.queue import reads as queue_reads
from arogya.modules.scheduling.queue import service as queue
from arogya.modules.scheduling.queue.schemas import (
    CallNext,
    ChangeDay,
    NextCalled,
    PlaceRead,
    PractitionersToday,
    PractitionerToday,
    QueueEntry,
    SetPriority,
)
from arogya.modules.scheduling.tokens.service import Move
from arogya.platform.access import Context, requires
from arogya.platform.paging import Page, as_json
from arogya.platform.web import Router
from arogya.policy import Permission

router = Router(tags=["queue"])
Reading = Annotated[Context, requires(Permission.QUEUE_READ)]
Calling = Annotated[Context, requires(Permission.QUEUE_CALL)]


@router.get("/api/queue", response_model=Page[QueueEntry])
async def read_queue(
    ctx: Reading,
    facility_id: UUID,
    practitioner_id: UUID | None = None,
    day: Annotated[AskedDay | None, Query(description="Left out: today.")] = None,
    is_open: Annotated[bool | None, Query(description="Only numbers whose visit is not over, or only others.")] = None,
) -> Response:
    """The numbers of a branch in calling order. A patient sees their own."""
    entries = await queue_reads.queue(ctx, facility_id, practitioner_id, day, is_open)
    return as_json(QueueEntry, entries, len(entries))


@router.post("/api/queue/call-next", response_model=NextCalled)
async def call_next(request: CallNext, ctx: Calling) -> NextCalled:
    """Finish the one with the doctor, call the next. Pressed at two desks at once it calls one patient."""
    return await queue.call_next(ctx, request)


@router.post("/api/queue/{token_id}/call", response_model=QueueEntry)
async def call(token_id: UUID, ctx: Calling) -> QueueEntry:
    """Call this one, whoever was next."""
    return await queue.move(ctx, token_id, Move.CALL)


@router.post("/api/queue/{token_id}/recall", response_model=QueueEntry)
async def recall(token_id: UUID, ctx: Calling) -> QueueEntry:
    """Call again who was called."""
    return await queue.move(ctx, token_id, Move.RECALL)


@router.post("/api/queue/{token_id}/start", response_model=QueueEntry)
async def start_consultation(token_id: UUID, ctx: Calling) -> QueueEntry:
    """The patient is with the doctor."""
    return await queue.move(ctx, token_id, Move.START)


@router.post("/api/queue/{token_id}/skip", response_model=QueueEntry)
async def skip(token_id: UUID, ctx: Calling) -> QueueEntry:
    """The patient did not come to the call; once back, they stand behind the next three."""
    return await queue.move(ctx, token_id, Move.SKIP)


@router.post("/api/queue/{token_id}/return", response_model=QueueEntry)
async def bring_back(token_id: UUID, ctx: Calling) -> QueueEntry:
    """The skipped patient is back; or the call was a mistake."""
    return await queue.move(ctx, token_id, Move.RETURN)


@router.post("/api/queue/{token_id}/leave", response_model=QueueEntry)
async def leave_queue(token_id: UUID, ctx: Calling) -> QueueEntry:
    """The patient left without being seen: the visit is cancelled."""
    return await queue.move(ctx, token_id, Move.LEAVE)


@router.post("/api/queue/{token_id}/priority", response_model=QueueEntry)
async def set_priority(token_id: UUID, request: SetPriority, ctx: Calling) -> QueueEntry:
    return await queue.set_priority(ctx, token_id, request.is_priority)


@router.get("/api/appointments/{appointment_id}/place", response_model=PlaceRead)
async def read_place(appointment_id: UUID, ctx: Reading) -> PlaceRead:
    """Where a visit stands in its queue. Names nobody else."""
    return await queue_reads.place(ctx, appointment_id)


@router.get("/api/practitioners-today", response_model=PractitionersToday)
async def read_practitioners_today(ctx: Reading, facility_id: UUID) -> Response:
    """The desk's list of doctors."""
    found = await practitioner_days.practitioners_today(ctx, facility_id)
    return Response(found.model_dump_json(), media_type="application/json")


@router.post("/api/practitioners-today/{practitioner_id}", response_model=PractitionerToday)
async def change_practitioner_day(practitioner_id: UUID, request: ChangeDay, ctx: Calling) -> PractitionerToday:
    """The doctor is here, late, on a break or gone: waits follow, and those who wait are told."""
    return await practitioner_days.change_day(ctx, practitioner_id, request)
