"""The two doors to a patient: `identify` for the demographic record, `open_record` for the chart."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal, TypeVarTuple, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Select, Table, Uuid, bindparam, literal, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased

from arogya.modules.organizations.api import organizations_table
from arogya.modules.patients.accounts import own_patient_ids
from arogya.modules.patients.ages import age_on
from arogya.modules.patients.models import Patient, PatientPhone, RecordGrant
from arogya.modules.patients.persons import kept, merged_ids
from arogya.platform.access import Context
from arogya.platform.audit import Action
from arogya.platform.clock import local_day, new_id
from arogya.platform.database import is_one_of
from arogya.platform.errors import Forbidden, NotFound
from arogya.platform.prepared import execute, mappings, prepare
from arogya.policy import Permission

Columns = TypeVarTuple("Columns")
GrantPurpose = Literal["treatment", "consent", "share", "break-glass"]


@dataclass(frozen=True, slots=True)
class PatientIdentity:
    """Who a patient is, as every page that names one needs it. Of a merged record: who it was merged into.

    merged_ids: the records that were merged into this one, under which the person's older visits may stand.
    """

    id: UUID
    mrn: str
    name: str
    name_local: str | None
    gender: str
    birth_date: date | None
    birth_date_precision: str
    age_years: int | None
    age_months: int | None
    phone: str | None
    language: str
    is_active: bool
    is_deceased: bool
    is_unknown: bool
    is_medico_legal: bool
    merged_ids: tuple[UUID, ...]

    @property
    def record_ids(self) -> tuple[UUID, ...]:
        """All records of this person."""
        return (self.id, *self.merged_ids)


class NoRecordGrant(Forbidden):
    code, title = "no_record_grant", "You have no part in this patient's care just now"


def not_found(patient_id: UUID) -> NotFound:
    return NotFound().about("patient", patient_id)


def sees_own_only(ctx: Context) -> bool:
    """Whether the actor may know of their own patients only. The system acts for the hospital."""
    return ctx.actor.kind != "system" and ctx.own_only(Permission.PATIENT_READ)


def visible(ctx: Context, query: Select[*Columns]) -> Select[*Columns]:
    """The query over `patients`, narrowed to whom the actor may know exist."""
    if not sees_own_only(ctx):
        return query
    return query.where(Patient.id.in_(own_patient_ids(ctx.user_id, ctx.now())))


def first_phone() -> Any:
    """A patient's first phone, as a column."""
    return (
        select(PatientPhone.number)
        .where(PatientPhone.organization_id == Patient.organization_id, PatientPhone.patient_id == Patient.id)
        .order_by(PatientPhone.position, PatientPhone.id)
        .limit(1)
        .correlate(Patient)
        .scalar_subquery()
        .label("phone")
    )


IDENTITY_COLUMNS: Final = (
    Patient.id, Patient.mrn, Patient.name, Patient.name_local, Patient.gender, Patient.birth_date,
    Patient.birth_date_precision, Patient.language, Patient.is_active, Patient.is_deceased, Patient.is_unknown,
    Patient.is_medico_legal,
)  # fmt: skip


async def identify(ctx: Context, patient_id: UUID) -> PatientIdentity:
    """Open the demographic record, with an audit row. Raises NotFound for whom the actor may not know of.

    The id of a merged record opens the one that it was merged into.
    """
    found = (await identities(ctx, [patient_id])).get(patient_id)
    if found is None:
        raise not_found(patient_id)
    ctx.audit(Action.READ, "patient", *dict.fromkeys((found.id, patient_id)), patient_id=found.id)
    return found


async def identities(ctx: Context, patient_ids: Iterable[UUID]) -> dict[UUID, PatientIdentity]:
    """Names for a list, whose caller writes the one audit row with the ids shown. Leaves out whom none may know of.

    By the id that was asked for: that of a merged record gives who it was merged into.
    """
    wanted = set(patient_ids)
    if not wanted:
        return {}
    rows = await mappings(ctx.session, visible(ctx, _IDENTITIES), {"ids": wanted})
    return dict(map(_identity, with_ages(ctx, rows)))


def _identity(told: dict[str, Any]) -> tuple[UUID, PatientIdentity]:
    asked_id, merged = told.pop("asked_id"), tuple(told.pop("merged_ids"))
    return asked_id, PatientIdentity(**told, merged_ids=merged)


def in_zone(query: Select[*Columns]) -> Select[*tuple[Any, ...]]:
    """The query over `patients`, with the hospital's time zone beside each: on which day is it to reckon an age."""
    table = organizations_table
    return query.add_columns(table.c.time_zone).join(table, table.c.id == Patient.organization_id)


_Asked = aliased(Patient)
_IDENTITIES = prepare(in_zone(
    select(*IDENTITY_COLUMNS, first_phone(), _Asked.id.label("asked_id"), merged_ids().label("merged_ids"))
    .join(_Asked, kept(_Asked) == Patient.id)
    .where(is_one_of(_Asked.id))
))  # fmt: skip


def with_ages(ctx: Context, rows: Iterable[Mapping[Any, Any]]) -> list[dict[str, Any]]:
    """Rows of `in_zone` with the age in their time zone's stead."""
    days: dict[str, date] = {}
    found = [dict(row) for row in rows]
    for told in found:
        zone = told.pop("time_zone")
        if zone not in days:
            days[zone] = local_day(ctx.now(), ZoneInfo(zone))
        told["age_years"], told["age_months"] = age_on(days[zone], told["birth_date"], told["birth_date_precision"])
    return found


async def open_record(ctx: Context, patient_id: UUID, purpose: str) -> PatientIdentity:
    """Open the chart: one's own, or under a live grant. Writes the audit row.

    purpose: what the reading is for, for the audit. Raises NotFound for whom the actor may not know of, NoRecordGrant.
    """
    patient = (await identities(ctx, [patient_id])).get(patient_id)
    if patient is None:
        raise not_found(patient_id)
    ground = await _ground(ctx, patient)
    if ground is None:
        raise NoRecordGrant().about("chart", patient.id)
    ctx.audit(Action.READ, "chart", patient.id, patient_id=patient.id, details={"purpose": purpose, "ground": ground})
    return patient


async def _ground(ctx: Context, patient: PatientIdentity) -> str | None:
    """Why the actor may read this chart: `own`, or the purpose of a grant on any of the person's records."""
    if ctx.user_id is None:
        return None
    own = own_patient_ids(ctx.user_id, ctx.now())
    if await ctx.session.scalar(select(literal(True)).where(literal(patient.id, Uuid).in_(own))):
        return "own"
    return await ctx.session.scalar(
        select(RecordGrant.purpose)
        .where(
            RecordGrant.patient_id.in_(patient.record_ids),
            RecordGrant.user_id == ctx.user_id,
            RecordGrant.valid_from <= ctx.now(),
            or_(RecordGrant.valid_until.is_(None), RecordGrant.valid_until > ctx.now()),
        )
        .order_by(RecordGrant.purpose != "treatment", RecordGrant.id)
        .limit(1)
    )


_GRANTS = cast(Table, RecordGrant.__table__)
_NEW_GRANT = insert(_GRANTS).values({column.name: bindparam(column.name) for column in _GRANTS.columns})
_GRANT = prepare(
    _NEW_GRANT.on_conflict_do_update(
        index_elements=["organization_id", "user_id", "patient_id", "purpose", "source", "source_id"],
        set_={"valid_until": _NEW_GRANT.excluded.valid_until},
    )
)


async def grant(
    ctx: Context,
    patient_id: UUID,
    user_id: UUID,
    purpose: GrantPurpose,
    *,
    source: str,
    source_id: UUID,
    until: datetime | None = None,
) -> None:
    """Let a user open a patient's chart from now until then (None: without end).

    source, source_id: what gives the right (`appointment` and its id); given again, it gets the new end.
    """
    told = {
        "organization_id": ctx.organization_id, "id": new_id(), "patient_id": patient_id, "user_id": user_id,
        "purpose": purpose, "source": source, "source_id": source_id, "valid_from": ctx.now(), "valid_until": until,
        "created_at": ctx.now(), "created_by": ctx.user_id,
    }  # fmt: skip
    await execute(ctx.session, _GRANT, told)
    ctx.audit(
        Action.CREATE, "record_grant", user_id, source_id, patient_id=patient_id,
        details={"purpose": purpose, "source": source},
    )  # fmt: skip
