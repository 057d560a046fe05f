"""The one-time QR of a slip, and what the desk sees of who signs in for a patient."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import date, timedelta
from typing import Any

import asyncpg
import httpx2
import pytest

from arogya.modules.patients import api as patients
from arogya.modules.patients.jobs import purge_passes
from arogya.platform import jobs
from arogya.platform.access import Context
from arogya.platform.clock import FixedClock
from tests.conftest import Sent
from tests.factories.phones import Jobs, sign_in_by_phone
from tests.factories.qr import read_qr
from tests.modules.patients.test_claiming import claim, claimable
from tests.modules.scheduling.test_printing import squares_drawn
from tests.world import Hospital, World

System = Callable[[Hospital], AbstractAsyncContextManager[Context]]
Give = Callable[..., Awaitable[str]]
MAY = {"receptionist", "branch_receptionist", "hospital_admin"}


@pytest.fixture
def give(world: World, system: System) -> Give:
    async def given(hospital: Hospital | None = None, patient_id: Any = None) -> str:
        hospital = hospital or world.a
        async with system(hospital) as ctx:
            return (await patients.give_pass(ctx, patient_id or hospital.other_patient)).token

    return given


async def scan(http: httpx2.AsyncClient, token: str, year: int = 1975, /, **more: Any) -> httpx2.Response:
    headers = more.pop("headers", None)
    body = {"token": token, "birth_year": year, "client": "api", **more}
    return await http.post("/api/auth/slip", json=body, headers=headers)


def bearer(answer: httpx2.Response) -> dict[str, str]:
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


async def test_scan_and_the_year_sign_the_phone_in_to_that_record(
    client: httpx2.AsyncClient, world: World, give: Give
) -> None:
    token = await give()
    shown = await client.post("/api/auth/slip/show", json={"token": token})
    assert shown.json() == {
        "hospital_name": "Hospital A of the tests", "first_name": "Mahesh", "initial": "D", "age_years": 51,
        "is_child": False,
    }  # fmt: skip
    headers = bearer(await scan(client, token))
    me = (await client.get("/api/me", headers=headers)).json()
    assert (me["organization"]["code"], me["user"]["name"]) == ("TA", "Mahesh Deshmukh")
    assert [(one["id"], one["relation"]) for one in me["patients"]] == [(str(world.a.other_patient), "self")]
    assert (await client.get(f"/api/patients/{world.a.patient}", headers=headers)).status_code == 404


async def test_slip_is_good_once(client: httpx2.AsyncClient, world: World, give: Give) -> None:
    token = await give()
    answers = await asyncio.gather(*(scan(client, token) for _ in range(4)))
    assert sorted(one.status_code for one in answers) == [200, 404, 404, 404]
    assert (await client.post("/api/auth/slip/show", json={"token": token})).json()["code"] == "slip_over"


async def test_slip_is_good_for_a_day(client: httpx2.AsyncClient, world: World, give: Give, clock: FixedClock) -> None:
    token = await give()
    clock.advance(timedelta(hours=24))
    assert (await scan(client, token)).json()["code"] == "slip_over"


async def test_last_moment_of_the_day_is_in_time(
    client: httpx2.AsyncClient, world: World, give: Give, clock: FixedClock
) -> None:
    token = await give()
    clock.advance(timedelta(hours=24) - timedelta(seconds=1))
    assert (await scan(client, token)).status_code == 200


async def test_third_wrong_year_ends_the_slip(
    client: httpx2.AsyncClient, world: World, give: Give, owner: asyncpg.Connection
) -> None:
    token = await give()
    answers = [(await scan(client, token, 1974)).json() for _ in range(3)]
    assert [(one["code"], one.get("tries_left")) for one in answers] == [
        ("slip_year_wrong", 2), ("slip_year_wrong", 1), ("slip_over", None),
    ]  # fmt: skip
    assert (await scan(client, token)).status_code == 404
    denied = "SELECT count(*) FROM audit_entries WHERE action = 'denied' AND entity = 'patient_pass'"
    assert await owner.fetchval(denied) == 4
    assert await owner.fetchval("SELECT count(*) FROM users WHERE name = ''") == 0


async def test_new_slip_ends_the_one_before(client: httpx2.AsyncClient, world: World, give: Give) -> None:
    first, second = await give(), await give()
    assert (await scan(client, first)).status_code == 404
    assert (await scan(client, second)).status_code == 200


async def test_only_a_hash_is_kept(world: World, give: Give, owner: asyncpg.Connection) -> None:
    token = await give()
    assert token not in str(await owner.fetch("SELECT patient_passes::text FROM patient_passes"))
    assert token not in str(await owner.fetch("SELECT * FROM audit_entries"))


@pytest.mark.parametrize("token", ["A" * 43, "short", "A" * 44, "../../x"])
async def test_what_is_no_slip_opens_nothing(client: httpx2.AsyncClient, world: World, token: str) -> None:
    assert (await scan(client, token)).status_code in {404, 422}


async def test_guessing_slips_makes_an_address_wait(client: httpx2.AsyncClient, world: World) -> None:
    answers = [(await scan(client, "A" * 43)).status_code for _ in range(32)]
    assert (answers[0], answers[-1]) == (404, 429)


async def test_looking_at_guessed_slips_makes_an_address_wait_here_and_at_codes(
    client: httpx2.AsyncClient, world: World
) -> None:
    looked = [(await client.post("/api/auth/slip/show", json={"token": "A" * 43})).status_code for _ in range(32)]
    assert (looked[0], looked[-1]) == (404, 429)
    code = {"code_id": "0190f3c2-7a10-7c3e-9a53-0d6a7f1b2c3d", "code": "000000"}
    assert (await client.post("/api/auth/code/sign-in", json=code)).status_code == 429


@pytest.mark.parametrize("told", ["is_active = false", "is_deceased = true"])
async def test_slip_of_a_record_that_was_closed_meanwhile_opens_nothing(
    client: httpx2.AsyncClient, world: World, give: Give, owner: asyncpg.Connection, told: str
) -> None:
    token = await give()
    await owner.execute(f"UPDATE patients SET {told}")
    assert (await scan(client, token)).status_code == 404


async def test_child_is_opened_as_guardian(
    client: httpx2.AsyncClient, world: World, give: Give, owner: asyncpg.Connection
) -> None:
    await owner.execute("UPDATE patients SET birth_date = $1", date(2018, 1, 1))
    headers = bearer(await scan(client, await give(), 2018))
    me = (await client.get("/api/me", headers=headers)).json()
    assert (me["patients"][0]["relation"], me["user"]["name"]) == ("guardian", "")


async def test_who_is_signed_in_adds_the_record_to_their_own_account(
    client: httpx2.AsyncClient, world: World, give: Give, jobs_once: Jobs, sent: Sent
) -> None:
    headers = await sign_in_by_phone(client, jobs_once, sent)
    await claim(client, headers, world.a, world.a.patient, birth_year=1980)
    added = bearer(await scan(client, await give(world.b), headers=headers))
    family = (await client.get("/api/patients/family", headers=added)).json()["items"]
    assert [one["organization_name"][:10] for one in family] == ["Hospital A", "Hospital B"]
    assert (await client.get("/api/me", headers=added)).json()["organization"]["code"] == "TB"


async def test_record_that_one_has_already_is_refused_and_the_slip_stays_good(
    client: httpx2.AsyncClient, world: World, give: Give
) -> None:
    headers = bearer(await scan(client, await give()))
    token = await give()
    assert (await scan(client, token, headers=headers)).json()["code"] == "already_open"
    assert (await client.post("/api/auth/slip/show", json={"token": token})).status_code == 200


async def test_session_of_a_slip_claims_no_other_record(client: httpx2.AsyncClient, world: World, give: Give) -> None:
    headers = bearer(await scan(client, await give()))
    assert (await client.get("/api/patients/claimable", headers=headers)).json()["code"] == "phone_not_proved"


async def test_the_desks_slip_lets_who_was_sent_to_the_desk_try_again(
    client: httpx2.AsyncClient, world: World, give: Give, jobs_once: Jobs, sent: Sent
) -> None:
    headers = await sign_in_by_phone(client, jobs_once, sent)
    for _ in range(3):
        await claim(client, headers, world.a, world.a.other_patient, birth_year=1999)
    await give()
    assert not any(one["is_at_desk"] for one in await claimable(client, headers))
    assert (await claim(client, headers, world.a, world.a.other_patient, birth_year=1975)).status_code == 201


async def test_old_slips_are_forgotten(
    world: World, give: Give, owner: asyncpg.Connection, work: jobs.Work, clock: FixedClock
) -> None:
    await give()
    clock.advance(timedelta(days=31))
    await purge_passes(work)
    assert await owner.fetchval("SELECT count(*) FROM patient_passes") == 1
    clock.advance(timedelta(days=1))
    await purge_passes(work)
    assert await owner.fetchval("SELECT count(*) FROM patient_passes") == 0


@pytest.mark.parametrize("paper", ["80mm", "a5"])
async def test_desk_prints_the_qr(client: httpx2.AsyncClient, world: World, paper: str) -> None:
    answer = await client.post(
        f"/api/patients/{world.a.other_patient}/pass?paper={paper}", headers=world.a.as_("receptionist")
    )
    assert (answer.status_code, answer.headers["content-type"]) == (201, "application/pdf")
    assert answer.content.startswith(b"%PDF")
    [(squares, module_dots)] = squares_drawn(answer.content).items()
    assert module_dots == pytest.approx(round(module_dots), abs=0.01), "whole dots of a thermal printer"
    address = re.fullmatch(r"http://localhost:8000/my/slip#([A-Za-z0-9_-]{43})", read_qr(squares))
    assert address
    assert (await scan(client, address[1])).status_code == 200


@pytest.mark.parametrize("told", ["is_active = false", "is_deceased = true", "birth_date = NULL"])
async def test_desk_prints_none_for_a_record_that_cannot_be_given_out(
    client: httpx2.AsyncClient, world: World, owner: asyncpg.Connection, told: str
) -> None:
    await owner.execute(f"UPDATE patients SET {told}")
    answer = await client.post(f"/api/patients/{world.a.patient}/pass", headers=world.a.as_("receptionist"))
    assert (answer.status_code, answer.json()["code"]) == (409, "no_pass_for")


async def test_who_may_see_print_and_end(client: httpx2.AsyncClient, world: World, owner: asyncpg.Connection) -> None:
    account = await owner.fetchval("SELECT id FROM patient_accounts WHERE patient_id = $1", world.a.patient)
    operations = [
        ("GET", f"/api/patients/{world.a.patient}/accounts"),
        ("POST", f"/api/patients/{world.a.patient}/pass"),
        ("DELETE", f"/api/patients/{world.a.patient}/accounts/{account}"),
    ]
    for who in set(world.a.users) - MAY:
        for method, path in operations:
            answer = await client.request(method, path, headers=world.a.as_(who))
            assert answer.status_code == 403, (who, method, path)
    for method, path in operations:
        assert (await client.request(method, path)).status_code == 401
        assert (await client.request(method, path, headers=world.b.as_("receptionist"))).status_code == 404
    for who in MAY:
        assert (await client.get(operations[0][1], headers=world.a.as_(who))).status_code == 200


async def test_desk_sees_who_signs_in(
    client: httpx2.AsyncClient, world: World, jobs_once: Jobs, sent: Sent, owner: asyncpg.Connection
) -> None:
    headers = await sign_in_by_phone(client, jobs_once, sent)
    await claim(client, headers, world.a, world.a.other_patient, birth_year=1975)
    path = f"/api/patients/{world.a.other_patient}/accounts"
    [one] = (await client.get(path, headers=world.a.as_("receptionist"))).json()["items"]
    assert (one["name"], one["phone"], one["relation"]) == ("Mahesh Deshmukh", "+919000011207", "self")
    assert one["last_seen_at"] is not None
    read = "SELECT count(*) FROM audit_entries WHERE action = 'read' AND entity = 'patient' AND patient_id = $1"
    assert await owner.fetchval(read, world.a.other_patient) == 1


async def test_desk_ends_an_access_at_once_and_it_can_be_given_again(
    client: httpx2.AsyncClient, world: World, jobs_once: Jobs, sent: Sent, clock: FixedClock, give: Give
) -> None:
    headers = bearer(await scan(client, await give()))
    clock.advance(timedelta(seconds=1))
    path = f"/api/patients/{world.a.other_patient}"
    assert (await client.get(path, headers=headers)).status_code == 200
    desk = world.a.as_("receptionist")
    [one] = (await client.get(f"{path}/accounts", headers=desk)).json()["items"]
    assert (await client.delete(f"{path}/accounts/{one['id']}", headers=desk)).status_code == 204
    clock.advance(timedelta(seconds=1))
    assert (await client.get(path, headers=headers)).status_code == 403, "no role is left here"
    assert (await client.get(f"{path}/accounts", headers=desk)).json()["items"] == []
    assert (await client.delete(f"{path}/accounts/{one['id']}", headers=desk)).status_code == 404
    again = bearer(await scan(client, await give(), headers=headers))
    clock.advance(timedelta(seconds=1))
    assert (await client.get(path, headers=again)).status_code == 200


async def test_account_of_another_patient_is_not_ended_through_this_one(
    client: httpx2.AsyncClient, world: World, owner: asyncpg.Connection
) -> None:
    account = await owner.fetchval("SELECT id FROM patient_accounts WHERE patient_id = $1", world.a.patient)
    answer = await client.delete(
        f"/api/patients/{world.a.other_patient}/accounts/{account}", headers=world.a.as_("receptionist")
    )
    assert answer.status_code == 404
    assert await owner.fetchval("SELECT valid_until FROM patient_accounts WHERE id = $1", account) is None
