"""`POST /api/auth/step-up`: showing once more that it is oneself. Any refusal `step_up_needed` asks for it."""

from typing import Annotated

from arogya.modules.identity.callers import CallerOf
from arogya.modules.identity.schemas.proofs import ProofRead, StepUp
from arogya.modules.identity.service import step_up
from arogya.platform.access import Context, requires
from arogya.platform.web import Router
from arogya.policy import Permission

router = Router(prefix="/api/auth", tags=["sign-in"])


@router.post("/step-up", response_model=ProofRead)
async def prove_again(
    request: StepUp, caller: CallerOf, ctx: Annotated[Context, requires(Permission.ACCOUNT_OWN, transaction=False)]
) -> ProofRead:
    """Prove this session for five minutes, by password or by the second factor's code.

    open_window: and let this device sign for as long as the hospital allows. 422 `wrong_password`, `wrong_code`; 429.
    """
    return await step_up.step_up(ctx, caller, request)
