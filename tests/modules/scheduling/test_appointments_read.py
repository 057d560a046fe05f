"""Who reads which appointments, what it costs, what it leaves behind; and editing their words."""

from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx2
import pytest

from arogya.platform.clock import FixedClock
from arogya.platform.database import Database
from tests.factories.scheduling import (
    MONDAY,
    TUESDAY,
    WEDNESDAY,
    add_schedule,
    at,
    book,
    booked,
    make_patients,
    moment,
    step,
)
from tests.modules.answers import refusal
from tests.statements import statements
from tests.world import World

Client = httpx2.AsyncClient
Owner = asyncpg.Connection
STEPS: dict[str, dict[str, Any]] = {
    "confirm": {}, "cancel": {"reason": "Test"}, "reschedule": {"starts_at": at(WEDNESDAY, "10:00")}, "arrive": {},
    "check-in": {}, "fulfil": {}, "no-show": {},
}  # fmt: skip


class TestReading:
    async def test_list_is_filtered_and_ordered(self, client: Client, world: World) -> None:
        late = await booked(client, world.a, starts_at=at(WEDNESDAY, "09:00"))
        early = await booked(client, world.a, starts_at=at(TUESDAY, "09:00"))
        token = await booked(
            client, world.a, patient_id=world.a.other_patient, practitioner_id=world.a.other_practitioner,
            starts_at=at(TUESDAY, "09:00"),
        )  # fmt: skip
        await step(client, world.a, "receptionist", late["id"], "cancel", reason="No")

        async def listed(**asked: Any) -> list[str]:
            response = await client.get("/api/appointments", params=asked, headers=world.a.as_("nurse"))
            assert response.status_code == 200, response.text
            return [one["id"] for one in response.json()["items"]]

        assert set(await listed()) == {early["id"], token["id"], late["id"]}
        assert (await listed())[-1] == late["id"]
        assert (await listed(newest_first=True))[0] == late["id"]
        assert await listed(practitioner_id=str(world.a.other_practitioner)) == [token["id"]]
        assert await listed(patient_id=str(world.a.patient)) == [early["id"], late["id"]]
        assert await listed(status="cancelled") == [late["id"]]
        assert await listed(status=["cancelled", "booked"], patient_id=str(world.a.patient)) == [
            early["id"], late["id"],
        ]  # fmt: skip
        assert await listed(**{"from": WEDNESDAY}) == [late["id"]]
        assert set(await listed(to=TUESDAY)) == {early["id"], token["id"]}
        assert await listed(**{"from": at(TUESDAY, "09:01"), "to": at(WEDNESDAY, "09:00")}) == []
        assert await listed(facility_id=str(world.a.branch)) == []
        assert len(await listed(limit=1, skip=1)) == 1

    @pytest.mark.parametrize("asked", ["status=lost", "from=yesterday", "limit=201", "skip=-1", "patient_id=7",
                                       "from=2026-11-24T10:00:00", "from=0001-01-01"])  # fmt: skip
    async def test_list_refuses_what_it_does_not_know(self, client: Client, world: World, asked: str) -> None:
        response = await client.get(f"/api/appointments?{asked}", headers=world.a.as_("nurse"))
        assert response.status_code == 422

    async def test_today_is_the_branchs_day(
        self, client: Client, world: World, clock: FixedClock, owner: Owner
    ) -> None:
        today = await booked(client, world.a, starts_at=at(MONDAY, "12:40"))
        tomorrow = await booked(client, world.a)
        ask = {"url": "/api/appointments/today", "headers": world.a.as_("receptionist")}
        assert [one["id"] for one in (await client.get(**ask)).json()["items"]] == [today["id"]]
        clock.at = moment(MONDAY, "23:59")
        assert (await client.get(**ask)).json()["total"] == 1
        clock.at = moment(TUESDAY, "00:01")
        assert [one["id"] for one in (await client.get(**ask)).json()["items"]] == [tomorrow["id"]]
        await owner.execute("UPDATE facilities SET time_zone = 'America/New_York' WHERE id = $1", world.a.main)
        there = [one["id"] for one in (await client.get(**ask)).json()["items"]]
        assert there == [today["id"], tomorrow["id"]], "in New York it is Monday until 10:30 of Tuesday"
        branch = {"params": {"facility_id": str(world.a.branch)}}
        assert (await client.get(**ask, **branch)).json()["total"] == 0

    async def test_desk_of_one_branch_sees_its_own_only(self, client: Client, world: World) -> None:
        await add_schedule(client, world.a, facility_id=world.a.branch)
        there = await booked(client, world.a, starts_at=at(MONDAY, "15:00"))
        main = await booked(client, world.a)
        desk = world.a.as_("branch_receptionist")
        for url in ("/api/appointments", "/api/appointments/today"):
            assert [one["id"] for one in (await client.get(url, headers=desk)).json()["items"]] == [there["id"]]
        assert (await client.get(f"/api/appointments/{main['id']}", headers=desk)).status_code == 404
        refused = await step(client, world.a, "branch_receptionist", main["id"], "check-in")
        assert refused.status_code == 404, "what it may not see, it does not know"
        assert (await client.get(f"/api/appointments/{there['id']}", headers=desk)).status_code == 200

    async def test_other_hospitals_appointments_are_not_there(self, client: Client, world: World) -> None:
        made = await booked(client, world.a)
        other = world.b.as_("hospital_admin")
        assert (await client.get(f"/api/appointments/{made['id']}", headers=other)).status_code == 404
        assert (await client.get("/api/appointments", headers=other)).json()["total"] == 0
        for name, body in STEPS.items():
            response = await step(client, world.b, "doctor", made["id"], name, **body)
            assert response.status_code == 404, name

    @pytest.mark.parametrize("who", ["privacy_officer"])
    async def test_who_reads_no_appointments_is_refused(self, client: Client, world: World, who: str) -> None:
        for url in ("/api/appointments", "/api/appointments/today", f"/api/appointments/{uuid4()}"):
            assert (await client.get(url, headers=world.a.as_(who))).status_code == 403

    async def test_stranger_is_refused(self, client: Client, world: World) -> None:
        for method, url in (("GET", "/api/appointments"), ("POST", "/api/appointments"), ("GET", "/api/slots")):
            assert (await client.request(method, url)).status_code == 401

    async def test_reads_and_lists_are_audited(self, client: Client, world: World, owner: Owner) -> None:
        made = await booked(client, world.a)
        await owner.execute("DELETE FROM audit_entries")
        await client.get(f"/api/appointments/{made['id']}", headers=world.a.as_("nurse"))
        await client.get("/api/appointments", headers=world.a.as_("nurse"))
        trail = await owner.fetch("SELECT action, entity_ids, patient_id, details FROM audit_entries ORDER BY id")
        assert [(row["action"], row["entity_ids"]) for row in trail] == [
            ("read", [UUID(made["id"])]), ("search", [UUID(made["id"])]),
        ]  # fmt: skip
        assert trail[0]["patient_id"] == world.a.patient
        assert str(world.a.patient) in trail[1]["details"]

    async def test_list_asks_no_more_for_thirty_than_for_two(
        self, client: Client, world: World, database: Database, in_tenant: Any
    ) -> None:
        await add_schedule(client, world.a, places=50)
        async with in_tenant(world.a.organization_id) as session:
            patients = await make_patients(session, 30)

        async def cost() -> int:
            with statements(database) as sent:
                response = await client.get("/api/appointments?limit=200", headers=world.a.as_("receptionist"))
            assert response.status_code == 200
            return len(sent)

        for patient in patients[:2]:
            await booked(client, world.a, patient_id=patient, starts_at=at(MONDAY, "15:00"))
        await cost()
        for_two = await cost()
        for patient in patients[2:]:
            await booked(client, world.a, patient_id=patient, starts_at=at(MONDAY, "15:20"))
        assert await cost() == for_two <= 9


class TestEditing:
    async def test_words_change_and_the_version_with_them(self, client: Client, world: World, owner: Owner) -> None:
        made = await booked(client, world.a, reason="Fever")
        url, desk = f"/api/appointments/{made['id']}", world.a.as_("receptionist")
        changed = await client.patch(url, json={"notes": "Wheelchair"}, headers=desk | {"If-Match": '"1"'})
        assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
        assert (changed.json()["reason"], changed.json()["notes"]) == ("Fever", "Wheelchair")
        stale = await client.patch(url, json={"notes": "None"}, headers=desk | {"If-Match": '"1"'})
        assert refusal(stale) == (412, "changed_meanwhile")
        names = await owner.fetch("SELECT name FROM outbox_events")
        assert [row["name"] for row in names] == ["AppointmentBooked", "AppointmentChanged"]

    async def test_patient_edits_their_own(self, client: Client, world: World) -> None:
        made = await booked(client, world.a)
        url = f"/api/appointments/{made['id']}"
        changed = await client.patch(url, json={"reason": "Cough, too"}, headers=world.a.as_("patient"))
        assert changed.json()["reason"] == "Cough, too"

    @pytest.mark.parametrize("body", [{"starts_at": at(TUESDAY, "11:00")}, {"status": "fulfilled"},
                                      {"fee_paise": 0}, {"notes": "x" * 4001}])  # fmt: skip
    async def test_nothing_else_can_be_edited(self, client: Client, world: World, body: dict[str, Any]) -> None:
        made = await booked(client, world.a)
        response = await client.patch(f"/api/appointments/{made['id']}", json=body, headers=world.a.as_("receptionist"))
        assert response.status_code == 422
        assert response.json()["fields"][0]["name"] == next(iter(body))

    @pytest.mark.parametrize("who", ["nurse", "cashier"])
    async def test_who_may_not_change_is_refused(self, client: Client, world: World, who: str) -> None:
        made = await booked(client, world.a)
        response = await client.patch(f"/api/appointments/{made['id']}", json={}, headers=world.a.as_(who))
        assert refusal(response) == (403, "forbidden")


async def test_last_visit_is_shown_in_the_list_of_patients(client: Client, world: World, clock: FixedClock) -> None:
    made = await booked(client, world.a, starts_at=at(MONDAY, "10:20"))
    await book(client, world.a)
    await step(client, world.a, "receptionist", made["id"], "check-in")
    await step(client, world.a, "doctor", made["id"], "fulfil")
    clock.at = moment(WEDNESDAY, "09:00")
    found = await client.get("/api/patients?search=sunita", headers=world.a.as_("receptionist"))
    (row,) = found.json()["items"]
    assert row["last_visit"] == {
        "practitioner_id": str(world.a.practitioner), "practitioner_name": "Dr Kavita Iyer",
        "at": at(MONDAY, "10:20"),
    }  # fmt: skip


class TestSearch:
    """By whom they are: a name, a phone, the UHID that a slip's barcode holds."""

    async def test_finds_the_standing_visits_from_today_on_the_next_first(
        self, client: Client, world: World, clock: FixedClock
    ) -> None:
        later = await booked(client, world.a, starts_at=at(WEDNESDAY, "09:00"))
        sooner = await booked(client, world.a, starts_at=at(TUESDAY, "09:00"))
        gone = await booked(client, world.a, starts_at=at(TUESDAY, "10:00"))
        await step(client, world.a, "receptionist", gone["id"], "cancel", reason="No")
        mrn = sooner["patient"]["mrn"]
        assert await self.found(client, world.a, mrn) == [sooner["id"], later["id"]]
        assert await self.found(client, world.a, sooner["patient"]["name"]) == [sooner["id"], later["id"]]
        assert await self.found(client, world.a, "nobody of that name") == []
        clock.at = moment(WEDNESDAY, "08:00")
        assert await self.found(client, world.a, mrn) == [later["id"]]

    async def found(self, client: Client, hospital: Any, text: str, role: str = "receptionist") -> list[str]:
        answer = await client.post("/api/appointments/search", json={"search": text}, headers=hospital.as_(role))
        assert answer.status_code == 200, answer.text
        return [one["id"] for one in answer.json()["items"]]

    async def test_shows_no_other_hospitals_and_to_a_patient_their_own_alone(
        self, client: Client, world: World
    ) -> None:
        mine = await booked(client, world.a, starts_at=at(TUESDAY, "09:00"))
        other = await booked(client, world.a, patient_id=world.a.other_patient, starts_at=at(TUESDAY, "10:00"))
        assert await self.found(client, world.b, mine["patient"]["mrn"]) == []
        assert await self.found(client, world.a, mine["patient"]["mrn"], "patient") == [mine["id"]]
        assert await self.found(client, world.a, other["patient"]["mrn"], "patient") == []

    async def test_is_on_record_with_whom_it_showed_and_not_what_was_typed(
        self, client: Client, world: World, owner: Owner
    ) -> None:
        mine = await booked(client, world.a, starts_at=at(TUESDAY, "09:00"))
        await self.found(client, world.a, mine["patient"]["mrn"])
        row = await owner.fetchrow(
            "SELECT * FROM audit_entries WHERE action = 'search' ORDER BY at DESC, id DESC LIMIT 1"
        )
        assert row is not None
        assert (row["entity"], row["entity_ids"]) == ("appointment", [UUID(mine["id"])])
        assert mine["patient"]["mrn"] not in str(dict(row))
