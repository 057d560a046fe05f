"""Computers that several people share: making one, its settings, its end."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from arogya.modules.identity.callers import Caller
from arogya.modules.identity.models import SharedCounter, UserSession
from arogya.modules.identity.schemas.counters import ChangeCounter, ShareCounter
from arogya.modules.identity.service.counter_people import came_with_password, counter_of, idle_s, left
from arogya.modules.organizations import api as organizations
from arogya.platform.access import Context
from arogya.platform.audit import Action
from arogya.platform.errors import Conflict, Forbidden, NotFound
from arogya.platform.etags import check_version
from arogya.policy import Permission


class PasswordFirst(Forbidden):
    code, title = "password_first", "Sign in with your password in this browser first"


class AlreadyShared(Conflict):
    code, title = "already_shared", "This computer is a shared counter already"


def counters(ctx: Context, is_active: bool) -> Select[Any]:
    """Those at the branches whose users the actor manages."""
    query = (
        select(*SharedCounter.__table__.columns)
        .where(SharedCounter.is_active == is_active)
        .order_by(SharedCounter.name, SharedCounter.id)
    )
    reach = ctx.facilities(Permission.USER_MANAGE)
    return query if reach is None else query.where(SharedCounter.facility_id.in_(reach))


async def share(ctx: Context, caller: Caller, request: ShareCounter) -> SharedCounter:
    """Make the browser that asks a shared counter; who asks is its first person.

    Raises Forbidden, PasswordFirst, AlreadyShared, NotFound.
    """
    ctx.require(Permission.COUNTER_SHARE, request.facility_id)
    own = await ctx.session.get_one(UserSession, ctx.actor.session_id, with_for_update=True)
    is_here = own.client == "browser" and own.device_hash == caller.device.hash_for("browser")
    if not is_here or not own.with_password or own.user_id is None:
        raise PasswordFirst
    if await counter_of(ctx.session, caller, ctx.organization_id) is not None:
        raise AlreadyShared
    await organizations.facility(ctx.session, request.facility_id)
    counter = SharedCounter(
        name=request.name, facility_id=request.facility_id, idle_minutes=request.idle_minutes, is_active=True
    )
    ctx.add(counter)
    await ctx.session.flush()
    own.idle_s = idle_s(counter)
    await came_with_password(ctx.session, counter, own.user_id, own.created_at)
    ctx.audit(Action.CREATE, "shared_counter", counter.id)
    return counter


async def shared_before(ctx: Context, counter_id: UUID) -> SharedCounter:
    """What a repeated request made the first time."""
    return await ctx.session.get_one(SharedCounter, (ctx.organization_id, counter_id))


async def leave(ctx: Context, caller: Caller) -> None:
    """Take the actor from the list of this computer, where it is a counter."""
    counter = await counter_of(ctx.session, caller, ctx.actor.organization_id)
    if counter is not None:
        await left(ctx.session, counter, ctx.user_id)
        ctx.audit(Action.UPDATE, "shared_counter", counter.id, details={"left": True})


async def change_counter(ctx: Context, counter_id: UUID, request: ChangeCounter, if_match: str | None) -> SharedCounter:
    """Raises NotFound, PreconditionFailed."""
    counter = await _within_reach(ctx, counter_id)
    check_version(counter, if_match)
    told = request.model_dump(exclude_none=True)
    for name, value in told.items():
        setattr(counter, name, value)
    ctx.audit(Action.UPDATE, "shared_counter", counter_id, details={"fields": sorted(told)})
    await ctx.session.flush()
    return counter


async def set_counter_active(ctx: Context, counter_id: UUID, is_active: bool) -> SharedCounter:
    """An ended counter is an ordinary browser: nobody changes by PIN there. Raises NotFound."""
    counter = await _within_reach(ctx, counter_id)
    if counter.is_active != is_active:
        counter.is_active = is_active
        ctx.audit(Action.REACTIVATE if is_active else Action.DEACTIVATE, "shared_counter", counter_id)
        await ctx.session.flush()
    return counter


async def _within_reach(ctx: Context, counter_id: UUID) -> SharedCounter:
    found = await ctx.session.get(SharedCounter, (ctx.organization_id, counter_id), with_for_update=True)
    if found is None or not ctx.may(Permission.USER_MANAGE, found.facility_id):
        raise NotFound
    return found
