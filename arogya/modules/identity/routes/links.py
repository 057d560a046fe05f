"""What letters lead to: a new password, a proved e-mail address. The token comes in the body, never in an address."""

from typing import Annotated

from fastapi import Request

from arogya.modules.identity.browsers import refuse_cross_site
from arogya.modules.identity.callers import CallerOf
from arogya.modules.identity.schemas.links import ChangeEmail, ForgotPassword, ResetPassword, VerifyEmail
from arogya.modules.identity.service import links
from arogya.platform.access import PUBLIC, Context, requires
from arogya.platform.web import Router
from arogya.policy import Permission

router = Router(tags=["sign-in"])
Anybody = Annotated[None, PUBLIC]


@router.post("/api/auth/forgot", status_code=202)
async def forgot_password(request: Request, asked: ForgotPassword, caller: CallerOf, _: Anybody) -> None:
    """Send a link for a new password to the verified e-mail address, if there is one.

    The answer is the same for everybody: it tells nobody who signs in here. 429 `too_many_requests`.
    """
    refuse_cross_site(request)
    await links.forgot(caller, asked)


@router.post("/api/auth/reset", status_code=204)
async def reset_forgotten_password(request: Request, chosen: ResetPassword, caller: CallerOf, _: Anybody) -> None:
    """Choose a new password by the link, within 30 minutes and once. 422 `link_expired`, `weak_password`."""
    refuse_cross_site(request)
    await links.reset_password(caller, chosen)


@router.post("/api/auth/verify-email", status_code=204)
async def verify_email(request: Request, link: VerifyEmail, caller: CallerOf, _: Anybody) -> None:
    """Prove an e-mail address by the link that went to it. 422 `link_expired`; 409 `username_taken`."""
    refuse_cross_site(request)
    await links.verify_email(caller, link)


@router.post("/api/me/email", status_code=202)
async def change_my_email(
    change: ChangeEmail, caller: CallerOf, ctx: Annotated[Context, requires(Permission.ACCOUNT_OWN, step_up="fresh")]
) -> None:
    """Send a link to the new address, which signs one in once it was opened. 403 `step_up_needed`; 429."""
    await links.change_email(ctx, caller.throttle, change)
