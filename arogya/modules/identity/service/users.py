"""A hospital's users: who they are, their one-time passwords."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, exists, func, or_, select, update

from arogya.modules.identity.accounts import ONE_TIME_FOR, create_user
from arogya.modules.identity.models import Credential, LoginIdentifier, Membership, SecondFactor, User, UserSession
from arogya.modules.identity.passwords import PasswordRoom, one_time_password
from arogya.modules.identity.ports import ports
from arogya.modules.identity.queries import identifier_of, in_this_hospital
from arogya.modules.identity.schemas.users import ChangeUser, CreatedUser, CreateUser, OneTimePassword, UserRead
from arogya.modules.identity.service.memberships import (
    BeyondReach,
    give,
    held_by,
    known_here,
    refuse_beyond,
    refuse_unreachable,
    within_reach,
)
from arogya.modules.identity.service.password import writing
from arogya.modules.identity.service.sessions import end_sessions
from arogya.platform.access import Context
from arogya.platform.audit import Action
from arogya.platform.database import bind_tenant
from arogya.platform.errors import Conflict
from arogya.platform.etags import check_version
from arogya.platform.paging import Paging, rows_and_total
from arogya.policy import Permission, Role


class OwnPassword(Conflict):
    code, title = "own_password", "Change your own password under My account"


class BelongsElsewhere(Conflict):
    code, title = "belongs_elsewhere", "This user is not this hospital's alone, so it can't be changed from here"


async def list_users(
    ctx: Context, *, search: str | None, role: Role | None, is_active: bool | None, everything: bool, paging: Paging
) -> tuple[list[UserRead], int, bool]:
    """Staff of the hospital; those who are patients only where that role is asked for."""
    query = _listed(ctx)
    if search:
        query = query.where(_matches(search))
    only_current = not everything and is_active is not False
    query = query.where(_holds(ctx, role, only_current))
    if not everything:
        query = query.where(_current(ctx) if only_current else ~_current(ctx))
    rows, total, capped = await rows_and_total(ctx, query.order_by(User.name, User.id), paging)
    memberships = await held_by(ctx, [row["id"] for row in rows])
    return [UserRead(**row, memberships=memberships.get(row["id"], [])) for row in rows], total, capped


def _listed(ctx: Context) -> Select[Any]:
    last_seen = (
        select(func.max(UserSession.last_seen_at))
        .where(UserSession.user_id == User.id, UserSession.organization_id == ctx.organization_id)
        .scalar_subquery()
    )
    return select(
        User.id,
        User.name,
        User.version,
        func.coalesce(identifier_of("username"), "").label("username"),
        identifier_of("email"),
        identifier_of("phone"),
        _current(ctx).label("is_active"),
        exists()
        .where(SecondFactor.user_id == User.id, SecondFactor.confirmed_at.is_not(None))
        .label("has_second_factor"),
        last_seen.label("last_seen_at"),
    )


def _current(ctx: Context) -> Any:
    return User.is_active & (
        select(Membership.id)
        .where(Membership.user_id == User.id, in_this_hospital(ctx.organization_id, ctx.now()))
        .exists()
    )


def _holds(ctx: Context, role: Role | None, only_current: bool) -> Any:
    """That the user has, or had, this role (None: any but patient) at a branch that the actor may look into."""
    here = Membership.organization_id == ctx.organization_id
    query = select(Membership.user_id).where(in_this_hospital(ctx.organization_id, ctx.now()) if only_current else here)
    query = query.where(Membership.role == role.value if role else Membership.role.is_distinct_from(Role.PATIENT.value))
    return User.id.in_(query.where(within_reach(ctx)))


def _matches(search: str) -> Any:
    """Part of the name, or the beginning of a sign-in name."""
    word = search.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    named = (
        select(LoginIdentifier.id)
        .where(LoginIdentifier.user_id == User.id, LoginIdentifier.value.ilike(f"{word}%"))
        .exists()
    )
    return or_(User.name.ilike(f"%{word}%"), named)


async def read_user(ctx: Context, user_id: UUID) -> UserRead:
    """Raises NotFound where the user never had a role here that the actor may know of."""
    await known_here(ctx, user_id)
    row = (await ctx.session.execute(_listed(ctx).where(User.id == user_id))).mappings().one()
    return UserRead(**row, memberships=(await held_by(ctx, [user_id])).get(user_id, []))


async def add_user(ctx: Context, passwords: PasswordRoom, request: CreateUser) -> CreatedUser:
    """A new user with a one-time password to read out. Raises SignInNameTaken, BeyondReach."""
    for wanted in request.memberships:
        refuse_beyond(ctx, wanted)
    if (request.practitioner_id or request.staff_id) and ctx.facilities(Permission.USER_MANAGE) is not None:
        raise BeyondReach  # who a person is holds at every branch
    word = one_time_password()
    word_hash = await passwords.hash(word)
    async with writing(ctx) as inside:
        user_id = await create_user(
            inside.session, name=request.name, username=request.username, password_hash=word_hash, now=ctx.now(),
            one_time=True, email=request.email, phone=request.phone,
        )  # fmt: skip
        inside.audit(Action.CREATE, "user", user_id)
        for wanted in request.memberships:
            await give(inside, user_id, wanted)
        if request.practitioner_id:
            await ports.link_practitioner(inside, request.practitioner_id, user_id)
        if request.staff_id:
            await ports.link_staff_member(inside, request.staff_id, user_id)
        created = await read_user(inside, user_id)
    return CreatedUser(**created.model_dump(), one_time_password=word)


async def rename_user(ctx: Context, user_id: UUID, request: ChangeUser, if_match: str | None) -> UserRead:
    """Raises NotFound, BelongsElsewhere, BeyondReach, PreconditionFailed."""
    user = await known_here(ctx, user_id)
    await refuse_unless_ours(ctx, user)
    check_version(user, if_match)
    user.name = request.name
    ctx.audit(Action.UPDATE, "user", user_id, details={"fields": ["name"]})
    await ctx.session.flush()
    return await read_user(ctx, user_id)


async def reset_password(ctx: Context, passwords: PasswordRoom, user_id: UUID) -> OneTimePassword:
    """A one-time password in place of a forgotten one; all the user's sessions end.

    Raises NotFound, BelongsElsewhere, BeyondReach: whoever resets a password could sign in as its owner.
    """
    word = one_time_password()
    word_hash = await passwords.hash(word)
    async with writing(ctx) as inside:
        user = await known_here(inside, user_id)
        if user.id == ctx.user_id:
            raise OwnPassword
        await refuse_unless_ours(inside, user)
        await inside.session.execute(
            update(Credential)
            .where(Credential.user_id == user_id)
            .values(password_hash=word_hash, must_change=True, expires_at=ctx.now() + ONE_TIME_FOR,
                    changed_at=ctx.now())
        )  # fmt: skip
        await end_sessions(inside.session, UserSession.user_id == user_id, "password-reset", ctx.now())
        inside.audit(Action.UPDATE, "password", user_id, details={"reset": True})
    return OneTimePassword(one_time_password=word)


async def refuse_unless_ours(ctx: Context, user: User) -> None:
    """A user is changed only by those whose reach covers everything that the user may do anywhere."""
    if user.is_platform_admin:
        raise BelongsElsewhere
    # Row security lets a user's own memberships be seen everywhere: look as that user, for this one question.
    await bind_tenant(ctx.session, None, user.id)
    held = (
        await ctx.session.execute(
            select(Membership.organization_id, Membership.facility_id).where(
                Membership.user_id == user.id,
                or_(Membership.valid_until.is_(None), Membership.valid_until > ctx.now()),
            )
        )
    ).all()
    await bind_tenant(ctx.session, ctx.organization_id, ctx.user_id)
    if any(row.organization_id != ctx.organization_id for row in held):
        raise BelongsElsewhere
    refuse_unreachable(ctx, (row.facility_id for row in held))
