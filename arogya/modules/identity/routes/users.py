"""`/api/users`: who works here, and in which roles."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from arogya.modules.identity.callers import CallerOf
from arogya.modules.identity.schemas.users import (
    ChangeUser,
    CreatedUser,
    CreateUser,
    MembershipRead,
    NewMembership,
    OneTimePassword,
    UserRead,
)
from arogya.modules.identity.service import memberships, users
from arogya.platform.access import Context, requires
from arogya.platform.etags import IfMatch, show_version
from arogya.platform.paging import Page, PageOf, as_json
from arogya.platform.web import Router
from arogya.policy import Permission, Role

router = Router(prefix="/api/users", tags=["users"])
Reader = Annotated[Context, requires(Permission.USER_READ)]
Manager = Annotated[Context, requires(Permission.USER_MANAGE)]
ManagerBeforeHashing = Annotated[Context, requires(Permission.USER_MANAGE, transaction=False)]


@router.get("", response_model=Page[UserRead])
async def list_users(
    ctx: Reader,
    paging: PageOf,
    *,
    search: Annotated[str | None, Query(max_length=100, description="Part of the name, or how they sign in.")] = None,
    role: Annotated[Role | None, Query(description="Left out: everybody but patients.")] = None,
    is_active: Annotated[bool | None, Query(description="Left out: those who hold a role now or later.")] = None,
    everything: Annotated[bool, Query(alias="all", description="The active and the inactive.")] = False,
) -> Response:
    found, total, capped = await users.list_users(
        ctx, search=search, role=role, is_active=is_active, everything=everything, paging=paging
    )
    return as_json(UserRead, found, total, capped)


@router.post("", status_code=201, response_model=CreatedUser)
async def create_user(request: CreateUser, caller: CallerOf, ctx: ManagerBeforeHashing) -> CreatedUser:
    """A new user. The one-time password is shown once: read it out; signing in with it asks for an own one.

    Takes no `Idempotency-Key`: the same answer again would need the password, which nobody keeps. Sent again it is
    409 `username_taken`, and a lost password is reset.
    """
    return await users.add_user(ctx, caller.passwords, request)


@router.get("/{user_id}", response_model=UserRead)
async def read_user(user_id: UUID, ctx: Reader, response: Response) -> UserRead:
    found = await users.read_user(ctx, user_id)
    show_version(response, found)
    return found


@router.patch("/{user_id}", response_model=UserRead)
async def change_user(
    user_id: UUID, request: ChangeUser, ctx: Manager, response: Response, if_match: IfMatch = None
) -> UserRead:
    """409 `belongs_elsewhere` where another hospital knows the user too."""
    changed = await users.rename_user(ctx, user_id, request, if_match)
    show_version(response, changed)
    return changed


@router.delete("/{user_id}", status_code=204)
async def remove_user(user_id: UUID, ctx: Manager) -> None:
    """End all the user's roles and sessions in this hospital. 409 `last_hospital_admin`."""
    await memberships.remove_user(ctx, user_id)


@router.post("/{user_id}/reset-password", response_model=OneTimePassword)
async def reset_password(user_id: UUID, caller: CallerOf, ctx: ManagerBeforeHashing) -> OneTimePassword:
    """A one-time password for someone who forgot theirs; all their sessions end."""
    return await users.reset_password(ctx, caller.passwords, user_id)


@router.post("/{user_id}/memberships", status_code=201, response_model=MembershipRead)
async def give_role(user_id: UUID, request: NewMembership, ctx: Manager) -> MembershipRead:
    """403 `beyond_reach`, 409 `already_held`."""
    return await memberships.add_role(ctx, user_id, request)


@router.delete("/{user_id}/memberships/{membership_id}", status_code=204)
async def end_role(user_id: UUID, membership_id: UUID, ctx: Manager) -> None:
    """Ends now: within a second the user can't do any more what it allowed. 409 `last_hospital_admin`."""
    await memberships.end_role(ctx, user_id, membership_id)
