"""How one signs in, as one sees it under My account."""

from sqlalchemy import select

from arogya.modules.identity.models import AccountLink, User
from arogya.modules.identity.queries import identifier_of
from arogya.modules.identity.schemas.proofs import MySignIn
from arogya.modules.identity.service import sign_in_rules
from arogya.modules.identity.service.codes import codes_left, is_on
from arogya.platform.access import Context


async def read(ctx: Context) -> MySignIn:
    assert ctx.user_id is not None
    names = (
        await ctx.session.execute(
            select(identifier_of("username"), identifier_of("email"), identifier_of("phone")).where(
                User.id == ctx.user_id
            )
        )
    ).one()
    pending = await ctx.session.scalar(
        select(AccountLink.address)
        .where(
            AccountLink.user_id == ctx.user_id,
            AccountLink.purpose == "email",
            AccountLink.used_at.is_(None),
            AccountLink.expires_at > ctx.now(),
        )
        .order_by(AccountLink.created_at.desc())
        .limit(1)
    )
    rules = await sign_in_rules.current(ctx) if ctx.actor.organization_id else sign_in_rules.Rules()
    return MySignIn(
        username=names.username or "",
        email=names.email,
        pending_email=pending,
        phone=names.phone,
        has_second_factor=await is_on(ctx.session, ctx.user_id),
        recovery_codes_left=await codes_left(ctx.session, ctx.user_id),
        second_factor_demanded=rules.second_factor_demanded,
    )
