"""What a hospital asks of its staff at the door. A hospital that set nothing yet has the defaults."""

from dataclasses import dataclass

from sqlalchemy import select

from arogya.modules.identity.models import SignInRules
from arogya.modules.identity.schemas.proofs import ChangeSignInRules
from arogya.platform.access import Context
from arogya.platform.audit import Action
from arogya.platform.etags import check_version
from arogya.policy import Permission

WINDOW_MINUTES = 60


@dataclass(frozen=True, slots=True)
class Rules:
    """version 0: nothing was set yet."""

    second_factor_demanded: bool = False
    window_minutes: int = WINDOW_MINUTES
    version: int = 0


async def current(ctx: Context) -> Rules:
    row = (
        await ctx.session.execute(
            select(SignInRules.second_factor_since, SignInRules.window_minutes, SignInRules.version).where(
                SignInRules.organization_id == ctx.organization_id
            )
        )
    ).one_or_none()
    return Rules() if row is None else Rules(row.second_factor_since is not None, row.window_minutes, row.version)


async def change(ctx: Context, request: ChangeSignInRules, if_match: str | None) -> Rules:
    """Raises Forbidden for who manages some branches, PreconditionFailed where someone else changed them meanwhile."""
    ctx.require_everywhere(Permission.ORGANIZATION_MANAGE)
    rules = await ctx.session.get(SignInRules, (ctx.organization_id, ctx.organization_id), with_for_update=True)
    check_version(rules or Rules(), if_match)
    if rules is None:
        rules = SignInRules(id=ctx.organization_id, window_minutes=WINDOW_MINUTES)
        ctx.add(rules)
    if request.second_factor_demanded is False:
        rules.second_factor_since = None
    elif request.second_factor_demanded and rules.second_factor_since is None:
        rules.second_factor_since = ctx.now()
    if request.window_minutes is not None:
        rules.window_minutes = request.window_minutes
    await ctx.session.flush()
    ctx.audit(Action.UPDATE, "sign_in_rules", ctx.organization_id, details={"fields": sorted(request.model_fields_set)})
    return await current(ctx)
