"""Visits that come again: previewed, booked in one transaction, changed and cancelled from one of them on."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg
import httpx2
import pytest

from arogya.modules.scheduling.series.recurrence import MOST, moved, times
from arogya.platform.clock import FixedClock
from tests.factories.scheduling import (
    KOLKATA,
    MONDAY,
    TUESDAY,
    add_exception,
    at,
    booked,
    slots,
    step,
    stranger,
)
from tests.modules.scheduling.test_holds import code, held
from tests.modules.scheduling.test_races import app, codes, deadlocks, race  # noqa: F401 - app: fifty connections
from tests.world import Hospital, World

Client = httpx2.AsyncClient
Owner = asyncpg.Connection
NEW_YORK = ZoneInfo("America/New_York")
TUESDAYS = ["2026-11-24", "2026-12-01", "2026-12-08", "2026-12-15"]
TENS = [at(day, "10:00") for day in TUESDAYS]


def days(found: list[datetime], zone: ZoneInfo = KOLKATA) -> list[str]:
    return [f"{one.astimezone(zone):%m-%d %H:%M}" for one in found]


class TestTimes:
    FIRST = datetime(2026, 10, 26, 4, 30, tzinfo=UTC)

    def test_weeks_days_and_how_many(self) -> None:
        assert days(times(self.FIRST, KOLKATA, "week", 2, how_many=3, until=None)) == [
            "10-26 10:00", "11-09 10:00", "11-23 10:00",
        ]  # fmt: skip
        assert days(times(self.FIRST, KOLKATA, "day", 10, how_many=None, until=date(2026, 11, 15))) == [
            "10-26 10:00", "11-05 10:00", "11-15 10:00",
        ]  # fmt: skip

    def test_month_without_that_day_has_it_on_its_last(self) -> None:
        first = datetime(2027, 1, 31, 4, 30, tzinfo=UTC)
        assert days(times(first, KOLKATA, "month", 1, how_many=4, until=None)) == [
            "01-31 10:00", "02-28 10:00", "03-31 10:00", "04-30 10:00",
        ]  # fmt: skip

    def test_clocks_may_change_the_wall_does_not(self) -> None:
        first = datetime(2026, 10, 26, 13, 0, tzinfo=UTC)
        found = times(first, NEW_YORK, "week", 1, how_many=2, until=None)
        assert days(found, NEW_YORK) == ["10-26 09:00", "11-02 09:00"]
        assert [one.hour for one in found] == [13, 14]

    def test_never_more_than_most(self) -> None:
        assert len(times(self.FIRST, KOLKATA, "day", 1, how_many=None, until=date(2030, 1, 1))) == MOST

    def test_each_goes_as_far_as_the_first_did(self) -> None:
        before, after = datetime(2026, 10, 26, 13, 0, tzinfo=UTC), datetime(2026, 10, 28, 14, 30, tzinfo=UTC)
        went = moved(datetime(2026, 11, 2, 14, 0, tzinfo=UTC), before, after, NEW_YORK)
        assert f"{went.astimezone(NEW_YORK):%m-%d %H:%M}" == "11-04 10:30"


def a_series(hospital: Hospital, **told: Any) -> dict[str, Any]:
    body = {
        "patient_id": hospital.patient, "practitioner_id": hospital.practitioner, "facility_id": hospital.main,
        "unit": "week", **told,
    }  # fmt: skip
    return {name: str(value) if isinstance(value, UUID) else value for name, value in body.items()}


async def preview(client: Client, hospital: Hospital, who: str = "receptionist", **told: Any) -> httpx2.Response:
    body = a_series(hospital, **{"starts_at": TENS[0], **told})
    return await client.post("/api/appointment-series/preview", json=body, headers=hospital.as_(who))


async def book(
    client: Client, hospital: Hospital, who: str = "receptionist", key: str | None = None, **told: Any
) -> httpx2.Response:
    body = a_series(hospital, **{"starts": TENS, **told})
    return await client.post("/api/appointment-series", json=body, headers=hospital.as_(who, key))


async def made(client: Client, hospital: Hospital, **told: Any) -> Any:
    response = await book(client, hospital, **told)
    assert response.status_code == 201, response.text
    return response.json()


async def change(
    client: Client, hospital: Hospital, series: Any, step: str, nth: int, scope: str, who: str = "receptionist",
    **told: Any,
) -> httpx2.Response:  # fmt: skip
    body = {"appointment_id": series["appointments"][nth]["id"], "scope": scope, **told}
    return await client.post(f"/api/appointment-series/{series['id']}/{step}", json=body, headers=hospital.as_(who))


def states(series: Any) -> list[tuple[str, str]]:
    return [(one["starts_at"], one["status"]) for one in series["appointments"]]


class TestPreview:
    async def test_says_what_is_free_and_what_near_it_is(self, client: Client, world: World, owner: Owner) -> None:
        await booked(client, world.a, patient_id=world.a.other_patient, starts_at=TENS[1])
        await add_exception(client, world.a, starts_at=at("2026-12-08", "00:00"), ends_at=at("2026-12-09", "00:00"))
        items = (await preview(client, world.a, count=4)).json()["items"]
        assert [(one["starts_at"], one["code"]) for one in items] == list(
            zip(TENS, [None, "slot_taken", "practitioner_on_leave", None], strict=True)
        )
        assert [one["starts_at"] for one in items[1]["proposals"]] == [
            at("2026-12-01", "09:40"), at("2026-12-01", "10:20"), at("2026-12-01", "09:20"),
        ]  # fmt: skip
        assert items[2]["proposals"][0]["starts_at"][:10] in {"2026-12-07", "2026-12-09"}
        assert await owner.fetchval("SELECT count(*) FROM appointment_series") == 0

    async def test_until_a_day_and_on_sundays(self, client: Client, world: World) -> None:
        items = (await preview(client, world.a, unit="day", until="2026-11-30")).json()["items"]
        assert [one["code"] for one in items] == [None] * 5 + ["no_such_slot", None], "Sunday has no session"

    async def test_patients_own_visit_stands_in_the_way(self, client: Client, world: World) -> None:
        await booked(client, world.a, starts_at=TENS[2])
        items = (await preview(client, world.a, count=3)).json()["items"]
        assert items[2]["code"] == "slot_taken"

    async def test_ones_own_hold_does_not(self, client: Client, world: World) -> None:
        await held(client, world.a, starts_at=TENS[0], patient_id=world.a.patient)
        assert (await preview(client, world.a, count=2)).json()["items"][0]["code"] is None
        assert (await preview(client, world.a, "doctor", count=2)).json()["items"][0]["code"] == "slot_taken"

    @pytest.mark.parametrize("told", [{}, {"count": 3, "until": "2026-12-30"}, {"count": 1}, {"count": MOST + 1}])
    async def test_asks_that_make_no_sense(self, client: Client, world: World, told: dict[str, Any]) -> None:
        assert code(await preview(client, world.a, **told)) == (422, "invalid")

    async def test_series_are_the_desks(self, client: Client, world: World) -> None:
        assert code(await preview(client, world.a, "patient", count=2)) == (403, "forbidden")
        assert code(await book(client, world.a, "patient")) == (403, "forbidden")
        assert code(await book(client, world.a, "nurse")) == (403, "forbidden")


class TestBooked:
    async def test_all_at_once(self, client: Client, world: World, owner: Owner) -> None:
        series = await made(client, world.a, reason="Dressing")
        assert states(series) == [(ten, "booked") for ten in TENS]
        assert {one["series_id"] for one in series["appointments"]} == {series["id"]}
        events = await owner.fetch("SELECT name FROM outbox_events WHERE topic = 'appointments' ORDER BY id")
        assert [row["name"] for row in events] == ["AppointmentBooked"] + ["SeriesVisitBooked"] * 3

    async def test_all_or_none(self, client: Client, world: World, owner: Owner) -> None:
        await booked(client, world.a, patient_id=world.a.other_patient, starts_at=TENS[1])
        refused = await book(client, world.a)
        assert code(refused) == (409, "series_conflicts")
        assert refused.json()["conflicts"] == [{"starts_at": TENS[1], "code": "slot_taken"}]
        assert await owner.fetchval("SELECT count(*) FROM appointments") == 1
        assert await owner.fetchval("SELECT count(*) FROM appointment_series") == 0

    async def test_only_the_free_ones_as_chosen(self, client: Client, world: World) -> None:
        await booked(client, world.a, patient_id=world.a.other_patient, starts_at=TENS[1])
        series = await made(client, world.a, only_free=True)
        assert [one["starts_at"] for one in series["appointments"]] == [TENS[0], *TENS[2:]]
        assert series["left_out"] == [{"starts_at": TENS[1], "code": "slot_taken"}]
        assert series["count"] == 4

    async def test_nothing_free_is_no_series(self, client: Client, world: World) -> None:
        sundays = [at("2026-11-29", "10:00"), at("2026-12-06", "10:00")]
        assert code(await book(client, world.a, starts=sundays, only_free=True)) == (409, "series_conflicts")

    async def test_proposal_in_place_of_what_is_taken(self, client: Client, world: World) -> None:
        await booked(client, world.a, patient_id=world.a.other_patient, starts_at=TENS[1])
        instead = [TENS[0], at("2026-12-01", "10:20"), *TENS[2:]]
        assert [one["starts_at"] for one in (await made(client, world.a, starts=instead))["appointments"]] == instead

    async def test_hold_of_the_first_is_used_up(self, client: Client, world: World, owner: Owner) -> None:
        kept = await held(client, world.a, starts_at=TENS[0], patient_id=world.a.patient)
        await made(client, world.a, hold_id=kept["id"])
        assert await owner.fetchval("SELECT count(*) FROM holds") == 0

    async def test_same_key_one_series(self, client: Client, world: World, owner: Owner) -> None:
        answers = [await book(client, world.a, key="a-series") for _ in range(2)]
        assert len({one.json()["id"] for one in answers}) == 1
        assert await owner.fetchval("SELECT count(*) FROM appointments") == 4

    async def test_one_time_twice_is_no_series(self, client: Client, world: World) -> None:
        assert code(await book(client, world.a, starts=[TENS[0], TENS[0]])) == (422, "invalid")

    async def test_two_series_across_each_other(
        self, client: Client, world: World, owner: Owner, postgres: Any, config: Any
    ) -> None:
        """Forwards and backwards, for two patients: one gets all of it, nobody else any, and none waits for ever."""
        patients = [world.a.patient, world.a.other_patient]
        tries = [
            lambda n=n: book(client, world.a, patient_id=patients[n % 2], starts=TENS[:: 1 if n % 2 else -1])
            for n in range(20)
        ]
        counted = codes(await race(tries))
        assert counted == {"booked": 1, "409 series_conflicts": 19}
        assert await owner.fetchval("SELECT count(*) FROM appointments") == 4
        assert await deadlocks(postgres, config) == 0


class TestRead:
    async def test_patients_see_their_own(self, client: Client, world: World) -> None:
        series = await made(client, world.a)
        read = await client.get(f"/api/appointment-series/{series['id']}", headers=world.a.as_("patient"))
        assert states(read.json()) == states(series)
        others = await made(client, world.a, patient_id=world.a.other_patient, starts=[
            at(day, "11:00") for day in TUESDAYS
        ])  # fmt: skip
        refused = await client.get(f"/api/appointment-series/{others['id']}", headers=world.a.as_("patient"))
        assert code(refused) == (404, "not_found")

    async def test_another_hospitals_is_not_there(self, client: Client, world: World) -> None:
        series = await made(client, world.a)
        for who in (world.b.as_("receptionist"), world.b.as_("hospital_admin")):
            assert code(await client.get(f"/api/appointment-series/{series['id']}", headers=who)) == (404, "not_found")

    async def test_reading_leaves_an_audit_row(self, client: Client, world: World, owner: Owner) -> None:
        series = await made(client, world.a)
        query = "SELECT count(*) FROM audit_entries WHERE action = 'search' AND route LIKE '%appointment-series%'"
        before = await owner.fetchval(query)
        await client.get(f"/api/appointment-series/{series['id']}", headers=world.a.as_("doctor"))
        assert await owner.fetchval(query) == before + 1


class TestCancelled:
    @pytest.mark.parametrize(
        ("scope", "expected"),
        [
            ("this", ["booked", "cancelled", "booked", "booked"]),
            ("following", ["booked", "cancelled", "cancelled", "cancelled"]),
            ("all", ["cancelled"] * 4),
        ],
    )
    async def test_as_far_as_was_said(self, client: Client, world: World, scope: str, expected: list[str]) -> None:
        series = await made(client, world.a)
        after = await change(client, world.a, series, "cancel", 1, scope, reason="Feels better")
        assert [status for _, status in states(after.json())] == expected

    async def test_what_was_is_left_alone(self, client: Client, world: World, clock: FixedClock) -> None:
        series = await made(client, world.a)
        clock.at = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)
        after = await change(client, world.a, series, "cancel", 3, "all", reason="Moved away")
        assert [status for _, status in states(after.json())] == ["booked"] + ["cancelled"] * 3

    async def test_patients_cancel_their_own_within_the_rules(
        self, client: Client, world: World, clock: FixedClock
    ) -> None:
        series = await made(client, world.a)
        clock.at = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
        late = await change(client, world.a, series, "cancel", 0, "following", "patient", reason="No time")
        assert code(late) == (409, "too_late_to_change")
        after = await change(client, world.a, series, "cancel", 1, "following", "patient", reason="No time")
        assert [status for _, status in states(after.json())] == ["booked"] + ["cancelled"] * 3

    async def test_visit_of_no_or_another_series_is_refused(self, client: Client, world: World) -> None:
        series = await made(client, world.a)
        alone = await booked(client, world.a, starts_at=at(TUESDAY, "12:00"))
        body = {"appointment_id": alone["id"], "scope": "all", "reason": "x"}
        path = f"/api/appointment-series/{series['id']}/cancel"
        assert code(await client.post(path, json=body, headers=world.a.as_("receptionist"))) == (404, "not_found")
        body["appointment_id"] = series["appointments"][0]["id"]
        path = f"/api/appointment-series/{stranger()}/cancel"
        assert code(await client.post(path, json=body, headers=world.a.as_("receptionist"))) == (404, "not_found")


class TestMoved:
    async def test_this_and_following_go_as_far(self, client: Client, world: World) -> None:
        series = await made(client, world.a)
        after = (
            await change(client, world.a, series, "move", 1, "following", starts_at=at("2026-12-02", "11:20"))
        ).json()
        assert states(after) == [
            (TENS[0], "booked"), (at("2026-12-02", "11:20"), "booked"), (at("2026-12-09", "11:20"), "booked"),
            (at("2026-12-16", "11:20"), "booked"),
        ]  # fmt: skip
        assert {one["series_id"] for one in after["appointments"]} == {series["id"]}

    async def test_daily_series_moves_into_its_own_places(self, client: Client, world: World) -> None:
        each = ["2026-11-24", "2026-11-25", "2026-11-26"]
        series = await made(client, world.a, unit="day", starts=[at(day, "10:00") for day in each])
        later = await change(client, world.a, series, "move", 0, "all", starts_at=at("2026-11-25", "10:00"))
        assert [one["starts_at"][:10] for one in later.json()["appointments"]] == [*each[1:], "2026-11-27"]
        back = await change(client, world.a, later.json(), "move", 0, "all", starts_at=at("2026-11-24", "10:00"))
        assert [one["starts_at"][:10] for one in back.json()["appointments"]] == each

    async def test_all_or_only_the_free_ones(self, client: Client, world: World) -> None:
        series = await made(client, world.a)
        await booked(client, world.a, patient_id=world.a.other_patient, starts_at=at("2026-12-08", "11:00"))
        told = {"starts_at": at(TUESDAY, "11:00")}
        refused = await change(client, world.a, series, "move", 0, "all", **told)
        assert code(refused) == (409, "series_conflicts")
        assert refused.json()["conflicts"] == [{"starts_at": at("2026-12-08", "11:00"), "code": "slot_taken"}]
        same = await client.get(f"/api/appointment-series/{series['id']}", headers=world.a.as_("receptionist"))
        assert states(same.json()) == states(series), "nothing was moved"
        after = (await change(client, world.a, series, "move", 0, "all", only_free=True, **told)).json()
        assert [one["starts_at"] for one in after["appointments"]] == [
            at(day, "10:00" if day == "2026-12-08" else "11:00") for day in TUESDAYS
        ]
        assert after["left_out"] == [{"starts_at": at("2026-12-08", "11:00"), "code": "slot_taken"}]

    async def test_this_one_moved_alone_stays_of_the_series(self, client: Client, world: World) -> None:
        series = await made(client, world.a)
        one = series["appointments"][2]["id"]
        await step(client, world.a, "receptionist", one, "reschedule", starts_at=at("2026-12-09", "09:00"))
        read = (await client.get(f"/api/appointment-series/{series['id']}", headers=world.a.as_("patient"))).json()
        assert [one["starts_at"] for one in read["appointments"]][2] == at("2026-12-09", "09:00")
        assert len(read["appointments"]) == 4

    async def test_patients_move_one_by_one_only(self, client: Client, world: World) -> None:
        series = await made(client, world.a)
        refused = await change(client, world.a, series, "move", 0, "all", "patient", starts_at=at(MONDAY, "11:00"))
        assert code(refused) == (403, "forbidden")
        assert all(slot["free"] for slot in await slots(client, world.a, TUESDAY) if slot["starts_at"] != TENS[0])
