"""The rooms of a branch: who keeps them, and what there can be only one of."""

from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx2
import pytest

from tests.world import World

Client = httpx2.AsyncClient


def body(world: World, **told: Any) -> dict[str, Any]:
    return {"facility_id": str(world.a.main), "name": "X-ray", "floor": "ground floor", "note": "behind", **told}


async def created(client: Client, world: World, **told: Any) -> dict[str, Any]:
    made = await client.post("/api/rooms", json=body(world, **told), headers=world.a.as_("hospital_admin"))
    assert made.status_code == 201, made.text
    return dict(made.json())


async def test_life_of_a_room(client: Client, world: World, owner: asyncpg.Connection) -> None:
    made = await created(client, world)
    url, headers = f"/api/rooms/{made['id']}", world.a.as_("hospital_admin")
    assert made.items() >= body(world).items()
    read = await client.get(url, headers=world.a.as_("patient"))
    assert (read.json(), read.headers["ETag"]) == (made, '"1"')
    changed = await client.patch(url, json={"name": "X-ray 1", "note": None}, headers={**headers, "If-Match": '"1"'})
    assert (changed.status_code, changed.json()["name"], changed.json()["note"]) == (200, "X-ray 1", None)
    late = await client.patch(url, json={"name": "X-ray 2"}, headers={**headers, "If-Match": '"1"'})
    assert (late.status_code, late.json()["code"]) == (412, "changed_meanwhile")

    async def listed(query: str) -> bool:
        items = (await client.get(f"/api/rooms{query}", headers=headers)).json()["items"]
        return made["id"] in {one["id"] for one in items}

    assert await listed(f"?facility_id={world.a.main}")
    assert not await listed(f"?facility_id={world.a.branch}")
    assert (await client.delete(url, headers=headers)).status_code == 204
    assert [await listed(q) for q in ("", "?is_active=false", "?all=true")] == [False, True, True]
    assert (await client.post(f"{url}/reactivate", headers=headers)).json()["is_active"]
    trail = await owner.fetch(
        "SELECT action FROM audit_entries WHERE entity_ids = ARRAY[$1::uuid] ORDER BY at, id", UUID(made["id"])
    )
    assert [row["action"] for row in trail] == ["create", "update", "deactivate", "reactivate"]


async def test_sent_twice_with_one_key_it_is_there_once(client: Client, world: World) -> None:
    headers = world.a.as_("hospital_admin", key="one-click")
    first, second = [await client.post("/api/rooms", json=body(world), headers=headers) for _ in range(2)]
    assert second.json() == first.json()


async def test_name_is_taken_once_in_a_branch_however_it_is_written(client: Client, world: World) -> None:
    await created(client, world)
    headers = world.a.as_("hospital_admin")
    taken = await client.post("/api/rooms", json=body(world, name="X-RAY"), headers=headers)
    assert (taken.status_code, taken.json()["code"]) == (409, "name_taken")
    elsewhere = await created(client, world, facility_id=str(world.a.branch))
    assert elsewhere["name"] == "X-ray"


@pytest.mark.parametrize("who", ["receptionist", "doctor", "nurse", "patient"])
async def test_only_administrators_change_them(client: Client, world: World, who: str) -> None:
    url, headers = f"/api/rooms/{(await created(client, world))['id']}", world.a.as_(who)
    answers = [
        await client.post("/api/rooms", json=body(world, name="Mine"), headers=headers),
        await client.patch(url, json={"name": "Mine"}, headers=headers),
        await client.delete(url, headers=headers),
        await client.post(f"{url}/reactivate", headers=headers),
    ]
    assert [answer.status_code for answer in answers] == [403] * 4


async def test_another_hospital_knows_nothing_of_them(client: Client, world: World) -> None:
    url, headers = f"/api/rooms/{(await created(client, world))['id']}", world.b.as_("hospital_admin")
    answers = [
        await client.get(url, headers=headers),
        await client.patch(url, json={"name": "Mine"}, headers=headers),
        await client.delete(url, headers=headers),
        await client.post(f"{url}/reactivate", headers=headers),
        await client.post("/api/rooms", json=body(world), headers=headers),
    ]
    assert [answer.status_code for answer in answers] == [404] * 5
    assert (await client.get("/api/rooms?all=true", headers=headers)).json()["items"] == []


async def test_administrator_of_one_branch_keeps_its_rooms_alone(
    client: Client, world: World, owner: asyncpg.Connection
) -> None:
    theirs, others = await created(client, world, facility_id=str(world.a.branch)), await created(client, world)
    who = "branch_receptionist"
    await owner.execute("UPDATE memberships SET role = 'hospital_admin' WHERE user_id = $1", world.a.users[who])
    headers = world.a.as_(who)
    assert (await client.patch(f"/api/rooms/{theirs['id']}", json={"name": "1"}, headers=headers)).status_code == 200
    for method, url, told in [
        ("POST", "/api/rooms", body(world, name="Mine")),
        ("PATCH", f"/api/rooms/{others['id']}", {"name": "Mine"}),
        ("DELETE", f"/api/rooms/{others['id']}", None),
        ("POST", f"/api/rooms/{others['id']}/reactivate", None),
    ]:
        assert (await client.request(method, url, json=told, headers=headers)).status_code == 403, (method, url)


async def test_stranger_sees_none(client: Client, world: World) -> None:
    made = await created(client, world)
    assert (await client.get("/api/rooms")).status_code == 401
    assert (await client.get(f"/api/rooms/{made['id']}")).status_code == 401


@pytest.mark.parametrize(
    "told", [{"name": ""}, {"name": "x" * 61}, {"name": None}, {"is_active": False}, {"name": "a\nb"}], ids=str
)
async def test_room_that_makes_no_sense_is_refused(client: Client, world: World, told: dict[str, Any]) -> None:
    url, headers = f"/api/rooms/{(await created(client, world))['id']}", world.a.as_("hospital_admin")
    assert (await client.post("/api/rooms", json=body(world, **told), headers=headers)).status_code == 422
    assert (await client.patch(url, json=told, headers=headers)).status_code == 422


async def test_room_needs_a_branch_that_is_open(client: Client, world: World) -> None:
    headers = world.a.as_("hospital_admin")
    assert (await client.delete(f"/api/facilities/{world.a.branch}", headers=headers)).status_code == 204
    closed = await client.post("/api/rooms", json=body(world, facility_id=str(world.a.branch)), headers=headers)
    nowhere = await client.post("/api/rooms", json=body(world, facility_id=str(uuid4())), headers=headers)
    assert (closed.status_code, nowhere.status_code) == (422, 404)


async def test_rooms_stand_as_their_numbers_go(client: Client, world: World) -> None:
    for name in ("10", "X-ray", "2", "2B", "9"):
        await created(client, world, name=name)
    listed = await client.get("/api/rooms", headers=world.a.as_("nurse"))
    assert [one["name"] for one in listed.json()["items"]] == ["2", "2B", "9", "10", "X-ray"]
