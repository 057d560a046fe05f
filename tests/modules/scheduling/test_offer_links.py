"""Answering an offer without signing in: whoever holds the link, once, as long as the offer lives."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import asyncpg
import httpx2
import pytest

from arogya.modules.notifications.jobs import send_text
from arogya.platform.bearer_tokens import LONG, hash_of, new_token, organization_of
from arogya.platform.clock import FixedClock, new_id
from arogya.platform.jobs import Work
from tests.conftest import Sent
from tests.factories.scheduling import TUESDAY, at
from tests.modules.answers import refusal
from tests.world import World

Client = httpx2.AsyncClient
Owner = asyncpg.Connection
Once = Callable[[], Awaitable[Any]]


async def wait_for_tuesday(client: Client, world: World) -> None:
    """Tuesday is free: the patient without an account is offered its first place."""
    body = {
        "patient_id": str(world.a.other_patient), "practitioner_id": str(world.a.practitioner),
        "facility_id": str(world.a.main), "first_day": TUESDAY, "last_day": TUESDAY,
    }  # fmt: skip
    assert (await client.post("/api/waitlist", json=body, headers=world.a.as_("receptionist"))).status_code == 201


@pytest.fixture
async def token(client: Client, world: World, relay_once: Once, jobs_once: Once, sent: Sent) -> str:
    """Of the link in the text message about the first place of Tuesday."""
    await wait_for_tuesday(client, world)
    await relay_once()
    await jobs_once()
    (text,) = sent.texts
    return text.body.split("/my/offer#")[1]


async def post(client: Client, word: str, token: str) -> httpx2.Response:
    return await client.post(f"/api/offer-link/{word}", json={"token": token})


async def line(client: Client, world: World) -> list[dict[str, Any]]:
    found = await client.get("/api/waitlist", params={"all": True}, headers=world.a.as_("receptionist"))
    items: list[dict[str, Any]] = found.json()["items"]
    return items


async def test_link_shows_time_doctor_and_branch_and_nobodys_name(client: Client, world: World, token: str) -> None:
    shown = await post(client, "show", token)
    assert shown.status_code == 200
    assert shown.json() == {
        "practitioner_name": "Dr Kavita Iyer", "facility_name": "Hospital A of the tests, main",
        "time_zone": "Asia/Kolkata", "mode": "in-person", "kind": "slot", "starts_at": at(TUESDAY, "09:00"),
        "ends_at": at(TUESDAY, "09:20"), "status": "offered", "expires_at": "2026-11-23T04:45:00Z",
    }  # fmt: skip
    assert "Mahesh" not in shown.text
    assert str(world.a.other_patient) not in shown.text


async def test_accepted_place_is_booked_by_the_patient(client: Client, world: World, token: str, owner: Owner) -> None:
    taken = await post(client, "accept", token)
    assert (taken.status_code, taken.json()["status"]) == (200, "accepted")
    visit = await owner.fetchrow("SELECT patient_id, starts_at, status, source FROM appointments")
    assert (visit["patient_id"], visit["status"], visit["source"]) == (world.a.other_patient, "booked", "patient")
    (entry,) = await line(client, world)
    assert (entry["status"], entry["place"]) == ("booked", None)


async def test_declined_place_goes_on_and_the_patient_waits_on(client: Client, world: World, token: str) -> None:
    assert (await post(client, "decline", token)).json()["status"] == "declined"
    (entry,) = await line(client, world)
    assert (entry["status"], entry["offer"]) == ("waiting", None)


@pytest.mark.parametrize("first", ["accept", "decline"])
async def test_link_answers_once(client: Client, token: str, owner: Owner, first: str) -> None:
    assert (await post(client, first, token)).status_code == 200
    for word in ("show", "accept", "decline"):
        again = await post(client, word, token)
        assert refusal(again) == (409, "offer_over")
        assert again.json()["current_status"] == {"accept": "accepted", "decline": "declined"}[first]
    assert await owner.fetchval("SELECT count(*) FROM appointments") == (first == "accept")


async def test_link_lives_as_long_as_its_offer(client: Client, token: str, owner: Owner, clock: FixedClock) -> None:
    clock.advance(timedelta(minutes=14, seconds=59))
    assert (await post(client, "show", token)).status_code == 200
    clock.advance(timedelta(seconds=1))
    for word in ("show", "accept", "decline"):
        over = await post(client, word, token)
        assert refusal(over) == (409, "offer_over")
        assert over.json()["current_status"] == "lapsed"
    assert await owner.fetchval("SELECT count(*) FROM appointments") == 0


async def test_link_of_another_hospital_or_of_nobody_opens_nothing(
    client: Client, world: World, token: str, owner: Owner
) -> None:
    moved, of_nobody = new_token(world.b.organization_id), new_token(new_id())
    for wrong in (moved, of_nobody, new_token(world.a.organization_id), token[:-1], token + "A", "", "नमस्ते", "A" * 64):
        for word in ("show", "accept", "decline"):
            assert refusal(await post(client, word, wrong)) in {(404, "offer_link_unknown"), (429, "too_many_requests")}
    assert await owner.fetchval("SELECT count(*) FROM appointments") == 0
    denied = await owner.fetch(
        "SELECT organization_id, route FROM audit_entries WHERE entity = 'waitlist_offer' AND outcome = 'denied'"
    )
    assert {row["organization_id"] for row in denied} == {world.a.organization_id, world.b.organization_id}


async def test_who_guesses_has_to_wait(client: Client, world: World, token: str) -> None:
    told = [await post(client, "accept", new_token(world.a.organization_id)) for _ in range(32)]
    assert {one.status_code for one in told[:31]} == {404}
    assert refusal(told[31]) == (429, "too_many_requests")
    assert (await post(client, "show", token)).status_code == 429, "the good one, too, from that address"


async def test_suspended_hospital_answers_nobody(client: Client, world: World, token: str, owner: Owner) -> None:
    await owner.execute("UPDATE organizations SET status = 'suspended' WHERE id = $1", world.a.organization_id)
    assert refusal(await post(client, "accept", token)) == (404, "offer_link_unknown")


async def test_two_phones_and_the_desk_at_once_book_it_once(
    client: Client, world: World, token: str, owner: Owner
) -> None:
    offer_id = (await line(client, world))[0]["offer"]["id"]
    answers = await asyncio.gather(
        *(post(client, "accept", token) for _ in range(4)),
        post(client, "decline", token),
        client.post(f"/api/waitlist-offers/{offer_id}/accept", headers=world.a.as_("receptionist")),
    )
    counted = Counter(answer.status_code // 100 for answer in answers)
    assert counted == {2: 1, 4: 5}
    assert {one.json()["code"] for one in answers if one.status_code >= 400} == {"offer_over"}
    status = await owner.fetchval("SELECT status FROM waitlist_offers")
    assert await owner.fetchval("SELECT count(*) FROM appointments") == (status == "accepted")


async def test_only_the_hash_is_kept_and_the_newest_message_counts(
    client: Client, world: World, token: str, owner: Owner, work: Work, sent: Sent
) -> None:
    assert await owner.fetchval("SELECT token_hash FROM waitlist_offers") == hash_of(token)
    for table in ("outbox_events", "notifications", "text_notices", "audit_entries", "procrastinate_jobs"):
        assert not await owner.fetchval(f"SELECT count(*) FROM {table} t WHERE t::text LIKE $1", f"%{token}%")
    await owner.execute("UPDATE text_notices SET sent_at = NULL")
    notice_id = await owner.fetchval("SELECT id FROM text_notices")
    await send_text(work, str(world.a.organization_id), str(notice_id))
    assert refusal(await post(client, "show", token)) == (404, "offer_link_unknown")
    assert (await post(client, "show", sent.texts[-1].body.split("#")[1])).status_code == 200


async def test_what_is_done_by_a_link_is_in_the_trail(client: Client, token: str, owner: Owner, world: World) -> None:
    await post(client, "show", token)
    await post(client, "accept", token)
    rows = await owner.fetch(
        "SELECT route, action, entity, patient_id FROM audit_entries WHERE route LIKE '%offer-link%' ORDER BY at, id"
    )
    told = {(row["route"].rsplit("/", 1)[1], row["action"], row["entity"]) for row in rows}
    assert ("show", "read", "waitlist_offer") in told
    assert {("accept", "update", "waitlist_offer"), ("accept", "create", "appointment")} <= told
    assert {row["patient_id"] for row in rows} == {world.a.other_patient}


async def test_tokens_say_whose_they_are(world: World) -> None:
    short, long = new_token(world.a.organization_id), new_token(world.a.organization_id, LONG)
    assert (len(short), len(long)) == (43, 64)
    assert organization_of(short) == organization_of(long, LONG) == world.a.organization_id
    for wrong in (long, short[1:], short + "=", short + "\n", "", "+" * 43, "é" * 43):
        assert organization_of(wrong) is None
