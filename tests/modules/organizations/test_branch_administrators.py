"""Who administers one branch changes that branch, and nothing that is every branch's."""

from typing import Any

import asyncpg
import httpx2
import pytest

from tests.factories.organizations import a_facility
from tests.world import World

Headers = dict[str, str]


@pytest.fixture
async def local(world: World, owner: asyncpg.Connection) -> Headers:
    """An administrator of the branch alone."""
    someone = "branch_receptionist"
    await owner.execute("UPDATE memberships SET role = 'hospital_admin' WHERE user_id = $1", world.a.users[someone])
    return world.a.as_(someone)


def everybodys(world: World) -> list[tuple[str, str, dict[str, Any] | None]]:
    main, department = f"/api/facilities/{world.a.main}", f"/api/departments/{world.a.department}"
    return [
        ("PATCH", "/api/organization", {"name": "Mine now"}),
        ("PUT", "/api/booking-rules", {"revisit_days": 3}),
        ("POST", "/api/facilities", a_facility()),
        ("PATCH", main, {"name": "Mine now"}),
        ("DELETE", main, None),
        ("POST", f"{main}/reactivate", None),
        ("POST", "/api/departments", {"name": "Cardiology"}),
        ("PATCH", department, {"name": "Mine now"}),
        ("DELETE", department, None),
        ("POST", f"{department}/reactivate", None),
    ]


async def test_what_is_every_branchs_is_not_theirs(client: httpx2.AsyncClient, world: World, local: Headers) -> None:
    for method, url, body in everybodys(world):
        answer = await client.request(method, url, json=body, headers=local)
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden"), (method, url)


async def test_administrator_of_every_branch_does_all_of_it(client: httpx2.AsyncClient, world: World) -> None:
    """The control: the same requests are good ones."""
    for method, url, body in everybodys(world):
        answer = await client.request(method, url, json=body, headers=world.a.as_("hospital_admin"))
        assert answer.status_code in {200, 201, 204}, (method, url, answer.text)


async def test_their_own_branch_is(client: httpx2.AsyncClient, world: World, local: Headers) -> None:
    own = f"/api/facilities/{world.a.branch}"
    assert (await client.patch(own, json={"city": "Nagpur"}, headers=local)).json()["city"] == "Nagpur"
    assert (await client.delete(own, headers=local)).status_code == 204
    assert (await client.post(f"{own}/reactivate", headers=local)).json()["is_active"]


async def test_a_refusal_is_on_record_with_what_it_was_about(
    client: httpx2.AsyncClient, world: World, local: Headers, owner: asyncpg.Connection
) -> None:
    await client.patch(f"/api/facilities/{world.a.main}", json={"name": "Mine now"}, headers=local)
    row = await owner.fetchrow("SELECT outcome, entity_ids FROM audit_entries WHERE outcome = 'denied'")
    assert row["entity_ids"] == [world.a.main]
