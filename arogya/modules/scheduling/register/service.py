"""Reading the register, taking it away, printing it: each recorded, with whom it showed."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import Response
from sqlalchemy.ext.asyncio import AsyncSession

from arogya.modules.organizations import api as organizations
from arogya.modules.scheduling import moments, reach
from arogya.modules.scheduling.printing import age_in_words
from arogya.modules.scheduling.register import paper
from arogya.modules.scheduling.register.lines import lines, with_names
from arogya.modules.scheduling.register.schemas import RegisterLine, Wanted
from arogya.modules.staff import api as staff
from arogya.platform.access import Context
from arogya.platform.audit import Action
from arogya.platform.clock import local_day
from arogya.platform.errors import Forbidden, Invalid
from arogya.platform.export import Export, Form, Headings, export, in_language
from arogya.platform.money import Language
from arogya.platform.paging import Paging, as_json, rows_and_total
from arogya.policy import Permission

MOST_DAYS = 366
MOST_PRINTED = 600
Row = Mapping[str, Any]

COLUMNS: Headings = {
    "number": ("No.", "क्र."), "day": ("Day", "दिन"), "came_at_local": ("Came at", "आने का समय"),
    "patient_mrn": ("UHID", "UHID"), "patient_name": ("Name", "नाम"), "age": ("Age", "उम्र"),
    "gender": ("Sex", "लिंग"), "visit": ("Visit", "विज़िट"), "practitioner_name": ("Doctor", "डॉक्टर"),
    "facility_name": ("Branch", "शाखा"), "fee": ("Fee (INR)", "फ़ीस (INR)"),
    "receipt_number": ("Receipt no.", "रसीद नं."), "outcome": ("Outcome", "परिणाम"),
}  # fmt: skip


class TooManyToPrint(Invalid):
    code, title = "too_many_to_print", "These are more lines than one print takes; choose fewer days or one doctor"


async def read(ctx: Context, wanted: Wanted, paging: Paging) -> Response:
    """A page of it."""
    spans = await _spans(ctx, ctx.session, wanted, Permission.APPOINTMENT_READ)
    rows, total, capped = await rows_and_total(ctx, lines(wanted, spans), paging)
    shown = await with_names(ctx, rows)
    _audit(ctx, Action.SEARCH, shown, wanted)
    return as_json(RegisterLine, shown, total, capped)


async def take_away(ctx: Context, wanted: Wanted, form: Form, language: Language) -> Response:
    """All of it, as CSV or XLSX. ctx: without a transaction."""
    async with ctx.database.transaction(ctx.organization_id, ctx.user_id) as session:
        spans = await _spans(ctx, session, wanted, Permission.APPOINTMENT_EXPORT)
    return await export(
        ctx,
        Export(
            entity="opd_register",
            filename=f"opd-register-{ctx.now():%Y-%m-%d}.{form}",
            query=lines(wanted, spans),
            columns=in_language(COLUMNS, language),
            details=as_asked(wanted),
            dress=_as_cells,
            form=form,
        ),
    )


async def print_out(ctx: Context, wanted: Wanted) -> bytes:
    """The same on paper. ctx: without a transaction. Raises TooManyToPrint."""
    async with ctx.database.transaction(ctx.organization_id, ctx.user_id) as session:
        session.info["now"] = ctx.now()
        facts = await _on_paper(replace(ctx, _session=session), wanted)
    return await paper.register_pdf(facts)


async def _on_paper(ctx: Context, wanted: Wanted) -> paper.Register:
    spans = await _spans(ctx, ctx.session, wanted, Permission.APPOINTMENT_READ)
    query = lines(wanted, spans).limit(MOST_PRINTED + 1)
    rows = (await ctx.session.execute(query)).mappings().all()
    if len(rows) > MOST_PRINTED:
        raise TooManyToPrint
    shown = await with_names(ctx, [dict(row) for row in rows])
    _audit(ctx, Action.PRINT, shown, wanted)
    hospital = await organizations.organization(ctx.session, ctx.organization_id)
    where = await organizations.facilities(ctx.session, spans)
    doctor = await staff.practitioner(ctx, wanted.practitioner_id) if wanted.practitioner_id else None
    zone = ZoneInfo(next(iter(where.values())).time_zone if len(where) == 1 else hospital.time_zone)
    first = wanted.from_ or local_day(ctx.now(), zone)
    return paper.Register(
        hospital=hospital.name,
        facility=", ".join(one.name for one in where.values()),
        doctor=doctor.display_name if doctor else None,
        first=first,
        last=wanted.to or first,
        lines=shown,
        printed_at=ctx.now().astimezone(zone),
        language="hi" if hospital.language == "hi" else "en",
    )


async def _spans(
    ctx: Context, session: AsyncSession, wanted: Wanted, permission: Permission
) -> dict[UUID, tuple[Any, Any]]:
    """When the days begin and end at each branch that is asked for. Raises Forbidden, NotFound, Invalid."""
    if reach.is_own_only(ctx, permission):
        raise Forbidden
    if wanted.facility_id is not None:
        await organizations.facility(session, wanted.facility_id)
        reach.require(ctx, permission, wanted.facility_id)
    asked = ctx.facilities(permission) if wanted.facility_id is None else [wanted.facility_id]
    found = await organizations.facilities(session, asked, with_inactive=True)
    spans = {}
    for id_, facility in found.items():
        first = wanted.from_ or local_day(ctx.now(), facility.zone)
        last = wanted.to or first
        if not timedelta(0) <= last - first < timedelta(days=MOST_DAYS):
            raise Invalid.field("to", f"is not within {MOST_DAYS} days from the first", "days")
        spans[id_] = moments.begins(first, facility.zone), moments.ends(last, facility.zone)
    return spans


def as_asked(wanted: Wanted) -> dict[str, Any]:
    """The filters, for the entry about the reading."""
    return wanted.model_dump(mode="json", by_alias=True, exclude_none=True)


def _audit(ctx: Context, action: Action, shown: Sequence[Row], wanted: Wanted) -> None:
    people = sorted({str(row["patient_id"]) for row in shown})
    ctx.audit(
        action, "opd_register", *(row["appointment_id"] for row in shown),
        details={**as_asked(wanted), "patient_ids": people},
    )  # fmt: skip


async def _as_cells(ctx: Context, rows: Sequence[Row]) -> list[Row]:
    """With the age as one says it, the time on the branch's clock, the fee in rupees."""
    return [
        {
            **row,
            "age": age_in_words(row["age_years"], row["age_months"], "en"),
            "came_at_local": f"{row['came_at'].astimezone(ZoneInfo(row['time_zone'])):%H:%M}" if row["came_at"] else "",
            "fee": f"{row['fee_paise'] // 100}.{row['fee_paise'] % 100:02}",
        }
        for row in await with_names(ctx, rows)
    ]
