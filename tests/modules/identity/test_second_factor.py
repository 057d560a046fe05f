"""A code from the phone: what it asks, what it refuses, and what a stranger learns of it."""

import asyncio
import base64
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import httpx2
import pytest

from arogya.modules.identity.totp import step_of
from arogya.platform.clock import FixedClock
from arogya.policy import Role
from tests.conftest import Sent
from tests.factories.identity import Person, bearer, sign_in
from tests.factories.second_factor import App, turn_on
from tests.modules.answers import refusal
from tests.modules.identity.conftest import Browser, MakePerson
from tests.world import World

Trail = Callable[[str], Awaitable[list[dict[str, Any]]]]
OWN = "/api/me/second-factor"


@pytest.fixture
async def phone(client: httpx2.AsyncClient, asha: Person, clock: FixedClock) -> App:
    """Asha's, with the second factor on; the code that turned it on is a minute old."""
    app = await turn_on(client, bearer(await sign_in(client, "asha")), clock.now())
    clock.advance(timedelta(seconds=60))
    return app


# Setting up


async def test_picture_and_address_hold_the_secret_and_name_the_hospital(
    client: httpx2.AsyncClient, asha: Person
) -> None:
    begun = (await client.post(OWN, headers=bearer(await sign_in(client, "asha")))).json()
    assert begun["app_address"].startswith("otpauth://totp/Hospital%20A%20of%20the%20tests:asha?secret=")
    assert begun["secret"] in begun["app_address"]
    assert len(begun["secret"]) == 32  # 160 bits
    assert begun["qr_svg"].startswith("<svg")
    assert "script" not in begun["qr_svg"]


async def test_it_counts_only_once_a_code_was_sent_back(
    client: httpx2.AsyncClient, asha: Person, clock: FixedClock
) -> None:
    headers = bearer(await sign_in(client, "asha"))
    await client.post(OWN, headers=headers)
    assert (await sign_in(client, "asha")).status_code == 200
    refused = await client.post(f"{OWN}/confirm", json={"code": "000000"}, headers=headers)
    assert refusal(refused) == (422, "wrong_code")
    assert (await sign_in(client, "asha")).status_code == 200
    await turn_on(client, headers, clock.now())
    assert refusal(await sign_in(client, "asha")) == (403, "second_factor_needed")


async def test_turned_on_it_ends_the_other_sessions(
    client: httpx2.AsyncClient, another_browser: Browser, asha: Person, clock: FixedClock
) -> None:
    elsewhere = await another_browser()
    old = bearer(await sign_in(elsewhere, "asha"))
    here = bearer(await sign_in(client, "asha"))
    await turn_on(client, here, clock.now())
    clock.advance(timedelta(seconds=1))
    assert (await elsewhere.get("/api/me", headers=old)).status_code == 401
    assert (await client.get("/api/me", headers=here)).status_code == 200


async def test_secret_and_codes_are_not_readable_in_the_database(
    client: httpx2.AsyncClient, phone: App, owner: asyncpg.Connection
) -> None:
    assert len(set(phone.codes)) == 10
    kept = await owner.fetchval("SELECT secret FROM second_factors")
    assert phone.secret.encode() not in kept
    hashes = [row["code_hash"] for row in await owner.fetch("SELECT code_hash FROM recovery_codes")]
    assert len(hashes) == 10
    assert all(one.replace("-", "").encode() not in kept for one in phone.codes for kept in hashes)


async def test_sealed_secret_opens_for_its_own_user_only(
    client: httpx2.AsyncClient, phone: App, person: MakePerson, owner: asyncpg.Connection, clock: FixedClock
) -> None:
    other = await person(username="bala")
    await owner.execute(
        "INSERT INTO second_factors SELECT gen_random_uuid(), $1, secret, 0, created_at, confirmed_at "
        "FROM second_factors",
        other.user_id,
    )
    assert (await sign_in(client, "bala", code=phone.code(clock.now()))).status_code == 500


async def test_on_it_is_not_replaced_without_turning_it_off(
    client: httpx2.AsyncClient, phone: App, clock: FixedClock
) -> None:
    headers = bearer(await sign_in(client, "asha", code=phone.code(clock.now())))
    assert refusal(await client.post(OWN, headers=headers)) == (409, "second_factor_on")
    refused = await client.post(f"{OWN}/confirm", json={"code": phone.code(clock.now())}, headers=headers)
    assert refusal(refused) == (409, "second_factor_on")


# Signing in


async def test_the_second_step_is_told_of_only_after_the_right_password(client: httpx2.AsyncClient, phone: App) -> None:
    stranger = await sign_in(client, "nobody", "wrong password", code="000000")
    wrong = await sign_in(client, "asha", "wrong password", code="000000")
    assert refusal(stranger) == refusal(wrong) == (401, "wrong_credentials")
    same = [{k: v for k, v in one.json().items() if k != "request_id"} for one in (stranger, wrong)]
    assert same[0] == same[1]
    assert refusal(await sign_in(client, "asha")) == (403, "second_factor_needed")


async def test_password_and_code_sign_in(client: httpx2.AsyncClient, phone: App, clock: FixedClock) -> None:
    answer = await sign_in(client, "asha", code=phone.code(clock.now()))
    assert answer.status_code == 200
    assert (await client.get("/api/me", headers=bearer(answer))).json()["roles"] == ["receptionist"]


async def test_spaces_and_a_clock_half_a_minute_off_are_forgiven_and_no_more(
    client: httpx2.AsyncClient, phone: App, clock: FixedClock
) -> None:
    late = phone.code(clock.now() - timedelta(seconds=30))
    assert (await sign_in(client, "asha", code=f"{late[:3]} {late[3:]}")).status_code == 200
    clock.advance(timedelta(minutes=10))
    for aside in (-60, 60):
        refused = await sign_in(client, "asha", code=phone.code(clock.now() + timedelta(seconds=aside)))
        assert refusal(refused) == (422, "wrong_code")


async def test_code_is_good_once_within_its_step_and_older_ones_no_more(
    client: httpx2.AsyncClient, phone: App, clock: FixedClock
) -> None:
    code, before = phone.code(clock.now()), phone.code(clock.now() - timedelta(seconds=30))
    assert (await sign_in(client, "asha", code=code)).status_code == 200
    assert refusal(await sign_in(client, "asha", code=code)) == (422, "wrong_code")
    assert refusal(await sign_in(client, "asha", code=before)) == (422, "wrong_code")


async def test_one_code_sent_ten_times_at_once_signs_one_in(
    client: httpx2.AsyncClient, phone: App, clock: FixedClock
) -> None:
    code = phone.code(clock.now())
    answers = await asyncio.gather(*[sign_in(client, "asha", code=code) for _ in range(10)])
    assert sorted(answer.status_code for answer in answers).count(200) == 1


async def test_code_that_turned_it_on_does_not_sign_in(
    client: httpx2.AsyncClient, asha: Person, clock: FixedClock
) -> None:
    app = await turn_on(client, bearer(await sign_in(client, "asha")), clock.now())
    assert refusal(await sign_in(client, "asha", code=app.code(clock.now()))) == (422, "wrong_code")


async def test_recovery_code_signs_in_once(client: httpx2.AsyncClient, phone: App) -> None:
    typed = phone.codes[3].upper().replace("-", " ")
    answer = await sign_in(client, "asha", code=typed)
    assert answer.status_code == 200
    assert (await client.get("/api/me/sign-in", headers=bearer(answer))).json()["recovery_codes_left"] == 9
    assert refusal(await sign_in(client, "asha", code=phone.codes[3])) == (422, "wrong_code")


async def test_another_persons_recovery_code_is_nothing(
    client: httpx2.AsyncClient, phone: App, person: MakePerson, clock: FixedClock
) -> None:
    await person(username="bala")
    await turn_on(client, bearer(await sign_in(client, "bala")), clock.now())
    assert refusal(await sign_in(client, "bala", code=phone.codes[0])) == (422, "wrong_code")


async def test_guessing_codes_waits_longer_and_longer_whatever_the_password(
    client: httpx2.AsyncClient, another_browser: Browser, phone: App, clock: FixedClock
) -> None:
    """A right password in between does not start the count anew."""
    thief = await another_browser(address="203.0.113.9")
    for _ in range(4):
        assert refusal(await sign_in(thief, "asha", code="000000")) == (422, "wrong_code")
        assert refusal(await sign_in(thief, "asha")) == (403, "second_factor_needed")
    await sign_in(thief, "asha", code="000000")
    waiting = await sign_in(thief, "asha", code=phone.code(clock.now()))
    assert refusal(waiting) == (429, "too_many_requests")
    # Asha's own browser was here before: nobody locks her out of it.
    assert (await sign_in(client, "asha", code=phone.code(clock.now()))).status_code == 200


async def test_guesses_sent_at_once_are_looked_at_only_as_often_as_one_by_one(
    another_browser: Browser, phone: App, owner: asyncpg.Connection
) -> None:
    thief = await another_browser(address="203.0.113.9")
    answers = await asyncio.gather(*[sign_in(thief, "asha", code="000000") for _ in range(12)])
    assert sorted(answer.status_code for answer in answers) == [422] * 5 + [429] * 7


async def test_one_time_password_is_changed_before_the_code_is_asked(
    client: httpx2.AsyncClient, phone: App, world: World, asha: Person, clock: FixedClock
) -> None:
    reset = await client.post(f"/api/users/{asha.user_id}/reset-password", headers=world.a.as_("hospital_admin"))
    once = reset.json()["one_time_password"]
    assert refusal(await sign_in(client, "asha", once)) == (403, "password_change_required")
    fresh = {"new_password": "lantern by the lake"}
    assert refusal(await sign_in(client, "asha", once, **fresh)) == (403, "second_factor_needed")
    assert refusal(await sign_in(client, "asha", once, **fresh, code="000000")) == (422, "wrong_code")
    assert (await sign_in(client, "asha", once, **fresh, code=phone.code(clock.now()))).status_code == 200


async def test_wrong_code_is_in_the_trail(client: httpx2.AsyncClient, phone: App, asha: Person, trail: Trail) -> None:
    await sign_in(client, "asha", code="000000")
    last = (await trail("denied"))[-1]
    assert (last["user_id"], "wrong_code" in last["details"]) == (asha.user_id, True)


# Off, and anew


async def test_turned_off_the_password_is_enough_and_its_owner_is_told(
    client: httpx2.AsyncClient, person: MakePerson, clock: FixedClock, jobs_once: Any, sent: Sent
) -> None:
    await person(username="bala", email="bala@mail.example", language="hi")
    headers = bearer(await sign_in(client, "bala"))
    await turn_on(client, headers, clock.now())
    assert (await client.delete(OWN, headers=headers)).status_code == 204
    assert (await sign_in(client, "bala")).status_code == 200
    await jobs_once()
    assert [(one.to, one.subject) for one in sent.letters] == [("bala@mail.example", "आपका दूसरा चरण बंद है")]
    assert refusal(await client.delete(OWN, headers=headers)) == (409, "second_factor_off")


async def test_codes_made_anew_replace_the_old_ones(client: httpx2.AsyncClient, phone: App, clock: FixedClock) -> None:
    headers = bearer(await sign_in(client, "asha", code=phone.code(clock.now())))
    fresh = (await client.post(f"{OWN}/recovery-codes", headers=headers)).json()["codes"]
    assert len(set(fresh) | set(phone.codes)) == 20
    assert refusal(await sign_in(client, "asha", code=phone.codes[0])) == (422, "wrong_code")
    assert (await sign_in(client, "asha", code=fresh[0])).status_code == 200


async def test_there_are_no_codes_without_a_factor(client: httpx2.AsyncClient, asha: Person) -> None:
    headers = bearer(await sign_in(client, "asha"))
    assert refusal(await client.post(f"{OWN}/recovery-codes", headers=headers)) == (409, "second_factor_off")


# A lost phone


@pytest.fixture
async def admin(client: httpx2.AsyncClient, person: MakePerson) -> dict[str, str]:
    """An administrator whose session was proved just now."""
    await person(username="meera", roles=[Role.HOSPITAL_ADMIN])
    return bearer(await sign_in(client, "meera"))


async def test_administrator_resets_a_lost_phones_factor(
    client: httpx2.AsyncClient, another_browser: Browser, phone: App, asha: Person, clock: FixedClock, trail: Trail,
    admin: dict[str, str],
) -> None:  # fmt: skip
    own = await another_browser()
    session = bearer(await sign_in(own, "asha", code=phone.code(clock.now())))
    listed = (await client.get("/api/users?search=asha", headers=admin)).json()["items"]
    assert [one["has_second_factor"] for one in listed] == [True]
    assert (await client.post(f"/api/users/{asha.user_id}/reset-second-factor", headers=admin)).status_code == 204
    clock.advance(timedelta(seconds=1))
    assert (await own.get("/api/me", headers=session)).status_code == 401
    assert (await sign_in(own, "asha")).status_code == 200
    done = (await trail("deactivate"))[-1]
    assert (done["entity"], done["entity_ids"]) == ("second_factor", [asha.user_id])
    again = await client.post(f"/api/users/{asha.user_id}/reset-second-factor", headers=admin)
    assert refusal(again) == (409, "second_factor_off")


async def test_nobody_else_resets_it(
    client: httpx2.AsyncClient, world: World, phone: App, asha: Person, add_role: Any, admin: dict[str, str],
    person: MakePerson,
) -> None:  # fmt: skip
    url = f"/api/users/{asha.user_id}/reset-second-factor"
    assert refusal(await client.post(url, headers=world.a.as_("receptionist"))) == (403, "forbidden")
    assert (await client.post(url)).status_code == 401
    await person(username="elsewhere", roles=[Role.HOSPITAL_ADMIN], organization_id=world.b.organization_id)
    other = bearer(await sign_in(client, "elsewhere"))
    assert (await client.post(url, headers=other)).status_code == 404
    await person(username="branch", roles=[Role.HOSPITAL_ADMIN], facility_id=world.a.branch)
    assert refusal(await client.post(url, headers=bearer(await sign_in(client, "branch")))) == (403, "beyond_reach")
    await add_role(asha, world.b, Role.DOCTOR)
    assert refusal(await client.post(url, headers=admin)) == (409, "belongs_elsewhere")


async def test_administrator_does_not_reset_their_own(client: httpx2.AsyncClient, admin: dict[str, str]) -> None:
    own = (await client.get("/api/me", headers=admin)).json()["user"]["id"]
    refused = await client.post(f"/api/users/{own}/reset-second-factor", headers=admin)
    assert refusal(refused) == (409, "own_second_factor")


# What a hospital demands


async def demand(client: httpx2.AsyncClient, admin: dict[str, str], clock: FixedClock) -> None:
    changed = await client.put("/api/sign-in-rules", json={"second_factor_demanded": True}, headers=admin)
    assert changed.json()["second_factor_demanded"] is True
    clock.advance(timedelta(seconds=1))


async def test_staff_without_one_may_do_nothing_but_set_it_up_at_the_next_sign_in(
    client: httpx2.AsyncClient, asha: Person, admin: dict[str, str], clock: FixedClock
) -> None:
    before = bearer(await sign_in(client, "asha"))
    await demand(client, admin, clock)
    assert (await client.get("/api/patients", headers=before)).status_code == 200
    held = bearer(await sign_in(client, "asha"))
    me = (await client.get("/api/me", headers=held)).json()
    assert (me["needs_second_factor"], me["roles"], me["permissions"]) == (True, [], ["account.own"])
    assert refusal(await client.get("/api/patients", headers=held)) == (403, "forbidden")
    assert (await client.get("/api/me/sign-in", headers=held)).json()["second_factor_demanded"] is True
    await turn_on(client, held, clock.now())
    clock.advance(timedelta(seconds=1))
    assert (await client.get("/api/patients", headers=held)).status_code == 200
    assert (await client.get("/api/me", headers=held)).json()["needs_second_factor"] is False


async def test_turning_it_off_where_it_is_demanded_leads_back_to_setting_it_up(
    client: httpx2.AsyncClient, asha: Person, admin: dict[str, str], clock: FixedClock
) -> None:
    await demand(client, admin, clock)
    held = bearer(await sign_in(client, "asha"))
    await turn_on(client, held, clock.now())
    await client.delete(OWN, headers=held)
    clock.advance(timedelta(seconds=1))
    assert refusal(await client.get("/api/patients", headers=held)) == (403, "forbidden")


async def test_patients_and_other_hospitals_are_not_asked(
    client: httpx2.AsyncClient, world: World, person: MakePerson, admin: dict[str, str], clock: FixedClock
) -> None:
    await demand(client, admin, clock)
    await person(username="patient", roles=[Role.PATIENT])
    await person(username="elsewhere", organization_id=world.b.organization_id)
    for who in ("patient", "elsewhere"):
        me = (await client.get("/api/me", headers=bearer(await sign_in(client, who)))).json()
        assert (me["needs_second_factor"], bool(me["roles"])) == (False, True)


async def test_switching_hospitals_is_no_way_round_it(
    client: httpx2.AsyncClient, world: World, asha: Person, add_role: Any, admin: dict[str, str], clock: FixedClock
) -> None:
    await add_role(asha, world.b, Role.DOCTOR)
    await demand(client, admin, clock)
    there = {"organization_id": str(world.b.organization_id)}
    elsewhere = bearer(await sign_in(client, "asha", **there))
    assert (await client.get("/api/patients", headers=elsewhere)).status_code == 200
    here = await client.post(
        "/api/auth/switch", json={"organization_id": str(world.a.organization_id)}, headers=elsewhere
    )
    assert refusal(await client.get("/api/patients", headers=bearer(here))) == (403, "forbidden")
    await client.post("/api/auth/switch", json=there, headers=bearer(here))
    assert refusal(await client.get("/api/patients", headers=bearer(here))) == (403, "forbidden")


async def test_rules_are_changed_by_who_manages_all_of_the_hospital(
    client: httpx2.AsyncClient, world: World, admin: dict[str, str], person: MakePerson, trail: Trail
) -> None:
    body = {"window_minutes": 30}
    assert refusal(await client.put("/api/sign-in-rules", json=body, headers=world.a.as_("doctor")))[0] == 403
    await person(username="branch", roles=[Role.HOSPITAL_ADMIN], facility_id=world.a.branch)
    branch = bearer(await sign_in(client, "branch"))
    assert refusal(await client.put("/api/sign-in-rules", json=body, headers=branch)) == (403, "forbidden")
    changed = await client.put("/api/sign-in-rules", json=body, headers={**admin, "If-Match": '"0"'})
    assert (changed.status_code, changed.json()) == (
        200, {"second_factor_demanded": False, "window_minutes": 30, "version": 1}
    )  # fmt: skip
    late = await client.put("/api/sign-in-rules", json=body, headers={**admin, "If-Match": '"0"'})
    assert refusal(late) == (412, "changed_meanwhile")
    assert (await trail("update"))[-1]["entity"] == "sign_in_rules"
    other = await client.get("/api/sign-in-rules", headers=world.b.as_("doctor"))
    assert other.json()["window_minutes"] == 60


# The codes themselves


def test_code_of_rfc_6238_is_found_in_its_step() -> None:
    """RFC 6238, appendix B: SHA-1, 59 s after the epoch gives 94287082; six digits of it."""
    secret = base64.b32encode(b"12345678901234567890").decode()
    assert step_of(secret, "287082", datetime.fromtimestamp(59, UTC)) == 1
    assert step_of(secret, "287083", datetime.fromtimestamp(59, UTC)) is None
    assert step_of(secret, "२८७०८२", datetime.fromtimestamp(59, UTC)) is None
