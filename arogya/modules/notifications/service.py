"""Raising notifications, and reading one's own."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from arogya.modules.notifications.events import NotificationRaised, NotificationsRead
from arogya.modules.notifications.models import Notification
from arogya.modules.notifications.schemas import Template
from arogya.modules.organizations import api as organizations
from arogya.modules.patients import api as patients
from arogya.modules.staff import api as staff
from arogya.platform.access import Context
from arogya.platform.clock import new_id
from arogya.platform.errors import NotFound

Params = Mapping[str, Any]


async def notify(ctx: Context, user_ids: Iterable[UUID], template: Template, params: Params) -> None:
    """Tell each of these users once of the event that is being reacted to. params: ids, times and codes only."""
    event_id = UUID(ctx.request_id)
    rows = [
        {
            "organization_id": ctx.organization_id,
            "id": new_id(),
            "user_id": user_id,
            "event_id": event_id,
            "template": template.value,
            "channel": "in-app",
            "params": {name: plain(value) for name, value in params.items()},
            "raised_at": ctx.now(),
            "created_at": ctx.now(),
        }
        for user_id in sorted(set(user_ids))
    ]
    if not rows:
        return
    raised = insert(Notification).values(rows).on_conflict_do_nothing().returning(Notification.id, Notification.user_id)
    for row in await ctx.session.execute(raised):
        ctx.emit(NotificationRaised(user_id=row.user_id, notification_id=row.id))


async def mark_read(ctx: Context, notification_id: UUID) -> None:
    """Of one's own; again is no harm. Raises NotFound for anybody else's."""
    mine = (Notification.id == notification_id, Notification.user_id == ctx.user_id)
    if await ctx.session.scalar(select(Notification.id).where(*mine)) is None:
        raise NotFound("There is no such notification").about("notification", notification_id)
    await _mark_read(ctx, Notification.id == notification_id)


async def mark_all_read(ctx: Context) -> None:
    await _mark_read(ctx)


async def _mark_read(ctx: Context, *which: Any) -> None:
    assert ctx.user_id is not None
    marked = await ctx.session.execute(
        update(Notification)
        .where(Notification.user_id == ctx.user_id, Notification.read_at.is_(None), *which)
        .values(read_at=ctx.now())
        .returning(Notification.id)
    )
    if marked.first() is not None:
        ctx.emit(NotificationsRead(user_id=ctx.user_id))


async def with_names(ctx: Context, rows: Sequence[Params]) -> list[dict[str, Any]]:
    """Rows with the names of today, and those of patients only where the reader may see them."""
    who = await patients.identities(ctx, _ids(rows, "patient_id"))
    doctors = await staff.practitioners(ctx, _ids(rows, "practitioner_id") | _ids(rows, "previous_practitioner_id"))
    branches = await organizations.facilities(ctx.session, _ids(rows, "facility_id"))
    rooms = await organizations.rooms(ctx.session, _ids(rows, "room_id"))
    named = []
    for row in rows:
        params = dict(row["params"])
        patient = who.get(_id(params.get("patient_id")))
        doctor = doctors.get(_id(params.get("practitioner_id")))
        previous = doctors.get(_id(params.get("previous_practitioner_id")))
        branch = branches.get(_id(params.get("facility_id")))
        room = rooms.get(_id(params.get("room_id")))
        params |= {
            "patient_name": patient.name if patient else None,
            "practitioner_name": doctor.display_name if doctor else None,
            "facility_name": branch.name if branch else None,
            "room": room.name if room else doctor.room_at(branch.id) if doctor and branch else None,
        }
        if previous:
            params["previous_practitioner_name"] = previous.display_name
        named.append({**row, "params": params})
    return named


def _ids(rows: Sequence[Params], name: str) -> set[UUID]:
    return {UUID(row["params"][name]) for row in rows if row["params"].get(name)}


def _id(value: str | None) -> UUID:
    return UUID(value) if value else UUID(int=0)


def plain(value: object) -> object:
    """As it stands in params."""
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return str(value) if isinstance(value, UUID) else value
