"""Leave over booked slots: who is affected, where they could go, and all of it in one step or not at all."""

import asyncio
import time
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import httpx2
import pytest

from arogya.modules.patients.models import Patient
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
    make_patients,
    step,
)
from tests.world import Hospital, World

Client = httpx2.AsyncClient
Owner = asyncpg.Connection
THURSDAY = "2026-11-26"
URL = "/api/leave-cascades"


def the_leave(hospital: Hospital, **told: Any) -> dict[str, Any]:
    """The doctor of timed slots, all of Tuesday."""
    body = {
        "kind": "leave", "practitioner_id": str(hospital.practitioner), "starts_at": at(TUESDAY, "00:00"),
        "ends_at": at(WEDNESDAY, "00:00"), **told,
    }  # fmt: skip
    return {name: value for name, value in body.items() if value is not None}


async def previewed(client: Client, hospital: Hospital, who: str = "hospital_admin", **body: Any) -> Any:
    answer = await client.post(f"{URL}/preview", json=body or {"leave": the_leave(hospital)}, headers=hospital.as_(who))
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def move(item: dict[str, Any], nth: int = 0) -> dict[str, Any]:
    place = {name: item["options"][nth][name] for name in ("practitioner_id", "facility_id", "starts_at")}
    return {"appointment_id": item["appointment"]["id"], "action": "move", **place}


def simply(item: dict[str, Any], action: str) -> dict[str, Any]:
    return {"appointment_id": item["appointment"]["id"], "action": action}


async def applied(
    client: Client, hospital: Hospital, decisions: list[Any], who: str = "hospital_admin", key: str | None = None,
    **body: Any,
) -> httpx2.Response:  # fmt: skip
    told = {**(body or {"leave": the_leave(hospital)}), "decisions": decisions}
    return await client.post(URL, json=told, headers=hospital.as_(who, key))


async def read(client: Client, hospital: Hospital, appointment_id: str) -> Any:
    return (await client.get(f"/api/appointments/{appointment_id}", headers=hospital.as_("receptionist"))).json()


@pytest.fixture
async def three(client: Client, world: World, in_tenant: Any) -> list[Any]:
    """Tuesday 10:00, 10:20 and 10:40 with the doctor of timed slots."""
    async with in_tenant(world.a.organization_id) as session:
        extra = await make_patients(session, 1)
    people = [world.a.patient, world.a.other_patient, *extra]
    return [
        await booked(client, world.a, patient_id=who, starts_at=at(TUESDAY, f"10:{n}0"))
        for who, n in zip(people, (0, 2, 4), strict=True)
    ]


@pytest.fixture
async def colleague(client: Client, world: World, owner: Owner) -> UUID:
    """The other doctor has the same specialty now, and timed slots on Tuesday afternoon."""
    await owner.execute(
        "UPDATE practitioners SET specialty = 'General medicine' WHERE id = $1", world.a.other_practitioner
    )
    made = await add_schedule(
        client, world.a, practitioner_id=world.a.other_practitioner,
        sessions=[{"weekday": 1, "starts": "15:00", "ends": "17:00"}],
    )  # fmt: skip
    assert made.status_code == 201, made.text
    return world.a.other_practitioner


class TestProposals:
    async def test_affected_are_listed_by_time_each_with_another_place(
        self, client: Client, world: World, three: list[Any]
    ) -> None:
        items = await previewed(client, world.a)
        assert [item["appointment"]["id"] for item in items] == [one["id"] for one in three]
        assert all(len(item["options"]) >= 2 for item in items)
        assert [item["options"][0]["starts_at"] for item in items] == [
            at(WEDNESDAY, "10:00"), at(WEDNESDAY, "10:20"), at(WEDNESDAY, "10:40"),
        ], "their own doctor at the same time of the next day: nobody has to come earlier than booked"  # fmt: skip

    async def test_no_place_is_proposed_twice(self, client: Client, world: World, three: list[Any]) -> None:
        items = await previewed(client, world.a)
        places = [(o["practitioner_id"], o["starts_at"]) for item in items for o in item["options"]]
        assert len(places) == len(set(places))
        assert not any(TUESDAY in o["starts_at"] for item in items for o in item["options"]), "inside the leave"

    async def test_colleague_of_the_same_specialty_on_the_same_day(
        self, client: Client, world: World, three: list[Any], colleague: UUID
    ) -> None:
        for item in await previewed(client, world.a):
            second = item["options"][1]
            assert second["practitioner_id"] == str(colleague)
            assert second["starts_at"].startswith(TUESDAY)

    async def test_far_away_own_doctor_comes_after_a_colleague_the_same_day(
        self, client: Client, world: World, three: list[Any], colleague: UUID
    ) -> None:
        for day in (
            MONDAY,
            WEDNESDAY,
        ):  # Monday to Saturday of this week, so that the own doctor is next free in a week
            assert day
        leave = the_leave(world.a, starts_at=at(MONDAY, "00:00"), ends_at=at("2026-12-04", "00:00"))
        items = await previewed(client, world.a, leave=leave)
        assert [o["practitioner_id"] == str(colleague) for o in items[0]["options"]][:2] == [True, False]

    async def test_nobody_is_proposed_a_time_at_which_they_are_elsewhere(
        self, client: Client, world: World, three: list[Any]
    ) -> None:
        elsewhere = await add_schedule(
            client, world.a, practitioner_id=world.a.other_practitioner, slot_minutes=30,
            sessions=[{"weekday": 2, "starts": "12:00", "ends": "13:00"}],
        )  # fmt: skip
        assert elsewhere.status_code == 201, elsewhere.text
        body = {"patient_id": world.a.patient, "practitioner_id": world.a.other_practitioner}
        late = await booked(client, world.a, starts_at=at(TUESDAY, "12:00"))
        await step(client, world.a, "receptionist", three[0]["id"], "cancel", reason="Comes later")
        await booked(client, world.a, **body, starts_at=at(WEDNESDAY, "12:00"))
        (item,) = [one for one in await previewed(client, world.a) if one["appointment"]["id"] == late["id"]]
        assert item["options"][0]["starts_at"] == at(WEDNESDAY, "11:40"), "12:00 and 12:20 are not for this patient"

    async def test_nobody_is_moved_to_a_time_within_two_hours(
        self, client: Client, world: World, three: list[Any]
    ) -> None:
        """It is Monday, ten o'clock; the doctor has free times from now on."""
        leave = the_leave(world.a, ends_at=at("2026-12-31", "00:00"))
        for item in await previewed(client, world.a, leave=leave):
            assert min(o["starts_at"] for o in item["options"]) >= at(MONDAY, "12:00")

    async def test_how_each_will_be_told(self, client: Client, world: World, three: list[Any]) -> None:
        assert [item["told_by"] for item in await previewed(client, world.a)] == ["app", "text", None]

    async def test_preview_changes_nothing_and_is_audited(
        self, client: Client, world: World, three: list[Any], owner: Owner
    ) -> None:
        await previewed(client, world.a)
        assert await owner.fetchval("SELECT count(*) FROM schedule_exceptions") == 0
        row = await owner.fetchrow("SELECT * FROM audit_entries WHERE route = $1", f"POST {URL}/preview")
        assert row is not None
        assert {str(one) for one in row["entity_ids"]} == {one["id"] for one in three}


class TestApplying:
    async def test_all_is_done_in_one_step(self, client: Client, world: World, three: list[Any], owner: Owner) -> None:
        items = await previewed(client, world.a)
        answer = await applied(client, world.a, [move(items[0]), simply(items[1], "cancel"), simply(items[2], "keep")])
        assert answer.status_code == 201, answer.text
        outcome = answer.json()["outcome"]
        assert [one["action"] for one in outcome] == ["move", "cancel", "keep"]
        new = await read(client, world.a, outcome[0]["new_appointment_id"])
        assert (new["status"], new["starts_at"], new["rescheduled_from_id"]) == (
            "booked", at(WEDNESDAY, "10:00"), three[0]["id"],
        )  # fmt: skip
        states = [(await read(client, world.a, one["id"]))["status"] for one in three]
        assert states == ["cancelled", "cancelled", "booked"]
        assert await owner.fetchval("SELECT kind FROM schedule_exceptions") == "leave"
        refused = await book(client, world.a, starts_at=at(TUESDAY, "09:00"))
        assert refused.json()["code"] == "practitioner_on_leave"

    async def test_each_patient_has_an_audit_row(
        self, client: Client, world: World, three: list[Any], owner: Owner
    ) -> None:
        items = await previewed(client, world.a)
        await applied(client, world.a, [move(items[0]), simply(items[1], "cancel"), move(items[2])])
        rows = await owner.fetch(
            "SELECT patient_id FROM audit_entries WHERE route = $1 AND action = 'update' AND entity = 'appointment'",
            f"POST {URL}",
        )
        assert {str(row["patient_id"]) for row in rows} == {one["patient_id"] for one in three}

    async def test_place_taken_meanwhile_refuses_all_with_fresh_proposals(
        self, client: Client, world: World, three: list[Any], owner: Owner
    ) -> None:
        items = await previewed(client, world.a)
        taken = items[1]["options"][0]["starts_at"]
        await booked(client, world.a, patient_id=UUID(items[2]["appointment"]["patient_id"]), starts_at=taken)
        before = await owner.fetch("SELECT id, status, version FROM appointments ORDER BY id")
        answer = await applied(client, world.a, [move(item) for item in items])
        assert (answer.status_code, answer.json()["code"]) == (409, "proposals_stale")
        assert answer.json()["refused"] == [{"appointment_id": three[1]["id"], "code": "slot_taken"}]
        fresh = {one["appointment_id"]: one["options"] for one in answer.json()["proposals"]}
        assert set(fresh) == {one["id"] for one in three}
        assert taken not in {o["starts_at"] for options in fresh.values() for o in options}
        assert await owner.fetch("SELECT id, status, version FROM appointments ORDER BY id") == before
        assert await owner.fetchval("SELECT count(*) FROM schedule_exceptions") == 0
        again = [
            {"appointment_id": id_, "action": "move", **{k: options[0][k] for k in PLACE}}
            for id_, options in fresh.items()
        ]
        assert (await applied(client, world.a, again)).status_code == 201

    async def test_two_decisions_for_one_place_are_refused(
        self, client: Client, world: World, three: list[Any]
    ) -> None:
        items = await previewed(client, world.a)
        same = {**move(items[0]), "appointment_id": three[1]["id"]}
        answer = await applied(client, world.a, [move(items[0]), same, simply(items[2], "keep")])
        assert answer.json()["refused"] == [{"appointment_id": three[1]["id"], "code": "slot_taken"}]

    async def test_who_was_booked_meanwhile_is_not_forgotten(
        self, client: Client, world: World, three: list[Any], in_tenant: Any
    ) -> None:
        items = await previewed(client, world.a)
        async with in_tenant(world.a.organization_id) as session:
            (late,) = await make_patients_more(session, 1)
        made = await booked(client, world.a, patient_id=late, starts_at=at(TUESDAY, "12:00"))
        answer = await applied(client, world.a, [move(item) for item in items])
        assert answer.json()["refused"] == [{"appointment_id": made["id"], "code": "undecided"}]
        assert made["id"] in {one["appointment_id"] for one in answer.json()["proposals"]}

    async def test_who_cancelled_meanwhile_is_not_moved(self, client: Client, world: World, three: list[Any]) -> None:
        items = await previewed(client, world.a)
        await step(client, world.a, "receptionist", three[0]["id"], "cancel", reason="Feels better")
        answer = await applied(client, world.a, [move(item) for item in items])
        assert answer.json()["refused"] == [{"appointment_id": three[0]["id"], "code": "not_affected"}]

    async def test_same_key_has_one_effect(self, client: Client, world: World, three: list[Any], owner: Owner) -> None:
        items = await previewed(client, world.a)
        decisions = [move(item) for item in items]
        answers = [await applied(client, world.a, decisions, key="leave-1") for _ in range(2)]
        assert answers[0].json() == answers[1].json()
        assert await owner.fetchval("SELECT count(*) FROM schedule_exceptions") == 1
        assert await owner.fetchval("SELECT count(*) FROM appointments") == 6

    async def test_number_and_receipt_go_along(self, client: Client, world: World, owner: Owner) -> None:
        await change_rules(client, world.a, token_given_at="booking")
        old = await booked(client, world.a)
        await owner.execute(
            """INSERT INTO receipts (organization_id, id, number, appointment_id, patient_id, facility_id, amount_paise,
                                     method, is_verified, issued_at)
               VALUES ($1, gen_random_uuid(), 'T/1', $2, $3, $4, 60000, 'cash', true, now())""",
            world.a.organization_id, UUID(old["id"]), world.a.patient, world.a.main,
        )  # fmt: skip
        (item,) = await previewed(client, world.a)
        answer = await applied(client, world.a, [move(item)])
        new = await read(client, world.a, answer.json()["outcome"][0]["new_appointment_id"])
        assert (new["receipt"]["number"], new["token"]["status"]) == ("T/1", "waiting")
        assert (await read(client, world.a, old["id"]))["token"]["status"] == "left"


PLACE = ("practitioner_id", "facility_id", "starts_at")


async def make_patients_more(session: Any, count: int) -> list[UUID]:
    """Others than those of `three`."""
    rows = [Patient(mrn=f"LATE-{n}", name=f"Late {n}", sort_name=f"late {n}", gender="other") for n in range(count)]
    session.add_all(rows)
    await session.flush()
    return [row.id for row in rows]


class TestWhoMay:
    @pytest.mark.parametrize("who", ["receptionist", "doctor", "patient"])
    async def test_leave_is_made_by_who_manages_schedules(
        self, client: Client, world: World, three: list[Any], who: str
    ) -> None:
        for url, body in ((f"{URL}/preview", {}), (URL, {"decisions": []})):
            answer = await client.post(url, json={"leave": the_leave(world.a), **body}, headers=world.a.as_(who))
            assert answer.status_code == 403

    async def test_desk_works_on_leave_that_is_there(self, client: Client, world: World, three: list[Any]) -> None:
        made = (await add_exception(client, world.a)).json()
        items = await previewed(client, world.a, "receptionist", exception_id=made["id"])
        answer = await applied(client, world.a, [move(item) for item in items], "receptionist", exception_id=made["id"])
        assert answer.status_code == 201, answer.text
        assert answer.json()["exception_id"] == made["id"]
        assert await previewed(client, world.a, "receptionist", exception_id=made["id"]) == []

    async def test_other_branch_sees_none_of_them(self, client: Client, world: World, three: list[Any]) -> None:
        made = (await add_exception(client, world.a)).json()
        assert await previewed(client, world.a, "branch_receptionist", exception_id=made["id"]) == []
        answer = await applied(
            client, world.a, [{"appointment_id": three[0]["id"], "action": "cancel"}], "branch_receptionist",
            exception_id=made["id"],
        )  # fmt: skip
        assert answer.json()["refused"] == [{"appointment_id": three[0]["id"], "code": "not_affected"}]

    async def test_other_hospitals_leave_is_not_found(self, client: Client, world: World) -> None:
        made = (await add_exception(client, world.b)).json()
        answer = await client.post(
            f"{URL}/preview", json={"exception_id": made["id"]}, headers=world.a.as_("hospital_admin")
        )
        assert answer.status_code == 404

    async def test_extra_session_takes_nothing_away(self, client: Client, world: World) -> None:
        body = {"leave": {
            "kind": "extra", "schedule_id": str(world.a.schedule), "starts_at": at(TUESDAY, "15:00"),
            "ends_at": at(TUESDAY, "16:00"),
        }}  # fmt: skip
        answer = await client.post(f"{URL}/preview", json=body, headers=world.a.as_("hospital_admin"))
        assert answer.status_code == 422


class TestTogether:
    async def test_patient_books_a_proposed_place_at_the_same_time(
        self, client: Client, world: World, three: list[Any], owner: Owner, in_tenant: Any
    ) -> None:
        """Either the leave is applied whole and the patient is told that the place is taken, or the other way round."""
        async with in_tenant(world.a.organization_id) as session:
            (rival,) = await make_patients_more(session, 1)
        items = await previewed(client, world.a)
        wanted = items[1]["options"][0]["starts_at"]
        leave, booking = await asyncio.gather(
            applied(client, world.a, [move(item) for item in items]),
            book(client, world.a, patient_id=rival, starts_at=wanted),
        )
        assert sorted([leave.status_code, booking.status_code]) == [201, 409]
        held = await owner.fetchval(
            "SELECT count(*) FROM appointments WHERE starts_at = $1 AND status = 'booked'",
            datetime.fromisoformat(wanted),
        )
        assert held == 1
        moved = await owner.fetchval("SELECT count(*) FROM appointments WHERE rescheduled_from_id IS NOT NULL")
        assert moved == (3 if leave.status_code == 201 else 0)

    async def test_two_hundred_in_three_seconds(
        self, client: Client, world: World, in_tenant: Any, owner: Owner
    ) -> None:
        made = await add_schedule(
            client, world.a, practitioner_id=world.a.other_practitioner, facility_id=world.a.branch, slot_minutes=5,
            sessions=[{"weekday": day, "starts": "13:00", "ends": "21:20"} for day in range(6)], places=2,
        )  # fmt: skip
        assert made.status_code == 201, made.text
        async with in_tenant(world.a.organization_id) as session:
            people = await make_patients(session, 200)
        rows = await owner.fetch(
            """INSERT INTO appointments (organization_id, id, patient_id, practitioner_id, facility_id, schedule_id,
                   kind, mode, status, starts_at, ends_at, during, lane, places, is_override, override_reason, reason,
                   notes, source, fee_paise, is_free_revisit, version)
               SELECT $1, gen_random_uuid(), p.id, $2, $3, $4, 'slot', 'in-person', 'booked', t,
                      t + interval '5 minutes', tstzrange(t, t + interval '5 minutes'), 1 + p.n % 2, 2, false, '', '',
                      '', 'desk', 0, false, 1
               FROM unnest($5::uuid[]) WITH ORDINALITY AS p (id, n),
                    LATERAL (SELECT $6::timestamptz + (p.n - 1) / 2 * interval '5 minutes' AS t) AS s
               RETURNING id""",
            world.a.organization_id, world.a.other_practitioner, world.a.branch, UUID(made.json()["id"]), people,
            datetime.fromisoformat(at(TUESDAY, "13:00")),
        )  # fmt: skip
        assert len(rows) == 200
        leave = the_leave(world.a, practitioner_id=str(world.a.other_practitioner))
        began = time.perf_counter()
        items = await previewed(client, world.a, leave=leave)
        looked = time.perf_counter()
        answer = await applied(client, world.a, [move(item) for item in items], leave=leave)
        took = time.perf_counter() - looked
        assert answer.status_code == 201, answer.text
        print(f"200 affected: preview {looked - began:.2f} s, apply {took:.2f} s")
        assert took <= 3
        assert looked - began <= 3
        assert await owner.fetchval("SELECT count(*) FROM appointments WHERE rescheduled_from_id IS NOT NULL") == 200
