"""Showing once more that it is still oneself: for what an open session alone must not be enough for."""

from datetime import timedelta

from sqlalchemy import select

from arogya.modules.identity.authenticator import PROVED_FOR
from arogya.modules.identity.callers import Caller
from arogya.modules.identity.models import Credential, UserSession
from arogya.modules.identity.passwords import WrongPassword
from arogya.modules.identity.schemas.proofs import ProofRead, StepUp
from arogya.modules.identity.service import sign_in_rules
from arogya.modules.identity.service.codes import WrongCode, take_code
from arogya.modules.identity.service.password import writing
from arogya.modules.identity.throttle import ACCOUNT, count_try, forget
from arogya.platform.access import Context
from arogya.platform.audit import Action, record_denied
from arogya.platform.errors import Field, Problem


async def step_up(ctx: Context, caller: Caller, request: StepUp) -> ProofRead:
    """Raises WrongPassword, WrongCode, TooMany."""
    counted = [caller.throttle.counted(ACCOUNT, "step-up", str(ctx.user_id))]
    async with writing(ctx) as inside:
        await count_try(inside.session, counted, ctx.now())
        kept = await inside.session.scalar(
            select(Credential.password_hash).where(Credential.user_id == ctx.user_id, Credential.must_change.is_(False))
        )
    if request.password is not None:
        is_right, _ = await caller.passwords.check(request.password, kept)
        if not is_right:
            await _denied(ctx, WrongPassword())
            raise WrongPassword(fields=[Field("password", "wrong_password", WrongPassword.title)])
    try:
        async with writing(ctx) as inside:
            if request.code is not None:
                assert ctx.user_id is not None
                await take_code(inside.session, caller.second_factors, ctx.user_id, request.code, ctx.now())
            await forget(inside.session, counted)
            return await _prove(inside, caller, request)
    except WrongCode as refused:
        await _denied(ctx, refused)
        raise


async def _prove(ctx: Context, caller: Caller, request: StepUp) -> ProofRead:
    own = await ctx.session.get_one(UserSession, ctx.actor.session_id, with_for_update=True)
    own.proved_at = ctx.now()
    if request.open_window and caller.device.hash_for(own.client) == own.device_hash:
        minutes = (await sign_in_rules.current(ctx)).window_minutes if ctx.actor.organization_id else 0
        own.window_until = ctx.now() + timedelta(minutes=minutes) if minutes else None
    await ctx.session.flush()
    ctx.audit(
        Action.EXECUTE, "step_up", own.id,
        details={"by": "password" if request.password is not None else "code", "window": bool(request.open_window)},
    )  # fmt: skip
    return ProofRead(proved_until=ctx.now() + PROVED_FOR, window_until=own.window_until)


async def _denied(ctx: Context, refused: Problem) -> None:
    async with writing(ctx) as inside:
        record_denied(inside.session, ctx.audit_facts(), refused.code, "step_up", [])
