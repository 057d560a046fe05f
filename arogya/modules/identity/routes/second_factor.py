"""`/api/me/second-factor`: one's own second factor; `/api/users/{user_id}/reset-second-factor`: a lost phone's."""

from typing import Annotated
from uuid import UUID

from arogya.modules.identity.callers import CallerOf
from arogya.modules.identity.schemas.proofs import ConfirmSecondFactor, MySignIn, RecoveryCodes, SecondFactorSetUp
from arogya.modules.identity.service import my_sign_in, second_factor
from arogya.platform.access import Context, requires
from arogya.platform.web import Router
from arogya.policy import Permission

router = Router(tags=["account"])
Own = Annotated[Context, requires(Permission.ACCOUNT_OWN)]
OwnProved = Annotated[Context, requires(Permission.ACCOUNT_OWN, step_up="fresh")]
ManagerProved = Annotated[Context, requires(Permission.USER_MANAGE, step_up="fresh")]


@router.get("/api/me/sign-in", response_model=MySignIn)
async def read_my_sign_in(ctx: Own) -> MySignIn:
    """How one signs in: names, the second factor, and whether the hospital asks for it."""
    return await my_sign_in.read(ctx)


@router.post("/api/me/second-factor", response_model=SecondFactorSetUp)
async def set_up_second_factor(caller: CallerOf, ctx: OwnProved) -> SecondFactorSetUp:
    """A secret for an authenticator app; it counts once a code was confirmed. 403 `step_up_needed`."""
    return await second_factor.set_up(ctx, caller.second_factors)


@router.post("/api/me/second-factor/confirm", response_model=RecoveryCodes)
async def confirm_second_factor(request: ConfirmSecondFactor, caller: CallerOf, ctx: Own) -> RecoveryCodes:
    """Turn it on with the app's first code; all other sessions end. 422 `wrong_code`."""
    return await second_factor.confirm(ctx, caller.second_factors, request.code)


@router.post("/api/me/second-factor/recovery-codes", response_model=RecoveryCodes)
async def make_recovery_codes(caller: CallerOf, ctx: OwnProved) -> RecoveryCodes:
    """Ten others; those before are good no more. 403 `step_up_needed`."""
    return await second_factor.make_codes_anew(ctx, caller.second_factors)


@router.delete("/api/me/second-factor", status_code=204)
async def turn_second_factor_off(ctx: OwnProved) -> None:
    """403 `step_up_needed`; 409 `second_factor_off`."""
    await second_factor.turn_off(ctx)


@router.post("/api/users/{user_id}/reset-second-factor", status_code=204)
async def reset_second_factor(user_id: UUID, ctx: ManagerProved) -> None:
    """For someone who lost the phone: the next sign-in asks for the password alone; all their sessions end.

    403 `step_up_needed`, `beyond_reach`; 409 `belongs_elsewhere`, `own_second_factor`, `second_factor_off`.
    """
    await second_factor.reset(ctx, user_id)
