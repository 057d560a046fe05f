"""The OPD register."""

from typing import Annotated, Any

from fastapi import Query, Response

from arogya.modules.scheduling.register import service
from arogya.modules.scheduling.register.schemas import Filtered, RegisterLine
from arogya.platform.access import Context, requires
from arogya.platform.export import FILES, Form
from arogya.platform.language import AskedLanguage
from arogya.platform.paging import Page, PageOf
from arogya.platform.web import Router
from arogya.policy import Permission

router = Router(prefix="/api/opd-register", tags=["desk"])
_PDF: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}}
}


@router.get("", response_model=Page[RegisterLine])
async def read_register(
    ctx: Annotated[Context, requires(Permission.APPOINTMENT_READ)], paging: PageOf, wanted: Filtered
) -> Response:
    """Who came on the days, in the order of coming, and who did not. At most 366 days, by each branch's own clock."""
    return await service.read(ctx, wanted, paging)


@router.get("/export", response_class=Response, responses=FILES)
async def export_register(
    ctx: Annotated[Context, requires(Permission.APPOINTMENT_EXPORT, transaction=False)],
    wanted: Filtered,
    language: AskedLanguage,
    form: Annotated[Form, Query()] = "csv",
) -> Response:
    """The same as CSV or XLSX, whole. Taking it away is recorded before its first line."""
    return await service.take_away(ctx, wanted, form, language)


@router.get("/pdf", response_class=Response, responses=_PDF)
async def print_register(
    ctx: Annotated[Context, requires(Permission.APPOINTMENT_READ, transaction=False)], wanted: Filtered
) -> Response:
    """The same as a PDF of at most 600 lines."""
    headers = {"Content-Disposition": 'inline; filename="opd-register.pdf"', "Cache-Control": "private, no-store"}
    return Response(await service.print_out(ctx, wanted), media_type="application/pdf", headers=headers)
