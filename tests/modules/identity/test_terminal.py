"""What the operator does at the terminal."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from arogya.modules.identity.api import SignInNameTaken, make_super_admin, reset_any_password
from arogya.platform.clock import FixedClock
from arogya.platform.database import Database
from arogya.platform.errors import NotFound
from tests.factories.identity import PASSWORD, Person, bearer, sign_in
from tests.factories.second_factor import turn_on
from tests.world import World

Trail = Callable[[str], Awaitable[list[dict[str, Any]]]]


async def test_first_super_admin_comes_from_the_terminal(
    client: httpx2.AsyncClient, world: World, database: Database, clock: FixedClock, trail: Trail
) -> None:
    word = await make_super_admin(database, username="operator", name="Operator", now=clock.now())
    assert (await sign_in(client, "operator", word)).json()["code"] == "password_change_required"
    me = await client.get("/api/me", headers=bearer(await sign_in(client, "operator", word, new_password=PASSWORD)))
    assert me.json()["permissions"] == ["account.own", "tenant.manage"]
    [row] = await trail("create")
    assert (row["kept"], row["entity"]) == ("platform", "user")
    with pytest.raises(SignInNameTaken):
        await make_super_admin(database, username="ta-nurse", name="Operator", now=clock.now())


async def test_only_administrator_who_forgot_the_password_gets_another(
    client: httpx2.AsyncClient, asha: Person, database: Database, clock: FixedClock, trail: Trail
) -> None:
    before = await sign_in(client, "asha")
    word = await reset_any_password(database, typed="Asha", now=clock.now())
    clock.advance(timedelta(seconds=1))
    assert (await client.get("/api/me", headers=bearer(before))).status_code == 401
    assert (await sign_in(client, "asha", word, new_password="winter umbrella")).status_code == 200
    [row] = await trail("update")
    assert (row["kept"], row["entity"], row["entity_ids"]) == ("platform", "password", [asha.user_id])
    with pytest.raises(NotFound):
        await reset_any_password(database, typed="nobody", now=clock.now())


async def test_only_administrator_who_lost_the_phone_comes_back_in(
    client: httpx2.AsyncClient, asha: Person, database: Database, clock: FixedClock, trail: Trail
) -> None:
    await turn_on(client, bearer(await sign_in(client, "asha")), clock.now())
    fresh = {"new_password": "winter umbrella"}
    word = await reset_any_password(database, typed="asha", now=clock.now())
    assert (await sign_in(client, "asha", word, **fresh)).json()["code"] == "second_factor_needed"
    word = await reset_any_password(database, typed="asha", now=clock.now(), lost_phone=True)
    assert (await sign_in(client, "asha", word, **fresh)).status_code == 200
    [row] = await trail("deactivate")
    assert (row["kept"], row["entity"], row["entity_ids"]) == ("platform", "second_factor", [asha.user_id])
