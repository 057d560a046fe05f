"""The hospital's own pages: itself, its facilities, its departments, its rooms."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response
from sqlalchemy import Integer, Select, cast, func, select

from arogya.modules.organizations import rooms, service
from arogya.modules.organizations.models import Department, Facility, Organization, Room
from arogya.modules.organizations.schemas import (
    ChangeDepartment,
    ChangeFacility,
    ChangeOrganization,
    ChangeRoom,
    CreateDepartment,
    CreateFacility,
    CreateRoom,
    DepartmentRead,
    FacilityRead,
    OrganizationRead,
    RoomRead,
)
from arogya.platform.access import Context, requires
from arogya.platform.etags import IfMatch, show_version
from arogya.platform.idempotency import REPEATABLE, once
from arogya.platform.paging import Page, PageOf, page
from arogya.platform.web import Router
from arogya.policy import Permission

router = Router(prefix="/api", tags=["hospital"])

Reader = Annotated[Context, requires(Permission.ORGANIZATION_READ)]
Manager = Annotated[Context, requires(Permission.ORGANIZATION_MANAGE)]
IsActive = Annotated[bool | None, Query(description="Left out: the active ones.")]
All = Annotated[bool, Query(alias="all", description="The active and the inactive.")]


def _listed(
    model: type[Facility] | type[Department] | type[Room], is_active: bool | None, everything: bool
) -> Select[tuple[object]]:
    query = select(*model.__table__.columns).order_by(model.name, model.id)
    return query if everything else query.where(model.is_active == (is_active is not False))


@router.get("/organization", response_model=OrganizationRead)
async def read_organization(ctx: Reader, response: Response) -> Organization:
    organization = await ctx.session.get_one(Organization, ctx.organization_id)
    show_version(response, organization)
    return organization


@router.patch("/organization", response_model=OrganizationRead)
async def change_organization(
    request: ChangeOrganization, ctx: Manager, response: Response, if_match: IfMatch = None
) -> Organization:
    organization = await service.change_organization(ctx, request, if_match)
    show_version(response, organization)
    return organization


@router.get("/facilities", response_model=Page[FacilityRead])
async def list_facilities(ctx: Reader, paging: PageOf, is_active: IsActive = None, everything: All = False) -> Response:
    return await page(ctx, _listed(Facility, is_active, everything), paging, FacilityRead)


@router.post("/facilities", status_code=201, response_model=FacilityRead, openapi_extra=REPEATABLE)
async def open_facility(request: CreateFacility, ctx: Manager, response: Response) -> Facility:
    facility = await once(ctx, lambda: service.open_facility(ctx, request), lambda id_: service.find_facility(ctx, id_))
    show_version(response, facility)
    return facility


@router.get("/facilities/{facility_id}", response_model=FacilityRead)
async def read_facility(facility_id: UUID, ctx: Reader, response: Response) -> Facility:
    facility = await service.find_facility(ctx, facility_id)
    show_version(response, facility)
    return facility


@router.patch("/facilities/{facility_id}", response_model=FacilityRead)
async def change_facility(
    facility_id: UUID, request: ChangeFacility, ctx: Manager, response: Response, if_match: IfMatch = None
) -> Facility:
    facility = await service.change_facility(ctx, facility_id, request, if_match)
    show_version(response, facility)
    return facility


@router.delete("/facilities/{facility_id}", status_code=204)
async def close_facility(facility_id: UUID, ctx: Manager) -> None:
    """Deactivate: it is offered nowhere, its records stay."""
    await service.close_facility(ctx, facility_id)


@router.post("/facilities/{facility_id}/reactivate", response_model=FacilityRead)
async def reopen_facility(facility_id: UUID, ctx: Manager, response: Response) -> Facility:
    facility = await service.reopen_facility(ctx, facility_id)
    show_version(response, facility)
    return facility


@router.get("/departments", response_model=Page[DepartmentRead])
async def list_departments(
    ctx: Reader, paging: PageOf, is_active: IsActive = None, everything: All = False
) -> Response:
    return await page(ctx, _listed(Department, is_active, everything), paging, DepartmentRead)


@router.post("/departments", status_code=201, response_model=DepartmentRead, openapi_extra=REPEATABLE)
async def open_department(request: CreateDepartment, ctx: Manager, response: Response) -> Department:
    department = await once(
        ctx, lambda: service.open_department(ctx, request), lambda id_: service.find_department(ctx, id_)
    )
    show_version(response, department)
    return department


@router.get("/departments/{department_id}", response_model=DepartmentRead)
async def read_department(department_id: UUID, ctx: Reader, response: Response) -> Department:
    department = await service.find_department(ctx, department_id)
    show_version(response, department)
    return department


@router.patch("/departments/{department_id}", response_model=DepartmentRead)
async def change_department(
    department_id: UUID, request: ChangeDepartment, ctx: Manager, response: Response, if_match: IfMatch = None
) -> Department:
    department = await service.change_department(ctx, department_id, request, if_match)
    show_version(response, department)
    return department


@router.delete("/departments/{department_id}", status_code=204)
async def close_department(department_id: UUID, ctx: Manager) -> None:
    """Deactivate: it is offered nowhere, its records stay."""
    await service.close_department(ctx, department_id)


@router.post("/departments/{department_id}/reactivate", response_model=DepartmentRead)
async def reopen_department(department_id: UUID, ctx: Manager, response: Response) -> Department:
    department = await service.reopen_department(ctx, department_id)
    show_version(response, department)
    return department


@router.get("/rooms", response_model=Page[RoomRead])
async def list_rooms(
    ctx: Reader,
    paging: PageOf,
    *,
    facility_id: UUID | None = None,
    is_active: IsActive = None,
    everything: All = False,
) -> Response:
    """By branch, and in each as their numbers go: 2 before 10, names after numbers."""
    number = cast(func.substring(Room.name, "^[0-9]{1,9}"), Integer)
    query = _listed(Room, is_active, everything).order_by(None)
    query = query.order_by(Room.facility_id, number.asc().nulls_last(), Room.name, Room.id)
    if facility_id is not None:
        query = query.where(Room.facility_id == facility_id)
    return await page(ctx, query, paging, RoomRead)


@router.post("/rooms", status_code=201, response_model=RoomRead, openapi_extra=REPEATABLE)
async def open_room(request: CreateRoom, ctx: Manager, response: Response) -> Room:
    room = await once(ctx, lambda: rooms.open_room(ctx, request), lambda id_: rooms.find(ctx, id_))
    show_version(response, room)
    return room


@router.get("/rooms/{room_id}", response_model=RoomRead)
async def read_room(room_id: UUID, ctx: Reader, response: Response) -> Room:
    room = await rooms.find(ctx, room_id)
    show_version(response, room)
    return room


@router.patch("/rooms/{room_id}", response_model=RoomRead)
async def change_room(
    room_id: UUID, request: ChangeRoom, ctx: Manager, response: Response, if_match: IfMatch = None
) -> Room:
    room = await rooms.change_room(ctx, room_id, request, if_match)
    show_version(response, room)
    return room


@router.delete("/rooms/{room_id}", status_code=204)
async def close_room(room_id: UUID, ctx: Manager) -> None:
    """Deactivate: its sessions go on without a room, what is booked there stays there."""
    await rooms.close_room(ctx, room_id)


@router.post("/rooms/{room_id}/reactivate", response_model=RoomRead)
async def reopen_room(room_id: UUID, ctx: Manager, response: Response) -> Room:
    room = await rooms.reopen_room(ctx, room_id)
    show_version(response, room)
    return room
