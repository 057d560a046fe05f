"""Users and their roles: nobody gives more than they may, and one administrator stays."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx2
import pytest

from arogya.platform.clock import FixedClock
from arogya.platform.database import Database
from arogya.policy import Role
from tests.factories.identity import PASSWORD, Person, bearer, make_person, sign_in
from tests.modules.identity.conftest import Browser, MakePerson
from tests.world import World

Trail = Callable[[str], Awaitable[list[dict[str, Any]]]]


def a_user(**told: Any) -> dict[str, Any]:
    return {"name": "Ravi Desk", "username": "ravi", "memberships": [{"role": "receptionist"}], **told}


@pytest.fixture
async def branch_admin(person: MakePerson, client: httpx2.AsyncClient, world: World) -> dict[str, str]:
    """Headers of an administrator of one branch."""
    await person(username="branchadmin", roles=[Role.HOSPITAL_ADMIN], facility_id=world.a.branch)
    headers = bearer(await sign_in(client, "branchadmin"))
    client.cookies.clear()
    return headers


async def admin_membership(owner: asyncpg.Connection, user_id: UUID) -> UUID:
    found = await owner.fetchval("SELECT id FROM memberships WHERE user_id = $1 AND role = 'hospital_admin'", user_id)
    assert isinstance(found, UUID)
    return found


# Making


async def test_new_user_chooses_a_password_and_works(client: httpx2.AsyncClient, world: World, trail: Trail) -> None:
    body = a_user(email="ravi@mail.example", phone="9000011299", memberships=[
        {"role": "receptionist", "facility_id": str(world.a.main)},
        {"role": "cashier", "valid_until": "2026-12-31T00:00:00Z"},
    ])  # fmt: skip
    answer = await client.post("/api/users", json=body, headers=world.a.as_("hospital_admin"))
    assert answer.status_code == 201
    made = answer.json()
    assert (made["username"], made["email"], made["phone"]) == ("ravi", "ravi@mail.example", "+919000011299")
    assert [(m["role"], m["facility_name"], m["valid_until"]) for m in made["memberships"]] == [
        ("receptionist", "Hospital A of the tests, main", None),
        ("cashier", None, "2026-12-31T00:00:00Z"),
    ]
    assert (made["is_active"], made["last_seen_at"]) == (True, None)
    word = made["one_time_password"]
    assert (await sign_in(client, "ravi", word)).json()["code"] == "password_change_required"
    signed_in = await sign_in(client, "ravi@mail.example", word, new_password=PASSWORD)
    me = (await client.get("/api/me", headers=bearer(signed_in))).json()
    assert set(me["roles"]) == {"receptionist", "cashier"}
    created = await trail("create")
    assert {row["entity"] for row in created} >= {"user", "membership"}
    assert word not in str(created)


async def test_user_is_linked_to_who_they_are(client: httpx2.AsyncClient, world: World) -> None:
    body = a_user(memberships=[{"role": "doctor"}], practitioner_id=str(world.a.other_practitioner))
    made = (await client.post("/api/users", json=body, headers=world.a.as_("hospital_admin"))).json()
    signed_in = await sign_in(client, "ravi", made["one_time_password"], new_password=PASSWORD)
    me = (await client.get("/api/me", headers=bearer(signed_in))).json()
    assert me["practitioner_id"] == str(world.a.other_practitioner)
    clerk = a_user(username="clerk", staff_id=str(world.a.staff_member))
    assert (await client.post("/api/users", json=clerk, headers=world.a.as_("hospital_admin"))).status_code == 201


@pytest.mark.parametrize("link", ["practitioner", "staff_member"])
async def test_user_is_not_linked_into_another_hospital(
    client: httpx2.AsyncClient, world: World, owner: asyncpg.Connection, link: str
) -> None:
    key = {"practitioner": "practitioner_id", "staff_member": "staff_id"}[link]
    body = a_user(**{key: str(getattr(world.b, link))})
    assert (await client.post("/api/users", json=body, headers=world.a.as_("hospital_admin"))).status_code == 404
    assert await owner.fetchval("SELECT count(*) FROM login_identifiers WHERE value = 'ravi'") == 0


@pytest.mark.parametrize(
    ("told", "status", "code"),
    [
        ({"username": "ta-nurse"}, 409, "username_taken"),
        ({"username": "TB-Doctor"}, 409, "username_taken"),
        ({"memberships": []}, 422, "invalid"),
        ({"memberships": [{"role": "king"}]}, 422, "invalid"),
        ({"memberships": [{"role": "super_admin"}]}, 403, "beyond_reach"),
        ({"memberships": [{"role": "patient"}]}, 422, "invalid"),
        ({"memberships": [{"role": "nurse", "facility_id": "01900000-0000-7000-8000-000000000000"}]}, 404, "not_found"),
        ({"memberships": [{"role": "nurse", "valid_until": "2026-11-23T04:30:00Z"}]}, 422, "invalid"),
        ({"memberships": [{"role": "nurse", "valid_until": "2026-12-23T04:30:00"}]}, 422, "invalid"),
        ({"memberships": [{"role": "nurse"}, {"role": "nurse"}]}, 409, "already_held"),
        ({"phone": "0"}, 422, "invalid"),
        ({"phone": "12345"}, 422, "invalid"),
        ({"email": "ravi"}, 422, "invalid"),
        ({"is_platform_admin": True}, 422, "invalid"),
    ],
    ids=str,
)
async def test_what_may_not_be_makes_nobody(
    client: httpx2.AsyncClient,
    world: World,
    owner: asyncpg.Connection,
    told: dict[str, Any],
    status: int,
    code: str,
) -> None:
    before = await owner.fetchval("SELECT count(*) FROM users")
    refused = await client.post("/api/users", json=a_user(**told), headers=world.a.as_("hospital_admin"))
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert await owner.fetchval("SELECT count(*) FROM users") == before


async def test_taken_names_are_named(client: httpx2.AsyncClient, person: MakePerson, world: World) -> None:
    await person(username="asha", email="asha@mail.example", phone="9000011207")
    headers = world.a.as_("hospital_admin")
    for told, field in [
        ({"username": "Asha"}, "username"),
        ({"email": "ASHA@mail.example"}, "email"),
        ({"phone": "+91 90000 11207"}, "phone"),
    ]:
        refused = await client.post("/api/users", json=a_user(**told), headers=headers)
        assert refused.json()["code"] == "username_taken"
        assert [one["name"] for one in refused.json()["fields"]] == [field]


async def test_one_name_asked_for_twice_at_once_is_one_persons(client: httpx2.AsyncClient, world: World) -> None:
    headers = world.a.as_("hospital_admin")
    answers = await asyncio.gather(*[client.post("/api/users", json=a_user(), headers=headers) for _ in range(4)])
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"username_taken"}


async def test_facility_of_another_hospital_is_not_known(client: httpx2.AsyncClient, world: World) -> None:
    body = a_user(memberships=[{"role": "nurse", "facility_id": str(world.b.main)}])
    assert (await client.post("/api/users", json=body, headers=world.a.as_("hospital_admin"))).status_code == 404


# Who may


@pytest.mark.parametrize("who", ["receptionist", "doctor", "privacy_officer", "patient"])
async def test_only_administrators_change_users(
    client: httpx2.AsyncClient, world: World, trail: Trail, who: str
) -> None:
    nurse, headers = f"/api/users/{world.a.users['nurse']}", world.a.as_(who)
    membership = {"role": "nurse"}
    answers = [
        await client.post("/api/users", json=a_user(), headers=headers),
        await client.patch(nurse, json={"name": "Other"}, headers=headers),
        await client.delete(nurse, headers=headers),
        await client.post(f"{nurse}/reset-password", headers=headers),
        await client.post(f"{nurse}/memberships", json=membership, headers=headers),
        await client.delete(f"{nurse}/memberships/{uuid4()}", headers=headers),
    ]
    assert [answer.status_code for answer in answers] == [403] * 6
    assert len(await trail("denied")) == 6


async def test_privacy_officer_reads_users_and_receptionist_does_not(client: httpx2.AsyncClient, world: World) -> None:
    assert (await client.get("/api/users", headers=world.a.as_("privacy_officer"))).status_code == 200
    assert (await client.get("/api/users", headers=world.a.as_("receptionist"))).status_code == 403


async def test_administrator_of_another_hospital_knows_nobody_here(client: httpx2.AsyncClient, world: World) -> None:
    nurse, headers = f"/api/users/{world.a.users['nurse']}", world.b.as_("hospital_admin")
    answers = [
        await client.get(nurse, headers=headers),
        await client.patch(nurse, json={"name": "Other"}, headers=headers),
        await client.delete(nurse, headers=headers),
        await client.post(f"{nurse}/reset-password", headers=headers),
        await client.post(f"{nurse}/memberships", json={"role": "nurse"}, headers=headers),
        await client.delete(f"{nurse}/memberships/{uuid4()}", headers=headers),
    ]
    assert [answer.status_code for answer in answers] == [404] * 6
    names = [one["name"] for one in (await client.get("/api/users?all=true", headers=headers)).json()["items"]]
    assert names
    assert all(name.endswith("TB") for name in names)


async def test_branch_administrator_gives_roles_at_that_branch_only(
    client: httpx2.AsyncClient, world: World, branch_admin: dict[str, str]
) -> None:
    at = {"branch": str(world.a.branch), "main": str(world.a.main)}
    for facility_id in (None, at["main"]):
        body = a_user(memberships=[{"role": "nurse", "facility_id": facility_id}])
        refused = await client.post("/api/users", json=body, headers=branch_admin)
        assert (refused.status_code, refused.json()["code"]) == (403, "beyond_reach")
        nurse = f"/api/users/{world.a.users['nurse']}/memberships"
        refused = await client.post(nurse, json=body["memberships"][0], headers=branch_admin)
        assert refused.json()["code"] == "beyond_reach"
    body = a_user(memberships=[{"role": "nurse", "facility_id": at["branch"]}])
    assert (await client.post("/api/users", json=body, headers=branch_admin)).status_code == 201


async def test_branch_administrator_links_nobody(
    client: httpx2.AsyncClient, world: World, branch_admin: dict[str, str]
) -> None:
    """Whoever is the practitioner is so at every branch."""
    at_branch = [{"role": "doctor", "facility_id": str(world.a.branch)}]
    body = a_user(memberships=at_branch, practitioner_id=str(world.a.other_practitioner))
    assert (await client.post("/api/users", json=body, headers=branch_admin)).json()["code"] == "beyond_reach"


async def test_branch_administrator_touches_nobody_who_reaches_further(
    client: httpx2.AsyncClient, world: World, owner: asyncpg.Connection, branch_admin: dict[str, str]
) -> None:
    admin = world.a.users["hospital_admin"]
    url = f"/api/users/{admin}"
    membership = await admin_membership(owner, admin)
    answers = [
        await client.post(f"{url}/reset-password", headers=branch_admin),
        await client.patch(url, json={"name": "Other"}, headers=branch_admin),
        await client.delete(f"{url}/memberships/{membership}", headers=branch_admin),
        await client.delete(url, headers=branch_admin),
    ]
    assert [answer.json()["code"] for answer in answers] == ["beyond_reach"] * 4
    own = f"/api/users/{world.a.users['branch_receptionist']}"
    assert (await client.post(f"{own}/reset-password", headers=branch_admin)).status_code == 200


# Reading


async def test_list_shows_staff_with_their_roles(client: httpx2.AsyncClient, world: World) -> None:
    page = (await client.get("/api/users", headers=world.a.as_("hospital_admin"))).json()
    by_name = {one["name"]: one for one in page["items"]}
    assert page["total"] == len(by_name)
    assert "patient of TA" not in by_name
    assert all(name.endswith("TA") for name in by_name)
    row = by_name["branch_receptionist of TA"]
    assert row["username"] == "ta-branch_receptionist"
    assert [(m["role"], m["facility_id"]) for m in row["memberships"]] == [("receptionist", str(world.a.branch))]
    assert row["last_seen_at"] is not None


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("search=NURSE", ["nurse of TA"]),
        ("search=ta-cash", ["cashier of TA"]),
        ("search=%25", []),
        ("search=_urse", []),
        ("role=doctor", ["branch_doctor of TA", "doctor of TA"]),
        ("role=patient", ["patient of TA"]),
        ("is_active=false", []),
        ("search=of%20TA&limit=1&skip=2", ["cashier of TA"]),
    ],
)
async def test_list_is_narrowed(client: httpx2.AsyncClient, world: World, query: str, names: list[str]) -> None:
    page = (await client.get(f"/api/users?{query}", headers=world.a.as_("hospital_admin"))).json()
    assert [one["name"] for one in page["items"]] == names


async def test_own_roles_elsewhere_are_not_listed_here(
    client: httpx2.AsyncClient, world: World, database: Database, clock: FixedClock, add_role: Any
) -> None:
    """Row security lets one see one's own memberships everywhere; this hospital's list must not."""
    chief = await make_person(
        database, world.a.organization_id, clock.now(), username="chief", roles=[Role.HOSPITAL_ADMIN]
    )
    await add_role(chief, world.b, Role.DOCTOR, facility_id=world.b.branch)
    headers = bearer(await sign_in(client, "chief"))
    page = (await client.get("/api/users?search=chief", headers=headers)).json()
    assert [m["role"] for m in page["items"][0]["memberships"]] == ["hospital_admin"]
    assert (await client.get("/api/users?role=doctor&search=chief", headers=headers)).json()["items"] == []
    one = (await client.get(f"/api/users/{chief.user_id}", headers=headers)).json()
    assert [m["role"] for m in one["memberships"]] == ["hospital_admin"]


# Roles


async def test_role_that_is_given_and_taken_back(
    client: httpx2.AsyncClient, world: World, clock: FixedClock, trail: Trail
) -> None:
    url, headers = f"/api/users/{world.a.users['nurse']}/memberships", world.a.as_("hospital_admin")
    given = await client.post(url, json={"role": "receptionist"}, headers=headers)
    assert given.status_code == 201
    clock.advance(timedelta(seconds=1))
    desk = world.a.as_("nurse")
    assert "receptionist" in (await client.get("/api/me", headers=desk)).json()["roles"]
    assert (await client.delete(f"{url}/{given.json()['id']}", headers=headers)).status_code == 204
    clock.advance(timedelta(seconds=1))
    assert (await client.get("/api/me", headers=desk)).json()["roles"] == ["nurse"]
    assert (await client.delete(f"{url}/{given.json()['id']}", headers=headers)).status_code == 404
    assert [row["details"] for row in await trail("deactivate")] == ['{"role": "receptionist"}']


async def test_role_that_has_not_begun_can_be_taken_back(
    client: httpx2.AsyncClient, world: World, clock: FixedClock
) -> None:
    url, headers = f"/api/users/{world.a.users['nurse']}/memberships", world.a.as_("hospital_admin")
    later = {"role": "cashier", "valid_from": "2026-11-25T00:00:00Z", "valid_until": "2026-12-31T00:00:00Z"}
    given = (await client.post(url, json=later, headers=headers)).json()
    assert given["valid_from"] == "2026-11-25T00:00:00Z"
    assert (await client.post(url, json=later, headers=headers)).json()["code"] == "already_held"
    after = {"role": "cashier", "valid_from": "2026-12-31T00:00:00Z"}
    assert (await client.post(url, json=after, headers=headers)).status_code == 201
    assert (await client.delete(f"{url}/{given['id']}", headers=headers)).status_code == 204
    clock.advance(timedelta(days=5))
    assert (await client.get("/api/me", headers=world.a.as_("nurse"))).json()["roles"] == ["nurse"]


async def test_membership_is_ended_under_its_own_user_only(
    client: httpx2.AsyncClient, world: World, owner: asyncpg.Connection
) -> None:
    membership = await owner.fetchval("SELECT id FROM memberships WHERE user_id = $1", world.a.users["cashier"])
    url = f"/api/users/{world.a.users['nurse']}/memberships/{membership}"
    assert (await client.delete(url, headers=world.a.as_("hospital_admin"))).status_code == 404


async def test_last_administrator_stays(client: httpx2.AsyncClient, world: World, owner: asyncpg.Connection) -> None:
    admin, headers = world.a.users["hospital_admin"], world.a.as_("hospital_admin")
    membership = await admin_membership(owner, admin)
    for url in (f"/api/users/{admin}", f"/api/users/{admin}/memberships/{membership}"):
        refused = await client.delete(url, headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (409, "last_hospital_admin")


@pytest.mark.parametrize(
    "not_enough",
    [
        {"role": "hospital_admin", "valid_until": "2027-01-01T00:00:00Z"},
        {"role": "hospital_admin", "valid_from": "2026-11-24T00:00:00Z"},
        {"role": "hospital_admin", "facility_id": "main"},
        {"role": "doctor"},
    ],
    ids=str,
)
async def test_administrator_for_a_time_or_a_branch_does_not_keep_a_hospital(
    client: httpx2.AsyncClient, world: World, not_enough: dict[str, Any]
) -> None:
    headers = world.a.as_("hospital_admin")
    if "facility_id" in not_enough:
        not_enough = {**not_enough, "facility_id": str(world.a.main)}
    given = await client.post(f"/api/users/{world.a.users['nurse']}/memberships", json=not_enough, headers=headers)
    assert given.status_code == 201
    refused = await client.delete(f"/api/users/{world.a.users['hospital_admin']}", headers=headers)
    assert refused.json()["code"] == "last_hospital_admin"


async def test_two_administrators_cannot_remove_each_other_at_once(
    client: httpx2.AsyncClient, world: World, database: Database, clock: FixedClock, owner: asyncpg.Connection
) -> None:
    for turn in range(5):
        other = await make_person(
            database, world.a.organization_id, clock.now(), username=f"chief{turn}", roles=[Role.HOSPITAL_ADMIN]
        )
        chief = bearer(await sign_in(client, other.username))
        client.cookies.clear()
        admins = await owner.fetch(
            "SELECT DISTINCT user_id FROM memberships WHERE role = 'hospital_admin' AND valid_until IS NULL "
            "AND organization_id = $1", world.a.organization_id,
        )  # fmt: skip
        assert len(admins) == 2
        answers = await asyncio.gather(
            *[client.delete(f"/api/users/{row['user_id']}", headers=chief) for row in admins]
        )
        assert sorted(answer.status_code for answer in answers) in ([204, 409], [204, 401], [204, 403])
        left = await owner.fetch(
            "SELECT user_id FROM memberships WHERE role = 'hospital_admin' AND valid_until IS NULL "
            "AND organization_id = $1", world.a.organization_id,
        )  # fmt: skip
        assert len(left) == 1


# Removing


async def test_removed_user_is_out_at_once_and_stays_listed(
    client: httpx2.AsyncClient, another_browser: Browser, asha: Person, world: World, clock: FixedClock, add_role: Any
) -> None:
    await add_role(asha, world.b, Role.DOCTOR)
    desk, away = await another_browser(), await another_browser()
    here = await sign_in(desk, "asha")
    there = await sign_in(away, "asha", organization_id=str(world.b.organization_id))
    headers = world.a.as_("hospital_admin")
    assert (await client.delete(f"/api/users/{asha.user_id}", headers=headers)).status_code == 204
    clock.advance(timedelta(seconds=1))
    assert (await desk.get("/api/me", headers=bearer(here))).status_code == 401
    assert (await desk.post("/api/auth/refresh")).status_code == 401
    assert (await away.get("/api/me", headers=bearer(there))).status_code == 200  # the other hospital is not asked
    inactive = (await client.get("/api/users?is_active=false", headers=headers)).json()["items"]
    assert [(one["username"], one["is_active"], one["memberships"]) for one in inactive] == [("asha", False, [])]
    active = (await client.get("/api/users?search=asha", headers=headers)).json()["items"]
    everybody = (await client.get("/api/users?search=asha&all=true", headers=headers)).json()["items"]
    assert (len(active), len(everybody)) == (0, 1)
    again = await client.post(f"/api/users/{asha.user_id}/memberships", json={"role": "receptionist"}, headers=headers)
    assert again.status_code == 201


# Passwords and names


async def test_forgotten_password_is_reset_and_must_be_changed(
    client: httpx2.AsyncClient, another_browser: Browser, asha: Person, world: World, clock: FixedClock, trail: Trail
) -> None:
    desk = await another_browser()
    here = await sign_in(desk, "asha")
    answer = await client.post(f"/api/users/{asha.user_id}/reset-password", headers=world.a.as_("hospital_admin"))
    word = answer.json()["one_time_password"]
    clock.advance(timedelta(seconds=1))
    assert (await desk.get("/api/me", headers=bearer(here))).status_code == 401
    assert (await sign_in(client, "asha")).status_code == 401
    assert (await sign_in(client, "asha", word)).json()["code"] == "password_change_required"
    assert (await sign_in(client, "asha", word, new_password="winter umbrella")).status_code == 200
    [row] = await trail("update")
    assert (row["entity"], row["entity_ids"], row["details"]) == ("password", [asha.user_id], '{"reset": true}')


async def test_user_of_another_hospital_too_is_not_taken_over(
    client: httpx2.AsyncClient, asha: Person, world: World, add_role: Any
) -> None:
    """Else an administrator of one hospital could sign in as a doctor of another."""
    await add_role(asha, world.b, Role.DOCTOR)
    url, headers = f"/api/users/{asha.user_id}", world.a.as_("hospital_admin")
    for refused in (
        await client.post(f"{url}/reset-password", headers=headers),
        await client.patch(url, json={"name": "Other"}, headers=headers),
    ):
        assert (refused.status_code, refused.json()["code"]) == (409, "belongs_elsewhere")
    assert (await sign_in(client, "asha")).status_code == 200


async def test_super_admin_who_works_here_is_not_taken_over(
    client: httpx2.AsyncClient, asha: Person, world: World, owner: asyncpg.Connection
) -> None:
    await owner.execute("UPDATE users SET is_platform_admin = true WHERE id = $1", asha.user_id)
    url = f"/api/users/{asha.user_id}/reset-password"
    assert (await client.post(url, headers=world.a.as_("hospital_admin"))).json()["code"] == "belongs_elsewhere"


async def test_own_password_is_not_reset_without_knowing_it(client: httpx2.AsyncClient, world: World) -> None:
    url = f"/api/users/{world.a.users['hospital_admin']}/reset-password"
    assert (await client.post(url, headers=world.a.as_("hospital_admin"))).json()["code"] == "own_password"


async def test_two_who_rename_do_not_overwrite_each_other(
    client: httpx2.AsyncClient, asha: Person, world: World
) -> None:
    url, headers = f"/api/users/{asha.user_id}", world.a.as_("hospital_admin")
    read = (await client.get(url, headers=headers)).headers["etag"]
    first = await client.patch(url, json={"name": "Asha One"}, headers=headers | {"If-Match": read})
    assert (first.status_code, first.headers["etag"]) == (200, '"2"')
    assert first.json()["version"] == 2
    late = await client.patch(url, json={"name": "Asha Two"}, headers=headers | {"If-Match": read})
    assert (late.status_code, late.headers["etag"]) == (412, '"2"')
    assert (await client.get(url, headers=headers)).json()["name"] == "Asha One"


async def test_user_is_renamed(client: httpx2.AsyncClient, asha: Person, world: World, trail: Trail) -> None:
    url, headers = f"/api/users/{asha.user_id}", world.a.as_("hospital_admin")
    renamed = await client.patch(url, json={"name": "आशा Bhosale"}, headers=headers)
    assert (renamed.status_code, renamed.json()["name"]) == (200, "आशा Bhosale")
    assert (await client.get(url, headers=headers)).json()["name"] == "आशा Bhosale"
    assert (await trail("update"))[-1]["details"] == '{"fields": ["name"]}'
    assert (await client.patch(url, json={"username": "other"}, headers=headers)).status_code == 422


async def test_changed_roles_are_told_to_open_screens(
    client: httpx2.AsyncClient, world: World, owner: asyncpg.Connection
) -> None:
    url, headers = f"/api/users/{world.a.users['nurse']}/memberships", world.a.as_("hospital_admin")
    await client.post(url, json={"role": "cashier"}, headers=headers)
    told = await owner.fetchrow("SELECT topic, payload::text FROM outbox_events WHERE name = 'MembershipsChanged'")
    assert told is not None
    assert told["topic"] == "organization"
    assert str(world.a.users["nurse"]) in told["payload"]
