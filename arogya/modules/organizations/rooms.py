"""What is done to the rooms of a branch, by whoever administers it."""

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from arogya.modules.organizations import service
from arogya.modules.organizations.models import Room
from arogya.modules.organizations.schemas import ChangeRoom, CreateRoom
from arogya.platform.access import Context
from arogya.platform.audit import Action
from arogya.platform.errors import Conflict, Invalid, NotFound, constraint_means
from arogya.platform.etags import check_version


class RoomNameTaken(Conflict):
    code, title = "name_taken", "There is already a room of this name"


constraint_means("uq_rooms_name", RoomNameTaken)


async def create_room(session: AsyncSession, *, facility_id: UUID, name: str, **details: Any) -> UUID:
    """Add a room to a branch of the bound tenant. details: floor, note."""
    created = Room(facility_id=facility_id, name=name, **details)
    session.add(created)
    await session.flush()
    return created.id


async def find(ctx: Context, room_id: UUID) -> Room:
    """Raises NotFound."""
    found = await ctx.session.get(Room, (ctx.organization_id, room_id))
    if found is None:
        raise NotFound().about("room", room_id)
    return found


async def open_room(ctx: Context, request: CreateRoom) -> Room:
    """Raises RoomNameTaken; Invalid for a branch that is closed."""
    facility = await service.within_reach(ctx, request.facility_id)
    if not facility.is_active:
        raise Invalid.field("facility_id", "is not active any more")
    room_id = await create_room(ctx.session, **request.model_dump())
    await service.changed(ctx, Action.CREATE, "room", room_id, request)
    return await find(ctx, room_id)


async def change_room(ctx: Context, room_id: UUID, request: ChangeRoom, if_match: str | None) -> Room:
    room = await _within_reach(ctx, room_id)
    check_version(room, if_match)
    service.apply(room, request)
    await service.changed(ctx, Action.UPDATE, "room", room_id, request)
    return room


async def close_room(ctx: Context, room_id: UUID) -> None:
    """Sessions that were held there go on without a room; what is booked there already stays there."""
    await service.set_active(ctx, "room", await _within_reach(ctx, room_id), False)


async def reopen_room(ctx: Context, room_id: UUID) -> Room:
    room = await _within_reach(ctx, room_id)
    await service.set_active(ctx, "room", room, True)
    return room


async def _within_reach(ctx: Context, room_id: UUID) -> Room:
    room = await find(ctx, room_id)
    await service.within_reach(ctx, room.facility_id)
    return room
