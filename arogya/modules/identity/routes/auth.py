"""`/api/auth`: signing in and staying signed in."""

from typing import Annotated
from uuid import UUID

from fastapi import Request, Response

from arogya.modules.identity.browsers import (
    drop_session_cookie,
    keep_device_cookie,
    keep_session_cookie,
    refuse_cross_site,
    session_cookie,
)
from arogya.modules.identity.callers import Caller, CallerOf
from arogya.modules.identity.schemas.devices import DeviceToken, SignInDevice
from arogya.modules.identity.schemas.sign_in import (
    ChangePassword,
    OpenHospital,
    OpenHospitals,
    RefreshSession,
    SelfRegistration,
    SessionList,
    SignIn,
    SwitchOrganization,
    Token,
)
from arogya.modules.identity.service import arrival, devices, password, sessions
from arogya.modules.identity.service.sign_in import SignedIn, sign_in
from arogya.modules.identity.tokens import ACCESS_FOR
from arogya.modules.organizations.api import hospitals_open_to_registration
from arogya.platform.access import PUBLIC, Context, bearer, requires
from arogya.platform.errors import Unauthenticated
from arogya.platform.web import Router
from arogya.policy import Permission

router = Router(prefix="/api/auth", tags=["sign-in"])
Anybody = Annotated[None, PUBLIC]
Own = Annotated[Context, requires(Permission.ACCOUNT_OWN)]
OwnBeforeHashing = Annotated[Context, requires(Permission.ACCOUNT_OWN, transaction=False)]
_NOTHING = RefreshSession()


def told(request: Request, response: Response, caller: Caller, signed_in: SignedIn) -> Token:
    """The tokens in the form that the client can keep: a browser's refresh token only in a cookie."""
    in_cookie = signed_in.client == "browser"
    if in_cookie and signed_in.refresh_token is not None:
        keep_session_cookie(request, response, signed_in.refresh_token, signed_in.lasts_s)
        keep_device_cookie(request, response, caller.device)
    return Token(
        access_token=signed_in.access_token,
        expires_in=int(ACCESS_FOR.total_seconds()),
        refresh_token=None if in_cookie else signed_in.refresh_token,
    )


@router.post("/login", response_model=Token, response_model_exclude_none=True)
async def login(credentials: SignIn, request: Request, response: Response, caller: CallerOf, _: Anybody) -> Token:
    """Sign in with a password.

    401 `wrong_credentials`; 403 `password_change_required` (send it again with `new_password`),
    `second_factor_needed` (send it again with `code`) or `hospital_suspended`; 422 `wrong_code`;
    429 `too_many_requests` with `retry_after_s`.
    """
    refuse_cross_site(request)
    return told(request, response, caller, await sign_in(caller, credentials))


@router.post("/refresh", response_model=Token, response_model_exclude_none=True)
async def refresh_session(
    request: Request, response: Response, caller: CallerOf, _: Anybody, body: RefreshSession = _NOTHING
) -> Token:
    """A new access token for the refresh token, which is exchanged too. 401 `session_ended`."""
    refuse_cross_site(request)
    signed_in = await sessions.refresh(caller, body.refresh_token or session_cookie(request))
    return told(request, response, caller, signed_in)


@router.post("/logout", status_code=204)
async def logout(
    request: Request, response: Response, caller: CallerOf, _: Anybody, body: RefreshSession = _NOTHING
) -> None:
    """End the session of the access token, of the cookie or of `refresh_token`; 204 also where there is none."""
    refuse_cross_site(request)
    try:
        access_token = bearer(request)
    except Unauthenticated:
        access_token = None
    await sessions.sign_out(caller, access_token, body.refresh_token or session_cookie(request))
    drop_session_cookie(request, response)


@router.post("/switch", response_model=Token, response_model_exclude_none=True)
async def switch_organization(
    target: SwitchOrganization, request: Request, response: Response, caller: CallerOf, ctx: Own
) -> Token:
    """Go on in another hospital where one has a role. 403 `not_a_member`, `hospital_suspended`."""
    return told(request, response, caller, await sessions.switch(ctx, caller.tokens, target.organization_id))


@router.post("/register", status_code=201, response_model=Token, response_model_exclude_none=True)
async def register(
    registration: SelfRegistration, request: Request, response: Response, caller: CallerOf, _: Anybody
) -> Token:
    """A patient registers themselves and is signed in. 409 `username_taken`, 422 `weak_password`, `not_open`."""
    refuse_cross_site(request)
    return told(request, response, caller, await arrival.register(caller, registration))


@router.get("/hospitals", response_model=OpenHospitals)
async def list_open_hospitals(caller: CallerOf, _: Anybody) -> OpenHospitals:
    """Where patients may register themselves."""
    async with caller.database.transaction() as session:
        found = await hospitals_open_to_registration(session)
    return OpenHospitals(items=[OpenHospital.model_validate(one) for one in found])


@router.get("/sessions", response_model=SessionList)
async def list_my_sessions(ctx: Own) -> SessionList:
    """The devices on which one is signed in."""
    return SessionList(items=await sessions.my_sessions(ctx))


@router.delete("/sessions/{session_id}", status_code=204)
async def end_my_session(session_id: UUID, ctx: Own) -> None:
    """Sign a device out: its requests and open screens end within a second."""
    await sessions.end_my_session(ctx, session_id)


@router.post("/password", status_code=204)
async def change_my_password(change: ChangePassword, caller: CallerOf, ctx: OwnBeforeHashing) -> None:
    """Choose another password; all other sessions end. 422 `wrong_password`, `weak_password`."""
    await password.change_password(ctx, caller.passwords, caller.throttle, change)


@router.post("/device", response_model=DeviceToken)
async def sign_in_device(link: SignInDevice, caller: CallerOf, _: Anybody) -> DeviceToken:
    """An access token for a waiting-room display, for the token of its link. 401 `unknown_link`."""
    return await devices.sign_in_device(caller, link)
