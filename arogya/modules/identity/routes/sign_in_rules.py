"""`/api/sign-in-rules`: what the hospital asks of its staff at the door."""

from typing import Annotated

from fastapi import Response

from arogya.modules.identity.schemas.proofs import ChangeSignInRules, SignInRulesRead
from arogya.modules.identity.service import sign_in_rules
from arogya.modules.identity.service.sign_in_rules import Rules
from arogya.platform.access import Context, requires
from arogya.platform.etags import IfMatch, show_version
from arogya.platform.web import Router
from arogya.policy import Permission

router = Router(prefix="/api/sign-in-rules", tags=["hospital"])


@router.get("", response_model=SignInRulesRead)
async def read_sign_in_rules(
    ctx: Annotated[Context, requires(Permission.ORGANIZATION_READ)], response: Response
) -> Rules:
    rules = await sign_in_rules.current(ctx)
    show_version(response, rules)
    return rules


@router.put("", response_model=SignInRulesRead)
async def change_sign_in_rules(
    request: ChangeSignInRules,
    ctx: Annotated[Context, requires(Permission.ORGANIZATION_MANAGE, step_up="fresh")],
    response: Response,
    if_match: IfMatch = None,
) -> Rules:
    """403 `step_up_needed`: whoever finds a desk unlocked does not lower the hospital's guard."""
    rules = await sign_in_rules.change(ctx, request, if_match)
    show_version(response, rules)
    return rules
