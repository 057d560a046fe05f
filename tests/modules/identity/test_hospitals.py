"""What the platform's administrators do: create hospitals, suspend them, and see into none."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import httpx2
import pytest

from arogya.platform.clock import FixedClock
from tests.factories.identity import PASSWORD, Person, bearer, sign_in
from tests.world import World

Trail = Callable[[str], Awaitable[list[dict[str, Any]]]]


def a_hospital(**told: Any) -> dict[str, Any]:
    return {
        "name": "Neem Hospital", "code": "NH", "facility_name": "Neem Hospital, Pune", "time_zone": "Asia/Kolkata",
        "language": "hi", "admin_name": "Meera Kulkarni", "admin_username": "meera", **told,
    }  # fmt: skip


async def test_new_hospital_opens_with_its_administrator(
    client: httpx2.AsyncClient, world: World, trail: Trail
) -> None:
    answer = await client.post("/api/hospitals", json=a_hospital(), headers=world.as_super_admin())
    assert answer.status_code == 201
    made = answer.json()
    assert (made["name"], made["code"], made["status"], made["facilities_count"]) == (
        "Neem Hospital", "NH", "active", 1,
    )  # fmt: skip
    signed_in = await sign_in(client, "meera", made["one_time_password"], new_password=PASSWORD)
    me = (await client.get("/api/me", headers=bearer(signed_in))).json()
    assert (me["organization"]["id"], me["roles"]) == (made["id"], ["hospital_admin"])
    assert [one["name"] for one in me["facilities"]] == ["Neem Hospital, Pune"]
    [row] = await trail("create")
    assert (row["kept"], row["user_id"]) == ("platform", world.super_admin)
    assert made["one_time_password"] not in str(row)


async def test_hospitals_are_listed_with_their_facilities(client: httpx2.AsyncClient, world: World) -> None:
    headers = world.as_super_admin()
    page = (await client.get("/api/hospitals", headers=headers)).json()
    assert [(one["code"], one["status"], one["facilities_count"]) for one in page["items"]] == [
        ("TA", "active", 2), ("TB", "active", 2),
    ]  # fmt: skip
    for search, codes in [("tb", ["TB"]), ("hospital a", ["TA"]), ("%", []), ("zz", [])]:
        found = (await client.get("/api/hospitals", params={"search": search}, headers=headers)).json()
        assert [one["code"] for one in found["items"]] == codes, search


@pytest.mark.parametrize(
    ("told", "status", "code"),
    [
        ({"code": "TA"}, 409, "code_taken"),
        ({"admin_username": "ta-nurse"}, 409, "username_taken"),
        ({"code": "neem"}, 422, "invalid"),
        ({"time_zone": "Asia/Atlantis"}, 422, "invalid"),
        ({"name": ""}, 422, "invalid"),
    ],
)
async def test_what_may_not_be_makes_no_hospital(
    client: httpx2.AsyncClient,
    world: World,
    owner: asyncpg.Connection,
    told: dict[str, Any],
    status: int,
    code: str,
) -> None:
    refused = await client.post("/api/hospitals", json=a_hospital(**told), headers=world.as_super_admin())
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert await owner.fetchval("SELECT count(*) FROM organizations") == 2
    assert await owner.fetchval("SELECT count(*) FROM login_identifiers WHERE value = 'meera'") == 0


@pytest.mark.parametrize("who", ["hospital_admin", "privacy_officer", "doctor", "patient"])
async def test_nobody_of_a_hospital_manages_hospitals(client: httpx2.AsyncClient, world: World, who: str) -> None:
    headers, other = world.a.as_(who), f"/api/hospitals/{world.b.organization_id}"
    answers = [
        await client.get("/api/hospitals", headers=headers),
        await client.post("/api/hospitals", json=a_hospital(), headers=headers),
        await client.post(f"{other}/suspend", headers=headers),
        await client.post(f"{other}/resume", headers=headers),
    ]
    assert [answer.status_code for answer in answers] == [403] * 4


async def test_super_admin_sees_into_no_hospital(client: httpx2.AsyncClient, world: World) -> None:
    headers = world.as_super_admin()
    for url in ("/api/patients", "/api/users", "/api/facilities", "/api/audit", "/api/appointments", "/api/stats"):
        assert (await client.get(url, headers=headers)).status_code == 403, url
    entry = {"organization_id": str(world.a.organization_id)}
    assert (await client.post("/api/auth/switch", json=entry, headers=headers)).status_code == 403


async def test_suspended_hospitals_sessions_end_within_a_second(
    client: httpx2.AsyncClient, world: World, clock: FixedClock, asha: Person, trail: Trail
) -> None:
    signed_in = await sign_in(client, "asha")
    assert (await client.get("/api/me", headers=bearer(signed_in))).status_code == 200
    url = f"/api/hospitals/{world.a.organization_id}"
    suspended = await client.post(f"{url}/suspend", headers=world.as_super_admin())
    assert (suspended.status_code, suspended.json()["status"]) == (200, "suspended")
    clock.advance(timedelta(seconds=0.9))
    assert (await client.get("/api/me", headers=bearer(signed_in))).status_code == 401
    assert (await client.get("/api/facilities", headers=world.a.as_("doctor"))).status_code == 401
    assert (await client.post("/api/auth/refresh")).json()["code"] == "session_ended"
    assert (await client.get("/api/facilities", headers=world.b.as_("doctor"))).status_code == 200
    assert (await client.post(f"{url}/suspend", headers=world.as_super_admin())).status_code == 200
    assert [row["kept"] for row in await trail("deactivate")] == ["platform"]
    resumed = await client.post(f"{url}/resume", headers=world.as_super_admin())
    assert resumed.json()["status"] == "active"
    assert (await sign_in(client, "asha")).status_code == 200
    assert (await client.get("/api/me", headers=bearer(signed_in))).status_code == 401  # what was ended stays ended


async def test_token_for_a_suspended_hospital_is_worth_nothing_though_its_session_is_elsewhere(
    client: httpx2.AsyncClient, world: World, clock: FixedClock, asha: Person, add_role: Any
) -> None:
    from arogya.policy import Role

    await add_role(asha, world.b, Role.DOCTOR)
    here = await sign_in(client, "asha", organization_id=str(world.a.organization_id))
    entry = {"organization_id": str(world.b.organization_id)}
    there = await client.post("/api/auth/switch", json=entry, headers=bearer(here))
    await client.post(f"/api/hospitals/{world.a.organization_id}/suspend", headers=world.as_super_admin())
    clock.advance(timedelta(seconds=1))
    assert (await client.get("/api/me", headers=bearer(here))).status_code == 401
    assert (await client.get("/api/me", headers=bearer(there))).status_code == 200


async def test_hospital_that_is_not_there(client: httpx2.AsyncClient, world: World) -> None:
    for verb in ("suspend", "resume"):
        answer = await client.post(f"/api/hospitals/{uuid4()}/{verb}", headers=world.as_super_admin())
        assert answer.status_code == 404
