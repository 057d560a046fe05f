"""What is done to a hospital, its facilities and its departments."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from arogya.modules.organizations.events import OrganizationChanged
from arogya.modules.organizations.models import Department, ExternalOrganization, Facility, Organization, Room
from arogya.modules.organizations.schemas import (
    ChangeDepartment,
    ChangeFacility,
    ChangeOrganization,
    CreateDepartment,
    CreateFacility,
)
from arogya.platform.access import Context
from arogya.platform.audit import Action
from arogya.platform.bodies import Body
from arogya.platform.clock import new_id
from arogya.platform.database import bind_tenant
from arogya.platform.errors import Conflict, Forbidden, Invalid, NotFound, constraint_means
from arogya.platform.etags import check_version
from arogya.policy import Permission


class CodeTaken(Conflict):
    code, title = "code_taken", "This code is already used"


class DepartmentNameTaken(Conflict):
    code, title = "name_taken", "There is already a department of this name"


class LastFacility(Conflict):
    code, title = "last_facility", "A hospital keeps at least one facility"


constraint_means("uq_organizations_code", CodeTaken)
constraint_means("uq_facilities_organization_id_code", CodeTaken)
constraint_means("uq_departments_organization_id_name", DepartmentNameTaken)


async def create_organization(
    session: AsyncSession,
    *,
    name: str,
    code: str,
    country: str = "IN",
    time_zone: str = "Asia/Kolkata",
    language: str = "en",
    is_solo: bool = False,
    is_open_to_registration: bool = True,
) -> UUID:
    """Create a tenant and bind the rest of this transaction to it."""
    created = Organization(
        name=name, code=code, country=country, time_zone=time_zone, language=language, is_solo=is_solo,
        is_open_to_registration=is_open_to_registration,
    )  # fmt: skip
    session.add(created)
    await session.flush()
    await bind_tenant(session, created.id, session.info.get("user_id"))
    return created.id


async def create_facility(session: AsyncSession, *, name: str, code: str, **details: Any) -> UUID:
    """Add a branch to the bound tenant. details: phone, address_line, city, …, time_zone, gstin, upi_vpa."""
    created = Facility(name=name, code=code, **details)
    session.add(created)
    await session.flush()
    return created.id


async def create_department(session: AsyncSession, *, name: str, name_hi: str | None = None) -> UUID:
    created = Department(name=name, name_hi=name_hi)
    session.add(created)
    await session.flush()
    return created.id


async def keep_external(
    session: AsyncSession,
    *,
    source: str,
    source_id: str,
    name: str,
    phone: str | None = None,
    address: str | None = None,
    details: Mapping[str, Any] | None = None,
) -> UUID:
    """Remember another institution that an imported record names; the same source_id again updates it."""
    told = {"name": name, "phone": phone, "address": address, "details": dict(details or {})}
    kept = (
        insert(ExternalOrganization)
        .values(
            organization_id=session.info["organization_id"], id=new_id(), source=source, source_id=source_id,
            created_by=session.info.get("user_id"), **told,
        )
        .on_conflict_do_update(index_elements=["organization_id", "source", "source_id"], set_=told)
        .returning(ExternalOrganization.id)
    )  # fmt: skip
    return (await session.execute(kept)).scalar_one()


async def set_status(session: AsyncSession, organization_id: UUID, status: str) -> bool:
    """Suspend or resume a tenant. True where that changed it. Raises NotFound."""
    organization = await session.get(Organization, organization_id, with_for_update=True)
    if organization is None:
        raise NotFound
    changed = organization.status != status
    organization.status = status
    await session.flush()
    return changed


async def change_organization(ctx: Context, request: ChangeOrganization, if_match: str | None) -> Organization:
    """Raises Forbidden, PreconditionFailed, Invalid."""
    ctx.require_everywhere(Permission.ORGANIZATION_MANAGE)
    organization = await ctx.session.get_one(Organization, ctx.organization_id, with_for_update=True)
    check_version(organization, if_match)
    apply(organization, request)
    await changed(ctx, Action.UPDATE, "organization", organization.id, request)
    return organization


async def find_facility(ctx: Context, facility_id: UUID) -> Facility:
    """Raises NotFound."""
    found = await ctx.session.get(Facility, (ctx.organization_id, facility_id))
    if found is None:
        raise NotFound
    return found


async def within_reach(ctx: Context, facility_id: UUID) -> Facility:
    """One that the actor may edit: who administers one branch leaves the others alone. Raises NotFound, Forbidden."""
    facility = await find_facility(ctx, facility_id)
    try:
        ctx.require(Permission.ORGANIZATION_MANAGE, facility_id)
    except Forbidden as refused:
        raise refused.about("facility", facility_id) from None
    return facility


async def open_facility(ctx: Context, request: CreateFacility) -> Facility:
    ctx.require_everywhere(Permission.ORGANIZATION_MANAGE)
    organization = await ctx.session.get_one(Organization, ctx.organization_id)
    facility_id = await create_facility(
        ctx.session, **{**request.model_dump(), "time_zone": request.time_zone or organization.time_zone}
    )
    await changed(ctx, Action.CREATE, "facility", facility_id, request)
    return await find_facility(ctx, facility_id)


async def change_facility(ctx: Context, facility_id: UUID, request: ChangeFacility, if_match: str | None) -> Facility:
    facility = await within_reach(ctx, facility_id)
    check_version(facility, if_match)
    apply(facility, request)
    await changed(ctx, Action.UPDATE, "facility", facility_id, request)
    return facility


async def close_facility(ctx: Context, facility_id: UUID) -> None:
    """Raises LastFacility: with none open nothing could be booked or shown."""
    await within_reach(ctx, facility_id)
    # Lock all that are open: two administrators may each close one of the last two.
    open_ones = select(Facility).where(Facility.is_active).order_by(Facility.id).with_for_update()
    if all(one.id == facility_id for one in await ctx.session.scalars(open_ones)):
        raise LastFacility
    await set_active(ctx, "facility", await find_facility(ctx, facility_id), False)


async def reopen_facility(ctx: Context, facility_id: UUID) -> Facility:
    facility = await within_reach(ctx, facility_id)
    await set_active(ctx, "facility", facility, True)
    return facility


async def find_department(ctx: Context, department_id: UUID) -> Department:
    """Raises NotFound."""
    found = await ctx.session.get(Department, (ctx.organization_id, department_id))
    if found is None:
        raise NotFound
    return found


async def open_department(ctx: Context, request: CreateDepartment) -> Department:
    ctx.require_everywhere(Permission.ORGANIZATION_MANAGE)
    department_id = await create_department(ctx.session, name=request.name, name_hi=request.name_hi)
    await changed(ctx, Action.CREATE, "department", department_id, request)
    return await find_department(ctx, department_id)


async def change_department(
    ctx: Context, department_id: UUID, request: ChangeDepartment, if_match: str | None
) -> Department:
    ctx.require_everywhere(Permission.ORGANIZATION_MANAGE)
    department = await find_department(ctx, department_id)
    check_version(department, if_match)
    apply(department, request)
    await changed(ctx, Action.UPDATE, "department", department_id, request)
    return department


async def close_department(ctx: Context, department_id: UUID) -> None:
    ctx.require_everywhere(Permission.ORGANIZATION_MANAGE)
    await set_active(ctx, "department", await find_department(ctx, department_id), False)


async def reopen_department(ctx: Context, department_id: UUID) -> Department:
    ctx.require_everywhere(Permission.ORGANIZATION_MANAGE)
    department = await find_department(ctx, department_id)
    await set_active(ctx, "department", department, True)
    return department


_NEVER_EMPTY = {"name", "code", "time_zone", "language", "is_open_to_registration"}


def apply(row: Organization | Facility | Department | Room, request: Body) -> None:
    """Set what the request names. Raises Invalid where it empties what can't be empty."""
    for name in request.model_fields_set:
        value = getattr(request, name)
        if value is None and name in _NEVER_EMPTY:
            raise Invalid.field(name, "may not be empty", "required")
        setattr(row, name, value)


async def set_active(ctx: Context, entity: str, row: Facility | Department | Room, is_active: bool) -> None:
    if row.is_active == is_active:
        return
    row.is_active = is_active
    await changed(ctx, Action.REACTIVATE if is_active else Action.DEACTIVATE, entity, row.id)


async def changed(ctx: Context, action: Action, entity: str, entity_id: UUID, request: Body | None = None) -> None:
    await ctx.session.flush()
    ctx.audit(action, entity, entity_id, details={"fields": sorted(request.model_fields_set)} if request else None)
    ctx.emit(OrganizationChanged(entity_id))
