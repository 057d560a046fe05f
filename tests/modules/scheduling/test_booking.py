"""Booking: who gets a place, who is refused and why, and what a booking leaves behind."""

from typing import Any
from uuid import UUID

import asyncpg
import httpx2
import pytest

from arogya.modules.scheduling import api as scheduling
from arogya.platform.clock import FixedClock
from tests.factories.scheduling import (
    MONDAY,
    TUESDAY,
    WEDNESDAY,
    add_exception,
    add_schedule,
    also,
    at,
    book,
    booked,
    change_rules,
    make_patients,
    moment,
    slots,
    step,
    stranger,
)
from tests.modules.answers import refusal
from tests.world import World

Client = httpx2.AsyncClient
Owner = asyncpg.Connection


async def test_desks_booking_is_booked_and_takes_the_place(client: Client, world: World) -> None:
    made = await booked(client, world.a, reason="Fever", notes="Came alone", mode="in-person")
    assert (made["status"], made["kind"], made["lane"], made["source"]) == ("booked", "slot", 1, "desk")
    assert (made["facility_id"], made["schedule_id"]) == (str(world.a.main), str(world.a.schedule))
    assert (made["starts_at"], made["ends_at"]) == (at(TUESDAY, "10:00"), at(TUESDAY, "10:20"))
    assert made["patient"]["name"] == "Sunita Deshmukh"
    assert made["practitioner_name"] == "Dr Kavita Iyer"
    taken = {s["starts_at"]: s for s in await slots(client, world.a)}[at(TUESDAY, "10:00")]
    assert (taken["status"], taken["free"]) == ("busy", 0)


async def test_desk_may_keep_a_booking_open_for_confirming(client: Client, world: World) -> None:
    assert (await booked(client, world.a, status="pending"))["status"] == "pending"


async def test_second_booking_of_a_place_is_told_what_is_free_instead(client: Client, world: World) -> None:
    await booked(client, world.a)
    response = await book(client, world.a, patient_id=world.a.other_patient)
    assert refusal(response) == (409, "slot_taken")
    offered = response.json()["next_free"]
    assert len(offered) == 3
    assert (offered[0]["practitioner_id"], offered[0]["starts_at"]) == (str(world.a.practitioner), at(TUESDAY, "10:20"))
    assert offered[1]["practitioner_name"] == "Dr Arvind Menon", "a colleague of the same department"
    for one in offered:
        body = {"practitioner_id": one["practitioner_id"], "starts_at": one["starts_at"]}
        again = await book(client, world.a, patient_id=world.a.other_patient, **body)
        assert again.status_code == 201, "what is offered is free"
        await step(client, world.a, "receptionist", again.json()["id"], "cancel", reason="Only a try")


async def test_what_is_offered_lies_within_reach(client: Client, world: World) -> None:
    """The next free day is a week away: the desk is offered it, a patient who may not book so far is not."""
    await booked(client, world.a)
    for doctor in (world.a.practitioner, world.a.other_practitioner):
        away = {"starts_at": at(MONDAY, "10:00"), "ends_at": at("2026-11-30", "00:00"), "practitioner_id": doctor}
        await add_exception(client, world.a, **away)
    third = await add_schedule(client, world.a, sessions=[{"weekday": 0, "starts": "15:00", "ends": "15:20"}])
    assert third.status_code == 201
    made = await booked(client, world.a, starts_at=at("2026-11-30", "15:00"), patient_id=world.a.other_patient)
    desk = await client.get(f"/api/appointments/{made['id']}/proposals", headers=world.a.as_("receptionist"))
    assert {one["starts_at"][:10] for one in desk.json()["items"]} == {"2026-11-30"}
    await change_rules(client, world.a, days_ahead=5)
    own = await booked(client, world.a, starts_at=at("2026-12-01", "10:00"))
    patient = await client.get(f"/api/appointments/{own['id']}/proposals", headers=world.a.as_("patient"))
    assert patient.json()["items"] == []


async def test_system_books_for_the_hospital(client: Client, world: World, system: Any) -> None:
    async with system(world.a) as ctx:
        told = {"patient_id": world.a.patient, "practitioner_id": world.a.practitioner}
        placed = await scheduling.book(ctx, scheduling.BookAppointment(**told, starts_at=moment(MONDAY, "10:00")))
        await scheduling.check_in(ctx, placed.id)
    shown = await client.get(f"/api/appointments/{placed.id}", headers=world.a.as_("receptionist"))
    assert (shown.json()["status"], shown.json()["source"]) == ("checked-in", "desk")


async def test_each_place_of_a_slot_is_sold_once(client: Client, world: World, in_tenant: Any) -> None:
    await add_schedule(client, world.a, places=5)
    async with in_tenant(world.a.organization_id) as session:
        patients = await make_patients(session, 6)
    starts_at = at(MONDAY, "15:00")
    answers = [await book(client, world.a, patient_id=p, starts_at=starts_at) for p in patients]
    assert [a.status_code for a in answers] == [201] * 5 + [409]
    assert [a.json()["lane"] for a in answers[:5]] == [1, 2, 3, 4, 5]


async def test_cancelled_place_is_sold_again(client: Client, world: World) -> None:
    first = await booked(client, world.a)
    await step(client, world.a, "receptionist", first["id"], "cancel", reason="Feels better")
    assert (await booked(client, world.a, patient_id=world.a.other_patient))["lane"] == 1


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"starts_at": at(TUESDAY, "10:10")}, (422, "no_such_slot")),
        ({"starts_at": at(TUESDAY, "20:00")}, (422, "no_such_slot")),
        ({"starts_at": at("2026-11-29", "10:00")}, (422, "no_such_slot")),  # a Sunday
        ({"mode": "video"}, (422, "no_such_slot")),
        ({"starts_at": at(MONDAY, "09:20")}, (422, "in_the_past")),
        ({"starts_at": at(MONDAY, "09:57")}, (422, "in_the_past")),
        ({"starts_at": at("2026-11-21", "10:00")}, (422, "in_the_past")),
        ({"starts_at": at("2027-12-01", "10:00")}, (422, "too_far_ahead")),
        ({"practitioner_id": stranger()}, (404, "not_found")),
        ({"patient_id": stranger()}, (404, "not_found")),
        ({"starts_at": "2026-11-24T10:00:00"}, (422, "invalid")),
        ({"starts_at": "9999-12-31T23:59:59Z"}, (422, "invalid")),
        ({"starts_at": "0001-01-01T00:00:00Z"}, (422, "invalid")),
        ({"starts_at": 1795494600}, (422, "invalid")),
        ({"status": "fulfilled"}, (422, "invalid")),
        ({"lane": 7}, (422, "invalid")),
        ({"reason": "x" * 501}, (422, "invalid")),
        ({"override_reason": ""}, (422, "invalid")),
    ],
)
async def test_what_cannot_be_booked_is_refused_by_name(
    client: Client, world: World, owner: Owner, told: dict[str, Any], expected: tuple[int, str]
) -> None:
    assert refusal(await book(client, world.a, **told)) == expected
    assert await owner.fetchval("SELECT count(*) FROM appointments") == 0


async def test_slot_that_begins_now_can_be_booked(client: Client, world: World, clock: FixedClock) -> None:
    clock.at = moment(MONDAY, "10:20")
    await booked(client, world.a, starts_at=at(MONDAY, "10:20"))


async def test_other_facility_has_no_such_slot(client: Client, world: World) -> None:
    assert refusal(await book(client, world.a, facility_id=world.a.branch)) == (422, "no_such_slot")


class TestLeaveAndOverrides:
    async def test_leave_refuses_bookings(self, client: Client, world: World) -> None:
        await add_exception(client, world.a)
        assert refusal(await book(client, world.a)) == (409, "practitioner_on_leave")

    async def test_desk_may_not_override(self, client: Client, world: World) -> None:
        await booked(client, world.a)
        response = await book(client, world.a, patient_id=world.a.other_patient, override_reason="Very ill")
        assert refusal(response) == (403, "forbidden")

    @pytest.mark.parametrize("who", ["doctor", "hospital_admin"])
    async def test_override_takes_an_extra_lane_is_shown_and_audited(
        self, client: Client, world: World, owner: Owner, who: str
    ) -> None:
        await booked(client, world.a)
        extra = await booked(client, world.a, who, patient_id=world.a.other_patient, override_reason="Very ill")
        assert (extra["lane"], extra["is_override"], extra["override_reason"]) == (2, True, "Very ill")
        details = await owner.fetchval(
            "SELECT details FROM audit_entries WHERE entity = 'appointment' AND entity_ids = ARRAY[$1]::uuid[]",
            UUID(extra["id"]),
        )
        assert '"is_override": true' in details

    async def test_override_gets_past_leave_too(self, client: Client, world: World) -> None:
        await add_exception(client, world.a)
        extra = await booked(client, world.a, "doctor", override_reason="I come in for this one")
        assert (extra["lane"], extra["is_override"]) == (1, True)

    async def test_reason_that_was_not_needed_makes_no_override(self, client: Client, world: World) -> None:
        plain = await booked(client, world.a, "doctor", override_reason="Just in case")
        assert (plain["lane"], plain["is_override"], plain["override_reason"]) == (1, False, "")

    async def test_override_does_not_make_slots_where_there_is_no_session(self, client: Client, world: World) -> None:
        response = await book(client, world.a, "doctor", starts_at=at(TUESDAY, "20:00"), override_reason="Late one")
        assert refusal(response) == (422, "no_such_slot")


class TestOnePatientAtOneTime:
    async def test_patient_cannot_see_two_doctors_at_once(self, client: Client, world: World) -> None:
        other = await add_schedule(
            client, world.a, practitioner_id=world.a.other_practitioner,
            sessions=[{"weekday": 0, "starts": "15:10", "ends": "18:00"}],
        )  # fmt: skip
        assert other.status_code == 201, other.text
        await add_schedule(client, world.a)
        first = await booked(client, world.a, starts_at=at(MONDAY, "15:00"))
        response = await book(
            client, world.a, practitioner_id=world.a.other_practitioner, starts_at=at(MONDAY, "15:10")
        )
        assert refusal(response) == (409, "patient_busy")
        assert response.json()["appointment_id"] == first["id"]
        after = await book(client, world.a, practitioner_id=world.a.other_practitioner, starts_at=at(MONDAY, "15:30"))
        assert after.status_code == 201, "when the first is over"

    async def test_token_session_at_the_same_time_only_warns(self, client: Client, world: World) -> None:
        timed = await booked(client, world.a)
        token = await booked(
            client, world.a, practitioner_id=world.a.other_practitioner, starts_at=at(TUESDAY, "09:00")
        )
        assert token["warnings"] == [{"code": "overlapping_visit", "appointment_id": timed["id"]}]

    async def test_one_place_a_patient_and_session(self, client: Client, world: World) -> None:
        session = {"practitioner_id": world.a.other_practitioner, "starts_at": at(TUESDAY, "09:00")}
        first = await booked(client, world.a, **session)
        response = await book(client, world.a, "doctor", override_reason="Twice as ill", **session)
        assert refusal(response) == (409, "already_in_session")
        assert response.json()["appointment_id"] == first["id"]
        other = await booked(client, world.a, patient_id=world.a.other_patient, **session)
        assert (first["lane"], other["lane"]) == (1, 2)


async def test_token_session_is_booked_whole_until_its_places_are_gone(
    client: Client, world: World, in_tenant: Any
) -> None:
    tokens = await add_schedule(
        client, world.a, practitioner_id=world.a.other_practitioner, kind="tokens", places=2, slot_minutes=10
    )
    assert tokens.status_code == 201
    async with in_tenant(world.a.organization_id) as session:
        patients = await make_patients(session, 3)
    body = {"practitioner_id": world.a.other_practitioner, "starts_at": at(MONDAY, "15:00")}
    answers = [await book(client, world.a, patient_id=p, **body) for p in patients]
    assert [a.status_code for a in answers] == [201, 201, 409]
    made = answers[0].json()
    assert (made["kind"], made["starts_at"], made["ends_at"]) == ("token", at(MONDAY, "15:00"), at(MONDAY, "18:00"))


async def test_running_token_session_still_takes_bookings(client: Client, world: World) -> None:
    body = {"practitioner_id": world.a.other_practitioner, "starts_at": at(MONDAY, "09:00")}
    assert (await book(client, world.a, **body)).status_code == 201, "it is 10:00 and the session ends at 12:00"


class TestPatientsOwn:
    async def test_own_booking_is_pending_until_the_desk_confirms(self, client: Client, world: World) -> None:
        made = await booked(client, world.a, "patient")
        assert (made["status"], made["source"]) == ("pending", "patient")

    async def test_own_booking_is_booked_where_the_hospital_trusts_its_patients(
        self, client: Client, world: World
    ) -> None:
        await change_rules(client, world.a, patient_bookings_need_confirming=False)
        assert (await booked(client, world.a, "patient"))["status"] == "booked"

    async def test_patient_cannot_confirm_by_booking(self, client: Client, world: World) -> None:
        response = await book(client, world.a, "patient", status="booked")
        assert refusal(response) == (422, "invalid")
        assert response.json()["fields"][0]["name"] == "status"

    async def test_patient_books_for_nobody_else(self, client: Client, world: World) -> None:
        response = await book(client, world.a, "patient", patient_id=world.a.other_patient)
        assert refusal(response) == (404, "not_found")

    async def test_patient_who_also_nurses_books_for_nobody_else(
        self, client: Client, world: World, owner: Owner
    ) -> None:
        # A nurse sees every patient but books for none; being a patient as well must not join the two rights.
        await also(owner, world.a, "nurse", "patient")
        response = await book(client, world.a, "nurse", patient_id=world.a.other_patient)
        assert refusal(response) == (404, "not_found")
        params = {"patient_id": str(world.a.other_patient), "practitioner_id": str(world.a.practitioner)}
        fee = await client.get("/api/fees", params=params, headers=world.a.as_("nurse"))
        assert refusal(fee) == (404, "not_found")

    async def test_patient_books_as_far_ahead_as_the_rules_say(self, client: Client, world: World) -> None:
        await change_rules(client, world.a, days_ahead=1)
        assert (await book(client, world.a, "patient")).status_code == 201
        response = await book(client, world.a, "patient", starts_at=at(WEDNESDAY, "10:00"))
        assert refusal(response) == (422, "too_far_ahead")
        assert (await book(client, world.a, starts_at=at(WEDNESDAY, "10:00"))).status_code == 201, "the desk may"

    async def test_patient_keeps_no_more_open_than_the_rules_say(self, client: Client, world: World) -> None:
        await change_rules(client, world.a, open_per_patient=2)
        for wall in ("09:00", "10:00"):
            assert (await book(client, world.a, "patient", starts_at=at(TUESDAY, wall))).status_code == 201
        response = await book(client, world.a, "patient", starts_at=at(TUESDAY, "11:00"))
        assert refusal(response) == (409, "too_many_open")

    async def test_patient_cannot_override(self, client: Client, world: World) -> None:
        await booked(client, world.a, patient_id=world.a.other_patient)
        assert refusal(await book(client, world.a, "patient", override_reason="Please")) == (403, "forbidden")


@pytest.mark.parametrize("who", ["nurse", "pharmacist", "cashier", "lab_technician", "privacy_officer"])
async def test_who_does_not_book_is_refused(client: Client, world: World, who: str) -> None:
    assert refusal(await book(client, world.a, who)) == (403, "forbidden")


async def test_desk_of_one_branch_books_at_its_own_only(client: Client, world: World) -> None:
    assert refusal(await book(client, world.a, "branch_receptionist")) == (403, "forbidden")
    named = await book(client, world.a, "branch_receptionist", facility_id=world.a.main)
    assert refusal(named) == (403, "forbidden")
    await add_schedule(client, world.a, facility_id=world.a.branch)
    assert (await book(client, world.a, "branch_receptionist", starts_at=at(MONDAY, "15:00"))).status_code == 201


async def test_another_hospitals_doctor_and_patient_are_not_there(client: Client, world: World) -> None:
    assert refusal(await book(client, world.a, practitioner_id=world.b.practitioner)) == (404, "not_found")
    assert refusal(await book(client, world.a, patient_id=world.b.patient)) == (404, "not_found")
    assert refusal(await book(client, world.a, facility_id=world.b.main)) == (422, "no_such_slot")


async def test_closed_record_and_departed_doctor_are_not_booked(client: Client, world: World, owner: Owner) -> None:
    await owner.execute("UPDATE patients SET is_active = false WHERE id = $1", world.a.patient)
    assert refusal(await book(client, world.a)) == (409, "patient_inactive")
    await owner.execute("UPDATE practitioners SET is_active = false WHERE id = $1", world.a.practitioner)
    assert refusal(await book(client, world.a, patient_id=world.a.other_patient)) == (422, "no_such_slot")


async def test_closed_branch_takes_no_bookings(client: Client, world: World, owner: Owner) -> None:
    await owner.execute("UPDATE facilities SET is_active = false WHERE id = $1", world.a.main)
    assert refusal(await book(client, world.a)) == (422, "no_such_slot")


async def test_booking_is_audited_and_heard_of_once(client: Client, world: World, owner: Owner) -> None:
    made = await booked(client, world.a)
    assert await owner.fetch("SELECT name, topic, payload->>'appointment_id' AS id FROM outbox_events") == [
        ("AppointmentBooked", "appointments", made["id"])
    ]
    trail = await owner.fetch(
        "SELECT action, entity, patient_id FROM audit_entries WHERE user_id = $1 ORDER BY entity",
        world.a.users["receptionist"],
    )
    assert [tuple(row) for row in trail] == [
        ("create", "appointment", world.a.patient), ("read", "patient", world.a.patient)
    ]  # fmt: skip


async def test_refused_booking_leaves_a_denial_and_nothing_else(client: Client, world: World, owner: Owner) -> None:
    await book(client, world.a, "patient", patient_id=world.a.other_patient)
    assert await owner.fetchval("SELECT count(*) FROM outbox_events") == 0
    trail = await owner.fetch("SELECT action, outcome FROM audit_entries")
    assert [tuple(row) for row in trail] == [("denied", "denied")]


class TestIdempotency:
    async def test_same_key_and_body_is_one_booking(self, client: Client, world: World, owner: Owner) -> None:
        first, again = [await book(client, world.a, key="one-finger-twice") for _ in range(2)]
        assert (first.status_code, again.status_code) == (201, 201)
        assert first.json()["id"] == again.json()["id"]
        assert await owner.fetchval("SELECT count(*) FROM appointments") == 1

    async def test_other_body_with_that_key_is_refused(self, client: Client, world: World) -> None:
        await book(client, world.a, key="k1")
        response = await book(client, world.a, key="k1", starts_at=at(TUESDAY, "11:00"))
        assert refusal(response) == (422, "idempotency_key_reused")

    async def test_refusal_does_not_use_the_key_up(self, client: Client, world: World) -> None:
        other = await booked(client, world.a, patient_id=world.a.other_patient)
        assert (await book(client, world.a, key="k2")).status_code == 409
        await step(client, world.a, "receptionist", other["id"], "cancel", reason="Gave it up")
        assert (await book(client, world.a, key="k2")).status_code == 201

    async def test_move_with_one_key_is_one_move(self, client: Client, world: World, owner: Owner) -> None:
        old = await booked(client, world.a)
        url, body = f"/api/appointments/{old['id']}/reschedule", {"starts_at": at(TUESDAY, "11:00")}
        answers = [await client.post(url, json=body, headers=world.a.as_("receptionist", "move-1")) for _ in range(2)]
        assert [a.status_code for a in answers] == [200, 200]
        assert answers[0].json()["id"] == answers[1].json()["id"]
        assert await owner.fetchval("SELECT count(*) FROM appointments") == 2


class TestFees:
    async def paid(self, world: World, owner: Owner, made: Any) -> None:
        await owner.execute(
            """INSERT INTO receipts (organization_id, id, number, appointment_id, patient_id, facility_id, amount_paise,
                                     method, is_verified, issued_at)
               VALUES ($1, gen_random_uuid(), 'T/1', $2, $3, $4, 60000, 'cash', true, '2026-11-24T04:00:00Z')""",
            world.a.organization_id, UUID(made["id"]), UUID(made["patient_id"]), world.a.main,
        )  # fmt: skip

    async def test_first_visit_costs_the_doctors_fee(self, client: Client, world: World) -> None:
        made = await booked(client, world.a)
        assert (made["fee_paise"], made["is_free_revisit"]) == (60_000, False)

    async def test_visit_within_the_window_of_a_paid_one_is_free(
        self, client: Client, world: World, owner: Owner
    ) -> None:
        first = await booked(client, world.a)
        await self.paid(world, owner, first)
        last_day = await booked(client, world.a, starts_at=at("2026-12-08", "10:00"))
        assert (last_day["fee_paise"], last_day["is_free_revisit"]) == (0, True)
        assert last_day["revisit_free_until"] == "2026-12-08", "fourteen days after the 24th"
        day_after = await booked(client, world.a, starts_at=at("2026-12-09", "10:00"))
        assert (day_after["fee_paise"], day_after["is_free_revisit"]) == (60_000, False)

    async def test_unpaid_cancelled_or_another_doctors_visit_opens_no_window(
        self, client: Client, world: World, owner: Owner
    ) -> None:
        first = await booked(client, world.a)
        assert (await booked(client, world.a, starts_at=at(WEDNESDAY, "10:00")))["fee_paise"] == 60_000, "unpaid"
        await self.paid(world, owner, first)
        other = {"practitioner_id": world.a.other_practitioner, "starts_at": at(WEDNESDAY, "09:00")}
        assert (await booked(client, world.a, **other))["fee_paise"] == 90_000, "another doctor"
        await step(client, world.a, "receptionist", first["id"], "cancel", reason="No more")
        assert (await booked(client, world.a, starts_at=at(WEDNESDAY, "11:00")))["fee_paise"] == 60_000, "cancelled"

    async def test_fee_is_told_before_booking(self, client: Client, world: World, owner: Owner) -> None:
        params = {"patient_id": str(world.a.patient), "practitioner_id": str(world.a.practitioner)}
        ask = {"url": "/api/fees", "params": params, "headers": world.a.as_("receptionist")}
        assert (await client.get(**ask)).json() == {
            "fee_paise": 60_000, "is_free_revisit": False, "is_revisit": False, "last_paid_at": None,
            "revisit_free_until": None,
        }  # fmt: skip
        made = await booked(client, world.a, starts_at=at(MONDAY, "10:20"))
        await self.paid(world, owner, made)
        assert (await client.get(**ask)).json() == {
            "fee_paise": 0, "is_free_revisit": True, "is_revisit": True, "last_paid_at": "2026-11-24T04:00:00Z",
            "revisit_free_until": "2026-12-07",
        }  # fmt: skip

    async def test_nobody_elses_fee_is_told_to_a_patient(self, client: Client, world: World) -> None:
        params = {"patient_id": str(world.a.other_patient), "practitioner_id": str(world.a.practitioner)}
        response = await client.get("/api/fees", params=params, headers=world.a.as_("patient"))
        assert refusal(response) == (404, "not_found")

    async def test_no_window_where_the_hospital_gives_none(self, client: Client, world: World, owner: Owner) -> None:
        await change_rules(client, world.a, revisit_days=0)
        await self.paid(world, owner, await booked(client, world.a))
        same_day = await booked(client, world.a, starts_at=at(TUESDAY, "11:00"))
        assert same_day["fee_paise"] == 60_000
