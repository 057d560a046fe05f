"""Setting the second factor up and turning it off: a code from an app on one's phone, or one of ten from paper."""

from uuid import UUID

from sqlalchemy import delete, select

from arogya.modules.identity import totp
from arogya.modules.identity.jobs import tell_second_factor_off
from arogya.modules.identity.models import RecoveryCode, SecondFactor, UserSession
from arogya.modules.identity.queries import identifier_of
from arogya.modules.identity.schemas.proofs import RecoveryCodes, SecondFactorSetUp
from arogya.modules.identity.service.codes import WrongCode, forget_factor, is_on
from arogya.modules.identity.service.memberships import known_here
from arogya.modules.identity.service.sessions import end_sessions
from arogya.modules.identity.service.users import refuse_unless_ours
from arogya.modules.identity.totp import SecondFactorKeys
from arogya.modules.organizations.api import organization
from arogya.platform import jobs
from arogya.platform.access import Context
from arogya.platform.audit import Action
from arogya.platform.errors import Conflict


class SecondFactorOn(Conflict):
    code, title = "second_factor_on", "The second factor is on already"


class SecondFactorOff(Conflict):
    code, title = "second_factor_off", "There is no second factor"


class OwnSecondFactor(Conflict):
    code, title = "own_second_factor", "Turn your own second factor off under My account"


async def set_up(ctx: Context, keys: SecondFactorKeys) -> SecondFactorSetUp:
    """A secret for the app; it counts once a code of it was sent back. Raises SecondFactorOn."""
    assert ctx.user_id is not None
    factor = await _own(ctx)
    if factor is not None and factor.confirmed_at is not None:
        raise SecondFactorOn
    secret = totp.new_secret()
    if factor is None:
        ctx.add(SecondFactor(user_id=ctx.user_id, secret=keys.seal(ctx.user_id, secret), created_at=ctx.now()))
    else:
        factor.secret, factor.created_at = keys.seal(ctx.user_id, secret), ctx.now()
    await ctx.session.flush()
    ctx.audit(Action.CREATE, "second_factor", ctx.user_id)
    address = totp.app_address(secret, await _called(ctx), await _issuer(ctx))
    return SecondFactorSetUp(secret=secret, app_address=address, qr_svg=totp.qr_svg(address))


async def confirm(ctx: Context, keys: SecondFactorKeys, code: str) -> RecoveryCodes:
    """Turn it on, and all other sessions off. Raises SecondFactorOff, SecondFactorOn, WrongCode."""
    assert ctx.user_id is not None
    factor = await _own(ctx)
    if factor is None:
        raise SecondFactorOff
    if factor.confirmed_at is not None:
        raise SecondFactorOn
    step = totp.step_of(keys.opened(ctx.user_id, factor.secret), code, ctx.now())
    if step is None:
        raise WrongCode
    factor.confirmed_at, factor.last_step = ctx.now(), step
    await ctx.session.flush()
    others = (UserSession.user_id == ctx.user_id) & (UserSession.id != ctx.actor.session_id)
    await end_sessions(ctx.session, others, "second-factor-on", ctx.now())
    ctx.audit(Action.UPDATE, "second_factor", ctx.user_id, details={"on": True})
    return await _fresh_codes(ctx, keys, ctx.user_id)


async def make_codes_anew(ctx: Context, keys: SecondFactorKeys) -> RecoveryCodes:
    """Ten others; those before are good no more. Raises SecondFactorOff."""
    assert ctx.user_id is not None
    if not await is_on(ctx.session, ctx.user_id):
        raise SecondFactorOff
    ctx.audit(Action.UPDATE, "second_factor", ctx.user_id, details={"codes": "anew"})
    return await _fresh_codes(ctx, keys, ctx.user_id)


async def turn_off(ctx: Context) -> None:
    """Raises SecondFactorOff."""
    assert ctx.user_id is not None
    if not await is_on(ctx.session, ctx.user_id):
        raise SecondFactorOff
    await _remove(ctx, ctx.user_id)


async def reset(ctx: Context, user_id: UUID) -> None:
    """Take it from someone who lost the phone; all their sessions end, and they are told.

    Raises NotFound, BelongsElsewhere, BeyondReach, OwnSecondFactor, SecondFactorOff.
    """
    user = await known_here(ctx, user_id)
    if user.id == ctx.user_id:
        raise OwnSecondFactor
    await refuse_unless_ours(ctx, user)
    if not await is_on(ctx.session, user_id):
        raise SecondFactorOff
    await _remove(ctx, user_id)
    await end_sessions(ctx.session, UserSession.user_id == user_id, "second-factor-reset", ctx.now())


async def _remove(ctx: Context, user_id: UUID) -> None:
    await forget_factor(ctx.session, user_id)
    await jobs.defer(ctx.session, tell_second_factor_off, user_id=user_id)
    ctx.audit(Action.DEACTIVATE, "second_factor", user_id)


async def _own(ctx: Context) -> SecondFactor | None:
    found: SecondFactor | None = await ctx.session.scalar(
        select(SecondFactor).where(SecondFactor.user_id == ctx.user_id).with_for_update()
    )
    return found


async def _fresh_codes(ctx: Context, keys: SecondFactorKeys, user_id: UUID) -> RecoveryCodes:
    codes = totp.new_recovery_codes()
    await ctx.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    ctx.add(*(RecoveryCode(user_id=user_id, code_hash=keys.recovery_hash(user_id, one)) for one in codes))
    await ctx.session.flush()
    return RecoveryCodes(codes=codes)


async def _called(ctx: Context) -> str:
    """What the app writes under the hospital's name."""
    row = (
        await ctx.session.execute(select(identifier_of("username", ctx.user_id), identifier_of("email", ctx.user_id)))
    ).one()
    return row.username or row.email or "Arogya"


async def _issuer(ctx: Context) -> str:
    here = ctx.actor.organization_id
    return (await organization(ctx.session, here)).name if here else "Arogya"
