"""`/api/setup`: the first visit to an empty installation."""

from typing import Annotated

from fastapi import Request, Response

from arogya.modules.identity.browsers import refuse_cross_site
from arogya.modules.identity.callers import CallerOf
from arogya.modules.identity.routes.auth import told
from arogya.modules.identity.schemas.sign_in import SetUp, SetupState, Token
from arogya.modules.identity.service import arrival
from arogya.platform.access import PUBLIC
from arogya.platform.web import Router

router = Router(prefix="/api/setup", tags=["set-up"])
Anybody = Annotated[None, PUBLIC]


@router.get("", response_model=SetupState)
async def read_setup(caller: CallerOf, _: Anybody) -> SetupState:
    """Whether there is no hospital yet."""
    return SetupState(needed=await arrival.needs_setup(caller))


@router.post("", status_code=201, response_model=Token, response_model_exclude_none=True)
async def set_up(setup: SetUp, request: Request, response: Response, caller: CallerOf, _: Anybody) -> Token:
    """Create the first hospital and its administrator, who is signed in.

    403 `wrong_setup_code`; 409 `already_set_up`; 422 `weak_password`.
    """
    refuse_cross_site(request)
    code = request.app.state.authenticator.setup_code
    return told(request, response, caller, await arrival.set_up(caller, code, setup))
