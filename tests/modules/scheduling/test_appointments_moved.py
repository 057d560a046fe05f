"""Moving an appointment: a new one takes over, the old one gives way, both or neither."""

from uuid import UUID

import asyncpg
import httpx2

from tests.factories.scheduling import (
    MONDAY,
    TUESDAY,
    WEDNESDAY,
    at,
    booked,
    change_rules,
    step,
)
from tests.modules.answers import refusal
from tests.world import World

Client = httpx2.AsyncClient
Owner = asyncpg.Connection


class TestMoves:
    async def test_new_one_takes_over_and_the_old_one_gives_way(
        self, client: Client, world: World, owner: Owner
    ) -> None:
        old = await booked(client, world.a, reason="Fever", notes="Wheelchair")
        moved = await step(
            client, world.a, "receptionist", old["id"], "reschedule",
            starts_at=at(WEDNESDAY, "09:00"), reason="Asked for another day",
        )  # fmt: skip
        assert moved.status_code == 200, moved.text
        new = moved.json()
        assert new["id"] != old["id"]
        assert (new["rescheduled_from_id"], new["status"], new["starts_at"]) == (
            old["id"], "booked", at(WEDNESDAY, "09:00"),
        )  # fmt: skip
        assert (new["reason"], new["notes"]) == ("Fever", "Wheelchair")
        left = (await client.get(f"/api/appointments/{old['id']}", headers=world.a.as_("doctor"))).json()
        assert (left["status"], left["cancel_reason"]) == ("cancelled", "Asked for another day")
        events = await owner.fetch("SELECT name, payload FROM outbox_events ORDER BY created_at, id")
        assert [row["name"] for row in events] == ["AppointmentBooked", "AppointmentRescheduled", "AppointmentChanged"]
        assert old["id"] in events[1]["payload"]
        assert new["id"] in events[1]["payload"]

    async def test_its_own_place_does_not_stand_in_its_way(self, client: Client, world: World) -> None:
        """From 10:00 to 10:20 with slots of 20 minutes: the patient is busy only with what they leave."""
        old = await booked(client, world.a)
        moved = await step(client, world.a, "receptionist", old["id"], "reschedule", starts_at=at(TUESDAY, "10:00"))
        assert moved.status_code == 200, "even to the same time"

    async def test_refused_move_leaves_everything_as_it_was(self, client: Client, world: World, owner: Owner) -> None:
        await booked(client, world.a, patient_id=world.a.other_patient, starts_at=at(WEDNESDAY, "09:00"))
        old = await booked(client, world.a)
        refused = await step(client, world.a, "receptionist", old["id"], "reschedule", starts_at=at(WEDNESDAY, "09:00"))
        assert refusal(refused) == (409, "slot_taken")
        assert len(refused.json()["next_free"]) == 3
        kept = (await client.get(f"/api/appointments/{old['id']}", headers=world.a.as_("doctor"))).json()
        assert (kept["status"], kept["version"]) == ("booked", 1)
        assert await owner.fetchval("SELECT count(*) FROM appointments") == 2

    async def test_to_another_doctor_and_branch(self, client: Client, world: World) -> None:
        old = await booked(client, world.a)
        moved = await step(
            client, world.a, "receptionist", old["id"], "reschedule", starts_at=at(TUESDAY, "09:00"),
            practitioner_id=str(world.a.other_practitioner), facility_id=str(world.a.main),
        )  # fmt: skip
        assert (moved.json()["practitioner_name"], moved.json()["fee_paise"]) == ("Dr Arvind Menon", 90_000)

    async def test_patients_move_waits_for_confirming_again(self, client: Client, world: World) -> None:
        old = await booked(client, world.a)
        moved = await step(client, world.a, "patient", old["id"], "reschedule", starts_at=at(WEDNESDAY, "09:00"))
        assert (moved.json()["status"], moved.json()["source"]) == ("pending", "patient")

    async def test_receipt_goes_with_the_visit(self, client: Client, world: World, owner: Owner) -> None:
        old = await booked(client, world.a)
        await owner.execute(
            """INSERT INTO receipts (organization_id, id, number, appointment_id, patient_id, facility_id, amount_paise,
                                     method, is_verified, issued_at)
               VALUES ($1, gen_random_uuid(), 'T/1', $2, $3, $4, 60000, 'cash', true, now())""",
            world.a.organization_id, UUID(old["id"]), world.a.patient, world.a.main,
        )  # fmt: skip
        moved = await step(client, world.a, "receptionist", old["id"], "reschedule", starts_at=at(WEDNESDAY, "09:00"))
        new = moved.json()
        assert (new["receipt"]["number"], new["fee_paise"]) == ("T/1", 60_000)
        assert new["revisit_free_until"] == "2026-12-09", "fourteen days after the visit's new day"
        left = (await client.get(f"/api/appointments/{old['id']}", headers=world.a.as_("doctor"))).json()
        assert left["receipt"] is None

    async def test_number_given_at_booking_is_left_and_a_new_one_given(self, client: Client, world: World) -> None:
        await change_rules(client, world.a, token_given_at="booking")
        old = await booked(client, world.a)
        moved = await step(client, world.a, "receptionist", old["id"], "reschedule", starts_at=at(WEDNESDAY, "09:00"))
        assert moved.json()["token"]["status"] == "waiting"
        left = (await client.get(f"/api/appointments/{old['id']}", headers=world.a.as_("doctor"))).json()
        assert left["token"]["status"] == "left"

    async def test_three_free_times_are_proposed_and_none_is_its_own(self, client: Client, world: World) -> None:
        made = await booked(client, world.a, starts_at=at(MONDAY, "10:20"))
        url = f"/api/appointments/{made['id']}/proposals"
        offered = (await client.get(url, headers=world.a.as_("receptionist"))).json()["items"]
        assert len(offered) == 3
        assert made["starts_at"] not in {
            one["starts_at"] for one in offered if one["practitioner_id"] == made["practitioner_id"]
        }
        for one in offered:
            body = {k: one[k] for k in ("starts_at", "practitioner_id", "facility_id")}
            moved = await step(client, world.a, "receptionist", made["id"], "reschedule", **body)
            assert moved.status_code == 200, moved.text
            made = moved.json()
