"""People who sign in with no password: by a code on their phone, or the QR of a slip."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from arogya.modules.identity.accounts import add_membership
from arogya.modules.identity.authenticator import is_live
from arogya.modules.identity.callers import Caller
from arogya.modules.identity.events import MembershipsChanged
from arogya.modules.identity.models import LoginIdentifier, Membership, User, UserSession
from arogya.modules.identity.queries import identifier_of, in_this_hospital
from arogya.platform.access import Context
from arogya.platform.audit import Action, record
from arogya.platform.clock import new_id
from arogya.platform.database import advisory_locks, bind_tenant
from arogya.policy import Role


@dataclass(frozen=True, slots=True)
class AccountHolder:
    """Who signs in for a patient, as the desk sees it."""

    name: str
    phone: str | None
    last_seen_at: datetime | None


async def user_of_phone(session: AsyncSession, phone: str) -> User | None:
    return await session.scalar(
        select(User)
        .join(LoginIdentifier, LoginIdentifier.user_id == User.id)
        .where(LoginIdentifier.kind == "phone", LoginIdentifier.value == phone)
    )


async def make_user(session: AsyncSession, caller: Caller, language: str, phone: str | None) -> UUID:
    """Somebody who has no name yet: the first record that is theirs gives it. phone: proved, E.164."""
    user = User(name="", language=language)
    session.add(user)
    await session.flush()
    if phone is not None:
        identifier = insert(LoginIdentifier).values(
            id=new_id(), user_id=user.id, kind="phone", value=phone, verified_at=caller.now()
        )
        await session.execute(identifier)
    record(session, caller.facts(user.id, None), Action.CREATE, "user", [user.id])
    return user.id


async def works_somewhere(session: AsyncSession, user: User, now: datetime) -> bool:
    """Whether the user is more than a patient anywhere: a code on a phone is too little for that."""
    if user.is_platform_admin:
        return True
    await bind_tenant(session, None, user.id)
    held = await session.scalar(
        select(Membership.id)
        .where(
            Membership.user_id == user.id,
            Membership.role.is_distinct_from(Role.PATIENT.value),
            or_(Membership.valid_until.is_(None), Membership.valid_until > now),
        )
        .limit(1)
    )
    return held is not None


async def proved_phone(session: AsyncSession, user_id: UUID, session_id: UUID | None) -> str | None:
    """The number to which this session's code was sent; None where it was opened in another way."""
    return await session.scalar(
        select(LoginIdentifier.value)
        .join(UserSession, UserSession.user_id == LoginIdentifier.user_id)
        .where(
            LoginIdentifier.user_id == user_id,
            LoginIdentifier.kind == "phone",
            UserSession.id == session_id,
            UserSession.opened_by == "code",
        )
    )


async def join_as_patient(ctx: Context, user_id: UUID, name: str | None) -> None:
    """The role that a patient needs here, once. name: of their own record, for who has none yet."""
    await advisory_locks(ctx.session, [f"memberships:{user_id}"])
    mine = and_(Membership.user_id == user_id, Membership.organization_id == ctx.organization_id)
    held = select(Membership.id).where(mine, Membership.role == Role.PATIENT.value, is_live(ctx.now())).limit(1)
    if await ctx.session.scalar(held) is None:
        membership_id = await add_membership(ctx.session, user_id, Role.PATIENT, now=ctx.now())
        ctx.audit(Action.CREATE, "membership", membership_id, user_id, details={"role": Role.PATIENT.value})
    if name:
        await ctx.session.execute(update(User).where(User.id == user_id, User.name == "").values(name=name))
    ctx.emit(MembershipsChanged(user_id))


async def leave_as_patient(ctx: Context, user_id: UUID) -> None:
    """End the role of a patient here, for whom no record is left to sign in for."""
    await ctx.session.execute(
        update(Membership)
        .where(
            Membership.user_id == user_id,
            Membership.role == Role.PATIENT.value,
            in_this_hospital(ctx.organization_id, ctx.now()),
            Membership.valid_from < ctx.now(),
        )
        .values(valid_until=ctx.now(), updated_at=ctx.now(), updated_by=ctx.user_id, version=Membership.version + 1)
    )
    ctx.audit(Action.DEACTIVATE, "membership", user_id, details={"role": Role.PATIENT.value})
    ctx.emit(MembershipsChanged(user_id))


async def account_holders(session: AsyncSession, user_ids: list[UUID]) -> dict[UUID, AccountHolder]:
    seen = (
        select(UserSession.last_seen_at)
        .where(UserSession.user_id == User.id)
        .order_by(UserSession.last_seen_at.desc())
        .limit(1)
        .scalar_subquery()
    )
    rows = await session.execute(
        select(User.id, User.name, identifier_of("phone"), seen.label("seen")).where(User.id.in_(user_ids))
    )
    return {row.id: AccountHolder(row.name, row.phone, row.seen) for row in rows}
