"""What the platform's administrators do: they create hospitals and suspend them, and see into none."""

from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select

from arogya.modules.identity.accounts import add_membership, create_user
from arogya.modules.identity.models import UserSession
from arogya.modules.identity.passwords import PasswordRoom, one_time_password
from arogya.modules.identity.schemas.hospitals import CreatedHospital, CreateHospital, HospitalRead
from arogya.modules.identity.service.password import writing
from arogya.modules.identity.service.sessions import end_sessions
from arogya.modules.organizations import api as organizations
from arogya.modules.organizations.api import facilities_table, organizations_table
from arogya.platform.access import Context
from arogya.platform.audit import Action
from arogya.platform.database import bind_tenant
from arogya.platform.errors import NotFound
from arogya.platform.paging import Paging, rows_and_total
from arogya.policy import Role


async def list_hospitals(ctx: Context, search: str | None, paging: Paging) -> tuple[list[HospitalRead], int, bool]:
    columns = organizations_table.c
    query = select(columns.id, columns.name, columns.code, columns.status, columns.created_at)
    if search and (word := search.strip()):
        query = query.where(
            or_(columns.name.icontains(word, autoescape=True), columns.code.istartswith(word, autoescape=True))
        )
    rows, total, capped = await rows_and_total(ctx, query.order_by(columns.name, columns.id), paging)
    return [await _hospital(ctx, dict(row)) for row in rows], total, capped


async def _hospital(ctx: Context, row: dict[str, Any]) -> HospitalRead:
    """With the number of its facilities, which only its own tenant sees."""
    await bind_tenant(ctx.session, row["id"], ctx.user_id)
    count = await ctx.session.scalar(
        select(func.count()).select_from(facilities_table).where(facilities_table.c.is_active)
    )
    await bind_tenant(ctx.session, None, ctx.user_id)
    return HospitalRead(**row, facilities_count=count or 0)


async def create_hospital(ctx: Context, passwords: PasswordRoom, request: CreateHospital) -> CreatedHospital:
    """A tenant with its first facility and administrator. Raises CodeTaken, SignInNameTaken."""
    word = one_time_password()
    word_hash = await passwords.hash(word)
    async with writing(ctx) as inside:
        organization_id = await organizations.create_organization(
            inside.session, name=request.name, code=request.code, time_zone=request.time_zone,
            language=request.language,
        )  # fmt: skip
        await organizations.create_facility(
            inside.session, name=request.facility_name, code=request.facility_code, time_zone=request.time_zone
        )
        admin_id = await create_user(
            inside.session, name=request.admin_name, username=request.admin_username, password_hash=word_hash,
            now=ctx.now(), one_time=True, language=request.language,
        )  # fmt: skip
        await add_membership(inside.session, admin_id, Role.HOSPITAL_ADMIN, now=ctx.now())
        inside.audit(Action.CREATE, "organization", organization_id, admin_id)
        created = await _read(inside, organization_id)
    return CreatedHospital(**created.model_dump(), one_time_password=word)


async def suspend(ctx: Context, organization_id: UUID) -> HospitalRead:
    """Nobody works there any more, within a second; nothing is deleted. Raises NotFound."""
    if await organizations.set_status(ctx.session, organization_id, "suspended"):
        there = UserSession.organization_id == organization_id
        await end_sessions(ctx.session, there, "suspended", ctx.now())
        ctx.audit(Action.DEACTIVATE, "organization", organization_id)
    return await _read(ctx, organization_id)


async def resume(ctx: Context, organization_id: UUID) -> HospitalRead:
    """Raises NotFound."""
    if await organizations.set_status(ctx.session, organization_id, "active"):
        ctx.audit(Action.REACTIVATE, "organization", organization_id)
    return await _read(ctx, organization_id)


async def _read(ctx: Context, organization_id: UUID) -> HospitalRead:
    columns = organizations_table.c
    row = (
        (
            await ctx.session.execute(
                select(columns.id, columns.name, columns.code, columns.status, columns.created_at).where(
                    columns.id == organization_id
                )
            )
        )
        .mappings()
        .one_or_none()
    )
    if row is None:
        raise NotFound
    return await _hospital(ctx, dict(row))
