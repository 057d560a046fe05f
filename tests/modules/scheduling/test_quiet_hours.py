"""At night messages wait for the morning of the place where the patient is seen, on the days that clocks change too."""

from datetime import datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx2
import pytest

from arogya.modules.scheduling.booking_rules import Rules
from arogya.modules.scheduling.quiet_hours import QuietHours
from arogya.modules.scheduling.waitlist.jobs import sweep_waitlists
from arogya.platform.clock import FixedClock
from arogya.platform.jobs import Work
from tests.factories.scheduling import MONDAY, TUESDAY, WEDNESDAY, change_rules, moment
from tests.world import World

KOLKATA, NEW_YORK = ZoneInfo("Asia/Kolkata"), ZoneInfo("America/New_York")
NIGHT = QuietHours(time(21), time(8))


@pytest.mark.parametrize(
    ("wall", "over"),
    [
        ("2026-11-23T20:59", None), ("2026-11-23T21:00", "2026-11-24T08:00"), ("2026-11-23T23:59", "2026-11-24T08:00"),
        ("2026-11-24T00:00", "2026-11-24T08:00"), ("2026-11-24T07:59", "2026-11-24T08:00"), ("2026-11-24T08:00", None),
    ],
)  # fmt: skip
def test_night_goes_past_midnight(wall: str, over: str | None) -> None:
    now = datetime.fromisoformat(wall).replace(tzinfo=KOLKATA)
    expected = datetime.fromisoformat(over).replace(tzinfo=KOLKATA) if over else None
    assert NIGHT.over_at(now, KOLKATA) == expected


@pytest.mark.parametrize(
    ("now", "over"),
    [
        ("2027-03-14T03:00+00:00", "2027-03-14T12:00+00:00"),  # 22:00 EST, ten hours less one to 08:00 EDT
        ("2027-03-14T07:30+00:00", "2027-03-14T12:00+00:00"),  # 03:30 EDT
        ("2027-03-14T12:00+00:00", None),
        ("2027-11-07T02:00+00:00", "2027-11-07T13:00+00:00"),  # 22:00 EDT, ten hours and one to 08:00 EST
        ("2027-11-07T05:30+00:00", "2027-11-07T13:00+00:00"),  # 01:30 for the first time
        ("2027-11-07T06:30+00:00", "2027-11-07T13:00+00:00"),  # and for the second
        ("2027-11-07T12:59+00:00", "2027-11-07T13:00+00:00"),
        ("2027-11-07T13:00+00:00", None),
    ],
)
def test_where_clocks_change(now: str, over: str | None) -> None:
    expected = datetime.fromisoformat(over) if over else None
    assert NIGHT.over_at(datetime.fromisoformat(now), NEW_YORK) == expected


def test_hours_of_a_day_and_of_none() -> None:
    siesta, never = QuietHours(time(13), time(15)), QuietHours(time(9), time(9))
    assert siesta.over_at(moment(MONDAY, "14:00"), KOLKATA) == moment(MONDAY, "15:00")
    assert siesta.over_at(moment(MONDAY, "15:00"), KOLKATA) is None
    assert never.over_at(moment(MONDAY, "09:00"), KOLKATA) is None


def test_are_kept_unless_the_hospital_says_otherwise() -> None:
    assert Rules().quiet_till(moment(MONDAY, "22:00"), KOLKATA) == moment(TUESDAY, "08:00")
    assert Rules(has_quiet_hours=False).quiet_till(moment(MONDAY, "22:00"), KOLKATA) is None


async def test_are_set_with_the_hospitals_rules(client: httpx2.AsyncClient, world: World) -> None:
    admin = world.a.as_("hospital_admin")
    shown = (await client.get("/api/booking-rules", headers=admin)).json()
    assert (shown["has_quiet_hours"], shown["quiet_from"], shown["quiet_until"]) == (True, "21:00", "08:00")
    changed = {"has_quiet_hours": False, "quiet_from": "22:30", "quiet_until": "07:00"}
    put = await client.put("/api/booking-rules", json=changed, headers=admin)
    assert put.status_code == 200
    assert changed.items() <= put.json().items()
    for wrong in ("24:00", "7", "07:00:30", "07:00+05:30", None):
        refused = await client.put("/api/booking-rules", json={"quiet_from": wrong}, headers=admin)
        assert refused.status_code == 422
        assert refused.json()["fields"][0]["name"] == "quiet_from"


async def offered(client: httpx2.AsyncClient, world: World) -> list[Any]:
    found = await client.get("/api/waitlist", headers=world.a.as_("receptionist"))
    return [one["offer"] for one in found.json()["items"]]


async def wait_for(client: httpx2.AsyncClient, world: World, patient_id: UUID, day: str) -> None:
    body = {
        "patient_id": str(patient_id), "practitioner_id": str(world.a.practitioner), "facility_id": str(world.a.main),
        "first_day": day, "last_day": day,
    }  # fmt: skip
    done = await client.post("/api/waitlist", json=body, headers=world.a.as_("receptionist"))
    assert done.status_code == 201, done.text


@pytest.mark.parametrize("is_kept", [True, False])
async def test_freed_place_is_offered_in_the_morning(
    client: httpx2.AsyncClient, world: World, relay_once: Any, work: Work, clock: FixedClock, is_kept: bool
) -> None:
    await change_rules(client, world.a, has_quiet_hours=is_kept)
    clock.at = moment(MONDAY, "22:00")
    await wait_for(client, world, world.a.other_patient, WEDNESDAY)
    await relay_once()
    await sweep_waitlists(work)
    assert [one is None for one in await offered(client, world)] == [is_kept]
    clock.at = moment(TUESDAY, "08:00")
    await sweep_waitlists(work)
    (offer,) = await offered(client, world)
    assert offer["expires_at"] == "2026-11-24T02:45:00Z"
