"""Walk-ins: a number for everyone who comes, each number once."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from arogya.modules.scheduling.models import QueueToken
from arogya.platform.clock import FixedClock
from tests.factories.scheduling import make_patients
from tests.modules.scheduling.desk import Desk
from tests.world import World

Owner = asyncpg.Connection
InTenant = Callable[..., AbstractAsyncContextManager[AsyncSession]]


async def test_walk_in_is_checked_in_with_a_number(desk: Desk, world: World) -> None:
    visit = await desk.walk_in(world.a.patient, reason="Fever, 3 days")
    assert (visit["status"], visit["kind"], visit["reason"]) == ("checked-in", "walk-in", "Fever, 3 days")
    assert (visit["token"]["number"], visit["token"]["status"]) == (1, "waiting")
    assert visit["fee_paise"] == 60_000
    assert visit["arrived_at"] == visit["checked_in_at"] == "2026-11-23T04:30:00Z"


@pytest.mark.usefixtures("fifty_connections")
async def test_fifty_walk_ins_at_once_get_each_number_once(desk: Desk, world: World, in_tenant: InTenant) -> None:
    async with in_tenant(world.a.organization_id) as session:
        people = await make_patients(session, 50)
    visits = await asyncio.gather(*(desk.walk_in(person) for person in people))
    assert sorted(visit["token"]["number"] for visit in visits) == list(range(1, 51))
    async with in_tenant(world.a.organization_id) as session:
        numbers = await session.scalars(select(QueueToken.number).order_by(QueueToken.number))
        assert list(numbers) == list(range(1, 51))


async def test_without_the_counter_the_schema_refuses_a_number_twice(desk: Desk, world: World, owner: Owner) -> None:
    """The control: a counter that was put back gives a number again, and the unique key refuses it."""
    await desk.walk_in(world.a.patient)
    await owner.execute("UPDATE queue_counters SET last = 0")
    answer = await desk.post("/walk-ins", {"patient_id": str(world.a.other_patient), **desk.here})
    assert answer.status_code == 409


async def test_refused_walk_in_leaves_no_gap(desk: Desk, world: World, in_tenant: InTenant) -> None:
    async with in_tenant(world.a.organization_id) as session:
        (third,) = await make_patients(session, 1)
    await desk.walk_in(world.a.patient)
    assert (await desk.post("/walk-ins", {"patient_id": str(world.a.patient), **desk.here})).status_code == 409
    await desk.walk_in(world.a.other_patient)
    assert (await desk.walk_in(third))["token"]["number"] == 3


async def test_numbers_begin_anew_for_each_doctor_and_day(
    desk: Desk, token_desk: Desk, world: World, clock: FixedClock
) -> None:
    await desk.walk_in(world.a.patient)
    assert (await token_desk.walk_in(world.a.other_patient))["token"]["number"] == 1
    clock.advance(timedelta(days=1))
    assert (await desk.walk_in(world.a.patient))["token"]["number"] == 1


async def test_the_same_patient_waits_once(desk: Desk, world: World) -> None:
    first = await desk.walk_in(world.a.patient)
    answer = await desk.post("/walk-ins", {"patient_id": str(world.a.patient), **desk.here})
    refusal = answer.json()
    assert (answer.status_code, refusal["code"]) == (409, "already_waiting")
    assert (refusal["appointment_id"], refusal["number"]) == (first["id"], 1)


@pytest.mark.usefixtures("fifty_connections")
async def test_two_desks_send_the_same_patient_in_once(desk: Desk, world: World) -> None:
    body = {"patient_id": str(world.a.patient), **desk.here}
    answers = await asyncio.gather(*(desk.post("/walk-ins", body) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409]


async def test_patient_who_was_seen_may_walk_in_again(desk: Desk, world: World) -> None:
    await desk.walk_in(world.a.patient)
    called = (await desk.call_next())["called"]
    await desk.moved(called["token_id"], "start")
    await desk.call_next()
    assert (await desk.walk_in(world.a.patient))["token"]["number"] == 2


async def test_walk_in_with_priority_goes_first(desk: Desk, world: World) -> None:
    await desk.walk_in(world.a.patient)
    urgent = await desk.walk_in(world.a.other_patient, is_priority=True)
    assert urgent["token"]["is_priority"] is True
    assert await desk.numbers() == [2, 1]


async def test_one_key_walks_in_once(desk: Desk, world: World) -> None:
    body = {"patient_id": str(world.a.patient), **desk.here}
    headers = world.a.as_("receptionist", key="nervous-finger")
    answers = [await desk.client.post("/api/walk-ins", json=body, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json()["id"] == answers[1].json()["id"]
    assert await desk.numbers() == [1]


async def test_doctor_may_open_the_chart_of_who_walked_in(desk: Desk, world: World, owner: Owner) -> None:
    visit = await desk.walk_in(world.a.patient)
    source = await owner.fetchval(
        "SELECT source_id FROM record_grants WHERE user_id = $1 AND patient_id = $2 AND purpose = 'treatment'",
        world.a.users["doctor"], world.a.patient,
    )  # fmt: skip
    assert str(source) == visit["id"]


async def test_doctor_of_another_branch_is_refused(desk: Desk, world: World) -> None:
    body = {"patient_id": str(world.a.patient), **desk.here, "facility_id": str(world.a.branch)}
    answer = await desk.post("/walk-ins", body)
    assert (answer.status_code, answer.json()["fields"][0]["code"]) == (422, "not_at_this_branch")


async def test_schedule_without_a_room_is_enough(desk: Desk, world: World, owner: Owner) -> None:
    await owner.execute("DELETE FROM practitioner_facilities")
    assert (await desk.walk_in(world.a.patient))["token"]["number"] == 1


async def test_room_without_a_session_is_enough(desk: Desk, world: World, owner: Owner, clock: FixedClock) -> None:
    """Sunday: the queue is the whole day's, the wait a slot of the doctor's schedule."""
    clock.advance(timedelta(days=6))
    await desk.walk_in(world.a.patient)
    visit = await desk.walk_in(world.a.other_patient)
    first, second = await desk.queue()
    assert (second["session"], second["number"], second["wait_minutes"]) == ("day", 2, 20)
    assert first["number"] == 1
    assert visit["schedule_id"] is None


async def test_deactivated_doctor_is_refused(desk: Desk, world: World, owner: Owner) -> None:
    await owner.execute("UPDATE practitioners SET is_active = false WHERE id = $1", world.a.practitioner)
    answer = await desk.post("/walk-ins", {"patient_id": str(world.a.patient), **desk.here})
    assert answer.status_code == 422


async def test_deactivated_patient_is_refused(desk: Desk, world: World, owner: Owner) -> None:
    await owner.execute("UPDATE patients SET is_active = false WHERE id = $1", world.a.patient)
    answer = await desk.post("/walk-ins", {"patient_id": str(world.a.patient), **desk.here})
    assert (answer.status_code, answer.json()["code"]) == (409, "patient_inactive")


async def test_nobody_walks_in_to_a_doctor_who_is_gone(desk: Desk, world: World) -> None:
    await desk.post(f"/practitioners-today/{desk.doctor}", {"facility_id": str(world.a.main), "state": "gone"})
    answer = await desk.post("/walk-ins", {"patient_id": str(world.a.patient), **desk.here})
    assert (answer.status_code, answer.json()["code"]) == (409, "practitioner_gone")


@pytest.mark.parametrize("who", ["patient", "cashier", "pharmacist", "privacy_officer"])
async def test_only_who_receives_visits_may_send_in(desk: Desk, world: World, who: str) -> None:
    answer = await desk.as_(who).post("/walk-ins", {"patient_id": str(world.a.patient), **desk.here})
    assert answer.status_code == 403


async def test_desk_of_another_branch_may_not_send_in(desk: Desk, world: World) -> None:
    answer = await desk.as_("branch_receptionist").post("/walk-ins", {"patient_id": str(world.a.patient), **desk.here})
    assert answer.status_code == 403


async def test_another_hospitals_patient_and_doctor_are_not_there(desk: Desk, world: World) -> None:
    for change in ({"patient_id": str(world.b.patient)}, {"practitioner_id": str(world.b.practitioner)}):
        answer = await desk.post("/walk-ins", {"patient_id": str(world.a.patient), **desk.here, **change})
        assert answer.status_code == 404
    answer = await desk.post(
        "/walk-ins", {"patient_id": str(world.a.patient), **desk.here, "facility_id": str(world.b.main)}
    )
    assert answer.status_code == 404


async def test_stranger_is_refused(desk: Desk, world: World) -> None:
    body = {"patient_id": str(world.a.patient), **desk.here}
    assert (await desk.client.post("/api/walk-ins", json=body)).status_code == 401


async def preview(desk: Desk, patient_id: UUID) -> dict[str, Any]:
    answer = await desk.get("/walk-ins/preview", patient_id=str(patient_id), **desk.here)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_preview_says_what_the_walk_in_then_gets(desk: Desk, world: World) -> None:
    await desk.walk_in(world.a.patient)
    told = await preview(desk, world.a.other_patient)
    assert told == {
        "next_number": 2, "wait_minutes": 20, "fee_paise": 60_000, "is_free_revisit": False, "is_revisit": False,
        "revisit_day": None, "revisit_days": 14,
    }  # fmt: skip
    visit = await desk.walk_in(world.a.other_patient)
    assert (visit["token"]["number"], visit["fee_paise"]) == (2, 60_000)
    assert (await desk.queue())[1]["wait_minutes"] == 20


async def test_revisit_of_a_paid_visit_is_free(desk: Desk, world: World, clock: FixedClock) -> None:
    visit = await desk.walk_in(world.a.patient)
    assert (await desk.post(f"/appointments/{visit['id']}/receipt", {"method": "cash"})).status_code == 201
    clock.advance(timedelta(days=6))
    told = await preview(desk, world.a.patient)
    assert (told["fee_paise"], told["is_free_revisit"], told["revisit_day"]) == (0, True, 6)
    again = await desk.walk_in(world.a.patient)
    assert (again["fee_paise"], again["is_free_revisit"]) == (0, True)


async def test_preview_of_a_gone_doctor_promises_no_wait(desk: Desk, world: World) -> None:
    await desk.post(f"/practitioners-today/{desk.doctor}", {"facility_id": str(world.a.main), "state": "gone"})
    assert (await preview(desk, world.a.patient))["wait_minutes"] is None


async def test_preview_of_an_unknown_patient_is_not_found(desk: Desk) -> None:
    answer = await desk.get("/walk-ins/preview", patient_id=str(uuid4()), **desk.here)
    assert answer.status_code == 404


async def test_walk_in_writes_who_did_it_and_to_whom(desk: Desk, world: World, owner: Owner) -> None:
    visit = await desk.walk_in(world.a.patient)
    rows = await owner.fetch(
        "SELECT action, entity FROM audit_entries WHERE user_id = $1 AND patient_id = $2 AND outcome = 'success'",
        world.a.users["receptionist"], world.a.patient,
    )  # fmt: skip
    written = {(row["action"], row["entity"]) for row in rows}
    assert {("read", "patient"), ("create", "appointment"), ("create", "queue_token")} <= written
    names = await owner.fetch("SELECT name, payload FROM outbox_events WHERE name LIKE 'Appointment%'")
    assert {row["name"] for row in names} == {"AppointmentBooked", "AppointmentCheckedIn"}
    assert all(visit["id"] in row["payload"] for row in names)
