"""A hospital's own roles: each a part of what its administrator may, changed while people hold it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from arogya.modules.identity.authenticator import is_live
from arogya.modules.identity.events import CustomRoleChanged
from arogya.modules.identity.models import CustomRole, Membership, User
from arogya.modules.identity.schemas.roles import (
    BuiltInRole,
    ChangeCustomRole,
    CreateCustomRole,
    CustomRoleRead,
    RolePage,
    RolePermission,
)
from arogya.platform.access import Context
from arogya.platform.audit import Action
from arogya.platform.errors import Conflict, Field, Invalid, NotFound, constraint_means
from arogya.platform.etags import check_version
from arogya.policy import GRANTABLE, OWN, OWN_RECORDS_ONLY, Permission, Role, custom_permissions, permissions_of


class RoleNameTaken(Conflict):
    code, title = "role_name_taken", "There is already a role of this name"


constraint_means("uq_custom_roles_organization_id_name", RoleNameTaken)
ALWAYS = custom_permissions(()) | OWN


async def role_page(ctx: Context) -> RolePage:
    """What policy.py says of the built-in roles, and the hospital's own."""
    rows = (await ctx.session.execute(_listed(ctx))).mappings().all()
    return RolePage(
        permissions=[RolePermission(code=p.value, in_own_roles=_in_own_roles(p)) for p in Permission],
        built_in=[
            BuiltInRole(
                role=role.value, permissions=_codes(permissions_of(role) | OWN), own_only=role in OWN_RECORDS_ONLY
            )
            for role in Role
            if role is not Role.SUPER_ADMIN  # the platform's, in no hospital
        ],
        own=[CustomRoleRead.model_validate(row) for row in rows],
    )


def _in_own_roles(permission: Permission) -> Any:
    if permission in ALWAYS:
        return "always"
    return "may" if permission in GRANTABLE else "never"


def _codes(permissions: frozenset[Permission]) -> list[str]:
    """In the order of the page of access."""
    return [p.value for p in Permission if p in permissions]


def _listed(ctx: Context) -> Select[Any]:
    holders = (
        select(func.count(Membership.user_id.distinct()))
        .join(User, User.id == Membership.user_id)
        .where(
            Membership.organization_id == CustomRole.organization_id,
            Membership.custom_role_id == CustomRole.id,
            is_live(ctx.now()),
            User.is_active,
        )
        .scalar_subquery()
    )
    return select(
        CustomRole.id,
        CustomRole.name,
        CustomRole.name_hi,
        CustomRole.permissions,
        CustomRole.is_active,
        CustomRole.version,
        holders.label("holders_count"),
    ).order_by(CustomRole.name, CustomRole.id)


async def read_role(ctx: Context, role_id: UUID) -> CustomRoleRead:
    """Raises NotFound."""
    row = (await ctx.session.execute(_listed(ctx).where(CustomRole.id == role_id))).mappings().one_or_none()
    if row is None:
        raise NotFound
    return CustomRoleRead.model_validate(row)


async def make_role(ctx: Context, request: CreateCustomRole) -> CustomRoleRead:
    """Raises Forbidden, RoleNameTaken, Invalid."""
    ctx.require_everywhere(Permission.USER_MANAGE)
    _refuse_built_in(request.name)
    role = CustomRole(
        name=request.name, name_hi=request.name_hi, permissions=_grantable(request.permissions), is_active=True
    )
    ctx.add(role)
    await ctx.session.flush()
    return await _changed(ctx, Action.CREATE, role, {"permissions": role.permissions})


async def change_role(ctx: Context, role_id: UUID, request: ChangeCustomRole, if_match: str | None) -> CustomRoleRead:
    """Whoever holds it may what it says now, within a second. Raises as `make_role`, NotFound, PreconditionFailed."""
    role = await _locked(ctx, role_id)
    check_version(role, if_match)
    told = request.model_dump(exclude_unset=True)
    if told.get("name", "") is None or ("permissions" in told and request.permissions is None):
        raise Invalid.field("name" if told.get("name", "") is None else "permissions", "This can't be left empty")
    if request.name is not None:
        _refuse_built_in(request.name)
        role.name = request.name
    if "name_hi" in told:
        role.name_hi = request.name_hi
    before = set(role.permissions)
    if request.permissions is not None:
        role.permissions = _grantable(request.permissions)
    after = set(role.permissions)
    await ctx.session.flush()
    details = {"fields": sorted(told), "given": sorted(after - before), "taken": sorted(before - after)}
    return await _changed(ctx, Action.UPDATE, role, details)


async def set_role_active(ctx: Context, role_id: UUID, is_active: bool) -> CustomRoleRead:
    """One that is deactivated gives nothing to those who hold it, until it is brought back. Raises NotFound."""
    role = await _locked(ctx, role_id)
    if role.is_active == is_active:
        return await read_role(ctx, role_id)
    role.is_active = is_active
    await ctx.session.flush()
    return await _changed(ctx, Action.REACTIVATE if is_active else Action.DEACTIVATE, role, None)


async def _locked(ctx: Context, role_id: UUID) -> CustomRole:
    ctx.require_everywhere(Permission.USER_MANAGE)  # it holds at every branch, so at one's own too
    role = await ctx.session.get(CustomRole, (ctx.organization_id, role_id), with_for_update=True)
    if role is None:
        raise NotFound
    return role


async def _changed(ctx: Context, action: Action, role: CustomRole, details: dict[str, Any] | None) -> CustomRoleRead:
    ctx.audit(action, "custom_role", role.id, details=details)
    ctx.emit(CustomRoleChanged(role.id))
    return await read_role(ctx, role.id)


def _grantable(asked: Sequence[Permission]) -> list[str]:
    """Their codes, what every role may left out. Raises Invalid where one is not a hospital's to give."""
    beyond = [p for p in asked if p not in GRANTABLE | ALWAYS]
    if beyond:
        raise Invalid(
            "A role of the hospital's own can't hold this",
            fields=[Field("permissions", "not_grantable", f"Not to be given: {', '.join(p.value for p in beyond)}")],
        )
    return _codes(frozenset(asked) & GRANTABLE)


def _refuse_built_in(name: str) -> None:
    """A role that is called as a built-in one would be taken for it."""
    if name.casefold().replace(" ", "_") in {role.value for role in Role}:
        raise RoleNameTaken(fields=[Field("name", RoleNameTaken.code, RoleNameTaken.title)])
