"""`/api/me`: the signed-in person."""

from typing import Annotated

from arogya.modules.identity.schemas.me import ChangeMe, Me
from arogya.modules.identity.service import me
from arogya.platform.access import Context, requires
from arogya.platform.web import Router
from arogya.policy import Permission

router = Router(prefix="/api/me", tags=["account"])
Own = Annotated[Context, requires(Permission.ACCOUNT_OWN)]


@router.get("", response_model=Me)
async def read_me(ctx: Own) -> Me:
    """The person, their memberships in all hospitals, and what they may do in the one that the token names."""
    return await me.me(ctx)


@router.patch("", response_model=Me)
async def change_me(request: ChangeMe, ctx: Own) -> Me:
    return await me.change_me(ctx, request)
