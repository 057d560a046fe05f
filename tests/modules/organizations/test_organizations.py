"""A hospital, its branches and departments."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx2
import pytest

from arogya.modules.organizations import api as organizations
from arogya.platform.database import Database
from arogya.platform.errors import NotFound
from tests.factories.organizations import a_facility, make_hospital
from tests.world import World

KINDS: dict[str, dict[str, Any]] = {
    "facilities": a_facility(),
    "departments": {"name": "Cardiology", "name_hi": "हृदय रोग"},
}


async def created(client: httpx2.AsyncClient, world: World, kind: str, **told: Any) -> dict[str, Any]:
    answer = await client.post(f"/api/{kind}", json={**KINDS[kind], **told}, headers=world.a.as_("hospital_admin"))
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def existing(world: World, kind: str) -> str:
    return f"/api/{kind}/{world.a.branch if kind == 'facilities' else world.a.department}"


# The hospital


async def test_hospital_reads_and_changes_itself(client: httpx2.AsyncClient, world: World) -> None:
    headers = world.a.as_("hospital_admin")
    told = (await client.get("/api/organization", headers=world.a.as_("patient"))).json()
    assert (told["name"], told["code"], told["is_open_to_registration"]) == ("Hospital A of the tests", "TA", True)
    body = {"name": "Hospital A, renamed", "language": "hi", "is_open_to_registration": False}
    changed = await client.patch("/api/organization", json=body, headers=headers)
    assert changed.status_code == 200
    assert {name: changed.json()[name] for name in body} == body
    assert (await client.get("/api/organization", headers=world.b.as_("doctor"))).json()["code"] == "TB"


async def test_of_two_who_change_the_hospital_with_one_version_one_is_told(
    client: httpx2.AsyncClient, world: World
) -> None:
    read = await client.get("/api/organization", headers=world.a.as_("hospital_admin"))
    assert read.headers["ETag"] == f'"{read.json()["version"]}"'
    headers = world.a.as_("hospital_admin") | {"If-Match": read.headers["ETag"]}
    answers = await asyncio.gather(
        client.patch("/api/organization", json={"name": "Neem Hospital"}, headers=headers),
        client.patch("/api/organization", json={"language": "hi"}, headers=headers),
    )
    won, lost = sorted(answers, key=lambda answer: answer.status_code)
    assert (won.status_code, lost.status_code, lost.json()["code"]) == (200, 412, "changed_meanwhile")
    again = await client.patch(
        "/api/organization", json={"time_zone": "Asia/Dubai"}, headers=headers | {"If-Match": won.headers["ETag"]}
    )
    assert (again.status_code, again.json()["time_zone"]) == (200, "Asia/Dubai")


@pytest.mark.parametrize(
    "body", [{"name": None}, {"name": ""}, {"code": "ZZ"}, {"status": "suspended"}, {"language": "xx"}], ids=str
)
async def test_hospital_does_not_change_what_it_may_not(
    client: httpx2.AsyncClient, world: World, body: dict[str, Any]
) -> None:
    answer = await client.patch("/api/organization", json=body, headers=world.a.as_("hospital_admin"))
    assert answer.status_code == 422


# Facilities and departments


@pytest.mark.parametrize("kind", KINDS)
async def test_sent_twice_with_one_key_it_is_there_once(client: httpx2.AsyncClient, world: World, kind: str) -> None:
    headers = world.a.as_("hospital_admin", key="one-click")
    first, second = [await client.post(f"/api/{kind}", json=KINDS[kind], headers=headers) for _ in range(2)]
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.json() == first.json()


@pytest.mark.parametrize("kind", KINDS)
async def test_life_of_one(client: httpx2.AsyncClient, world: World, owner: asyncpg.Connection, kind: str) -> None:
    made = await created(client, world, kind)
    url, headers = f"/api/{kind}/{made['id']}", world.a.as_("hospital_admin")
    assert made["is_active"]
    assert made.items() >= KINDS[kind].items()
    read = await client.get(url, headers=world.a.as_("nurse"))
    assert (read.json(), read.headers["ETag"]) == (made, '"1"')

    changed = await client.patch(url, json={"name": "Renamed"}, headers={**headers, "If-Match": '"1"'})
    assert (changed.status_code, changed.json()["name"], changed.headers["ETag"]) == (200, "Renamed", '"2"')
    late = await client.patch(url, json={"name": "Too late"}, headers={**headers, "If-Match": '"1"'})
    assert (late.status_code, late.json()["code"]) == (412, "changed_meanwhile")

    async def listed(query: str) -> bool:
        items = (await client.get(f"/api/{kind}{query}", headers=headers)).json()["items"]
        return made["id"] in {one["id"] for one in items}

    assert [await listed(q) for q in ("", "?is_active=true", "?is_active=false", "?all=true")] == [
        True, True, False, True,
    ]  # fmt: skip
    assert (await client.delete(url, headers=headers)).status_code == 204
    assert (await client.delete(url, headers=headers)).status_code == 204
    assert [await listed(q) for q in ("", "?is_active=true", "?is_active=false", "?all=true")] == [
        False, False, True, True,
    ]  # fmt: skip
    back = await client.post(f"{url}/reactivate", headers=headers)
    assert back.headers["ETag"] == f'"{back.json()["version"]}"'
    assert (back.status_code, back.json()["is_active"]) == (200, True)

    trail = await owner.fetch(
        "SELECT action, user_id FROM audit_entries WHERE entity_ids = ARRAY[$1::uuid] ORDER BY at, id", UUID(made["id"])
    )
    assert [row["action"] for row in trail] == ["create", "update", "deactivate", "reactivate"]
    assert {row["user_id"] for row in trail} == {world.a.users["hospital_admin"]}
    told = await owner.fetch("SELECT topic, payload::text FROM outbox_events WHERE name = 'OrganizationChanged'")
    assert [row["topic"] for row in told] == ["organization"] * 4
    assert all(made["id"] in row["payload"] for row in told)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("who", ["receptionist", "doctor", "privacy_officer", "patient"])
async def test_only_administrators_change_them(client: httpx2.AsyncClient, world: World, kind: str, who: str) -> None:
    url, headers = existing(world, kind), world.a.as_(who)
    answers = [
        await client.post(f"/api/{kind}", json=KINDS[kind], headers=headers),
        await client.patch(url, json={"name": "Mine"}, headers=headers),
        await client.delete(url, headers=headers),
        await client.post(f"{url}/reactivate", headers=headers),
    ]
    assert [answer.status_code for answer in answers] == [403] * 4
    assert (await client.get(url, headers=headers)).status_code == 200


@pytest.mark.parametrize("kind", KINDS)
async def test_another_hospital_knows_nothing_of_them(client: httpx2.AsyncClient, world: World, kind: str) -> None:
    url, headers = existing(world, kind), world.b.as_("hospital_admin")
    answers = [
        await client.get(url, headers=headers),
        await client.patch(url, json={"name": "Mine"}, headers=headers),
        await client.delete(url, headers=headers),
        await client.post(f"{url}/reactivate", headers=headers),
    ]
    assert [answer.status_code for answer in answers] == [404] * 4
    items = (await client.get(f"/api/{kind}?all=true", headers=headers)).json()["items"]
    assert url.rsplit("/", 1)[1] not in {one["id"] for one in items}


@pytest.mark.parametrize("kind", KINDS)
async def test_stranger_sees_none(client: httpx2.AsyncClient, world: World, kind: str) -> None:
    assert (await client.get(f"/api/{kind}")).status_code == 401
    assert (await client.get(existing(world, kind))).status_code == 401


async def test_code_and_name_are_taken_once_in_a_hospital(client: httpx2.AsyncClient, world: World) -> None:
    headers = world.a.as_("hospital_admin")
    taken = await client.post("/api/facilities", json=a_facility(code="MAIN"), headers=headers)
    assert (taken.status_code, taken.json()["code"]) == (409, "code_taken")
    taken = await client.patch(existing(world, "facilities"), json={"code": "MAIN"}, headers=headers)
    assert (taken.status_code, taken.json()["code"]) == (409, "code_taken")
    taken = await client.post("/api/departments", json={"name": "General medicine"}, headers=headers)
    assert (taken.status_code, taken.json()["code"]) == (409, "name_taken")


async def test_new_facility_keeps_the_hospitals_time_unless_told(client: httpx2.AsyncClient, world: World) -> None:
    await client.patch("/api/organization", json={"time_zone": "Asia/Dubai"}, headers=world.a.as_("hospital_admin"))
    assert (await created(client, world, "facilities"))["time_zone"] == "Asia/Dubai"
    other = await created(client, world, "facilities", code="KTM", time_zone="Asia/Kathmandu")
    assert other["time_zone"] == "Asia/Kathmandu"


@pytest.mark.parametrize(
    "told",
    [
        {"code": "lower"},
        {"code": "WAY-TOO-LONG-A-CODE"},
        {"time_zone": "Asia/Atlantis"},
        {"gstin": "27ABCDE1234F1Q5"},
        {"upi_vpa": "no at sign"},
        {"phone": "call us"},
        {"name": "two\nlines"},
        {"name": None},
        {"is_active": False},
        {"postal_code": "<b>"},
    ],
    ids=str,
)  # fmt: skip
async def test_facility_that_makes_no_sense_is_refused(
    client: httpx2.AsyncClient, world: World, told: dict[str, Any]
) -> None:
    headers = world.a.as_("hospital_admin")
    assert (await client.post("/api/facilities", json=a_facility(**told), headers=headers)).status_code == 422
    assert (await client.patch(existing(world, "facilities"), json=told, headers=headers)).status_code == 422


async def test_facility_takes_what_is_right_and_gives_it_up(client: httpx2.AsyncClient, world: World) -> None:
    full = {
        "phone": "+91 20 5550 1234", "address_line": "12, River Road", "city": "Nashik", "state": "Maharashtra",
        "postal_code": "422001", "gstin": "27ABCDE1234F1Z5", "upi_vpa": "river.branch@upi",
    }  # fmt: skip
    made = await created(client, world, "facilities", **full)
    assert made.items() >= full.items()
    url, headers = f"/api/facilities/{made['id']}", world.a.as_("hospital_admin")
    emptied = (await client.patch(url, json={"gstin": None}, headers=headers)).json()
    assert (emptied["gstin"], emptied["phone"]) == (None, full["phone"])
    for name in ("name", "code", "time_zone"):
        refused = await client.patch(url, json={name: None}, headers=headers)
        assert (refused.status_code, refused.json()["fields"][0]["name"]) == (422, name)


async def test_last_facility_stays_open(client: httpx2.AsyncClient, world: World) -> None:
    """Also when two administrators each close one at the same moment."""
    headers = world.a.as_("hospital_admin")
    urls = [f"/api/facilities/{world.a.main}", f"/api/facilities/{world.a.branch}"]
    answers = await asyncio.gather(*[client.delete(url, headers=headers) for url in urls])
    assert sorted(answer.status_code for answer in answers) == [204, 409]
    [refused] = [answer for answer in answers if answer.status_code == 409]
    assert refused.json()["code"] == "last_facility"


async def test_lists_are_paged_in_order(client: httpx2.AsyncClient, world: World) -> None:
    for n in range(3):
        await created(client, world, "departments", name=f"Ward {n}")
    page = (await client.get("/api/departments?skip=1&limit=2", headers=world.a.as_("nurse"))).json()
    assert ([one["name"] for one in page["items"]], page["total"]) == (["Ward 0", "Ward 1"], 4)


# The front door


async def test_front_door_reads_within_the_tenant(database: Database, world: World) -> None:
    async with database.transaction(world.a.organization_id) as session:
        found = await organizations.facilities(session)
        assert set(found) == {world.a.main, world.a.branch}
        assert found[world.a.main].zone.key == "Asia/Kolkata"
        assert (await organizations.facility(session, world.a.branch)).code == "BRN"
        assert (await organizations.departments(session))[world.a.department].name_hi == "सामान्य चिकित्सा"
        assert (await organizations.organization(session, world.a.organization_id)).code == "TA"
        for other in (world.b.main, uuid4()):
            with pytest.raises(NotFound):
                await organizations.facility(session, other)
        with pytest.raises(NotFound):
            await organizations.organization(session, uuid4())
    assert set(await organizations.all_organization_ids(database)) == {
        world.a.organization_id, world.b.organization_id,
    }  # fmt: skip


async def test_new_tenant_is_bound_for_the_rest_of_the_transaction(database: Database, world: World) -> None:
    async with database.transaction() as session:
        organization_id = await make_hospital(session, code="NH")
        assert [one.name for one in (await organizations.facilities(session)).values()] == [
            "One more of the tests, main"
        ]
    async with database.transaction(world.a.organization_id) as session:
        assert len(await organizations.facilities(session)) == 2
    assert organization_id in await organizations.all_organization_ids(database)


async def test_external_organization_is_kept_once_and_updated(database: Database, world: World) -> None:
    told: dict[str, Any] = {"source": "synthea", "source_id": "o-1", "name": "Elsewhere Clinic"}
    async with database.transaction(world.a.organization_id) as session:
        first = await organizations.keep_external(session, **told, details={"beds": 3})
    async with database.transaction(world.a.organization_id) as session:
        again = await organizations.keep_external(session, **{**told, "name": "Elsewhere Hospital"}, phone="555-0100")
    async with database.transaction(world.b.organization_id) as session:
        other = await organizations.keep_external(session, **told)
    assert first == again != other


async def test_external_organization_of_another_tenant_is_untouched(
    database: Database, world: World, owner: asyncpg.Connection
) -> None:
    for hospital, name in ((world.a, "As A knows it"), (world.b, "As B knows it")):
        async with database.transaction(hospital.organization_id) as session:
            await organizations.keep_external(session, source="synthea", source_id="o-1", name=name)
    rows = await owner.fetch("SELECT organization_id, name, details::text FROM external_organizations ORDER BY name")
    assert [(row["organization_id"], row["name"]) for row in rows] == [
        (world.a.organization_id, "As A knows it"), (world.b.organization_id, "As B knows it"),
    ]  # fmt: skip
