"""Schedules as they are set up, with their sessions and the practitioner's name."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from fastapi import Response
from sqlalchemy import Select, and_, select

from arogya.modules.organizations.api import rooms_table
from arogya.modules.scheduling.models import Schedule, ScheduleSession
from arogya.modules.scheduling.schedules.schemas import ScheduleRead, SessionRead
from arogya.modules.staff import api as staff
from arogya.platform.access import Context
from arogya.platform.errors import NotFound
from arogya.platform.paging import Paging, as_json, rows_and_total
from arogya.policy import Permission


def listed(
    ctx: Context,
    *,
    practitioner_id: UUID | None = None,
    facility_id: UUID | None = None,
    is_active: bool | None = None,
) -> Select[Any]:
    """Those at branches where the actor may read schedules. is_active None: both kinds."""
    room = rooms_table.c
    query = (
        select(*Schedule.__table__.columns, room.name.label("room_name"))
        .outerjoin(rooms_table, and_(room.organization_id == Schedule.organization_id, room.id == Schedule.room_id))
        .order_by(Schedule.practitioner_id, Schedule.valid_from, Schedule.facility_id, Schedule.id)
    )
    facilities = ctx.facilities(Permission.SCHEDULE_READ)
    if ctx.actor.kind != "system" and facilities is not None:
        query = query.where(Schedule.facility_id.in_(facilities))
    if practitioner_id is not None:
        query = query.where(Schedule.practitioner_id == practitioner_id)
    if facility_id is not None:
        query = query.where(Schedule.facility_id == facility_id)
    return query if is_active is None else query.where(Schedule.is_active == is_active)


async def read_many(ctx: Context, query: Select[Any], paging: Paging) -> Response:
    rows, total, capped = await rows_and_total(ctx, query, paging)
    return as_json(ScheduleRead, await _assembled(ctx, rows), total, capped)


async def read(ctx: Context, schedule_id: UUID) -> ScheduleRead:
    """Raises NotFound, at a branch where the actor may not read schedules too."""
    query = listed(ctx).where(Schedule.id == schedule_id)
    rows = (await ctx.session.execute(query)).mappings().all()
    if not rows:
        raise NotFound().about("schedule", schedule_id)
    return (await _assembled(ctx, rows))[0]


async def _assembled(ctx: Context, rows: Sequence[Mapping[str, Any]]) -> list[ScheduleRead]:
    at = ScheduleSession
    sessions: dict[UUID, list[SessionRead]] = defaultdict(list)
    query = select(at.schedule_id, at.weekday, at.starts, at.ends).where(at.schedule_id.in_([r["id"] for r in rows]))
    for found in await ctx.session.execute(query.order_by(at.weekday, at.starts)):
        sessions[found.schedule_id].append(SessionRead.model_validate(found))
    names = await staff.practitioners(ctx, {row["practitioner_id"] for row in rows})
    return [
        ScheduleRead.model_validate(
            {
                **row, "sessions": sessions[row["id"]],
                "practitioner_name": names[row["practitioner_id"]].display_name,
                "practitioner_kind": names[row["practitioner_id"]].kind,
            }
        )
        for row in rows
    ]  # fmt: skip
