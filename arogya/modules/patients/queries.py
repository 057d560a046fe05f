"""Reads of patients that are worth a name: the whole record, and rows of lists."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, any_, bindparam, func, or_, select
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by, distinct_on
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from arogya.modules.patients import ports
from arogya.modules.patients.doors import first_phone, in_zone, visible, with_ages
from arogya.modules.patients.models import (
    Patient,
    PatientConsent,
    PatientContact,
    PatientFormerName,
    PatientIdentifier,
    PatientPhone,
    PatientPhoto,
)
from arogya.modules.patients.persons import kept, merged_ids, merged_records
from arogya.platform.access import Context
from arogya.platform.prepared import mappings, prepare

_PART = PatientPhone | PatientIdentifier | PatientContact | PatientConsent | PatientFormerName
_RECORD: Final = tuple(column for column in Patient.__table__.c if column.name not in {"organization_id", "sort_name"})
ROW_COLUMNS: Final = (
    Patient.id, Patient.mrn, Patient.name, Patient.name_local, Patient.gender, Patient.birth_date,
    Patient.birth_date_precision, Patient.blood_group, Patient.is_active, Patient.is_unknown, Patient.is_medico_legal,
)  # fmt: skip


def _all_of(part: type[_PART], order: ColumnElement[Any], **columns: ColumnElement[Any] | Any) -> ColumnElement[Any]:
    """A patient's rows of another table as one JSON column: the record takes one round trip, not five."""
    pairs = [item for name, column in columns.items() for item in (name, column)]
    rows = func.jsonb_agg(aggregate_order_by(func.jsonb_build_object(*pairs), order), type_=JSONB)
    mine = and_(part.organization_id == Patient.organization_id, part.patient_id == Patient.id)
    found = select(rows).where(mine).correlate(Patient).scalar_subquery()
    return func.coalesce(found, func.jsonb_build_array(), type_=JSONB)


def _latest_consents() -> ColumnElement[Any]:
    """The newest of each purpose."""
    newest = (
        select(PatientConsent.purpose, PatientConsent.is_given, PatientConsent.created_at)
        .where(PatientConsent.organization_id == Patient.organization_id, PatientConsent.patient_id == Patient.id)
        .correlate(Patient)
        .ext(distinct_on(PatientConsent.purpose))
        .order_by(PatientConsent.purpose, PatientConsent.created_at.desc(), PatientConsent.id.desc())
        .subquery()
    )
    one = func.jsonb_build_object(
        "purpose", newest.c.purpose, "is_given", newest.c.is_given, "at", newest.c.created_at
    )  # fmt: skip
    rows = select(func.jsonb_agg(aggregate_order_by(one, newest.c.purpose), type_=JSONB)).scalar_subquery()
    return func.coalesce(rows, func.jsonb_build_array(), type_=JSONB)


def _record_query() -> Select[*tuple[Any, ...]]:
    photo = select(PatientPhoto.id).where(
        PatientPhoto.organization_id == Patient.organization_id,
        or_(PatientPhoto.id == Patient.id, PatientPhoto.id == any_(merged_ids())),
    )
    asked = aliased(Patient)
    phones = _all_of(
        PatientPhone, PatientPhone.position.asc(), number=PatientPhone.number, e164=PatientPhone.e164
    )  # fmt: skip
    identifiers = _all_of(
        PatientIdentifier, PatientIdentifier.id.asc(), kind=PatientIdentifier.kind, system=PatientIdentifier.system,
        value=PatientIdentifier.value,
    )  # fmt: skip
    contacts = _all_of(
        PatientContact, PatientContact.position.asc(), name=PatientContact.name, relation=PatientContact.relation,
        phone=PatientContact.phone, is_emergency=PatientContact.is_emergency, is_guardian=PatientContact.is_guardian,
    )  # fmt: skip
    former_names = _all_of(
        PatientFormerName, PatientFormerName.id.desc(), name=PatientFormerName.name,
        name_local=PatientFormerName.name_local, was_unknown=PatientFormerName.was_unknown,
        until=PatientFormerName.created_at,
    )  # fmt: skip
    return select(
        *_RECORD,
        phones.label("phones"),
        identifiers.label("identifiers"),
        contacts.label("contacts"),
        _latest_consents().label("consents"),
        former_names.label("former_names"),
        merged_records().label("merged_records"),
        photo.correlate(Patient).exists().label("has_photo"),
    ).where(Patient.id == select(kept(asked)).where(asked.id == bindparam("id")).scalar_subquery())


_WHOLE_RECORD = prepare(in_zone(_record_query()))


async def whole_record(ctx: Context, patient_id: UUID) -> dict[str, Any] | None:
    """Everything of the demographic record; None for whom the actor may not know of. Writes no audit row.

    The id of a merged record gives the one that it was merged into.
    """
    found = await mappings(ctx.session, visible(ctx, _WHOLE_RECORD), {"id": patient_id})
    return with_ages(ctx, found)[0] if found else None


def rows_query() -> Select[*tuple[Any, ...]]:
    """Patients as lists show them."""
    return in_zone(select(*ROW_COLUMNS, first_phone(), merged_records().label("merged_records")))


async def as_list_rows(ctx: Context, rows: Sequence[Mapping[Any, Any]]) -> list[dict[str, Any]]:
    """Rows of `rows_query` with ages and last visits."""
    records = {row["id"]: [row["id"], *(UUID(merged["id"]) for merged in row["merged_records"])] for row in rows}
    visits = await ports.last_visits(ctx, records)
    return [row | {"last_visit": visits.get(row["id"])} for row in with_ages(ctx, rows)]


async def rows_by_id(ctx: Context, patient_ids: Sequence[UUID]) -> list[dict[str, Any]]:
    """These patients' rows, in this order; whom the actor may not know of is left out."""
    if not patient_ids:
        return []
    found = (await ctx.session.execute(visible(ctx, rows_query().where(Patient.id.in_(patient_ids))))).mappings()
    by_id = {row["id"]: row for row in found}
    return await as_list_rows(ctx, [by_id[one] for one in patient_ids if one in by_id])


async def holders(session: AsyncSession, kind: str, system: str, values: Sequence[str]) -> dict[str, UUID]:
    """Which of these numbers are known, and whose they are: for imports that may be repeated."""
    rows = await session.execute(
        select(PatientIdentifier.value, kept().label("patient_id"))
        .join(Patient, Patient.id == PatientIdentifier.patient_id)
        .where(PatientIdentifier.kind == kind, PatientIdentifier.system == system, PatientIdentifier.value.in_(values))
    )
    return {row.value: row.patient_id for row in rows}
