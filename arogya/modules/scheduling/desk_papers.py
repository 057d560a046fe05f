"""The desk's papers: what stands on a slip, a receipt and a day sheet.

Facts are read and audited in a transaction of their own; the PDF is made after it, so that no connection waits for ink.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import get_args
from uuid import UUID

from arogya.modules.identity import api as identity
from arogya.modules.organizations import api as organizations
from arogya.modules.organizations.api import Facility
from arogya.modules.patients import api as patients
from arogya.modules.patients.api import PatientIdentity
from arogya.modules.scheduling import booking_rules, printing, reach, receipts
from arogya.modules.scheduling.appointments import reads
from arogya.modules.scheduling.appointments.schemas import AppointmentRead
from arogya.modules.scheduling.models import Appointment, TokenStatus
from arogya.modules.scheduling.printing import Paper
from arogya.modules.scheduling.refusals import WrongState
from arogya.modules.scheduling.slots.timetables import add_exceptions, plans
from arogya.modules.scheduling.transitions import HOLDING
from arogya.modules.staff import api as staff
from arogya.platform.access import Context
from arogya.platform.audit import Action
from arogya.platform.clock import day_bounds, local_day
from arogya.platform.errors import Forbidden
from arogya.platform.money import Language
from arogya.policy import Permission

_STATES: dict[str, printing.State] = {state: state for state in get_args(printing.State)}
_SEXES: dict[str, printing.Sex] = {sex: sex for sex in get_args(printing.Sex)}
_CONSULTATION: dict[Language, str] = {"en": "Consultation, {}", "hi": "परामर्श, {}"}


async def slip(ctx: Context, appointment_id: UUID, paper: Paper, origin: str) -> bytes:
    """The OPD slip of a visit, as PDF. ctx: without a transaction. origin: what its QR for the phone begins with."""
    async with _reading(ctx) as reading:
        facts = await slip_facts(reading, appointment_id, origin)
    return await printing.slip_pdf(facts, paper)


async def receipt(ctx: Context, receipt_id: UUID, paper: Paper) -> bytes:
    """A receipt, as PDF. ctx: without a transaction."""
    async with _reading(ctx) as reading:
        facts = await receipt_facts(reading, receipt_id)
    return await printing.receipt_pdf(facts, paper)


async def day_sheet(ctx: Context, practitioner_id: UUID, facility_id: UUID, day: date | None) -> bytes:
    """A doctor's day at a branch (None: today), as PDF. ctx: without a transaction."""
    async with _reading(ctx) as reading:
        facts = await day_sheet_facts(reading, practitioner_id, facility_id, day)
    return await printing.day_sheet_pdf(facts)


@asynccontextmanager
async def _reading(ctx: Context) -> AsyncIterator[Context]:
    async with ctx.database.transaction(ctx.organization_id, ctx.user_id) as session:
        session.info["now"] = ctx.now()
        yield replace(ctx, _session=session)


async def slip_facts(ctx: Context, appointment_id: UUID, origin: str | None = None) -> printing.Slip:
    """Raises NotFound, WrongState for a visit that does not take place."""
    visit = await reads.read(ctx, appointment_id)
    reach.require(ctx, Permission.VISIT_RECEIVE, visit.facility_id)
    if visit.status not in HOLDING:
        raise WrongState(status=visit.status)
    facility = await organizations.facility(ctx.session, visit.facility_id)
    doctor = await staff.practitioner(ctx, visit.practitioner_id)
    patient = (await patients.identities(ctx, [visit.patient_id]))[visit.patient_id]
    rules = await booking_rules.current(ctx)
    day = local_day(visit.starts_at, facility.zone)
    ctx.audit(Action.PRINT, "appointment", visit.id, patient_id=visit.patient_id, details={"paper": "slip"})
    return printing.Slip(
        letterhead=await _letterhead(ctx, facility),
        patient=_on_paper(patient),
        doctor=doctor.display_name,
        is_service=doctor.is_service,
        qualifications=", ".join(one.degree for one in doctor.qualifications) or None,
        registration_number=doctor.registration_number,
        room=visit.room,
        day=day,
        token=visit.token.number if visit.token else None,
        starts_at=visit.starts_at.astimezone(facility.zone) if visit.kind == "slot" else None,
        session=_span(visit, facility) if visit.kind == "token" else None,
        fee_paise=visit.fee_paise,
        fee_state=_fee_state(visit),
        valid_till=day + timedelta(days=rules.slip_valid_days),
        reason=visit.reason or None,
        pass_url=await _pass_url(ctx, patient.id, origin) if origin else None,
        printed_at=ctx.now().astimezone(facility.zone),
        language=_language(patient.language),
    )


async def _pass_url(ctx: Context, patient_id: UUID, origin: str) -> str | None:
    """The way in for whom nobody signs in yet; others ask the desk for one. In the fragment: no log sees it."""
    if not ctx.may(Permission.PATIENT_ACCESS) or await patients.user_ids_of(ctx.session, patient_id, ctx.now()):
        return None
    try:
        return f"{origin}/my/slip#{(await patients.give_pass(ctx, patient_id)).token}"
    except patients.NoPassFor:
        return None


async def receipt_facts(ctx: Context, receipt_id: UUID) -> printing.Receipt:
    """Raises NotFound for a branch of whose receipts the actor may not know."""
    row = await receipts.find(ctx, receipt_id)
    facility = await organizations.facility(ctx.session, row["facility_id"])
    patient = await patients.identify(ctx, row["patient_id"])
    visit = await ctx.session.get_one(Appointment, (ctx.organization_id, row["appointment_id"]))
    doctor = await staff.practitioner(ctx, visit.practitioner_id)
    cashiers = await identity.names_of(ctx.session, [row["created_by"]] if row["created_by"] else [])
    language = _language(patient.language)
    ctx.audit(Action.PRINT, "receipt", receipt_id, patient_id=patient.id, details={"number": row["number"]})
    return printing.Receipt(
        letterhead=await _letterhead(ctx, facility),
        patient=_on_paper(patient),
        number=row["number"],
        issued_at=row["issued_at"].astimezone(facility.zone),
        lines=[
            printing.ReceiptLine(
                text=doctor.name if doctor.is_service else _CONSULTATION[language].format(doctor.display_name),
                amount_paise=row["amount_paise"],
            )
        ],
        method=row["method"],
        cashier=cashiers.get(row["created_by"], ""),
        utr=row["utr"],
        is_verified=row["is_verified"],
        language=language,
    )


async def day_sheet_facts(
    ctx: Context, practitioner_id: UUID, facility_id: UUID, day: date | None
) -> printing.DaySheet:
    """Everyone who has a place on that day, by time and number; one audit row with the ids printed."""
    if reach.is_own_only(ctx, Permission.APPOINTMENT_READ):
        raise Forbidden
    facility = await organizations.facility(ctx.session, facility_id)
    reach.require(ctx, Permission.APPOINTMENT_READ, facility_id)
    doctor = await staff.practitioner(ctx, practitioner_id)
    day = day or local_day(ctx.now(), facility.zone)
    start, end = day_bounds(day, facility.zone)
    query = reads.everything().where(
        Appointment.practitioner_id == practitioner_id, Appointment.facility_id == facility_id,
        Appointment.starts_at >= start, Appointment.starts_at < end, Appointment.status.in_(HOLDING),
    )  # fmt: skip
    visits = await reads.assemble(ctx, (await ctx.session.execute(query)).mappings().all())
    visits.sort(key=lambda visit: (visit.starts_at, visit.token.number if visit.token else 0, visit.id))
    people = await patients.identities(ctx, {visit.patient_id for visit in visits})
    ctx.audit(
        Action.PRINT, "appointment", *(visit.id for visit in visits),
        details={"paper": "day-sheet", "patient_ids": sorted(str(one) for one in people)},
    )  # fmt: skip
    organization = await organizations.organization(ctx.session, ctx.organization_id)
    return printing.DaySheet(
        letterhead=await _letterhead(ctx, facility),
        doctor=doctor.display_name,
        day=day,
        rows=[_day_row(visit, people[visit.patient_id], facility) for visit in visits if visit.patient_id in people],
        session=await _sessions(ctx, practitioner_id, facility, day),
        room=_rooms(visits) or doctor.room_at(facility.id),
        printed_at=ctx.now().astimezone(facility.zone),
        language=_language(organization.language),
    )


def _day_row(visit: AppointmentRead, patient: PatientIdentity, facility: Facility) -> printing.DaySheetRow:
    is_inside = visit.token is not None and visit.token.status == TokenStatus.IN_CONSULTATION
    return printing.DaySheetRow(
        patient=_on_paper(patient),
        state="in-consultation" if is_inside else _STATES[visit.status],
        token=visit.token.number if visit.token else None,
        starts_at=visit.starts_at.astimezone(facility.zone) if visit.kind != "token" else None,
        reason=visit.reason or None,
    )


def _on_paper(patient: PatientIdentity) -> printing.PatientOnPaper:
    return printing.PatientOnPaper(
        name=patient.name, uhid=patient.mrn, sex=_SEXES[patient.gender], age_years=patient.age_years,
        age_months=patient.age_months, phone=patient.phone,
    )  # fmt: skip


async def _letterhead(ctx: Context, facility: Facility) -> printing.Letterhead:
    organization = await organizations.organization(ctx.session, ctx.organization_id)
    address = (facility.address_line, facility.city, facility.state, facility.postal_code)
    return printing.Letterhead(
        hospital=organization.name, facility=facility.name, address=", ".join(part for part in address if part),
        phone=facility.phone,
    )  # fmt: skip


def _fee_state(visit: AppointmentRead) -> printing.FeeState:
    if visit.receipt is not None:
        return "paid"
    return "free_revisit" if visit.is_free_revisit else "due"


def _language(code: str) -> Language:
    return "hi" if code == "hi" else "en"


def _rooms(visits: Sequence[AppointmentRead]) -> str | None:
    """Those in which the day's visits take place, in the order of the day."""
    return ", ".join(dict.fromkeys(visit.room for visit in visits if visit.room)) or None


def _span(visit: AppointmentRead, facility: Facility) -> str:
    return f"{visit.starts_at.astimezone(facility.zone):%H:%M}–{visit.ends_at.astimezone(facility.zone):%H:%M}"


async def _sessions(ctx: Context, practitioner_id: UUID, facility: Facility, day: date) -> str | None:
    start, end = day_bounds(day, facility.zone)
    found = await plans(ctx, [practitioner_id])
    await add_exceptions(ctx, found, start, end)
    spans = [
        f"{one.starts_at.astimezone(facility.zone):%H:%M}–{one.ends_at.astimezone(facility.zone):%H:%M}"
        for table in found.values()
        for one in table.only(facility_id=facility.id).sessions(start, end)
    ]
    return ", ".join(spans) or None
