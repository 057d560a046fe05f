"""Schedules, leave, holidays and extra sessions, and the booking rules."""

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID

import asyncpg
import httpx2
import pytest

from arogya.modules.scheduling import api as scheduling
from arogya.modules.scheduling.booking_rules import Rules
from arogya.modules.scheduling.models import BookingRules
from arogya.modules.scheduling.schedules import exceptions as schedules_exceptions
from arogya.modules.scheduling.schedules import service as schedules
from arogya.modules.scheduling.schedules.schemas import CreateException, CreateSchedule
from arogya.platform.access import Actor, Context, Scope
from arogya.platform.clock import FixedClock
from arogya.platform.database import Database
from arogya.platform.errors import Forbidden
from arogya.policy import Permission
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
    moment,
    slots,
    step,
    stranger,
)
from tests.modules.answers import refusal
from tests.world import World

Client = httpx2.AsyncClient
Owner = asyncpg.Connection

MORNING = {"weekday": 1, "starts": "09:00", "ends": "12:00"}


async def read(client: Client, world: World, schedule_id: str) -> httpx2.Response:
    return await client.get(f"/api/schedules/{schedule_id}", headers=world.a.as_("receptionist"))


async def change(
    client: Client, world: World, schedule_id: str, etag: str | None = None, **told: Any
) -> httpx2.Response:
    headers = world.a.as_("hospital_admin") | ({"If-Match": etag} if etag else {})
    return await client.patch(f"/api/schedules/{schedule_id}", json=told, headers=headers)


class TestSchedules:
    async def test_made_read_and_listed_with_sessions_as_they_were_told(self, client: Client, world: World) -> None:
        made = await add_schedule(client, world.a, facility_id=world.a.branch, valid_to="2027-03-31")
        assert made.status_code == 201
        assert made.headers["etag"] == '"1"'
        body = made.json()
        assert body["sessions"] == [{"weekday": 0, "starts": "15:00", "ends": "18:00"}]
        assert (body["practitioner_name"], body["valid_from"], body["valid_to"]) == (
            "Dr Kavita Iyer", MONDAY, "2027-03-31",
        )  # fmt: skip
        assert (await read(client, world, body["id"])).json() == body
        listed = await client.get(
            f"/api/schedules?practitioner_id={world.a.practitioner}", headers=world.a.as_("receptionist")
        )
        assert listed.json()["total"] == 2
        assert body in listed.json()["items"]
        at_branch = await client.get(f"/api/schedules?facility_id={world.a.branch}", headers=world.a.as_("nurse"))
        assert [one["id"] for one in at_branch.json()["items"]] == [body["id"]]

    @pytest.mark.parametrize(
        ("told", "field"),
        [
            ({"sessions": [{"weekday": 7, "starts": "09:00", "ends": "10:00"}]}, "sessions.0.weekday"),
            ({"sessions": [{"weekday": 0, "starts": "09:00", "ends": "09:00"}]}, "sessions.0"),
            ({"sessions": [{"weekday": 0, "starts": "09:00:30", "ends": "10:00"}]}, "sessions.0.starts"),
            ({"sessions": [{"weekday": 0, "starts": "25:00", "ends": "10:00"}]}, "sessions.0.starts"),
            ({"slot_minutes": 4}, "slot_minutes"),
            ({"slot_minutes": 15.5}, "slot_minutes"),
            ({"places": 0}, "places"),
            ({"places": 501}, "places"),
            ({"kind": "both"}, "kind"),
            ({"valid_from": "2026-12-02", "valid_to": "2026-12-01"}, "body"),
            ({"valid_from": "0001-01-01"}, "valid_from"),
            ({"colour": "red"}, "colour"),
        ],
    )
    async def test_what_makes_no_sense_is_refused_by_its_field(
        self, client: Client, world: World, told: dict[str, Any], field: str
    ) -> None:
        response = await add_schedule(client, world.a, **told)
        assert response.status_code == 422
        assert response.json()["fields"][0]["name"] == field

    async def test_unknown_doctor_and_branch_are_not_found(self, client: Client, world: World) -> None:
        for told in ({"practitioner_id": stranger()}, {"facility_id": stranger()}, {"facility_id": world.b.main},
                     {"practitioner_id": world.b.practitioner}):  # fmt: skip
            assert refusal(await add_schedule(client, world.a, **told)) == (404, "not_found")

    async def test_sessions_of_one_doctor_never_overlap(self, client: Client, world: World) -> None:
        overlapping = {"sessions": [{"weekday": 0, "starts": "12:30", "ends": "14:00"}]}
        response = await add_schedule(client, world.a, **overlapping)
        assert refusal(response) == (409, "sessions_overlap")
        assert str(world.a.schedule) in response.json()["schedule_ids"]
        elsewhere = await add_schedule(client, world.a, facility_id=world.a.branch, **overlapping)
        assert refusal(elsewhere) == (409, "sessions_overlap"), "a doctor is in one place at a time"
        touching = {"sessions": [{"weekday": 0, "starts": "13:00", "ends": "14:00"}]}
        assert (await add_schedule(client, world.a, **touching)).status_code == 201
        colleague = await add_schedule(
            client, world.a, practitioner_id=world.a.other_practitioner,
            sessions=[{"weekday": 0, "starts": "12:30", "ends": "14:00"}],
        )  # fmt: skip
        assert colleague.status_code == 201, "two doctors may sit at once"

    async def test_sessions_of_one_schedule_never_overlap_either(self, client: Client, world: World) -> None:
        twice = [{"weekday": 2, "starts": "15:00", "ends": "17:00"}, {"weekday": 2, "starts": "16:30", "ends": "18:00"}]
        assert refusal(await add_schedule(client, world.a, sessions=twice)) == (409, "sessions_overlap")

    async def test_night_session_overlaps_the_next_mornings(self, client: Client, world: World) -> None:
        night = {"sessions": [{"weekday": 0, "starts": "22:00", "ends": "09:30"}]}
        assert refusal(await add_schedule(client, world.a, **night)) == (409, "sessions_overlap")
        shorter = {"sessions": [{"weekday": 0, "starts": "22:00", "ends": "09:00"}]}
        assert (await add_schedule(client, world.a, **shorter)).status_code == 201

    async def test_schedules_of_different_times_may_share_an_hour(self, client: Client, world: World) -> None:
        first = await add_schedule(client, world.a, valid_to="2026-12-31")
        assert refusal(await add_schedule(client, world.a, valid_from="2026-12-28")) == (409, "sessions_overlap")
        second = await add_schedule(client, world.a, valid_from="2027-01-01")
        assert (first.status_code, second.status_code) == (201, 201)
        stretched = await change(client, world, first.json()["id"], valid_to="2027-01-04")
        assert refusal(stretched) == (409, "sessions_overlap")

    async def test_overlap_years_ahead_is_found(self, client: Client, world: World) -> None:
        assert (await add_schedule(client, world.a, valid_from="2030-01-01")).status_code == 201
        assert refusal(await add_schedule(client, world.a, valid_from="2029-01-01")) == (409, "sessions_overlap")

    async def test_two_who_add_at_once_do_not_overlap(self, client: Client, world: World) -> None:
        both = await asyncio.gather(*(add_schedule(client, world.a) for _ in range(2)))
        assert sorted(response.status_code for response in both) == [201, 409]

    async def test_change_replaces_sessions_and_counts_the_version(self, client: Client, world: World) -> None:
        made = (await add_schedule(client, world.a)).json()
        friday = [{"weekday": 4, "starts": "15:00", "ends": "16:00"}]
        changed = await change(client, world, made["id"], '"1"', sessions=friday)
        assert (changed.status_code, changed.json()["sessions"], changed.headers["etag"]) == (200, friday, '"2"')
        stale = await change(client, world, made["id"], '"1"', slot_minutes=30)
        assert refusal(stale) == (412, "changed_meanwhile")
        assert (await read(client, world, made["id"])).json()["slot_minutes"] == 20

    @pytest.mark.parametrize("told", [{"slot_minutes": None}, {"valid_from": None}, {"valid_to": "2020-01-01"}])
    async def test_change_that_makes_no_sense_is_refused(
        self, client: Client, world: World, told: dict[str, Any]
    ) -> None:
        made = (await add_schedule(client, world.a)).json()
        response = await change(client, world, made["id"], **told)
        assert refusal(response) == (422, "invalid")
        assert response.json()["fields"][0]["name"] == next(iter(told))

    async def test_change_keeps_bookings_and_new_slots_see_them(self, client: Client, world: World) -> None:
        made = await booked(client, world.a, starts_at=at(TUESDAY, "10:20"))
        await change(client, world, str(world.a.schedule), slot_minutes=30)
        found = {s["starts_at"]: s["status"] for s in await slots(client, world.a)}
        assert found[at(TUESDAY, "10:00")] == "busy", "10:20 to 10:40 touches both half hours"
        assert found[at(TUESDAY, "10:30")] == "busy"
        assert found[at(TUESDAY, "11:00")] == "free"
        kept = await client.get(f"/api/appointments/{made['id']}", headers=world.a.as_("receptionist"))
        assert kept.json()["status"] == "booked"

    async def test_deactivated_schedule_has_no_slots_until_it_comes_back(self, client: Client, world: World) -> None:
        url, admin = f"/api/schedules/{world.a.schedule}", world.a.as_("hospital_admin")
        made = await booked(client, world.a)
        assert (await client.delete(url, headers=admin)).status_code == 204
        assert await slots(client, world.a) == []
        response = await book(client, world.a, patient_id=world.a.other_patient, starts_at=at(TUESDAY, "11:00"))
        assert refusal(response) == (422, "no_such_slot")
        cancelled = await step(client, world.a, "receptionist", made["id"], "cancel", reason="Elsewhere")
        assert cancelled.status_code == 200
        active = await client.get(f"/api/schedules?practitioner_id={world.a.practitioner}", headers=admin)
        assert active.json()["total"] == 0
        inactive = await client.get("/api/schedules?is_active=false", headers=admin)
        assert [one["id"] for one in inactive.json()["items"]] == [str(world.a.schedule)]
        back = await client.post(f"{url}/reactivate", headers=admin)
        assert (back.status_code, back.json()["is_active"]) == (200, True)
        assert len(await slots(client, world.a)) == 12

    async def test_reactivation_does_not_overlap_who_sits_there_now(self, client: Client, world: World) -> None:
        url, admin = f"/api/schedules/{world.a.schedule}", world.a.as_("hospital_admin")
        await client.delete(url, headers=admin)
        assert (await add_schedule(client, world.a, sessions=[MORNING])).status_code == 201
        assert refusal(await client.post(f"{url}/reactivate", headers=admin)) == (409, "sessions_overlap")

    @pytest.mark.parametrize("who", ["receptionist", "doctor", "patient", "nurse"])
    async def test_only_who_manages_schedules_changes_them(self, client: Client, world: World, who: str) -> None:
        headers = world.a.as_(who)
        body = {"practitioner_id": str(world.a.practitioner), "facility_id": str(world.a.main), "sessions": []}
        tries = [
            await client.post("/api/schedules", json=body, headers=headers),
            await client.patch(f"/api/schedules/{world.a.schedule}", json={"places": 9}, headers=headers),
            await client.delete(f"/api/schedules/{world.a.schedule}", headers=headers),
            await client.post(f"/api/schedules/{world.a.schedule}/reactivate", headers=headers),
            await add_exception(client, world.a, who),
            await client.put("/api/booking-rules", json={"days_ahead": 9}, headers=headers),
        ]
        assert {response.status_code for response in tries} == {403}

    async def test_another_hospitals_schedule_is_not_there(self, client: Client, world: World) -> None:
        admin = world.b.as_("hospital_admin")
        url = f"/api/schedules/{world.a.schedule}"
        tries = [
            await client.get(url, headers=admin), await client.patch(url, json={"places": 2}, headers=admin),
            await client.delete(url, headers=admin), await client.post(f"{url}/reactivate", headers=admin),
        ]  # fmt: skip
        assert {response.status_code for response in tries} == {404}
        listed = await client.get("/api/schedules?all=true&limit=200", headers=admin)
        assert str(world.a.schedule) not in {one["id"] for one in listed.json()["items"]}

    async def test_change_is_audited_and_heard_of(self, client: Client, world: World, owner: Owner) -> None:
        made = (await add_schedule(client, world.a)).json()
        events = await owner.fetch("SELECT name, topic, payload->>'practitioner_id' AS who FROM outbox_events")
        assert [tuple(row) for row in events] == [("ScheduleChanged", "schedules", str(world.a.practitioner))]
        action, ids = await owner.fetchrow("SELECT action, entity_ids FROM audit_entries WHERE entity = 'schedule'")
        assert (action, ids) == ("create", [UUID(made["id"])])


class TestBranchScope:
    async def test_desk_of_one_branch_reads_its_own_and_what_is_everywhere(self, client: Client, world: World) -> None:
        branch = (await add_schedule(client, world.a, facility_id=world.a.branch)).json()
        desk = world.a.as_("branch_receptionist")
        listed = (await client.get("/api/schedules", headers=desk)).json()["items"]
        assert [one["id"] for one in listed] == [branch["id"]]
        assert (await client.get(f"/api/schedules/{world.a.schedule}", headers=desk)).status_code == 404
        everywhere = (await add_exception(client, world.a)).json()
        here = (await add_exception(client, world.a, facility_id=world.a.branch)).json()
        await add_exception(client, world.a, facility_id=world.a.main)
        listed = (await client.get("/api/schedule-exceptions", headers=desk)).json()["items"]
        assert {one["id"] for one in listed} == {everywhere["id"], here["id"]}

    # An administrator of one branch only, made by hand: the world has none.

    def context(self, world: World, database: Database, clock: FixedClock, session: Any) -> Context:
        scope = Scope(frozenset({world.a.branch}))
        grants = {permission.value: scope for permission in (Permission.SCHEDULE_MANAGE, Permission.SCHEDULE_READ)}
        actor = Actor("user", world.a.organization_id, world.a.users["hospital_admin"], grants=grants)
        return Context(actor, clock, "test", "test", database, session)

    async def test_manages_its_own_branch_only(
        self, world: World, database: Database, clock: FixedClock, in_tenant: Any
    ) -> None:
        wanted = CreateSchedule(practitioner_id=world.a.practitioner, facility_id=world.a.branch, sessions=[])
        leave = CreateException(
            kind="leave", practitioner_id=world.a.practitioner, facility_id=world.a.branch,
            starts_at=moment(TUESDAY, "00:00"), ends_at=moment(WEDNESDAY, "00:00"),
        )  # fmt: skip
        async with in_tenant(world.a.organization_id) as session:
            ctx = self.context(world, database, clock, session)
            await schedules.create(ctx, wanted)
            await schedules_exceptions.add(ctx, leave)
            with pytest.raises(Forbidden):
                await schedules.create(ctx, wanted.model_copy(update={"facility_id": world.a.main}))
            with pytest.raises(Forbidden):
                await schedules.find(ctx, world.a.schedule)
            with pytest.raises(Forbidden):
                await schedules_exceptions.add(ctx, leave.model_copy(update={"facility_id": world.a.main}))
            with pytest.raises(Forbidden):
                # The doctor sits at main, too.
                await schedules_exceptions.add(ctx, leave.model_copy(update={"facility_id": None}))


class TestExceptions:
    async def test_leave_names_the_open_bookings_inside_and_closes_the_slots(
        self, client: Client, world: World
    ) -> None:
        inside = await booked(client, world.a)
        gone = await booked(client, world.a, patient_id=world.a.other_patient, starts_at=at(TUESDAY, "11:00"))
        await step(client, world.a, "receptionist", gone["id"], "cancel", reason="Gave up")
        await booked(client, world.a, starts_at=at(WEDNESDAY, "10:00"))
        other_doctor = {"practitioner_id": world.a.other_practitioner, "starts_at": at(TUESDAY, "09:00")}
        await booked(client, world.a, patient_id=world.a.other_patient, **other_doctor)
        made = await add_exception(client, world.a, reason="Family wedding")
        assert made.status_code == 201
        assert made.json()["affected"] == [inside["id"]]
        assert {s["status"] for s in await slots(client, world.a)} == {"leave"}

    async def test_afternoon_off_leaves_the_morning(self, client: Client, world: World) -> None:
        await add_exception(client, world.a, starts_at=at(TUESDAY, "12:00"), ends_at=at(TUESDAY, "14:00"))
        found = [s["status"] for s in await slots(client, world.a)]
        assert found == ["free"] * 9 + ["leave"] * 3

    async def test_removed_leave_gives_the_time_back(self, client: Client, world: World) -> None:
        made = (await add_exception(client, world.a)).json()
        url = f"/api/schedule-exceptions/{made['id']}"
        assert (await client.delete(url, headers=world.a.as_("receptionist"))).status_code == 403
        assert (await client.delete(url, headers=world.b.as_("hospital_admin"))).status_code == 404
        assert (await client.delete(url, headers=world.a.as_("hospital_admin"))).status_code == 204
        assert {s["status"] for s in await slots(client, world.a)} == {"free"}
        listed = await client.get("/api/schedule-exceptions", headers=world.a.as_("receptionist"))
        assert listed.json()["total"] == 0

    async def test_holiday_closes_the_branch_for_all_its_doctors(self, client: Client, world: World) -> None:
        first = await booked(client, world.a)
        second = await booked(
            client, world.a, practitioner_id=world.a.other_practitioner, starts_at=at(TUESDAY, "09:00")
        )
        holiday = await add_exception(client, world.a, kind="holiday", practitioner_id=None, facility_id=world.a.main)
        assert holiday.json()["affected"] == [second["id"], first["id"]], "by time"
        for doctor in (world.a.practitioner, world.a.other_practitioner):
            assert {s["status"] for s in await slots(client, world.a, practitioner_id=str(doctor))} == {"leave"}

    async def test_extra_session_adds_slots_like_its_schedules(self, client: Client, world: World) -> None:
        sunday = "2026-11-29"
        assert await slots(client, world.a, sunday) == []
        told = {
            "kind": "extra", "practitioner_id": None, "schedule_id": world.a.schedule,
            "starts_at": at(sunday, "10:00"), "ends_at": at(sunday, "11:00"),
        }  # fmt: skip
        made = await add_exception(client, world.a, **told)
        assert made.status_code == 201, made.text
        assert (made.json()["practitioner_id"], made.json()["facility_id"]) == (
            str(world.a.practitioner), str(world.a.main),
        )  # fmt: skip
        found = await slots(client, world.a, sunday)
        assert [s["starts_at"] for s in found] == [at(sunday, wall) for wall in ("10:00", "10:20", "10:40")]
        assert (await book(client, world.a, starts_at=at(sunday, "10:20"))).status_code == 201
        again = await add_exception(client, world.a, **told | {"starts_at": at(sunday, "10:30")})
        assert refusal(again) == (409, "sessions_overlap")
        weekly = await add_exception(
            client, world.a, **told | {"starts_at": at(TUESDAY, "12:30"), "ends_at": at(TUESDAY, "14:00")}
        )
        assert refusal(weekly) == (409, "sessions_overlap")

    @pytest.mark.parametrize(
        "told",
        [
            {"practitioner_id": None},
            {"kind": "holiday", "practitioner_id": None},
            {"kind": "holiday", "facility_id": "main"},
            {"kind": "extra"},
            {"schedule_id": "schedule"},
            {"ends_at": at(TUESDAY, "00:00")},
            {"ends_at": at("2028-01-01", "00:00")},
            {"starts_at": "2026-11-24T00:00:00"},
            {"kind": "extra", "schedule_id": "schedule", "ends_at": at("2026-11-26", "00:00")},
            {"kind": "extra", "schedule_id": "schedule", "practitioner_id": "other_practitioner"},
            {"kind": "sickness"},
        ],
    )
    async def test_what_makes_no_sense_is_refused(self, client: Client, world: World, told: dict[str, Any]) -> None:
        named = {
            k: getattr(world.a, v) if k.endswith("_id") and isinstance(v, str) else v for k, v in told.items()
        }  # fmt: skip
        response = await add_exception(client, world.a, **named)
        assert refusal(response) == (422, "invalid")

    async def test_unknown_ids_are_not_found(self, client: Client, world: World) -> None:
        assert (await add_exception(client, world.a, practitioner_id=stranger())).status_code == 404
        assert (await add_exception(client, world.a, facility_id=stranger())).status_code == 404
        extra = {"kind": "extra", "practitioner_id": None, "starts_at": at(TUESDAY, "15:00")}
        extra["ends_at"] = at(TUESDAY, "16:00")
        assert (await add_exception(client, world.a, **extra, schedule_id=world.b.schedule)).status_code == 404

    async def test_listed_by_time_practitioner_and_branch(self, client: Client, world: World) -> None:
        leave = (await add_exception(client, world.a)).json()
        holiday = (
            await add_exception(
                client, world.a, kind="holiday", practitioner_id=None, facility_id=world.a.branch,
                starts_at=at("2026-12-25", "00:00"), ends_at=at("2026-12-26", "00:00"),
            )
        ).json()  # fmt: skip

        async def listed(**asked: Any) -> list[str]:
            response = await client.get("/api/schedule-exceptions", params=asked, headers=world.a.as_("doctor"))
            return [one["id"] for one in response.json()["items"]]

        assert await listed() == [leave["id"], holiday["id"]]
        assert await listed(**{"from": WEDNESDAY}) == [holiday["id"]]
        assert await listed(**{"from": TUESDAY, "to": TUESDAY}) == [leave["id"]]
        assert await listed(to=MONDAY) == []
        assert await listed(practitioner_id=str(world.a.practitioner)) == [leave["id"]]
        assert await listed(facility_id=str(world.a.branch)) == [leave["id"], holiday["id"]]
        assert await listed(facility_id=str(world.a.main)) == [leave["id"]]

    async def test_leave_against_bookings_at_once_misses_none(self, client: Client, world: World) -> None:
        """Each booking is either refused for the leave, or the leave names it."""
        walls = ["09:00", "09:20", "09:40", "10:00", "10:20", "10:40"]
        tries = [book(client, world.a, who, starts_at=at(TUESDAY, wall)) for wall in walls for who in ("doctor",)]
        leave, *bookings = await asyncio.gather(add_exception(client, world.a), *tries)
        made = {response.json()["id"] for response in bookings if response.status_code == 201}
        assert made == set(leave.json()["affected"])
        refused = [refusal(response) for response in bookings if response.status_code != 201]
        assert refused == [(409, "practitioner_on_leave")] * len(refused)


class TestRepeated:
    async def test_one_key_makes_one_schedule(self, client: Client, world: World, owner: Owner) -> None:
        answers = [await add_schedule(client, world.a, key="once") for _ in range(2)]
        assert [(one.status_code, one.headers["etag"]) for one in answers] == [(201, '"1"')] * 2
        assert answers[0].json() == answers[1].json()
        assert await owner.fetchval("SELECT count(*) FROM schedules") == 5, "four were there"
        other = await add_schedule(client, world.a, key="once", slot_minutes=30)
        assert refusal(other) == (422, "idempotency_key_reused")

    async def test_one_key_takes_one_leave_and_tells_who_is_inside_now(
        self, client: Client, world: World, owner: Owner
    ) -> None:
        inside = [await booked(client, world.a), await booked(client, world.a, patient_id=world.a.other_patient,
                                                              starts_at=at(TUESDAY, "11:00"))]  # fmt: skip
        first = await add_exception(client, world.a, key="once")
        assert first.json()["affected"] == [one["id"] for one in inside]
        await step(client, world.a, "receptionist", inside[0]["id"], "cancel", reason="Elsewhere")
        again = await add_exception(client, world.a, key="once")
        assert again.status_code == 201
        assert again.json() == {**first.json(), "affected": [inside[1]["id"]]}
        assert await owner.fetchval("SELECT count(*) FROM schedule_exceptions") == 1

    async def test_one_key_adds_one_extra_session(self, client: Client, world: World) -> None:
        extra = {
            "kind": "extra", "practitioner_id": None, "schedule_id": world.a.schedule,
            "starts_at": at(TUESDAY, "15:00"), "ends_at": at(TUESDAY, "17:00"),
        }  # fmt: skip
        answers = [await add_exception(client, world.a, key="once", **extra) for _ in range(2)]
        assert [one.status_code for one in answers] == [201, 201]
        assert answers[0].json() == answers[1].json()

    async def test_at_once_too(self, client: Client, world: World, owner: Owner) -> None:
        answers = await asyncio.gather(*(add_schedule(client, world.a, key="once") for _ in range(5)))
        assert len({one.json()["id"] for one in answers}) == 1
        assert await owner.fetchval("SELECT count(*) FROM schedules") == 5


async def test_solo_practice_opens_with_something_to_book(
    client: Client, world: World, system: Any, owner: Owner
) -> None:
    await owner.execute("UPDATE schedules SET is_active = false")
    async with system(world.a) as ctx:
        await scheduling.open_solo_practice(ctx, world.a.practitioner, world.a.branch)
    assert len(await slots(client, world.a)) == 16, "a Tuesday from 09:00 to 13:00 in quarters of an hour"
    assert await slots(client, world.a, "2026-11-28") == [], "a Saturday"


class TestBookingRules:
    async def test_defaults_until_something_is_set(self, client: Client, world: World, owner: Owner) -> None:
        ask = {"url": "/api/booking-rules", "headers": world.a.as_("patient")}
        with_row = (await client.get(**ask)).json()
        await owner.execute("DELETE FROM booking_rules")
        without = (await client.get(**ask)).json()
        assert with_row == without | {"version": 1}
        assert without["version"] == Rules().version == 0
        put = await client.put("/api/booking-rules", json={"revisit_days": 3}, headers=world.a.as_("hospital_admin"))
        assert (put.status_code, put.json()) == (200, without | {"revisit_days": 3, "version": 1})

    async def test_two_who_edit_do_not_overwrite_each_other(self, client: Client, world: World) -> None:
        admin = world.a.as_("hospital_admin")
        read = await client.get("/api/booking-rules", headers=admin)
        headers = admin | {"If-Match": read.headers["etag"]}
        first = await client.put("/api/booking-rules", json={"days_ahead": 10}, headers=headers)
        assert first.headers["etag"] == '"2"'
        second = await client.put("/api/booking-rules", json={"days_ahead": 20}, headers=headers)
        assert refusal(second) == (412, "changed_meanwhile")
        whole = first.json() | {"days_ahead": 30}
        assert (await client.put("/api/booking-rules", json=whole, headers=admin)).status_code == 200
        assert refusal(await client.put("/api/booking-rules", json=whole, headers=admin)) == (412, "changed_meanwhile")

    @pytest.mark.parametrize(
        "told",
        [{"days_ahead": -1}, {"days_ahead": 367}, {"open_per_patient": 0}, {"revisit_days": None},
         {"token_given_at": "never"}, {"cancel_until_minutes": 1.5}, {"patient_bookings_need_confirming": "yes"}],
    )  # fmt: skip
    async def test_what_makes_no_sense_is_refused(self, client: Client, world: World, told: dict[str, Any]) -> None:
        response = await client.put("/api/booking-rules", json=told, headers=world.a.as_("hospital_admin"))
        assert refusal(response) == (422, "invalid")
        assert response.json()["fields"][0]["name"] == next(iter(told))

    async def test_another_hospitals_rules_stay_as_they_are(self, client: Client, world: World) -> None:
        await change_rules(client, world.a, days_ahead=1)
        other = await client.get("/api/booking-rules", headers=world.b.as_("doctor"))
        assert other.json()["days_ahead"] == 30


def test_rules_defaults_are_the_tables() -> None:
    """The dataclass and the columns tell the same defaults, or a hospital's rules would change when first saved."""
    columns = BookingRules.__table__.columns
    args = {name: columns[name].default.arg for name in Rules.__slots__ if name != "version"}
    told = {name: tuple(arg(None)) if callable(arg) else arg for name, arg in args.items()}
    assert replace(Rules(), **told) == Rules()
