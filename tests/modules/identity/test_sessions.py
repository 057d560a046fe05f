"""Staying signed in: refresh tokens that rotate, and sessions that end within a second."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx2
import pytest

from arogya.modules.identity.api import purge
from arogya.modules.identity.passwords import PasswordRoom
from arogya.platform.clock import FixedClock
from arogya.platform.database import Database
from arogya.policy import Role
from tests.factories.identity import PASSWORD, Person, bearer, sign_in
from tests.modules.identity.conftest import Browser, MakePerson
from tests.world import World

Trail = Callable[[str], Awaitable[list[dict[str, Any]]]]


async def refresh(client: httpx2.AsyncClient, token: str | None = None) -> httpx2.Response:
    """By the cookie, or by a token as programs do."""
    return await client.post("/api/auth/refresh", json={"refresh_token": token} if token else {})


def replace_cookie(client: httpx2.AsyncClient, value: str) -> None:
    client.cookies.delete("arogya")
    client.cookies.set("arogya", value, domain="localhost.local", path="/")


async def ended(client: httpx2.AsyncClient, answer: httpx2.Response) -> bool:
    return (await client.get("/api/me", headers=bearer(answer))).status_code == 401


@pytest.fixture
async def signed_in(client: httpx2.AsyncClient, asha: Person) -> httpx2.Response:
    return await sign_in(client, "asha")


# Rotation


async def test_refresh_gives_a_new_access_token_and_a_new_cookie(
    client: httpx2.AsyncClient, signed_in: httpx2.Response
) -> None:
    before = client.cookies["arogya"]
    answer = await refresh(client)
    assert answer.status_code == 200
    assert "refresh_token" not in answer.json()
    assert client.cookies["arogya"] != before
    assert (await client.get("/api/me", headers=bearer(answer))).status_code == 200


async def test_empty_body_will_do_for_a_browser(client: httpx2.AsyncClient, signed_in: httpx2.Response) -> None:
    assert (await client.post("/api/auth/refresh")).status_code == 200


async def test_a_clock_set_back_asks_for_a_refresh_and_no_new_sign_in(
    client: httpx2.AsyncClient, asha: Person, clock: FixedClock
) -> None:
    """A token of the future is none; the session is still its person's."""
    first = (await sign_in(client, "asha", client="api")).json()
    clock.advance(-timedelta(hours=1))
    old = {"Authorization": f"Bearer {first['access_token']}"}
    assert (await client.get("/api/me", headers=old)).status_code == 401
    answer = await refresh(client, first["refresh_token"])
    assert answer.status_code == 200, answer.text
    new = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    assert (await client.get("/api/me", headers=new)).status_code == 200


@pytest.mark.parametrize(
    "ends", ["UPDATE users SET is_active = false", "UPDATE organizations SET status = 'suspended'"]
)
async def test_who_may_not_come_in_is_not_refreshed(
    client: httpx2.AsyncClient, asha: Person, owner: asyncpg.Connection, ends: str
) -> None:
    token = (await sign_in(client, "asha", client="api")).json()["refresh_token"]
    await owner.execute(ends)
    answer = await refresh(client, token)
    assert (answer.status_code, answer.json()["code"]) == (401, "session_ended")


async def test_program_refreshes_by_its_body(client: httpx2.AsyncClient, asha: Person) -> None:
    first = (await sign_in(client, "asha", client="api")).json()["refresh_token"]
    answer = await refresh(client, first)
    assert (answer.status_code, answer.headers.get_list("set-cookie")) == (200, [])
    second = answer.json()["refresh_token"]
    assert second != first
    assert (await refresh(client, second)).status_code == 200


async def test_without_a_token_there_is_no_session(client: httpx2.AsyncClient) -> None:
    answer = await refresh(client)
    assert (answer.status_code, answer.json()["code"]) == (401, "session_ended")


async def test_forged_token_ends_nobodys_session(client: httpx2.AsyncClient, asha: Person) -> None:
    token = (await sign_in(client, "asha", client="api")).json()["refresh_token"]
    forged = token[:-1] + ("A" if token[-1] != "A" else "B")
    for bad in (forged, forged.replace(".0.", ".5."), "garbage", token * 2):
        assert (await refresh(client, bad)).status_code in {401, 422}
    assert (await refresh(client, token)).status_code == 200


async def test_only_hashes_are_kept(
    client: httpx2.AsyncClient, signed_in: httpx2.Response, owner: asyncpg.Connection
) -> None:
    await refresh(client)
    for table in ("sessions", "known_devices", "login_identifiers", "credentials"):
        kept = str([dict(row) for row in await owner.fetch(f"SELECT * FROM {table}")])
        assert client.cookies["arogya"] not in kept
        assert client.cookies["arogya"].rsplit(".", 1)[1] not in kept
        assert client.cookies["arogya-device"] not in kept
        assert PASSWORD not in kept


# Reuse


async def test_token_used_twice_ends_the_whole_family(
    client: httpx2.AsyncClient, signed_in: httpx2.Response, clock: FixedClock, trail: Trail, asha: Person
) -> None:
    stolen = client.cookies["arogya"]
    newest = await refresh(client)
    good = client.cookies["arogya"]
    clock.advance(timedelta(seconds=11))
    replace_cookie(client, stolen)
    assert (await refresh(client)).json()["code"] == "session_ended"
    replace_cookie(client, good)
    assert (await refresh(client)).status_code == 401
    assert await ended(client, newest)
    [row] = await trail("denied")
    assert (row["user_id"], row["details"]) == (asha.user_id, '{"code": "refresh_token_reused"}')


async def test_same_successor_is_told_again_to_the_same_device_for_ten_seconds(
    client: httpx2.AsyncClient, signed_in: httpx2.Response, clock: FixedClock
) -> None:
    first = client.cookies["arogya"]
    await refresh(client)
    successor = client.cookies["arogya"]
    clock.advance(timedelta(seconds=10))
    replace_cookie(client, first)
    assert (await refresh(client)).status_code == 200
    assert client.cookies["arogya"] == successor
    assert (await refresh(client)).status_code == 200


async def test_another_device_gets_no_replay(
    client: httpx2.AsyncClient, another_browser: Browser, signed_in: httpx2.Response
) -> None:
    first = client.cookies["arogya"]
    await refresh(client)
    thief = await another_browser()
    replace_cookie(thief, first)
    assert (await refresh(thief)).status_code == 401
    assert (await refresh(client)).status_code == 401


async def test_program_elsewhere_gets_no_replay(
    client: httpx2.AsyncClient, another_browser: Browser, asha: Person
) -> None:
    first = (await sign_in(client, "asha", client="api")).json()["refresh_token"]
    second = (await refresh(client, first)).json()["refresh_token"]
    assert (await refresh(client, first)).json()["refresh_token"] == second
    thief = await another_browser(address="203.0.113.7")
    assert (await refresh(thief, first)).status_code == 401
    assert (await refresh(client, second)).status_code == 401


async def test_token_before_the_last_is_reuse_also_within_ten_seconds(client: httpx2.AsyncClient, asha: Person) -> None:
    first = (await sign_in(client, "asha", client="api")).json()["refresh_token"]
    second = (await refresh(client, first)).json()["refresh_token"]
    third = (await refresh(client, second)).json()["refresh_token"]
    assert (await refresh(client, first)).status_code == 401
    assert (await refresh(client, third)).status_code == 401


async def test_two_tabs_that_refresh_at_once_get_the_same_successor(
    client: httpx2.AsyncClient, asha: Person, owner: asyncpg.Connection
) -> None:
    first = (await sign_in(client, "asha", client="api")).json()["refresh_token"]
    answers = await asyncio.gather(*[refresh(client, first) for _ in range(8)])
    assert [answer.status_code for answer in answers] == [200] * 8
    assert len({answer.json()["refresh_token"] for answer in answers}) == 1
    assert await owner.fetchval("SELECT max(n) FROM sessions") == 1


async def test_session_that_ends_while_it_is_refreshed_is_over(
    client: httpx2.AsyncClient, asha: Person, owner: asyncpg.Connection
) -> None:
    token = (await sign_in(client, "asha", client="api")).json()["refresh_token"]
    async with owner.transaction():
        await owner.execute("UPDATE sessions SET revoked_at = now() WHERE user_id = $1", asha.user_id)
        refreshing = asyncio.create_task(refresh(client, token))
        await asyncio.sleep(0.3)
        assert not refreshing.done()  # it waits for what this transaction decides
    assert (await refreshing).status_code == 401


# Time


async def test_session_lapses_when_it_is_not_used(
    client: httpx2.AsyncClient, signed_in: httpx2.Response, clock: FixedClock
) -> None:
    clock.advance(timedelta(days=6, hours=23))
    assert (await refresh(client)).status_code == 200
    clock.advance(timedelta(days=7))
    assert (await refresh(client)).status_code == 401


async def test_password_is_asked_for_after_thirty_days(
    client: httpx2.AsyncClient, asha: Person, clock: FixedClock
) -> None:
    answer = await sign_in(client, "asha", client="api")
    for _ in range(5):
        clock.advance(timedelta(days=6))
        last, answer = answer, await refresh(client, answer.json()["refresh_token"])
    assert answer.status_code == 401
    assert last.status_code == 200


async def test_old_sessions_and_counts_are_purged_and_open_ones_stay(
    client: httpx2.AsyncClient, asha: Person, database: Database, clock: FixedClock, owner: asyncpg.Connection
) -> None:
    await sign_in(client, "asha")
    await sign_in(client, "asha", "not the password")
    clock.advance(timedelta(days=38))
    token = (await sign_in(client, "asha", client="api")).json()["refresh_token"]
    await purge(database, clock.now())
    assert await owner.fetchval("SELECT count(*) FROM sessions WHERE user_id = $1", asha.user_id) == 1
    assert await owner.fetchval("SELECT count(*) FROM login_throttles") == 0
    assert (await refresh(client, token)).status_code == 200


# Ending


async def test_signing_out_ends_the_session_and_drops_the_cookie(
    client: httpx2.AsyncClient, signed_in: httpx2.Response, clock: FixedClock, trail: Trail, asha: Person
) -> None:
    answer = await client.post("/api/auth/logout")
    assert answer.status_code == 204
    assert "arogya" not in client.cookies
    assert "Max-Age=0" in answer.headers["set-cookie"]
    clock.advance(timedelta(seconds=1))
    assert await ended(client, signed_in)
    [row] = await trail("sign-out")
    assert (row["organization_id"], row["user_id"]) == (asha.organization_id, asha.user_id)


async def test_program_signs_out_by_its_access_token(client: httpx2.AsyncClient, asha: Person) -> None:
    answer = await sign_in(client, "asha", client="api")
    assert (await client.post("/api/auth/logout", headers=bearer(answer))).status_code == 204
    assert (await refresh(client, answer.json()["refresh_token"])).status_code == 401


async def test_program_signs_out_by_its_refresh_token(client: httpx2.AsyncClient, asha: Person) -> None:
    token = (await sign_in(client, "asha", client="api")).json()["refresh_token"]
    assert (await client.post("/api/auth/logout", json={"refresh_token": token})).status_code == 204
    assert (await refresh(client, token)).status_code == 401


async def test_stranger_is_signed_out_already(client: httpx2.AsyncClient, trail: Trail) -> None:
    headers = {"Authorization": "Bearer garbage"}
    assert (await client.post("/api/auth/logout", headers=headers, json={})).status_code == 204
    assert await trail("sign-out") == []


async def test_one_sees_ones_own_devices(client: httpx2.AsyncClient, another_browser: Browser, asha: Person) -> None:
    await sign_in(await another_browser(address="203.0.113.9"), "asha", headers={"User-Agent": "Phone"})
    here = await sign_in(client, "asha", headers={"User-Agent": "Desk"})
    items = (await client.get("/api/auth/sessions", headers=bearer(here))).json()["items"]
    assert {(i["user_agent"], i["address"], i["is_current"]) for i in items} == {
        ("Phone", "203.0.113.9", False),
        ("Desk", "127.0.0.1", True),
    }
    assert items[0].keys() == {"id", "user_agent", "address", "created_at", "last_seen_at", "is_current"}


async def test_device_that_was_signed_out_is_out_within_a_second(
    client: httpx2.AsyncClient, another_browser: Browser, asha: Person
) -> None:
    """In real time: the clock of the test stands still, what the server remembers does not."""
    lost = await another_browser()
    there, here = await sign_in(lost, "asha"), await sign_in(client, "asha")
    assert not await ended(lost, there)  # now the server remembers who this is
    sessions = (await client.get("/api/auth/sessions", headers=bearer(here))).json()["items"]
    [its_id] = [one["id"] for one in sessions if not one["is_current"]]
    answer = await client.delete(f"/api/auth/sessions/{its_id}", headers=bearer(here))
    at = time.monotonic()
    assert answer.status_code == 204
    while not await ended(lost, there):
        assert time.monotonic() - at < 1
        await asyncio.sleep(0.05)
    assert (await refresh(lost)).status_code == 401
    assert not await ended(client, here)


async def test_nobody_ends_another_persons_session(
    client: httpx2.AsyncClient, asha: Person, world: World, trail: Trail
) -> None:
    mine = await sign_in(client, "asha")
    for other in (world.a.sessions["doctor"], world.b.sessions["doctor"], uuid4()):
        answer = await client.delete(f"/api/auth/sessions/{other}", headers=bearer(mine))
        assert answer.status_code == 404
    assert (await client.get("/api/me", headers=world.a.as_("doctor"))).status_code == 200
    assert len(await trail("denied")) == 3


# Another hospital


async def switch(client: httpx2.AsyncClient, answer: httpx2.Response, to: UUID | None) -> httpx2.Response:
    body = {"organization_id": str(to) if to else None}
    return await client.post("/api/auth/switch", json=body, headers=bearer(answer))


async def test_one_goes_on_in_another_hospital(
    client: httpx2.AsyncClient, asha: Person, world: World, add_role: Any, trail: Trail
) -> None:
    await add_role(asha, world.b, Role.DOCTOR)
    here = await sign_in(client, "asha")
    there = await switch(client, here, world.b.organization_id)
    assert there.status_code == 200
    me = (await client.get("/api/me", headers=bearer(there))).json()
    assert (me["organization"]["code"], me["roles"]) == ("TB", ["doctor"])
    assert {one["organization_name"] for one in me["memberships"]} == {
        "Hospital A of the tests",
        "Hospital B of the tests",
    }
    again = await refresh(client)
    assert (await client.get("/api/me", headers=bearer(again))).json()["organization"]["code"] == "TB"
    entered = (await trail("sign-in"))[-1]
    assert (entered["organization_id"], entered["details"]) == (world.b.organization_id, '{"switched": true}')


async def test_one_does_not_switch_to_where_one_has_no_role(
    client: httpx2.AsyncClient, asha: Person, world: World, clock: FixedClock, add_role: Any
) -> None:
    here = await sign_in(client, "asha")
    for target in (world.b.organization_id, uuid4(), None):
        refused = await switch(client, here, target)
        assert (refused.status_code, refused.json()["code"]) == (403, "not_a_member")
    await add_role(asha, world.b, Role.DOCTOR, valid_until=clock.now() + timedelta(minutes=1))
    clock.advance(timedelta(minutes=2))
    assert (await switch(client, here, world.b.organization_id)).status_code == 403


async def test_one_does_not_switch_into_a_suspended_hospital(
    client: httpx2.AsyncClient, asha: Person, world: World, add_role: Any
) -> None:
    await add_role(asha, world.b, Role.DOCTOR)
    here = await sign_in(client, "asha")
    await client.post(f"/api/hospitals/{world.b.organization_id}/suspend", headers=world.as_super_admin())
    assert (await switch(client, here, world.b.organization_id)).json()["code"] == "hospital_suspended"


# Passwords


async def change(client: httpx2.AsyncClient, answer: httpx2.Response, current: str, new: str) -> httpx2.Response:
    return await client.post("/api/auth/password", json={"current": current, "new": new}, headers=bearer(answer))


async def test_changed_password_ends_all_other_sessions(
    client: httpx2.AsyncClient, another_browser: Browser, asha: Person, clock: FixedClock, trail: Trail
) -> None:
    other = await another_browser()
    there, here = await sign_in(other, "asha"), await sign_in(client, "asha")
    assert (await change(client, here, PASSWORD, "winter umbrella")).status_code == 204
    clock.advance(timedelta(seconds=1))
    assert await ended(other, there)
    assert not await ended(client, here)
    assert (await refresh(client)).status_code == 200
    assert (await sign_in(client, "asha")).status_code == 401
    assert (await sign_in(client, "asha", "winter umbrella")).status_code == 200
    assert [row["entity"] for row in await trail("update")] == ["password"]


async def test_wrong_current_password_is_refused_counted_and_recorded(
    client: httpx2.AsyncClient, signed_in: httpx2.Response, trail: Trail
) -> None:
    for _ in range(5):
        refused = await change(client, signed_in, "not the password", "winter umbrella")
        assert (refused.status_code, refused.json()["code"]) == (422, "wrong_password")
        assert refused.json()["fields"][0]["name"] == "current"
    assert (await change(client, signed_in, PASSWORD, "winter umbrella")).status_code == 429
    assert len(await trail("denied")) == 5


async def test_of_guesses_sent_at_once_the_right_one_learns_nothing_once_five_were_wrong(
    client: httpx2.AsyncClient, signed_in: httpx2.Response, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The right one began when none was wrong yet, and is answered after five were."""
    check = PasswordRoom.check

    async def others_meanwhile(room: PasswordRoom, password: str, kept: str | None) -> tuple[bool, str | None]:
        if password == PASSWORD:
            for _ in range(5):
                assert (await change(client, signed_in, "not the password", "winter umbrella")).status_code == 422
        return await check(room, password, kept)

    monkeypatch.setattr(PasswordRoom, "check", others_meanwhile)
    assert (await change(client, signed_in, PASSWORD, "winter umbrella")).status_code == 429


async def test_weak_new_password_is_refused(client: httpx2.AsyncClient, signed_in: httpx2.Response) -> None:
    refused = await change(client, signed_in, PASSWORD, "asha")
    assert (refused.status_code, refused.json()["code"]) == (422, "weak_password")
    assert refused.json()["fields"][0]["name"] == "new"
    assert (await sign_in(client, "asha")).status_code == 200


async def test_two_changes_at_once_are_one_change(client: httpx2.AsyncClient, signed_in: httpx2.Response) -> None:
    """Else the slower of two would win over one who was told that the new password holds."""
    words = [f"umbrella number {n}" for n in range(4)]
    answers = await asyncio.gather(*[change(client, signed_in, PASSWORD, word) for word in words])
    assert sorted(answer.status_code for answer in answers) == [204, 422, 422, 422]
    [chosen] = [word for word, answer in zip(words, answers, strict=True) if answer.status_code == 204]
    assert (await sign_in(client, "asha", chosen)).status_code == 200


async def test_nobody_else_changes_a_password(client: httpx2.AsyncClient) -> None:
    body = {"current": PASSWORD, "new": "winter umbrella"}
    assert (await client.post("/api/auth/password", json=body)).status_code == 401


async def test_person_with_sessions_elsewhere_keeps_them(
    client: httpx2.AsyncClient, person: MakePerson, signed_in: httpx2.Response, another_browser: Browser
) -> None:
    await person(username="bela")
    bela = await another_browser()
    theirs = await sign_in(bela, "bela")
    await change(client, signed_in, PASSWORD, "winter umbrella")
    assert not await ended(bela, theirs)
