"""Roles that a hospital makes itself: a part of its administrator's, felt at once by those who hold them."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx2
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from arogya.platform.database import Database
from arogya.policy import GRANTABLE, OWN, ROLE_PERMISSIONS, Permission, Role, custom_permissions
from tests.factories.identity import bearer, sign_in
from tests.modules.identity.conftest import MakePerson
from tests.world import World

Trail = Callable[[str], Awaitable[list[dict[str, Any]]]]
P = Permission
LEAD = {"name": "Desk lead", "name_hi": "डेस्क प्रमुख", "permissions": ["patient.read", "schedule.manage"]}


async def made(client: httpx2.AsyncClient, headers: dict[str, str], **told: Any) -> dict[str, Any]:
    answer = await client.post("/api/roles", json=LEAD | told, headers=headers)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


@pytest.fixture
def admin(world: World) -> dict[str, str]:
    return world.a.as_("hospital_admin")


@pytest.fixture
async def lead(client: httpx2.AsyncClient, admin: dict[str, str]) -> dict[str, Any]:
    return await made(client, admin)


@pytest.fixture
async def bela(
    client: httpx2.AsyncClient, world: World, lead: dict[str, Any], owner: asyncpg.Connection
) -> dict[str, str]:
    """Headers of one who holds nothing but the hospital's own role: the world's lab technician, given another."""
    await owner.execute(
        "UPDATE memberships SET role = NULL, custom_role_id = $1 WHERE user_id = $2",
        UUID(lead["id"]), world.a.users["lab_technician"],
    )  # fmt: skip
    return world.a.as_("lab_technician")


async def permissions(client: httpx2.AsyncClient, headers: dict[str, str]) -> set[str]:
    return set((await client.get("/api/me", headers=headers)).json()["permissions"])


async def within_a_second(ask: Callable[[], Awaitable[bool]]) -> float:
    """Seconds of real time until it holds."""
    began = time.monotonic()
    while not await ask():
        assert time.monotonic() - began < 1
        await asyncio.sleep(0.05)
    return time.monotonic() - began


# The page


async def test_page_shows_every_permission_and_every_role_of_a_hospital(
    client: httpx2.AsyncClient, admin: dict[str, str], lead: dict[str, Any]
) -> None:
    page = (await client.get("/api/roles", headers=admin)).json()
    assert [one["code"] for one in page["permissions"]] == [p.value for p in Permission]
    assert {one["code"] for one in page["permissions"] if one["in_own_roles"] == "may"} == {p.value for p in GRANTABLE}
    shown = {one["role"]: set(one["permissions"]) for one in page["built_in"]}
    assert shown == {
        role.value: {p.value for p in held | OWN}
        for role, held in ROLE_PERMISSIONS.items()
        if role is not Role.SUPER_ADMIN
    }
    assert [one["role"] for one in page["built_in"] if one["own_only"]] == ["patient"]
    assert page["own"] == [lead]


async def test_page_is_for_who_looks_after_users(client: httpx2.AsyncClient, world: World) -> None:
    assert (await client.get("/api/roles")).status_code == 401
    for role in Role:
        if role is Role.SUPER_ADMIN:
            continue
        expected = 200 if P.USER_READ in ROLE_PERMISSIONS[role] else 403
        assert (await client.get("/api/roles", headers=world.a.as_(role.value))).status_code == expected


async def test_only_an_administrator_makes_changes_and_ends_roles(
    client: httpx2.AsyncClient, world: World, lead: dict[str, Any]
) -> None:
    url = f"/api/roles/{lead['id']}"
    for who in ("privacy_officer", "receptionist", "doctor", "patient"):
        headers = world.a.as_(who)
        answers = [
            await client.post("/api/roles", json=LEAD | {"name": "Other"}, headers=headers),
            await client.patch(url, json={"name": "Other"}, headers=headers),
            await client.delete(url, headers=headers),
            await client.post(f"{url}/reactivate", headers=headers),
        ]
        assert {one.status_code for one in answers} == {403}


async def test_role_of_another_hospital_is_not_there(
    client: httpx2.AsyncClient, world: World, lead: dict[str, Any], admin: dict[str, str]
) -> None:
    theirs = world.b.as_("hospital_admin")
    url = f"/api/roles/{lead['id']}"
    assert (await client.get("/api/roles", headers=theirs)).json()["own"] == []
    for answer in (
        await client.get(url, headers=theirs),
        await client.patch(url, json={"name": "Ours"}, headers=theirs),
        await client.delete(url, headers=theirs),
    ):
        assert answer.status_code == 404
    given = await client.post(
        f"/api/users/{world.b.users['nurse']}/memberships", json={"custom_role_id": lead["id"]}, headers=theirs
    )
    assert (given.status_code, given.json()["fields"][0]["code"]) == (422, "no_such_role")
    assert await made(client, theirs)  # the same name there is another role


# Making and changing


async def test_who_administers_one_branch_makes_no_role_for_all(
    client: httpx2.AsyncClient, person: MakePerson, world: World, lead: dict[str, Any]
) -> None:
    await person(username="branchadmin", roles=[Role.HOSPITAL_ADMIN], facility_id=world.a.branch)
    headers = bearer(await sign_in(client, "branchadmin"))
    url = f"/api/roles/{lead['id']}"
    assert (await client.get(url, headers=headers)).status_code == 200
    for answer in (
        await client.post("/api/roles", json=LEAD | {"name": "Other"}, headers=headers),
        await client.patch(url, json={"permissions": []}, headers=headers),
        await client.delete(url, headers=headers),
    ):
        assert answer.status_code == 403
    nurse = world.a.users["nurse"]
    body = {"custom_role_id": lead["id"], "facility_id": str(world.a.branch)}
    assert (await client.post(f"/api/users/{nurse}/memberships", json=body, headers=headers)).status_code == 201
    for beyond in (None, str(world.a.main)):
        body = {"custom_role_id": lead["id"], "facility_id": beyond}  # type: ignore[dict-item]
        answer = await client.post(f"/api/users/{nurse}/memberships", json=body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "beyond_reach")


@pytest.mark.parametrize("permission", sorted(set(Permission) - GRANTABLE - custom_permissions(()) - OWN))
async def test_what_is_not_the_hospitals_to_give_is_refused(
    client: httpx2.AsyncClient, admin: dict[str, str], lead: dict[str, Any], permission: Permission
) -> None:
    body = {"permissions": ["patient.read", permission.value]}
    for answer in (
        await client.post("/api/roles", json=LEAD | {"name": "Other"} | body, headers=admin),
        await client.patch(f"/api/roles/{lead['id']}", json=body, headers=admin),
    ):
        assert answer.status_code == 422
        [fault] = answer.json()["fields"]
        assert (fault["name"], fault["code"]) == ("permissions", "not_grantable")
    assert (await client.get(f"/api/roles/{lead['id']}", headers=admin)).json() == lead


@pytest.mark.parametrize("permission", ["no.such", "", "PATIENT_READ"])
async def test_what_is_no_permission_is_refused(
    client: httpx2.AsyncClient, admin: dict[str, str], permission: str
) -> None:
    assert (
        await client.post("/api/roles", json=LEAD | {"permissions": [permission]}, headers=admin)
    ).status_code == 422


async def test_what_every_role_may_is_not_written_down(client: httpx2.AsyncClient, admin: dict[str, str]) -> None:
    role = await made(client, admin, name="Other", permissions=["slot.read", "account.own", "staff.read"])
    assert role["permissions"] == ["staff.read"]


async def test_two_roles_of_one_name_are_refused(
    client: httpx2.AsyncClient, admin: dict[str, str], lead: dict[str, Any]
) -> None:
    again = await client.post("/api/roles", json=LEAD, headers=admin)
    assert (again.status_code, again.json()["code"]) == (409, "role_name_taken")
    built_in = await client.post("/api/roles", json=LEAD | {"name": "Lab technician"}, headers=admin)
    assert (built_in.status_code, built_in.json()["code"]) == (409, "role_name_taken")
    other = await made(client, admin, name="Other")
    renamed = await client.patch(f"/api/roles/{other['id']}", json={"name": "Desk lead"}, headers=admin)
    assert (renamed.status_code, renamed.json()["code"]) == (409, "role_name_taken")


async def test_sent_twice_it_is_made_once(client: httpx2.AsyncClient, world: World) -> None:
    headers = world.a.as_("hospital_admin", key="once")
    assert (await made(client, headers))["id"] == (await made(client, headers))["id"]


async def test_of_two_who_change_it_the_second_is_told(
    client: httpx2.AsyncClient, admin: dict[str, str], lead: dict[str, Any]
) -> None:
    url, tag = f"/api/roles/{lead['id']}", {"If-Match": f'"{lead["version"]}"'}
    first = await client.patch(url, json={"name": "Front desk lead"}, headers=admin | tag)
    assert (first.status_code, first.headers["etag"]) == (200, f'"{lead["version"] + 1}"')
    assert first.json()["permissions"] == lead["permissions"]
    assert (await client.patch(url, json={"permissions": []}, headers=admin | tag)).status_code == 412


async def test_changes_are_in_the_trail(
    client: httpx2.AsyncClient, admin: dict[str, str], lead: dict[str, Any], trail: Trail
) -> None:
    url = f"/api/roles/{lead['id']}"
    await client.patch(url, json={"permissions": ["patient.read", "receipt.issue"]}, headers=admin)
    await client.delete(url, headers=admin)
    await client.post(f"{url}/reactivate", headers=admin)
    [changed] = await trail("update")
    assert changed["entity"] == "custom_role"
    assert '"given": ["receipt.issue"]' in changed["details"]
    assert '"taken": ["schedule.manage"]' in changed["details"]
    for action in ("create", "deactivate", "reactivate"):
        assert [row["entity_ids"] for row in await trail(action)] == [[UUID(lead["id"])]]


# Holding


async def test_holder_may_what_it_says_and_what_every_role_may(
    client: httpx2.AsyncClient, bela: dict[str, str]
) -> None:
    expected = custom_permissions(["patient.read", "schedule.manage"]) | OWN
    me = (await client.get("/api/me", headers=bela)).json()
    assert set(me["permissions"]) == {p.value for p in expected}
    assert me["roles"] == ["custom:Desk lead"]
    [membership] = me["memberships"]
    assert (membership["role"], membership["custom_role"]["name_hi"]) == (None, "डेस्क प्रमुख")
    assert (await client.get("/api/practitioners", headers=bela)).status_code == 200
    assert (await client.get("/api/stats", headers=bela)).status_code == 403


async def test_given_to_a_user_it_works_beside_a_built_in_one(
    client: httpx2.AsyncClient, admin: dict[str, str], lead: dict[str, Any], world: World, trail: Trail
) -> None:
    cashier = world.a.as_("cashier")
    before = await permissions(client, cashier)
    url = f"/api/users/{world.a.users['cashier']}"
    body = {"custom_role_id": lead["id"], "facility_id": str(world.a.main)}
    given = await client.post(f"{url}/memberships", json=body, headers=admin)
    assert given.status_code == 201
    assert (given.json()["role"], given.json()["custom_role"]["id"]) == (None, lead["id"])
    again = await client.post(f"{url}/memberships", json=body, headers=admin)
    assert (again.status_code, again.json()["code"]) == (409, "already_held")
    await asyncio.sleep(0.6)
    assert await permissions(client, cashier) == before | {"schedule.manage"}
    assert (await client.get(f"/api/roles/{lead['id']}", headers=admin)).json()["holders_count"] == 1
    held = (await client.get(url, headers=admin)).json()["memberships"]
    assert [(one["role"], one["custom_role"] and one["custom_role"]["name"]) for one in held] == [
        ("cashier", None), (None, "Desk lead"),
    ]  # fmt: skip
    assert lead["id"] in (await trail("create"))[-1]["details"]


async def test_role_that_is_nobodys_is_none(client: httpx2.AsyncClient, admin: dict[str, str], world: World) -> None:
    url = f"/api/users/{world.a.users['cashier']}/memberships"
    unknown = await client.post(url, json={"custom_role_id": str(uuid4())}, headers=admin)
    assert (unknown.status_code, unknown.json()["fields"][0]["code"]) == (422, "no_such_role")
    for body in ({}, {"role": "nurse", "custom_role_id": str(uuid4())}):
        assert (await client.post(url, json=body, headers=admin)).status_code == 422


async def test_new_user_comes_with_it_and_is_listed(
    client: httpx2.AsyncClient, admin: dict[str, str], lead: dict[str, Any]
) -> None:
    body = {"name": "Ravi Desk", "username": "ravi", "memberships": [{"custom_role_id": lead["id"]}]}
    assert (await client.post("/api/users", json=body, headers=admin)).status_code == 201
    listed = (await client.get("/api/users", params={"search": "ravi"}, headers=admin)).json()["items"]
    assert [one["memberships"][0]["custom_role"]["name"] for one in listed] == ["Desk lead"]


async def test_schema_holds_one_role_of_ones_own_hospital(
    world: World, lead: dict[str, Any], database: Database
) -> None:
    statement = text(
        "INSERT INTO memberships (organization_id, id, user_id, role, custom_role_id, valid_from, version) "
        "VALUES (:o, gen_random_uuid(), :u, :role, :custom, now(), 1)"
    )
    for told, refused in (
        ({"o": world.b.organization_id, "role": None, "custom": lead["id"]}, "foreign key"),
        ({"o": world.a.organization_id, "role": "nurse", "custom": lead["id"]}, "one_role"),
        ({"o": world.a.organization_id, "role": None, "custom": None}, "one_role"),
    ):
        with pytest.raises(DBAPIError, match=refused):
            async with database.transaction(told["o"]) as session:
                await session.execute(statement, told | {"u": world.a.users["nurse"]})


async def test_what_is_written_past_the_service_reaches_no_further(
    client: httpx2.AsyncClient, bela: dict[str, str], owner: asyncpg.Connection
) -> None:
    """The last word is policy.py's, also over what an older version let in."""
    await owner.execute("UPDATE custom_roles SET permissions = '{tenant.manage,chart.open,user.manage,patient.read}'")
    assert await permissions(client, bela) == {p.value for p in custom_permissions(["patient.read"]) | OWN}


# At once


async def test_change_of_a_role_is_felt_within_a_second(
    client: httpx2.AsyncClient, admin: dict[str, str], lead: dict[str, Any], bela: dict[str, str]
) -> None:
    url = f"/api/roles/{lead['id']}"
    assert (await client.get("/api/stats", headers=bela)).status_code == 403

    async def may() -> bool:
        return (await client.get("/api/stats", headers=bela)).status_code == 200

    async def may_not() -> bool:
        return not await may()

    waits = []
    await client.patch(url, json={"permissions": ["stats.read"]}, headers=admin)
    waits.append(await within_a_second(may))
    await client.patch(url, json={"permissions": []}, headers=admin)
    waits.append(await within_a_second(may_not))
    await client.patch(url, json={"permissions": ["stats.read"]}, headers=admin)
    waits.append(await within_a_second(may))
    assert (await client.delete(url, headers=admin)).status_code == 204
    waits.append(await within_a_second(may_not))
    assert await permissions(client, bela) == {"account.own"}
    assert (await client.post(f"{url}/reactivate", headers=admin)).json()["is_active"]
    waits.append(await within_a_second(may))
    print(f"\na changed role was felt after {max(waits):.2f} s at most")


async def test_deactivated_role_is_given_to_nobody(
    client: httpx2.AsyncClient, admin: dict[str, str], lead: dict[str, Any], world: World
) -> None:
    await client.delete(f"/api/roles/{lead['id']}", headers=admin)
    url = f"/api/users/{world.a.users['cashier']}/memberships"
    answer = await client.post(url, json={"custom_role_id": lead["id"]}, headers=admin)
    assert (answer.status_code, answer.json()["fields"][0]["code"]) == (422, "no_such_role")


async def test_membership_that_is_given_and_ended_is_felt_within_a_second(
    client: httpx2.AsyncClient, admin: dict[str, str], lead: dict[str, Any], world: World
) -> None:
    cashier, url = world.a.as_("cashier"), f"/api/users/{world.a.users['cashier']}/memberships"

    async def may() -> bool:
        return "schedule.manage" in await permissions(client, cashier)

    async def may_not() -> bool:
        return not await may()

    assert await may_not()
    given = await client.post(url, json={"custom_role_id": lead["id"]}, headers=admin)
    await within_a_second(may)
    assert (await client.delete(f"{url}/{given.json()['id']}", headers=admin)).status_code == 204
    await within_a_second(may_not)
