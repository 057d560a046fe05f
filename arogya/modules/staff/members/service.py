"""What is done to the list of employees."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from arogya.modules.staff import checks
from arogya.modules.staff.errors import AlreadyLinked
from arogya.modules.staff.events import StaffMemberChanged
from arogya.modules.staff.members.schemas import AddStaffMember, ChangeStaffMember
from arogya.modules.staff.models import StaffMember
from arogya.platform.access import Context
from arogya.platform.audit import Action
from arogya.platform.clock import new_id
from arogya.platform.errors import Invalid, NotFound
from arogya.platform.etags import check_version
from arogya.policy import Permission


async def add(ctx: Context, request: AddStaffMember) -> StaffMember:
    """A new employee. Raises EmployeeNumberTaken, UserTaken."""
    checks.require_reach(ctx, Permission.STAFF_MANAGE, _branch(request.facility_id))
    await _check_what_it_names(ctx, request)
    _check_period(request.joined_on, request.left_on)
    return await _add(ctx, request.model_dump())


async def add_staff_member(
    ctx: Context,
    *,
    name: str,
    designation: str,
    employee_number: str | None = None,
    department_id: UUID | None = None,
    facility_id: UUID | None = None,
    shift: str = "general",
    salary_grade: str | None = None,
    joined_on: date | None = None,
    phone: str | None = None,
    email: str | None = None,
    user_id: UUID | None = None,
) -> UUID:
    """For other modules, which have checked that they may: the new member's id."""
    facts = {
        "name": name, "designation": designation, "employee_number": employee_number, "department_id": department_id,
        "facility_id": facility_id, "shift": shift, "salary_grade": salary_grade, "joined_on": joined_on,
        "phone": phone, "email": email, "user_id": user_id,
    }  # fmt: skip
    return (await _add(ctx, facts)).id


async def change(ctx: Context, staff_id: UUID, request: ChangeStaffMember, if_match: str | None) -> StaffMember:
    """Edit what was sent. Raises NotFound, PreconditionFailed, EmployeeNumberTaken, UserTaken."""
    person = await _within_reach(ctx, staff_id)
    check_version(person, if_match)
    facts = request.model_dump(include=request.model_fields_set)
    if "facility_id" in facts:
        checks.require_reach(ctx, Permission.STAFF_MANAGE, _branch(request.facility_id))
    await _check_what_it_names(ctx, request, known=person)
    for name, value in facts.items():
        setattr(person, name, value)
    _check_period(person.joined_on, person.left_on)
    await _changed(ctx, person, Action.UPDATE, {"fields": sorted(facts)})
    return person


async def set_active(ctx: Context, staff_id: UUID, is_active: bool) -> StaffMember:
    """Deactivate or reactivate; nothing happens where it is so already."""
    person = await _within_reach(ctx, staff_id)
    if person.is_active != is_active:
        person.is_active = is_active
        await _changed(ctx, person, Action.REACTIVATE if is_active else Action.DEACTIVATE)
    return person


async def link_staff_user(ctx: Context, staff_id: UUID, user_id: UUID | None) -> None:
    """Let this user sign in as the member (None: nobody). For identity, which has checked that it may.

    Raises NotFound, AlreadyLinked, UserTaken.
    """
    person = await find(ctx, staff_id)
    if user_id is not None and person.user_id not in {None, user_id}:
        raise AlreadyLinked
    person.user_id = user_id
    await _changed(ctx, person, Action.UPDATE, {"fields": ["user_id"]})


async def _add(ctx: Context, facts: Mapping[str, Any]) -> StaffMember:
    person = StaffMember(id=new_id(), **facts)
    ctx.add(person)
    await _changed(ctx, person, Action.CREATE)
    return person


async def _changed(ctx: Context, person: StaffMember, action: Action, details: Mapping[str, Any] | None = None) -> None:
    ctx.audit(action, "staff_member", person.id, details=details)
    ctx.emit(StaffMemberChanged(staff_id=person.id, facility_id=person.facility_id))
    await ctx.session.flush()


async def find(ctx: Context, staff_id: UUID) -> StaffMember:
    person = await ctx.session.get(StaffMember, (ctx.organization_id, staff_id))
    if person is None:
        raise _not_found(staff_id)
    return person


def _not_found(staff_id: UUID) -> NotFound:
    return NotFound("There is no such member of staff").about("staff_member", staff_id)


async def _within_reach(ctx: Context, staff_id: UUID) -> StaffMember:
    person = await find(ctx, staff_id)
    about = ("staff_member", staff_id)
    seen = ctx.facilities(Permission.STAFF_READ)
    if seen is not None and person.facility_id not in seen:
        raise _not_found(staff_id)
    checks.require_reach(ctx, Permission.STAFF_MANAGE, _branch(person.facility_id), about=about)
    return person


def _branch(facility_id: UUID | None) -> set[UUID]:
    return {facility_id} if facility_id else set()


async def _check_what_it_names(
    ctx: Context, request: AddStaffMember | ChangeStaffMember, known: StaffMember | None = None
) -> None:
    """known: what was there before may have been closed since, and stays until someone moves it."""
    if known is None or request.department_id != known.department_id:
        await checks.check_department(ctx, request.department_id)
    if known is None or request.user_id != known.user_id:
        await checks.check_user(ctx, request.user_id)
    if known is None or request.facility_id != known.facility_id:
        await checks.check_facility(ctx, request.facility_id, "facility_id")


def _check_period(joined_on: date | None, left_on: date | None) -> None:
    if joined_on and left_on and left_on < joined_on:
        raise Invalid.field("left_on", "nobody leaves before they joined")
