"""One person's records: the kept one, and those that were merged into it (`merging/`).

No row is moved when two records are merged: what belongs to a person is read from all of the person's records. To write
under the kept one is enough, so a write asks for `identify` first, which answers with it.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Subquery, Uuid, func, or_, select
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from arogya.modules.patients.models import Patient
from arogya.platform.database import is_one_of


def kept(record: Any = Patient) -> ColumnElement[UUID]:
    """The record that stands for the person of this one: itself, or the one that it was merged into."""
    return func.coalesce(record.merged_into_id, record.id)


def of_same_person(record: Any, kept_id: Any) -> ColumnElement[bool]:
    """That a record is the kept one or was merged into it; both have an index."""
    return or_(record.id == kept_id, record.merged_into_id == kept_id)


def person_records(name: str = "patient_ids") -> Subquery:
    """All records of the persons whom the parameter's ids mean: (asked_id, record_id), for joins."""
    asked, merged = aliased(Patient), aliased(Patient)
    wanted = is_one_of(asked.id, name)
    # Two parts rather than one join with an OR, which would compare each asked record with every patient.
    stands = select(asked.id.label("asked_id"), kept(asked).label("record_id")).where(wanted)
    others = select(asked.id, merged.id).where(
        wanted, merged.organization_id == asked.organization_id, merged.merged_into_id == kept(asked)
    )
    return stands.union_all(others).subquery("persons")


_RECORD_IDS = select(person_records("ids").c.record_id)


async def record_ids(session: AsyncSession, patient_id: UUID) -> list[UUID]:
    """All records of a person; empty for an unknown id. Asks nobody's leave."""
    return list(await session.scalars(_RECORD_IDS, {"ids": [patient_id]}))


def merged_ids() -> ColumnElement[Any]:
    """The records that were merged into a patient's, as a column."""
    merged = aliased(Patient)
    found = select(merged.id).where(
        merged.organization_id == Patient.organization_id, merged.merged_into_id == Patient.id
    )  # fmt: skip
    return func.array(found.order_by(merged.id).correlate(Patient).scalar_subquery(), type_=ARRAY(Uuid))


def merged_records() -> ColumnElement[Any]:
    """The same as lists and records show them: id, MRN and name."""
    merged = aliased(Patient)
    one = func.jsonb_build_object("id", merged.id, "mrn", merged.mrn, "name", merged.name)
    found = select(func.jsonb_agg(aggregate_order_by(one, merged.mrn), type_=JSONB)).where(
        merged.organization_id == Patient.organization_id, merged.merged_into_id == Patient.id
    )
    return func.coalesce(found.correlate(Patient).scalar_subquery(), func.jsonb_build_array(), type_=JSONB)
