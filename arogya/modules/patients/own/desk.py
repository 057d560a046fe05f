"""What the desk sees and does of who signs in for a patient: the list, its end, the paper with the QR."""

from dataclasses import replace
from uuid import UUID
from zoneinfo import ZoneInfo

from arogya.modules.identity import api as identity
from arogya.modules.organizations.api import organization
from arogya.modules.patients.accounts import account_patients, live_accounts
from arogya.modules.patients.doors import identify
from arogya.modules.patients.events import PatientAccountsChanged
from arogya.modules.patients.own.claiming import account
from arogya.modules.patients.own.passes import give_pass
from arogya.modules.patients.own.printing import AccessPaper, Paper, access_pdf
from arogya.modules.patients.own.schemas import AccountRead
from arogya.platform.access import Context
from arogya.platform.audit import Action
from arogya.platform.errors import NotFound


async def accounts(ctx: Context, patient_id: UUID) -> list[AccountRead]:
    """Raises NotFound."""
    await identify(ctx, patient_id)
    rows = await live_accounts(ctx.session, patient_id, ctx.now())
    holders = await identity.account_holders(ctx.session, [row.user_id for row in rows])
    return [
        AccountRead(
            id=row.id, user_id=row.user_id, name=holders[row.user_id].name, phone=holders[row.user_id].phone or "",
            relation=row.relation, valid_from=row.valid_from, last_seen_at=holders[row.user_id].last_seen_at,
        )
        for row in rows
    ]  # fmt: skip


async def end_account(ctx: Context, patient_id: UUID, account_id: UUID) -> None:
    """From now on this user no longer signs in for the patient; requests and sockets feel it within a second.

    Raises NotFound.
    """
    row = await account(ctx, patient_id, account_id)
    if row is None or (row.valid_until is not None and row.valid_until <= ctx.now()):
        raise NotFound().about("patient_account", account_id)
    row.valid_until = ctx.now()
    await ctx.session.flush()
    ctx.audit(Action.DEACTIVATE, "patient_account", row.user_id, patient_id=patient_id)
    if not await account_patients(ctx.session, row.user_id, ctx.now()):
        await identity.leave_as_patient(ctx, row.user_id)
    ctx.emit(PatientAccountsChanged(patient_id))


async def print_access(ctx: Context, patient_id: UUID, paper: Paper, origin: str) -> bytes:
    """A fresh one-time QR on paper. ctx: without a transaction; the PDF is made after it. Raises NoPassFor."""
    async with ctx.database.transaction(ctx.organization_id, ctx.user_id) as session:
        session.info["now"] = ctx.now()
        inside = replace(ctx, _session=session)
        patient = await identify(inside, patient_id)
        made = await give_pass(inside, patient.id)
        hospital = await organization(session, ctx.organization_id)
        inside.audit(Action.PRINT, "patient", patient.id, patient_id=patient.id, details={"paper": "access"})
    zone = ZoneInfo(hospital.time_zone)
    return await access_pdf(
        AccessPaper(
            hospital=hospital.name, name=patient.name, uhid=patient.mrn, url=f"{origin}/my/slip#{made.token}",
            address=f"{origin}/my", valid_till=made.expires_at.astimezone(zone),
            language="hi" if patient.language == "hi" else "en",
        ),
        paper,
    )  # fmt: skip
