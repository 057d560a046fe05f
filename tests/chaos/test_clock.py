"""The application's clock jumps a day ahead or an hour back: nothing breaks, nothing ended comes to life again.

PostgreSQL's own clock, and the machine's, stay as they are: what ends is asked of the application's.
"""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from asyncpg import Connection

from arogya.modules.identity import authenticator
from arogya.modules.identity.models import UserSession
from arogya.platform.access import Context
from arogya.platform.clock import FixedClock
from tests.chaos.scale import report
from tests.conftest import NOW, Sent
from tests.factories.scheduling import MONDAY, TUESDAY, a_booking, at, book, booked
from tests.modules.scheduling.desk import Desk
from tests.world import Hospital, World

Once = Callable[[], Awaitable[Any]]
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def numbers(told: Any) -> Iterator[float]:
    """Every number in an answer."""
    if isinstance(told, dict):
        for value in told.values():
            yield from numbers(value)
    elif isinstance(told, list):
        for value in told:
            yield from numbers(value)
    elif isinstance(told, int | float):
        yield told


@pytest.fixture
def here(world: World, clock: FixedClock) -> Hospital:
    """Its tokens are made by the clock that jumps, as after a refresh."""
    return replace(world.a, clock=clock)


@pytest.fixture
def desk(client: httpx2.AsyncClient, here: Hospital) -> Desk:
    return Desk(client, here, here.practitioner)


async def test_a_visit_goes_on_over_an_hour_back(desk: Desk, here: Hospital, clock: FixedClock) -> None:
    first = await desk.walk_in(here.patient)
    await desk.walk_in(here.other_patient)
    called = (await desk.call_next())["called"]
    clock.advance(-HOUR)
    for answer in (
        await desk.get("/queue", facility_id=str(here.main)),
        await desk.get("/walk-ins/preview", patient_id=str(here.patient), **desk.here),
    ):
        assert answer.status_code == 200, answer.text
        assert min(numbers(answer.json()), default=0) >= 0, answer.text
    await desk.moved(called["token_id"], "start")
    assert (await desk.call_next())["called"], "who was let in first is done"
    seen = (await desk.get(f"/appointments/{first['id']}")).json()
    assert seen["status"] == "fulfilled"
    report("clock", jumps=1)


async def test_what_was_booked_before_the_jump_can_be_moved_after_it(
    client: httpx2.AsyncClient, here: Hospital, clock: FixedClock
) -> None:
    made = await booked(client, here)
    clock.advance(-HOUR)
    answer = await client.post(
        f"/api/appointments/{made['id']}/reschedule", json={"starts_at": at(TUESDAY, "11:00")},
        headers=here.as_("receptionist"),
    )  # fmt: skip
    assert answer.status_code == 200, answer.text
    clock.advance(DAY + HOUR)
    late = await book(client, here, patient_id=here.other_patient, starts_at=at(MONDAY, "12:00"))
    assert late.status_code in {409, 422}, "yesterday can't be booked"
    report("clock", jumps=2)


async def test_a_hold_ends_with_the_jump_and_its_place_is_booked_once(
    client: httpx2.AsyncClient, here: Hospital, clock: FixedClock, owner: Connection
) -> None:
    place = {"practitioner_id": str(here.practitioner), "starts_at": at("2026-11-26", "10:00")}
    held = await client.post("/api/holds", json=place, headers=here.as_("receptionist"))
    assert held.status_code == 201, held.text
    clock.advance(DAY)
    mine = a_booking(here, hold_id=held.json()["id"], starts_at=place["starts_at"])
    theirs = await book(client, here, "doctor", patient_id=here.other_patient, starts_at=place["starts_at"])
    assert theirs.status_code == 201, theirs.text
    late = await client.post("/api/appointments", json=mine, headers=here.as_("receptionist"))
    assert late.status_code == 409, late.text
    assert await owner.fetchval("SELECT count(*) FROM appointments WHERE starts_at = $1", clock.now() + 2 * DAY) == 1
    report("clock", jumps=1)


async def test_an_offer_is_told_once_and_what_ended_with_the_jump_comes_to_no_life_again(
    client: httpx2.AsyncClient, here: Hospital, clock: FixedClock, relay_once: Once, jobs_once: Once, sent: Sent
) -> None:
    waiting = {
        "patient_id": str(here.other_patient), "practitioner_id": str(here.practitioner),
        "facility_id": str(here.main), "first_day": "2026-11-26", "last_day": "2026-11-26",
    }  # fmt: skip
    answer = await client.post("/api/waitlist", json=waiting, headers=here.as_("receptionist"))
    assert answer.status_code == 201, answer.text
    await relay_once()
    await jobs_once()
    for jump in (-HOUR, HOUR):
        clock.advance(jump)
        await relay_once()
        await jobs_once()
    (text,) = sent.texts
    link = {"token": text.body.split("/my/offer#")[1]}
    clock.advance(DAY)
    await jobs_once()
    for back in (0 * HOUR, -HOUR, -DAY):
        clock.advance(back)
        late = await client.post("/api/offer-link/accept", json=link)
        assert late.status_code == 409, late.text
    free = await book(client, here, patient_id=here.patient, starts_at=at("2026-11-26", "09:00"))
    assert free.status_code == 201, free.text
    report("clock", jumps=5)


async def test_an_ended_session_stays_ended_whatever_the_clock_says(
    client: httpx2.AsyncClient, here: Hospital, clock: FixedClock, owner: Connection
) -> None:
    await owner.execute("UPDATE sessions SET revoked_at = $1 WHERE id = $2", clock.now(), here.sessions["nurse"])
    for jump in (-HOUR, DAY):
        clock.advance(jump)
        assert (await client.get("/api/me", headers=here.as_("nurse"))).status_code == 401
    report("clock", jumps=2)


# The controls: a fault is planted, and the same assertions must fail.


@contextmanager
def fails(saying: str) -> Iterator[None]:
    with pytest.raises(AssertionError, match=saying):
        yield
    report("clock", found_by_the_control=1)


@pytest.fixture
def ends_by_a_clock_that_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever asks what time it is learns when the program began."""
    monkeypatch.setattr(Context, "now", lambda _: NOW)


async def test_control_time_that_only_goes_on_is_found(
    desk: Desk, here: Hospital, clock: FixedClock, owner: Connection
) -> None:
    await owner.execute("ALTER TABLE queue_tokens ADD CHECK (started_at >= called_at)")
    with fails('"code": "conflict"'):
        await test_a_visit_goes_on_over_an_hour_back(desk, here, clock)


@pytest.mark.usefixtures("ends_by_a_clock_that_stands")
async def test_control_a_yesterday_that_is_bookable_is_found(
    client: httpx2.AsyncClient, here: Hospital, clock: FixedClock
) -> None:
    with fails("yesterday can't be booked"):
        await test_what_was_booked_before_the_jump_can_be_moved_after_it(client, here, clock)


@pytest.mark.usefixtures("ends_by_a_clock_that_stands")
async def test_control_a_hold_without_end_is_found(
    client: httpx2.AsyncClient, here: Hospital, clock: FixedClock, owner: Connection
) -> None:
    with fails('"code": "slot_taken"'):
        await test_a_hold_ends_with_the_jump_and_its_place_is_booked_once(client, here, clock, owner)


@pytest.mark.usefixtures("ends_by_a_clock_that_stands")
async def test_control_an_offer_without_end_is_found(
    client: httpx2.AsyncClient, here: Hospital, clock: FixedClock, relay_once: Once, jobs_once: Once, sent: Sent
) -> None:
    with fails('"practitioner_name":'):
        await test_an_offer_is_told_once_and_what_ended_with_the_jump_comes_to_no_life_again(
            client, here, clock, relay_once, jobs_once, sent
        )


async def test_control_a_session_of_which_only_the_time_is_looked_at_is_found(
    client: httpx2.AsyncClient, here: Hospital, clock: FixedClock, owner: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(authenticator, "still_stands", lambda now: UserSession.expires_at > now)
    with fails("200 == 401"):
        await test_an_ended_session_stays_ended_whatever_the_clock_says(client, here, clock, owner)
