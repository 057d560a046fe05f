"""The desk's papers and money: slip, receipt, day sheet, UPI."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request, Response

from arogya.modules.scheduling import desk_papers, receipts, upi
from arogya.modules.scheduling.moments import AskedDay
from arogya.modules.scheduling.printing import Paper
from arogya.modules.scheduling.receipts import DaysReceipts, ReceiptRead, TakePayment
from arogya.modules.scheduling.upi import PaymentLinkRead
from arogya.platform.access import Context, requires
from arogya.platform.idempotency import REPEATABLE, once
from arogya.platform.paging import PageOf
from arogya.platform.web import Router, origin_of
from arogya.policy import Permission

router = Router(tags=["desk"])
_PDF: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}}
}


def _pdf(content: bytes, name: str) -> Response:
    """Shown in the browser; nobody's name in the file's."""
    headers = {"Content-Disposition": f'inline; filename="{name}.pdf"', "Cache-Control": "private, no-store"}
    return Response(content, media_type="application/pdf", headers=headers)


@router.get("/api/appointments/{appointment_id}/slip", response_class=Response, responses=_PDF)
async def print_slip(
    appointment_id: UUID,
    http: Request,
    ctx: Annotated[Context, requires(Permission.VISIT_RECEIVE, transaction=False)],
    paper: Annotated[Paper, Query()] = "80mm",
) -> Response:
    """The OPD slip as a PDF; for a patient for whom nobody signs in yet, with a one-time QR that lets them in."""
    return _pdf(await desk_papers.slip(ctx, appointment_id, paper, origin_of(http)), "slip")


@router.get("/api/receipts/{receipt_id}/pdf", response_class=Response, responses=_PDF)
async def print_receipt(
    receipt_id: UUID,
    ctx: Annotated[Context, requires(Permission.RECEIPT_READ, transaction=False)],
    paper: Annotated[Paper, Query()] = "80mm",
) -> Response:
    """The receipt as a PDF."""
    return _pdf(await desk_papers.receipt(ctx, receipt_id, paper), "receipt")


@router.get("/api/practitioners/{practitioner_id}/day-sheet", response_class=Response, responses=_PDF)
async def print_day_sheet(
    practitioner_id: UUID,
    facility_id: UUID,
    ctx: Annotated[Context, requires(Permission.APPOINTMENT_READ, transaction=False)],
    day: Annotated[AskedDay | None, Query(description="Left out: today.")] = None,
) -> Response:
    """A doctor's day as a PDF: the list for a power cut."""
    return _pdf(await desk_papers.day_sheet(ctx, practitioner_id, facility_id, day), "day-sheet")


@router.post(
    "/api/appointments/{appointment_id}/receipt", status_code=201, response_model=ReceiptRead, openapi_extra=REPEATABLE
)
async def take_payment(
    appointment_id: UUID, request: TakePayment, ctx: Annotated[Context, requires(Permission.RECEIPT_ISSUE)]
) -> ReceiptRead:
    """Take the visit's fee in cash, or note a UPI payment that was received, and number the receipt.

    Honours `Idempotency-Key`.
    """
    return await once(ctx, lambda: receipts.issue(ctx, appointment_id, request), lambda id_: receipts.issued(ctx, id_))


@router.get("/api/receipts", response_model=DaysReceipts)
async def list_receipts(
    ctx: Annotated[Context, requires(Permission.RECEIPT_READ)],
    paging: PageOf,
    facility_id: UUID,
    day: Annotated[AskedDay | None, Query(description="Left out: today.")] = None,
) -> Response:
    """A branch's receipts of a day, and what they come to."""
    found = await receipts.days_receipts(ctx, facility_id, day, paging)
    return Response(found.model_dump_json(), media_type="application/json")


@router.get("/api/appointments/{appointment_id}/upi", response_model=PaymentLinkRead)
async def read_payment_link(
    appointment_id: UUID, ctx: Annotated[Context, requires(Permission.APPOINTMENT_READ)]
) -> PaymentLinkRead:
    """The fee as a UPI link and QR code. A payment is entered by hand once it was received."""
    return await upi.payment_link(ctx, appointment_id)
