"""A place is kept for five minutes while a person fills the form, and nobody else gets it meanwhile."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import httpx2
import pytest

from arogya.modules.scheduling.appointments import places
from arogya.modules.scheduling.holds import service
from arogya.platform.clock import FixedClock
from tests.factories.scheduling import (
    MONDAY,
    TUESDAY,
    add_exception,
    add_schedule,
    also,
    at,
    book,
    booked,
    change_rules,
    slots,
    step,
    stranger,
)
from tests.modules.scheduling.test_races import app, codes, patients_of, race  # noqa: F401 - app: fifty connections
from tests.world import Hospital, World

Client = httpx2.AsyncClient
Owner = asyncpg.Connection
TEN = at(TUESDAY, "10:00")


async def hold(
    client: Client, hospital: Hospital, who: str = "receptionist", key: str | None = None, **told: Any
) -> httpx2.Response:
    body = {"practitioner_id": hospital.practitioner, "starts_at": TEN, **told}
    body = {name: str(value) if isinstance(value, UUID) else value for name, value in body.items()}
    return await client.post("/api/holds", json=body, headers=hospital.as_(who, key))


async def held(client: Client, hospital: Hospital, who: str = "receptionist", **told: Any) -> Any:
    response = await hold(client, hospital, who, **told)
    assert response.status_code == 201, response.text
    return response.json()


async def ten(client: Client, hospital: Hospital, who: str = "doctor") -> Any:
    """The slot of Tuesday, ten o'clock."""
    return next(slot for slot in await slots(client, hospital, who=who) if slot["starts_at"] == TEN)


def code(response: httpx2.Response) -> tuple[int, str]:
    return response.status_code, response.json()["code"]


class TestKept:
    async def test_others_see_it_and_can_not_have_it(self, client: Client, world: World, owner: Owner) -> None:
        kept = await held(client, world.a, patient_id=world.a.patient)
        assert kept["expires_at"] == at(MONDAY, "10:05")
        seen = await ten(client, world.a)
        assert (seen["status"], seen["free"], seen["held"], seen["is_held_by_you"]) == ("busy", 0, 1, False)
        assert (await ten(client, world.a, "receptionist"))["is_held_by_you"] is True
        refused = await book(client, world.a, "doctor", patient_id=world.a.other_patient)
        assert code(refused) == (409, "slot_taken")
        assert refused.json()["next_free"][0]["starts_at"] == at(TUESDAY, "10:20")
        assert code(await hold(client, world.a, "doctor")) == (409, "slot_taken")
        assert await owner.fetchval("SELECT count(*) FROM outbox_events WHERE name = 'PlaceHeld'") == 1

    async def test_booking_uses_it_up(self, client: Client, world: World, owner: Owner) -> None:
        kept = await held(client, world.a, patient_id=world.a.patient)
        await booked(client, world.a, hold_id=kept["id"])
        assert await owner.fetchval("SELECT count(*) FROM holds") == 0
        assert (await ten(client, world.a))["held"] == 0

    async def test_who_books_at_once_need_not_name_it(self, client: Client, world: World, owner: Owner) -> None:
        """The booking was sent before the hold was answered."""
        await held(client, world.a, patient_id=world.a.patient)
        await booked(client, world.a)
        assert await owner.fetchval("SELECT count(*) FROM holds") == 0

    async def test_refused_booking_leaves_it(self, client: Client, world: World, owner: Owner) -> None:
        """The patient sits elsewhere at that time: the desk asks them for another, and loses nothing meanwhile."""
        session = [{"weekday": 1, "starts": "10:00", "ends": "11:00"}]
        third = world.a.other_practitioner
        await owner.execute("UPDATE schedules SET is_active = false WHERE id = $1", world.a.token_schedule)
        await add_schedule(client, world.a, practitioner_id=third, slot_minutes=60, sessions=session)
        await booked(client, world.a, practitioner_id=third)
        kept = await held(client, world.a, patient_id=world.a.patient)
        assert code(await book(client, world.a, hold_id=kept["id"])) == (409, "patient_busy")
        assert await owner.fetchval("SELECT count(*) FROM holds") == 1

    async def test_move_uses_it_up(self, client: Client, world: World, owner: Owner) -> None:
        made = await booked(client, world.a, starts_at=at(TUESDAY, "09:00"))
        kept = await held(client, world.a, patient_id=world.a.patient)
        told = {"starts_at": TEN, "hold_id": kept["id"]}
        moved = await step(client, world.a, "receptionist", made["id"], "reschedule", **told)
        assert moved.status_code == 200, moved.text
        assert await owner.fetchval("SELECT count(*) FROM holds") == 0

    async def test_anothers_hold_opens_nothing(self, client: Client, world: World, owner: Owner) -> None:
        kept = await held(client, world.a)
        refused = await book(client, world.a, "doctor", hold_id=kept["id"])
        assert code(refused) == (409, "slot_taken")
        released = await client.delete(f"/api/holds/{kept['id']}", headers=world.a.as_("doctor"))
        assert released.status_code == 204, "whether it is there is not told"
        assert await owner.fetchval("SELECT count(*) FROM holds") == 1

    async def test_override_goes_beside_it(self, client: Client, world: World) -> None:
        kept = await held(client, world.a, "receptionist", patient_id=world.a.patient)
        urgent = await booked(
            client, world.a, "doctor", patient_id=world.a.other_patient, override_reason="In great pain"
        )
        assert (urgent["is_override"], urgent["lane"]) == (True, 2)
        assert (await booked(client, world.a, hold_id=kept["id"]))["lane"] == 1

    async def test_places_of_a_session_are_kept_one_by_one(self, client: Client, world: World) -> None:
        who, starts_at = world.a.other_practitioner, at(TUESDAY, "09:00")
        await held(client, world.a, practitioner_id=who, starts_at=starts_at)
        await held(client, world.a, "doctor", practitioner_id=who, starts_at=starts_at)
        [session] = await slots(client, world.a, practitioner_id=str(who))
        assert (session["free"], session["held"]) == (28, 2)


class TestOver:
    async def test_released_is_free_for_all(self, client: Client, world: World, owner: Owner) -> None:
        kept = await held(client, world.a)
        for _ in range(2):
            response = await client.delete(f"/api/holds/{kept['id']}", headers=world.a.as_("receptionist"))
            assert response.status_code == 204
        assert (await ten(client, world.a))["status"] == "free"
        assert await owner.fetchval("SELECT count(*) FROM outbox_events WHERE name = 'HoldReleased'") == 1

    async def test_lapses_by_the_clock_alone(
        self, client: Client, world: World, owner: Owner, clock: FixedClock
    ) -> None:
        """No job runs here: the row stands there still, and keeps nobody out."""
        kept = await held(client, world.a, patient_id=world.a.patient)
        clock.advance(service.KEPT_FOR - timedelta(seconds=1))
        assert code(await hold(client, world.a, "doctor")) == (409, "slot_taken")
        clock.advance(timedelta(seconds=1))
        assert await owner.fetchval("SELECT count(*) FROM holds") == 1
        assert (await ten(client, world.a))["status"] == "free"
        assert (await hold(client, world.a, "doctor")).status_code == 201
        late = await book(client, world.a, hold_id=kept["id"])
        assert code(late) == (409, "slot_taken"), "who came too late has no place left"

    async def test_lapsed_but_still_free_is_booked(self, client: Client, world: World, clock: FixedClock) -> None:
        kept = await held(client, world.a)
        clock.advance(timedelta(minutes=20))
        await booked(client, world.a, hold_id=kept["id"])

    async def test_job_sweeps_it_and_says_so(
        self,
        client: Client,
        world: World,
        owner: Owner,
        clock: FixedClock,
        jobs_once: Callable[[], Awaitable[int]],
    ) -> None:
        await held(client, world.a)
        assert await jobs_once() == 0, "not before its time is over"
        clock.advance(service.KEPT_FOR)
        assert await jobs_once() == 1
        assert await owner.fetchval("SELECT count(*) FROM holds") == 0
        assert await owner.fetchval("SELECT count(*) FROM outbox_events WHERE name = 'HoldReleased'") == 1

    async def test_another_time_lets_go_of_the_first(self, client: Client, world: World) -> None:
        await held(client, world.a, patient_id=world.a.patient)
        await held(client, world.a, patient_id=world.a.patient, starts_at=at(TUESDAY, "11:00"))
        assert (await ten(client, world.a))["status"] == "free"
        await held(client, world.a, patient_id=world.a.other_patient)
        found = [slot["starts_at"] for slot in await slots(client, world.a) if slot["held"]]
        assert found == [TEN, at(TUESDAY, "11:00")], "one for each patient"

    async def test_same_key_answers_the_same_hold(self, client: Client, world: World, owner: Owner) -> None:
        answers = [await hold(client, world.a, key="a-hold") for _ in range(2)]
        assert len({answer.json()["id"] for answer in answers}) == 1
        assert await owner.fetchval("SELECT count(*) FROM holds") == 1


class TestRefused:
    async def test_patients_hold_for_themselves_within_the_rules(self, client: Client, world: World) -> None:
        assert code(await hold(client, world.a, "patient")) == (422, "invalid")
        assert code(await hold(client, world.a, "patient", patient_id=world.a.other_patient)) == (404, "not_found")
        await change_rules(client, world.a, days_ahead=0)
        assert code(await hold(client, world.a, "patient", patient_id=world.a.patient)) == (422, "too_far_ahead")
        await change_rules(client, world.a, days_ahead=30)
        await held(client, world.a, "patient", patient_id=world.a.patient)

    async def test_no_place_no_hold(self, client: Client, world: World) -> None:
        await booked(client, world.a)
        assert code(await hold(client, world.a)) == (409, "slot_taken")
        assert code(await hold(client, world.a, starts_at=at(TUESDAY, "10:05"))) == (422, "no_such_slot")
        assert code(await hold(client, world.a, starts_at=at(MONDAY, "09:00"))) == (422, "in_the_past")
        assert code(await hold(client, world.a, practitioner_id=stranger())) == (404, "not_found")
        await add_exception(client, world.a)
        assert code(await hold(client, world.a, starts_at=at(TUESDAY, "11:00"))) == (409, "practitioner_on_leave")

    @pytest.mark.parametrize("who", ["pharmacist", "nurse"])
    async def test_who_may_not_book_may_not_hold(self, client: Client, world: World, who: str) -> None:
        assert code(await hold(client, world.a, who)) == (403, "forbidden")

    async def test_another_hospitals_hold_is_out_of_reach(self, client: Client, world: World, owner: Owner) -> None:
        kept = await held(client, world.a)
        await client.delete(f"/api/holds/{kept['id']}", headers=world.b.as_("receptionist"))
        assert await owner.fetchval("SELECT count(*) FROM holds") == 1


_CLAIMS = """
    SELECT id, practitioner_id, lane, during FROM holds
    UNION ALL SELECT id, practitioner_id, lane, during FROM appointments WHERE status NOT IN ('cancelled', 'noshow')
"""
_DOUBLE = f"""
    WITH claims AS ({_CLAIMS})
    SELECT count(*) FROM claims a JOIN claims b ON b.id > a.id AND a.practitioner_id = b.practitioner_id
                                               AND a.lane = b.lane AND a.during && b.during
"""
SIX = [at(MONDAY, f"15:{n}0") for n in range(6)]


class TestRaces:
    """Holds and bookings for the same places at once, from fifty connections."""

    @pytest.fixture
    async def six(self, client: Client, world: World, owner: Owner) -> None:
        """Six slots of one place each."""
        sessions = [{"weekday": 0, "starts": "15:00", "ends": "16:00"}]
        assert (await add_schedule(client, world.a, slot_minutes=10, sessions=sessions)).status_code == 201
        await also(owner, world.a, "doctor", "receptionist")

    async def racers(self, client: Client, world: World, in_tenant: Any) -> list[Callable[[], Awaitable[Any]]]:
        patients = await patients_of(world, in_tenant, 60)

        def one(n: int) -> Callable[[], Awaitable[Any]]:
            told = {"patient_id": patients[n], "starts_at": SIX[n % 6]}
            if n // 6 % 2:
                return lambda: book(client, world.a, "doctor", **told)
            return lambda: hold(client, world.a, "receptionist", **told)

        return [one(n) for n in range(60)]

    async def test_one_place_is_held_or_booked_once(
        self, client: Client, world: World, owner: Owner, in_tenant: Any, six: None
    ) -> None:
        answers = await race(await self.racers(client, world, in_tenant))
        assert codes(answers) == {"booked": 6, "409 slot_taken": 54}
        assert len(await owner.fetch(_CLAIMS)) == 6
        assert await owner.fetchval(_DOUBLE) == 0

    async def test_locks_alone_are_enough(
        self, client: Client, world: World, owner: Owner, in_tenant: Any, six: None
    ) -> None:
        await owner.execute("ALTER TABLE holds DROP CONSTRAINT ex_holds_place")
        await owner.execute("ALTER TABLE appointments DROP CONSTRAINT ex_appointments_place")
        answers = await race(await self.racers(client, world, in_tenant))
        assert codes(answers) == {"booked": 6, "409 slot_taken": 54}
        assert await owner.fetchval(_DOUBLE) == 0

    async def test_without_locks_the_constraints_keep_holds_from_holds_and_bookings_from_bookings(
        self, client: Client, world: World, owner: Owner, in_tenant: Any, six: None, monkeypatch: Any
    ) -> None:
        await self.let_all_in(monkeypatch)
        await race(await self.racers(client, world, in_tenant))
        for table, where in (("holds", "true"), ("appointments", "status = 'booked'")):
            twice = f"SELECT count(*) - count(DISTINCT (starts_at, lane)) FROM {table} WHERE {where}"
            assert await owner.fetchval(twice) == 0

    async def test_control_without_locks_and_constraints_places_go_twice(
        self, client: Client, world: World, owner: Owner, in_tenant: Any, six: None, monkeypatch: Any
    ) -> None:
        """Else the races above would prove nothing."""
        await owner.execute("ALTER TABLE holds DROP CONSTRAINT ex_holds_place")
        await owner.execute("ALTER TABLE appointments DROP CONSTRAINT ex_appointments_place")
        await self.let_all_in(monkeypatch)
        await race(await self.racers(client, world, in_tenant))
        assert await owner.fetchval(_DOUBLE) > 0

    async def test_two_tabs_of_one_person_end_with_one_hold(
        self, client: Client, world: World, owner: Owner, six: None
    ) -> None:
        told = {"patient_id": world.a.patient}
        await race([lambda n=n: hold(client, world.a, starts_at=SIX[n % 6], **told) for n in range(30)])
        assert await owner.fetchval("SELECT count(*) FROM holds") == 1

    async def test_booking_and_lapse_at_the_same_moment(
        self, client: Client, world: World, in_tenant: Any, six: None, clock: FixedClock
    ) -> None:
        """The holder comes as the time is over, and so does everybody who waited for it: one gets the place."""
        patients = await patients_of(world, in_tenant, 20)
        kept = await held(client, world.a, patient_id=patients[0], starts_at=SIX[0])
        clock.advance(service.KEPT_FOR)
        answers = await asyncio.gather(
            book(client, world.a, patient_id=patients[0], starts_at=SIX[0], hold_id=kept["id"]),
            *(book(client, world.a, "doctor", patient_id=one, starts_at=SIX[0]) for one in patients[1:]),
        )
        assert codes(answers) == {"booked": 1, "409 slot_taken": 19}

    async def let_all_in(self, monkeypatch: Any) -> None:
        async def no_locks(*_: Any) -> None:
            """Lets everybody in at once."""

        monkeypatch.setattr(places, "advisory_locks", no_locks)
        monkeypatch.setattr(service, "advisory_locks", no_locks)
