"""`/api/me`: who one is, and what one may do here."""

from datetime import timedelta
from typing import Any

import httpx2
import pytest

from arogya.platform.clock import FixedClock
from arogya.policy import Role
from tests.factories.identity import Person, bearer, sign_in
from tests.modules.identity.conftest import MakePerson
from tests.world import World


async def me(client: httpx2.AsyncClient, headers: dict[str, str]) -> dict[str, Any]:
    answer = await client.get("/api/me", headers=headers)
    assert answer.status_code == 200
    return dict(answer.json())


async def test_doctor_is_a_practitioner(client: httpx2.AsyncClient, world: World) -> None:
    told = await me(client, world.a.as_("doctor"))
    assert told["practitioner_id"] == str(world.a.practitioner)
    assert told["patients"] == []
    assert told["organization"] == {
        "id": str(world.a.organization_id), "name": "Hospital A of the tests", "code": "TA",
        "time_zone": "Asia/Kolkata", "language": "en", "is_solo": False, "country": "IN",
    }  # fmt: skip


async def test_patient_sees_for_whom_they_sign_in(client: httpx2.AsyncClient, world: World) -> None:
    told = await me(client, world.a.as_("patient"))
    assert [(p["id"], p["relation"]) for p in told["patients"]] == [(str(world.a.patient), "self")]
    assert told["practitioner_id"] is None


async def test_facilities_are_those_that_the_roles_reach(client: httpx2.AsyncClient, world: World) -> None:
    everywhere = await me(client, world.a.as_("receptionist"))
    assert {one["code"] for one in everywhere["facilities"]} == {"MAIN", "BRN"}
    [branch] = (await me(client, world.a.as_("branch_receptionist")))["facilities"]
    assert branch == {
        "id": str(world.a.branch), "name": "Hospital A of the tests, branch", "code": "BRN",
        "time_zone": "Asia/Kolkata",
    }  # fmt: skip


async def test_closed_facility_is_not_among_them(client: httpx2.AsyncClient, world: World) -> None:
    await client.delete(f"/api/facilities/{world.a.branch}", headers=world.a.as_("hospital_admin"))
    assert [one["code"] for one in (await me(client, world.a.as_("receptionist")))["facilities"]] == ["MAIN"]
    assert (await me(client, world.a.as_("branch_receptionist")))["facilities"] == []


async def test_memberships_of_all_hospitals_are_named_as_each_hospital_names_them(
    client: httpx2.AsyncClient, asha: Person, world: World, add_role: Any, clock: FixedClock
) -> None:
    until = clock.now() + timedelta(days=3)
    await add_role(asha, world.b, Role.DOCTOR, facility_id=world.b.branch, valid_until=until)
    await add_role(asha, world.b, Role.NURSE, valid_from=clock.now() + timedelta(days=1))
    told = await me(client, bearer(await sign_in(client, "asha")))
    assert [(m["organization_name"], m["facility_name"], m["role"]) for m in told["memberships"]] == [
        ("Hospital A of the tests", None, "receptionist"),
        ("Hospital B of the tests", "Hospital B of the tests, branch", "doctor"),
    ]
    assert told["memberships"][1]["valid_until"] == "2026-11-26T04:30:00Z"
    assert told["roles"] == ["receptionist"]
    assert {one["code"] for one in told["facilities"]} == {"MAIN", "BRN"}


async def test_super_admin_is_in_no_hospital(client: httpx2.AsyncClient, world: World) -> None:
    told = await me(client, world.as_super_admin())
    assert told["user"]["is_platform_admin"]
    assert (told["organization"], told["facilities"], told["patients"]) == (None, [], [])
    assert told["permissions"] == ["account.own", "tenant.manage"]


async def test_language_is_kept(client: httpx2.AsyncClient, world: World) -> None:
    headers = world.a.as_("nurse")
    changed = await client.patch("/api/me", json={"language": "hi"}, headers=headers)
    assert (changed.status_code, changed.json()["user"]["language"]) == (200, "hi")
    assert (await me(client, headers))["user"]["language"] == "hi"


@pytest.mark.parametrize("body", [{"language": "xx"}, {}, {"language": "en", "is_platform_admin": True}])
async def test_nothing_else_is_taken(client: httpx2.AsyncClient, world: World, body: dict[str, Any]) -> None:
    assert (await client.patch("/api/me", json=body, headers=world.a.as_("nurse"))).status_code == 422


async def test_stranger_is_nobody(client: httpx2.AsyncClient) -> None:
    assert (await client.get("/api/me")).status_code == 401


async def test_two_people_of_one_hospital_are_told_apart(
    client: httpx2.AsyncClient, person: MakePerson, asha: Person
) -> None:
    bela = await person(username="bela")
    told = await me(client, bearer(await sign_in(client, "bela")))
    assert told["user"]["id"] == str(bela.user_id) != str(asha.user_id)
    assert len(told["memberships"]) == 1
