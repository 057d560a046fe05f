"""Signing in with a password: who gets in, who waits, and what a stranger learns."""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import asyncpg
import httpx2
import pytest
from fastapi import FastAPI

from arogya.modules.identity import passwords
from arogya.modules.identity.passwords import argon2id
from arogya.platform.clock import FixedClock
from arogya.policy import Role
from tests.factories.identity import PASSWORD, Person, bearer, sign_in
from tests.modules.identity.conftest import Browser, MakePerson
from tests.statements import statements
from tests.world import World

Trail = Callable[[str], Awaitable[list[dict[str, Any]]]]


def without_request_id(answer: httpx2.Response) -> dict[str, Any]:
    return {name: value for name, value in answer.json().items() if name != "request_id"}


async def test_right_password_signs_in(client: httpx2.AsyncClient, asha: Person) -> None:
    answer = await sign_in(client, "asha")
    assert answer.status_code == 200
    assert answer.json().keys() == {"access_token", "token_type", "expires_in", "must_change_password"}
    assert (answer.json()["token_type"], answer.json()["expires_in"]) == ("bearer", 600)
    me = (await client.get("/api/me", headers=bearer(answer))).json()
    assert (me["user"]["id"], me["organization"]["code"], me["roles"]) == (str(asha.user_id), "TA", ["receptionist"])


@pytest.mark.parametrize(
    "typed",
    ["ASHA", " asha ", "asha@mail.example", "Asha@Mail.Example", "9000011207", "+91 90000 11207", "090000-11207"],
)
async def test_one_signs_in_by_any_of_ones_names(client: httpx2.AsyncClient, person: MakePerson, typed: str) -> None:
    await person(username="asha", email="asha@mail.example", phone="+919000011207")
    assert (await sign_in(client, typed)).status_code == 200


async def test_password_is_taken_as_typed(client: httpx2.AsyncClient, person: MakePerson) -> None:
    await person(username="asha", password=" spaces around ")
    assert (await sign_in(client, "asha", " spaces around ")).status_code == 200
    assert (await sign_in(client, "asha", "spaces around")).status_code == 401


# Cookies


def cookies_of(answer: httpx2.Response) -> dict[str, str]:
    """Each cookie that was set, by its name, with all that was said about it."""
    return {line.split("=", 1)[0]: line for line in answer.headers.get_list("set-cookie")}


async def test_browser_gets_the_refresh_token_in_a_cookie_that_no_script_reads(
    client: httpx2.AsyncClient, asha: Person
) -> None:
    cookie = cookies_of(await sign_in(client, "asha"))["arogya"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "Path=/" in cookie
    assert "Secure" not in cookie  # browsers would drop it at http://localhost
    assert "Domain" not in cookie


@pytest.mark.parametrize("base_url", ["https://hospital.example", "https://localhost:8443", "http://192.168.1.9:8000"])
async def test_elsewhere_the_cookie_is_bound_to_host_and_https(
    another_browser: Browser, asha: Person, base_url: str
) -> None:
    """On plain http in a LAN too: a browser drops it there, which is better than sending it in the open."""
    cookies = cookies_of(await sign_in(await another_browser(base_url), "asha"))
    assert cookies.keys() == {"__Host-arogya", "__Host-arogya-device"}
    for cookie in cookies.values():
        assert "Secure" in cookie
        assert "HttpOnly" in cookie
        assert "Path=/" in cookie


async def test_behind_a_proxy_the_public_origin_says_whether_it_is_https(
    client: httpx2.AsyncClient, app: FastAPI, asha: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.state.settings, "public_origin", "https://hospital.example")
    answer = await sign_in(client, "asha", headers={"Origin": "https://hospital.example"})
    assert "__Host-arogya" in cookies_of(answer)
    assert (await sign_in(client, "asha", headers={"Origin": "http://localhost:8000"})).status_code == 403


async def test_program_gets_the_refresh_token_in_the_body_and_no_cookie(
    client: httpx2.AsyncClient, asha: Person
) -> None:
    answer = await sign_in(client, "asha", client="api")
    assert answer.json()["refresh_token"]
    assert cookies_of(answer) == {}


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:8001"},
        {"Origin": "http://localhost:8000.evil.example", "Sec-Fetch-Site": "same-origin"},
    ],
    ids=str,
)
@pytest.mark.parametrize(
    "path",
    [
        "auth/login", "auth/refresh", "auth/logout", "auth/register", "setup", "auth/slip/show", "auth/slip",
        "auth/invitation", "auth/invitation/accept",
    ],
)  # fmt: skip
async def test_other_pages_cannot_sign_anyone_in_or_out(
    client: httpx2.AsyncClient, asha: Person, headers: dict[str, str], path: str
) -> None:
    token = "AZDzwnoQfD6aUw1qfxssPSdJ2xqWk0wR8t3yLk5mQpA"
    bodies: dict[str, dict[str, Any]] = {
        "auth/slip/show": {"token": token},
        "auth/slip": {"token": token, "birth_year": 1990},
        "auth/invitation": {"token": token},
        "auth/invitation/accept": {"token": token},
        "auth/login": {"username": "asha", "password": PASSWORD},
        "auth/register": {
            "name": "A", "gender": "female", "age_years": 30, "phone": "9000011207", "username": "other",
            "password": PASSWORD, "privacy_notice_version": "1",
        },
        "setup": {
            "code": "", "hospital_name": "H", "hospital_code": "HH", "facility_name": "H", "admin_name": "A",
            "username": "other", "password": PASSWORD,
        },
    }  # fmt: skip
    answer = await client.post(f"/api/{path}", json=bodies.get(path, {}), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "cross_site")


async def test_our_own_page_may(client: httpx2.AsyncClient, asha: Person) -> None:
    headers = {"Origin": "http://localhost:8000", "Sec-Fetch-Site": "same-origin"}
    assert (await sign_in(client, "asha", headers=headers)).status_code == 200


# What a stranger learns


async def test_unknown_user_and_wrong_password_have_one_answer(client: httpx2.AsyncClient, asha: Person) -> None:
    wrong, unknown = await sign_in(client, "asha", "not the password"), await sign_in(client, "nobody")
    assert wrong.status_code == unknown.status_code == 401
    assert without_request_id(wrong) == without_request_id(unknown)
    assert wrong.json()["code"] == "wrong_credentials"
    ours = {"x-request-id", "date"}
    assert {k: v for k, v in wrong.headers.items() if k not in ours} == {
        k: v for k, v in unknown.headers.items() if k not in ours
    }


def kinds(sent: list[str]) -> list[str]:
    """What each does to which table, whichever of the two trails it writes."""
    return [one.replace("platform_audit_entries", "audit_entries").split("(")[0] for one in sent]


async def test_unknown_user_costs_the_same_statements_and_one_hashing_too(
    client: httpx2.AsyncClient, app: FastAPI, asha: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[str] = []
    scheme = argon2id(memory_kib=8)
    verify = scheme.verify_and_update

    def noted(word: str, kept: str) -> tuple[bool, str | None]:
        checked.append(kept)
        return verify(word, kept)

    monkeypatch.setattr(scheme, "verify_and_update", noted)
    monkeypatch.setattr(passwords, "scheme", scheme)
    with statements(app.state.database) as for_user:
        await sign_in(client, "asha", "not the password")
    with statements(app.state.database) as for_nobody:
        await sign_in(client, "nobody", "not the password")
    assert kinds(for_user) == kinds(for_nobody)
    assert len(for_user) > 5
    assert len(checked) == 2
    assert checked[0].split("$")[:4] == checked[1].split("$")[:4]


async def test_unknown_user_takes_as_long(
    client: httpx2.AsyncClient, person: MakePerson, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In CPU time: what else the machine does must not count. That both ask the database the same is tested above."""
    monkeypatch.setattr(passwords, "scheme", argon2id())
    await person(username="asha")
    await sign_in(client, "nobody", "warm up")

    async def took(username: str) -> float:
        clock.advance(timedelta(hours=25))
        started = time.process_time()
        assert (await sign_in(client, username, "not the password")).status_code == 401
        return time.process_time() - started

    known, unknown = [], []
    for _ in range(7):  # in turns, so that a busy machine slows both
        known.append(await took("asha"))
        unknown.append(await took("nobody"))
    assert 0.6 < statistics.median(known) / statistics.median(unknown) < 1.6


async def test_refusals_that_tell_something_are_told_to_the_owner_only(
    client: httpx2.AsyncClient, person: MakePerson, world: World
) -> None:
    await person(username="asha", one_time=True)
    suspended = await client.post(f"/api/hospitals/{world.b.organization_id}/suspend", headers=world.as_super_admin())
    assert suspended.status_code == 200
    await person(username="bela", organization_id=world.b.organization_id)
    for username in ("asha", "bela"):
        assert (await sign_in(client, username, "not the password")).json()["code"] == "wrong_credentials"
    assert (await sign_in(client, "asha")).json()["code"] == "password_change_required"
    assert (await sign_in(client, "bela")).json()["code"] == "hospital_suspended"


# The growing delay


async def fail(client: httpx2.AsyncClient, times: int, username: str = "asha") -> httpx2.Response:
    for _ in range(times):
        answer = await sign_in(client, username, "not the password")
    return answer


@pytest.mark.parametrize("username", ["asha", "nobody"])
async def test_each_failure_after_the_fourth_doubles_the_wait(
    client: httpx2.AsyncClient, asha: Person, clock: FixedClock, username: str
) -> None:
    """For a name that nobody has, too: a delay must not tell who is there."""
    await fail(client, 4, username)
    waits = []
    for _ in range(13):
        assert (await fail(client, 1, username)).status_code == 401
        refused = await sign_in(client, username)
        assert (refused.status_code, refused.json()["code"]) == (429, "too_many_requests")
        assert refused.headers["Retry-After"] == str(refused.json()["retry_after_s"])
        waits.append(refused.json()["retry_after_s"] - 1)
        clock.advance(timedelta(seconds=waits[-1]))
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]


async def test_right_password_ends_the_count(
    client: httpx2.AsyncClient, asha: Person, another_browser: Browser
) -> None:
    attacker = await another_browser()
    await fail(attacker, 4)
    assert (await sign_in(client, "asha")).status_code == 200
    assert (await fail(attacker, 4)).status_code == 401
    assert (await fail(attacker, 1)).status_code == 401
    assert (await fail(attacker, 1)).status_code == 429


async def test_count_is_forgotten_after_a_quiet_day(
    client: httpx2.AsyncClient, asha: Person, clock: FixedClock
) -> None:
    await fail(client, 6)
    clock.advance(timedelta(hours=25))
    assert (await fail(client, 4)).status_code == 401
    assert (await sign_in(client, "asha")).status_code == 200


async def test_nobody_can_lock_a_doctor_out_of_her_own_computer(
    client: httpx2.AsyncClient, another_browser: Browser, asha: Person
) -> None:
    assert (await sign_in(client, "asha")).status_code == 200
    attacker = await another_browser()
    assert (await fail(attacker, 40)).status_code == 429
    assert (await sign_in(client, "asha")).status_code == 200
    assert (await sign_in(await another_browser(), "asha")).status_code == 429


async def test_known_device_has_a_count_of_its_own(client: httpx2.AsyncClient, asha: Person) -> None:
    assert (await sign_in(client, "asha")).status_code == 200
    assert (await fail(client, 6)).status_code == 429


async def test_device_of_one_user_is_not_known_for_another(
    client: httpx2.AsyncClient, another_browser: Browser, asha: Person, person: MakePerson
) -> None:
    await person(username="bela")
    attacker = await another_browser()
    assert (await sign_in(attacker, "asha")).status_code == 200
    await fail(client, 6, "bela")
    assert (await sign_in(attacker, "bela")).status_code == 429


async def test_address_that_tries_many_names_is_slowed(
    another_browser: Browser, asha: Person, owner: asyncpg.Connection
) -> None:
    attacker = await another_browser(address="203.0.113.7")
    for n in range(31):
        assert (await sign_in(attacker, f"name{n}", "not the password")).status_code == 401
    assert (await sign_in(attacker, "asha")).status_code == 429
    assert (await sign_in(await another_browser(address="203.0.113.8"), "asha")).status_code == 200
    kept = await owner.fetch("SELECT subject FROM login_throttles")
    assert len(kept) > 30
    assert not any(b"name1" in row["subject"] or b"203.0" in row["subject"] for row in kept)


async def test_own_account_does_not_buy_an_address_more_guesses(
    another_browser: Browser, asha: Person, person: MakePerson
) -> None:
    await person(username="mallory")
    for n in range(30):
        await sign_in(await another_browser(address="203.0.113.7"), f"name{n}", "not the password")
    assert (await sign_in(await another_browser(address="203.0.113.7"), "mallory")).status_code == 200
    assert (await sign_in(await another_browser(address="203.0.113.7"), "asha", "a guess")).status_code == 401
    assert (await sign_in(await another_browser(address="203.0.113.7"), "asha", "a guess")).status_code == 429


async def test_right_guess_among_many_sent_at_once_is_not_told(
    app: FastAPI, another_browser: Browser, asha: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The right one is asked first and, like a slow hash, answered last: the failures meanwhile count against it."""
    attacker = await another_browser()
    failed = asyncio.Event()
    room = app.state.authenticator.passwords
    check = room.check

    async def slow_when_right(word: str, kept: str | None) -> tuple[bool, str | None]:
        found: tuple[bool, str | None] = await check(word, kept)
        if found[0]:
            await failed.wait()
        return found

    monkeypatch.setattr(room, "check", slow_when_right)
    right = asyncio.create_task(sign_in(attacker, "asha"))
    await asyncio.sleep(0.1)
    await fail(attacker, 5)
    failed.set()
    assert (await right).status_code == 429


async def test_many_right_passwords_at_once_all_get_in(another_browser: Browser, asha: Person) -> None:
    answers = await asyncio.gather(*[sign_in(await another_browser(), "asha") for _ in range(12)])
    assert [answer.status_code for answer in answers] == [200] * 12


# One-time passwords


async def test_one_time_password_is_good_for_choosing_another(client: httpx2.AsyncClient, person: MakePerson) -> None:
    await person(username="asha", password="k7fm-2x4q-aaaa", one_time=True)
    refused = await sign_in(client, "asha", "k7fm-2x4q-aaaa")
    assert (refused.status_code, refused.json()["code"]) == (403, "password_change_required")
    assert not refused.headers.get_list("set-cookie")
    chosen = await sign_in(client, "asha", "k7fm-2x4q-aaaa", new_password=PASSWORD)
    assert (chosen.status_code, chosen.json()["must_change_password"]) == (200, False)
    assert (await sign_in(client, "asha", "k7fm-2x4q-aaaa")).status_code == 401
    assert (await sign_in(client, "asha")).status_code == 200


@pytest.mark.parametrize("new", ["short", "k7fm-2x4q-aaaa", "password123"])
async def test_new_password_is_looked_at(client: httpx2.AsyncClient, person: MakePerson, new: str) -> None:
    await person(username="asha", password="k7fm-2x4q-aaaa", one_time=True)
    refused = await sign_in(client, "asha", "k7fm-2x4q-aaaa", new_password=new)
    assert (refused.status_code, refused.json()["code"]) == (422, "weak_password")
    assert refused.json()["fields"][0]["name"] == "new_password"


async def test_new_password_is_not_the_user_name_whatever_one_signs_in_by(
    client: httpx2.AsyncClient, person: MakePerson
) -> None:
    await person(username="ashakulkarni", email="a@mail.example", password="k7fm-2x4q-aaaa", one_time=True)
    refused = await sign_in(client, "a@mail.example", "k7fm-2x4q-aaaa", new_password="AshaKulkarni")
    assert refused.json()["code"] == "weak_password"


async def test_one_time_password_lapses(client: httpx2.AsyncClient, person: MakePerson, clock: FixedClock) -> None:
    await person(username="asha", one_time=True)
    clock.advance(timedelta(hours=72))
    assert (await sign_in(client, "asha", new_password="another umbrella")).status_code == 401


async def test_one_time_password_sent_twice_at_once_is_good_once(another_browser: Browser, person: MakePerson) -> None:
    await person(username="asha", one_time=True)
    browsers = [await another_browser() for _ in range(4)]
    answers = await asyncio.gather(
        *[sign_in(b, "asha", new_password=f"umbrella number {n}") for n, b in enumerate(browsers)]
    )
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401]


async def test_new_password_is_not_taken_unasked(client: httpx2.AsyncClient, asha: Person) -> None:
    """Else a stolen password could be replaced without its owner's other sessions noticing."""
    refused = await sign_in(client, "asha", new_password="another umbrella")
    assert refused.status_code == 422
    assert (await sign_in(client, "asha")).status_code == 200


async def test_old_parameters_are_renewed_at_sign_in(
    client: httpx2.AsyncClient, person: MakePerson, owner: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    asha = await person(username="asha")
    monkeypatch.setattr(passwords, "scheme", argon2id(memory_kib=16))
    assert (await sign_in(client, "asha")).status_code == 200
    kept = await owner.fetchval("SELECT password_hash FROM credentials WHERE user_id = $1", asha.user_id)
    assert "m=16," in kept
    assert (await sign_in(client, "asha")).status_code == 200


# Hospitals


async def test_suspended_hospital_takes_nobody_in(client: httpx2.AsyncClient, asha: Person, world: World) -> None:
    hospital = f"/api/hospitals/{world.a.organization_id}"
    await client.post(f"{hospital}/suspend", headers=world.as_super_admin())
    refused = await sign_in(client, "asha")
    assert (refused.status_code, refused.json()["code"]) == (403, "hospital_suspended")
    await client.post(f"{hospital}/resume", headers=world.as_super_admin())
    assert (await sign_in(client, "asha")).status_code == 200


async def test_user_of_two_hospitals_comes_back_to_the_last(
    client: httpx2.AsyncClient, asha: Person, world: World, clock: FixedClock, add_role: Any
) -> None:
    await add_role(asha, world.b, Role.DOCTOR)
    first = await sign_in(client, "asha")
    assert (await client.get("/api/me", headers=bearer(first))).json()["organization"]["code"] == "TA"
    clock.advance(timedelta(minutes=1))
    there = await sign_in(client, "asha", organization_id=str(world.b.organization_id))
    assert (await client.get("/api/me", headers=bearer(there))).json()["roles"] == ["doctor"]
    clock.advance(timedelta(minutes=1))
    again = await sign_in(client, "asha")
    assert (await client.get("/api/me", headers=bearer(again))).json()["organization"]["code"] == "TB"


async def test_user_of_two_hospitals_gets_into_the_one_that_is_open(
    client: httpx2.AsyncClient, asha: Person, world: World, add_role: Any
) -> None:
    await add_role(asha, world.b, Role.DOCTOR)
    await client.post(f"/api/hospitals/{world.a.organization_id}/suspend", headers=world.as_super_admin())
    answer = await sign_in(client, "asha")
    assert (await client.get("/api/me", headers=bearer(answer))).json()["organization"]["code"] == "TB"


async def test_hospital_without_a_role_is_refused(client: httpx2.AsyncClient, asha: Person, world: World) -> None:
    refused = await sign_in(client, "asha", organization_id=str(world.b.organization_id))
    assert (refused.status_code, refused.json()["code"]) == (403, "not_a_member")


async def test_who_has_no_role_any_more_gets_in_to_nothing(
    client: httpx2.AsyncClient, person: MakePerson, clock: FixedClock
) -> None:
    await person(username="asha", valid_until=clock.now() + timedelta(hours=1))
    clock.advance(timedelta(hours=2))
    me = (await client.get("/api/me", headers=bearer(await sign_in(client, "asha")))).json()
    assert (me["organization"], me["permissions"], me["memberships"]) == (None, ["account.own"], [])


async def test_user_who_was_switched_off_is_a_stranger(
    client: httpx2.AsyncClient, asha: Person, owner: asyncpg.Connection
) -> None:
    await owner.execute("UPDATE users SET is_active = false WHERE id = $1", asha.user_id)
    assert (await sign_in(client, "asha")).json()["code"] == "wrong_credentials"


# The trail


async def test_sign_ins_and_failures_are_in_the_hospitals_trail(
    client: httpx2.AsyncClient, asha: Person, trail: Trail
) -> None:
    await sign_in(client, "asha", "not the password")
    await sign_in(client, "asha")
    [failed], [entered] = await trail("denied"), await trail("sign-in")
    for row in (failed, entered):
        assert (row["organization_id"], row["user_id"], row["entity"]) == (
            asha.organization_id,
            asha.user_id,
            "session",
        )
    assert (failed["outcome"], failed["details"]) == ("denied", '{"code": "wrong_credentials"}')


async def test_strangers_failure_is_in_the_platforms_trail(client: httpx2.AsyncClient, trail: Trail) -> None:
    await sign_in(client, "nobody-here", "not the password")
    [row] = await trail("denied")
    assert (row["kept"], row["user_id"]) == ("platform", None)
    assert "nobody-here" not in str(row)


async def test_refusal_after_a_right_password_is_in_the_trail(
    client: httpx2.AsyncClient, asha: Person, world: World, trail: Trail
) -> None:
    await client.post(f"/api/hospitals/{world.a.organization_id}/suspend", headers=world.as_super_admin())
    await sign_in(client, "asha")
    [row] = await trail("denied")
    assert (row["user_id"], row["details"]) == (asha.user_id, '{"code": "hospital_suspended"}')


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"username": "asha"},
        {"username": "", "password": PASSWORD},
        {"username": "asha", "password": ""},
        {"username": "asha", "password": 7},
        {"username": "asha", "password": "x" * 600},
        {"username": "asha\u0000", "password": PASSWORD},
        {"username": "asha", "password": PASSWORD, "client": "phone"},
        {"username": "asha", "password": PASSWORD, "is_admin": True},
        {"username": "asha", "password": PASSWORD, "organization_id": "here"},
    ],
    ids=str,
)
async def test_body_that_makes_no_sense_is_refused(client: httpx2.AsyncClient, body: dict[str, Any]) -> None:
    answer = await client.post("/api/auth/login", json=body)
    assert answer.status_code == 422
    assert PASSWORD not in answer.text


async def test_half_a_character_is_refused(client: httpx2.AsyncClient) -> None:
    raw = b'{"username": "asha", "password": "\\ud800 monsoon"}'
    answer = await client.post("/api/auth/login", content=raw, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
