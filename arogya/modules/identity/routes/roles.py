"""`/api/roles`: what each role may, and the hospital's own ones."""

from typing import Annotated
from uuid import UUID

from fastapi import Response

from arogya.modules.identity.schemas.roles import ChangeCustomRole, CreateCustomRole, CustomRoleRead, RolePage
from arogya.modules.identity.service import custom_roles
from arogya.platform.access import Context, requires
from arogya.platform.etags import IfMatch, show_version
from arogya.platform.idempotency import REPEATABLE, once
from arogya.platform.web import Router
from arogya.policy import Permission

router = Router(prefix="/api/roles", tags=["users"])
Reader = Annotated[Context, requires(Permission.USER_READ)]
Manager = Annotated[Context, requires(Permission.USER_MANAGE)]


@router.get("", response_model=RolePage)
async def read_role_page(ctx: Reader) -> RolePage:
    """Every permission, which role holds it, and the hospital's own roles."""
    return await custom_roles.role_page(ctx)


@router.post("", status_code=201, response_model=CustomRoleRead, openapi_extra=REPEATABLE)
async def make_custom_role(request: CreateCustomRole, ctx: Manager, response: Response) -> CustomRoleRead:
    """A role of the hospital's own. 409 `role_name_taken`; 422 with `not_grantable` at `permissions`."""
    role = await once(ctx, lambda: custom_roles.make_role(ctx, request), lambda id_: custom_roles.read_role(ctx, id_))
    show_version(response, role)
    return role


@router.get("/{custom_role_id}", response_model=CustomRoleRead)
async def read_custom_role(custom_role_id: UUID, ctx: Reader, response: Response) -> CustomRoleRead:
    role = await custom_roles.read_role(ctx, custom_role_id)
    show_version(response, role)
    return role


@router.patch("/{custom_role_id}", response_model=CustomRoleRead)
async def change_custom_role(
    custom_role_id: UUID, request: ChangeCustomRole, ctx: Manager, response: Response, if_match: IfMatch = None
) -> CustomRoleRead:
    """Holds within a second for all who hold the role, on open pages and sockets too."""
    role = await custom_roles.change_role(ctx, custom_role_id, request, if_match)
    show_version(response, role)
    return role


@router.delete("/{custom_role_id}", status_code=204)
async def end_custom_role(custom_role_id: UUID, ctx: Manager) -> None:
    """Deactivate: it gives nothing any more to those who hold it, and is offered to nobody."""
    await custom_roles.set_role_active(ctx, custom_role_id, False)


@router.post("/{custom_role_id}/reactivate", response_model=CustomRoleRead)
async def bring_custom_role_back(custom_role_id: UUID, ctx: Manager, response: Response) -> CustomRoleRead:
    role = await custom_roles.set_role_active(ctx, custom_role_id, True)
    show_version(response, role)
    return role
