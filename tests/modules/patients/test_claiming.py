"""Claiming a record: whose phone, then whose record; no more told than needed, no more tries than three."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import httpx2
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from arogya.modules.identity.api import mint_access_token
from arogya.modules.identity.tokens import Tokens
from arogya.platform.access import Context
from arogya.platform.clock import FixedClock
from tests.conftest import Sent
from tests.factories.patients import register_patient
from tests.factories.phones import Jobs, sign_in_by_phone
from tests.world import Hospital, World

System = Callable[[Hospital], AbstractAsyncContextManager[Context]]
Tenant = Callable[..., AbstractAsyncContextManager[AsyncSession]]
Headers = dict[str, str]


@pytest.fixture
async def phone(client: httpx2.AsyncClient, world: World, jobs_once: Jobs, sent: Sent) -> Headers:
    """Signed in by the code on 90000 11207, the number of Sunita (46) and Mahesh (51) in both hospitals."""
    return await sign_in_by_phone(client, jobs_once, sent)


async def claimable(client: httpx2.AsyncClient, headers: Headers) -> list[dict[str, Any]]:
    answer = await client.get("/api/patients/claimable", headers=headers)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def claim(
    client: httpx2.AsyncClient, headers: Headers, hospital: Hospital, patient_id: Any, **told: Any
) -> httpx2.Response:
    body = {"organization_id": str(hospital.organization_id), "patient_id": str(patient_id), **told}
    return await client.post("/api/patients/claims", json=body, headers=headers)


async def switched(client: httpx2.AsyncClient, headers: Headers, hospital: Hospital) -> Headers:
    answer = await client.post(
        "/api/auth/switch", json={"organization_id": str(hospital.organization_id)}, headers=headers
    )
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


async def test_people_of_a_phone_are_told_apart_by_first_name_initial_and_age(
    client: httpx2.AsyncClient, world: World, phone: Headers
) -> None:
    found = await claimable(client, phone)
    assert [(one["organization_name"], one["first_name"], one["initial"], one["age_years"]) for one in found] == [
        ("Hospital A of the tests", "Mahesh", "D", 51), ("Hospital A of the tests", "Sunita", "D", 46),
        ("Hospital B of the tests", "Mahesh", "D", 51), ("Hospital B of the tests", "Sunita", "D", 46),
    ]  # fmt: skip
    assert set(found[0]) == {
        "organization_id", "organization_name", "patient_id", "first_name", "initial", "age_years", "is_child",
        "is_at_desk",
    }  # fmt: skip
    assert "Deshmukh" not in str(found)


async def test_records_in_two_hospitals_open_by_year_or_uhid(
    client: httpx2.AsyncClient, world: World, phone: Headers
) -> None:
    assert (await claim(client, phone, world.a, world.a.patient, birth_year=1980)).status_code == 201
    assert (await claim(client, phone, world.b, world.b.patient, uhid=" tb 000001 ")).status_code == 201
    family = (await client.get("/api/patients/family", headers=phone)).json()["items"]
    assert [(one["organization_name"], one["name"], one["relation"]) for one in family] == [
        ("Hospital A of the tests", "Sunita Deshmukh", "self"),
        ("Hospital B of the tests", "Sunita Deshmukh", "self"),
    ]
    for hospital in (world.a, world.b):
        there = await switched(client, phone, hospital)
        me = (await client.get("/api/me", headers=there)).json()
        assert [one["id"] for one in me["patients"]] == [str(hospital.patient)]
        assert me["user"]["name"] == "Sunita Deshmukh"
        assert (await client.get(f"/api/patients/{hospital.patient}", headers=there)).status_code == 200
        assert (await client.get(f"/api/patients/{hospital.other_patient}", headers=there)).status_code == 404
        assert (await client.get("/api/appointments", headers=there)).status_code == 200


async def test_next_sign_in_goes_straight_to_the_hospital(
    client: httpx2.AsyncClient, world: World, phone: Headers, jobs_once: Jobs, sent: Sent, clock: FixedClock
) -> None:
    await claim(client, phone, world.b, world.b.patient, birth_year=1980)
    clock.advance(timedelta(minutes=10))
    again = await sign_in_by_phone(client, jobs_once, sent)
    assert (await client.get("/api/me", headers=again)).json()["organization"]["code"] == "TB"


async def test_wrong_year_counts_and_the_third_sends_to_the_desk(
    client: httpx2.AsyncClient, world: World, phone: Headers
) -> None:
    answers = [await claim(client, phone, world.a, world.a.patient, birth_year=1981) for _ in range(3)]
    assert [(one.status_code, one.json()["code"], one.json().get("tries_left")) for one in answers] == [
        (422, "claim_wrong", 2), (422, "claim_wrong", 1), (409, "claim_at_desk", None),
    ]  # fmt: skip
    right = await claim(client, phone, world.a, world.a.patient, birth_year=1980)
    assert (right.status_code, right.json()["code"]) == (409, "claim_at_desk")
    at_desk = {one["first_name"]: one["is_at_desk"] for one in (await claimable(client, phone))[:2]}
    assert at_desk == {"Sunita": True, "Mahesh": False}


async def test_of_many_guesses_sent_at_once_three_are_looked_at(
    client: httpx2.AsyncClient, world: World, phone: Headers
) -> None:
    years = range(1976, 1986)
    answers = await asyncio.gather(
        *(claim(client, phone, world.a, world.a.patient, birth_year=year) for year in years if year != 1980)
    )
    assert sum(one.json()["code"] == "claim_wrong" for one in answers) == 2
    assert (await claim(client, phone, world.a, world.a.patient, birth_year=1980)).json()["code"] == "claim_at_desk"


async def test_wrong_uhid_is_refused_beside_its_field(client: httpx2.AsyncClient, world: World, phone: Headers) -> None:
    answer = await claim(client, phone, world.a, world.a.patient, uhid="TA-000002")
    assert (answer.status_code, [one["name"] for one in answer.json()["fields"]]) == (422, ["uhid"])


@pytest.mark.parametrize("told", [{}, {"birth_year": 1980, "uhid": "TA-000001"}, {"birth_year": "1980"}])
async def test_exactly_one_proof_is_asked(
    client: httpx2.AsyncClient, world: World, phone: Headers, told: dict[str, Any]
) -> None:
    assert (await claim(client, phone, world.a, world.a.patient, **told)).status_code == 422


@pytest.mark.parametrize(("told", "status"), [(1979, 201), (1981, 201), (1982, 422)])
async def test_year_reckoned_from_an_age_may_be_one_off(
    client: httpx2.AsyncClient, world: World, phone: Headers, owner: asyncpg.Connection, told: int, status: int
) -> None:
    await owner.execute("UPDATE patients SET birth_date_precision = 'year'")
    assert (await claim(client, phone, world.a, world.a.patient, birth_year=told)).status_code == status


@pytest.mark.parametrize("told", ["is_active = false", "is_deceased = true", "is_unknown = true"])
async def test_closed_record_is_neither_shown_nor_claimed(
    client: httpx2.AsyncClient, world: World, phone: Headers, owner: asyncpg.Connection, told: str
) -> None:
    await owner.execute(f"UPDATE patients SET {told} WHERE id = $1", world.a.patient)
    assert str(world.a.patient) not in str(await claimable(client, phone))
    assert (await claim(client, phone, world.a, world.a.patient, birth_year=1980)).status_code == 404


async def test_record_with_another_number_is_not_there(
    client: httpx2.AsyncClient, world: World, phone: Headers, system: System
) -> None:
    async with system(world.a) as ctx:
        other = await register_patient(ctx, phones=["9000022222"], birth_date=date(1980, 1, 1), age_years=None)
    assert str(other) not in str(await claimable(client, phone))
    assert (await claim(client, phone, world.a, other, birth_year=1980)).status_code == 404
    assert (await claim(client, phone, world.a, uuid4(), birth_year=1980)).status_code == 404


async def test_record_is_not_found_in_another_hospital_than_its_own(
    client: httpx2.AsyncClient, world: World, phone: Headers
) -> None:
    assert (await claim(client, phone, world.b, world.a.patient, birth_year=1980)).status_code == 404


async def test_suspended_hospital_shows_nobody(
    client: httpx2.AsyncClient, world: World, phone: Headers, owner: asyncpg.Connection
) -> None:
    await owner.execute("UPDATE organizations SET status = 'suspended' WHERE id = $1", world.a.organization_id)
    assert {one["organization_name"] for one in await claimable(client, phone)} == {"Hospital B of the tests"}
    assert (await claim(client, phone, world.a, world.a.patient, birth_year=1980)).status_code == 404


async def test_only_a_session_of_the_code_may_claim(client: httpx2.AsyncClient, world: World) -> None:
    """A number that a hospital wrote down for a user proves nothing: the hospital could sign in as them."""
    for who in ("patient", "receptionist", "hospital_admin"):
        headers = world.a.as_(who)
        for answer in (
            await client.get("/api/patients/claimable", headers=headers),
            await claim(client, headers, world.b, world.b.patient, birth_year=1980),
        ):
            assert (answer.status_code, answer.json()["code"]) == (403, "phone_not_proved")


async def test_same_user_with_a_password_session_may_not(
    client: httpx2.AsyncClient, world: World, phone: Headers, owner: asyncpg.Connection
) -> None:
    await owner.execute("UPDATE sessions SET opened_by = 'password' WHERE opened_by = 'code'")
    assert (await client.get("/api/patients/claimable", headers=phone)).json()["code"] == "phone_not_proved"


async def test_stranger_claims_nothing(client: httpx2.AsyncClient, world: World) -> None:
    assert (await client.get("/api/patients/claimable")).status_code == 401
    assert (await claim(client, {}, world.a, world.a.patient, birth_year=1980)).status_code == 401
    assert (await client.get("/api/patients/family")).status_code == 401


async def test_two_claims_at_once_open_one_account(
    client: httpx2.AsyncClient, world: World, phone: Headers, owner: asyncpg.Connection
) -> None:
    answers = await asyncio.gather(*(claim(client, phone, world.a, world.a.patient, birth_year=1980) for _ in range(3)))
    assert sorted(one.status_code for one in answers) == [201, 409, 409]
    assert {one.json()["code"] for one in answers if one.status_code == 409} == {"already_open"}
    count = "SELECT count(*) FROM patient_accounts WHERE patient_id = $1 AND user_id <> $2"
    assert await owner.fetchval(count, world.a.patient, world.a.users["patient"]) == 1
    count = "SELECT count(*) FROM memberships WHERE role = 'patient' AND organization_id = $1"
    assert await owner.fetchval(count, world.a.organization_id) == 2, "the world's patient's, and this one"


async def test_one_is_oneself_only_once_and_cares_for_the_rest(
    client: httpx2.AsyncClient, world: World, phone: Headers
) -> None:
    await claim(client, phone, world.a, world.a.patient, birth_year=1980)
    second = await claim(client, phone, world.a, world.a.other_patient, birth_year=1975)
    assert (second.status_code, second.json()["code"]) == (409, "own_record_already")
    third = await claim(client, phone, world.a, world.a.other_patient, birth_year=1975, relation="carer")
    assert (third.status_code, third.json()["relation"]) == (201, "carer")


async def test_a_child_is_claimed_as_guardian_whatever_is_said(
    client: httpx2.AsyncClient, world: World, phone: Headers, owner: asyncpg.Connection
) -> None:
    await owner.execute("UPDATE patients SET birth_date = $1 WHERE id = $2", date(2015, 6, 1), world.a.patient)
    child = next(one for one in await claimable(client, phone) if one["patient_id"] == str(world.a.patient))
    assert (child["age_years"], child["is_child"]) == (11, True)
    answer = await claim(client, phone, world.a, world.a.patient, birth_year=2015, relation="self")
    assert answer.json()["relation"] == "guardian"


async def test_guardians_access_lapses_at_the_hospitals_midnight_of_the_eighteenth_birthday(
    client: httpx2.AsyncClient, world: World, phone: Headers, owner: asyncpg.Connection, clock: FixedClock
) -> None:
    """24 November begins in Kolkata at 18:30 UTC of the 23rd."""
    await owner.execute("UPDATE patients SET birth_date = $1 WHERE id = $2", date(2008, 11, 24), world.a.patient)
    await claim(client, phone, world.a, world.a.patient, birth_year=2008)
    await claim(client, phone, world.a, world.a.other_patient, birth_year=1975)
    clock.at = clock.at.replace(hour=18, minute=29, second=59)
    phone = await switched(client, renewed(world, phone), world.a)
    path = f"/api/patients/{world.a.patient}"
    assert (await client.get(path, headers=phone)).status_code == 200
    clock.advance(timedelta(seconds=1))
    assert (await client.get(path, headers=phone)).status_code == 404
    me = (await client.get("/api/me", headers=phone)).json()
    assert [one["id"] for one in me["patients"]] == [str(world.a.other_patient)]
    family = (await client.get("/api/patients/family", headers=phone)).json()["items"]
    assert [one["patient_id"] for one in family] == [str(world.a.other_patient)]


def renewed(world: World, headers: Headers) -> Headers:
    """The same session for the rest of the day, as its refresh token would keep it."""
    keys, now = world.a.keys, world.a.clock.now()
    claims = Tokens(keys).read(headers["Authorization"].removeprefix("Bearer "), now)
    return {"Authorization": f"Bearer {mint_access_token(keys, claims, now, timedelta(days=1))}"}


async def test_claims_and_refusals_are_on_the_hospitals_trail(
    client: httpx2.AsyncClient, world: World, phone: Headers, owner: asyncpg.Connection
) -> None:
    await claimable(client, phone)
    await claim(client, phone, world.a, world.a.patient, birth_year=1999)
    await claim(client, phone, world.a, world.a.patient, birth_year=1980)
    rows = await owner.fetch(
        "SELECT action, entity, details::text FROM audit_entries WHERE organization_id = $1 ORDER BY at, id",
        world.a.organization_id,
    )
    told = [(row["action"], row["entity"]) for row in rows]
    assert ("search", "patient") in told
    assert ("denied", "patient") in told
    opened = next(row for row in rows if row["entity"] == "patient_account")
    assert '"by": "birth_year"' in opened["details"]
    assert "1980" not in str([row["details"] for row in rows])
