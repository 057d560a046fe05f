"""A computer that several people share: who may make it one, who may change by PIN there, and who may not."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx2
import pytest
from fastapi import FastAPI

from arogya.modules.identity.counter_keys import CounterKeys, WeakPin, refuse_weak_pin
from arogya.platform.clock import FixedClock
from arogya.platform.keys import Keys
from arogya.policy import Role
from tests.conftest import KEYS
from tests.factories.identity import PASSWORD, Person, bearer, sign_in
from tests.modules.identity.conftest import Browser, MakePerson
from tests.world import World

Trail = Callable[[str], Awaitable[list[dict[str, Any]]]]
PIN = "4826"


async def set_pin(client: httpx2.AsyncClient, headers: dict[str, str], pin: str = PIN, **told: Any) -> httpx2.Response:
    return await client.put("/api/me/pin", json={"current": PASSWORD, "pin": pin} | told, headers=headers)


async def share(client: httpx2.AsyncClient, headers: dict[str, str], world: World, **told: Any) -> httpx2.Response:
    body = {"name": "Front desk 1", "facility_id": str(world.a.main)} | told
    return await client.post("/api/counters", json=body, headers=headers)


async def by_pin(client: httpx2.AsyncClient, who: Person, pin: str = PIN) -> httpx2.Response:
    return await client.post("/api/counter/sign-in", json={"user_id": str(who.user_id), "pin": pin})


async def people(client: httpx2.AsyncClient) -> list[tuple[str, bool]]:
    """Names of the lock screen's list, and who needs the password."""
    counter = (await client.get("/api/counter")).json()["counter"]
    return [(one["name"].split()[0], one["needs_password"]) for one in counter["people"]]


@pytest.fixture
async def bela(person: MakePerson) -> Person:
    return await person(username="bela", roles=[Role.NURSE])


@pytest.fixture
async def counter(client: httpx2.AsyncClient, asha: Person, bela: Person, world: World) -> str:
    """The id of the counter that `client` is: Asha made it, Bela signed in there after her. Both have PINs."""
    first = bearer(await sign_in(client, "asha"))
    assert (await set_pin(client, first)).status_code == 204
    shared = await share(client, first, world)
    assert shared.status_code == 201, shared.text
    second = bearer(await sign_in(client, "bela"))
    assert (await set_pin(client, second, "9305")).status_code == 204
    return str(shared.json()["id"])


# The PIN


@pytest.mark.parametrize("pin", ["1111", "1234", "98765", "456789", "1212", "2580", "000000"])
def test_pin_that_is_tried_first_is_refused(pin: str) -> None:
    with pytest.raises(WeakPin):
        refuse_weak_pin(pin)


@pytest.mark.parametrize("pin", ["4826", "1235", "90517", "112358"])
def test_other_pins_are_taken(pin: str) -> None:
    refuse_weak_pin(pin)


@pytest.mark.parametrize("pin", ["482", "4826193", "48a6", "४८२६", "", " 4826", "4826\n"])
async def test_pin_has_four_to_six_digits(client: httpx2.AsyncClient, asha: Person, pin: str) -> None:
    headers = bearer(await sign_in(client, "asha"))
    answer = await set_pin(client, headers, pin)
    assert answer.status_code == (204 if pin.strip() == PIN and pin.isascii() else 422)  # spaces around are no digits


async def test_pin_is_set_by_who_knows_the_password(
    client: httpx2.AsyncClient, asha: Person, owner: asyncpg.Connection, trail: Trail
) -> None:
    headers = bearer(await sign_in(client, "asha"))
    assert (await client.get("/api/me/pin", headers=headers)).json() == {"is_set": False}
    wrong = await set_pin(client, headers, current="not the password")
    assert (wrong.status_code, wrong.json()["code"]) == (422, "wrong_password")
    weak = await set_pin(client, headers, "1234")
    assert (weak.status_code, weak.json()["fields"][0]["code"]) == (422, "weak_pin")
    assert (await client.get("/api/me/pin", headers=headers)).json() == {"is_set": False}
    assert (await set_pin(client, headers)).status_code == 204
    assert (await client.get("/api/me/pin", headers=headers)).json() == {"is_set": True}
    assert [row["entity_ids"] for row in await trail("update") if row["entity"] == "pin"] == [[asha.user_id]]
    assert (await client.delete("/api/me/pin", headers=headers)).status_code == 204
    assert await owner.fetchval("SELECT pin_hash FROM credentials WHERE user_id = $1", asha.user_id) is None
    assert (await client.put("/api/me/pin", json={"current": PASSWORD, "pin": PIN})).status_code == 401


async def test_guesses_at_the_password_are_slowed_here_too(client: httpx2.AsyncClient, asha: Person) -> None:
    headers = bearer(await sign_in(client, "asha"))
    codes = [(await set_pin(client, headers, current="wrong")).status_code for _ in range(6)]
    assert codes == [422, 422, 422, 422, 422, 429]


async def test_kept_pin_is_nothing_without_the_installations_key(
    client: httpx2.AsyncClient, asha: Person, owner: asyncpg.Connection, app: FastAPI
) -> None:
    await set_pin(client, bearer(await sign_in(client, "asha")))
    kept = await owner.fetchval("SELECT pin_hash FROM credentials WHERE user_id = $1", asha.user_id)
    assert kept.startswith("$argon2id$")
    room = app.state.authenticator.passwords
    ours, others = CounterKeys(KEYS), CounterKeys(Keys(bytes(32)))
    assert (await room.check(ours.keyed(asha.user_id, PIN), kept))[0]
    assert not (await room.check(PIN, kept))[0]
    assert not (await room.check(others.keyed(asha.user_id, PIN), kept))[0]
    assert not (await room.check(ours.keyed(uuid4(), PIN), kept))[0]


# Making a counter


async def test_first_who_signs_in_there_makes_it_a_counter(
    client: httpx2.AsyncClient, asha: Person, world: World, trail: Trail
) -> None:
    assert (await client.get("/api/counter")).json() == {"counter": None}
    headers = bearer(await sign_in(client, "asha"))
    made = await share(client, headers, world)
    assert (made.status_code, made.json()["idle_minutes"]) == (201, 3)
    cookie = next(one for one in made.headers.get_list("set-cookie") if one.startswith("arogya-counter="))
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    told = (await client.get("/api/counter")).json()["counter"]
    assert (told["name"], told["organization_name"]) == ("Front desk 1", "Hospital A of the tests")
    assert await people(client) == [("asha", True)]
    again = await share(client, headers, world)
    assert (again.status_code, again.json()["code"]) == (409, "already_shared")
    assert [row["entity"] for row in await trail("create")][-1] == "shared_counter"


async def test_over_https_the_cookie_is_bound_to_the_host(another_browser: Browser, asha: Person, world: World) -> None:
    browser = await another_browser("https://hospital.example")
    made = await share(browser, bearer(await sign_in(browser, "asha")), world)
    cookie = next(one for one in made.headers.get_list("set-cookie") if "arogya-counter=" in one)
    assert cookie.startswith("__Host-arogya-counter=")
    assert "Secure" in cookie


async def test_sent_twice_it_is_one_counter(client: httpx2.AsyncClient, asha: Person, world: World) -> None:
    headers = bearer(await sign_in(client, "asha")) | {"Idempotency-Key": "once"}
    first, second = await share(client, headers, world), await share(client, headers, world)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["id"] == second.json()["id"]


async def test_without_a_password_in_this_browser_it_is_refused(
    client: httpx2.AsyncClient, another_browser: Browser, asha: Person, world: World
) -> None:
    by_api = bearer(await sign_in(client, "asha", client="api"))
    elsewhere = bearer(await sign_in(await another_browser(), "asha"))
    for headers in (by_api, elsewhere, world.a.as_("receptionist")):
        refused = await share(client, headers, world)
        assert (refused.status_code, refused.json()["code"]) == (403, "password_first")
    assert (await client.get("/api/counter")).json() == {"counter": None}


async def test_by_pin_nobody_makes_a_counter(
    client: httpx2.AsyncClient, counter: str, asha: Person, world: World
) -> None:
    headers = bearer(await by_pin(client, asha))
    await client.delete(f"/api/counters/{counter}", headers=world.a.as_("hospital_admin"))
    refused = await share(client, headers, world)
    assert (refused.status_code, refused.json()["code"]) == (403, "password_first")


async def test_patients_and_other_branches_make_none(
    client: httpx2.AsyncClient, person: MakePerson, world: World
) -> None:
    await person(username="mahesh", roles=[Role.PATIENT])
    assert (await share(client, bearer(await sign_in(client, "mahesh")), world)).status_code == 403
    await person(username="chitra", facility_id=world.a.branch)
    headers = bearer(await sign_in(client, "chitra"))
    assert (await share(client, headers, world)).status_code == 403
    assert (await share(client, headers, world, facility_id=str(world.b.main))).status_code == 403
    assert (await share(client, headers, world, facility_id=str(world.a.branch))).status_code == 201


@pytest.mark.parametrize("minutes", [0, 61, -3, 2.5])
async def test_idle_minutes_are_one_to_sixty(
    client: httpx2.AsyncClient, asha: Person, world: World, minutes: float
) -> None:
    assert (await share(client, bearer(await sign_in(client, "asha")), world, idle_minutes=minutes)).status_code == 422


# Changing by PIN


async def test_people_of_the_counter_change_by_pin(
    client: httpx2.AsyncClient, counter: str, asha: Person, bela: Person, owner: asyncpg.Connection, trail: Trail
) -> None:
    assert await people(client) == [("asha", False), ("bela", False)]
    first = await by_pin(client, asha)
    assert first.status_code == 200
    me = (await client.get("/api/me", headers=bearer(first))).json()
    assert (me["user"]["id"], me["roles"]) == (str(asha.user_id), ["receptionist"])
    second = await by_pin(client, bela, "9305")
    assert (await client.get("/api/me", headers=bearer(second))).json()["user"]["id"] == str(bela.user_id)
    refreshed = await client.post("/api/auth/refresh", json={})
    assert (await client.get("/api/me", headers=bearer(refreshed))).json()["user"]["id"] == str(bela.user_id)
    entered = [row for row in await trail("sign-in") if '"by": "pin"' in row["details"]]
    assert [row["user_id"] for row in entered] == [asha.user_id, bela.user_id]
    assert entered[0]["entity_ids"] != entered[1]["entity_ids"]
    assert {counter in row["details"] for row in entered} == {True}


async def test_whoever_was_in_is_out(client: httpx2.AsyncClient, counter: str, asha: Person, bela: Person) -> None:
    first = bearer(await by_pin(client, asha))
    await by_pin(client, bela, "9305")
    await asyncio.sleep(0.6)
    assert (await client.get("/api/me", headers=first)).status_code == 401


async def test_wrong_pin_lets_nobody_in_and_waits_longer_each_time(
    client: httpx2.AsyncClient, counter: str, asha: Person, clock: FixedClock, trail: Trail
) -> None:
    waits = []
    for _ in range(4):
        wrong = await by_pin(client, asha, "1357")
        assert (wrong.status_code, wrong.json()["code"]) == (401, "wrong_pin")
        at_once = await by_pin(client, asha)  # the right one, too soon
        assert at_once.status_code == 429
        waits.append(at_once.json()["retry_after_s"])
        clock.advance(timedelta(seconds=waits[-1]))
    assert waits == [2, 3, 5, 9]
    denied = [row for row in await trail("denied") if row["entity"] == "shared_counter"]
    assert [(row["user_id"], row["outcome"]) for row in denied] == [(asha.user_id, "denied")] * 4
    assert (await by_pin(client, asha)).status_code == 200
    assert (await by_pin(client, asha, "1357")).json()["code"] == "wrong_pin"  # counted anew


async def test_fifth_wrong_pin_locks_until_the_password(
    client: httpx2.AsyncClient, counter: str, asha: Person, bela: Person, clock: FixedClock
) -> None:
    for _ in range(4):
        assert (await by_pin(client, asha, "1357")).status_code == 401
        clock.advance(timedelta(seconds=10))
    fifth = await by_pin(client, asha, "1357")
    assert (fifth.status_code, fifth.json()["code"]) == (403, "pin_locked")
    clock.advance(timedelta(hours=1))
    assert (await by_pin(client, asha)).json()["code"] == "pin_locked"  # the right one does not help
    assert await people(client) == [("asha", True), ("bela", False)]
    assert (await by_pin(client, bela, "9305")).status_code == 200  # others are not concerned
    await sign_in(client, "asha")
    assert await people(client) == [("asha", False), ("bela", False)]
    assert (await by_pin(client, asha)).status_code == 200


async def test_of_many_guesses_at_once_one_is_looked_at(
    client: httpx2.AsyncClient, counter: str, asha: Person, owner: asyncpg.Connection
) -> None:
    guesses = [f"{n:04d}" for n in range(1000, 1016)]
    answers = await asyncio.gather(*(by_pin(client, asha, pin) for pin in guesses))
    assert sorted(one.status_code for one in answers) == [401, *[429] * 15]
    assert await owner.fetchval("SELECT failures FROM counter_people WHERE user_id = $1", asha.user_id) == 1


async def test_control_the_right_pin_among_many_guesses_is_not_learned(
    client: httpx2.AsyncClient, counter: str, asha: Person
) -> None:
    assert (await by_pin(client, asha, "1357")).status_code == 401
    answers = await asyncio.gather(*(by_pin(client, asha, pin) for pin in ("1000", PIN, "1001", "1002")))
    assert {one.status_code for one in answers} == {429}


async def test_on_another_computer_the_pin_is_nothing(
    client: httpx2.AsyncClient, another_browser: Browser, counter: str, asha: Person, bela: Person, world: World
) -> None:
    elsewhere = await another_browser()
    refused = await by_pin(elsewhere, asha)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_a_counter")
    cookie = client.cookies["arogya-counter"]
    for forged in (
        cookie[:-1] + ("A" if cookie[-1] != "A" else "B"),
        "x",
        f"{world.a.organization_id.hex}.{UUID(counter).hex}.",
    ):
        elsewhere.cookies.set("arogya-counter", forged)
        assert (await elsewhere.get("/api/counter")).json() == {"counter": None}
        assert (await by_pin(elsewhere, asha)).json()["code"] == "not_a_counter"
    elsewhere.cookies.delete("arogya-counter")
    await share(elsewhere, bearer(await sign_in(elsewhere, "bela")), world, name="Front desk 2")
    assert (await by_pin(elsewhere, asha)).json()["code"] == "wrong_pin"  # she never typed her password there
    assert (await by_pin(elsewhere, bela, "9305")).status_code == 200


async def test_pin_is_good_for_a_day_after_the_password(
    client: httpx2.AsyncClient, counter: str, asha: Person, clock: FixedClock
) -> None:
    clock.advance(timedelta(hours=20))
    assert (await by_pin(client, asha)).status_code == 200  # which is no password: the day goes on
    clock.advance(timedelta(hours=4))
    assert await people(client) == []
    assert (await by_pin(client, asha)).json()["code"] == "wrong_pin"


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE users SET is_active = false WHERE id = $1",
        "UPDATE memberships SET valid_until = '2026-11-23T04:30:00Z', valid_from = '2026-11-22' WHERE user_id = $1",
        "UPDATE memberships SET role = 'patient' WHERE user_id = $1",
        "UPDATE credentials SET changed_at = '2026-11-23T04:31:00Z' WHERE user_id = $1",
        "UPDATE credentials SET must_change = true WHERE user_id = $1",
        "DELETE FROM counter_people WHERE user_id = $1",
    ],
)
async def test_who_may_not_come_back_is_not_listed_and_not_let_in(
    client: httpx2.AsyncClient, counter: str, asha: Person, owner: asyncpg.Connection, change: str
) -> None:
    await owner.execute(change, asha.user_id)
    assert await people(client) == [("bela", False)]
    assert (await by_pin(client, asha)).json()["code"] == "wrong_pin"


async def test_password_that_is_reset_or_changed_ends_the_pins_day(
    client: httpx2.AsyncClient, counter: str, asha: Person, bela: Person, world: World, clock: FixedClock
) -> None:
    clock.advance(timedelta(minutes=1))
    admin = world.a.as_("hospital_admin")
    await client.post(f"/api/users/{asha.user_id}/reset-password", headers=admin)
    assert (await by_pin(client, asha)).json()["code"] == "wrong_pin"
    headers = bearer(await by_pin(client, bela, "9305"))
    body = {"current": PASSWORD, "new": "lantern by the lake"}
    assert (await client.post("/api/auth/password", json=body, headers=headers)).status_code == 204
    assert (await by_pin(client, bela, "9305")).json()["code"] == "wrong_pin"


async def test_who_signs_out_leaves_the_list(
    client: httpx2.AsyncClient, counter: str, asha: Person, bela: Person
) -> None:
    headers = bearer(await by_pin(client, asha))
    assert (await client.post("/api/counter/leave", headers=headers)).status_code == 204
    assert await people(client) == [("bela", False)]
    assert (await by_pin(client, asha)).json()["code"] == "wrong_pin"
    await sign_in(client, "asha")
    assert (await by_pin(client, asha)).status_code == 200


async def test_without_a_pin_the_password_is_asked(client: httpx2.AsyncClient, counter: str, bela: Person) -> None:
    await client.delete("/api/me/pin", headers=bearer(await by_pin(client, bela, "9305")))
    assert await people(client) == [("asha", False), ("bela", True)]
    assert (await by_pin(client, bela, "9305")).json()["code"] == "wrong_pin"


async def test_suspended_hospital_and_ended_counter_let_nobody_in(
    client: httpx2.AsyncClient, counter: str, asha: Person, owner: asyncpg.Connection, world: World
) -> None:
    await owner.execute("UPDATE organizations SET status = 'suspended' WHERE id = $1", world.a.organization_id)
    assert (await client.get("/api/counter")).json() == {"counter": None}
    assert (await by_pin(client, asha)).json()["code"] == "hospital_suspended"
    await owner.execute("UPDATE organizations SET status = 'active'")
    await owner.execute("UPDATE shared_counters SET is_active = false")
    assert (await client.get("/api/counter")).json() == {"counter": None}
    assert (await by_pin(client, asha)).json()["code"] == "not_a_counter"


async def test_another_page_cannot_make_a_counter(client: httpx2.AsyncClient, asha: Person, world: World) -> None:
    headers = bearer(await sign_in(client, "asha"))
    answer = await share(client, headers | {"Sec-Fetch-Site": "cross-site"}, world)
    assert (answer.status_code, answer.json()["code"]) == (403, "cross_site")
    assert (await client.get("/api/counter")).json() == {"counter": None}


async def test_cookie_that_was_not_made_here_is_no_counter(
    client: httpx2.AsyncClient, another_browser: Browser, counter: str, world: World
) -> None:
    """Whoever knows the ids of a hospital and of its counter has no counter yet."""
    name, ours = next((one.name, one.value) for one in client.cookies.jar if "counter" in one.name)
    assert ours == CounterKeys(KEYS).cookie(world.a.organization_id, UUID(counter))
    other = await another_browser()
    other.cookies.set(name, CounterKeys(Keys(bytes(32))).cookie(world.a.organization_id, UUID(counter)))
    assert (await other.get("/api/counter")).json() == {"counter": None}
    other.cookies.set(name, ours)
    assert (await other.get("/api/counter")).json()["counter"]["id"] == counter


async def test_another_page_cannot_change_the_person(client: httpx2.AsyncClient, counter: str, asha: Person) -> None:
    body = {"user_id": str(asha.user_id), "pin": PIN}
    answer = await client.post("/api/counter/sign-in", json=body, headers={"Sec-Fetch-Site": "cross-site"})
    assert (answer.status_code, answer.json()["code"]) == (403, "cross_site")


async def test_stranger_to_the_counter_costs_as_much_as_one_of_it(
    client: httpx2.AsyncClient, counter: str, asha: Person, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One hashing for both, so that the time tells nobody who works here."""
    looked_at: list[str | None] = []
    check = app.state.authenticator.passwords.check

    async def counted(password: str, kept: str | None) -> Any:
        looked_at.append(kept)
        return await check(password, kept)

    monkeypatch.setattr(app.state.authenticator.passwords, "check", counted)
    stranger = Person(uuid4(), "", "", asha.organization_id)
    answers = [await by_pin(client, stranger, "1357"), await by_pin(client, asha, "1357")]
    assert [one.json()["code"] for one in answers] == ["wrong_pin", "wrong_pin"]
    assert [kept is None for kept in looked_at] == [True, False]


# Left alone


async def test_session_on_a_counter_ends_soon_after_the_page_would_have_locked(
    client: httpx2.AsyncClient, counter: str, asha: Person, clock: FixedClock
) -> None:
    """The page locks; where it was closed or fell asleep, the server does."""
    await by_pin(client, asha)
    clock.advance(timedelta(minutes=14))
    again = await client.post("/api/auth/refresh", json={})
    assert again.status_code == 200
    clock.advance(timedelta(minutes=14))
    assert (await client.post("/api/auth/refresh", json={})).status_code == 200
    clock.advance(timedelta(minutes=15))
    assert (await client.post("/api/auth/refresh", json={})).json()["code"] == "session_ended"


async def test_session_that_made_the_counter_ends_as_soon(
    client: httpx2.AsyncClient, asha: Person, world: World, clock: FixedClock
) -> None:
    await share(client, bearer(await sign_in(client, "asha")), world)
    assert (await client.post("/api/auth/refresh", json={})).status_code == 200
    clock.advance(timedelta(minutes=15))
    assert (await client.post("/api/auth/refresh", json={})).status_code == 401


async def test_elsewhere_sessions_last_as_ever(
    client: httpx2.AsyncClient, another_browser: Browser, counter: str, clock: FixedClock
) -> None:
    browser = await another_browser()
    await sign_in(browser, "asha")
    clock.advance(timedelta(days=6))
    assert (await browser.post("/api/auth/refresh", json={})).status_code == 200


# The administrator's list


async def test_administrator_lists_changes_ends_and_brings_back(
    client: httpx2.AsyncClient, counter: str, asha: Person, world: World, trail: Trail
) -> None:
    admin, url = world.a.as_("hospital_admin"), f"/api/counters/{counter}"
    [listed] = (await client.get("/api/counters", headers=admin)).json()["items"]
    assert (listed["id"], listed["name"], listed["facility_id"]) == (counter, "Front desk 1", str(world.a.main))
    tag = {"If-Match": f'"{listed["version"]}"'}
    changed = await client.patch(url, json={"idle_minutes": 7}, headers=admin | tag)
    assert (changed.json()["idle_minutes"], changed.json()["name"]) == (7, "Front desk 1")
    assert (await client.patch(url, json={"idle_minutes": 9}, headers=admin | tag)).status_code == 412
    assert (await client.get("/api/counter")).json()["counter"]["idle_minutes"] == 7
    assert (await client.delete(url, headers=admin)).status_code == 204
    assert (await by_pin(client, asha)).json()["code"] == "not_a_counter"
    assert (await client.get("/api/counters", headers=admin)).json()["items"] == []
    ended = (await client.get("/api/counters", params={"is_active": False}, headers=admin)).json()["items"]
    assert [one["id"] for one in ended] == [counter]
    assert (await client.post(f"{url}/reactivate", headers=admin)).json()["is_active"]
    assert (await by_pin(client, asha)).status_code == 200
    for action in ("update", "deactivate", "reactivate"):
        assert "shared_counter" in {row["entity"] for row in await trail(action)}


async def test_counters_are_managed_by_administrators_of_their_branch(
    client: httpx2.AsyncClient, counter: str, person: MakePerson, world: World
) -> None:
    url = f"/api/counters/{counter}"
    await person(username="branchadmin", roles=[Role.HOSPITAL_ADMIN], facility_id=world.a.branch)
    branch_admin = bearer(await sign_in(client, "branchadmin"))
    for headers, expected in (
        (world.a.as_("receptionist"), 403),
        (world.a.as_("privacy_officer"), 403),
        (world.b.as_("hospital_admin"), 404),
        (branch_admin, 404),
    ):
        answers = [
            await client.patch(url, json={"name": "Mine"}, headers=headers),
            await client.delete(url, headers=headers),
            await client.post(f"{url}/reactivate", headers=headers),
        ]
        assert {one.status_code for one in answers} == {expected}
        listed = await client.get("/api/counters", headers=headers)
        assert listed.status_code == (403 if expected == 403 else 200)
        if expected == 404:
            assert listed.json()["items"] == []
