"""Staff over HTTP: each sees the staff of the branches where they may; pay grades are for who manages staff."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Response

from arogya.modules.staff.members import service
from arogya.modules.staff.members.schemas import AddStaffMember, ChangeStaffMember, Shift, StaffMemberRead
from arogya.modules.staff.models import StaffMember
from arogya.modules.staff.queries import staff_matching
from arogya.modules.staff.schemas import AllOfThem, IsActive, Search, wanted_state
from arogya.platform.access import Context, requires
from arogya.platform.errors import NotFound
from arogya.platform.etags import IfMatch, show_version
from arogya.platform.idempotency import REPEATABLE, once
from arogya.platform.paging import Page, PageOf, as_json, rows_and_total
from arogya.platform.web import Router
from arogya.policy import Permission

router = Router(prefix="/api/staff", tags=["staff"])

Reader = Annotated[Context, requires(Permission.STAFF_READ)]
Manager = Annotated[Context, requires(Permission.STAFF_MANAGE)]


@router.get("", response_model=Page[StaffMemberRead])
async def list_staff(
    ctx: Reader,
    paging: PageOf,
    *,
    search: Search = "",
    department_id: UUID | None = None,
    facility_id: UUID | None = None,
    shift: Annotated[Shift | None, Query()] = None,
    is_active: IsActive = None,
    everything: AllOfThem = False,
) -> Response:
    """By name. search: words that begin a name, a designation or an employee number."""
    query = staff_matching(
        search=search,
        department_id=department_id,
        facility_id=facility_id,
        shift=shift,
        is_active=wanted_state(is_active, everything),
        reach=ctx.facilities(Permission.STAFF_READ),
    )
    rows, total, capped = await rows_and_total(ctx, query, paging)
    return as_json(StaffMemberRead, [_shown_to(ctx, row) for row in rows], total, capped)


@router.post("", status_code=201, response_model=StaffMemberRead, openapi_extra=REPEATABLE)
async def add_staff_member(request: AddStaffMember, ctx: Manager, response: Response) -> StaffMemberRead:
    added = await once(ctx, lambda: service.add(ctx, request), lambda id_: service.find(ctx, id_))
    return await _shown(ctx, added, response)


@router.get("/{staff_id}", response_model=StaffMemberRead)
async def read_staff_member(staff_id: UUID, ctx: Reader, response: Response) -> StaffMemberRead:
    found = await _read(ctx, staff_id)
    show_version(response, found)
    return found


@router.patch("/{staff_id}", response_model=StaffMemberRead)
async def change_staff_member(
    staff_id: UUID, request: ChangeStaffMember, ctx: Manager, response: Response, if_match: IfMatch = None
) -> StaffMemberRead:
    return await _shown(ctx, await service.change(ctx, staff_id, request, if_match), response)


@router.delete("/{staff_id}", status_code=204)
async def deactivate_staff_member(staff_id: UUID, ctx: Manager) -> None:
    """Their records stay. Their user keeps signing in until that is ended too."""
    await service.set_active(ctx, staff_id, False)


@router.post("/{staff_id}/reactivate", response_model=StaffMemberRead)
async def reactivate_staff_member(staff_id: UUID, ctx: Manager, response: Response) -> StaffMemberRead:
    return await _shown(ctx, await service.set_active(ctx, staff_id, True), response)


async def _shown(ctx: Context, person: StaffMember, response: Response) -> StaffMemberRead:
    found = await _read(ctx, person.id)
    show_version(response, found)
    return found


async def _read(ctx: Context, staff_id: UUID) -> StaffMemberRead:
    query = staff_matching(reach=ctx.facilities(Permission.STAFF_READ)).where(StaffMember.id == staff_id)
    row = (await ctx.session.execute(query)).mappings().one_or_none()
    if row is None:
        raise NotFound("There is no such member of staff").about("staff_member", staff_id)
    return StaffMemberRead.model_validate(_shown_to(ctx, row))


def _shown_to(ctx: Context, row: Mapping[Any, Any]) -> dict[str, Any]:
    shown = dict(row)
    if not ctx.may(Permission.STAFF_MANAGE, row["facility_id"]):
        shown["salary_grade"] = None
    return shown
