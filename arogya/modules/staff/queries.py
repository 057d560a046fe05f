"""Selects shared by the two kinds of people who work here."""

import re
from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, String, and_, func, literal_column, or_, select
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by
from sqlalchemy.orm import InstrumentedAttribute

from arogya.modules.organizations.api import departments_table, facilities_table
from arogya.modules.staff.models import Practitioner, PractitionerFacility, StaffMember

_TITLES = {"dr", "dr.", "डॉ", "डॉ."}


def words_of(search: str) -> list[str]:
    """What is looked for, without the title that everybody has."""
    words = search.lower().split()[:6]
    return [word for word in words if word not in _TITLES] or words


def some_word_begins(search: str, *columns: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
    """Each word of the search begins some word of some column. The tables are small: no index is needed."""
    return and_(*(or_(*(_begins(column, word) for column in columns)) for word in words_of(search)))


def _begins(column: InstrumentedAttribute[Any], word: str) -> ColumnElement[bool]:
    prefix = re.sub(r"([\\%_])", r"\\\1", word) + "%"
    lowered = func.lower(column)
    return or_(lowered.like(prefix, escape="\\"), lowered.like(f"% {prefix}", escape="\\"))


def _workplaces() -> ColumnElement[Any]:
    """[{"facility_id", "room", "floor"}] of the practitioner of the outer row, as one JSON value."""
    place = PractitionerFacility
    one = func.jsonb_build_object(
        "facility_id", place.facility_id, "room", place.room, "floor", place.floor, type_=JSONB
    )  # fmt: skip
    return (
        select(
            func.coalesce(func.jsonb_agg(aggregate_order_by(one, place.id)), literal_column("'[]'::jsonb"), type_=JSONB)
        )
        .where(place.organization_id == Practitioner.organization_id, place.practitioner_id == Practitioner.id)
        .correlate(Practitioner)
        .scalar_subquery()
        .label("facilities")
    )


def works_at(facility_id: UUID) -> ColumnElement[bool]:
    place = PractitionerFacility
    return (
        select(1)
        .where(
            place.organization_id == Practitioner.organization_id,
            place.practitioner_id == Practitioner.id,
            place.facility_id == facility_id,
        )
        .correlate(Practitioner)
        .exists()
    )


def practitioners_matching(
    *,
    search: str = "",
    department_id: UUID | None = None,
    facility_id: UUID | None = None,
    is_active: bool | None = None,
    kind: str | None = None,
) -> Select[Any]:
    """Whole rows of practitioners with their `facilities`, by name. kind None: services, too."""
    person = Practitioner
    columns: list[Any] = [
        person.id, person.kind, person.user_id, person.title, person.name, person.gender, person.specialty,
        person.department_id,
        person.registration_number,
        func.nullif(person.registration_council, "", type_=String).label("registration_council"),
        person.qualifications, person.languages, person.practising_since, person.consultation_fee_paise,
        person.visit_minutes, person.phone,
        person.email, person.is_active, person.version, departments_table.c.name.label("department_name"),
        departments_table.c.name_hi.label("department_name_hi"), _workplaces(),
    ]  # fmt: skip
    query: Select[Any] = select(*columns).outerjoin(departments_table, and_(
        departments_table.c.organization_id == person.organization_id, departments_table.c.id == person.department_id
    ))  # fmt: skip
    if search.strip():
        query = query.where(some_word_begins(search, person.name, person.specialty, person.registration_number))
    if department_id is not None:
        query = query.where(person.department_id == department_id)
    if facility_id is not None:
        query = query.where(works_at(facility_id))
    if is_active is not None:
        query = query.where(person.is_active == is_active)
    if kind is not None:
        query = query.where(person.kind == kind)
    return query.order_by(func.lower(person.name), person.id)


def staff_matching(
    *,
    search: str = "",
    department_id: UUID | None = None,
    facility_id: UUID | None = None,
    shift: str | None = None,
    is_active: bool | None = None,
    reach: Collection[UUID] | None = None,
) -> Select[Any]:
    """Whole rows of staff, by name. reach: the branches whose staff may be seen; None is all."""
    person, department, branch = StaffMember, departments_table.c, facilities_table.c
    query = (
        select(
            *person.__table__.columns,
            department.name.label("department_name"),
            branch.name.label("facility_name"),
        )
        .select_from(person)
        .outerjoin(
            departments_table,
            and_(department.organization_id == person.organization_id, department.id == person.department_id),
        )
        .outerjoin(
            facilities_table, and_(branch.organization_id == person.organization_id, branch.id == person.facility_id)
        )
    )
    if search.strip():
        query = query.where(some_word_begins(search, person.name, person.designation, person.employee_number))
    if department_id is not None:
        query = query.where(person.department_id == department_id)
    if facility_id is not None:
        query = query.where(person.facility_id == facility_id)
    if shift is not None:
        query = query.where(person.shift == shift)
    if is_active is not None:
        query = query.where(person.is_active == is_active)
    if reach is not None:
        query = query.where(person.facility_id.in_(reach))
    return query.order_by(func.lower(person.name), person.id)
