"""One's own account: who one is, and what one may do here."""

from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from arogya.modules.identity.models import Credential, CustomRole, User
from arogya.modules.identity.ports import ports
from arogya.modules.identity.queries import memberships_everywhere
from arogya.modules.identity.schemas.me import (
    ChangeMe,
    Me,
    MyFacility,
    MyMembership,
    MyOrganization,
    MyPatient,
    OwnRole,
    Person,
)
from arogya.modules.organizations import api as organizations
from arogya.platform.access import Context
from arogya.platform.audit import Action
from arogya.platform.database import bind_tenant


async def me(ctx: Context) -> Me:
    user = await _user(ctx)
    rows = await memberships_everywhere(ctx.session, user.id, ctx.now())
    facility_names = await _facility_names(ctx, rows)
    custom_roles = await _custom_roles(ctx, rows)
    here = ctx.actor.organization_id
    organization = await organizations.organization(ctx.session, here) if here else None
    return Me(
        user=Person.model_validate(user),
        organization=MyOrganization.model_validate(organization) if organization else None,
        memberships=[
            MyMembership(
                **row._mapping,
                facility_name=facility_names.get(row.facility_id),
                custom_role=custom_roles.get(row.custom_role_id),
            )
            for row in rows
        ],
        roles=list(ctx.actor.roles),
        permissions=sorted(ctx.actor.grants),
        facilities=await _facilities(ctx, [row.facility_id for row in rows if row.organization_id == here]),
        practitioner_id=await ports.practitioner_of_user(ctx.session, user.id) if here else None,
        patients=await _patients(ctx, user.id) if here else [],
        needs_second_factor=ctx.actor.is_held_back,
        has_password=await ctx.session.scalar(_password_of(user.id)) is not None,
    )


def _password_of(user_id: UUID) -> Select[UUID]:
    return select(Credential.id).where(Credential.user_id == user_id)


async def change_me(ctx: Context, request: ChangeMe) -> Me:
    user = await _user(ctx)
    user.language = request.language
    ctx.audit(Action.UPDATE, "user", user.id, details={"fields": ["language"]})
    await ctx.session.flush()
    return await me(ctx)


async def _user(ctx: Context) -> User:
    assert ctx.user_id is not None  # a device is not granted account.own
    return await ctx.session.get_one(User, ctx.user_id)


async def _facility_names(ctx: Context, rows: Sequence[Row[Any]]) -> dict[UUID | None, str]:
    """Names of the facilities that one's memberships name, each read within its own hospital."""
    names: dict[UUID | None, str] = {}
    async for ids in _each_hospital(ctx, rows, "facility_id"):
        names |= {one.id: one.name for one in (await organizations.facilities(ctx.session, ids)).values()}
    return names


async def _custom_roles(ctx: Context, rows: Sequence[Row[Any]]) -> dict[UUID | None, OwnRole]:
    """The hospitals' own roles that one's memberships name, each read within its own hospital."""
    found: dict[UUID | None, OwnRole] = {}
    async for ids in _each_hospital(ctx, rows, "custom_role_id"):
        for one in await ctx.session.scalars(select(CustomRole).where(CustomRole.id.in_(ids))):
            found[one.id] = OwnRole.model_validate(one)
    return found


async def _each_hospital(ctx: Context, rows: Sequence[Row[Any]], column: str) -> AsyncIterator[set[UUID]]:
    """What the memberships of one hospital name in this column, with the session bound to that hospital meanwhile."""
    by_organization: dict[UUID, set[UUID]] = {}
    for row in rows:
        if (named := getattr(row, column)) is not None:
            by_organization.setdefault(row.organization_id, set()).add(named)
    for organization_id, ids in by_organization.items():
        await _bind(ctx.session, organization_id, ctx)
        yield ids
    if by_organization:
        await _bind(ctx.session, ctx.actor.organization_id, ctx)


async def _bind(session: AsyncSession, organization_id: UUID | None, ctx: Context) -> None:
    await bind_tenant(session, organization_id, ctx.user_id)


async def _facilities(ctx: Context, held_at: Sequence[UUID | None]) -> list[MyFacility]:
    """The branches that one's roles here reach."""
    if not held_at:
        return []
    everywhere = None in held_at
    ids = None if everywhere else {one for one in held_at if one is not None}
    found = await organizations.facilities(ctx.session, ids)
    return [MyFacility.model_validate(one) for one in found.values() if one.is_active]


async def _patients(ctx: Context, user_id: UUID) -> list[MyPatient]:
    found = await ports.account_patients(ctx.session, user_id, ctx.now())
    return [MyPatient.model_validate(one) for one in found]
