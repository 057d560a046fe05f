"""Staff: each sees their own branches' people, pay grades are for who manages staff."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import date
from typing import Any

import asyncpg
import httpx2
import pytest

from arogya.modules.staff import api as staff
from arogya.platform.access import Context
from arogya.platform.errors import NotFound
from tests.factories.scheduling import also
from tests.factories.staff import staff_body
from tests.world import Hospital, World

CALLS = [
    ("GET", ""), ("POST", ""), ("GET", "/{id}"), ("PATCH", "/{id}"), ("DELETE", "/{id}"), ("POST", "/{id}/reactivate"),
]  # fmt: skip
System = Callable[[Hospital], AbstractAsyncContextManager[Context]]


async def add(client: httpx2.AsyncClient, at: Hospital, who: str = "hospital_admin", **facts: Any) -> httpx2.Response:
    return await client.post("/api/staff", json=staff_body(**facts), headers=at.as_(who))


async def test_admin_adds_a_member_whole(client: httpx2.AsyncClient, world: World) -> None:
    a = world.a
    facts = staff_body(
        employee_number="E-0117", department_id=str(a.department), facility_id=str(a.main), shift="night",
        salary_grade="C2", joined_on="2024-04-01", left_on=None, phone="+91 90000 11208",
        email="asha@hospital.example", user_id=str(a.users["nurse"]),
    )  # fmt: skip
    made = await client.post("/api/staff", json=facts, headers=a.as_("hospital_admin"))
    assert made.status_code == 201, made.text
    read = await client.get(f"/api/staff/{made.json()['id']}", headers=a.as_("hospital_admin"))
    assert read.headers["etag"] == '"1"'
    assert read.json() == made.json()
    assert facts.items() <= read.json().items()
    assert (read.json()["department_name"], read.json()["facility_name"]) == (
        "General medicine", "Hospital A of the tests, main"
    )  # fmt: skip


async def test_sent_twice_with_one_key_there_is_one_member(client: httpx2.AsyncClient, world: World) -> None:
    """Who has no employee number looks like nobody else, so only the key can tell."""
    body, headers = staff_body(), world.a.as_("hospital_admin", key="one-click")
    first, second = [await client.post("/api/staff", json=body, headers=headers) for _ in range(2)]
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.json()["id"] == first.json()["id"]
    without = await client.post("/api/staff", json=body, headers=world.a.as_("hospital_admin"))
    assert without.json()["id"] != first.json()["id"]


@pytest.mark.parametrize("call", CALLS)
async def test_stranger_is_asked_to_sign_in(client: httpx2.AsyncClient, world: World, call: tuple[str, str]) -> None:
    method, path = call
    refused = await client.request(method, f"/api/staff{path.format(id=world.a.staff_member)}", json={})
    assert refused.status_code == 401


@pytest.mark.parametrize("who", ["nurse", "patient", "privacy_officer", "pharmacist"])
async def test_those_without_the_right_see_no_staff(client: httpx2.AsyncClient, world: World, who: str) -> None:
    for url in ("/api/staff", f"/api/staff/{world.a.staff_member}"):
        assert (await client.get(url, headers=world.a.as_(who))).status_code == 403


@pytest.mark.parametrize("who", ["receptionist", "doctor", "nurse", "patient"])
async def test_only_the_administrator_edits(client: httpx2.AsyncClient, world: World, who: str) -> None:
    a, url = world.a, f"/api/staff/{world.a.staff_member}"
    for method, path, body in [
        ("POST", "/api/staff", staff_body()),
        ("PATCH", url, {"shift": "night"}),
        ("DELETE", url, None),
        ("POST", f"{url}/reactivate", None),
    ]:
        refused = await client.request(method, path, json=body, headers=a.as_(who))
        assert refused.status_code == 403, (method, path)


async def test_other_hospitals_staff_is_not_there(client: httpx2.AsyncClient, world: World) -> None:
    url, admin = f"/api/staff/{world.b.staff_member}", world.a.as_("hospital_admin")
    for method, path, body in [
        ("GET", url, None),
        ("PATCH", url, {"shift": "night"}),
        ("DELETE", url, None),
        ("POST", f"{url}/reactivate", None),
    ]:
        assert (await client.request(method, path, json=body, headers=admin)).status_code == 404, (method, path)
    listed = await client.get("/api/staff?all=true", headers=admin)
    assert [p["id"] for p in listed.json()["items"]] == [str(world.a.staff_member)]
    assert (await client.get(url, headers=world.b.as_("hospital_admin"))).status_code == 200


async def test_branch_sees_its_own_people_only(client: httpx2.AsyncClient, world: World) -> None:
    a = world.a
    here = (await add(client, a, facility_id=str(a.branch))).json()["id"]
    nowhere = (await add(client, a, name="Roving Test")).json()["id"]

    async def ids(who: str) -> set[str]:
        return {p["id"] for p in (await client.get("/api/staff", headers=a.as_(who))).json()["items"]}

    assert await ids("receptionist") == {here, nowhere, str(a.staff_member)}
    assert await ids("branch_receptionist") == {here}
    for staff_id, status in ((here, 200), (nowhere, 404), (a.staff_member, 404)):
        read = await client.get(f"/api/staff/{staff_id}", headers=a.as_("branch_receptionist"))
        assert read.status_code == status


async def test_pay_grade_is_for_who_manages_staff(client: httpx2.AsyncClient, world: World) -> None:
    a = world.a
    made = (await add(client, a, salary_grade="C2", facility_id=str(a.main))).json()
    assert made["salary_grade"] == "C2"
    for url in (f"/api/staff/{made['id']}", "/api/staff?search=asha"):
        for who, sees in (("receptionist", None), ("doctor", None), ("hospital_admin", "C2")):
            body = (await client.get(url, headers=a.as_(who))).json()
            one = body["items"][0] if "items" in body else body
            assert one["salary_grade"] == sees, who


async def test_search_and_filters(client: httpx2.AsyncClient, world: World) -> None:
    a = world.a
    await add(client, a, employee_number="E-0200", department_id=str(a.department), facility_id=str(a.branch))

    async def names(**params: str) -> set[str]:
        listed = await client.get("/api/staff", params=params, headers=a.as_("hospital_admin"))
        assert listed.status_code == 200, listed.text
        return {p["name"] for p in listed.json()["items"]}

    assert await names(search="kulk") == {"Asha Kulkarni"}
    assert await names(search="e-02") == {"Asha Kulkarni"}
    assert await names(search="clerk ram") == {"Ramesh Test"}
    assert await names(search="amesh") == set()
    assert await names(shift="morning") == {"Asha Kulkarni"}
    assert await names(shift="general") == {"Ramesh Test"}
    assert await names(facility_id=str(a.main)) == {"Ramesh Test"}
    assert await names(department_id=str(a.department)) == {"Asha Kulkarni"}
    wrong = await client.get("/api/staff?shift=noon", headers=a.as_("hospital_admin"))
    assert (wrong.status_code, wrong.json()["fields"][0]["name"]) == (422, "shift")


async def test_one_employee_number_and_one_user_each(client: httpx2.AsyncClient, world: World) -> None:
    a = world.a
    assert (await add(client, a, employee_number="E-1", user_id=str(a.users["nurse"]))).status_code == 201
    number = await add(client, a, employee_number="E-1")
    assert (number.status_code, number.json()["code"]) == (409, "employee_number_taken")
    user = await add(client, a, user_id=str(a.users["nurse"]))
    assert (user.status_code, user.json()["code"]) == (409, "user_taken")
    assert (await add(client, world.b, employee_number="E-1")).status_code == 201


async def test_nobody_leaves_before_they_joined(client: httpx2.AsyncClient, world: World) -> None:
    a, admin = world.a, world.a.as_("hospital_admin")
    refused = await add(client, a, joined_on="2024-04-01", left_on="2024-03-31")
    assert (refused.status_code, refused.json()["fields"][0]["name"]) == (422, "left_on")
    made = (await add(client, a, joined_on="2024-04-01")).json()
    url = f"/api/staff/{made['id']}"
    assert (await client.patch(url, json={"left_on": "2024-03-31"}, headers=admin)).status_code == 422
    assert (await client.patch(url, json={"left_on": "2024-04-01"}, headers=admin)).json()["left_on"] == "2024-04-01"


async def test_only_what_is_in_this_hospital_can_be_named(client: httpx2.AsyncClient, world: World) -> None:
    a, b = world.a, world.b
    for field, value in [
        ("department_id", b.department),
        ("facility_id", b.main),
        ("user_id", b.users["nurse"]),
    ]:
        refused = await add(client, a, **{field: str(value)})
        assert (refused.status_code, refused.json()["fields"][0]["name"]) == (422, field)


async def test_deactivated_are_listed_when_asked_for_and_come_back(
    client: httpx2.AsyncClient, world: World, owner: asyncpg.Connection
) -> None:
    a, url = world.a, f"/api/staff/{world.a.staff_member}"
    admin = a.as_("hospital_admin")
    for _ in range(2):
        assert (await client.delete(url, headers=admin)).status_code == 204

    async def count(query: str) -> int:
        return (await client.get(f"/api/staff{query}", headers=admin)).json()["total"]

    assert [await count(query) for query in ("", "?is_active=false", "?all=true")] == [0, 1, 1]
    assert (await client.post(f"{url}/reactivate", headers=admin)).json()["is_active"] is True
    entries = await owner.fetch("SELECT action FROM audit_entries WHERE entity = 'staff_member' ORDER BY id")
    assert [entry["action"] for entry in entries] == ["deactivate", "reactivate"]
    assert await owner.fetchval("SELECT count(*) FROM outbox_events WHERE name = 'StaffMemberChanged'") == 2


async def test_second_editor_is_told_that_it_changed_meanwhile(client: httpx2.AsyncClient, world: World) -> None:
    url, admin = f"/api/staff/{world.a.staff_member}", world.a.as_("hospital_admin")
    first = await client.patch(url, json={"shift": "night"}, headers={**admin, "If-Match": '"1"'})
    assert (first.status_code, first.headers["etag"]) == (200, '"2"')
    late = await client.patch(url, json={"shift": "evening"}, headers={**admin, "If-Match": '"1"'})
    assert (late.status_code, late.json()["code"]) == (412, "changed_meanwhile")
    assert (await client.get(url, headers=admin)).json()["shift"] == "night"


async def test_branch_administrator_moves_nobody_out_of_their_branch(
    client: httpx2.AsyncClient, world: World, owner: asyncpg.Connection
) -> None:
    a, local = world.a, "branch_receptionist"
    await owner.execute("UPDATE memberships SET role = 'hospital_admin' WHERE user_id = $1", a.users[local])
    made = await add(client, a, local, facility_id=str(a.branch))
    assert made.status_code == 201, made.text
    assert (await add(client, a, local, facility_id=str(a.main))).status_code == 403
    assert (await add(client, a, local)).status_code == 403
    url = f"/api/staff/{made.json()['id']}"
    for elsewhere in (str(a.main), None):
        moved = await client.patch(url, json={"facility_id": elsewhere}, headers=a.as_(local))
        assert moved.status_code == 403
    assert (await client.patch(url, json={"shift": "night"}, headers=a.as_(local))).status_code == 200
    foreign = await client.patch(f"/api/staff/{a.staff_member}", json={"shift": "night"}, headers=a.as_(local))
    assert foreign.status_code == 404  # as to its reading: whoever works elsewhere is not known here


async def test_who_reads_at_both_branches_changes_staff_at_their_own(
    client: httpx2.AsyncClient, world: World, owner: asyncpg.Connection
) -> None:
    a, local = world.a, "branch_receptionist"
    await owner.execute("UPDATE memberships SET role = 'hospital_admin' WHERE user_id = $1", a.users[local])
    await also(owner, a, local, "receptionist", a.main)
    url = f"/api/staff/{a.staff_member}"
    assert (await client.get(url, headers=a.as_(local))).status_code == 200
    assert (await client.patch(url, json={"shift": "night"}, headers=a.as_(local))).status_code == 403
    assert (await client.patch(url, json={"shift": "night"}, headers=a.as_("hospital_admin"))).status_code == 200


async def test_closed_branch_takes_nobody_new_and_keeps_who_is_there(
    client: httpx2.AsyncClient, world: World, owner: asyncpg.Connection
) -> None:
    a = world.a
    await owner.execute("UPDATE facilities SET is_active = false WHERE id = $1", a.main)
    assert (await add(client, a, facility_id=str(a.main))).status_code == 422
    url, admin = f"/api/staff/{a.staff_member}", a.as_("hospital_admin")
    kept = await client.patch(url, json={"facility_id": str(a.main), "shift": "night"}, headers=admin)
    assert kept.status_code == 200


async def test_other_modules_add_and_link(system: System, world: World) -> None:
    a = world.a
    async with system(a) as ctx:
        made = await staff.add_staff_member(ctx, name="New Test", designation="Nurse", joined_on=date(2026, 1, 1))
        await staff.link_staff_user(ctx, made, a.users["nurse"])
    async with system(a) as ctx:
        with pytest.raises(Exception, match="Another user signs in"):
            await staff.link_staff_user(ctx, made, a.users["doctor"])
        with pytest.raises(NotFound):
            await staff.link_staff_user(ctx, world.b.staff_member, a.users["doctor"])
