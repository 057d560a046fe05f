"""Two doctors never have one room at one time: in bookings, moves, holds, offers, and in what is shown as free."""

import statistics
import time
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx2
import pytest

from arogya.modules.scheduling.appointments import places
from arogya.modules.scheduling.appointments.pool import Pool
from arogya.modules.scheduling.slots import timetables
from arogya.modules.scheduling.slots.computing import Slot
from arogya.modules.scheduling.waitlist import offers
from arogya.platform.clock import FixedClock
from arogya.platform.database import Database
from arogya.platform.postgres import EmbeddedPostgres
from arogya.platform.settings import Settings
from tests.factories.scheduling import (
    KOLKATA,
    MONDAY,
    TUESDAY,
    WEDNESDAY,
    add_room,
    add_schedule,
    at,
    book,
    booked,
    fill_years,
    make_patients,
    moment,
    share_a_room,
    slots,
    step,
)
from tests.modules.scheduling.desk import Desk
from tests.modules.scheduling.test_holds import hold
from tests.modules.scheduling.test_races import (  # noqa: F401 - app: fifty connections
    app,
    codes,
    deadlocks,
    patients_of,
    race,
)
from tests.modules.scheduling.test_slots_finder import IN_A_MONTH, explained, make_doctors
from tests.statements import statements
from tests.world import Hospital, World

Client = httpx2.AsyncClient
Owner = asyncpg.Connection
THREE = at(MONDAY, "15:00")
HALF_PAST = at(MONDAY, "15:20")


def code(response: httpx2.Response) -> tuple[int, str]:
    return response.status_code, response.json()["code"]


async def with_other(client: Client, hospital: Hospital, **told: Any) -> httpx2.Response:
    """The other doctor's booking, of the other patient."""
    wish = {"practitioner_id": hospital.other_practitioner, "patient_id": hospital.other_patient, **told}
    return await book(client, hospital, **wish)


async def three(client: Client, hospital: Hospital, who: str = "receptionist") -> Any:
    """The other doctor's slot of three o'clock."""
    found = await slots(client, hospital, MONDAY, who, practitioner_id=str(hospital.other_practitioner))
    return next(slot for slot in found if slot["starts_at"] == THREE)


async def change_schedule(client: Client, hospital: Hospital, schedule_id: Any, **told: Any) -> httpx2.Response:
    headers = hospital.as_("hospital_admin")
    return await client.patch(f"/api/schedules/{schedule_id}", json=told, headers=headers)


class TestSchedules:
    async def test_room_of_the_branch_is_taken_others_are_not(self, client: Client, world: World) -> None:
        room, elsewhere = (
            await add_room(client, world.a),
            await add_room(client, world.a, facility_id=str(world.a.branch)),
        )
        taken = await add_schedule(client, world.a, room_id=room)
        assert (taken.json()["room_id"], taken.json()["room_name"]) == (room, "12")
        for wrong in (elsewhere, str(world.a.main)):
            changed = await change_schedule(client, world.a, taken.json()["id"], room_id=wrong)
            assert (changed.status_code, changed.json()["fields"][0]["code"]) == (422, "no_such_room")
            made = await add_schedule(client, world.a, room_id=wrong, sessions=[])
            assert made.status_code == 422
        emptied = await change_schedule(client, world.a, taken.json()["id"], room_id=None)
        assert (emptied.status_code, emptied.json()["room_id"]) == (200, None)

    async def test_room_of_another_hospital_is_none(self, client: Client, world: World) -> None:
        theirs = await add_room(client, world.b)
        assert (await add_schedule(client, world.a, room_id=theirs)).status_code == 422

    async def test_schema_refuses_a_room_of_another_branch(self, client: Client, world: World, owner: Owner) -> None:
        elsewhere = UUID(await add_room(client, world.a, facility_id=str(world.a.branch)))
        with pytest.raises(asyncpg.ForeignKeyViolationError):
            await owner.execute("UPDATE schedules SET room_id = $1 WHERE id = $2", elsewhere, world.a.schedule)

    async def test_two_doctors_in_one_room_are_a_warning(self, client: Client, world: World) -> None:
        room = await add_room(client, world.a)
        first = await add_schedule(client, world.a, room_id=room)
        assert first.json()["warnings"] == []
        second = await add_schedule(client, world.a, practitioner_id=world.a.other_practitioner, room_id=room)
        assert second.status_code == 201
        assert second.json()["warnings"] == [
            {
                "code": "room_shared", "schedule_id": first.json()["id"], "practitioner_id": str(world.a.practitioner),
                "practitioner_name": "Dr Kavita Iyer", "starts_at": THREE,
            }
        ]  # fmt: skip
        apart = [{"weekday": 1, "starts": "15:00", "ends": "18:00"}]
        assert (await change_schedule(client, world.a, second.json()["id"], sessions=apart)).json()["warnings"] == []

    async def test_one_doctors_own_two_schedules_may_have_one_room(self, client: Client, world: World) -> None:
        room = await add_room(client, world.a)
        await change_schedule(client, world.a, world.a.schedule, room_id=room)
        assert (await add_schedule(client, world.a, room_id=room)).json()["warnings"] == []


class TestNewRoom:
    async def test_coming_bookings_go_along(self, client: Client, world: World, owner: Owner) -> None:
        coming = await booked(client, world.a)
        room = await add_room(client, world.a, "13")
        assert (await change_schedule(client, world.a, world.a.schedule, room_id=room)).status_code == 200
        read = await client.get(f"/api/appointments/{coming['id']}", headers=world.a.as_("receptionist"))
        assert (read.json()["room_id"], read.json()["room"]) == (room, "13")
        trail = await owner.fetch("SELECT details::text FROM audit_entries WHERE entity = 'appointment'")
        assert any("room_id" in row["details"] for row in trail)
        assert (await change_schedule(client, world.a, world.a.schedule, slot_minutes=20)).status_code == 200
        read = await client.get(f"/api/appointments/{coming['id']}", headers=world.a.as_("receptionist"))
        assert read.json()["room_id"] == room, "who leaves the room out changes nothing about it"

    async def test_all_or_none(self, client: Client, world: World) -> None:
        mine = (await add_schedule(client, world.a)).json()["id"]
        room = await add_room(client, world.a)
        await add_schedule(client, world.a, practitioner_id=world.a.other_practitioner, room_id=room)
        here = await booked(client, world.a, starts_at=THREE)
        there = await with_other(client, world.a, starts_at=THREE)
        assert (here["room_id"], there.status_code) == (None, 201)
        refused = await change_schedule(client, world.a, mine, room_id=room)
        assert code(refused) == (409, "room_taken")
        kept = await client.get(f"/api/schedules/{mine}", headers=world.a.as_("receptionist"))
        assert kept.json()["room_id"] is None


class TestLeave:
    async def test_no_two_doctors_are_proposed_for_one_room(self, world: World) -> None:
        """What leave hands out is handed out once, whoever's it is."""
        pool, day = Pool(), moment(MONDAY, "15:00")
        room, doctors, branch = uuid4(), (uuid4(), uuid4()), uuid4()
        for doctor in doctors:
            slot = Slot(
                day, day + timedelta(minutes=20), "free", 2, 2, branch, uuid4(), "slot", "in-person", room_id=room
            )
            pool.add(doctor, slot, KOLKATA)
        sittings = [(doctor, branch, "in-person") for doctor in doctors]
        first = pool.on(sittings[0], day.date(), day, lambda _: True)
        assert first is not None
        pool.take(first)
        assert pool.on(sittings[1], day.date(), day, lambda _: True) is None
        assert pool.on(sittings[0], day.date(), day, lambda _: True) is first, "the same slot's second place has it too"

    async def test_move_into_a_taken_room_refuses_all(self, client: Client, world: World) -> None:
        await share_a_room(client, world.a)
        away = await booked(client, world.a)
        await with_other(client, world.a, starts_at=THREE)
        body = {
            "leave": {
                "kind": "leave", "practitioner_id": str(world.a.practitioner), "starts_at": at(TUESDAY, "00:00"),
                "ends_at": at(WEDNESDAY, "00:00"),
            },
            "reason": "Fever",
            "decisions": [
                {
                    "appointment_id": away["id"], "action": "move", "practitioner_id": str(world.a.practitioner),
                    "facility_id": str(world.a.main), "starts_at": THREE,
                }
            ],
        }  # fmt: skip
        refused = await client.post("/api/leave-cascades", json=body, headers=world.a.as_("hospital_admin"))
        assert code(refused) == (409, "proposals_stale")
        assert refused.json()["refused"] == [{"appointment_id": away["id"], "code": "room_taken"}]


class TestBooking:
    async def test_second_doctor_is_told_whose_time_is_next(self, client: Client, world: World) -> None:
        room = await share_a_room(client, world.a)
        first = await booked(client, world.a, starts_at=THREE)
        assert (first["room_id"], first["room"]) == (room, "12")
        refused = await with_other(client, world.a, starts_at=THREE)
        assert code(refused) == (409, "room_taken")
        assert refused.json()["next_free"][0] == {
            "practitioner_id": str(world.a.other_practitioner), "practitioner_name": "Dr Arvind Menon",
            "facility_id": str(world.a.main), "starts_at": HALF_PAST, "ends_at": at(MONDAY, "15:40"),
        }  # fmt: skip
        assert (await with_other(client, world.a, starts_at=HALF_PAST)).status_code == 201

    async def test_times_that_only_touch_are_no_clash_and_those_that_overlap_are(
        self, client: Client, world: World
    ) -> None:
        room = await add_room(client, world.a)
        await add_schedule(client, world.a, room_id=room)
        late = [{"weekday": 0, "starts": "15:10", "ends": "18:00"}]
        await add_schedule(
            client, world.a, practitioner_id=world.a.other_practitioner, room_id=room, sessions=late, slot_minutes=10
        )
        await booked(client, world.a, starts_at=THREE)
        assert code(await with_other(client, world.a, starts_at=at(MONDAY, "15:10"))) == (409, "room_taken")
        assert (await with_other(client, world.a, starts_at=HALF_PAST)).status_code == 201

    async def test_patients_of_one_slot_share_its_room(self, client: Client, world: World, in_tenant: Any) -> None:
        await share_a_room(client, world.a, places=3)
        for patient in await patients_of(world, in_tenant, 3):
            assert (await booked(client, world.a, patient_id=patient, starts_at=THREE))["room"] == "12"
        assert code(await with_other(client, world.a, starts_at=THREE)) == (409, "room_taken")

    async def test_cancelled_visit_gives_the_room_back(self, client: Client, world: World) -> None:
        await share_a_room(client, world.a)
        first = await booked(client, world.a, starts_at=THREE)
        assert (await step(client, world.a, "receptionist", first["id"], "cancel", reason="Well")).status_code == 200
        assert (await with_other(client, world.a, starts_at=THREE)).status_code == 201

    async def test_session_of_numbers_keeps_its_room_to_itself(self, client: Client, world: World) -> None:
        room = await add_room(client, world.a)
        await add_schedule(client, world.a, room_id=room, kind="tokens", places=20)
        await add_schedule(client, world.a, practitioner_id=world.a.other_practitioner, room_id=room)
        await booked(client, world.a, starts_at=THREE)
        assert code(await with_other(client, world.a, starts_at=at(MONDAY, "17:00"))) == (409, "room_taken")

    async def test_override_books_without_the_room(self, client: Client, world: World) -> None:
        """The doctor is free: who may override sends the patient, and finds a place; the room stays the other's."""
        await share_a_room(client, world.a)
        await booked(client, world.a, starts_at=THREE)
        told = {"starts_at": THREE, "override_reason": "Emergency"}
        over = await book(
            client, world.a, "hospital_admin", practitioner_id=world.a.other_practitioner,
            patient_id=world.a.other_patient, **told,
        )  # fmt: skip
        assert (over.status_code, over.json()["room_id"], over.json()["is_override"]) == (201, None, True)

    async def test_closed_room_is_none(self, client: Client, world: World) -> None:
        room = await share_a_room(client, world.a)
        first = await booked(client, world.a, starts_at=THREE)
        await client.delete(f"/api/rooms/{room}", headers=world.a.as_("hospital_admin"))
        second = await with_other(client, world.a, starts_at=THREE)
        assert (second.status_code, second.json()["room_id"]) == (201, None)
        kept = await client.get(f"/api/appointments/{first['id']}", headers=world.a.as_("receptionist"))
        assert kept.json()["room"] == "12"

    async def test_moved_visit_takes_the_room_of_its_new_time(self, client: Client, world: World) -> None:
        await share_a_room(client, world.a)
        other = await add_room(client, world.a, "13")
        await change_schedule(client, world.a, world.a.schedule, room_id=other)
        first = await booked(client, world.a, starts_at=at(TUESDAY, "10:00"))
        assert first["room"] == "13"
        await booked(
            client,
            world.a,
            practitioner_id=world.a.other_practitioner,
            patient_id=world.a.other_patient,
            starts_at=THREE,
        )
        taken = await step(client, world.a, "receptionist", first["id"], "reschedule", starts_at=THREE)
        assert code(taken) == (409, "room_taken")
        moved = await step(client, world.a, "receptionist", first["id"], "reschedule", starts_at=HALF_PAST)
        assert (moved.status_code, moved.json()["room"]) == (200, "12")

    async def test_series_says_which_of_its_times_have_no_room(self, client: Client, world: World) -> None:
        await share_a_room(client, world.a)
        await booked(client, world.a, starts_at=THREE)
        wish = {
            "patient_id": str(world.a.other_patient), "practitioner_id": str(world.a.other_practitioner),
            "facility_id": str(world.a.main), "starts_at": THREE, "unit": "week", "every": 1, "count": 2,
        }  # fmt: skip
        headers = world.a.as_("receptionist")
        shown = (await client.post("/api/appointment-series/preview", json=wish, headers=headers)).json()["items"]
        assert [one["code"] for one in shown] == ["room_taken", None]

    async def test_without_a_room_it_is_where_the_doctor_usually_sits(self, client: Client, world: World) -> None:
        made = await booked(client, world.a)
        assert (made["room_id"], made["room"]) == (None, "4")

    async def test_walk_in_comes_to_the_sessions_room(self, client: Client, world: World, desk: Desk) -> None:
        room = await add_room(client, world.a, "13")
        await change_schedule(client, world.a, world.a.schedule, room_id=room)
        entry = await desk.walk_in(world.a.patient)
        assert entry["room_id"] == room
        headers = world.a.as_("receptionist")
        today = await client.get("/api/practitioners-today", params={"facility_id": str(world.a.main)}, headers=headers)
        assert {row["name"]: row["room"] for row in today.json()["items"]} == {"Kavita Iyer": "13", "Arvind Menon": "7"}


class TestSlots:
    async def test_taken_room_is_not_free_for_anybody(self, client: Client, world: World) -> None:
        await share_a_room(client, world.a)
        before = await three(client, world.a)
        assert (before["status"], before["room_name"], before["is_room_taken"]) == ("free", "12", False)
        await booked(client, world.a, starts_at=THREE)
        for who in ("receptionist", "patient"):
            seen = await three(client, world.a, who)
            assert (seen["status"], seen["free"], seen["extra"], seen["is_room_taken"]) == ("busy", 0, 0, True)
        found = await client.get("/api/availability", headers=world.a.as_("receptionist"))
        menon = next(one for one in found.json()["items"] if one["practitioner"]["name"] == "Arvind Menon")
        assert THREE not in {one["starts_at"] for one in menon["next"]}

    async def test_who_has_left_keeps_the_room_of_who_is_booked(self, client: Client, world: World) -> None:
        """Of a doctor whose schedule is ended no timetable is read; their patients still have the room."""
        room = await add_room(client, world.a)
        ended = (await add_schedule(client, world.a, room_id=room)).json()["id"]
        await add_schedule(client, world.a, practitioner_id=world.a.other_practitioner, room_id=room)
        await booked(client, world.a, starts_at=THREE)
        headers = world.a.as_("hospital_admin")
        assert (await client.delete(f"/api/schedules/{ended}", headers=headers)).status_code == 204
        assert (await three(client, world.a))["is_room_taken"] is True

    async def test_rooms_of_another_hospital_are_not_looked_at(self, client: Client, world: World) -> None:
        for hospital in (world.a, world.b):
            await share_a_room(client, hospital)
        await booked(client, world.b, starts_at=THREE)
        assert (await three(client, world.a))["status"] == "free"


class TestHolds:
    async def test_held_room_is_nobody_elses(self, client: Client, world: World, clock: FixedClock) -> None:
        await share_a_room(client, world.a)
        kept = await hold(client, world.a, starts_at=THREE, patient_id=world.a.patient)
        assert kept.status_code == 201
        assert (await three(client, world.a))["is_room_taken"] is True
        wish = {"practitioner_id": world.a.other_practitioner, "starts_at": THREE}
        other = await hold(client, world.a, "doctor", patient_id=world.a.other_patient, **wish)
        assert code(other) == (409, "room_taken")
        assert code(await with_other(client, world.a, starts_at=THREE)) == (409, "room_taken")
        clock.advance(timedelta(minutes=6))
        again = await hold(client, world.a, "doctor", patient_id=world.a.other_patient, **wish)
        assert again.status_code == 201, "what lapsed keeps nobody out, nor does its row"

    async def test_own_hold_becomes_the_booking(self, client: Client, world: World) -> None:
        await share_a_room(client, world.a)
        kept = await hold(client, world.a, starts_at=THREE, patient_id=world.a.patient)
        assert (await book(client, world.a, starts_at=THREE, hold_id=kept.json()["id"])).status_code == 201


class TestWaitlist:
    async def join(self, client: Client, world: World, patient: UUID, doctor: UUID) -> None:
        body = {
            "patient_id": str(patient), "practitioner_id": str(doctor), "facility_id": str(world.a.main),
            "first_day": MONDAY, "last_day": MONDAY, "part_of_day": "evening",
        }  # fmt: skip
        made = await client.post("/api/waitlist", json=body, headers=world.a.as_("receptionist"))
        assert made.status_code == 201, made.text

    async def test_one_room_is_offered_once(self, client: Client, world: World, system: Any, owner: Owner) -> None:
        room = await share_a_room(client, world.a, sessions=[{"weekday": 0, "starts": "17:00", "ends": "17:20"}])
        await self.join(client, world, world.a.patient, world.a.practitioner)
        await self.join(client, world, world.a.other_patient, world.a.other_practitioner)
        async with system(world.a) as ctx:
            given = await offers.offer_free_places(ctx, world.a.main)
        assert [str(one.room_id) for one in given] == [room]
        found = await slots(client, world.a, MONDAY, practitioner_id=str(world.a.other_practitioner))
        assert found[-1]["is_room_taken"] is True
        with pytest.raises(asyncpg.ExclusionViolationError):
            await owner.execute(
                "INSERT INTO waitlist_offers SELECT (jsonb_populate_record(o, jsonb_build_object("
                "'id', gen_random_uuid(), 'practitioner_id', $1::uuid, 'entry_id', (SELECT id FROM waitlist_entries"
                " WHERE status = 'waiting')))).* FROM waitlist_offers o",
                world.a.other_practitioner,
            )


TIMES = [f"{15 + n // 6}:{n % 6}0" for n in range(18)]
_TOGETHER = """
    SELECT a.id, b.id FROM appointments a
    JOIN appointments b ON b.id > a.id AND b.room_id = a.room_id AND b.practitioner_id <> a.practitioner_id
     AND b.starts_at < a.ends_at AND b.ends_at > a.starts_at
"""


class TestRaces:
    """Two doctors, one room, eighteen times, three racers at each doctor for each."""

    async def tries(self, client: Client, world: World, in_tenant: Any) -> Any:
        await share_a_room(client, world.a, slot_minutes=10)
        patients = await patients_of(world, in_tenant, 108)
        doctors = (world.a.practitioner, world.a.other_practitioner)
        return [
            lambda n=n: book(
                client, world.a, patient_id=patients[n], practitioner_id=doctors[n % 2],
                starts_at=at(MONDAY, TIMES[(n // 2) % 18]),
            )
            for n in range(108)
        ]  # fmt: skip

    async def no_locks(self, *_: Any) -> None:
        """Lets everybody in at once."""

    async def test_one_doctor_has_the_room_at_each_time(
        self, client: Client, world: World, owner: Owner, in_tenant: Any, postgres: EmbeddedPostgres, config: Settings
    ) -> None:
        answers = await race(await self.tries(client, world, in_tenant))
        assert codes(answers)["booked"] == 18
        assert set(codes(answers)) <= {"booked", "409 room_taken", "409 slot_taken"}
        assert await owner.fetch(_TOGETHER) == []
        assert await owner.fetchval("SELECT count(DISTINCT starts_at) FROM appointments") == 18
        assert await deadlocks(postgres, config) == 0

    async def test_locks_without_the_constraint_are_enough(
        self, client: Client, world: World, owner: Owner, in_tenant: Any
    ) -> None:
        await owner.execute("ALTER TABLE appointments DROP CONSTRAINT ex_appointments_room")
        answers = await race(await self.tries(client, world, in_tenant))
        assert codes(answers)["booked"] == 18
        assert await owner.fetch(_TOGETHER) == []

    async def test_constraint_without_locks_is_enough(
        self, client: Client, world: World, owner: Owner, in_tenant: Any, monkeypatch: Any
    ) -> None:
        monkeypatch.setattr(places, "advisory_locks", self.no_locks)
        answers = await race(await self.tries(client, world, in_tenant))
        assert codes(answers)["booked"] == 18
        assert set(codes(answers)) <= {"booked", "409 room_taken", "409 slot_taken"}
        assert await owner.fetch(_TOGETHER) == []

    async def test_control_without_both_two_doctors_have_one_room(
        self, client: Client, world: World, owner: Owner, in_tenant: Any, monkeypatch: Any
    ) -> None:
        await owner.execute("ALTER TABLE appointments DROP CONSTRAINT ex_appointments_room")
        monkeypatch.setattr(places, "advisory_locks", self.no_locks)
        await race(await self.tries(client, world, in_tenant))
        assert await owner.fetch(_TOGETHER)


class TestCost:
    async def test_rooms_of_fifty_doctors_cost_one_query_by_their_index(
        self, client: Client, world: World, database: Database, owner: Owner, in_tenant: Any, system: Any
    ) -> None:
        """Each in a room of their own, which is what a hospital mostly has: what others do there is still asked."""
        await owner.execute("DELETE FROM schedule_sessions")
        await make_doctors(owner, world, 50)
        doctors = [row["id"] for row in await owner.fetch("SELECT id FROM practitioners WHERE name LIKE 'Many %'")]
        async with in_tenant(world.a.organization_id) as session:
            await make_patients(session, 12 * 40)
            for n, doctor in enumerate(doctors[:40]):
                await fill_years(session, world.a, doctor, moment(MONDAY, "09:00"), IN_A_MONTH, skip=12 * n)
        await owner.execute(
            "INSERT INTO rooms (organization_id, id, facility_id, name, is_active, version) "
            "SELECT $1, id, $2, 'R ' || row_number() OVER (), true, 1 FROM practitioners WHERE name LIKE 'Many %'",
            world.a.organization_id, world.a.main,
        )  # fmt: skip
        for table in ("schedules", "appointments"):
            await owner.execute(
                f"UPDATE {table} SET room_id = practitioner_id WHERE practitioner_id = ANY($1)", doctors
            )
        await owner.execute("ANALYZE")
        start, end = moment(TUESDAY, "00:00"), moment(TUESDAY, "00:00") + timedelta(days=14)
        plan = await explained(
            database, world, timetables._TAKEN_AND_ROOMS, practitioner_ids=doctors[:1], room_ids=doctors[:1],
            earliest=start - timedelta(hours=25), latest=start + timedelta(days=1), start=start, now=start,
        )  # fmt: skip
        assert "ix_appointments_room_time" in plan, plan
        cpus = []
        async with system(world.a) as ctx:
            for _ in range(9):
                used = time.process_time()
                tables = await timetables.timetables(ctx, start, end)
                found = {who: list(table.slots(start, end, ctx.now())) for who, table in tables.items()}
                cpus.append((time.process_time() - used) * 1000)
        assert sum(1 for who in doctors if all(slot.status == "busy" for slot in found[who])) == 40
        print(
            f"two weeks of 50 doctors in 50 rooms: of CPU {statistics.median(cpus):.0f} ms, fastest {min(cpus):.0f} ms"
        )
        assert min(cpus) < 150
        with statements(database) as sent:
            await client.get("/api/availability", headers=world.a.as_("receptionist"))
        assert len([one for one in sent if "FROM appointments" in one and "room_id = ANY" in one]) == 1
