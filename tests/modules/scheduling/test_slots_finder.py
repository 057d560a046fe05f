"""Slots and the finder over HTTP, and what they cost when the years have gone by."""

import statistics
import time
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
import httpx2
import psutil
import pytest
from sqlalchemy import text

from arogya.modules.scheduling.slots import finder as slots_finder
from arogya.modules.scheduling.slots import timetables
from arogya.platform.database import Database
from tests.factories.scheduling import (
    MONDAY,
    TUESDAY,
    WEDNESDAY,
    add_exception,
    add_schedule,
    at,
    book,
    booked,
    change_rules,
    fill_years,
    make_patients,
    moment,
    slots,
    stranger,
)
from tests.modules.answers import refusal
from tests.statements import statements
from tests.world import World

Client = httpx2.AsyncClient
Owner = asyncpg.Connection
NEW_YORK = ZoneInfo("America/New_York")


async def finder(client: Client, world: World, who: str = "patient", **asked: Any) -> list[Any]:
    response = await client.get("/api/availability", params=asked, headers=world.a.as_(who))
    assert response.status_code == 200, response.text
    return response.json()["items"]


class TestSlots:
    async def test_day_has_its_slots_with_what_can_be_booked_of_each(self, client: Client, world: World) -> None:
        found = await slots(client, world.a)
        assert len(found) == 12
        assert found[0] == {
            "starts_at": at(TUESDAY, "09:00"), "ends_at": at(TUESDAY, "09:20"), "status": "free", "places": 1,
            "free": 1, "facility_id": str(world.a.main), "schedule_id": str(world.a.schedule), "kind": "slot",
            "mode": "in-person", "held": 0, "is_held_by_you": False, "extra": 0, "room_name": None,
            "is_room_taken": False,
        }  # fmt: skip

    async def test_today_is_half_past_at_ten(self, client: Client, world: World) -> None:
        found = await slots(client, world.a, MONDAY)
        assert [s["status"] for s in found] == ["past"] * 3 + ["free"] * 9
        default = await client.get(
            "/api/slots", params={"practitioner_id": str(world.a.practitioner)}, headers=world.a.as_("nurse")
        )
        assert default.json()["items"] == found, "left out: today"

    async def test_exact_moments_are_taken_exactly(self, client: Client, world: World) -> None:
        found = await slots(client, world.a, **{"from": at(TUESDAY, "09:20"), "to": at(TUESDAY, "10:00")})
        assert [s["starts_at"] for s in found] == [at(TUESDAY, "09:20"), at(TUESDAY, "09:40")]

    async def test_token_session_is_one_item(self, client: Client, world: World) -> None:
        (session,) = await slots(client, world.a, practitioner_id=str(world.a.other_practitioner))
        assert (session["kind"], session["places"], session["free"]) == ("token", 30, 30)

    async def test_narrowed_to_branch_and_mode(self, client: Client, world: World) -> None:
        await add_schedule(client, world.a, facility_id=world.a.branch, mode="video")
        assert len(await slots(client, world.a, MONDAY)) == 12 + 9
        assert len(await slots(client, world.a, MONDAY, facility_id=str(world.a.branch))) == 9
        assert {s["mode"] for s in await slots(client, world.a, MONDAY, mode="video")} == {"video"}
        response = await book(client, world.a, starts_at=at(MONDAY, "15:00"), mode="in-person")
        assert refusal(response) == (422, "no_such_slot")
        assert (await booked(client, world.a, starts_at=at(MONDAY, "15:00")))["mode"] == "video"

    async def test_visit_at_one_branch_keeps_the_doctor_from_the_other(
        self, client: Client, world: World, owner: Owner
    ) -> None:
        """A schedule was changed after the booking: the doctor still is one person."""
        await booked(client, world.a)
        await owner.execute("UPDATE schedules SET facility_id = $1 WHERE id = $2", world.a.branch, world.a.schedule)
        found = {s["starts_at"]: s["status"] for s in await slots(client, world.a)}
        assert found[at(TUESDAY, "10:00")] == "busy"

    @pytest.mark.parametrize(
        ("asked", "expected"),
        [
            ({"from": TUESDAY, "to": "2027-01-24"}, 200),
            ({"from": TUESDAY, "to": "2027-01-25"}, 422),
            ({"from": "tomorrow"}, 422),
            ({"from": "2026-11-24T10:00:00"}, 422),
            ({"from": "9999-12-31", "to": "9999-12-31"}, 422),
            ({"from": "0001-01-01", "to": "0001-01-01"}, 422),
            ({"practitioner_id": "somebody"}, 422),
            ({"practitioner_id": stranger()}, 404),
            ({"mode": "telepathy"}, 422),
            ({"from": WEDNESDAY, "to": TUESDAY}, 200),
        ],
    )
    async def test_asks_that_make_no_sense(
        self, client: Client, world: World, asked: dict[str, str], expected: int
    ) -> None:
        params = {"practitioner_id": str(world.a.practitioner), "from": TUESDAY, **asked}
        response = await client.get("/api/slots", params=params, headers=world.a.as_("receptionist"))
        assert response.status_code == expected, response.text

    async def test_doctor_without_a_schedule_has_none(self, client: Client, world: World, owner: Owner) -> None:
        await owner.execute("UPDATE schedules SET is_active = false")
        assert await slots(client, world.a) == []

    async def test_another_hospitals_doctor_is_not_there(self, client: Client, world: World) -> None:
        response = await client.get(
            f"/api/slots?practitioner_id={world.b.practitioner}", headers=world.a.as_("receptionist")
        )
        assert response.status_code == 404

    async def test_patients_see_as_far_as_they_may_book(self, client: Client, world: World) -> None:
        await change_rules(client, world.a, days_ahead=1)
        asked = {"from": MONDAY, "to": WEDNESDAY}
        assert len(await slots(client, world.a, who="receptionist", **asked)) == 36
        assert {s["starts_at"][:10] for s in await slots(client, world.a, who="patient", **asked)} == {MONDAY, TUESDAY}
        assert await slots(client, world.a, WEDNESDAY, who="patient") == []

    async def test_slots_are_never_stored(self, client: Client, world: World, owner: Owner) -> None:
        await slots(client, world.a)
        written = await owner.fetchval("SELECT sum(n_tup_ins) FROM pg_stat_user_tables WHERE relname LIKE '%slot%'")
        assert written is None, "there is no table of slots"


class TestClockChanges:
    """The branch is moved to New York: clocks go forward on 14 March 2027 and back on 7 November 2027."""

    @pytest.fixture
    async def new_york(self, client: Client, world: World, owner: Owner) -> None:
        await owner.execute("UPDATE facilities SET time_zone = 'America/New_York' WHERE id = $1", world.a.main)
        nights = [
            {"weekday": 6, "starts": "00:30", "ends": "02:30"},
            {"weekday": 6, "starts": "02:30", "ends": "04:00"},
        ]
        made = await add_schedule(client, world.a, sessions=nights, slot_minutes=30)
        assert made.status_code == 201, made.text

    async def test_day_of_25_hours_shows_and_books_both_equal_half_hours(
        self, client: Client, world: World, new_york: None
    ) -> None:
        found = await slots(client, world.a, "2027-11-07")
        assert [s["starts_at"][11:16] for s in found] == [
            "04:30", "05:00", "05:30", "06:00", "06:30", "07:00", "07:30", "08:00", "08:30",
        ]  # fmt: skip
        first = await booked(client, world.a, starts_at="2027-11-07T05:30:00Z")
        second = await booked(client, world.a, patient_id=world.a.other_patient, starts_at="2027-11-07T06:30:00Z")
        assert first["lane"] == second["lane"] == 1, "01:30 EDT and 01:30 EST are an hour apart"

    async def test_day_of_23_hours_skips_the_hour_that_is_not_there(
        self, client: Client, world: World, new_york: None
    ) -> None:
        found = await slots(client, world.a, "2027-03-14")
        shown = [s["starts_at"] for s in found]
        assert shown == [f"2027-03-14T{utc}:00Z" for utc in ("05:30", "06:00", "06:30", "07:00", "07:30")]
        assert [at("2027-03-14", wall, NEW_YORK) for wall in ("00:30", "03:00", "03:30")] == [shown[0], *shown[3:]]

    async def test_mornings_keep_their_wall_time(self, client: Client, world: World, new_york: None) -> None:
        friday = await slots(client, world.a, "2027-11-05")
        monday = await slots(client, world.a, "2027-11-08")
        assert (friday[0]["starts_at"], monday[0]["starts_at"]) == ("2027-11-05T13:00:00Z", "2027-11-08T14:00:00Z")


class TestFinder:
    async def test_who_is_free_next_comes_first_with_three_times_of_that_day(
        self, client: Client, world: World
    ) -> None:
        first, second = await finder(client, world)
        assert first["practitioner"] == {
            "id": str(world.a.practitioner), "kind": "practitioner", "title": "Dr", "name": "Kavita Iyer",
            "specialty": "General medicine",
            "department_id": str(world.a.department),
            "department_name": "General medicine", "department_name_hi": "सामान्य चिकित्सा", "practising_since": 2015,
            "consultation_fee_paise": 60_000, "languages": ["en", "hi"],
        }  # fmt: skip
        assert [s["starts_at"] for s in first["next"]] == [at(MONDAY, wall) for wall in ("10:00", "10:20", "10:40")]
        assert first["facility_name"] == "Hospital A of the tests, main"
        assert (second["next"][0]["kind"], second["next"][0]["starts_at"]) == ("token", at(TUESDAY, "09:00"))

    async def test_full_days_and_leave_are_passed_over(self, client: Client, world: World, in_tenant: Any) -> None:
        await add_exception(client, world.a, starts_at=at(MONDAY, "00:00"), ends_at=at(TUESDAY, "00:00"))
        async with in_tenant(world.a.organization_id) as session:
            patients = await make_patients(session, 12)
        for n, patient in enumerate(patients):
            starts_at = (moment(TUESDAY, "09:00") + n * timedelta(minutes=20)).isoformat()
            await booked(client, world.a, patient_id=patient, starts_at=starts_at)
        found = {one["practitioner"]["id"]: one for one in await finder(client, world)}
        assert found[str(world.a.practitioner)]["next"][0]["starts_at"] == at(WEDNESDAY, "09:00")

    async def test_nobody_free_is_last_and_empty(self, client: Client, world: World) -> None:
        await add_exception(client, world.a, ends_at=at("2027-02-01", "00:00"), starts_at=at(MONDAY, "00:00"))
        found = await finder(client, world)
        assert [(one["practitioner"]["name"], len(one["next"])) for one in found] == [
            ("Arvind Menon", 1), ("Kavita Iyer", 0),
        ]  # fmt: skip

    async def test_narrowed_by_words_department_branch_and_day(
        self, client: Client, world: World, owner: Owner
    ) -> None:
        assert [one["practitioner"]["name"] for one in await finder(client, world, search="kav")] == ["Kavita Iyer"]
        assert [one["practitioner"]["name"] for one in await finder(client, world, search="cardio")] == ["Arvind Menon"]
        assert len(await finder(client, world, department_id=str(world.a.department))) == 2
        assert await finder(client, world, department_id=stranger()) == []
        assert await finder(client, world, facility_id=str(world.a.branch)) == []
        assert await finder(client, world, facility_id=stranger()) == []
        wednesday = await finder(client, world, search="kav", **{"from": WEDNESDAY}, days=1)
        assert wednesday[0]["next"][0]["starts_at"] == at(WEDNESDAY, "09:00")
        assert (await finder(client, world, search="kav", **{"from": "2026-11-29"}, days=1))[0]["next"] == [], "Sunday"

    async def test_doctor_of_two_branches_stands_twice(self, client: Client, world: World) -> None:
        await add_schedule(client, world.a, facility_id=world.a.branch)
        found = [one for one in await finder(client, world) if one["practitioner"]["name"] == "Kavita Iyer"]
        assert [one["next"][0]["starts_at"] for one in found] == [at(MONDAY, "10:00"), at(MONDAY, "15:00")]

    async def test_who_works_at_one_branch_sees_the_times_of_all_and_books_at_their_own(
        self, client: Client, world: World
    ) -> None:
        await add_schedule(client, world.a, facility_id=world.a.branch)
        found = await finder(client, world, "branch_receptionist")
        assert {one["facility_id"] for one in found} == {str(world.a.main), str(world.a.branch)}
        at_main = next(one for one in found if one["facility_id"] == str(world.a.main))["next"][0]["starts_at"]
        answers = [
            await book(client, world.a, "branch_receptionist", starts_at=starts_at, facility_id=where)
            for starts_at, where in ((at_main, world.a.main), (at(MONDAY, "15:00"), world.a.branch))
        ]
        assert [one.status_code for one in answers] == [403, 201]

    async def test_patients_are_shown_nothing_they_may_not_book(self, client: Client, world: World) -> None:
        await change_rules(client, world.a, days_ahead=0)
        found = {one["practitioner"]["name"]: one["next"] for one in await finder(client, world)}
        assert [s["starts_at"][:10] for s in found["Kavita Iyer"]] == [MONDAY] * 3
        assert found["Arvind Menon"] == [], "today's session has begun: the next is tomorrow's"

    @pytest.mark.parametrize(
        "asked", ["days=0", "days=32", "from=x", "from=0", "from=1764115200.5", f"search={'x' * 101}"]
    )
    async def test_asks_that_make_no_sense(self, client: Client, world: World, asked: str) -> None:
        response = await client.get(f"/api/availability?{asked}", headers=world.a.as_("patient"))
        assert response.status_code == 422

    async def test_other_hospitals_doctors_are_not_found(self, client: Client, world: World) -> None:
        found = {one["practitioner"]["id"] for one in await finder(client, world)}
        assert found.isdisjoint({str(world.b.practitioner), str(world.b.other_practitioner)})


TEN_YEARS_AGO = moment("2016-11-24", "09:00")
IN_A_MONTH = moment("2026-12-23", "09:00")


async def explained(database: Database, world: World, statement: Any, **told: Any) -> str:
    """The plan as the application's role gets it, row security and all."""
    compiled = statement.compile(database.engine.sync_engine)
    values = tuple(told[name] for name in compiled.positiontup)
    async with database.transaction(world.a.organization_id) as session:
        connection = await session.connection()
        rows = await connection.exec_driver_sql(f"EXPLAIN (ANALYZE, BUFFERS) {compiled}", values)
        return "\n".join(row[0] for row in rows)


async def make_doctors(owner: Owner, world: World, count: int) -> None:
    """Named Many, with every morning of the week."""
    await owner.execute(
        """WITH doctors AS (
             INSERT INTO practitioners (organization_id, id, name, title, gender, registration_council,
                            qualifications, languages, consultation_fee_paise, is_active, version)
             SELECT $1, gen_random_uuid(), 'Many ' || n, 'Dr', 'other', '', '[]', '{}', 1, true, 1
             FROM generate_series(1, $3) n RETURNING id
           ), schedules AS (
             INSERT INTO schedules (organization_id, id, practitioner_id, facility_id, kind, mode, slot_minutes,
                            places, valid_from, is_active, version)
             SELECT $1, gen_random_uuid(), id, $2, 'slots', 'in-person', 20, 1, '2020-01-01', true, 1 FROM doctors
             RETURNING id
           )
           INSERT INTO schedule_sessions (organization_id, id, schedule_id, weekday, starts, ends)
           SELECT $1, gen_random_uuid(), id, day, '09:00', '13:00' FROM schedules, generate_series(0, 6) AS day""",
        world.a.organization_id, world.a.main, count,
    )  # fmt: skip


class TestCost:
    async def test_day_of_slots_after_ten_years(
        self, world: World, database: Database, in_tenant: Any, owner: Owner, system: Any
    ) -> None:
        """More than 44,000 visits of one doctor, under row security: the b-tree finds the day, and nothing else is
        read."""
        place = await owner.fetchval(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'ex_appointments_place'"
        )
        await owner.execute(
            """ALTER TABLE appointments DROP CONSTRAINT ex_appointments_place,
                                        DROP CONSTRAINT ex_appointments_patient"""
        )
        await make_doctors(owner, world, 12)
        async with in_tenant(world.a.organization_id) as session:
            await make_patients(session, 12)
            await fill_years(session, world.a, world.a.practitioner, TEN_YEARS_AGO, IN_A_MONTH)
            for doctor in await session.scalars(text("SELECT id FROM practitioners WHERE name LIKE 'Many %'")):
                await fill_years(session, world.a, doctor, moment("2026-11-01", "09:00"), IN_A_MONTH)
            assert await session.scalar(text("SELECT count(*) FROM appointments")) > 44_000
        # Put back, so that the planner has the chance to choose its index.
        await owner.execute(f"ALTER TABLE appointments ADD CONSTRAINT ex_appointments_place {place}", timeout=60)
        await owner.execute("ANALYZE")
        plan = await explained(
            database, world, timetables._TAKEN, practitioner_ids=[world.a.practitioner],
            earliest=moment(MONDAY, "00:00") - timedelta(hours=25), latest=moment(TUESDAY, "00:20"),
            start=moment(MONDAY, "00:00"), now=moment(MONDAY, "00:00"),
        )  # fmt: skip
        assert "ix_appointments_practitioner_time" in plan, plan
        assert "Seq Scan on appointments" not in plan, plan
        assert "ex_appointments" not in plan, "range operators are not leakproof: GiST is for the constraints only"
        times = []
        async with system(world.a) as ctx:
            for _ in range(15):
                started = time.perf_counter()
                found = await slots_finder.slots_between(ctx, world.a.practitioner, None, None)
                times.append((time.perf_counter() - started) * 1000)
        assert [s.status for s in found] == ["past"] * 3 + ["busy"] * 9
        print(f"a day's slots after ten years: {statistics.median(times):.1f} ms, fastest {min(times):.1f} ms")
        # The bar is 10 ms on a quiet machine; the fastest of fifteen is the nearest to it that a busy one has.
        assert min(times) < 10

    async def test_two_weeks_of_fifty_doctors_ask_no_more_than_of_one(
        self, client: Client, world: World, database: Database, owner: Owner, in_tenant: Any
    ) -> None:
        async def asked() -> list[str]:
            with statements(database) as sent:
                await finder(client, world, "receptionist")
            return [" ".join(one.split())[:60] for one in sent if "appointments" in one or "schedule" in one]

        for_two = await asked()
        await make_doctors(owner, world, 50)
        doctors = await owner.fetch("SELECT id FROM practitioners WHERE name LIKE 'Many %'")
        async with in_tenant(world.a.organization_id) as session:
            await make_patients(session, 12 * 40)
            for n, doctor in enumerate(doctors[:40]):
                await fill_years(session, world.a, doctor["id"], moment(MONDAY, "09:00"), IN_A_MONTH, skip=12 * n)
        started = time.perf_counter()
        found = await finder(client, world, "receptionist")
        print(f"52 doctors, 14 days: {(time.perf_counter() - started) * 1000:.0f} ms")
        assert len(found) == 52
        assert len([one for one in found if one["next"]]) == 12
        assert await asked() == for_two
        assert len(for_two) == 3

    async def test_two_weeks_of_all_slots_of_fifty_doctors(
        self, world: World, owner: Owner, in_tenant: Any, system: Any
    ) -> None:
        """Every slot of fourteen days, not only the first free ones: what the list and the load of all doctors ask."""
        await owner.execute("DELETE FROM schedule_sessions")
        await make_doctors(owner, world, 50)
        doctors = await owner.fetch("SELECT id FROM practitioners WHERE name LIKE 'Many %'")
        async with in_tenant(world.a.organization_id) as session:
            await make_patients(session, 12 * 40)
            for n, doctor in enumerate(doctors[:40]):
                await fill_years(session, world.a, doctor["id"], moment(MONDAY, "09:00"), IN_A_MONTH, skip=12 * n)
        await owner.execute("ANALYZE")
        start, end = moment(TUESDAY, "00:00"), moment(TUESDAY, "00:00") + timedelta(days=14)
        walls, cpus = [], []
        async with system(world.a) as ctx:
            backend = psutil.Process(await ctx.session.scalar(text("SELECT pg_backend_pid()")))
            before = sum(backend.cpu_times()[:2])
            for _ in range(15):
                started, used = time.perf_counter(), time.process_time()
                tables = await timetables.timetables(ctx, start, end)
                found = {who: list(table.slots(start, end, ctx.now())) for who, table in tables.items()}
                walls.append((time.perf_counter() - started) * 1000)
                cpus.append((time.process_time() - used) * 1000)
            in_postgres = (sum(backend.cpu_times()[:2]) - before) * 1000 / len(walls)
        slots_of_many = [found[doctor["id"]] for doctor in doctors]
        assert {len(one) for one in slots_of_many} == {14 * 12}
        assert sum(1 for one in slots_of_many if all(slot.status == "busy" for slot in one)) == 40
        print(
            f"two weeks of 50 doctors, {sum(map(len, slots_of_many))} slots: {statistics.median(walls):.0f} ms, "
            f"fastest {min(walls):.0f} ms; of CPU {statistics.median(cpus):.0f} ms, fastest {min(cpus):.0f} ms, "
            f"and PostgreSQL's {in_postgres:.0f} ms"
        )
        # The bar is 100 ms on a quiet machine. Where many want two cores, the clock on the wall says how many they are;
        # the CPU of the fastest round, with PostgreSQL's, says what it costs.
        assert min(cpus) + in_postgres < 100
