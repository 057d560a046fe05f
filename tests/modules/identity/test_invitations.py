"""Inviting people by e-mail: who may, for what, and what the link is good for."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import httpx2
import pytest

from arogya.platform.clock import FixedClock
from arogya.policy import Role
from tests.conftest import Sent
from tests.factories.identity import PASSWORD, bearer, sign_in
from tests.modules.answers import refusal
from tests.modules.identity.conftest import MakePerson
from tests.world import World

Trail = Callable[[str], Awaitable[list[dict[str, Any]]]]
JobsOnce = Callable[[], Awaitable[int]]
URL = "/api/invitations"
RAVI = {"email": "Ravi@mail.example", "role": "receptionist"}
ACCOUNT = {"name": "Ravi Desk", "username": "ravi", "password": PASSWORD}


@pytest.fixture
def admin(world: World) -> dict[str, str]:
    return world.a.as_("hospital_admin")


@pytest.fixture
def newest_token(jobs_once: JobsOnce, sent: Sent) -> Callable[[], Awaitable[str]]:
    """What stands behind the # of the link in the newest letter."""

    async def read() -> str:
        await jobs_once()
        found = re.search(r"http://localhost:8000/invitation#(\S+)", sent.letters[-1].body)
        assert found
        return found[1]

    return read


Newest = Callable[[], Awaitable[str]]
Signed = Callable[[], Awaitable[dict[str, str]]]


@pytest.fixture
async def meera(client: httpx2.AsyncClient, person: MakePerson) -> Signed:
    """`await meera()`: an administrator who signs in now; the clock may have gone on for days."""
    await person(username="meera", roles=[Role.HOSPITAL_ADMIN])

    async def signed() -> dict[str, str]:
        return bearer(await sign_in(client, "meera"))

    return signed


async def accept(client: httpx2.AsyncClient, token: str, account: Any = ACCOUNT) -> httpx2.Response:
    body = {"token": token, **({"account": account} if account else {})}
    return await client.post("/api/auth/invitation/accept", json=body)


async def look(client: httpx2.AsyncClient, token: str) -> httpx2.Response:
    return await client.post("/api/auth/invitation", json={"token": token})


async def test_invited_person_says_who_they_are_and_works_there(
    client: httpx2.AsyncClient, world: World, admin: dict[str, str], newest_token: Newest, sent: Sent, trail: Trail
) -> None:
    invited = await client.post(URL, json={**RAVI, "facility_id": str(world.a.branch)}, headers=admin)
    assert invited.status_code == 201
    told = invited.json()
    assert (told["email"], told["role"], told["status"]) == ("ravi@mail.example", "receptionist", "open")
    assert (told["facility_name"], told["sent_at"]) == ("Hospital A of the tests, branch", None)
    assert "token" not in invited.text
    token = await newest_token()
    assert (sent.letters[0].to, sent.letters[0].subject) == ("ravi@mail.example", "Hospital A of the tests invites you")
    assert (await look(client, token)).json() == {
        "hospital": "Hospital A of the tests", "role": "receptionist", "email": "ravi@mail.example",
        "has_account": False,
    }  # fmt: skip
    assert (await accept(client, token)).status_code == 204
    me = (await client.get("/api/me", headers=bearer(await sign_in(client, "ravi@mail.example")))).json()
    assert (me["user"]["name"], me["roles"], [one["id"] for one in me["facilities"]]) == (
        "Ravi Desk", ["receptionist"], [str(world.a.branch)]
    )  # fmt: skip
    assert (await client.get(URL, headers=admin)).json()["items"] == []
    assert {row["entity"] for row in await trail("create")} >= {"invitation", "user", "membership"}
    assert (await trail("update"))[-1]["entity"] == "invitation"


async def test_waiting_invitations_are_listed_with_their_state(
    client: httpx2.AsyncClient, admin: dict[str, str], meera: Signed, jobs_once: JobsOnce, clock: FixedClock
) -> None:
    await client.post(URL, json=RAVI, headers=admin)
    await jobs_once()
    clock.advance(timedelta(days=6))
    await client.post(URL, json={**RAVI, "email": "sita@mail.example"}, headers=admin)
    clock.advance(timedelta(days=1))
    listed = (await client.get(URL, headers=await meera())).json()
    assert [(one["email"], one["status"], one["sent_at"] is not None) for one in listed["items"]] == [
        ("sita@mail.example", "open", False), ("ravi@mail.example", "expired", True)
    ]  # fmt: skip


async def test_link_is_good_once_whoever_is_first(
    client: httpx2.AsyncClient, admin: dict[str, str], newest_token: Newest
) -> None:
    await client.post(URL, json=RAVI, headers=admin)
    token = await newest_token()
    answers = await asyncio.gather(*[accept(client, token, {**ACCOUNT, "username": f"ravi{n}"}) for n in range(4)])
    assert sorted(answer.status_code for answer in answers) == [204, 422, 422, 422]
    assert refusal(await look(client, token)) == (422, "link_expired")


async def test_link_is_good_for_seven_days(
    client: httpx2.AsyncClient, admin: dict[str, str], newest_token: Newest, clock: FixedClock
) -> None:
    await client.post(URL, json=RAVI, headers=admin)
    token = await newest_token()
    clock.advance(timedelta(days=6, hours=23))
    assert (await look(client, token)).status_code == 200
    clock.advance(timedelta(hours=1))
    assert refusal(await look(client, token)) == (422, "link_expired")
    assert refusal(await accept(client, token)) == (422, "link_expired")


async def test_sent_again_only_the_newest_link_is_good(
    client: httpx2.AsyncClient, newest_token: Newest, clock: FixedClock, meera: Signed
) -> None:
    made = (await client.post(URL, json=RAVI, headers=await meera())).json()
    first = await newest_token()
    clock.advance(timedelta(days=8))
    admin = await meera()
    again = await client.post(f"{URL}/{made['id']}/resend", headers=admin)
    assert (again.status_code, again.json()["status"]) == (200, "open")
    second = await newest_token()
    assert refusal(await accept(client, first)) == (422, "link_expired")
    assert (await accept(client, second)).status_code == 204
    assert refusal(await client.post(f"{URL}/{made['id']}/resend", headers=admin)) == (409, "invitation_closed")
    assert refusal(await client.delete(f"{URL}/{made['id']}", headers=admin)) == (409, "invitation_closed")


async def test_revoked_it_is_good_no_more_and_no_letter_goes_out(
    client: httpx2.AsyncClient, admin: dict[str, str], newest_token: Newest, jobs_once: JobsOnce, sent: Sent
) -> None:
    made = (await client.post(URL, json=RAVI, headers=admin)).json()
    token = await newest_token()
    assert (await client.delete(f"{URL}/{made['id']}", headers=admin)).status_code == 204
    assert refusal(await accept(client, token)) == (422, "link_expired")
    assert refusal(await client.delete(f"{URL}/{made['id']}", headers=admin)) == (409, "invitation_closed")
    other = (await client.post(URL, json=RAVI, headers=admin)).json()  # the address is free again
    await client.delete(f"{URL}/{other['id']}", headers=admin)
    await jobs_once()
    assert len(sent.letters) == 1


async def test_one_address_waits_for_one_place(client: httpx2.AsyncClient, world: World, admin: dict[str, str]) -> None:
    answers = await asyncio.gather(*[client.post(URL, json=RAVI, headers=admin) for _ in range(4)])
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"already_invited"}
    # Another hospital neither sees that nor is hindered by it.
    assert (await client.post(URL, json=RAVI, headers=world.b.as_("hospital_admin"))).status_code == 201


async def test_nervous_finger_invites_once(
    client: httpx2.AsyncClient, world: World, jobs_once: JobsOnce, sent: Sent
) -> None:
    headers = world.a.as_("hospital_admin", key="k1")
    one, two = [await client.post(URL, json=RAVI, headers=headers) for _ in range(2)]
    assert (one.status_code, two.status_code, one.json()["id"]) == (201, 201, two.json()["id"])
    await jobs_once()
    assert len(sent.letters) == 1


async def test_who_has_an_account_only_agrees(
    client: httpx2.AsyncClient, world: World, admin: dict[str, str], newest_token: Newest, person: MakePerson
) -> None:
    await person(username="ravi", email="ravi@mail.example", organization_id=world.b.organization_id)
    await client.post(URL, json=RAVI, headers=admin)
    token = await newest_token()
    assert (await look(client, token)).json()["has_account"] is True
    assert refusal(await accept(client, token)) == (422, "invalid")
    assert (await accept(client, token, None)).status_code == 204
    me = (await client.get("/api/me", headers=bearer(await sign_in(client, "ravi")))).json()
    assert {one["organization_name"] for one in me["memberships"]} == {
        "Hospital A of the tests", "Hospital B of the tests"
    }  # fmt: skip


async def test_what_may_not_be_takes_no_place(
    client: httpx2.AsyncClient, admin: dict[str, str], newest_token: Newest, person: MakePerson
) -> None:
    await person(username="taken")
    await client.post(URL, json=RAVI, headers=admin)
    token = await newest_token()
    for account, told in [
        (None, (422, "invalid")),
        ({**ACCOUNT, "password": "short"}, (422, "weak_password")),
        ({**ACCOUNT, "username": "taken"}, (409, "username_taken")),
    ]:
        assert refusal(await accept(client, token, account)) == told
    assert (await accept(client, token)).status_code == 204


async def test_suspended_hospital_takes_nobody(
    client: httpx2.AsyncClient, world: World, admin: dict[str, str], newest_token: Newest
) -> None:
    await client.post(URL, json=RAVI, headers=admin)
    token = await newest_token()
    await client.post(f"/api/hospitals/{world.a.organization_id}/suspend", headers=world.as_super_admin())
    assert refusal(await accept(client, token)) == (403, "hospital_suspended")


async def test_token_of_one_hospital_opens_nothing_in_another(
    client: httpx2.AsyncClient, world: World, admin: dict[str, str], newest_token: Newest
) -> None:
    await client.post(URL, json=RAVI, headers=admin)
    token = await newest_token()
    organization, invitation, secret = token.split(".")
    for made_up in (
        f"{world.b.organization_id.hex}.{invitation}.{secret}",
        f"{organization}.{uuid4().hex}.{secret}",
        f"{organization}.{invitation}.{'A' * 43}",
        "x",
    ):
        assert refusal(await look(client, made_up)) == (422, "link_expired")


async def test_only_the_tokens_hash_is_kept(
    client: httpx2.AsyncClient, admin: dict[str, str], newest_token: Newest, owner: asyncpg.Connection
) -> None:
    await client.post(URL, json=RAVI, headers=admin)
    token = await newest_token()
    kept = await owner.fetchval("SELECT row_to_json(invitations)::text FROM invitations")
    secret = token.split(".")[2]
    assert secret not in kept
    assert secret.encode().hex() not in kept


# Who may


@pytest.mark.parametrize("who", ["receptionist", "doctor", "privacy_officer", "patient"])
async def test_only_administrators_invite(client: httpx2.AsyncClient, world: World, trail: Trail, who: str) -> None:
    headers, some = world.a.as_(who), uuid4()
    answers = [
        await client.post(URL, json=RAVI, headers=headers),
        await client.post(f"{URL}/{some}/resend", headers=headers),
        await client.delete(f"{URL}/{some}", headers=headers),
    ]
    assert [answer.status_code for answer in answers] == [403] * 3
    assert len(await trail("denied")) == 3
    assert (await client.get(URL, headers=headers)).status_code == (200 if who == "privacy_officer" else 403)


async def test_stranger_and_another_hospital_see_none(
    client: httpx2.AsyncClient, world: World, admin: dict[str, str]
) -> None:
    made = (await client.post(URL, json=RAVI, headers=admin)).json()
    assert (await client.get(URL)).status_code == 401
    other = world.b.as_("hospital_admin")
    assert (await client.get(URL, headers=other)).json()["items"] == []
    assert (await client.post(f"{URL}/{made['id']}/resend", headers=other)).status_code == 404
    assert (await client.delete(f"{URL}/{made['id']}", headers=other)).status_code == 404


async def test_nobody_invites_past_their_own_reach(
    client: httpx2.AsyncClient, world: World, admin: dict[str, str], person: MakePerson
) -> None:
    await person(username="meera", roles=[Role.HOSPITAL_ADMIN], facility_id=world.a.branch)
    branch = bearer(await sign_in(client, "meera"))
    for told in ({}, {"facility_id": str(world.a.main)}):
        assert refusal(await client.post(URL, json={**RAVI, **told}, headers=branch)) == (403, "beyond_reach")
    here = {**RAVI, "facility_id": str(world.a.branch)}
    assert (await client.post(URL, json=here, headers=branch)).status_code == 201
    main = {"email": "sita@mail.example", "role": "nurse", "facility_id": str(world.a.main)}
    made = (await client.post(URL, json=main, headers=admin)).json()
    assert [one["email"] for one in (await client.get(URL, headers=branch)).json()["items"]] == ["ravi@mail.example"]
    assert refusal(await client.delete(f"{URL}/{made['id']}", headers=branch)) == (403, "beyond_reach")
    assert refusal(await client.post(f"{URL}/{made['id']}/resend", headers=branch)) == (403, "beyond_reach")
    for told, code in [
        ({"role": "super_admin"}, (403, "beyond_reach")),
        ({"role": "patient"}, (422, "invalid")),
        ({"facility_id": str(world.b.main)}, (404, "not_found")),
        ({"email": "ravi"}, (422, "invalid")),
    ]:
        assert refusal(await client.post(URL, json={**RAVI, **told}, headers=admin)) == code
