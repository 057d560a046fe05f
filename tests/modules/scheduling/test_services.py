"""What is booked and is no doctor: set up, found, booked, called, paid; and where it is left out on purpose."""

from typing import Any

import httpx2
import pytest

from arogya.modules.scheduling.desk_papers import slip_facts
from tests.factories.scheduling import MONDAY, add_room, add_schedule, at, book, booked, slots
from tests.modules.scheduling.desk import Desk
from tests.world import Hospital, World

Client = httpx2.AsyncClient
THREE = at(MONDAY, "15:00")


async def add_service(client: Client, hospital: Hospital, who: str = "hospital_admin", **told: Any) -> httpx2.Response:
    body = {
        "kind": "service", "name": "X-ray", "department_id": str(hospital.department), "consultation_fee_paise": 40_000,
        "visit_minutes": 10, "facilities": [{"facility_id": str(hospital.main)}], **told,
    }  # fmt: skip
    return await client.post("/api/practitioners", json=body, headers=hospital.as_(who))


async def x_ray(client: Client, hospital: Hospital) -> str:
    """One with a room and hours: all of Monday, ten minutes each."""
    made = await add_service(client, hospital)
    assert made.status_code == 201, made.text
    room = await add_room(client, hospital, "X-ray room")
    hours = [{"weekday": 0, "starts": "09:00", "ends": "18:00"}]
    told = {"practitioner_id": made.json()["id"], "room_id": room, "slot_minutes": 10, "sessions": hours}
    assert (await add_schedule(client, hospital, **told)).status_code == 201
    return str(made.json()["id"])


class TestSetUp:
    async def test_service_is_nobody(self, client: Client, world: World) -> None:
        made = (await add_service(client, world.a)).json()
        assert (made["kind"], made["title"], made["visit_minutes"], made["user_id"]) == ("service", "", 10, None)
        for name, value in {
            "title": "Dr", "registration_number": "MMC-1", "qualifications": [{"degree": "MBBS"}],
            "languages": ["en"], "practising_since": 2012, "specialty": "Radiology",
            "user_id": str(world.a.users["nurse"]),
        }.items():  # fmt: skip
            refused = await add_service(client, world.a, name="ECG", **{name: value})
            assert (refused.status_code, refused.json()["fields"][0]["code"]) == (422, "service_is_nobody"), name
            url = f"/api/practitioners/{made['id']}"
            changed = await client.patch(url, json={name: value}, headers=world.a.as_("hospital_admin"))
            assert changed.status_code == 422, name

    async def test_doctor_stays_a_doctor(self, client: Client, world: World) -> None:
        url, headers = f"/api/practitioners/{world.a.practitioner}", world.a.as_("hospital_admin")
        assert (await client.patch(url, json={"kind": "service"}, headers=headers)).status_code == 422
        assert (await client.get(url, headers=headers)).json()["kind"] == "practitioner"

    async def test_lists_tell_them_apart(self, client: Client, world: World) -> None:
        await add_service(client, world.a)

        async def names(**asked: Any) -> set[str]:
            found = await client.get("/api/practitioners", params=asked, headers=world.a.as_("receptionist"))
            return {one["name"] for one in found.json()["items"]}

        assert await names(kind="service") == {"X-ray"}
        assert await names(kind="practitioner") == {"Kavita Iyer", "Arvind Menon"}
        assert await names() == {"X-ray", "Kavita Iyer", "Arvind Menon"}

    @pytest.mark.parametrize("who", ["receptionist", "doctor", "patient"])
    async def test_only_the_administrator_adds_one(self, client: Client, world: World, who: str) -> None:
        assert (await add_service(client, world.a, who)).status_code == 403

    async def test_no_user_becomes_a_service(self, client: Client, world: World) -> None:
        made = (await add_service(client, world.a)).json()
        body = {"name": "Someone", "username": "some.one", "role": "doctor", "practitioner_id": made["id"]}
        answer = await client.post("/api/users", json=body, headers=world.a.as_("hospital_admin"))
        assert answer.status_code in {409, 422}, answer.text
        read = await client.get(f"/api/practitioners/{made['id']}", headers=world.a.as_("hospital_admin"))
        assert read.json()["user_id"] is None


class TestBooked:
    async def test_it_is_found_and_booked_by_desk_and_patient(self, client: Client, world: World) -> None:
        service = await x_ray(client, world.a)
        params = {"kind": "service"}
        found = (await client.get("/api/availability", params=params, headers=world.a.as_("patient"))).json()["items"]
        assert [(one["practitioner"]["name"], one["practitioner"]["kind"]) for one in found] == [("X-ray", "service")]
        assert found[0]["next"][0]["room_name"] == "X-ray room"
        for who, patient, wall in (
            ("receptionist", world.a.other_patient, "15:00"),
            ("patient", world.a.patient, "15:10"),
        ):
            made = await booked(
                client, world.a, who, practitioner_id=service, patient_id=patient, starts_at=at(MONDAY, wall)
            )
            assert (made["practitioner_name"], made["practitioner_kind"]) == ("X-ray", "service")
            assert (made["room"], made["fee_paise"]) == ("X-ray room", 40_000)

    async def test_nobody_stands_in_for_it(self, client: Client, world: World) -> None:
        service = await x_ray(client, world.a)
        await booked(client, world.a, practitioner_id=service, starts_at=THREE)
        wish = {"practitioner_id": service, "patient_id": world.a.other_patient, "starts_at": THREE}
        refused = await book(client, world.a, **wish)
        assert {one["practitioner_name"] for one in refused.json()["next_free"]} == {"X-ray"}
        doctors = await book(client, world.a, starts_at=at(MONDAY, "12:40"))
        assert doctors.status_code == 201
        again = await book(client, world.a, patient_id=world.a.other_patient, starts_at=at(MONDAY, "12:40"))
        assert "X-ray" not in {one["practitioner_name"] for one in again.json()["next_free"]}, "in one department"

    async def test_second_x_ray_is_no_free_revisit(self, client: Client, world: World) -> None:
        service = await x_ray(client, world.a)
        first = await booked(client, world.a, practitioner_id=service, starts_at=THREE)
        body = {"method": "cash"}
        url = f"/api/appointments/{first['id']}/receipt"
        paid = await client.post(url, json=body, headers=world.a.as_("receptionist"))
        assert paid.status_code == 201, paid.text
        second = await booked(client, world.a, practitioner_id=service, starts_at=at(MONDAY, "16:00"))
        assert (second["fee_paise"], second["is_free_revisit"], second["revisit_free_until"]) == (40_000, False, None)

    async def test_doctor_and_service_share_a_room_by_turns(self, client: Client, world: World) -> None:
        service = await x_ray(client, world.a)
        rooms = await client.get("/api/rooms", headers=world.a.as_("receptionist"))
        await add_schedule(client, world.a, room_id=rooms.json()["items"][0]["id"])
        await booked(client, world.a, practitioner_id=service, starts_at=THREE)
        seen = await slots(client, world.a, MONDAY)
        assert next(one for one in seen if one["starts_at"] == THREE)["is_room_taken"] is True


class TestQueue:
    async def test_technician_calls_its_numbers(self, client: Client, world: World) -> None:
        service = await x_ray(client, world.a)
        desk = Desk(client, world.a, service)  # type: ignore[arg-type]
        await desk.walk_in(world.a.patient)
        await desk.walk_in(world.a.other_patient)
        technician = desk.as_("lab_technician")
        called = await technician.call_next()
        assert called["called"]["number"] == 1
        assert (await technician.call_next(finishing=called["called"]["token_id"]))["called"]["number"] == 2
        chart = await client.get(f"/api/patients/{world.a.patient}", headers=world.a.as_("doctor"))
        assert chart.status_code == 200, "nobody's chart is opened by it, nobody's closed"

    async def test_its_queue_goes_to_no_doctor_and_theirs_not_to_it(self, client: Client, world: World) -> None:
        service = await x_ray(client, world.a)
        headers = world.a.as_("receptionist")
        for ends in ((service, world.a.practitioner), (world.a.practitioner, service)):
            body = {
                "from_practitioner_id": str(ends[0]), "to_practitioner_id": str(ends[1]),
                "facility_id": str(world.a.main),
            }  # fmt: skip
            refused = await client.post("/api/queue-handovers/preview", json=body, headers=headers)
            assert (refused.status_code, refused.json()["code"]) == (409, "no_colleague")

    async def test_who_waits_for_any_doctor_does_not_wait_for_it(self, client: Client, world: World) -> None:
        only_service = await client.post(
            "/api/departments", json={"name": "Radiology"}, headers=world.a.as_("hospital_admin")
        )
        await add_service(client, world.a, department_id=only_service.json()["id"])
        body = {
            "patient_id": str(world.a.patient), "department_id": only_service.json()["id"],
            "facility_id": str(world.a.main), "first_day": MONDAY, "last_day": MONDAY, "part_of_day": "any",
        }  # fmt: skip
        refused = await client.post("/api/waitlist", json=body, headers=world.a.as_("receptionist"))
        assert refused.status_code == 422


async def test_day_names_it_and_doctors_figures_leave_it_out(client: Client, world: World) -> None:
    await x_ray(client, world.a)
    headers = world.a.as_("receptionist")
    today = await client.get("/api/practitioners-today", params={"facility_id": str(world.a.main)}, headers=headers)
    kinds = {row["name"]: (row["kind"], row["room"]) for row in today.json()["items"]}
    assert kinds["X-ray"] == ("service", "X-ray room")
    assert kinds["Kavita Iyer"] == ("practitioner", "4")
    stats = (await client.get("/api/stats", headers=world.a.as_("hospital_admin"))).json()
    assert stats["doctors"]["total"] == 2


async def test_slip_says_service_and_room(client: Client, world: World, system: Any) -> None:
    service = await x_ray(client, world.a)
    made = await booked(client, world.a, practitioner_id=service, starts_at=THREE)
    async with system(world.a) as ctx:
        facts = await slip_facts(ctx, made["id"])
    assert (facts.doctor, facts.is_service, facts.room) == ("X-ray", True, "X-ray room")
