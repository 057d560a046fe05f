"""Money taken at the desk for a visit, until billing takes over: cash, or UPI received and unverified."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import ConfigDict, StringConstraints
from sqlalchemy import func, select

from arogya.modules.identity import api as identity
from arogya.modules.organizations import api as organizations
from arogya.modules.patients import api as patients
from arogya.modules.scheduling import reach
from arogya.modules.scheduling.appointments import steps
from arogya.modules.scheduling.events import ReceiptIssued
from arogya.modules.scheduling.models import Appointment, Receipt
from arogya.modules.scheduling.receipt_numbers import next_number
from arogya.modules.scheduling.refusals import WrongState
from arogya.modules.scheduling.transitions import HOLDING
from arogya.platform.access import Context
from arogya.platform.audit import Action
from arogya.platform.bodies import Body, Read
from arogya.platform.clock import day_bounds, local_day
from arogya.platform.errors import Conflict, Invalid, NotFound, constraint_means
from arogya.platform.paging import Page, Paging, rows_and_total
from arogya.policy import Permission

Method = Literal["cash", "upi"]
Utr = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z]{6,35}$")]
"""The reference by which a bank statement names a payment; a UPI app shows twelve digits."""


class AlreadyPaid(Conflict):
    code, title = "already_paid", "This visit is paid"


class NothingToPay(Invalid):
    code, title = "nothing_to_pay", "Nothing is due for this visit"


constraint_means("uq_receipts_appointment", AlreadyPaid)


class TakePayment(Body):
    """utr: of a UPI payment, as the payer's app shows it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"method": "upi", "utr": "432109876543"}]})

    method: Method
    utr: Utr | None = None


class ReceiptRead(Read):
    """is_verified: cash is; a UPI payment is received, unverified, until a statement shows it."""

    id: UUID
    number: str
    amount_paise: int
    method: Method
    utr: str | None
    is_verified: bool
    issued_at: datetime
    appointment_id: UUID
    patient_id: UUID
    patient_name: str | None
    patient_mrn: str | None
    cashier_name: str | None


class DaysReceipts(Page[ReceiptRead]):
    """The sums are the whole day's, whatever page is shown."""

    cash_paise: int
    upi_paise: int
    total_paise: int


async def issue(ctx: Context, appointment_id: UUID, request: TakePayment) -> ReceiptRead:
    """Take the visit's fee and give it the branch's next number. Raises AlreadyPaid, NothingToPay, WrongState."""
    if (request.method == "upi") != (request.utr is not None):
        message = "a UPI payment is entered with its UTR" if request.method == "upi" else "cash has no UTR"
        raise Invalid.field("utr", message, "utr")
    visit = await steps.find(ctx, appointment_id, lock=True)
    reach.require(ctx, Permission.RECEIPT_ISSUE, visit.facility_id)
    amount_paise = await amount_due(ctx, visit)
    facility = await organizations.facility(ctx.session, visit.facility_id)
    number = await next_number(ctx, facility.id, facility.code, local_day(ctx.now(), facility.zone))
    receipt = Receipt(
        number=number, appointment_id=visit.id, patient_id=visit.patient_id, facility_id=facility.id,
        amount_paise=amount_paise, method=request.method, utr=request.utr, is_verified=request.method == "cash",
        issued_at=ctx.now(),
    )  # fmt: skip
    ctx.add(receipt)
    await ctx.session.flush()
    details = {"number": number, "method": request.method}
    ctx.audit(Action.CREATE, "receipt", receipt.id, visit.id, patient_id=visit.patient_id, details=details)
    ctx.emit(
        ReceiptIssued(
            receipt_id=receipt.id, appointment_id=visit.id, patient_id=visit.patient_id, facility_id=facility.id
        )
    )
    return (await _read(ctx, [_as_row(receipt)]))[0]


async def issued(ctx: Context, receipt_id: UUID) -> ReceiptRead:
    """What an earlier request with the same key took. Raises NotFound."""
    row = await find(ctx, receipt_id)
    ctx.audit(Action.READ, "receipt", receipt_id, patient_id=row["patient_id"])
    return (await _read(ctx, [row]))[0]


async def amount_due(ctx: Context, visit: Appointment) -> int:
    """What is still to be paid for a visit. Raises AlreadyPaid, NothingToPay, WrongState."""
    if await ctx.session.scalar(select(Receipt.id).where(Receipt.appointment_id == visit.id)) is not None:
        raise AlreadyPaid
    if visit.status not in HOLDING:
        raise WrongState(status=visit.status)
    if visit.fee_paise <= 0:
        raise NothingToPay
    return visit.fee_paise


async def days_receipts(ctx: Context, facility_id: UUID, day: date | None, paging: Paging) -> DaysReceipts:
    """A branch's receipts of a day (None: today), newest first, and what they come to. One audit row."""
    facility = await organizations.facility(ctx.session, facility_id)
    reach.require(ctx, Permission.RECEIPT_READ, facility_id)
    start, end = day_bounds(day or local_day(ctx.now(), facility.zone), facility.zone)
    of_the_day = Receipt.facility_id == facility_id, Receipt.issued_at >= start, Receipt.issued_at < end
    query = select(*_COLUMNS).where(*of_the_day).order_by(Receipt.issued_at.desc(), Receipt.number.desc())
    rows, total, capped = await rows_and_total(ctx, query, paging)
    sums = select(Receipt.method, func.sum(Receipt.amount_paise)).where(*of_the_day).group_by(Receipt.method)
    paise = {method: int(amount) for method, amount in await ctx.session.execute(sums)}
    shown = await _read(ctx, rows)
    ctx.audit(
        Action.SEARCH, "receipt", *(one.id for one in shown),
        details={"patient_ids": sorted({str(one.patient_id) for one in shown})},
    )  # fmt: skip
    return DaysReceipts(
        items=shown, total=total, total_capped=capped, cash_paise=paise.get("cash", 0), upi_paise=paise.get("upi", 0),
        total_paise=sum(paise.values()),
    )  # fmt: skip


async def find(ctx: Context, receipt_id: UUID) -> Mapping[str, Any]:
    """One receipt's columns. Raises NotFound for a branch of whose receipts the actor may not know."""
    row = (await ctx.session.execute(select(*_COLUMNS).where(Receipt.id == receipt_id))).mappings().one_or_none()
    if row is None or not (ctx.actor.kind == "system" or ctx.may(Permission.RECEIPT_READ, row["facility_id"])):
        raise NotFound().about("receipt", receipt_id)
    return dict(row)


_COLUMNS: list[Any] = [
    Receipt.id, Receipt.number, Receipt.amount_paise, Receipt.method, Receipt.utr, Receipt.is_verified,
    Receipt.issued_at, Receipt.appointment_id, Receipt.patient_id, Receipt.facility_id, Receipt.created_by,
]  # fmt: skip


def _as_row(receipt: Receipt) -> Mapping[str, Any]:
    return {column.key: getattr(receipt, column.key) for column in _COLUMNS}


async def _read(ctx: Context, rows: Sequence[Mapping[str, Any]]) -> list[ReceiptRead]:
    people = await patients.identities(ctx, {row["patient_id"] for row in rows})
    cashiers = await identity.names_of(ctx.session, {row["created_by"] for row in rows if row["created_by"]})
    made = []
    for row in rows:
        person = people.get(row["patient_id"])
        made.append(
            ReceiptRead.model_validate(
                {
                    **row,
                    "patient_name": person.name if person else None,
                    "patient_mrn": person.mrn if person else None,
                    "cashier_name": cashiers.get(row["created_by"]),
                }
            )
        )
    return made
