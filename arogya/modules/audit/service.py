"""Reading the trail, which is itself recorded."""

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from arogya.modules.audit import queries
from arogya.modules.audit.schemas import Filter, PlatformFilter
from arogya.modules.identity import api as identity
from arogya.modules.organizations import api as organizations
from arogya.modules.patients import api as patients
from arogya.platform.access import Context
from arogya.platform.audit import Action
from arogya.platform.errors import Forbidden
from arogya.platform.paging import Paging, rows_and_total
from arogya.policy import Permission

Row = Mapping[str, Any]


async def read(ctx: Context, wanted: Filter, paging: Paging) -> tuple[Sequence[Row], int, bool]:
    """One page of the hospital's trail with the names that it refers to."""
    query = await hospital_query(ctx, ctx.session, wanted)
    rows, total, capped = await rows_and_total(ctx, query, paging)
    shown = [row["id"] for row in rows]
    ctx.audit(Action.SEARCH, "audit", *shown, patient_id=wanted.patient_id, details=as_asked(wanted))
    return await with_names(ctx, rows), total, capped


async def read_platform(ctx: Context, wanted: PlatformFilter, paging: Paging) -> tuple[Sequence[Row], int, bool]:
    """One page of the platform's own trail."""
    rows, total, capped = await rows_and_total(ctx, queries.platform_entries(wanted, ZoneInfo("UTC")), paging)
    ctx.audit(Action.SEARCH, "platform_audit", *(row["id"] for row in rows), details=as_asked(wanted))
    return await with_user_names(ctx, rows), total, capped


async def hospital_query(ctx: Context, session: AsyncSession, wanted: Filter) -> Select[Any]:
    """Entries belong to no branch: who holds the right at one branch only can't be shown a part. Raises Forbidden."""
    if ctx.facilities(Permission.AUDIT_READ) is not None:
        raise Forbidden("The trail is the whole hospital's; your role is at one branch").about("audit")
    hospital = await organizations.organization(session, ctx.organization_id)
    records = await patients.record_ids(session, wanted.patient_id) if wanted.patient_id else ()
    return queries.entries(wanted, ZoneInfo(hospital.time_zone), records)


async def with_names(ctx: Context, rows: Sequence[Row]) -> list[Row]:
    """user_name and patient_mrn, never a patient's name."""
    who = await patients.identities(ctx, {row["patient_id"] for row in rows} - {None})
    named = await with_user_names(ctx, rows)
    return [{**row, "patient_mrn": _mrn(who.get(row["patient_id"]))} for row in named]


async def with_user_names(ctx: Context, rows: Sequence[Row]) -> list[Row]:
    names = await identity.names_of(ctx.session, {row["user_id"] for row in rows} - {None})
    return [{**row, "user_name": names.get(row["user_id"])} for row in rows]


def _mrn(patient: patients.PatientIdentity | None) -> str | None:
    return patient.mrn if patient else None


def as_asked(wanted: PlatformFilter) -> dict[str, Any]:
    """The filters, for the entry about the reading."""
    return wanted.model_dump(mode="json", by_alias=True, exclude_none=True)
