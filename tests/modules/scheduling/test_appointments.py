"""What happens to an appointment after it was booked: states, moves, and who sees what of it."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx2
import pytest

from arogya.modules.scheduling.models import Appointment
from arogya.modules.scheduling.refusals import WrongState
from arogya.modules.scheduling.transitions import AppointmentStatus, as_markdown
from arogya.platform.clock import FixedClock
from tests.factories.scheduling import (
    MONDAY,
    TUESDAY,
    WEDNESDAY,
    add_schedule,
    also,
    at,
    booked,
    change_rules,
    moment,
    step,
)
from tests.modules.answers import refusal
from tests.world import World

Client = httpx2.AsyncClient
Owner = asyncpg.Connection
NOW = moment(MONDAY, "10:00")
STEPS = {
    "confirm": lambda a: a.confirm(),
    "reschedule": lambda a: a.leave_for_another(NOW, "moved"),
    "cancel": lambda a: a.cancel(NOW, "reason"),
    "arrive": lambda a: a.arrive(NOW),
    "check-in": lambda a: a.check_in(NOW),
    "fulfil": lambda a: a.fulfil(NOW),
    "no-show": lambda a: a.miss(NOW),
}
# Written down apart from the code's own table, so that a slip in that one is seen here.
LEADS = {
    ("pending", "confirm"): "booked",
    ("pending", "reschedule"): "cancelled",
    ("pending", "cancel"): "cancelled",
    ("booked", "reschedule"): "cancelled",
    ("booked", "cancel"): "cancelled",
    ("booked", "arrive"): "arrived",
    ("booked", "check-in"): "checked-in",
    ("booked", "no-show"): "noshow",
    ("arrived", "cancel"): "cancelled",
    ("arrived", "check-in"): "checked-in",
    ("arrived", "fulfil"): "fulfilled",
    ("checked-in", "cancel"): "cancelled",
    ("checked-in", "fulfil"): "fulfilled",
}
WHO = {
    "confirm": {"receptionist", "doctor", "hospital_admin"},
    "cancel": {"receptionist", "doctor", "hospital_admin", "patient"},
    "reschedule": {"receptionist", "doctor", "hospital_admin", "patient"},
    "arrive": {"receptionist", "nurse", "doctor", "hospital_admin"},
    "check-in": {"receptionist", "nurse", "doctor", "hospital_admin"},
    "fulfil": {"doctor"},
    "no-show": {"receptionist", "nurse", "doctor", "hospital_admin"},
}
ROLES = ["receptionist", "nurse", "doctor", "hospital_admin", "patient", "pharmacist", "cashier", "lab_technician",
         "privacy_officer"]  # fmt: skip


async def in_state(client: Client, world: World, owner: Owner, status: str) -> str:
    """The id of a booking that was brought to this state by force."""
    made = await booked(client, world.a)
    await owner.execute("UPDATE appointments SET status = $1 WHERE id = $2", status, UUID(made["id"]))
    return made["id"]


def body_of(name: str) -> dict[str, Any]:
    return {"cancel": {"reason": "Test"}, "reschedule": {"starts_at": at(WEDNESDAY, "10:00")}}.get(name, {})


class TestTable:
    def test_document_is_the_codes_table(self) -> None:
        document = Path(__file__).parents[3] / "docs" / "appointments.md"
        assert document.read_text() == as_markdown(), "run: python -m arogya.modules.scheduling.transitions"

    @pytest.mark.parametrize("status", list(AppointmentStatus))
    @pytest.mark.parametrize("name", STEPS)
    def test_model_takes_the_tables_steps_and_no_other(self, status: str, name: str) -> None:
        appointment = Appointment(status=status)
        expected = LEADS.get((status, name))
        if expected is None:
            with pytest.raises(WrongState) as refused:
                STEPS[name](appointment)
            assert refused.value.extra == {"current_status": status}
            assert appointment.status == status
        else:
            STEPS[name](appointment)
            assert appointment.status == expected

    @pytest.mark.parametrize(("old", "new"), [("cancelled", "booked"), ("fulfilled", "booked"), ("pending", "arrived"),
                                              ("booked", "fulfilled"), ("noshow", "arrived")])  # fmt: skip
    def test_no_state_can_be_set_past_the_steps(self, old: str, new: str) -> None:
        appointment = Appointment(status=old)
        with pytest.raises(WrongState):
            appointment.status = new

    def test_steps_leave_their_times(self) -> None:
        appointment = Appointment(status="booked")
        appointment.arrive(NOW)
        appointment.check_in(NOW + timedelta(minutes=5))
        appointment.fulfil(NOW + timedelta(minutes=30))
        assert (appointment.arrived_at, appointment.checked_in_at, appointment.fulfilled_at) == (
            NOW, NOW + timedelta(minutes=5), NOW + timedelta(minutes=30),
        )  # fmt: skip
        straight = Appointment(status="booked")
        straight.check_in(NOW)
        assert straight.arrived_at == NOW, "who is checked in has arrived"

    @pytest.mark.parametrize("name", STEPS)
    async def test_steps_over_http_answer_the_state_where_it_is_wrong(
        self, client: Client, world: World, owner: Owner, name: str
    ) -> None:
        appointment_id = await in_state(client, world, owner, "noshow")
        response = await step(client, world.a, "doctor", appointment_id, name, **body_of(name))
        assert refusal(response) == (409, "wrong_state")
        assert (response.json()["status"], response.json()["current_status"]) == (409, "noshow")
        found = await client.get(f"/api/appointments/{appointment_id}", headers=world.a.as_("doctor"))
        assert found.json()["status"] == "noshow"

    @pytest.mark.parametrize("name", WHO)
    async def test_each_step_is_for_those_who_may(
        self, client: Client, world: World, owner: Owner, clock: FixedClock, name: str
    ) -> None:
        clock.at = moment(TUESDAY, "00:30")
        start = next(status for status, of in LEADS if of == name)
        for role in ROLES:
            appointment_id = await in_state(client, world, owner, start)
            response = await step(client, world.a, role, appointment_id, name, **body_of(name))
            assert (response.status_code == 200) == (role in WHO[name]), f"{role}: {response.text}"
            if response.status_code == 200:
                assert response.json()["status"] in {"booked", "pending"} | {LEADS[start, name]}
            else:
                assert refusal(response) == (403, "forbidden")
            await owner.execute("DELETE FROM queue_tokens")
            await owner.execute("DELETE FROM appointments")

    async def test_unknown_step_and_appointment_are_not_found(self, client: Client, world: World) -> None:
        made = await booked(client, world.a)
        assert (await step(client, world.a, "doctor", made["id"], "forget")).status_code in {404, 405}
        assert (await step(client, world.a, "doctor", str(uuid4()), "check-in")).status_code == 404


class TestDay:
    async def test_visit_from_booking_to_its_end(self, client: Client, world: World, clock: FixedClock) -> None:
        made = await booked(client, world.a, "patient", starts_at=at(MONDAY, "10:20"))
        assert made["status"] == "pending"
        assert (await step(client, world.a, "receptionist", made["id"], "confirm")).json()["status"] == "booked"
        arrived = (await step(client, world.a, "receptionist", made["id"], "arrive")).json()
        assert (arrived["status"], arrived["arrived_at"]) == ("arrived", "2026-11-23T04:30:00Z")
        assert arrived["token"]["number"] == 1, "the rules give numbers on arrival"
        clock.advance(timedelta(minutes=5))
        ready = (await step(client, world.a, "nurse", made["id"], "check-in")).json()
        assert (ready["status"], ready["checked_in_at"]) == ("checked-in", "2026-11-23T04:35:00Z")
        done = (await step(client, world.a, "doctor", made["id"], "fulfil")).json()
        assert (done["status"], done["token"]["status"]) == ("fulfilled", "done")

    @pytest.mark.parametrize("name", ["arrive", "check-in", "no-show"])
    async def test_nobody_is_received_or_missed_before_the_day(
        self, client: Client, world: World, clock: FixedClock, owner: Owner, name: str
    ) -> None:
        made = await booked(client, world.a)
        for wall in ("10:00", "23:59"):
            clock.at = moment(MONDAY, wall)
            refused = await step(client, world.a, "receptionist", made["id"], name)
            assert refusal(refused) == (409, "visit_not_today")
            assert refused.json()["day"] == TUESDAY
        assert await owner.fetchval("SELECT count(*) FROM queue_tokens") == 0
        clock.at = moment(TUESDAY, "00:00")
        assert (await step(client, world.a, "receptionist", made["id"], name)).status_code == 200

    @pytest.mark.parametrize(
        ("given_at", "numbers"),
        [("booking", [1, 1, 1]), ("arrival", [None, 1, 1]), ("check-in", [None, None, 1])],
    )
    async def test_number_is_given_when_the_rules_say(
        self, client: Client, world: World, given_at: str, numbers: list[int | None]
    ) -> None:
        await change_rules(client, world.a, token_given_at=given_at)
        shown = [await booked(client, world.a, starts_at=at(MONDAY, "10:20"))]
        shown += [
            (await step(client, world.a, "receptionist", shown[0]["id"], name)).json()
            for name in ("arrive", "check-in")
        ]
        assert [one["token"] and one["token"]["number"] for one in shown] == numbers

    async def test_pending_booking_has_no_number_before_it_is_confirmed(self, client: Client, world: World) -> None:
        await change_rules(client, world.a, token_given_at="booking")
        made = await booked(client, world.a, "patient")
        assert made["token"] is None
        assert (await step(client, world.a, "receptionist", made["id"], "confirm")).json()["token"]["number"] == 1

    async def test_cancelled_visit_leaves_the_queue(self, client: Client, world: World) -> None:
        made = await booked(client, world.a, starts_at=at(MONDAY, "10:20"))
        await step(client, world.a, "receptionist", made["id"], "arrive")
        gone = (await step(client, world.a, "receptionist", made["id"], "cancel", reason="Could not wait")).json()
        assert (gone["status"], gone["cancel_reason"], gone["token"]["status"]) == (
            "cancelled", "Could not wait", "left",
        )  # fmt: skip

    async def test_cancelling_asks_for_a_reason(self, client: Client, world: World) -> None:
        made = await booked(client, world.a)
        for body in ({}, {"reason": ""}, {"reason": "  "}):
            response = await client.post(
                f"/api/appointments/{made['id']}/cancel", json=body, headers=world.a.as_("receptionist")
            )
            assert response.status_code == 422
            assert response.json()["fields"][0]["name"] == "reason"

    async def test_doctor_may_open_the_chart_from_arrival_until_a_day_after(
        self, client: Client, world: World, clock: FixedClock
    ) -> None:
        doctor = world.a.as_("doctor")
        history = f"/api/patients/{world.a.patient}/history"
        made = await booked(client, world.a, starts_at=at(MONDAY, "10:20"), reason="Fever")
        assert (await client.get(history, headers=doctor)).status_code == 403, "a booking is no reason yet"
        await step(client, world.a, "receptionist", made["id"], "arrive")
        opened = await client.get(history, headers=doctor)
        assert opened.status_code == 200
        (entry,) = opened.json()["items"]
        assert (entry["kind"], entry["title"], entry["status"]) == ("appointment", "Fever", "arrived")
        assert (entry["practitioner_name"], entry["details"]["appointment_id"]) == ("Dr Kavita Iyer", made["id"])
        await step(client, world.a, "doctor", made["id"], "check-in")
        await step(client, world.a, "doctor", made["id"], "fulfil")
        clock.advance(timedelta(hours=23))
        assert (await client.get(history, headers=doctor)).status_code == 200
        clock.advance(timedelta(hours=2))
        assert (await client.get(history, headers=doctor)).status_code == 403

    async def test_chart_closes_where_the_visit_does_not_take_place(self, client: Client, world: World) -> None:
        made = await booked(client, world.a, starts_at=at(MONDAY, "10:20"))
        await step(client, world.a, "receptionist", made["id"], "arrive")
        await step(client, world.a, "receptionist", made["id"], "cancel", reason="Called away")
        history = await client.get(f"/api/patients/{world.a.patient}/history", headers=world.a.as_("doctor"))
        assert history.status_code == 403

    async def test_each_step_is_audited_and_heard_of(self, client: Client, world: World, owner: Owner) -> None:
        made = await booked(client, world.a, "patient", starts_at=at(MONDAY, "10:20"))
        for name in ("confirm", "arrive", "check-in"):
            await step(client, world.a, "receptionist", made["id"], name)
        await step(client, world.a, "doctor", made["id"], "fulfil")
        other = await booked(client, world.a, starts_at=at(MONDAY, "10:40"))
        await step(client, world.a, "receptionist", other["id"], "no-show")
        third = await booked(client, world.a, starts_at=at(TUESDAY, "11:00"))
        await step(client, world.a, "receptionist", third["id"], "cancel", reason="No")
        names = await owner.fetch("SELECT name FROM outbox_events WHERE topic = 'appointments' ORDER BY created_at, id")
        assert [row["name"] for row in names] == [
            "AppointmentBooked", "AppointmentConfirmed", "AppointmentArrived", "AppointmentCheckedIn",
            "AppointmentFulfilled", "AppointmentBooked", "AppointmentNoShow", "AppointmentBooked",
            "AppointmentCancelled",
        ]  # fmt: skip
        audited = await owner.fetch(
            "SELECT details->>'step' AS step FROM audit_entries WHERE entity = 'appointment' AND action = 'update'"
        )
        assert {row["step"] for row in audited} == {"confirm", "arrive", "check-in", "fulfil", "no-show", "cancel"}


class TestPatientsOwn:
    async def test_cancels_and_moves_until_the_rules_say_no(
        self, client: Client, world: World, clock: FixedClock
    ) -> None:
        await change_rules(client, world.a, cancel_until_minutes=60)
        made = await booked(client, world.a, "patient", starts_at=at(TUESDAY, "11:00"))
        clock.at = moment(TUESDAY, "10:00")
        moved = await step(client, world.a, "patient", made["id"], "reschedule", starts_at=at(TUESDAY, "11:20"))
        assert moved.status_code == 200
        clock.at = moment(TUESDAY, "10:21")
        for name, body in (("cancel", {"reason": "Late"}), ("reschedule", {"starts_at": at(TUESDAY, "12:00")})):
            response = await step(client, world.a, "patient", moved.json()["id"], name, **body)
            assert refusal(response) == (409, "too_late_to_change")
        desk = await step(client, world.a, "receptionist", moved.json()["id"], "cancel", reason="Called us")
        assert desk.status_code == 200, "the desk is who they call"

    async def test_does_not_cancel_a_visit_that_has_begun(self, client: Client, world: World, owner: Owner) -> None:
        for state in ("arrived", "checked-in"):
            appointment_id = await in_state(client, world, owner, state)
            response = await step(client, world.a, "patient", appointment_id, "cancel", reason="No")
            assert refusal(response) == (409, "wrong_state")
            await owner.execute("DELETE FROM appointments")

    async def test_other_patients_appointments_are_not_there(self, client: Client, world: World) -> None:
        other = await booked(client, world.a, patient_id=world.a.other_patient)
        own = await booked(client, world.a, starts_at=at(TUESDAY, "11:00"))
        patient = world.a.as_("patient")
        url = f"/api/appointments/{other['id']}"
        tries = [
            await client.get(url, headers=patient),
            await client.patch(url, json={"notes": "mine?"}, headers=patient),
            await client.get(f"{url}/proposals", headers=patient),
            await step(client, world.a, "patient", other["id"], "cancel", reason="Ha"),
            await step(client, world.a, "patient", other["id"], "reschedule", starts_at=at(WEDNESDAY, "09:00")),
        ]
        assert {response.status_code for response in tries} == {404}
        listed = (await client.get("/api/appointments", headers=patient)).json()
        assert [one["id"] for one in listed["items"]] == [own["id"]]
        asked = await client.get(f"/api/appointments?patient_id={world.a.other_patient}", headers=patient)
        assert (asked.json()["items"], asked.json()["total"]) == ([], 0)


class TestRolesTogether:
    """Two roles of one person reach as far as each of them, never further."""

    async def test_nurse_who_is_a_patient_changes_nobody_elses(
        self, client: Client, world: World, owner: Owner
    ) -> None:
        await also(owner, world.a, "nurse", "patient")
        other = await booked(client, world.a, patient_id=world.a.other_patient)
        assert (await client.get(f"/api/appointments/{other['id']}", headers=world.a.as_("nurse"))).status_code == 200
        for name in ("cancel", "reschedule"):
            response = await step(client, world.a, "nurse", other["id"], name, **body_of(name))
            assert refusal(response) == (403, "forbidden")
        edited = await client.patch(
            f"/api/appointments/{other['id']}", json={"notes": "Mine"}, headers=world.a.as_("nurse")
        )
        assert refusal(edited) == (403, "forbidden")

    async def test_nurse_of_all_branches_and_desk_of_one_changes_at_that_one(
        self, client: Client, world: World, owner: Owner
    ) -> None:
        await also(owner, world.a, "nurse", "receptionist", world.a.branch)
        await add_schedule(client, world.a, facility_id=world.a.branch)
        main = await booked(client, world.a)
        there = await booked(client, world.a, starts_at=at(MONDAY, "15:00"))
        for made, expected in ((main, 403), (there, 200)):
            url = f"/api/appointments/{made['id']}"
            edited = await client.patch(url, json={"notes": "Wheelchair"}, headers=world.a.as_("nurse"))
            assert edited.status_code == expected
            cancelled = await step(client, world.a, "nurse", made["id"], "cancel", reason="No")
            assert cancelled.status_code == expected
