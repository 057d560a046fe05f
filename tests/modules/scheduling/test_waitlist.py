"""The waitlist: who stands where, and what becomes of a freed place."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import asyncpg
import httpx2
import pytest

from arogya.modules.scheduling.slots.computing import Slot
from arogya.modules.scheduling.waitlist import offers
from arogya.modules.scheduling.waitlist.jobs import sweep_waitlists
from arogya.modules.scheduling.waitlist.matching import Open, Wish, fits, match
from arogya.platform.clock import FixedClock
from tests.factories.scheduling import (
    TUESDAY,
    WEDNESDAY,
    add_exception,
    at,
    book,
    booked,
    make_patients,
    slots,
    step,
)
from tests.world import Hospital, World

Client = httpx2.AsyncClient
Owner = asyncpg.Connection
Once = Callable[[], Awaitable[Any]]
URL = "/api/waitlist"


def waiting_for(hospital: Hospital, patient_id: UUID, **told: Any) -> dict[str, Any]:
    """The doctor of timed slots, on Tuesday."""
    body = {
        "patient_id": patient_id, "practitioner_id": hospital.practitioner, "facility_id": hospital.main,
        "first_day": TUESDAY, "last_day": TUESDAY, **told,
    }  # fmt: skip
    return {k: str(v) if isinstance(v, UUID) else v for k, v in body.items() if v is not None}


async def join(
    client: Client, hospital: Hospital, patient_id: UUID, who: str = "receptionist", key: str | None = None, **told: Any
) -> httpx2.Response:
    return await client.post(URL, json=waiting_for(hospital, patient_id, **told), headers=hospital.as_(who, key))


async def joined(client: Client, hospital: Hospital, patient_id: UUID, **told: Any) -> Any:
    answer = await join(client, hospital, patient_id, **told)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def the_line(client: Client, hospital: Hospital, who: str = "receptionist", **asked: Any) -> Any:
    answer = await client.get(URL, params=asked, headers=hospital.as_(who))
    assert answer.status_code == 200, answer.text
    return answer.json()


async def offered(client: Client, hospital: Hospital) -> dict[str, dict[str, Any]]:
    """The open offers, by patient."""
    items = (await the_line(client, hospital))["items"]
    return {item["patient_id"]: item["offer"] for item in items if item["offer"]}


async def answer(client: Client, hospital: Hospital, offer_id: str, word: str, who: str = "receptionist") -> Any:
    return await client.post(f"/api/waitlist-offers/{offer_id}/{word}", headers=hospital.as_(who))


@pytest.fixture
async def people(world: World, in_tenant: Any) -> list[UUID]:
    async with in_tenant(world.a.organization_id) as session:
        return await make_patients(session, 24)


@pytest.fixture
async def full(client: Client, world: World, people: list[UUID]) -> list[Any]:
    """Tuesday's twelve slots are taken by the first twelve."""
    return [
        await booked(client, world.a, patient_id=who, starts_at=slot["starts_at"])
        for who, slot in zip(people, await slots(client, world.a), strict=False)
    ]


async def cancel(client: Client, hospital: Hospital, appointment: dict[str, Any]) -> None:
    done = await step(client, hospital, "receptionist", appointment["id"], "cancel", reason="Feels better")
    assert done.status_code == 200, done.text


class TestMatching:
    ZONE = ZoneInfo("Asia/Kolkata")
    WHO = uuid4()

    def slot(self, hour: int, day: int = 24) -> Slot:
        starts = datetime(2026, 11, day, hour, tzinfo=self.ZONE).astimezone(UTC)
        return Slot(
            starts, starts + timedelta(minutes=20), "free", 1, 1, uuid4(), uuid4(), "slot", "in-person"
        )  # fmt: skip

    def wish(self, **told: Any) -> Wish:
        usual = {
            "entry_id": uuid4(), "patient_id": uuid4(), "practitioner_ids": frozenset({self.WHO}),
            "first_day": date(2026, 11, 24), "last_day": date(2026, 11, 25), "part_of_day": "any", "mode": None,
        }  # fmt: skip
        return Wish(**{**usual, **told})

    @pytest.mark.parametrize(
        ("told", "hour", "day", "does"),
        [
            ({}, 9, 24, True),
            ({}, 9, 25, True),
            ({}, 9, 26, False),
            ({}, 9, 23, False),
            ({"part_of_day": "morning"}, 11, 24, True),
            ({"part_of_day": "morning"}, 12, 24, False),
            ({"part_of_day": "afternoon"}, 12, 24, True),
            ({"part_of_day": "afternoon"}, 17, 24, False),
            ({"part_of_day": "evening"}, 17, 24, True),
            ({"mode": "video"}, 9, 24, False),
            ({"mode": "in-person"}, 9, 24, True),
        ],
    )
    def test_what_fits(self, told: dict[str, Any], hour: int, day: int, does: bool) -> None:
        assert fits(self.wish(**told), Open(self.WHO, self.slot(hour, day), [1]), self.ZONE) is does

    def test_nobody_is_offered_the_same_place_twice(self) -> None:
        slot = self.slot(9)
        wish = self.wish(refused=frozenset({(self.WHO, slot.starts_at)}))
        assert not fits(wish, Open(self.WHO, slot, [1]), self.ZONE)

    def test_each_place_goes_to_one_and_the_first_in_line_gets_the_soonest(self) -> None:
        line = [self.wish(), self.wish(), self.wish()]
        free = [Open(self.WHO, self.slot(9), [1]), Open(self.WHO, self.slot(10), [1])]
        found = list(match(line, free, self.ZONE, lambda *_: False))
        assert [(one.wish, one.slot.starts_at.hour) for one in found] == [
            (line[0], free[0].slot.starts_at.hour), (line[1], free[1].slot.starts_at.hour),
        ]  # fmt: skip

    def test_who_is_elsewhere_then_is_passed_over(self) -> None:
        line = [self.wish(), self.wish()]
        free = [Open(self.WHO, self.slot(9), [1])]
        (found,) = match(line, free, self.ZONE, lambda patient, _: patient == line[0].patient_id)
        assert found.wish is line[1]


class TestJoining:
    async def test_line_is_in_order_and_priority_goes_first(
        self, client: Client, world: World, full: list[Any], people: list[UUID], clock: FixedClock
    ) -> None:
        entries = []
        for one in people[12:15]:
            entries.append(await joined(client, world.a, one))
            clock.advance(timedelta(minutes=1))
        assert [entry["place"] for entry in entries] == [1, 2, 3]
        first = await client.post(
            f"{URL}/{entries[2]['id']}/priority", json={"is_priority": True}, headers=world.a.as_("receptionist")
        )
        assert first.json()["place"] == 1
        line = await the_line(client, world.a, facility_id=str(world.a.main), day=TUESDAY)
        assert [item["id"] for item in line["items"]] == [entries[n]["id"] for n in (2, 0, 1)]
        assert (line["waiting"], line["offered"]) == (3, 0)
        part = await the_line(client, world.a, skip=1, limit=1)
        assert [item["id"] for item in part["items"]] == [entries[0]["id"]]
        assert (part["total"], part["waiting"]) == (3, 3), "of all, not of those shown"

    async def test_filters(
        self, client: Client, world: World, full: list[Any], people: list[UUID], owner: Owner
    ) -> None:
        mine = await joined(client, world.a, people[12])
        department = await joined(client, world.a, people[13], practitioner_id=None, department_id=world.a.department)
        other = await joined(
            client, world.a, people[14], practitioner_id=None, specialty="Cardiology", first_day=WEDNESDAY,
            last_day=WEDNESDAY,
        )  # fmt: skip

        async def ids(**asked: Any) -> set[str]:
            return {item["id"] for item in (await the_line(client, world.a, **asked))["items"]}

        assert await ids(practitioner_id=str(world.a.practitioner)) == {mine["id"], department["id"]}
        await owner.execute(
            "UPDATE practitioners SET department_id = NULL, specialty = '' WHERE id = $1", world.a.practitioner
        )
        assert await ids(practitioner_id=str(world.a.practitioner)) == {mine["id"]}
        assert await ids(day=WEDNESDAY) == {other["id"]}
        assert await ids(facility_id=str(world.a.branch)) == set()

    async def test_twice_for_the_same_is_refused(
        self, client: Client, world: World, full: list[Any], people: list[UUID]
    ) -> None:
        entry = await joined(client, world.a, people[12])
        again = await join(client, world.a, people[12])
        assert (again.status_code, again.json()["code"]) == (409, "on_waitlist_already")
        assert again.json()["entry_id"] == entry["id"]

    async def test_same_key_joins_once(self, client: Client, world: World, full: list[Any], people: list[UUID]) -> None:
        answers = [await join(client, world.a, people[12], key="wait-1") for _ in range(2)]
        assert answers[0].json()["id"] == answers[1].json()["id"]
        assert len((await the_line(client, world.a))["items"]) == 1

    @pytest.mark.parametrize(
        "told",
        [
            {"practitioner_id": None},
            {"specialty": "Cardiology"},
            {"last_day": "2026-11-20", "first_day": "2026-11-20"},
            {"last_day": "2026-11-23"},
            {"last_day": "2027-11-24"},
            {"practitioner_id": None, "specialty": "Alchemy"},
        ],
    )
    async def test_what_cannot_be_waited_for(
        self, client: Client, world: World, people: list[UUID], told: dict[str, Any]
    ) -> None:
        assert (await join(client, world.a, people[12], **told)).status_code == 422

    async def test_patient_joins_for_their_own_and_sees_their_place_alone(
        self, client: Client, world: World, full: list[Any], people: list[UUID]
    ) -> None:
        await joined(client, world.a, people[12])
        mine = await join(client, world.a, world.a.patient, "patient")
        assert (mine.status_code, mine.json()["place"]) == (201, 2)
        assert [item["patient_id"] for item in (await the_line(client, world.a, "patient"))["items"]] == [
            str(world.a.patient)
        ]

    async def test_patient_cannot_join_for_others_nor_go_before_them(
        self, client: Client, world: World, full: list[Any]
    ) -> None:
        assert (await join(client, world.a, world.a.other_patient, "patient")).status_code == 404
        assert (await join(client, world.a, world.a.patient, "patient", is_priority=True)).status_code == 403
        entry = (await join(client, world.a, world.a.patient, "patient")).json()
        first = await client.post(
            f"{URL}/{entry['id']}/priority", json={"is_priority": True}, headers=world.a.as_("patient")
        )
        assert first.status_code == 403

    async def test_patient_waits_no_further_ahead_than_they_may_book(self, client: Client, world: World) -> None:
        far = await join(client, world.a, world.a.patient, "patient", first_day="2027-01-04", last_day="2027-01-05")
        assert far.json()["code"] == "too_far_ahead"

    @pytest.mark.parametrize("who", ["branch_receptionist", "cashier", "pharmacist"])
    async def test_who_may_not(
        self, client: Client, world: World, full: list[Any], people: list[UUID], who: str
    ) -> None:
        assert (await join(client, world.a, people[12], who)).status_code == 403
        entry = await joined(client, world.a, people[12])
        left = await client.post(f"{URL}/{entry['id']}/leave", headers=world.a.as_(who))
        assert left.status_code in (403, 404)

    async def test_other_hospitals_entry_is_not_found(self, client: Client, world: World, people: list[UUID]) -> None:
        entry = await joined(client, world.b, world.b.patient)
        for word, body in (("leave", None), ("priority", {"is_priority": True})):
            done = await client.post(f"{URL}/{entry['id']}/{word}", json=body, headers=world.a.as_("receptionist"))
            assert done.status_code == 404


class TestOffers:
    async def test_freed_place_is_held_for_the_first_who_fits(
        self, client: Client, world: World, full: list[Any], people: list[UUID], relay_once: Once, clock: FixedClock
    ) -> None:
        await joined(client, world.a, people[12], part_of_day="evening")
        for one in people[13:15]:
            await joined(client, world.a, one)
        await relay_once()
        assert await offered(client, world.a) == {}, "nothing is free"
        await cancel(client, world.a, full[3])
        await relay_once()
        held = await offered(client, world.a)
        assert set(held) == {str(people[13])}, "the first who fits: nobody sees patients in the evening"
        offer = held[str(people[13])]
        assert offer["starts_at"] == full[3]["starts_at"]
        assert datetime.fromisoformat(offer["expires_at"]) == clock.now() + timedelta(minutes=15)
        taken = await book(client, world.a, patient_id=people[20], starts_at=offer["starts_at"])
        assert (taken.status_code, taken.json()["code"]) == (409, "slot_taken"), "nobody else gets it"
        slot = next(s for s in await slots(client, world.a) if s["starts_at"] == offer["starts_at"])
        assert slot["status"] == "busy"

    async def test_accepted_it_is_a_booking(
        self, client: Client, world: World, full: list[Any], relay_once: Once, owner: Owner
    ) -> None:
        entry = (await join(client, world.a, world.a.patient, "patient", reason="Fever")).json()
        await cancel(client, world.a, full[0])
        await relay_once()
        offer = (await the_line(client, world.a, "patient"))["items"][0]["offer"]
        accepted = await answer(client, world.a, offer["id"], "accept", "patient")
        assert accepted.status_code == 201, accepted.text
        visit = accepted.json()
        assert (visit["status"], visit["starts_at"], visit["source"], visit["reason"]) == (
            "booked", offer["starts_at"], "patient", "Fever",
        )  # fmt: skip
        (item,) = (await the_line(client, world.a, all=True))["items"]
        assert (item["status"], item["appointment_id"], item["place"]) == ("booked", visit["id"], None)
        again = await answer(client, world.a, offer["id"], "accept", "patient")
        assert (again.status_code, again.json()["current_status"]) == (409, "accepted")
        assert await owner.fetchval("SELECT count(*) FROM audit_entries WHERE entity = 'waitlist_offer'") == 2
        assert entry["status"] == "waiting"

    async def test_declined_the_next_is_asked_and_the_place_in_line_is_kept(
        self, client: Client, world: World, full: list[Any], people: list[UUID], relay_once: Once
    ) -> None:
        for one in people[12:14]:
            await joined(client, world.a, one)
        await cancel(client, world.a, full[0])
        await relay_once()
        declined = await answer(client, world.a, (await offered(client, world.a))[str(people[12])]["id"], "decline")
        assert (declined.status_code, declined.json()["status"], declined.json()["place"]) == (200, "waiting", 1)
        await relay_once()
        assert set(await offered(client, world.a)) == {str(people[13])}
        await cancel(client, world.a, full[1])
        await relay_once()
        held = await offered(client, world.a)
        assert held[str(people[12])]["starts_at"] == full[1]["starts_at"], "another place, first again"

    async def test_lapsed_it_goes_to_the_next_and_its_patient_behind(
        self, client: Client, world: World, full: list[Any], people: list[UUID], relay_once: Once, jobs_once: Once,
        clock: FixedClock,
    ) -> None:  # fmt: skip
        for one in people[12:14]:
            await joined(client, world.a, one)
        await cancel(client, world.a, full[5])
        await relay_once()
        clock.advance(timedelta(minutes=14, seconds=59))
        await jobs_once()
        assert set(await offered(client, world.a)) == {str(people[12])}
        clock.advance(timedelta(seconds=1))
        await jobs_once()
        await relay_once()
        assert set(await offered(client, world.a)) == {str(people[13])}
        items = (await the_line(client, world.a))["items"]
        assert [item["patient_id"] for item in items] == [str(people[13]), str(people[12])]

    async def test_lapsed_it_holds_nothing_though_no_job_ran(
        self, client: Client, world: World, full: list[Any], people: list[UUID], relay_once: Once, clock: FixedClock
    ) -> None:
        await joined(client, world.a, people[12])
        await cancel(client, world.a, full[5])
        await relay_once()
        offer = (await offered(client, world.a))[str(people[12])]
        clock.advance(timedelta(minutes=15))
        late = await answer(client, world.a, offer["id"], "accept")
        assert (late.status_code, late.json()["code"], late.json()["current_status"]) == (409, "offer_over", "lapsed")
        assert await offered(client, world.a) == {}
        assert (await the_line(client, world.a))["waiting"] == 1
        taken = await book(client, world.a, patient_id=people[20], starts_at=offer["starts_at"])
        assert taken.status_code == 201

    async def test_lapsed_offer_that_nobody_wrote_down_keeps_no_place_from_the_next(
        self, client: Client, world: World, full: list[Any], people: list[UUID], relay_once: Once, clock: FixedClock
    ) -> None:
        await joined(client, world.a, people[12])
        await cancel(client, world.a, full[5])
        await relay_once()
        clock.advance(timedelta(minutes=20))
        await joined(client, world.a, people[13])
        await relay_once()
        assert set(await offered(client, world.a)) == {str(people[13])}

    async def test_who_leaves_gives_the_place_to_the_next(
        self, client: Client, world: World, full: list[Any], people: list[UUID], relay_once: Once
    ) -> None:
        entries = [await joined(client, world.a, one) for one in people[12:14]]
        await cancel(client, world.a, full[5])
        await relay_once()
        left = await client.post(f"{URL}/{entries[0]['id']}/leave", headers=world.a.as_("receptionist"))
        assert (left.status_code, left.json()["status"]) == (200, "left")
        await relay_once()
        assert set(await offered(client, world.a)) == {str(people[13])}

    async def test_moved_visit_frees_a_place(
        self, client: Client, world: World, full: list[Any], people: list[UUID], relay_once: Once
    ) -> None:
        await joined(client, world.a, people[12])
        await step(client, world.a, "receptionist", full[2]["id"], "reschedule", starts_at=at(WEDNESDAY, "09:00"))
        await relay_once()
        assert (await offered(client, world.a))[str(people[12])]["starts_at"] == full[2]["starts_at"]

    async def test_extra_session_and_leave_taken_back_free_places(
        self, client: Client, world: World, full: list[Any], people: list[UUID], relay_once: Once
    ) -> None:
        leave = (
            await add_exception(client, world.a, starts_at=at(WEDNESDAY, "00:00"), ends_at=at("2026-11-26", "00:00"))
        ).json()
        await joined(client, world.a, people[12], first_day=WEDNESDAY, last_day=WEDNESDAY)
        await joined(client, world.a, people[13])
        await relay_once()
        assert await offered(client, world.a) == {}
        await client.delete(f"/api/schedule-exceptions/{leave['id']}", headers=world.a.as_("hospital_admin"))
        await relay_once()
        assert set(await offered(client, world.a)) == {str(people[12])}
        await add_exception(
            client, world.a, kind="extra", practitioner_id=None, schedule_id=world.a.schedule,
            starts_at=at(TUESDAY, "15:00"), ends_at=at(TUESDAY, "16:00"),
        )  # fmt: skip
        await relay_once()
        assert (await offered(client, world.a))[str(people[13])]["starts_at"] == at(TUESDAY, "15:00")

    async def test_specialty_waits_for_any_of_it(
        self, client: Client, world: World, full: list[Any], people: list[UUID], relay_once: Once
    ) -> None:
        await joined(client, world.a, people[12], practitioner_id=None, specialty="Cardiology")
        await relay_once()
        assert (await offered(client, world.a))[str(people[12])]["practitioner_id"] == str(world.a.other_practitioner)

    async def test_place_that_begins_within_half_an_hour_is_offered_to_nobody(
        self, client: Client, world: World, full: list[Any], people: list[UUID], relay_once: Once, clock: FixedClock
    ) -> None:
        await joined(client, world.a, people[12])
        clock.advance(datetime.fromisoformat(full[3]["starts_at"]) - clock.now() - timedelta(minutes=29))
        await cancel(client, world.a, full[3])
        await relay_once()
        assert await offered(client, world.a) == {}

    async def test_others_may_not_answer(
        self, client: Client, world: World, full: list[Any], people: list[UUID], relay_once: Once
    ) -> None:
        await joined(client, world.a, people[12])
        await cancel(client, world.a, full[5])
        await relay_once()
        offer = (await offered(client, world.a))[str(people[12])]
        for word in ("accept", "decline"):
            assert (await answer(client, world.a, offer["id"], word, "patient")).status_code == 404
            assert (await answer(client, world.b, offer["id"], word)).status_code == 404
            assert (await answer(client, world.a, offer["id"], word, "cashier")).status_code == 403
            assert (await answer(client, world.a, offer["id"], word, "branch_receptionist")).status_code == 404

    async def test_sweep_finds_what_was_freed_without_a_word(
        self, client: Client, world: World, full: list[Any], people: list[UUID], relay_once: Once, owner: Owner,
        work: Any,
    ) -> None:  # fmt: skip
        await joined(client, world.a, people[12])
        await relay_once()
        await owner.execute("UPDATE appointments SET status = 'cancelled' WHERE id = $1", UUID(full[7]["id"]))
        await sweep_waitlists(work)
        assert set(await offered(client, world.a)) == {str(people[12])}


class TestTogether:
    async def test_two_freed_places_and_ten_waiting(
        self, client: Client, world: World, full: list[Any], people: list[UUID], relay_once: Once, owner: Owner
    ) -> None:
        """Both freed at once, and both events delivered at once: two offers, to the first two, one place each."""
        for one in people[12:22]:
            await joined(client, world.a, one)
        await relay_once()
        await asyncio.gather(*(cancel(client, world.a, full[n]) for n in (4, 8)))
        await relay_once()
        held = await offered(client, world.a)
        assert set(held) == {str(people[12]), str(people[13])}
        assert {one["starts_at"] for one in held.values()} == {full[4]["starts_at"], full[8]["starts_at"]}

    async def test_offering_at_the_same_time_offers_each_place_once(
        self, client: Client, world: World, full: list[Any], people: list[UUID], relay_once: Once, owner: Owner,
        system: Any,
    ) -> None:  # fmt: skip
        for one in people[12:22]:
            await joined(client, world.a, one)
        await relay_once()
        for n in (4, 8):
            await owner.execute("UPDATE appointments SET status = 'cancelled' WHERE id = $1", UUID(full[n]["id"]))

        async def offer_once() -> int:
            async with system(world.a) as ctx:
                return len(await offers.offer_free_places(ctx, world.a.main))

        made = await asyncio.gather(*(offer_once() for _ in range(6)))
        assert sum(made) == 2
        rows = await owner.fetch("SELECT entry_id, starts_at FROM waitlist_offers WHERE status = 'offered'")
        assert len({row["entry_id"] for row in rows}) == len({row["starts_at"] for row in rows}) == len(rows) == 2

    async def test_booked_by_another_or_offered_never_both(
        self, client: Client, world: World, full: list[Any], people: list[UUID], relay_once: Once, owner: Owner,
        system: Any,
    ) -> None:  # fmt: skip
        await joined(client, world.a, people[12])
        await relay_once()
        await owner.execute("UPDATE appointments SET status = 'cancelled' WHERE id = $1", UUID(full[4]["id"]))

        async def offer_once() -> int:
            async with system(world.a) as ctx:
                return len(await offers.offer_free_places(ctx, world.a.main))

        outcome = await asyncio.gather(
            offer_once(),
            *(book(client, world.a, patient_id=one, starts_at=full[4]["starts_at"]) for one in people[13:20]),
        )
        made = outcome[0] + sum(1 for one in outcome[1:] if one.status_code == 201)
        assert made == 1
        assert Counter(one.status_code for one in outcome[1:])[409] >= 6

    @pytest.mark.parametrize(("is_locked", "both"), [(True, 1), (False, 2)])
    async def test_lock_alone_keeps_bookings_from_offers(
        self, client: Client, world: World, full: list[Any], people: list[UUID], relay_once: Once, owner: Owner,
        system: Any, monkeypatch: pytest.MonkeyPatch, is_locked: bool, both: int,
    ) -> None:  # fmt: skip
        """Someone books between the look and the offer. Without the lock, the control, the place has two."""
        write, has_looked, is_booked = offers._offer, asyncio.Event(), asyncio.Event()

        async def slowly(*told: Any) -> Any:
            has_looked.set()
            with suppress(TimeoutError):  # behind the lock the booking waits for this offer
                async with asyncio.timeout(0.4 if is_locked else 60):
                    await is_booked.wait()
            return await write(*told)

        async def nothing(*_: Any) -> None: ...

        monkeypatch.setattr(offers, "_offer", slowly)
        if not is_locked:
            monkeypatch.setattr(offers, "advisory_locks", nothing)
        await joined(client, world.a, people[12])
        await relay_once()
        await owner.execute("UPDATE appointments SET status = 'cancelled' WHERE id = $1", UUID(full[4]["id"]))

        async def offer_once() -> int:
            async with system(world.a) as ctx:
                return len(await offers.offer_free_places(ctx, world.a.main))

        async def book_meanwhile() -> int:
            await has_looked.wait()
            answer_ = await book(client, world.a, patient_id=people[13], starts_at=full[4]["starts_at"])
            is_booked.set()
            return int(answer_.status_code == 201)

        assert sum(await asyncio.gather(offer_once(), book_meanwhile())) == both

    @pytest.mark.parametrize("tries", range(4))
    async def test_offer_lapses_while_it_is_accepted(
        self, client: Client, world: World, full: list[Any], people: list[UUID], relay_once: Once, owner: Owner,
        clock: FixedClock, system: Any, tries: int,
    ) -> None:  # fmt: skip
        """At the last moment: the patient accepts by a clock that is a little behind the job's. One of them wins."""
        await joined(client, world.a, people[12])
        await cancel(client, world.a, full[5])
        await relay_once()
        offer = (await offered(client, world.a))[str(people[12])]

        async def lapse_now() -> bool:
            async with system(world.a) as ctx:
                ctx.clock = FixedClock(datetime.fromisoformat(offer["expires_at"]))
                return await offers.lapse(ctx, UUID(offer["id"]))

        accepted, lapsed, again = await asyncio.gather(
            answer(client, world.a, offer["id"], "accept"), lapse_now(),
            answer(client, world.a, offer["id"], "accept", "hospital_admin"),
        )  # fmt: skip
        won = [one.status_code for one in (accepted, again)].count(201)
        assert won + lapsed == 1
        held = await owner.fetchval(
            "SELECT count(*) FROM appointments WHERE patient_id = $1 AND status = 'booked'", people[12]
        )
        assert held == won
        status = await owner.fetchval("SELECT status FROM waitlist_offers WHERE id = $1", UUID(offer["id"]))
        assert status == ("accepted" if won else "lapsed")

    async def test_offer_made_twice_is_refused_by_the_schema(
        self, client: Client, world: World, full: list[Any], people: list[UUID], relay_once: Once, owner: Owner
    ) -> None:
        await joined(client, world.a, people[12])
        entry = await joined(client, world.a, people[13])
        await cancel(client, world.a, full[5])
        await relay_once()
        with pytest.raises(asyncpg.ExclusionViolationError):
            await owner.execute(
                """INSERT INTO waitlist_offers
                   SELECT (jsonb_populate_record(
                       o, jsonb_build_object('id', gen_random_uuid(), 'entry_id', $1::text)
                   )).*
                   FROM waitlist_offers o""",
                entry["id"],
            )
