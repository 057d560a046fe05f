"""What a hospital decides about booking: who waits for the desk, what patients see, extra places, who did not come."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import httpx2
import pytest

from arogya.modules.scheduling import no_shows
from arogya.platform import jobs
from arogya.platform.clock import FixedClock
from arogya.platform.jobs import Work
from tests.factories.scheduling import (
    MONDAY,
    TUESDAY,
    WEDNESDAY,
    add_schedule,
    at,
    book,
    booked,
    change_rules,
    make_patients,
    slots,
    step,
    stranger,
)
from tests.modules.scheduling.desk import Desk
from tests.modules.scheduling.test_holds import code, hold
from tests.world import Hospital, World

Client = httpx2.AsyncClient
Owner = asyncpg.Connection


async def change_schedule(client: Client, hospital: Hospital, which: Any, **told: Any) -> None:
    response = await client.patch(f"/api/schedules/{which}", json=told, headers=hospital.as_("hospital_admin"))
    assert response.status_code == 200, response.text


class TestConfirming:
    @pytest.fixture(autouse=True)
    async def nobody(self, client: Client, world: World) -> None:
        await change_rules(client, world.a, patient_bookings_need_confirming=False)

    async def test_nothing_set_nothing_waits(self, client: Client, world: World) -> None:
        assert (await booked(client, world.a, "patient"))["status"] == "booked"

    async def test_by_doctor(self, client: Client, world: World) -> None:
        await change_rules(client, world.a, confirm_practitioner_ids=[str(world.a.practitioner)])
        assert (await booked(client, world.a, "patient"))["status"] == "pending"
        told = {"practitioner_id": world.a.other_practitioner, "starts_at": at(WEDNESDAY, "09:00")}
        assert (await booked(client, world.a, "patient", **told))["status"] == "booked"
        assert (await booked(client, world.a, starts_at=at(TUESDAY, "11:00")))["status"] == "booked", "the desk's own"

    async def test_by_department(self, client: Client, world: World) -> None:
        await change_rules(client, world.a, confirm_department_ids=[str(world.a.department)])
        assert (await booked(client, world.a, "patient"))["status"] == "pending"

    async def test_first_visits(self, client: Client, world: World, owner: Owner) -> None:
        await change_rules(client, world.a, first_visits_need_confirming=True)
        first = await booked(client, world.a, "patient")
        assert first["status"] == "pending"
        await owner.execute("UPDATE appointments SET status = 'fulfilled' WHERE id = $1", first["id"])
        assert (await booked(client, world.a, "patient", starts_at=at(WEDNESDAY, "10:00")))["status"] == "booked"

    async def test_who_asks_for_more_is_refused(self, client: Client, world: World) -> None:
        await change_rules(client, world.a, first_visits_need_confirming=True)
        refused = await book(client, world.a, "patient", status="booked")
        assert refused.json()["fields"][0]["code"] == "needs_confirming"

    @pytest.mark.parametrize("name", ["confirm_practitioner_ids", "confirm_department_ids"])
    async def test_strangers_are_refused(self, client: Client, world: World, name: str) -> None:
        others = world.b.practitioner if name == "confirm_practitioner_ids" else world.b.department
        for unknown in (stranger(), str(others)):
            response = await client.put(
                "/api/booking-rules", json={name: [unknown]}, headers=world.a.as_("hospital_admin")
            )
            assert code(response) == (422, "invalid")


class TestWhatPatientsSee:
    async def test_schedule_that_is_the_desks_alone(self, client: Client, world: World) -> None:
        await change_schedule(client, world.a, world.a.schedule, patients_may_book=False)
        assert await slots(client, world.a, who="patient") == []
        assert len(await slots(client, world.a)) == 12
        assert code(await book(client, world.a, "patient")) == (422, "no_such_slot")
        assert code(await hold(client, world.a, "patient", patient_id=world.a.patient)) == (422, "no_such_slot")
        await booked(client, world.a)

    async def test_places_kept_for_the_desk(self, client: Client, world: World, in_tenant: Any) -> None:
        who, starts_at = world.a.other_practitioner, at(TUESDAY, "09:00")
        await change_schedule(client, world.a, world.a.token_schedule, kept_for_desk=28)
        [seen] = await slots(client, world.a, who="patient", practitioner_id=str(who))
        assert (seen["free"], seen["status"]) == (2, "free")
        async with in_tenant(world.a.organization_id) as session:
            patients = await make_patients(session, 2)
        for one in patients:
            await booked(client, world.a, patient_id=one, practitioner_id=who, starts_at=starts_at)
        [full] = await slots(client, world.a, who="patient", practitioner_id=str(who))
        assert (full["free"], full["status"]) == (0, "busy")
        told = {"practitioner_id": who, "starts_at": starts_at}
        refused = await book(client, world.a, "patient", **told)
        assert code(refused) == (409, "slot_taken")
        offered = [(one["practitioner_id"], one["starts_at"]) for one in refused.json()["next_free"]]
        assert (str(who), starts_at) not in offered
        await booked(client, world.a, **told)

    async def test_no_more_can_be_kept_than_there_are(self, client: Client, world: World) -> None:
        assert code(await add_schedule(client, world.a, places=2, kept_for_desk=3)) == (422, "invalid")
        response = await client.patch(
            f"/api/schedules/{world.a.schedule}", json={"kept_for_desk": 2}, headers=world.a.as_("hospital_admin")
        )
        assert code(response) == (422, "invalid")

    async def test_short_notice(self, client: Client, world: World) -> None:
        """It is ten o'clock."""
        await change_rules(client, world.a, min_notice_minutes=60)
        found = await slots(client, world.a, MONDAY, "patient")
        assert [s["starts_at"] for s in found if s["free"]] == [
            at(MONDAY, wall) for wall in ("11:00", "11:20", "11:40", "12:00", "12:20", "12:40")
        ]
        refused = await book(client, world.a, "patient", starts_at=at(MONDAY, "10:40"))
        assert code(refused) == (422, "too_short_notice")
        assert refused.json()["min_notice_minutes"] == 60
        await booked(client, world.a, starts_at=at(MONDAY, "10:40"))

    async def test_finder_offers_patients_nothing_of_it(self, client: Client, world: World) -> None:
        await change_schedule(client, world.a, world.a.schedule, patients_may_book=False)
        await change_rules(client, world.a, min_notice_minutes=24 * 60)
        response = await client.get("/api/availability", headers=world.a.as_("patient"))
        found = {one["practitioner"]["name"]: one["next"] for one in response.json()["items"]}
        assert found["Kavita Iyer"] == []
        assert found["Arvind Menon"][0]["starts_at"] == at(WEDNESDAY, "09:00")


class TestExtraPlaces:
    async def test_desk_books_them_without_a_reason_and_they_show(
        self, client: Client, world: World, in_tenant: Any
    ) -> None:
        await change_schedule(client, world.a, world.a.schedule, extra_places=1)
        async with in_tenant(world.a.organization_id) as session:
            patients = await make_patients(session, 3)
        plain = await booked(client, world.a, patient_id=patients[0])
        [slot] = [s for s in await slots(client, world.a) if s["starts_at"] == at(TUESDAY, "10:00")]
        assert (slot["status"], slot["free"], slot["extra"]) == ("busy", 0, 1)
        extra = await booked(client, world.a, patient_id=patients[1])
        assert (plain["is_extra"], plain["lane"]) == (False, 1)
        assert (extra["is_extra"], extra["is_override"], extra["lane"]) == (True, False, 2)
        assert code(await book(client, world.a, patient_id=patients[2])) == (409, "slot_taken")

    async def test_they_are_not_for_patients(self, client: Client, world: World) -> None:
        await change_schedule(client, world.a, world.a.schedule, extra_places=1)
        await booked(client, world.a, patient_id=world.a.other_patient)
        [slot] = [s for s in await slots(client, world.a, who="patient") if s["starts_at"] == at(TUESDAY, "10:00")]
        assert (slot["status"], slot["extra"]) == ("busy", 0)
        assert code(await book(client, world.a, "patient")) == (409, "slot_taken")


class TestCheaperRevisit:
    async def test_costs_what_the_hospital_says_and_opens_no_window(
        self, client: Client, world: World, owner: Owner, clock: FixedClock
    ) -> None:
        await change_rules(client, world.a, revisit_days=2, revisit_fee_paise=20_000)
        first = await booked(client, world.a, starts_at=at(TUESDAY, "10:00"))
        assert first["fee_paise"] == 60_000
        await self.paid(world, owner, first)
        second = await booked(client, world.a, starts_at=at("2026-11-26", "10:00"))
        assert (second["fee_paise"], second["is_revisit"], second["is_free_revisit"]) == (20_000, True, False)
        assert second["revisit_free_until"] == "2026-11-26"
        await self.paid(world, owner, second)
        third = await booked(client, world.a, starts_at=at("2026-11-27", "10:00"))
        assert (third["fee_paise"], third["is_revisit"]) == (60_000, False)

    async def test_never_dearer_than_the_fee(self, client: Client, world: World, owner: Owner) -> None:
        await change_rules(client, world.a, revisit_fee_paise=99_000)
        await self.paid(world, owner, await booked(client, world.a))
        assert (await booked(client, world.a, starts_at=at(WEDNESDAY, "10:00")))["fee_paise"] == 60_000

    async def paid(self, world: World, owner: Owner, made: Any) -> None:
        await owner.execute(
            """INSERT INTO receipts (organization_id, id, number, appointment_id, patient_id, facility_id, amount_paise,
                                     method, is_verified, issued_at)
               VALUES ($1, gen_random_uuid(), $2::uuid::text, $2, $3, $4, 60000, 'cash', true,
                       '2026-11-24T04:00:00Z')""",
            world.a.organization_id, UUID(made["id"]), UUID(made["patient_id"]), world.a.main,
        )  # fmt: skip


class TestNoShows:
    async def marked(self, owner: Owner) -> list[str]:
        rows = await owner.fetch("SELECT starts_at FROM appointments WHERE status = 'noshow' ORDER BY starts_at")
        return [row["starts_at"].strftime("%Y-%m-%dT%H:%M:%SZ") for row in rows]

    @pytest.fixture
    async def two(self, client: Client, world: World, clock: FixedClock) -> None:
        """Booked for 10:20 and 12:40 today."""
        await booked(client, world.a, starts_at=at(MONDAY, "10:20"))
        await booked(client, world.a, patient_id=world.a.other_patient, starts_at=at(MONDAY, "12:40"))

    async def test_by_hand_is_by_hand(self, work: Work, two: None, owner: Owner, clock: FixedClock) -> None:
        clock.advance(timedelta(days=2))
        await no_shows.mark_no_shows(work)
        assert await self.marked(owner) == []

    async def test_so_long_after_the_slot(
        self, client: Client, world: World, work: Work, two: None, owner: Owner, clock: FixedClock
    ) -> None:
        await change_rules(client, world.a, noshow_marking="after-minutes", noshow_minutes=30)
        clock.advance(timedelta(minutes=69))
        await no_shows.mark_no_shows(work)
        assert await self.marked(owner) == []
        clock.advance(timedelta(minutes=1))
        for _ in range(2):
            await no_shows.mark_no_shows(work)
        assert await self.marked(owner) == [at(MONDAY, "10:20")]
        assert await owner.fetchval("SELECT count(*) FROM outbox_events WHERE name = 'AppointmentNoShow'") == 1

    async def test_after_the_session(
        self, client: Client, world: World, work: Work, two: None, owner: Owner, clock: FixedClock
    ) -> None:
        """Which ends at one."""
        await change_rules(client, world.a, noshow_marking="after-session")
        clock.advance(timedelta(hours=2, minutes=59))
        await no_shows.mark_no_shows(work)
        assert await self.marked(owner) == []
        clock.advance(timedelta(minutes=1))
        await no_shows.mark_no_shows(work)
        assert await self.marked(owner) == [at(MONDAY, "10:20"), at(MONDAY, "12:40")]

    async def test_who_came_and_what_is_long_past_are_left_alone(
        self, client: Client, world: World, work: Work, owner: Owner, clock: FixedClock, desk: Desk
    ) -> None:
        await change_rules(client, world.a, noshow_marking="after-minutes", noshow_minutes=0)
        came = await booked(client, world.a, starts_at=at(MONDAY, "10:20"))
        await desk.arrive(came)
        await booked(client, world.a, patient_id=world.a.other_patient, starts_at=at(TUESDAY, "10:20"))
        clock.advance(timedelta(days=9))
        await no_shows.mark_no_shows(work)
        assert await self.marked(owner) == []

    async def test_is_registered_to_run_by_the_clock(self, jobs_once: Callable[[], Awaitable[int]]) -> None:
        assert jobs.registered()["scheduling.mark_no_shows"].cron == "*/10 * * * *"

    async def test_count_is_shown_and_after_so_many_the_desk_confirms(
        self, client: Client, world: World, owner: Owner
    ) -> None:
        await change_rules(client, world.a, patient_bookings_need_confirming=False, noshow_limit=2, noshow_days=30)
        ask = {"url": "/api/no-shows", "params": {"patient_id": str(world.a.patient)}}
        for wall, count in (("10:20", 1), ("10:40", 2)):
            made = await booked(client, world.a, "patient", starts_at=at(MONDAY, wall))
            assert made["status"] == "booked"
            await step(client, world.a, "receptionist", made["id"], "no-show")
            told = (await client.get(**ask, headers=world.a.as_("receptionist"))).json()
            assert told == {"count": count, "days": 30, "needs_confirming": count == 2}
        assert (await booked(client, world.a, "patient"))["status"] == "pending"
        await owner.execute(
            "UPDATE appointments SET starts_at = starts_at - interval '31 days' WHERE status = 'noshow'"
        )
        assert (await booked(client, world.a, "patient", starts_at=at(WEDNESDAY, "10:00")))["status"] == "booked"

    async def test_nobody_elses_count_is_told(self, client: Client, world: World) -> None:
        params = {"patient_id": str(world.a.other_patient)}
        told = await client.get("/api/no-shows", params=params, headers=world.a.as_("patient"))
        assert code(told) == (404, "not_found")
        told = await client.get("/api/no-shows", params=params, headers=world.b.as_("receptionist"))
        assert code(told) == (404, "not_found")


class TestQueueOrder:
    """Monday's session has run since nine; it is ten."""

    async def queue(self, client: Client, world: World, desk: Desk, clock: FixedClock, in_tenant: Any) -> list[str]:
        """Two walk-ins, then two who were booked for 10:20 and 10:40, the later one first; who goes in when."""
        async with in_tenant(world.a.organization_id) as session:
            a, b, c, d = await make_patients(session, 4)
        visits = {}
        later = await desk.book(c, clock.now() + timedelta(minutes=40))
        sooner = await desk.book(d, clock.now() + timedelta(minutes=20))
        for name, one in (("walk-in 1", a), ("walk-in 2", b)):
            visits[(await desk.walk_in(one))["id"]] = name
            clock.advance(timedelta(minutes=1))
        for name, made in (("10:40", later), ("10:20", sooner)):
            visits[(await desk.arrive(made))["id"]] = name
            clock.advance(timedelta(minutes=1))
        return [visits[entry["appointment"]["id"]] for entry in await desk.queue(is_open=True)]

    @pytest.mark.parametrize(
        ("order", "expected"),
        [
            ("by-turns", ["walk-in 1", "10:20", "walk-in 2", "10:40"]),
            ("appointments-first", ["10:20", "10:40", "walk-in 1", "walk-in 2"]),
            ("by-arrival", ["walk-in 1", "walk-in 2", "10:40", "10:20"]),
        ],
    )
    async def test_as_the_hospital_chose(
        self, client: Client, world: World, desk: Desk, clock: FixedClock, in_tenant: Any, order: str,
        expected: list[str],
    ) -> None:  # fmt: skip
        await change_rules(client, world.a, queue_order=order)
        assert await self.queue(client, world, desk, clock, in_tenant) == expected

    async def test_no_other_order(self, client: Client, world: World) -> None:
        response = await client.put(
            "/api/booking-rules", json={"queue_order": "by-name"}, headers=world.a.as_("hospital_admin")
        )
        assert code(response) == (422, "invalid")
