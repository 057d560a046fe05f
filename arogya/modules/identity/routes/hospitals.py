"""`/api/hospitals`: the platform's hospitals."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from arogya.modules.identity.callers import CallerOf
from arogya.modules.identity.schemas.hospitals import CreatedHospital, CreateHospital, HospitalRead
from arogya.modules.identity.service import hospitals
from arogya.platform.access import Context, requires
from arogya.platform.paging import Page, PageOf, as_json
from arogya.platform.web import Router
from arogya.policy import Permission

router = Router(prefix="/api/hospitals", tags=["platform"])
SuperAdmin = Annotated[Context, requires(Permission.TENANT_MANAGE)]
SuperAdminBeforeHashing = Annotated[Context, requires(Permission.TENANT_MANAGE, transaction=False)]


@router.get("", response_model=Page[HospitalRead])
async def list_hospitals(
    ctx: SuperAdmin, paging: PageOf, search: Annotated[str | None, Query(max_length=100)] = None
) -> Response:
    found, total, capped = await hospitals.list_hospitals(ctx, search, paging)
    return as_json(HospitalRead, found, total, capped)


@router.post("", status_code=201, response_model=CreatedHospital)
async def create_hospital(request: CreateHospital, caller: CallerOf, ctx: SuperAdminBeforeHashing) -> CreatedHospital:
    """A hospital with its first facility and administrator, whose one-time password is shown once."""
    return await hospitals.create_hospital(ctx, caller.passwords, request)


@router.post("/{organization_id}/suspend", response_model=HospitalRead)
async def suspend_hospital(organization_id: UUID, ctx: SuperAdmin) -> HospitalRead:
    """Its sessions end within a second and nobody signs in there until it is resumed."""
    return await hospitals.suspend(ctx, organization_id)


@router.post("/{organization_id}/resume", response_model=HospitalRead)
async def resume_hospital(organization_id: UUID, ctx: SuperAdmin) -> HospitalRead:
    return await hospitals.resume(ctx, organization_id)
