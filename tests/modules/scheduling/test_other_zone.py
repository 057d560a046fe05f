"""A branch in New York, worked by a desk in Kolkata, on the two days on which its clock is changed.

On 14 March 2027 the hour from 02:00 is not there (23 hours), on 7 November 2027 the hour from 01:00 comes twice (25).
"""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
import httpx2
import pypdf
import pytest

from arogya.modules.scheduling import desk_papers
from arogya.platform.access import Context
from arogya.platform.clock import FixedClock
from tests.factories.scheduling import a_booking, add_schedule, at, make_patients, moment
from tests.world import Hospital, World

Client = httpx2.AsyncClient
Owner = asyncpg.Connection
System = Callable[[Hospital], AbstractAsyncContextManager[Context]]
NEW_YORK, KOLKATA = ZoneInfo("America/New_York"), ZoneInfo("Asia/Kolkata")
SPRING, AUTUMN = "2027-03-14", "2027-11-07"


@pytest.fixture
async def here(client: Client, world: World, owner: Owner, clock: FixedClock) -> Hospital:
    """Hospital A with its branch in New York: the doctor of timed slots sits there on Sundays from half past midnight
    to four and from nine to noon, and the clock is the test's own."""
    await owner.execute("UPDATE facilities SET time_zone = 'America/New_York' WHERE id = $1", world.a.branch)
    await owner.execute("UPDATE sessions SET expires_at = '2029-01-01'")
    sundays = [
        {"weekday": 6, "starts": "00:30", "ends": "04:00"},
        {"weekday": 6, "starts": "09:00", "ends": "12:00"},
        {"weekday": 0, "starts": "09:00", "ends": "12:00"},
    ]
    made = await add_schedule(client, world.a, facility_id=world.a.branch, sessions=sundays, slot_minutes=30)
    assert made.status_code == 201, made.text
    return replace(world.a, clock=clock)


@pytest.fixture
def stand_at(clock: FixedClock) -> Callable[[str], None]:
    """Put the clock to a moment in UTC."""

    def put(when: str) -> None:
        clock.at = datetime.fromisoformat(when)

    return put


async def get(client: Client, hospital: Hospital, path: str, **query: Any) -> Any:
    answer = await client.get(f"/api{path}", params=query, headers=hospital.as_("receptionist"))
    assert answer.status_code == 200, answer.text
    return answer


async def book_at(client: Client, hospital: Hospital, starts_at: str, **told: Any) -> dict[str, Any]:
    body = a_booking(hospital, starts_at=starts_at, facility_id=hospital.branch, **told)
    answer = await client.post("/api/appointments", json=body, headers=hospital.as_("receptionist"))
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def walls(items: list[dict[str, Any]], zone: ZoneInfo = NEW_YORK) -> list[str]:
    return [f"{datetime.fromisoformat(one['starts_at']).astimezone(zone):%H:%M %Z}" for one in items]


async def branch_slots(client: Client, hospital: Hospital, day: str) -> list[dict[str, Any]]:
    query = {"practitioner_id": str(hospital.practitioner), "facility_id": str(hospital.branch), "from": day}
    found: list[dict[str, Any]] = (await get(client, hospital, "/slots", **query)).json()["items"]
    return found


MORNING = ["09:00", "09:30", "10:00", "10:30", "11:00", "11:30"]


async def test_slots_of_both_days(client: Client, here: Hospital) -> None:
    assert walls(await branch_slots(client, here, SPRING)) == [
        "00:30 EST", "01:00 EST", "01:30 EST", "03:00 EDT", "03:30 EDT", *(f"{wall} EDT" for wall in MORNING),
    ]  # fmt: skip
    assert walls(await branch_slots(client, here, AUTUMN)) == [
        "00:30 EDT", "01:00 EDT", "01:30 EDT", "01:00 EST", "01:30 EST", "02:00 EST", "02:30 EST", "03:00 EST",
        "03:30 EST", *(f"{wall} EST" for wall in MORNING),
    ]  # fmt: skip


@pytest.mark.parametrize(("day", "offered"), [(SPRING, 150 + 180), (AUTUMN, 270 + 180), ("2027-11-14", 210 + 180)])
async def test_minutes_offered_are_those_that_pass(client: Client, here: Hospital, day: str, offered: int) -> None:
    answer = await get(client, here, "/practitioner-load", facility_id=str(here.branch), **{"from": day, "to": day})
    (one,) = answer.json()["items"]
    assert [(each["day"], each["minutes_offered"]) for each in one["days"]] == [(day, offered)]


@pytest.mark.parametrize(
    ("day", "first", "last", "after"),
    [(SPRING, "05:30", "15:30", "2027-03-15T13:00:00Z"), (AUTUMN, "04:30", "16:30", "2027-11-08T14:00:00Z")],
)
async def test_days_list_has_the_whole_day_and_no_more(
    client: Client, here: Hospital, day: str, first: str, last: str, after: str
) -> None:
    for starts_at in (f"{day}T{first}:00Z", f"{day}T{last}:00Z", after):
        await book_at(client, here, starts_at)
    answer = await get(client, here, "/appointments", facility_id=str(here.branch), **{"from": day, "to": day})
    assert [one["starts_at"] for one in answer.json()["items"]] == [f"{day}T{first}:00Z", f"{day}T{last}:00Z"]


async def test_both_equal_times_are_booked_and_told_apart(client: Client, here: Hospital, in_tenant: Any) -> None:
    first = await book_at(client, here, f"{AUTUMN}T05:30:00Z")
    second = await book_at(client, here, f"{AUTUMN}T06:30:00Z", patient_id=here.other_patient)
    assert first["lane"] == second["lane"] == 1
    taken = await client.post(
        "/api/appointments", headers=here.as_("receptionist"),
        json=a_booking(here, starts_at=f"{AUTUMN}T06:30:00Z", facility_id=here.branch),
    )  # fmt: skip
    assert (taken.status_code, taken.json()["code"]) == (409, "slot_taken")
    states = {one["starts_at"]: one["status"] for one in await branch_slots(client, here, AUTUMN)}
    assert (states[f"{AUTUMN}T05:30:00Z"], states[f"{AUTUMN}T06:30:00Z"]) == ("busy", "busy")
    assert (states[f"{AUTUMN}T05:00:00Z"], states[f"{AUTUMN}T06:00:00Z"]) == ("free", "free")


async def test_hour_that_is_not_there_can_not_be_booked(client: Client, here: Hospital) -> None:
    """02:30 in New York names no moment of that day; 07:30 UTC is 03:30 already."""
    times = {one["starts_at"] for one in await branch_slots(client, here, SPRING)}
    assert at(SPRING, "03:30", NEW_YORK) == f"{SPRING}T07:30:00Z"
    assert {f"{SPRING}T07:00:00Z", f"{SPRING}T07:30:00Z"} <= times
    answer = await client.post(
        "/api/appointments", headers=here.as_("receptionist"),
        json=a_booking(here, starts_at=f"{SPRING}T08:00:00Z", facility_id=here.branch),
    )  # fmt: skip
    assert (answer.status_code, answer.json()["code"]) == (422, "no_such_slot"), "the session is over at four"


async def test_today_is_each_branchs_own(client: Client, here: Hospital, stand_at: Callable[[str], None]) -> None:
    """22:00 on Sunday in New York is half past eight on Monday in Kolkata."""
    stand_at(f"{AUTUMN}T04:00+00:00")
    sunday = await book_at(client, here, f"{AUTUMN}T16:30:00Z")
    monday = await book_at(client, here, "2027-11-08T14:00:00Z")
    kolkata = await client.post(
        "/api/appointments", headers=here.as_("receptionist"),
        json=a_booking(here, starts_at=at("2027-11-08", "12:00"), patient_id=here.other_patient, facility_id=here.main),
    )  # fmt: skip
    stand_at("2027-11-08T03:00+00:00")
    found = (await get(client, here, "/appointments/today")).json()["items"]
    assert {one["id"] for one in found} == {sunday["id"], kolkata.json()["id"]}
    stand_at("2027-11-08T05:00+00:00")
    found = (await get(client, here, "/appointments/today")).json()["items"]
    assert {one["id"] for one in found} == {monday["id"], kolkata.json()["id"]}


async def test_patient_is_received_on_the_branchs_day(
    client: Client, here: Hospital, stand_at: Callable[[str], None]
) -> None:
    monday = await book_at(client, here, "2027-11-08T14:00:00Z")
    url = f"/api/appointments/{monday['id']}/check-in"
    stand_at("2027-11-08T04:59+00:00")
    refused = await client.post(url, headers=here.as_("receptionist"))
    assert (refused.status_code, refused.json()["code"]) == (409, "visit_not_today"), "in Kolkata it is Monday"
    stand_at("2027-11-08T05:00+00:00")
    assert (await client.post(url, headers=here.as_("receptionist"))).status_code == 200


@pytest.mark.parametrize(
    ("when", "day", "session"),
    [
        (f"{AUTUMN}T05:10+00:00", AUTUMN, "00:30"),  # 01:10 for the first time
        (f"{AUTUMN}T06:10+00:00", AUTUMN, "00:30"),  # and for the second
        (f"{SPRING}T07:10+00:00", SPRING, "00:30"),  # 03:10, ten minutes after 01:59
        (f"{AUTUMN}T14:10+00:00", AUTUMN, "09:00"),
        (f"{SPRING}T13:10+00:00", SPRING, "09:00"),
    ],
)
async def test_queue_of_the_branchs_day_counts_on(
    client: Client, here: Hospital, owner: Owner, stand_at: Callable[[str], None], when: str, day: str, session: str
) -> None:
    stand_at(when)
    for patient_id in (here.patient, here.other_patient):
        body = {
            "patient_id": str(patient_id), "practitioner_id": str(here.practitioner), "facility_id": str(here.branch),
        }  # fmt: skip
        answer = await client.post("/api/walk-ins", json=body, headers=here.as_("receptionist"))
        assert answer.status_code == 201, answer.text
    rows = await owner.fetch("SELECT day, session, number FROM queue_tokens ORDER BY number")
    assert [tuple(row) for row in rows] == [(date.fromisoformat(day), session, n) for n in (1, 2)]
    queue = (await get(client, here, "/queue", facility_id=str(here.branch))).json()["items"]
    assert [one["number"] for one in queue] == [1, 2]


async def test_first_and_second_half_past_one_wait_in_the_order_of_time(
    client: Client, here: Hospital, stand_at: Callable[[str], None]
) -> None:
    second = await book_at(client, here, f"{AUTUMN}T06:30:00Z")
    first = await book_at(client, here, f"{AUTUMN}T05:30:00Z", patient_id=here.other_patient)
    stand_at(f"{AUTUMN}T05:00+00:00")
    for visit in (second, first):
        await client.post(f"/api/appointments/{visit['id']}/arrive", headers=here.as_("receptionist"))
    queue = (await get(client, here, "/queue", facility_id=str(here.branch))).json()["items"]
    assert [one["appointment"]["id"] for one in queue] == [first["id"], second["id"]]


@pytest.mark.parametrize(
    ("starts_at", "said", "till"),
    [
        (f"{SPRING}T05:30:00Z", "2027-03-14T00:30:00-05:00", "2027-03-21"),
        (f"{SPRING}T13:00:00Z", "2027-03-14T09:00:00-04:00", "2027-03-21"),
        (f"{AUTUMN}T05:30:00Z", "2027-11-07T01:30:00-04:00", "2027-11-14"),
        (f"{AUTUMN}T06:30:00Z", "2027-11-07T01:30:00-05:00", "2027-11-14"),
    ],
)
async def test_slip_says_the_branchs_time(
    client: Client, here: Hospital, system: System, starts_at: str, said: str, till: str
) -> None:
    visit = await book_at(client, here, starts_at)
    async with system(here) as ctx:
        slip = await desk_papers.slip_facts(ctx, visit["id"])
    assert slip.starts_at is not None
    assert slip.valid_till is not None
    assert (slip.starts_at.isoformat(), slip.day.isoformat(), slip.valid_till.isoformat()) == (said, said[:10], till)


@pytest.mark.parametrize(
    ("day", "times"),
    [
        (SPRING, ["2027-03-14T00:30:00-05:00", "2027-03-14T03:00:00-04:00", "2027-03-14T11:30:00-04:00"]),
        (AUTUMN, ["2027-11-07T00:30:00-04:00", "2027-11-07T01:30:00-05:00", "2027-11-07T11:30:00-05:00"]),
    ],
)
async def test_day_sheet_of_both_days(
    client: Client, here: Hospital, system: System, in_tenant: Any, day: str, times: list[str]
) -> None:
    async with in_tenant(here.organization_id) as session:
        people = await make_patients(session, 4)
    monday = (date.fromisoformat(day) + timedelta(days=1)).isoformat()
    moments = [
        *(datetime.fromisoformat(one).isoformat() for one in times),
        moment(monday, "09:00", NEW_YORK).isoformat(),
    ]
    for patient_id, starts_at in zip(people, moments, strict=True):
        await book_at(client, here, starts_at, patient_id=patient_id)
    async with system(here) as ctx:
        sheet = await desk_papers.day_sheet_facts(ctx, here.practitioner, here.branch, date.fromisoformat(day))
    assert [row.starts_at.isoformat() for row in sheet.rows if row.starts_at] == times
    assert sheet.session == "00:30–04:00, 09:00–12:00"
    printed = await get(
        client, here, f"/practitioners/{here.practitioner}/day-sheet", facility_id=str(here.branch), day=day
    )
    page = " ".join(one.extract_text() for one in pypdf.PdfReader(BytesIO(printed.content)).pages)
    assert "12:30 am" in page.replace("\u202f", " ").replace("\xa0", " ").lower()


async def test_finder_of_all_branches_gives_each_its_own_times(client: Client, here: Hospital) -> None:
    found = (await get(client, here, "/availability", **{"from": AUTUMN}, days=2)).json()["items"]
    by_branch = {one["facility_id"]: one["next"] for one in found if one["practitioner"]["name"] == "Kavita Iyer"}
    assert walls(by_branch[str(here.branch)]) == ["00:30 EDT", "01:00 EDT", "01:30 EDT"]
    assert walls(by_branch[str(here.main)], KOLKATA)[0] == "09:00 IST", "Monday: she sits in Pune on weekdays"


async def test_notification_carries_the_moment_and_the_branch_by_whose_clock_it_is_read(
    client: Client, here: Hospital, relay_once: Callable[[], Awaitable[None]], clock: FixedClock
) -> None:
    await book_at(client, here, f"{AUTUMN}T06:30:00Z")
    await relay_once()
    told = await client.get("/api/notifications", headers=here.as_("patient"))
    (params,) = [one["params"] for one in told.json()["items"] if one["template"] == "appointment.booked"]
    assert (params["starts_at"], params["facility_id"]) == (f"{AUTUMN}T06:30:00Z", str(here.branch))
    me = (await client.get("/api/me", headers=here.as_("patient"))).json()
    assert {one["id"]: one["time_zone"] for one in me["facilities"]}[str(here.branch)] == "America/New_York"


async def test_move_across_the_change_keeps_the_place_and_the_day(client: Client, here: Hospital) -> None:
    visit = await book_at(client, here, f"{AUTUMN}T04:30:00Z")
    moved = await client.post(
        f"/api/appointments/{visit['id']}/reschedule", json={"starts_at": f"{AUTUMN}T08:30:00Z"},
        headers=here.as_("receptionist"),
    )  # fmt: skip
    assert walls([moved.json()]) == ["03:30 EST"]
    assert moved.json()["facility_id"] == str(here.branch)
