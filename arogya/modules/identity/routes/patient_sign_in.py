"""`/api/auth/code`, `/api/auth/slip`: patients sign in with no password."""

from typing import Annotated

from fastapi import Request, Response

from arogya.modules.identity.browsers import refuse_cross_site
from arogya.modules.identity.callers import CallerOf
from arogya.modules.identity.routes.auth import told
from arogya.modules.identity.schemas.patient_sign_in import (
    AskCode,
    CodeAsked,
    ShowSlip,
    SignInWithCode,
    SignInWithSlip,
    SlipRead,
)
from arogya.modules.identity.schemas.sign_in import Token
from arogya.modules.identity.service import phone_code, slip
from arogya.platform.access import PUBLIC, bearer
from arogya.platform.web import Router

router = Router(prefix="/api/auth", tags=["sign-in"])
Anybody = Annotated[None, PUBLIC]


@router.post("/code", status_code=202, response_model=CodeAsked)
async def ask_sign_in_code(request: AskCode, http: Request, caller: CallerOf, _: Anybody) -> CodeAsked:
    """Have a code sent to a phone. The answer is the same whether or not anybody here has the number.

    422 `not_a_phone`; 429 `too_many_requests` with `retry_after_s`.
    """
    refuse_cross_site(http)
    return await phone_code.ask_code(caller, request)


@router.post("/code/sign-in", response_model=Token, response_model_exclude_none=True)
async def sign_in_by_code(
    request: SignInWithCode, http: Request, response: Response, caller: CallerOf, _: Anybody
) -> Token:
    """Sign in with the code that was sent; the first time makes the account.

    401 `phone_code_wrong`, `phone_code_over`; 403 `password_needed` for whoever works in a hospital or has a second
    factor.
    """
    refuse_cross_site(http)
    return told(http, response, caller, await phone_code.sign_in_with_code(caller, request))


@router.post("/slip/show", response_model=SlipRead)
async def show_slip(request: ShowSlip, http: Request, caller: CallerOf, _: Anybody) -> SlipRead:
    """Whose record the QR of a slip opens; it is not used up. 404 `slip_over`."""
    refuse_cross_site(http)
    return await slip.show_slip(caller, request)


@router.post("/slip", response_model=Token, response_model_exclude_none=True)
async def sign_in_by_slip(
    request: SignInWithSlip, http: Request, response: Response, caller: CallerOf, _: Anybody
) -> Token:
    """Sign in with the QR of a slip and the year of birth. With an access token, the record is added to that account.

    404 `slip_over`; 422 `slip_year_wrong` with `tries_left`.
    """
    refuse_cross_site(http)
    access_token = bearer(http) if "authorization" in http.headers else None
    return told(http, response, caller, await slip.sign_in_with_slip(caller, request, access_token))
