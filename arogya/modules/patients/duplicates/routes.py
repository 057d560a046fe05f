"""The worklist of likely duplicates over HTTP."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Response

from arogya.modules.patients.duplicates import service
from arogya.modules.patients.duplicates.schemas import DuplicateRead, WantedDuplicates
from arogya.platform.access import Context, requires
from arogya.platform.paging import Page, Paging, as_json
from arogya.platform.web import Router
from arogya.policy import Permission

router = Router()

Judge = Annotated[Context, requires(Permission.PATIENT_MERGE)]


@router.get("/duplicates", response_model=Page[DuplicateRead])
async def list_duplicates(wanted: WantedDuplicates, ctx: Judge) -> Response:
    """Pairs of records that may be one person's, the likeliest first."""
    paging = Paging(skip=wanted.skip, limit=wanted.limit)
    return as_json(DuplicateRead, *await service.listed(ctx, wanted.status, paging))


@router.post("/duplicates/{duplicate_id}/dismiss", response_model=DuplicateRead)
async def dismiss_duplicate(duplicate_id: UUID, ctx: Judge) -> dict[str, Any]:
    """These are two people: the pair leaves the list and does not come back by itself."""
    return await service.judge(ctx, duplicate_id, are_different=True)


@router.post("/duplicates/{duplicate_id}/reopen", response_model=DuplicateRead)
async def reopen_duplicate(duplicate_id: UUID, ctx: Judge) -> dict[str, Any]:
    """The pair is to be judged again."""
    return await service.judge(ctx, duplicate_id, are_different=False)
