"""`/api/counter`: this computer as a shared counter; `/api/counters`: all of them; `/api/me/pin`: one's PIN there."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from arogya.modules.identity.browsers import keep_counter_cookie, refuse_cross_site, session_cookie
from arogya.modules.identity.callers import CallerOf
from arogya.modules.identity.models import SharedCounter
from arogya.modules.identity.routes.auth import Anybody, Own, OwnBeforeHashing, told
from arogya.modules.identity.schemas.counters import (
    ChangeCounter,
    CounterRead,
    MyPin,
    PinSignIn,
    SetPin,
    ShareCounter,
    ThisComputer,
)
from arogya.modules.identity.schemas.sign_in import Token
from arogya.modules.identity.service import counter_switch, counters, pin, sessions
from arogya.platform.access import Context, requires
from arogya.platform.etags import IfMatch, show_version
from arogya.platform.idempotency import REPEATABLE, once
from arogya.platform.paging import Page, PageOf, page
from arogya.platform.web import Router
from arogya.policy import Permission

router = Router(prefix="/api", tags=["counters"])
Sharer = Annotated[Context, requires(Permission.COUNTER_SHARE)]
Manager = Annotated[Context, requires(Permission.USER_MANAGE)]


@router.get("/counter", response_model=ThisComputer)
async def read_this_computer(caller: CallerOf, _: Anybody) -> ThisComputer:
    """Whether this browser is a shared counter, and who may change by PIN there."""
    return await counter_switch.this_computer(caller)


@router.post("/counter/sign-in", response_model=Token, response_model_exclude_none=True)
async def take_over_by_pin(
    taking: PinSignIn, request: Request, response: Response, caller: CallerOf, _: Anybody
) -> Token:
    """Take the counter over by PIN; whoever was in is signed out.

    401 `wrong_pin`; 403 `pin_locked` (five were wrong: sign in with the password), `not_a_counter`;
    429 `too_many_requests` with `retry_after_s`.
    """
    refuse_cross_site(request)
    signed_in = await counter_switch.take_over(caller, taking)
    await sessions.sign_out(caller, None, session_cookie(request))
    return told(request, response, caller, signed_in)


@router.post("/counter/leave", status_code=204)
async def leave_counter(caller: CallerOf, ctx: Own) -> None:
    """Leave the list of people of this counter: one's PIN is good there again after one's password."""
    await counters.leave(ctx, caller)


@router.get("/counters", response_model=Page[CounterRead])
async def list_counters(
    ctx: Manager,
    paging: PageOf,
    is_active: Annotated[bool | None, Query(description="Left out: the active ones.")] = None,
) -> Response:
    return await page(ctx, counters.counters(ctx, is_active is not False), paging, CounterRead)


@router.post("/counters", status_code=201, response_model=CounterRead, openapi_extra=REPEATABLE)
async def share_computer(
    wanted: ShareCounter, request: Request, response: Response, caller: CallerOf, ctx: Sharer
) -> SharedCounter:
    """Make this browser a shared counter; it keeps a cookie. 403 `password_first`, 409 `already_shared`."""
    refuse_cross_site(request)
    counter = await once(ctx, lambda: counters.share(ctx, caller, wanted), lambda id_: counters.shared_before(ctx, id_))
    keep_counter_cookie(request, response, caller.counter_keys.cookie(counter.organization_id, counter.id))
    show_version(response, counter)
    return counter


@router.patch("/counters/{counter_id}", response_model=CounterRead)
async def change_counter(
    counter_id: UUID, request: ChangeCounter, ctx: Manager, response: Response, if_match: IfMatch = None
) -> SharedCounter:
    counter = await counters.change_counter(ctx, counter_id, request, if_match)
    show_version(response, counter)
    return counter


@router.delete("/counters/{counter_id}", status_code=204)
async def end_counter(counter_id: UUID, ctx: Manager) -> None:
    """The computer is an ordinary one again: nobody changes by PIN there."""
    await counters.set_counter_active(ctx, counter_id, False)


@router.post("/counters/{counter_id}/reactivate", response_model=CounterRead)
async def bring_counter_back(counter_id: UUID, ctx: Manager, response: Response) -> SharedCounter:
    counter = await counters.set_counter_active(ctx, counter_id, True)
    show_version(response, counter)
    return counter


@router.get("/me/pin", response_model=MyPin)
async def read_my_pin(ctx: Own) -> MyPin:
    """Whether one has a PIN for shared counters."""
    return await pin.my_pin(ctx)


@router.put("/me/pin", status_code=204)
async def set_my_pin(request: SetPin, caller: CallerOf, ctx: OwnBeforeHashing) -> None:
    """Choose a PIN of 4 to 6 digits, knowing one's password. 422 `wrong_password`, `weak_pin`."""
    await pin.set_pin(ctx, caller.passwords, caller.throttle, caller.counter_keys, request)


@router.delete("/me/pin", status_code=204)
async def drop_my_pin(ctx: Own) -> None:
    await pin.drop_pin(ctx)
