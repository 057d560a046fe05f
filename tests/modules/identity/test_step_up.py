"""Showing once more that it is oneself: what asks for it, what opens it, and how long it holds."""

from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from typing import Annotated, Any

import httpx2
import pytest
from fastapi import FastAPI

from arogya.modules.identity.api import mint_access_token
from arogya.platform.access import Context, requires
from arogya.platform.clock import FixedClock
from arogya.platform.web import Router, operations
from arogya.policy import Permission, Role
from tests.conftest import KEYS
from tests.factories.identity import PASSWORD, Person, bearer, sign_in
from tests.factories.second_factor import turn_on
from tests.modules.answers import refusal
from tests.modules.identity.conftest import Browser, MakePerson
from tests.world import World

Trail = Callable[[str], Awaitable[list[dict[str, Any]]]]
Lasting = Callable[[httpx2.Response], dict[str, str]]
URL = "/api/auth/step-up"
ASKS = "/api/me/second-factor/recovery-codes"
"""409 where one is through: nobody here has a second factor."""
SIGNS = "/api/test/sign"


@pytest.fixture(autouse=True)
def _signing(app: FastAPI) -> Iterator[None]:
    """An operation that is done sixty times a day, as signing prescriptions will be."""
    before, router = list(app.router.routes), Router()

    @router.post(SIGNS, status_code=204, include_in_schema=False)
    async def sign(ctx: Annotated[Context, requires(Permission.ACCOUNT_OWN, step_up="window")]) -> None: ...

    app.include_router(router)
    app.router.routes.insert(0, app.router.routes.pop())  # before the rest of /api, which answers 404
    yield
    app.router.routes[:] = before


@pytest.fixture
def lasting(app: FastAPI, clock: FixedClock) -> Callable[[httpx2.Response], dict[str, str]]:
    """The headers of who was signed in, for a week: these tests let more time pass than an access token lasts."""

    def of(answer: httpx2.Response) -> dict[str, str]:
        claims = app.state.authenticator.read(answer.json()["access_token"])
        return {"Authorization": f"Bearer {mint_access_token(KEYS, claims, clock.now(), timedelta(days=7))}"}

    return of


@pytest.fixture
async def unproved(client: httpx2.AsyncClient, asha: Person, clock: FixedClock, lasting: Lasting) -> dict[str, str]:
    """Asha signed in six minutes ago."""
    headers = lasting(await sign_in(client, "asha"))
    clock.advance(timedelta(minutes=6))
    return headers


async def test_signing_in_is_proof_for_five_minutes(
    client: httpx2.AsyncClient, asha: Person, clock: FixedClock
) -> None:
    headers = bearer(await sign_in(client, "asha"))
    clock.advance(timedelta(minutes=4, seconds=59))
    assert refusal(await client.post(ASKS, headers=headers)) == (409, "second_factor_off")
    clock.advance(timedelta(seconds=1))
    assert refusal(await client.post(ASKS, headers=headers)) == (403, "step_up_needed")


async def test_password_opens_what_was_refused_at_once_and_is_in_the_trail(
    client: httpx2.AsyncClient, unproved: dict[str, str], clock: FixedClock, trail: Trail
) -> None:
    assert refusal(await client.post(ASKS, headers=unproved)) == (403, "step_up_needed")
    proved = await client.post(URL, json={"password": PASSWORD}, headers=unproved)
    assert proved.status_code == 200
    assert proved.json() == {"proved_until": "2026-11-23T04:41:00Z", "window_until": None}
    assert refusal(await client.post(ASKS, headers=unproved)) == (409, "second_factor_off")
    assert [row["entity"] for row in await trail("execute")] == ["step_up"]
    clock.advance(timedelta(minutes=5))
    assert refusal(await client.post(ASKS, headers=unproved)) == (403, "step_up_needed")


async def test_wrong_password_opens_nothing_and_waits_longer_and_longer(
    client: httpx2.AsyncClient, unproved: dict[str, str], trail: Trail
) -> None:
    for _ in range(5):
        refused = await client.post(URL, json={"password": "wrong password"}, headers=unproved)
        assert refusal(refused) == (422, "wrong_password")
    waiting = await client.post(URL, json={"password": PASSWORD}, headers=unproved)
    assert refusal(waiting) == (429, "too_many_requests")
    assert refusal(await client.post(ASKS, headers=unproved)) == (403, "step_up_needed")
    assert sum("wrong_password" in row["details"] for row in await trail("denied")) == 5


async def test_code_opens_it_too_and_only_once(client: httpx2.AsyncClient, asha: Person, clock: FixedClock) -> None:
    headers = bearer(await sign_in(client, "asha"))
    app = await turn_on(client, headers, clock.now())
    clock.advance(timedelta(minutes=6))
    body = {"code": app.code(clock.now())}
    assert (await client.post(URL, json=body, headers=headers)).status_code == 200
    assert (await client.post(ASKS, headers=headers)).status_code == 200
    assert refusal(await client.post(URL, json=body, headers=headers)) == (422, "wrong_code")


@pytest.mark.parametrize("body", [{}, {"password": PASSWORD, "code": "000000"}, {"code": "1"}], ids=str)
async def test_exactly_one_proof_is_taken(
    client: httpx2.AsyncClient, unproved: dict[str, str], body: dict[str, str]
) -> None:
    assert refusal(await client.post(URL, json=body, headers=unproved)) == (422, "invalid")


async def test_who_has_no_second_factor_proves_nothing_by_a_code(
    client: httpx2.AsyncClient, unproved: dict[str, str]
) -> None:
    assert refusal(await client.post(URL, json={"code": "000000"}, headers=unproved)) == (422, "wrong_code")


async def test_proof_is_the_sessions_alone(
    client: httpx2.AsyncClient,
    another_browser: Browser,
    unproved: dict[str, str],
    clock: FixedClock,
    lasting: Lasting,
) -> None:
    elsewhere = await another_browser()
    other = lasting(await sign_in(elsewhere, "asha"))
    clock.advance(timedelta(minutes=6))
    await elsewhere.post(URL, json={"password": PASSWORD}, headers=other)
    assert refusal(await client.post(ASKS, headers=unproved)) == (403, "step_up_needed")


async def test_stranger_proves_nothing(client: httpx2.AsyncClient, asha: Person) -> None:
    assert (await client.post(URL, json={"password": PASSWORD})).status_code == 401


async def test_what_asks_for_it(app: FastAPI) -> None:
    """A list, so that taking it from one of these is a decision."""
    asking = {name for name, _, rule in operations(app) if rule and rule.step_up == "fresh"}
    assert asking == {
        "POST /api/me/email",
        "POST /api/me/second-factor",
        "POST /api/me/second-factor/recovery-codes",
        "DELETE /api/me/second-factor",
        "POST /api/users/{user_id}/reset-second-factor",
        "PUT /api/sign-in-rules",
    }


# The window


async def test_one_step_up_opens_the_devices_window_for_as_long_as_the_hospital_says(
    client: httpx2.AsyncClient, unproved: dict[str, str], clock: FixedClock
) -> None:
    assert refusal(await client.post(SIGNS, headers=unproved)) == (403, "step_up_needed")
    opened = await client.post(URL, json={"password": PASSWORD, "open_window": True}, headers=unproved)
    assert opened.json()["window_until"] == "2026-11-23T05:36:00Z"
    clock.advance(timedelta(minutes=59))
    assert (await client.post(SIGNS, headers=unproved)).status_code == 204
    # What deserves a fresh proof is not opened by it.
    assert refusal(await client.post(ASKS, headers=unproved)) == (403, "step_up_needed")
    clock.advance(timedelta(minutes=1))
    assert refusal(await client.post(SIGNS, headers=unproved)) == (403, "step_up_needed")


async def test_step_up_that_asks_for_no_window_opens_none(
    client: httpx2.AsyncClient, unproved: dict[str, str], clock: FixedClock
) -> None:
    await client.post(URL, json={"password": PASSWORD}, headers=unproved)
    assert (await client.post(SIGNS, headers=unproved)).status_code == 204
    clock.advance(timedelta(minutes=5))
    assert refusal(await client.post(SIGNS, headers=unproved)) == (403, "step_up_needed")


async def test_window_is_the_devices_alone(
    client: httpx2.AsyncClient, another_browser: Browser, unproved: dict[str, str], clock: FixedClock
) -> None:
    """A session that was carried to another computer leaves the window behind."""
    await client.post(URL, json={"password": PASSWORD, "open_window": True}, headers=unproved)
    clock.advance(timedelta(minutes=6))
    thief = await another_browser()
    assert refusal(await thief.post(SIGNS, headers=unproved)) == (403, "step_up_needed")
    assert (await client.post(SIGNS, headers=unproved)).status_code == 204
    # Nor does the thief open one of their own there, by a password that they know.
    await thief.post(URL, json={"password": PASSWORD, "open_window": True}, headers=unproved)
    clock.advance(timedelta(minutes=6))
    assert refusal(await thief.post(SIGNS, headers=unproved)) == (403, "step_up_needed")


async def test_signing_out_ends_the_window(
    client: httpx2.AsyncClient, unproved: dict[str, str], clock: FixedClock
) -> None:
    await client.post(URL, json={"password": PASSWORD, "open_window": True}, headers=unproved)
    await client.post("/api/auth/logout", headers=unproved)
    clock.advance(timedelta(seconds=1))
    assert (await client.post(SIGNS, headers=unproved)).status_code == 401
    again = bearer(await sign_in(client, "asha"))
    clock.advance(timedelta(minutes=6))
    assert refusal(await client.post(SIGNS, headers=again)) == (403, "step_up_needed")


async def test_hospital_sets_how_long_and_may_have_none(
    client: httpx2.AsyncClient, person: MakePerson, clock: FixedClock
) -> None:
    await person(username="meera", roles=[Role.HOSPITAL_ADMIN])
    headers = bearer(await sign_in(client, "meera"))
    prove = {"password": PASSWORD, "open_window": True}
    await client.put("/api/sign-in-rules", json={"window_minutes": 15}, headers=headers)
    assert (await client.post(URL, json=prove, headers=headers)).json()["window_until"] == "2026-11-23T04:45:00Z"
    refused = await client.put("/api/sign-in-rules", json={"window_minutes": 721}, headers=headers)
    assert refusal(refused) == (422, "invalid")
    await client.put("/api/sign-in-rules", json={"window_minutes": 0}, headers=headers)
    assert (await client.post(URL, json=prove, headers=headers)).json()["window_until"] is None
    clock.advance(timedelta(minutes=6))
    assert refusal(await client.post(SIGNS, headers=headers)) == (403, "step_up_needed")


async def test_going_on_in_another_hospital_closes_it(
    client: httpx2.AsyncClient, unproved: dict[str, str], asha: Person, add_role: Any, world: World, clock: FixedClock
) -> None:
    await add_role(asha, world.b, Role.DOCTOR)
    await client.post(URL, json={"password": PASSWORD, "open_window": True}, headers=unproved)
    clock.advance(timedelta(minutes=6))
    there = {"organization_id": str(world.b.organization_id)}
    switched = bearer(await client.post("/api/auth/switch", json=there, headers=unproved))
    assert refusal(await client.post(SIGNS, headers=switched)) == (403, "step_up_needed")
