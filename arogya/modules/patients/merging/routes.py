"""Merging patients over HTTP."""

from typing import Annotated, Any
from uuid import UUID

from arogya.modules.patients.merging import service
from arogya.modules.patients.merging.schemas import ComparisonRead, MergePatients, MergeRead, Merges
from arogya.platform.access import Context, requires
from arogya.platform.idempotency import REPEATABLE, once
from arogya.platform.web import Router
from arogya.policy import Permission

router = Router()

Merger = Annotated[Context, requires(Permission.PATIENT_MERGE)]


@router.get("/{patient_id}/comparison", response_model=ComparisonRead)
async def compare_patients(patient_id: UUID, other_id: UUID, ctx: Merger) -> dict[str, Any]:
    """Two records side by side, and why they can't be merged, where they can't."""
    return await service.compare(ctx, patient_id, other_id)


@router.post("/{patient_id}/merges", status_code=201, response_model=MergeRead, openapi_extra=REPEATABLE)
async def merge_patients(patient_id: UUID, request: MergePatients, ctx: Merger) -> dict[str, Any]:
    """The record in the address stands for both from now on; nothing of the other is moved or lost."""
    link = await once(
        ctx, lambda: service.merge(ctx, patient_id, request.merged_id), lambda made: service.find(ctx, made)
    )
    return (await service.shown(ctx, [link]))[0]


@router.get("/{patient_id}/merges", response_model=Merges)
async def list_patient_merges(
    patient_id: UUID, ctx: Annotated[Context, requires(Permission.PATIENT_READ)]
) -> dict[str, Any]:
    """What was merged into this record or it into others, and what was undone, newest first."""
    return {"items": await service.merges_of(ctx, patient_id)}


@router.post("/{patient_id}/merges/{merge_id}/undo", response_model=MergeRead)
async def undo_patient_merge(patient_id: UUID, merge_id: UUID, ctx: Merger) -> dict[str, Any]:
    """Both records are again as they were. What was booked in between stays where it was booked, and is named."""
    link = await service.undo(ctx, patient_id, merge_id)
    return (await service.shown(ctx, [link]))[0]
