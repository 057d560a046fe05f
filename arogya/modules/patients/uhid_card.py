"""The UHID card: who this is, for the next visit's scanner."""

from base64 import b64encode
from dataclasses import replace
from functools import cache
from json import loads
from pathlib import Path
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from babel.dates import format_date
from sqlalchemy import select

from arogya.modules.organizations.api import organization
from arogya.modules.patients.doors import PatientIdentity, identify
from arogya.modules.patients.models import Patient, PatientPhoto
from arogya.platform import barcode, pdf
from arogya.platform.access import Context
from arogya.platform.audit import Action
from arogya.platform.clock import local_day
from arogya.platform.money import Language

SHOWN_DIGITS: Final = 4
"""Of the phone: enough to tell which one is meant, too little to ring it up from a lost card."""


async def card(ctx: Context, patient_id: UUID) -> bytes:
    """The card as PDF; that it was printed stands in the trail. ctx: without a transaction. Raises NotFound."""
    async with ctx.database.transaction(ctx.organization_id, ctx.user_id) as session:
        session.info["now"] = ctx.now()
        facts, pictures = await _facts(replace(ctx, _session=session), patient_id)
    return await pdf.render("patients/card", facts, pictures)


async def _facts(ctx: Context, patient_id: UUID) -> tuple[dict[str, Any], dict[str, bytes]]:
    patient = await identify(ctx, patient_id)
    hospital = await organization(ctx.session, ctx.organization_id)
    blood_group = await ctx.session.scalar(select(Patient.blood_group).where(Patient.id == patient.id))
    photo = await ctx.session.scalar(
        select(PatientPhoto.content)
        .where(PatientPhoto.id.in_(patient.record_ids))
        .order_by(PatientPhoto.id != patient.id, PatientPhoto.updated_at.desc())
    )
    ctx.audit(Action.PRINT, "patient", patient.id, patient_id=patient.id, details={"paper": "card"})
    language: Language = "hi" if patient.language == "hi" else "en"
    told_day = patient.birth_date if patient.birth_date_precision == "day" else None
    facts = {
        "language": language,
        "hospital": hospital.name,
        "name": patient.name,
        "name_local": patient.name_local if patient.name_local != patient.name else None,
        "uhid": patient.mrn,
        "bars": barcode.code128(patient.mrn),
        "age": _age(patient, language),
        "sex": patient.gender,
        "born": told_day and format_date(told_day, "d MMM y", locale=language),
        "blood_group": blood_group,
        "phone": _end_of(patient.phone),
        "printed_on": format_date(local_day(ctx.now(), ZoneInfo(hospital.time_zone)), "d MMM y", locale=language),
        "has_photo": photo is not None,
    }
    return facts, {"photo.svg": _portrait(photo)} if photo else {}


def _portrait(jpeg: bytes) -> bytes:
    """The middle of the photo, four by five."""
    href = f"data:image/jpeg;base64,{b64encode(jpeg).decode()}"
    image = f'<image width="40" height="50" preserveAspectRatio="xMidYMid slice" xlink:href="{href}"/>'
    space = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return f'<svg {space} width="40" height="50">{image}</svg>'.encode()


def _age(patient: PatientIdentity, language: Language) -> str | None:
    words = _words()[language]
    if patient.age_years is None:
        return None
    if patient.age_years < 1 and patient.age_months is not None:
        return str(words["months"]).format(patient.age_months)
    return str(words["years"]).format(patient.age_years)


def _end_of(phone: str | None) -> str | None:
    digits = "".join(c for c in phone or "" if c.isdecimal())
    return f"•••• {digits[-SHOWN_DIGITS:]}" if len(digits) > SHOWN_DIGITS else None


@cache
def _words() -> dict[str, Any]:
    words: dict[str, Any] = loads((Path(__file__).parent / "print" / "words.json").read_text(encoding="utf-8"))
    return words
