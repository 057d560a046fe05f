"""The register's lines: one query, whatever the days; names are put to each batch of rows."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Date, Select, and_, case, cast, exists, false, func, literal_column, or_, select
from sqlalchemy.orm import aliased

from arogya.modules.organizations import api as organizations
from arogya.modules.organizations.api import facilities_table
from arogya.modules.patients import api as patients
from arogya.modules.scheduling.models import Appointment, QueueToken, Receipt
from arogya.modules.scheduling.register.schemas import Wanted
from arogya.modules.staff import api as staff
from arogya.platform.access import Context

Row = Mapping[str, Any]

_A = Appointment
_CAME_AT = func.coalesce(_A.arrived_at, _A.checked_in_at, _A.fulfilled_at)
_CAME = _CAME_AT.is_not(None)
_DAY = cast(func.timezone(facilities_table.c.time_zone, _A.starts_at), Date)
_OUTCOME = case(
    (_A.status == "fulfilled", "seen"),
    (_A.status == "noshow", "noshow"),
    (_A.status == "cancelled", "left"),
    (QueueToken.status == "in-consultation", "inside"),
    else_="waiting",
)
_earlier = aliased(Appointment)
_HAD_COME = exists(literal_column("1")).where(
    _earlier.organization_id == _A.organization_id,
    _earlier.patient_id == _A.patient_id,
    _earlier.starts_at < _A.starts_at,
    func.coalesce(_earlier.arrived_at, _earlier.checked_in_at, _earlier.fulfilled_at).is_not(None),
)
_NUMBER = case((_CAME, func.row_number().over(partition_by=(_A.facility_id, _DAY, _CAME), order_by=(_CAME_AT, _A.id))))
_ALL = (
    select(
        _A.id.label("appointment_id"), _A.patient_id, _A.practitioner_id, _A.facility_id, _A.fee_paise,
        _DAY.label("day"), _NUMBER.label("number"), _CAME_AT.label("came_at"), _OUTCOME.label("outcome"),
        case((_HAD_COME, "revisit"), else_="new").label("visit"), Receipt.number.label("receipt_number"),
        facilities_table.c.time_zone,
    )
    .join(
        facilities_table,
        and_(facilities_table.c.organization_id == _A.organization_id, facilities_table.c.id == _A.facility_id),
    )
    .outerjoin(QueueToken, and_(QueueToken.organization_id == _A.organization_id, QueueToken.appointment_id == _A.id))
    .outerjoin(Receipt, and_(Receipt.organization_id == _A.organization_id, Receipt.appointment_id == _A.id))
    .where(_A.status != "entered-in-error", or_(_CAME, _A.status == "noshow"))
)  # fmt: skip


def lines(wanted: Wanted, spans: Mapping[UUID, tuple[datetime, datetime]]) -> Select[Any]:
    """The lines of these branches' days. Numbered before they are narrowed: a number is of the whole day."""
    of_days = [and_(_A.facility_id == id_, _A.starts_at >= s, _A.starts_at < e) for id_, (s, e) in spans.items()]
    numbered = _ALL.where(or_(false(), *of_days)).subquery()
    column = numbered.c
    query = select(numbered).order_by(column.day, column.facility_id, column.number.nulls_last(), column.appointment_id)
    if wanted.practitioner_id is not None:
        query = query.where(column.practitioner_id == wanted.practitioner_id)
    if wanted.outcome:
        query = query.where(column.outcome.in_(wanted.outcome))
    return query if wanted.visit is None else query.where(column.visit == wanted.visit)


async def with_names(ctx: Context, rows: Sequence[Row]) -> list[Row]:
    """The rows with who, whom and where. The caller audits."""
    people = await patients.identities(ctx, {row["patient_id"] for row in rows})
    doctors = await staff.practitioners(ctx, {row["practitioner_id"] for row in rows})
    facilities = await organizations.facilities(ctx.session, {row["facility_id"] for row in rows})
    return [
        {
            **row,
            **_about(people.get(row["patient_id"]), row["day"]),
            "practitioner_name": doctors[row["practitioner_id"]].display_name,
            "facility_name": facilities[row["facility_id"]].name,
        }
        for row in rows
    ]


def _about(person: patients.PatientIdentity | None, day: date) -> dict[str, Any]:
    if person is None:
        return {
            "patient_mrn": None, "patient_name": None, "gender": None, "age_years": None, "age_months": None,
        }  # fmt: skip
    years, months = patients.age_on(day, person.birth_date, person.birth_date_precision)
    return {
        "patient_mrn": person.mrn, "patient_name": person.name, "gender": person.gender, "age_years": years,
        "age_months": months,
    }  # fmt: skip
