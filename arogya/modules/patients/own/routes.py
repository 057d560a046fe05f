"""Under `/api/patients`: one's own records and family; for the desk, who signs in for a patient."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request, Response

from arogya.modules.patients.own import claiming, desk
from arogya.modules.patients.own.printing import Paper
from arogya.modules.patients.own.schemas import AccountList, Claim, ClaimableList, Family, FamilyMember
from arogya.platform.access import Context, requires
from arogya.platform.web import Router, origin_of
from arogya.policy import Permission

router = Router(tags=["own records"])
Own = Annotated[Context, requires(Permission.ACCOUNT_OWN)]
OwnEverywhere = Annotated[Context, requires(Permission.ACCOUNT_OWN, transaction=False)]
Desk = Annotated[Context, requires(Permission.PATIENT_ACCESS)]
DeskBeforePrinting = Annotated[Context, requires(Permission.PATIENT_ACCESS, transaction=False)]
_PDF: dict[int | str, dict[str, Any]] = {
    201: {"content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}}
}


@router.get("/claimable", response_model=ClaimableList)
async def list_claimable(ctx: OwnEverywhere) -> ClaimableList:
    """The people with the number to which one's code was sent, in all hospitals. 403 `phone_not_proved`."""
    return ClaimableList(items=await claiming.claimable(ctx))


@router.post("/claims", status_code=201, response_model=FamilyMember)
async def claim_record(request: Claim, ctx: OwnEverywhere) -> FamilyMember:
    """Sign in for one of them from now on. Sent twice, the second is refused with `already_open`.

    422 `claim_wrong` with `tries_left`; 409 `claim_at_desk`, `already_open`, `own_record_already`.
    """
    return await claiming.claim(ctx, request)


@router.get("/family", response_model=Family)
async def list_family(ctx: Own) -> Family:
    """Everybody whom one signs in for, in all hospitals."""
    return Family(items=await claiming.family(ctx))


@router.get("/{patient_id}/accounts", response_model=AccountList)
async def list_patient_accounts(patient_id: UUID, ctx: Desk) -> AccountList:
    """Who signs in for a patient."""
    return AccountList(items=await desk.accounts(ctx, patient_id))


@router.delete("/{patient_id}/accounts/{account_id}", status_code=204)
async def end_patient_account(patient_id: UUID, account_id: UUID, ctx: Desk) -> None:
    """Nobody signs in for the patient by this account any more, from this second on."""
    await desk.end_account(ctx, patient_id, account_id)


@router.post("/{patient_id}/pass", status_code=201, response_class=Response, responses=_PDF)
async def print_patient_pass(
    patient_id: UUID, http: Request, ctx: DeskBeforePrinting, paper: Annotated[Paper, Query()] = "80mm"
) -> Response:
    """A fresh one-time QR on paper; the one before it is no longer good. 409 `no_pass_for`."""
    content = await desk.print_access(ctx, patient_id, paper, origin_of(http))
    headers = {"Content-Disposition": 'inline; filename="access.pdf"', "Cache-Control": "private, no-store"}
    return Response(content, status_code=201, media_type="application/pdf", headers=headers)
