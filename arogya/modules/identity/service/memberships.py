"""Giving roles in a hospital and taking them back. Nobody gives more than they may, and one administrator stays."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from arogya.modules.identity.accounts import add_membership
from arogya.modules.identity.authenticator import is_live
from arogya.modules.identity.events import MembershipsChanged
from arogya.modules.identity.models import CustomRole, Membership, User, UserSession
from arogya.modules.identity.queries import in_this_hospital
from arogya.modules.identity.schemas.me import OwnRole
from arogya.modules.identity.schemas.users import MembershipRead, NewMembership
from arogya.modules.identity.service.sessions import end_sessions
from arogya.modules.organizations import api as organizations
from arogya.modules.organizations.api import facilities_table
from arogya.platform.access import Context
from arogya.platform.audit import Action
from arogya.platform.database import advisory_locks
from arogya.platform.errors import Conflict, Field, Forbidden, Invalid, NotFound
from arogya.policy import Permission, Role


class LastAdministrator(Conflict):
    code, title = "last_hospital_admin", "A hospital keeps at least one administrator for all of it, without an end"


class AlreadyHeld(Conflict):
    code, title = "already_held", "The user holds this role there already"


class BeyondReach(Forbidden):
    code, title = "beyond_reach", "That reaches further than your own role"


def within_reach(ctx: Context) -> ColumnElement[bool]:
    """That a membership is at a branch that the actor may look into, or at every branch."""
    reach = ctx.facilities(Permission.USER_READ)
    if reach is None:
        return true()
    return or_(Membership.facility_id.in_(reach), Membership.facility_id.is_(None))


async def known_here(ctx: Context, user_id: UUID) -> User:
    """Who holds or held a role here that the actor may know of. Raises NotFound."""
    here = select(Membership.id).where(
        Membership.user_id == user_id, Membership.organization_id == ctx.organization_id, within_reach(ctx)
    )
    user = await ctx.session.scalar(select(User).where(User.id == user_id, here.exists()))
    if user is None:
        raise NotFound
    return user


async def held_by(ctx: Context, user_ids: Sequence[UUID]) -> dict[UUID, list[MembershipRead]]:
    rows = await ctx.session.execute(
        select(
            Membership.user_id,
            Membership.id,
            Membership.facility_id,
            facilities_table.c.name.label("facility_name"),
            Membership.role,
            Membership.custom_role_id,
            CustomRole.name.label("custom_name"),
            CustomRole.name_hi.label("custom_name_hi"),
            Membership.valid_from,
            Membership.valid_until,
        )
        .outerjoin(
            CustomRole,
            and_(CustomRole.organization_id == Membership.organization_id, CustomRole.id == Membership.custom_role_id),
        )
        .outerjoin(
            facilities_table,
            and_(
                facilities_table.c.organization_id == Membership.organization_id,
                facilities_table.c.id == Membership.facility_id,
            ),
        )
        .where(Membership.user_id.in_(user_ids), in_this_hospital(ctx.organization_id, ctx.now()))
        .order_by(Membership.valid_from, Membership.id)
    )
    found: dict[UUID, list[MembershipRead]] = {}
    for row in rows:
        custom = row.custom_role_id and OwnRole(id=row.custom_role_id, name=row.custom_name, name_hi=row.custom_name_hi)
        found.setdefault(row.user_id, []).append(MembershipRead(**row._mapping, custom_role=custom))
    return found


async def add_role(ctx: Context, user_id: UUID, request: NewMembership) -> MembershipRead:
    """Raises NotFound, BeyondReach, AlreadyHeld."""
    await known_here(ctx, user_id)
    refuse_beyond(ctx, request)
    membership_id = await give(ctx, user_id, request)
    held = await held_by(ctx, [user_id])
    return next(one for one in held[user_id] if one.id == membership_id)


def refuse_beyond(ctx: Context, wanted: NewMembership) -> None:
    if wanted.role is Role.SUPER_ADMIN:
        raise BeyondReach
    if wanted.role is Role.PATIENT:
        raise Invalid("Patients register, or are given an account", fields=[Field("role", "not_given", "Not by hand")])
    reach = ctx.facilities(Permission.USER_MANAGE)
    if reach is not None and wanted.facility_id not in reach:
        raise BeyondReach
    begins = wanted.valid_from or ctx.now()
    if wanted.valid_until is not None and wanted.valid_until <= max(begins, ctx.now()):
        raise Invalid.field("valid_until", "later than it begins, and than now", "ends_before_it_begins")


async def give(ctx: Context, user_id: UUID, wanted: NewMembership) -> UUID:
    if wanted.facility_id is not None:
        await organizations.facility(ctx.session, wanted.facility_id)
    if wanted.custom_role_id is not None:
        await _refuse_ended(ctx, wanted.custom_role_id)
    begins = max(wanted.valid_from or ctx.now(), ctx.now())
    await _refuse_held(ctx, user_id, wanted, begins)
    membership_id = await add_membership(
        ctx.session, user_id, _wanted_role(wanted), now=ctx.now(), facility_id=wanted.facility_id, valid_from=begins,
        valid_until=wanted.valid_until,
    )  # fmt: skip
    ctx.audit(Action.CREATE, "membership", membership_id, user_id, details=wanted.called())
    ctx.emit(MembershipsChanged(user_id))
    return membership_id


def _wanted_role(wanted: NewMembership) -> Role | UUID:
    role = wanted.role or wanted.custom_role_id
    assert role is not None  # the body names one
    return role


async def _refuse_ended(ctx: Context, custom_role_id: UUID) -> None:
    """Raises Invalid unless it is a role of this hospital's own that is in force."""
    # Locked: while it is given, nobody ends it.
    role = await ctx.session.get(CustomRole, (ctx.organization_id, custom_role_id), with_for_update={"read": True})
    if role is None or not role.is_active:
        raise Invalid.field("custom_role_id", "The hospital has no such role", "no_such_role")


async def _refuse_held(ctx: Context, user_id: UUID, wanted: NewMembership, begins: datetime) -> None:
    await advisory_locks(ctx.session, [f"memberships:{user_id}"])
    overlaps = and_(
        or_(Membership.valid_until.is_(None), Membership.valid_until > begins),
        Membership.valid_from < wanted.valid_until if wanted.valid_until else true(),
    )
    held = await ctx.session.scalar(
        select(Membership.id).where(
            Membership.organization_id == ctx.organization_id,
            Membership.user_id == user_id,
            Membership.role.is_not_distinct_from(wanted.role.value if wanted.role else None),
            Membership.custom_role_id.is_not_distinct_from(wanted.custom_role_id),
            Membership.facility_id.is_not_distinct_from(wanted.facility_id),
            overlaps,
        )
    )
    if held is not None:
        raise AlreadyHeld


def refuse_unreachable(ctx: Context, facility_ids: Iterable[UUID | None]) -> None:
    reach = ctx.facilities(Permission.USER_MANAGE)
    if reach is not None and any(one not in reach for one in facility_ids):
        raise BeyondReach


async def end_role(ctx: Context, user_id: UUID, membership_id: UUID) -> None:
    """End a membership now. Raises NotFound, BeyondReach, LastAdministrator."""
    await known_here(ctx, user_id)
    await _end(ctx, user_id, await _standing(ctx, user_id, membership_id))


async def remove_user(ctx: Context, user_id: UUID) -> None:
    """End all that a user may do in this hospital, and their sessions in it. Raises as `end_role`."""
    await known_here(ctx, user_id)
    await _end(ctx, user_id, await _standing(ctx, user_id, None))
    here = (UserSession.user_id == user_id) & (UserSession.organization_id == ctx.organization_id)
    await end_sessions(ctx.session, here, "removed", ctx.now())
    ctx.audit(Action.DEACTIVATE, "user", user_id)


async def _standing(ctx: Context, user_id: UUID, membership_id: UUID | None) -> list[Membership]:
    """The user's memberships here that have not ended, locked; all, or the one that is named (else NotFound)."""
    # One at a time in a hospital: two administrators may each remove the other.
    await advisory_locks(ctx.session, [f"administrators:{ctx.organization_id}"])
    query = select(Membership).where(Membership.user_id == user_id, in_this_hospital(ctx.organization_id, ctx.now()))
    if membership_id is not None:
        query = query.where(Membership.id == membership_id)
    rows = list(await ctx.session.scalars(query.with_for_update().order_by(Membership.id)))
    if membership_id is not None and not rows:
        raise NotFound
    return rows


async def _end(ctx: Context, user_id: UUID, ending: Sequence[Membership]) -> None:
    refuse_unreachable(ctx, (one.facility_id for one in ending))
    if any(_keeps_the_hospital(one) for one in ending) and not await _another_administrator(
        ctx.session, ctx.organization_id, [one.id for one in ending], ctx.now()
    ):
        raise LastAdministrator
    for one in ending:
        if one.valid_from >= ctx.now():
            one.valid_from = ctx.now() - timedelta(microseconds=1)  # it never began; a period ends after its begin
        one.valid_until = ctx.now()
        called = {"role": one.role} if one.role else {"custom_role_id": str(one.custom_role_id)}
        ctx.audit(Action.DEACTIVATE, "membership", one.id, user_id, details=called)
    await ctx.session.flush()
    if ending:
        ctx.emit(MembershipsChanged(user_id))


def _keeps_the_hospital(membership: Membership) -> bool:
    is_admin = membership.role == Role.HOSPITAL_ADMIN.value
    return is_admin and membership.facility_id is None and membership.valid_until is None


async def _another_administrator(
    session: AsyncSession, organization_id: UUID, ending: Sequence[UUID], now: datetime
) -> bool:
    """Whether someone else administers the whole hospital, now and without an end."""
    found = (
        await session.execute(
            select(Membership.id)
            .join(User, User.id == Membership.user_id)
            .where(
                Membership.organization_id == organization_id,
                Membership.role == Role.HOSPITAL_ADMIN.value,
                Membership.facility_id.is_(None),
                Membership.valid_until.is_(None),
                is_live(now),
                Membership.id.not_in(ending),
                User.is_active,
            )
            .limit(1)
        )
    ).one_or_none()
    return found is not None
