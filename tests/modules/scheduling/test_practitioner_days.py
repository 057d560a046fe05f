"""The desk's list of doctors, and what late, on a break and gone do to those who wait."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import date, time, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from arogya.modules.scheduling.models import Schedule, ScheduleSession
from arogya.modules.staff.models import Practitioner, PractitionerFacility
from arogya.platform.clock import FixedClock
from arogya.platform.database import Database
from tests.factories.scheduling import MONDAY, TUESDAY, add_exception, at, make_patients, moment
from tests.modules.scheduling.desk import Desk
from tests.statements import statements
from tests.world import Hospital, World

Owner = asyncpg.Connection
InTenant = Callable[..., AbstractAsyncContextManager[AsyncSession]]


@pytest.fixture
async def people(world: World, in_tenant: InTenant) -> list[UUID]:
    async with in_tenant(world.a.organization_id) as session:
        return await make_patients(session, 6)


async def todays(desk: Desk) -> dict[str, Any]:
    """The rows by practitioner."""
    answer = await desk.get("/practitioners-today", facility_id=str(desk.hospital.main))
    assert answer.status_code == 200, answer.text
    return {row["practitioner_id"]: row for row in answer.json()["items"]}


async def row(desk: Desk) -> dict[str, Any]:
    return (await todays(desk))[str(desk.doctor)]


async def say(desk: Desk, state: str, **more: Any) -> dict[str, Any]:
    answer = await desk.post(
        f"/practitioners-today/{desk.doctor}", {"facility_id": str(desk.hospital.main), "state": state, **more}
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_list_names_everyone_who_sits_today(desk: Desk, world: World) -> None:
    rows = await todays(desk)
    assert set(rows) == {str(world.a.practitioner), str(world.a.other_practitioner)}
    kavita = rows[str(world.a.practitioner)]
    assert kavita == {
        "practitioner_id": str(world.a.practitioner), "kind": "practitioner", "title": "Dr", "name": "Kavita Iyer",
        "specialty": "General medicine", "specialty_hi": "सामान्य चिकित्सा", "room": "4", "floor": "first floor",
        "state": "not-here", "until": None,
        "inside_number": None, "inside_status": None, "inside_token_id": None, "inside_appointment_id": None,
        "next_free": at(MONDAY, "10:00"), "waiting": 0, "delay_minutes": 0, "seen": 0, "booked": 0,
        "next_numbers": [], "wait_minutes": 0,
        "sessions": [{"starts_at": at(MONDAY, "09:00"), "ends_at": at(MONDAY, "13:00"), "kind": "slots"}],
        "leave": None,
    }  # fmt: skip


async def test_row_follows_the_queue(desk: Desk, people: list[UUID], clock: FixedClock) -> None:
    for person in people[:4]:
        await desk.walk_in(person)
    await desk.book(people[4], moment(MONDAY, "10:20"))
    first = await desk.see(clock, 5)
    await desk.call_next()
    told = await row(desk)
    assert (told["state"], told["seen"], told["booked"]) == ("here", 1, 5)
    assert (told["inside_number"], told["inside_status"]) == (2, "called")
    assert (told["waiting"], told["next_numbers"]) == (2, [3, 4])
    second = (await desk.queue(is_open=True))[0]
    assert second["token_id"] == told["inside_token_id"] != first["token_id"]
    assert told["inside_appointment_id"] == second["appointment"]["id"]
    assert told["next_free"] == at(MONDAY, "10:40")


async def test_full_day_shows_the_next_free_day(desk: Desk, world: World, owner: Owner) -> None:
    await owner.execute(
        "UPDATE schedule_sessions SET ends = '10:00' WHERE weekday = 0 AND schedule_id = $1", world.a.schedule
    )
    assert (await row(desk))["next_free"] == at(TUESDAY, "09:00")


async def test_running_token_session_is_free_from_its_start_until_it_ends(
    desk: Desk, world: World, clock: FixedClock
) -> None:
    who = str(world.a.other_practitioner)
    assert (await todays(desk))[who]["next_free"] == at(MONDAY, "09:00"), "it is 10:00 and the session ends at 12:00"
    clock.advance(timedelta(hours=2))
    assert (await todays(desk))[who]["next_free"] != at(MONDAY, "09:00")


async def test_doctor_without_a_session_today_is_not_listed(desk: Desk, world: World, clock: FixedClock) -> None:
    clock.advance(timedelta(days=6))
    assert await todays(desk) == {}


async def test_doctor_at_work_without_a_session_lists_themselves(
    desk: Desk, world: World, clock: FixedClock, people: list[UUID]
) -> None:
    clock.advance(timedelta(days=6))
    own = await todays(desk.as_("doctor"))
    assert list(own) == [str(world.a.practitioner)]
    assert (own[str(world.a.practitioner)]["sessions"], own[str(world.a.practitioner)]["state"]) == ([], "not-here")
    await desk.as_("doctor").walk_in(people[0])
    assert list(await todays(desk)) == [str(world.a.practitioner)]


async def test_doctor_lists_themselves_only_where_they_work(
    desk: Desk, world: World, clock: FixedClock, owner: Owner
) -> None:
    clock.advance(timedelta(days=6))
    await owner.execute("DELETE FROM practitioner_facilities WHERE practitioner_id = $1", world.a.practitioner)
    assert list(await todays(desk.as_("doctor"))) == [str(world.a.practitioner)], "by their schedule"
    await owner.execute("UPDATE schedules SET is_active = false WHERE practitioner_id = $1", world.a.practitioner)
    assert await todays(desk.as_("doctor")) == {}


async def test_many_doctors_cost_as_many_queries_as_two(
    desk: Desk, world: World, in_tenant: InTenant, database: Database
) -> None:
    await todays(desk)
    with statements(database) as few:
        await todays(desk)
    async with in_tenant(world.a.organization_id) as session:
        await add_doctors(session, world.a, 12)
    with statements(database) as many:
        assert len(await todays(desk)) == 14
    assert len(many) <= len(few) + 1 < 20, "who asks is read again after half a second"


async def add_doctors(session: AsyncSession, hospital: Hospital, count: int) -> None:
    for n in range(count):
        doctor = Practitioner(name=f"Test Doctor {n}", qualifications=[], languages=[])
        session.add(doctor)
        await session.flush()
        schedule = Schedule(
            practitioner_id=doctor.id, facility_id=hospital.main, slot_minutes=10, valid_from=date(2020, 1, 1)
        )
        session.add_all([schedule, PractitionerFacility(practitioner_id=doctor.id, facility_id=hospital.main)])
        await session.flush()
        session.add(ScheduleSession(schedule_id=schedule.id, weekday=0, starts=time(9), ends=time(13)))
    await session.flush()


# Late, on a break, gone


async def test_late_doctor_makes_all_wait_from_when_they_come(desk: Desk, people: list[UUID]) -> None:
    await desk.arrive(await desk.book(people[0], moment(MONDAY, "10:00")))
    await desk.walk_in(people[1])
    told = await say(desk, "late", minutes=30)
    assert (told["state"], told["until"], told["delay_minutes"]) == ("late", at(MONDAY, "10:30"), 30)
    assert told["wait_minutes"] == 30 + 40
    assert [entry["wait_minutes"] for entry in await desk.queue()] == [30, 50]


async def test_delay_of_a_late_doctor_nobody_waits_for_yet(desk: Desk) -> None:
    assert (await say(desk, "late", until=at(MONDAY, "10:15")))["delay_minutes"] == 75


async def test_break_adds_its_rest_and_no_more(desk: Desk, people: list[UUID], clock: FixedClock) -> None:
    await desk.walk_in(people[0])
    await say(desk, "on-break", minutes=10)
    clock.advance(timedelta(minutes=4))
    assert (await desk.queue())[0]["wait_minutes"] == 6
    clock.advance(timedelta(minutes=10))
    assert (await desk.queue())[0]["wait_minutes"] == 0


async def test_one_inside_is_waited_for_too(desk: Desk, people: list[UUID], clock: FixedClock) -> None:
    for person in people[:2]:
        await desk.walk_in(person)
    await desk.see(clock, 5)
    assert (await desk.queue(is_open=True))[1]["wait_minutes"] == 15
    clock.advance(timedelta(minutes=40))
    assert (await desk.queue(is_open=True))[1]["wait_minutes"] == 0, "overdue: any moment now"


async def test_gone_doctor_promises_no_wait(desk: Desk, people: list[UUID]) -> None:
    await desk.walk_in(people[0])
    told = await say(desk, "gone")
    assert (told["state"], told["wait_minutes"], told["waiting"]) == ("gone", None, 1)
    assert [entry["wait_minutes"] for entry in await desk.queue()] == [None]


async def test_patient_sees_how_the_day_goes(desk: Desk, world: World) -> None:
    visit = await desk.walk_in(world.a.patient)
    await say(desk, "on-break", minutes=15)
    told = (await desk.as_("patient").get(f"/appointments/{visit['id']}/place")).json()
    assert (told["practitioner_state"], told["until"], told["wait_minutes"]) == ("on-break", at(MONDAY, "10:15"), 15)


async def test_waiting_patients_are_told(desk: Desk, world: World, relay_once: Callable[[], Awaitable[None]]) -> None:
    await desk.walk_in(world.a.patient)
    await say(desk, "late", minutes=30)
    await relay_once()
    told = (await desk.as_("patient").get("/notifications")).json()["items"]
    assert "practitioner.delayed" in {one["template"] for one in told}


async def test_calling_says_that_the_doctor_is_here(desk: Desk, people: list[UUID], owner: Owner) -> None:
    await desk.walk_in(people[0])
    await say(desk, "on-break", minutes=15)
    await desk.call_next()
    told = await row(desk)
    assert (told["state"], told["until"]) == ("here", None)
    changed = await owner.fetchval("SELECT count(*) FROM outbox_events WHERE name = 'PractitionerDayChanged'")
    assert changed == 2


async def test_what_was_said_ends_with_the_day(desk: Desk, clock: FixedClock) -> None:
    await say(desk, "gone")
    clock.advance(timedelta(days=1))
    assert (await row(desk))["state"] == "not-here"


async def test_before_the_session_waits_begin_with_it(desk: Desk, people: list[UUID], clock: FixedClock) -> None:
    clock.advance(timedelta(hours=22))
    await desk.walk_in(people[0])
    assert (await desk.queue())[0]["wait_minutes"] == 60


async def test_planned_leave_shows_when_it_begins(desk: Desk, world: World, clock: FixedClock) -> None:
    leave = {"starts_at": at(MONDAY, "11:00"), "ends_at": at(MONDAY, "12:00")}
    assert (await add_exception(desk.client, world.a, **leave)).status_code == 201
    before = await say(desk, "here")
    assert (before["state"], before["leave"]) == ("here", leave)
    clock.advance(timedelta(minutes=70))
    during = await row(desk)
    assert (during["state"], during["until"], during["wait_minutes"]) == ("leave", at(MONDAY, "12:00"), 50)
    assert (await say(desk, "here"))["state"] == "here", "came back early"
    clock.advance(timedelta(hours=1))
    assert (await row(desk))["leave"] is None


@pytest.mark.parametrize(
    "body",
    [
        {"state": "late", "minutes": 10, "until": at(MONDAY, "11:00")},
        {"state": "here", "minutes": 10},
        {"state": "gone", "until": at(MONDAY, "11:00")},
        {"state": "late", "minutes": 0},
        {"state": "late", "minutes": 100_000},
        {"state": "late", "until": at(MONDAY, "09:59")},
        {"state": "late", "until": at(TUESDAY, "09:00")},
        {"state": "leave"},
        {"state": "not-here"},
    ],
)
async def test_what_makes_no_sense_is_refused(desk: Desk, world: World, body: dict[str, Any]) -> None:
    answer = await desk.post(f"/practitioners-today/{desk.doctor}", {"facility_id": str(world.a.main), **body})
    assert answer.status_code == 422
    assert (await row(desk))["state"] == "not-here"


@pytest.mark.parametrize("who", ["patient", "cashier", "pharmacist", "privacy_officer"])
async def test_only_who_calls_may_say(desk: Desk, world: World, who: str) -> None:
    body = {"facility_id": str(world.a.main), "state": "gone"}
    assert (await desk.as_(who).post(f"/practitioners-today/{desk.doctor}", body)).status_code == 403


async def test_doctor_says_it_themselves(desk: Desk) -> None:
    assert (await say(desk.as_("doctor"), "on-break"))["state"] == "on-break"


async def test_list_is_the_staffs(desk: Desk, world: World) -> None:
    assert (await desk.as_("nurse").get("/practitioners-today", facility_id=str(world.a.main))).status_code == 200
    for who in ("patient", "privacy_officer", "branch_receptionist"):
        assert (await desk.as_(who).get("/practitioners-today", facility_id=str(world.a.main))).status_code == 403
    assert (await desk.client.get(f"/api/practitioners-today?facility_id={world.a.main}")).status_code == 401


async def test_other_branches_and_hospitals_are_refused(desk: Desk, world: World) -> None:
    path = f"/practitioners-today/{desk.doctor}"
    at_branch = {"facility_id": str(world.a.branch), "state": "gone"}
    assert (await desk.post(path, at_branch)).status_code == 422, "sees nobody there"
    assert (
        await desk.as_("branch_receptionist").post(path, {**at_branch, "facility_id": str(world.a.main)})
    ).status_code == 403
    assert (await desk.post(path, {"facility_id": str(world.b.main), "state": "gone"})).status_code == 404
    assert (await desk.post(f"/practitioners-today/{world.b.practitioner}", at_branch)).status_code == 404
    assert (await desk.post(f"/practitioners-today/{uuid4()}", at_branch)).status_code == 404
