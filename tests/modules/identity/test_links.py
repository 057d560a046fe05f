"""Links in letters: a new password, a proved e-mail address. Each is good once, for a while, and for one thing."""

import asyncio
import re
import statistics
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import asyncpg
import httpx2
import pytest

from arogya.modules.identity.jobs import send_reset
from arogya.platform.clock import FixedClock
from arogya.platform.jobs import Work
from tests.conftest import Sent
from tests.factories.identity import PASSWORD, Person, bearer, sign_in
from tests.modules.answers import refusal
from tests.modules.identity.conftest import Browser, MakePerson
from tests.world import World

Trail = Callable[[str], Awaitable[list[dict[str, Any]]]]
JobsOnce = Callable[[], Awaitable[int]]
FRESH = "lantern by the lake"


@pytest.fixture
async def asha(person: MakePerson) -> Person:
    """With an e-mail address."""
    return await person(username="asha", email="asha@mail.example", phone="+919000011207")


def token_in(body: str, page: str) -> str:
    found = re.search(rf"http://localhost:8000/{page}#(\S+)", body)
    assert found, body
    return found[1]


async def forgot(client: httpx2.AsyncClient, username: str) -> httpx2.Response:
    return await client.post("/api/auth/forgot", json={"username": username})


async def reset(client: httpx2.AsyncClient, token: str, password: str = FRESH) -> httpx2.Response:
    return await client.post("/api/auth/reset", json={"token": token, "password": password})


@pytest.fixture
async def link(client: httpx2.AsyncClient, asha: Person, jobs_once: JobsOnce, sent: Sent) -> str:
    """The token of a reset link that Asha was sent."""
    await forgot(client, "asha")
    await jobs_once()
    return token_in(sent.letters[-1].body, "reset")


# Asking


@pytest.mark.parametrize("typed", ["asha", "Asha@mail.example", "90000 11207"])
async def test_link_goes_to_the_verified_address_in_ones_language(
    client: httpx2.AsyncClient, person: MakePerson, jobs_once: JobsOnce, sent: Sent, typed: str
) -> None:
    await person(username="asha", email="asha@mail.example", phone="+919000011207", language="hi")
    assert (await forgot(client, typed)).status_code == 202
    await jobs_once()
    (letter,) = sent.letters
    assert (letter.to, letter.subject) == ("asha@mail.example", "नया पासवर्ड चुनें")
    assert re.search(r"http://localhost:8000/reset#[A-Za-z0-9_-]{43}\n", letter.body)


@pytest.mark.parametrize("forged", ["host", "x-forwarded-host", "forwarded", "x-original-host", "x-host"])
async def test_link_leads_here_whatever_host_the_asking_names(
    client: httpx2.AsyncClient, asha: Person, jobs_once: JobsOnce, sent: Sent, forged: str
) -> None:
    elsewhere = {forged: "host=elsewhere.example" if forged == "forwarded" else "elsewhere.example"}
    answer = await client.post("/api/auth/forgot", json={"username": "asha"}, headers=elsewhere)
    assert answer.status_code == 202
    await jobs_once()
    (letter,) = sent.letters
    assert "http://localhost:8000/reset#" in letter.body
    assert "elsewhere" not in letter.body + str(answer.headers)


async def test_answer_is_the_same_for_everybody(
    client: httpx2.AsyncClient, asha: Person, person: MakePerson, jobs_once: JobsOnce, sent: Sent
) -> None:
    await person(username="without")
    answers = [await forgot(client, who) for who in ("asha", "without", "nobody", "nobody@mail.example")]
    told = [(one.status_code, one.content, {k: v for k, v in one.headers.items() if k != "x-request-id"})
            for one in answers]  # fmt: skip
    assert all(one == told[0] for one in told)
    assert await jobs_once() == 4
    assert [letter.to for letter in sent.letters] == ["asha@mail.example"]


async def test_answer_takes_everybody_the_same_statements(
    client: httpx2.AsyncClient, asha: Person, owner: asyncpg.Connection
) -> None:
    """As many rows counted, audited and deferred for a stranger: what is measured below is the same work."""
    counts = []
    for who in ("asha", "nobody"):
        before = await _written(owner)
        await forgot(client, who)
        counts.append([after - was for after, was in zip(await _written(owner), before, strict=True)])
    # The second one's address was counted before.
    assert counts == [[2, 1, 1], [1, 1, 1]]


async def _written(owner: asyncpg.Connection) -> list[int]:
    tables = ("login_throttles", "platform_audit_entries", "procrastinate_jobs")
    return [await owner.fetchval(f"SELECT count(*) FROM {table}") for table in tables]


async def test_answer_takes_everybody_as_long(
    client: httpx2.AsyncClient, another_browser: Browser, asha: Person, clock: FixedClock
) -> None:
    """CPU of this process: what else the machine does is not counted. A stranger's is within a third."""
    spent: dict[str, list[float]] = {"asha": [], "nobody": []}
    for n in range(15):
        for who, times in spent.items():
            clock.advance(timedelta(hours=2))
            began = time.process_time()
            await forgot(client, who)
            if n:
                times.append(time.process_time() - began)
    known, stranger = (statistics.median(times) for times in spent.values())
    assert 2 / 3 < known / stranger < 3 / 2


async def test_asking_often_waits_longer_whoever_one_asks_for(
    client: httpx2.AsyncClient, asha: Person, clock: FixedClock
) -> None:
    for who in ("asha", "nobody"):
        told = [(await forgot(client, who)).status_code for _ in range(5)]
        assert told == [202, 202, 202, 202, 429]
    clock.advance(timedelta(hours=2))
    assert (await forgot(client, "asha")).status_code == 202


async def test_one_address_asks_for_many_people_only_so_often(
    client: httpx2.AsyncClient, another_browser: Browser
) -> None:
    told = [(await forgot(client, f"nobody{n}")).status_code for n in range(33)]
    assert told[:31] == [202] * 31
    assert 429 in told[31:]
    assert (await forgot(await another_browser(address="203.0.113.9"), "nobody99")).status_code == 202


async def test_box_is_not_filled_with_links(
    client: httpx2.AsyncClient, asha: Person, jobs_once: JobsOnce, sent: Sent, clock: FixedClock
) -> None:
    """By each of one's names in turn, too."""
    for who in ("asha", "asha@mail.example", "9000011207", "asha", "asha"):
        await forgot(client, who)
        clock.advance(timedelta(minutes=1))
    await jobs_once()
    assert len(sent.letters) == 3


async def test_who_may_no_longer_sign_in_gets_none(
    client: httpx2.AsyncClient, asha: Person, link: str, owner: asyncpg.Connection, jobs_once: JobsOnce, sent: Sent
) -> None:
    await owner.execute("UPDATE users SET is_active = false WHERE id = $1", asha.user_id)
    await forgot(client, "asha")
    await jobs_once()
    assert len(sent.letters) == 1
    assert refusal(await reset(client, link)) == (422, "link_expired")


async def test_letter_that_could_not_be_handed_over_is_tried_again_with_another_link(
    asha: Person, work: Work, sent: Sent, owner: asyncpg.Connection
) -> None:
    class Refusing:
        async def send(self, _: object) -> None:
            raise OSError("the mail server refused")

    refusing = Work(work.database, work.clock, Refusing(), work.texts, work.origin, work.keys)
    for _ in range(8):
        with pytest.raises(OSError, match="refused"):
            await send_reset(refusing, str(asha.user_id))
    assert await owner.fetchval("SELECT count(*) FROM account_links") == 0
    await send_reset(work, str(asha.user_id))
    assert len(sent.letters) == 1


# Choosing


async def test_link_sets_the_password_and_ends_all_sessions(
    client: httpx2.AsyncClient, another_browser: Browser, asha: Person, link: str, clock: FixedClock, trail: Trail
) -> None:
    elsewhere = await another_browser()
    old = bearer(await sign_in(elsewhere, "asha"))
    assert (await reset(client, link)).status_code == 204
    clock.advance(timedelta(seconds=1))
    assert (await elsewhere.get("/api/me", headers=old)).status_code == 401
    assert (await elsewhere.post("/api/auth/refresh", json={})).status_code == 401
    assert (await sign_in(client, "asha")).status_code == 401
    assert (await sign_in(client, "asha", FRESH)).status_code == 200
    done = (await trail("update"))[-1]
    assert (done["kept"], done["entity"], done["user_id"]) == ("platform", "password", asha.user_id)
    assert (await trail("execute"))[-1]["entity"] == "password_link"


async def test_link_is_good_once(client: httpx2.AsyncClient, link: str) -> None:
    answers = await asyncio.gather(*[reset(client, link, f"{FRESH} {n}") for n in range(5)])
    assert sorted(answer.status_code for answer in answers) == [204, 422, 422, 422, 422]
    assert refusal(await reset(client, link)) == (422, "link_expired")


async def test_link_is_good_for_half_an_hour(client: httpx2.AsyncClient, link: str, clock: FixedClock) -> None:
    clock.advance(timedelta(minutes=29, seconds=59))
    assert refusal(await reset(client, link, "short")) == (422, "weak_password")
    clock.advance(timedelta(seconds=1))
    assert refusal(await reset(client, link)) == (422, "link_expired")
    assert refusal(await reset(client, link, "short")) == (422, "link_expired"), "it tells nothing of a user any more"


async def test_weak_password_does_not_cost_the_link(client: httpx2.AsyncClient, link: str) -> None:
    for weak in ("short", "password123", "asha"):
        assert refusal(await reset(client, link, weak)) == (422, "weak_password")
    assert (await reset(client, link)).status_code == 204


async def test_used_link_takes_the_others_with_it(
    client: httpx2.AsyncClient, link: str, jobs_once: JobsOnce, sent: Sent
) -> None:
    await forgot(client, "asha")
    await jobs_once()
    other = token_in(sent.letters[-1].body, "reset")
    assert (await reset(client, other)).status_code == 204
    assert refusal(await reset(client, link)) == (422, "link_expired")


async def test_only_its_hash_is_kept_and_no_job_or_log_holds_it(
    client: httpx2.AsyncClient, link: str, owner: asyncpg.Connection, logged: Callable[[], list[dict[str, Any]]]
) -> None:
    await reset(client, link)
    kept = await owner.fetch("SELECT row_to_json(account_links)::text AS row FROM account_links")
    trail = await owner.fetch("SELECT row_to_json(platform_audit_entries)::text AS row FROM platform_audit_entries")
    for row in [*kept, *trail]:
        assert link not in row["row"]
        assert link.encode().hex() not in row["row"]
    assert logged()
    assert link not in str(logged())


async def test_made_up_tokens_are_nothing(client: httpx2.AsyncClient, asha: Person, link: str) -> None:
    for made_up in ("x", link[:-1], link + "x", "A" * 43):
        assert refusal(await reset(client, made_up)) == (422, "link_expired")


async def test_waiting_for_the_forgotten_password_ends_with_the_new_one(
    client: httpx2.AsyncClient, another_browser: Browser, asha: Person, link: str
) -> None:
    new_here = await another_browser()
    for _ in range(6):
        await sign_in(new_here, "asha", "wrong password")
    assert (await sign_in(new_here, "asha", "wrong password")).status_code == 429
    await reset(new_here, link)
    assert (await sign_in(new_here, "asha", FRESH)).status_code == 200


async def test_one_time_password_is_replaced_too(
    client: httpx2.AsyncClient, person: MakePerson, jobs_once: JobsOnce, sent: Sent
) -> None:
    await person(username="bala", email="bala@mail.example", one_time=True)
    await forgot(client, "bala")
    await jobs_once()
    assert (await reset(client, token_in(sent.letters[-1].body, "reset"))).status_code == 204
    assert (await sign_in(client, "bala", FRESH)).status_code == 200


@pytest.mark.parametrize("path", ["forgot", "reset", "verify-email"])
async def test_other_pages_cannot_ask(client: httpx2.AsyncClient, path: str) -> None:
    body = {"forgot": {"username": "asha"}, "reset": {"token": "x", "password": FRESH}}.get(path, {"token": "x"})
    refused = await client.post(f"/api/auth/{path}", json=body, headers={"Origin": "https://evil.example"})
    assert refusal(refused) == (403, "cross_site")


# One's own address


async def change(client: httpx2.AsyncClient, headers: dict[str, str], email: str) -> httpx2.Response:
    return await client.post("/api/me/email", json={"email": email}, headers=headers)


async def verify(client: httpx2.AsyncClient, token: str) -> httpx2.Response:
    return await client.post("/api/auth/verify-email", json={"token": token})


async def test_new_address_signs_in_once_it_is_verified_and_the_old_one_is_told(
    client: httpx2.AsyncClient, asha: Person, jobs_once: JobsOnce, sent: Sent, trail: Trail
) -> None:
    headers = bearer(await sign_in(client, "asha"))
    assert (await change(client, headers, "Asha@New.example")).status_code == 202
    await jobs_once()
    assert [letter.to for letter in sent.letters] == ["asha@new.example"]
    waiting = (await client.get("/api/me/sign-in", headers=headers)).json()
    assert (waiting["email"], waiting["pending_email"]) == ("asha@mail.example", "asha@new.example")
    assert (await sign_in(client, "asha@new.example")).status_code == 401
    assert (await sign_in(client, "asha@mail.example")).status_code == 200

    assert (await verify(client, token_in(sent.letters[0].body, "verify-email"))).status_code == 204
    assert (await sign_in(client, "asha@new.example")).status_code == 200
    assert (await sign_in(client, "asha@mail.example")).status_code == 401
    now = (await client.get("/api/me/sign-in", headers=headers)).json()
    assert (now["email"], now["pending_email"]) == ("asha@new.example", None)
    await jobs_once()
    assert (sent.letters[-1].to, sent.letters[-1].subject) == ("asha@mail.example", "Your e-mail address was changed")
    assert [row["entity"] for row in await trail("create") if row["entity"] == "email_address"]
    assert (await trail("update"))[-1]["entity"] == "email_address"


async def test_first_address_is_verified_the_same_way(
    client: httpx2.AsyncClient, person: MakePerson, jobs_once: JobsOnce, sent: Sent
) -> None:
    await person(username="bala")
    await change(client, bearer(await sign_in(client, "bala")), "bala@mail.example")
    await jobs_once()
    await verify(client, token_in(sent.letters[0].body, "verify-email"))
    await jobs_once()
    assert len(sent.letters) == 1  # there is no old address to tell
    assert (await sign_in(client, "bala@mail.example")).status_code == 200


async def test_address_of_somebody_else_is_only_told_to_them(
    client: httpx2.AsyncClient, asha: Person, person: MakePerson, jobs_once: JobsOnce, sent: Sent
) -> None:
    await person(username="bala")
    headers = bearer(await sign_in(client, "bala"))
    free, taken = [await change(client, headers, one) for one in ("free@mail.example", "asha@mail.example")]
    assert (free.status_code, free.content) == (taken.status_code, taken.content) == (202, b"null")
    await jobs_once()
    letter = next(one for one in sent.letters if one.to == "asha@mail.example")
    assert "#" not in letter.body
    assert letter.subject == "Your e-mail address was asked for"


async def test_of_two_who_ask_for_one_address_the_first_to_prove_it_has_it(
    client: httpx2.AsyncClient, person: MakePerson, jobs_once: JobsOnce, sent: Sent
) -> None:
    for who in ("bala", "chitra"):
        await person(username=who)
        await change(client, bearer(await sign_in(client, who)), "shared@mail.example")
    await jobs_once()
    tokens = [token_in(letter.body, "verify-email") for letter in sent.letters]
    assert [(await verify(client, one)).status_code for one in tokens] == [204, 409]


async def test_verifying_is_good_once_and_for_a_day_and_the_newest_counts(
    client: httpx2.AsyncClient, asha: Person, jobs_once: JobsOnce, sent: Sent, clock: FixedClock
) -> None:
    headers = bearer(await sign_in(client, "asha"))
    for address in ("one@mail.example", "two@mail.example"):
        await change(client, headers, address)
        await jobs_once()
    first, second = [token_in(letter.body, "verify-email") for letter in sent.letters]
    assert refusal(await verify(client, first)) == (422, "link_expired")
    clock.advance(timedelta(hours=24))
    assert refusal(await verify(client, second)) == (422, "link_expired")


async def test_a_link_for_one_thing_is_not_good_for_another(
    client: httpx2.AsyncClient, asha: Person, link: str, jobs_once: JobsOnce, sent: Sent
) -> None:
    await change(client, bearer(await sign_in(client, "asha")), "new@mail.example")
    await jobs_once()
    proof = token_in(sent.letters[-1].body, "verify-email")
    assert refusal(await verify(client, link)) == (422, "link_expired")
    assert refusal(await reset(client, proof)) == (422, "link_expired")
    # And with the address the links that went to the old one go.
    assert (await verify(client, proof)).status_code == 204
    assert refusal(await reset(client, link)) == (422, "link_expired")


async def test_changing_it_asks_who_is_there_and_is_not_a_letter_gun(
    client: httpx2.AsyncClient, asha: Person, clock: FixedClock
) -> None:
    headers = bearer(await sign_in(client, "asha"))
    told = [(await change(client, headers, f"a{n}@mail.example")).status_code for n in range(5)]
    assert told == [202, 202, 202, 202, 429]
    clock.advance(timedelta(minutes=6))
    assert refusal(await change(client, headers, "b@mail.example")) == (403, "step_up_needed")
    assert (await client.post("/api/me/email", json={"email": "b@mail.example"})).status_code == 401
    await client.post("/api/auth/step-up", json={"password": PASSWORD}, headers=headers)
    clock.advance(timedelta(minutes=1))
    assert refusal(await change(client, headers, "ASHA@mail.example")) == (422, "invalid")


async def test_own_sign_in_is_ones_own(client: httpx2.AsyncClient, asha: Person, world: World) -> None:
    assert (await client.get("/api/me/sign-in", headers=world.a.as_("doctor"))).json()["email"] is None
    assert (await client.get("/api/me/sign-in", headers=world.as_super_admin())).status_code == 200
