"""What is refused of everybody who works here, practitioner or not."""

from collections.abc import Iterable
from enum import StrEnum
from uuid import UUID

from arogya.modules.identity import api as identity
from arogya.modules.organizations import api as organizations
from arogya.platform.access import Context
from arogya.platform.errors import Forbidden, Invalid


def require_reach(
    ctx: Context, permission: StrEnum, facilities: Iterable[UUID], about: tuple[str, UUID] | None = None
) -> None:
    """Refuse unless the permission is held at all of these branches; at every branch, where none is named."""
    reach = ctx.facilities(permission)
    wanted = set(facilities)
    if reach is None or (wanted and wanted <= reach):
        return
    refused = Forbidden("Your roles at this branch don't include this")
    raise refused.about(*about) if about else refused


async def check_department(ctx: Context, department_id: UUID | None) -> None:
    if department_id is None:
        return
    found = await organizations.departments(ctx.session, [department_id])
    if department_id not in found or not found[department_id].is_active:
        raise Invalid.field("department_id", "there is no such department", "no_such_department")


async def check_facility(ctx: Context, facility_id: UUID | None, field: str) -> None:
    if facility_id is None:
        return
    found = await organizations.facilities(ctx.session, [facility_id])
    if facility_id not in found or not found[facility_id].is_active:
        raise Invalid.field(field, "there is no such facility", "no_such_facility")


async def check_user(ctx: Context, user_id: UUID | None) -> None:
    """Only who holds a role here may be linked: another hospital's user is nobody here."""
    if user_id is None or await identity.is_member(ctx.session, ctx.organization_id, user_id, ctx.now()):
        return
    raise Invalid.field("user_id", "there is no such user", "no_such_user")
