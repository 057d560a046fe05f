"""Recurring series over HTTP."""

from typing import Annotated
from uuid import UUID

from arogya.modules.scheduling.series import preview as previews
from arogya.modules.scheduling.series import reads, service
from arogya.modules.scheduling.series.schemas import (
    BookSeries,
    CancelSeries,
    MoveSeries,
    PreviewSeries,
    SeriesPreview,
    SeriesRead,
)
from arogya.modules.scheduling.series.service import Made
from arogya.platform.access import Context, requires
from arogya.platform.idempotency import REPEATABLE, once
from arogya.platform.web import Router
from arogya.policy import Permission

router = Router(prefix="/api/appointment-series", tags=["appointments"])

Reader = Annotated[Context, requires(Permission.APPOINTMENT_READ)]
Booker = Annotated[Context, requires(Permission.APPOINTMENT_BOOK)]
Changer = Annotated[Context, requires(Permission.APPOINTMENT_CHANGE)]


@router.post("/preview", response_model=SeriesPreview)
async def preview_series(request: PreviewSeries, ctx: Booker) -> SeriesPreview:
    """The series' times, which of them can't be had and what is free near them. Books nothing."""
    return await previews.preview(ctx, request)


@router.post("", status_code=201, response_model=SeriesRead, openapi_extra=REPEATABLE)
async def book_series(request: BookSeries, ctx: Booker) -> SeriesRead:
    """Book all, or with `only_free` what can be had; else 409 `series_conflicts`. Honours `Idempotency-Key`."""
    made = await once(ctx, lambda: service.book(ctx, request), lambda id_: reads.again(ctx, id_))
    return await reads.read(ctx, made)


@router.get("/{series_id}", response_model=SeriesRead)
async def read_series(series_id: UUID, ctx: Reader) -> SeriesRead:
    return await reads.read(ctx, Made(series_id))


@router.post("/{series_id}/cancel", response_model=SeriesRead)
async def cancel_series(series_id: UUID, request: CancelSeries, ctx: Changer) -> SeriesRead:
    """Cancel this visit, it and the following, or all that are yet to come."""
    return await reads.read(ctx, await service.cancel(ctx, series_id, request))


@router.post("/{series_id}/move", response_model=SeriesRead, openapi_extra=REPEATABLE)
async def move_series(series_id: UUID, request: MoveSeries, ctx: Changer) -> SeriesRead:
    """Move this visit, it and the following, or all that are yet to come. Honours `Idempotency-Key`."""
    made = await once(ctx, lambda: service.move(ctx, series_id, request), lambda id_: reads.again(ctx, id_))
    return await reads.read(ctx, made)
