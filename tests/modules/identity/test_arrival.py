"""People who make their own account: patients who register, and the first administrator."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import asyncpg
import httpx2
import pytest
from fastapi import FastAPI

from arogya.app import announcements
from arogya.modules.identity.tokens import setup_code
from arogya.platform.clock import FixedClock
from arogya.platform.settings import Settings
from arogya.policy import DEVICE_PERMISSIONS, Permission, Role, permissions_of
from tests.conftest import KEYS
from tests.factories.identity import PASSWORD, bearer, sign_in
from tests.modules.identity.conftest import Browser, MakePerson
from tests.world import World

Trail = Callable[[str], Awaitable[list[dict[str, Any]]]]


def registration(world: World, **told: Any) -> dict[str, Any]:
    body = {
        "organization_id": str(world.a.organization_id), "name": "Asha Bhosale", "gender": "female",
        "birth_date": "1990-04-02", "phone": "9000011207", "username": "Asha.B", "password": PASSWORD,
        "language": "hi", "privacy_notice_version": "1",
    }  # fmt: skip
    return {name: value for name, value in {**body, **told}.items() if value is not ...}


async def register(client: httpx2.AsyncClient, world: World, **told: Any) -> httpx2.Response:
    return await client.post("/api/auth/register", json=registration(world, **told))


# Patients


async def test_patient_registers_and_is_signed_in(client: httpx2.AsyncClient, world: World, trail: Trail) -> None:
    answer = await register(client, world)
    assert answer.status_code == 201
    assert "arogya" in client.cookies
    me = (await client.get("/api/me", headers=bearer(answer))).json()
    assert (me["roles"], me["user"]["language"]) == (["patient"], "hi")
    [patient] = me["patients"]
    assert (patient["name"], patient["relation"]) == ("Asha Bhosale", "self")
    assert (await sign_in(client, "asha.b")).status_code == 200
    assert "user" in [row["entity"] for row in await trail("create")]
    assert (await trail("sign-in"))[0]["organization_id"] == world.a.organization_id


async def test_notice_that_was_read_is_recorded(
    client: httpx2.AsyncClient, world: World, owner: asyncpg.Connection
) -> None:
    await register(client, world, privacy_notice_version="7", language="hi")
    kept = await owner.fetchrow(
        "SELECT privacy_notice_version, privacy_notice_language, privacy_notice_at FROM patients ORDER BY id DESC"
    )
    assert kept is not None
    assert tuple(kept)[:2] == ("7", "hi")
    assert kept["privacy_notice_at"] is not None


async def test_answer_tells_no_stranger_who_is_a_patient_here(
    client: httpx2.AsyncClient, another_browser: Browser, world: World
) -> None:
    """With the name, birth date and phone of a patient as with a stranger's: a new record, and nothing of the other."""
    receptionist = world.a.as_("receptionist")
    known = (await client.get(f"/api/patients/{world.a.patient}", headers=receptionist)).json()
    like = {
        "name": known["name"],
        "gender": known["gender"],
        "birth_date": known["birth_date"],
        "phone": known["phones"][0]["number"],
    }
    same = await register(client, world, **like)
    other = await register(await another_browser(), world, username="bela", name="Bela Rane", phone="9000088888")
    assert (same.status_code, other.status_code) == (201, 201)
    assert set(same.json()) == set(other.json())
    me = (await client.get("/api/me", headers=bearer(same))).json()
    assert [one["id"] for one in me["patients"]] != [str(world.a.patient)]


async def test_age_will_do_for_a_birth_date(client: httpx2.AsyncClient, world: World) -> None:
    assert (await register(client, world, birth_date=..., age_years=36)).status_code == 201


async def test_told_phone_is_not_signed_in_with(client: httpx2.AsyncClient, world: World) -> None:
    """Nobody has shown that it is theirs: a family shares one, and a stranger may type any."""
    await register(client, world)
    assert (await sign_in(client, "9000011207")).status_code == 401


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"password": "short"}, "password"),
        ({"password": "asha.bhosale", "username": "asha.bhosale"}, "password"),
        ({"age_years": 36}, ""),
        ({"birth_date": ...}, ""),
        ({"username": "9000011207"}, "username"),
        ({"username": "asha@mail.example"}, "username"),
        ({"phone": "none"}, "phone"),
        ({"privacy_notice_version": ...}, "privacy_notice_version"),
        ({"name": " "}, "name"),
        ({"gender": "F"}, "gender"),
    ],
    ids=str,
)
async def test_what_makes_no_sense_registers_nobody(
    client: httpx2.AsyncClient, world: World, owner: asyncpg.Connection, told: dict[str, Any], field: str
) -> None:
    before = await owner.fetchval("SELECT count(*) FROM users")
    refused = await register(client, world, **told)
    assert refused.status_code == 422
    assert field in [one["name"] for one in refused.json()["fields"]] or not field
    assert await owner.fetchval("SELECT count(*) FROM users") == before


async def test_user_name_is_one_persons(
    client: httpx2.AsyncClient, world: World, person: MakePerson, owner: asyncpg.Connection
) -> None:
    await person(username="asha.b", organization_id=world.b.organization_id)
    patients = await owner.fetchval("SELECT count(*) FROM patients")
    refused = await register(client, world)
    assert (refused.status_code, refused.json()["code"]) == (409, "username_taken")
    assert await owner.fetchval("SELECT count(*) FROM patients") == patients


async def test_hospitals_that_are_open_are_listed(
    client: httpx2.AsyncClient, world: World, owner: asyncpg.Connection
) -> None:
    async def codes() -> list[str]:
        return [one["code"] for one in (await client.get("/api/auth/hospitals")).json()["items"]]

    assert await codes() == ["TA", "TB"]
    await owner.execute("UPDATE organizations SET is_open_to_registration = false WHERE code = 'TA'")
    assert await codes() == ["TB"]
    await owner.execute("UPDATE organizations SET status = 'suspended' WHERE code = 'TB'")
    assert await codes() == []


async def test_one_registers_where_it_is_open_only(
    client: httpx2.AsyncClient, world: World, owner: asyncpg.Connection
) -> None:
    unsaid = await register(client, world, organization_id=...)
    assert (unsaid.status_code, unsaid.json()["fields"][0]["name"]) == (422, "organization_id")
    await owner.execute("UPDATE organizations SET is_open_to_registration = false WHERE code = 'TA'")
    assert (await register(client, world)).json()["code"] == "not_open"
    only_one_is_left = await register(client, world, organization_id=...)
    me = (await client.get("/api/me", headers=bearer(only_one_is_left))).json()
    assert me["organization"]["code"] == "TB"
    await owner.execute("UPDATE organizations SET status = 'suspended' WHERE code = 'TB'")
    other = await register(client, world, organization_id=str(world.b.organization_id), username="bela")
    assert other.json()["code"] == "not_open"


async def test_address_that_registers_many_is_slowed(
    client: httpx2.AsyncClient, another_browser: Browser, world: World
) -> None:
    for n in range(21):
        assert (await register(client, world, username=f"name{n}", gender="F")).status_code == 422
    for n in range(21):
        assert (await register(client, world, username="ta-nurse")).status_code == 409, n
    assert (await register(client, world)).status_code == 429
    assert (await register(await another_browser(address="203.0.113.5"), world)).status_code == 201


# The first hospital


@pytest.fixture
async def empty(owner: asyncpg.Connection, world: World) -> None:
    """An installation on its first day."""
    await owner.execute("TRUNCATE organizations, users CASCADE")


def set_up(**told: Any) -> dict[str, Any]:
    return {
        "code": setup_code(KEYS), "hospital_name": "Neem Hospital", "hospital_code": "NH",
        "facility_name": "Neem Hospital, Pune", "time_zone": "Asia/Kolkata", "language": "hi", "preset": "hospital",
        "admin_name": "Meera Kulkarni", "username": "meera", "password": PASSWORD, **told,
    }  # fmt: skip


async def test_terminal_prints_the_code_until_there_is_a_hospital(
    app: FastAPI, config: Settings, client: httpx2.AsyncClient, empty: None
) -> None:
    said = await asyncio.to_thread(announcements, config)
    assert setup_code(KEYS) in "".join(said)
    assert (await client.get("/api/setup")).json() == {"needed": True}
    assert (await client.post("/api/setup", json=set_up())).status_code == 201
    assert await asyncio.to_thread(announcements, config) == []
    assert (await client.get("/api/setup")).json() == {"needed": False}


async def test_code_opens_the_first_hospital(client: httpx2.AsyncClient, empty: None, trail: Trail) -> None:
    typed = f" {setup_code(KEYS).lower().replace('-', ' ')} "
    answer = await client.post("/api/setup", json=set_up(code=typed))
    assert answer.status_code == 201
    me = (await client.get("/api/me", headers=bearer(answer))).json()
    assert (me["organization"]["name"], me["organization"]["is_solo"]) == ("Neem Hospital", False)
    assert (me["roles"], me["practitioner_id"]) == (["hospital_admin"], None)
    assert [one["name"] for one in me["facilities"]] == ["Neem Hospital, Pune"]
    assert [row["kept"] for row in await trail("create") if row["entity"] == "organization"] == ["tenant", "platform"]
    assert (await sign_in(client, "meera")).status_code == 200


async def test_solo_clinic_is_one_person_with_a_practice(client: httpx2.AsyncClient, empty: None) -> None:
    answer = await client.post("/api/setup", json=set_up(preset="solo"))
    headers = bearer(answer)
    me = (await client.get("/api/me", headers=headers)).json()
    assert me["organization"]["is_solo"]
    assert set(me["roles"]) == {"hospital_admin", "doctor", "receptionist", "privacy_officer"}
    assert me["practitioner_id"]
    schedules = (await client.get("/api/schedules", headers=headers)).json()["items"]
    [schedule] = [one for one in schedules if one["practitioner_id"] == me["practitioner_id"]]
    assert [(s["weekday"], s["starts"], s["ends"]) for s in schedule["sessions"]] == [
        (day, "09:00", "13:00") for day in range(5)
    ]


async def test_solo_clinics_one_person_may_do_all_that_anybody_may_in_a_hospital(
    client: httpx2.AsyncClient, empty: None
) -> None:
    headers = bearer(await client.post("/api/setup", json=set_up(preset="solo")))
    me = (await client.get("/api/me", headers=headers)).json()
    of_no_person = DEVICE_PERMISSIONS - permissions_of(Role.DOCTOR)
    assert set(me["permissions"]) == set(Permission) - permissions_of(Role.SUPER_ADMIN) - of_no_person
    assert (await client.get("/api/audit", headers=headers)).status_code == 200


@pytest.mark.parametrize("weekday", range(7))
async def test_solo_clinic_takes_its_first_walk_in_on_any_day(
    client: httpx2.AsyncClient, empty: None, clock: FixedClock, weekday: int
) -> None:
    clock.advance(timedelta(days=weekday))
    headers = bearer(await client.post("/api/setup", json=set_up(preset="solo")))
    me = (await client.get("/api/me", headers=headers)).json()
    here = {"facility_id": me["facilities"][0]["id"]}
    [doctor] = (await client.get("/api/practitioners-today", params=here, headers=headers)).json()["items"]
    assert doctor["practitioner_id"] == me["practitioner_id"]
    person = {"name": "Ravi Test", "gender": "male", "age_years": 34}
    patient = (await client.post("/api/patients", json=person, headers=headers)).json()
    body = {**here, "patient_id": patient["id"], "practitioner_id": doctor["practitioner_id"]}
    given = await client.post("/api/walk-ins", json=body, headers=headers)
    assert (given.status_code, given.json()["token"]["number"]) == (201, 1), given.text
    called = await client.post(f"/api/queue/{given.json()['token']['id']}/call", headers=headers)
    seen = await client.post(f"/api/appointments/{given.json()['id']}/fulfil", headers=headers)
    assert (called.status_code, seen.status_code, seen.json()["status"]) == (200, 200, "fulfilled")


async def test_wrong_code_opens_nothing_and_is_slowed(
    client: httpx2.AsyncClient, another_browser: Browser, empty: None, clock: FixedClock, trail: Trail
) -> None:
    for n in range(6):
        guesser = await another_browser(address=f"203.0.113.{n}")  # changing addresses is no help
        refused = await guesser.post("/api/setup", json=set_up(code="AAAA-BBBB-CCCC-DDDD"))
        assert (refused.status_code, refused.json()["code"]) == (403, "wrong_setup_code")
    assert (await client.post("/api/setup", json=set_up())).status_code == 429
    assert (await client.get("/api/setup")).json() == {"needed": True}
    assert {row["kept"] for row in await trail("denied")} == {"platform"}


@pytest.mark.parametrize("code", ["", "x", setup_code(KEYS)[:-1], setup_code(KEYS) + "A", "é" * 16])
async def test_part_of_the_code_is_not_the_code(client: httpx2.AsyncClient, empty: None, code: str) -> None:
    assert (await client.post("/api/setup", json=set_up(code=code))).status_code == 403


async def test_code_is_worth_nothing_once_there_is_a_hospital(client: httpx2.AsyncClient, world: World) -> None:
    refused = await client.post("/api/setup", json=set_up())
    assert (refused.status_code, refused.json()["code"]) == (409, "already_set_up")


async def test_code_sent_twice_at_once_opens_one_hospital(
    another_browser: Browser, empty: None, owner: asyncpg.Connection
) -> None:
    bodies = [set_up(username=f"meera{n}", hospital_code=f"N{n}") for n in range(4)]
    answers = await asyncio.gather(*[(await another_browser()).post("/api/setup", json=body) for body in bodies])
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert await owner.fetchval("SELECT count(*) FROM organizations") == 1
    assert await owner.fetchval("SELECT count(*) FROM users") == 1


@pytest.mark.parametrize(
    "told",
    [
        {"password": "short"}, {"hospital_code": "neem"}, {"time_zone": "Asia/Atlantis"}, {"preset": "chain"},
        {"username": "m"}, {"hospital_name": ""},
    ],
    ids=str,
)  # fmt: skip
async def test_what_makes_no_sense_sets_nothing_up(
    client: httpx2.AsyncClient, empty: None, told: dict[str, Any]
) -> None:
    assert (await client.post("/api/setup", json=set_up(**told))).status_code == 422
    assert (await client.get("/api/setup")).json() == {"needed": True}


def test_each_installation_has_a_code_of_its_own() -> None:
    assert setup_code(KEYS) == setup_code(KEYS)
    assert len(setup_code(KEYS).replace("-", "")) == 16
