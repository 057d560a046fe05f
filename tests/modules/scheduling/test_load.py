"""How full doctors' days are, by hand-reckoned days."""

from typing import Any

import httpx2
import pytest

from arogya.platform.database import Database
from tests.factories.scheduling import (
    MONDAY,
    TUESDAY,
    WEDNESDAY,
    add_exception,
    add_schedule,
    at,
    booked,
    make_patients,
    moment,
    step,
    stranger,
)
from tests.modules.scheduling.desk import Desk
from tests.statements import statements
from tests.world import World

Client = httpx2.AsyncClient


async def load_of(client: Client, world: World, **asked: Any) -> dict[str, Any]:
    """Of the doctor of timed slots at the main branch, on Tuesday unless told otherwise."""
    params = {"facility_id": str(world.a.main), "from": TUESDAY, **asked}
    answer = await client.get("/api/practitioner-load", params=params, headers=world.a.as_("receptionist"))
    assert answer.status_code == 200, answer.text
    return next(one for one in answer.json()["items"] if one["practitioner_id"] == str(world.a.practitioner))


def tally(places: int, booked: int, free: int, walk_ins: int, offered: int, used: int) -> dict[str, int]:
    return {
        "places": places, "booked": booked, "held": 0, "free": free, "walk_ins": walk_ins, "minutes_offered": offered,
        "minutes_used": used,
    }  # fmt: skip


async def test_empty_day_offers_all_and_uses_nothing(client: Client, world: World) -> None:
    found = await load_of(client, world)
    assert found["days"] == [{"day": TUESDAY, **tally(12, 0, 12, 0, 240, 0)}]


async def test_bookings_are_counted_and_cancelled_ones_give_back(client: Client, world: World) -> None:
    await booked(client, world.a)
    gone = await booked(client, world.a, patient_id=world.a.other_patient, starts_at=at(TUESDAY, "11:00"))
    assert (await load_of(client, world))["total"] == tally(12, 2, 10, 0, 240, 40)
    await step(client, world.a, "receptionist", gone["id"], "cancel", reason="Feels better")
    assert (await load_of(client, world))["total"] == tally(12, 1, 11, 0, 240, 20)


async def test_what_is_past_was_offered_and_is_free_no_more(client: Client, world: World) -> None:
    """It is Monday, ten o'clock: three of twelve slots have gone by."""
    assert (await load_of(client, world, **{"from": MONDAY}))["total"] == tally(12, 0, 9, 0, 240, 0)


async def test_leave_is_not_offered_and_who_is_booked_in_it_still_counts(client: Client, world: World) -> None:
    await booked(client, world.a)
    await add_exception(client, world.a, starts_at=at(TUESDAY, "09:00"), ends_at=at(TUESDAY, "11:00"))
    assert (await load_of(client, world))["total"] == tally(6, 1, 6, 0, 120, 20)


async def test_walk_in_takes_as_long_as_one_place(client: Client, world: World, desk: Desk) -> None:
    await desk.walk_in(world.a.patient)
    assert (await load_of(client, world, **{"from": MONDAY}))["total"] == tally(12, 0, 9, 1, 240, 20)


async def test_booking_over_the_places_uses_more_than_was_offered(client: Client, world: World, in_tenant: Any) -> None:
    async with in_tenant(world.a.organization_id) as session:
        people = await make_patients(session, 13)
    for n, patient in enumerate(people[:12]):
        hour, minute = divmod(540 + 20 * n, 60)
        await booked(client, world.a, patient_id=patient, starts_at=at(TUESDAY, f"{hour:02}:{minute:02}"))
    await booked(client, world.a, "doctor", patient_id=people[12], override_reason="Post-operative")
    assert (await load_of(client, world))["total"] == tally(12, 13, 0, 0, 240, 260)


async def test_session_by_token_shares_its_minutes(client: Client, world: World) -> None:
    await booked(
        client, world.a, practitioner_id=world.a.other_practitioner, starts_at=moment(TUESDAY, "09:00").isoformat()
    )
    answer = await client.get(
        "/api/practitioner-load",
        params={"practitioner_id": str(world.a.other_practitioner), "from": TUESDAY}, headers=world.a.as_("nurse"),
    )  # fmt: skip
    (found,) = answer.json()["items"]
    assert found["total"] == tally(30, 1, 29, 0, 180, 6)


async def test_week_is_the_sum_of_its_days(client: Client, world: World) -> None:
    await booked(client, world.a)
    await booked(client, world.a, starts_at=at(WEDNESDAY, "10:00"))
    found = await load_of(client, world, **{"from": MONDAY}, to="2026-11-29")
    assert [day["day"] for day in found["days"]] == [f"2026-11-{n}" for n in range(23, 30)]
    assert [day["booked"] for day in found["days"]] == [0, 1, 1, 0, 0, 0, 0]
    assert found["days"][6] == {"day": "2026-11-29", **tally(0, 0, 0, 0, 0, 0)}, "Sunday"
    assert found["total"] == tally(72, 2, 67, 0, 1440, 40)


async def test_each_branch_of_a_doctor_stands_for_itself(client: Client, world: World) -> None:
    await add_schedule(client, world.a, facility_id=world.a.branch)
    answer = await client.get(
        "/api/practitioner-load", params={"practitioner_id": str(world.a.practitioner), "from": MONDAY},
        headers=world.a.as_("receptionist"),
    )  # fmt: skip
    assert {one["facility_id"]: one["total"]["places"] for one in answer.json()["items"]} == {
        str(world.a.main): 12, str(world.a.branch): 9,
    }  # fmt: skip


async def test_more_doctors_and_days_ask_no_more(client: Client, world: World, database: Database) -> None:
    async def asked(to: str) -> int:
        with statements(database) as sent:
            await load_of(client, world, to=to)
        return len([one for one in sent if "FROM appointments" in one or "FROM schedule" in one])

    assert await asked("2027-01-20") == await asked(TUESDAY) == 4


@pytest.mark.parametrize(
    ("asked", "status"),
    [({"to": "2027-01-25"}, 422), ({"to": MONDAY}, 422), ({"from": "x"}, 422), ({"facility_id": stranger()}, 404)],
)
async def test_asks_that_make_no_sense(client: Client, world: World, asked: dict[str, str], status: int) -> None:
    params = {"from": TUESDAY, **asked}
    answer = await client.get("/api/practitioner-load", params=params, headers=world.a.as_("nurse"))
    assert answer.status_code == status


async def test_who_may_see_it(client: Client, world: World) -> None:
    for headers, status in [
        (world.a.as_("receptionist"), 200), (world.a.as_("cashier"), 200), (world.a.as_("patient"), 403),
        (world.a.as_("privacy_officer"), 403), ({}, 401),
    ]:  # fmt: skip
        assert (await client.get("/api/practitioner-load", headers=headers)).status_code == status
    other = await client.get(f"/api/practitioner-load?facility_id={world.a.main}", headers=world.b.as_("receptionist"))
    assert other.status_code == 404
