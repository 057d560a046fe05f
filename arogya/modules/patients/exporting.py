"""The list of patients, taken away: whom one may see, as the filters say."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from arogya.modules.patients.doors import in_zone, visible, with_ages
from arogya.modules.patients.importing.schemas import ExportPatients
from arogya.modules.patients.models import Patient, PatientIdentifier, PatientPhone
from arogya.modules.patients.search import all_ids, filters_of
from arogya.platform.access import Context
from arogya.platform.export import Export, Headings, in_language
from arogya.platform.money import Language

COLUMNS: Headings = {
    "mrn": ("UHID", "UHID"),
    "name": ("Patient name", "मरीज़ का नाम"),
    "name_local": ("Name in own script", "अपनी लिपि में नाम"),
    "gender": ("Sex", "लिंग"),
    "birth_date": ("Birth date", "जन्म तिथि"),
    "birth_date_precision": ("Birth date known to the", "जन्म तिथि कहाँ तक ज्ञात"),
    "age_years": ("Age (years)", "उम्र (वर्ष)"),
    "phones": ("Phones", "फ़ोन"),
    "relative_kind": ("Child or spouse of", "किसके बच्चे या जीवनसाथी"),
    "relative_name": ("Whose", "पिता/पति का नाम"),
    "blood_group": ("Blood group", "ब्लड ग्रुप"),
    "abha_number": ("ABHA number", "ABHA नंबर"),
    "email": ("E-mail", "ई-मेल"),
    "address_line": ("Address", "पता"),
    "city": ("City", "शहर"),
    "district": ("District", "ज़िला"),
    "state": ("State", "राज्य"),
    "postal_code": ("PIN code", "पिन कोड"),
    "is_deceased": ("Deceased", "मृत"),
    "is_active": ("Active", "सक्रिय"),
    "created_at": ("Registered at (UTC)", "पंजीकरण का समय (UTC)"),
}
"""`importing.headings` knows those that an import takes: what was taken away can be taken in again."""


async def patients_export(ctx: Context, wanted: ExportPatients, language: Language) -> Export:
    """ctx has a transaction: a search is answered before the list streams."""
    query = visible(ctx, _query().where(Patient.merged_into_id.is_(None), *filters_of(wanted)))
    if wanted.search.strip():
        query = query.where(Patient.id.in_(await all_ids(ctx, wanted)))
    elif not wanted.all:
        query = query.where(Patient.is_active == wanted.is_active)
    return Export(
        entity="patient",
        filename=f"patients-{ctx.now():%Y-%m-%d}.{wanted.form}",
        query=query.order_by(Patient.sort_name, Patient.id),
        columns=in_language(COLUMNS, language),
        # What was typed is written nowhere; that something was typed, and the filters, are.
        details={"by": sorted(wanted.model_fields_set - {"skip", "limit"}), "form": wanted.form},
        dress=_with_ages,
        form=wanted.form,
    )


def _query() -> Select[Any]:
    phones = (
        select(
            func.array_to_string(func.array_agg(aggregate_order_by(PatientPhone.number, PatientPhone.position)), ", ")
        )
        .where(PatientPhone.organization_id == Patient.organization_id, PatientPhone.patient_id == Patient.id)
        .correlate(Patient)
        .scalar_subquery()
        .label("phones")
    )
    abha = (
        select(func.min(PatientIdentifier.value))
        .where(
            PatientIdentifier.organization_id == Patient.organization_id,
            PatientIdentifier.patient_id == Patient.id,
            PatientIdentifier.kind == "abha_number",
        )
        .correlate(Patient)
        .scalar_subquery()
        .label("abha_number")
    )
    own = [column for column in Patient.__table__.c if column.name in COLUMNS]
    return in_zone(select(*own, phones, abha))


async def _with_ages(ctx: Context, batch: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return with_ages(ctx, batch)
