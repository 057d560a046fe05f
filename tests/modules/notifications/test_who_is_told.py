"""Who is told of what, once each, and with which names."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Any

import asyncpg
import httpx2
import pytest

from arogya.modules.patients.events import PatientRegistered
from arogya.modules.scheduling.events import (
    AppointmentArrived,
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentConfirmed,
    AppointmentRescheduled,
    PractitionerDayChanged,
    TokenCalled,
)
from arogya.modules.scheduling.models import PractitionerDay
from arogya.platform.access import Context
from arogya.platform.clock import FixedClock
from tests.modules.notifications.visits import a_token, a_visit, ids
from tests.world import Hospital, World

System = Callable[[Hospital], AbstractAsyncContextManager[Context]]
Deliver = Callable[[], Awaitable[None]]


class Told:
    """Who has which templates, by the name of the role."""

    def __init__(self, owner: asyncpg.Connection) -> None:
        self._owner = owner

    async def at(self, hospital: Hospital) -> dict[str, list[str]]:
        who = {user_id: name for name, user_id in hospital.users.items()}
        rows = await self._owner.fetch(
            "SELECT user_id, template FROM notifications WHERE organization_id = $1 ORDER BY raised_at, template",
            hospital.organization_id,
        )
        told: dict[str, list[str]] = {}
        for row in rows:
            told.setdefault(who[row["user_id"]], []).append(row["template"])
        return told


def the_day(at: Hospital, ctx: Context, **facts: Any) -> PractitionerDay:
    return PractitionerDay(practitioner_id=at.practitioner, facility_id=at.main, day=ctx.now().date(), **facts)


@pytest.fixture
def told(owner: asyncpg.Connection) -> Told:
    return Told(owner)


async def test_registration_is_told_to_administrators(
    world: World, system: System, relay_once: Deliver, told: Told
) -> None:
    async with system(world.a) as ctx:
        ctx.emit(PatientRegistered(patient_id=world.a.patient))
    await relay_once()
    assert await told.at(world.a) == {"hospital_admin": ["patient.registered"]}
    assert await told.at(world.b) == {}


async def test_booking_is_told_to_patient_and_doctor(
    world: World, system: System, relay_once: Deliver, told: Told
) -> None:
    async with system(world.a) as ctx:
        ctx.emit(AppointmentBooked(**ids(await a_visit(ctx, world.a))))
    await relay_once()
    assert await told.at(world.a) == {"patient": ["appointment.booked"], "doctor": ["appointment.booked"]}
    assert await told.at(world.b) == {}


async def test_pending_booking_is_told_to_the_desk_of_its_branch(
    world: World, system: System, relay_once: Deliver, told: Told
) -> None:
    async with system(world.a) as ctx:
        ctx.emit(AppointmentBooked(**ids(await a_visit(ctx, world.a, status="pending"))))
    await relay_once()
    heard = await told.at(world.a)
    assert heard["receptionist"] == ["appointment.pending"]
    assert "branch_receptionist" not in heard, "it is at the other branch"
    assert heard["patient"] == ["appointment.booked"]


async def test_pending_booking_at_the_branch_is_told_there_too(
    world: World, system: System, relay_once: Deliver, told: Told
) -> None:
    async with system(world.a) as ctx:
        ctx.emit(AppointmentBooked(**ids(await a_visit(ctx, world.a, status="pending", facility_id=world.a.branch))))
    await relay_once()
    assert (await told.at(world.a))["branch_receptionist"] == ["appointment.pending"]


async def test_walk_in_is_told_to_nobody(world: World, system: System, relay_once: Deliver, told: Told) -> None:
    async with system(world.a) as ctx:
        ctx.emit(AppointmentBooked(**ids(await a_visit(ctx, world.a, kind="walk-in", status="checked-in"))))
    await relay_once()
    assert await told.at(world.a) == {}


@pytest.mark.parametrize(
    ("happened", "says"),
    [(AppointmentConfirmed, "appointment.confirmed"), (AppointmentCancelled, "appointment.cancelled")],
)
async def test_change_is_told_to_patient_and_doctor(
    world: World, system: System, relay_once: Deliver, told: Told, happened: Any, says: str
) -> None:
    async with system(world.a) as ctx:
        ctx.emit(happened(**ids(await a_visit(ctx, world.a))))
    await relay_once()
    assert await told.at(world.a) == {"patient": [says], "doctor": [says]}


async def test_coming_through_the_door_is_told_to_nobody(
    world: World, system: System, relay_once: Deliver, told: Told
) -> None:
    async with system(world.a) as ctx:
        ctx.emit(AppointmentArrived(**ids(await a_visit(ctx, world.a, status="arrived"))))
    await relay_once()
    assert await told.at(world.a) == {}


async def test_move_is_told_with_the_old_time_and_to_the_doctor_who_loses_it(
    client: httpx2.AsyncClient, world: World, system: System, relay_once: Deliver, told: Told
) -> None:
    a = world.a
    async with system(a) as ctx:
        old = await a_visit(ctx, a, status="cancelled")
        new = await a_visit(
            ctx, a, practitioner_id=a.other_practitioner, starts_at=old.starts_at + timedelta(days=1),
            rescheduled_from_id=old.id,
        )  # fmt: skip
        ctx.emit(AppointmentRescheduled(**ids(new), rescheduled_from_id=old.id))
    await relay_once()
    assert await told.at(a) == {"patient": ["appointment.rescheduled"], "doctor": ["appointment.rescheduled"]}
    read = (await client.get("/api/notifications", headers=a.as_("patient"))).json()["items"][0]["params"]
    assert read["previous_starts_at"] == "2026-11-24T04:30:00Z"
    assert read["starts_at"] == "2026-11-25T04:30:00Z"
    assert (read["previous_practitioner_name"], read["practitioner_name"]) == ("Dr Kavita Iyer", "Dr Arvind Menon")


async def test_called_patient_is_told_the_number_and_the_room(
    client: httpx2.AsyncClient, world: World, system: System, relay_once: Deliver, told: Told
) -> None:
    a = world.a
    async with system(a) as ctx:
        visit = await a_visit(ctx, a, status="checked-in", starts_at=ctx.now())
        token_id = await a_token(ctx, visit, 17, "called")
        ctx.emit(TokenCalled(**ids(visit), token_id=token_id))
    await relay_once()
    assert await told.at(a) == {"patient": ["token.called"]}
    said = (await client.get("/api/notifications", headers=a.as_("patient"))).json()["items"][0]["params"]
    assert (said["token_number"], said["room"], said["practitioner_name"]) == (17, "4", "Dr Kavita Iyer")


@pytest.mark.parametrize("state", ["late", "on-break", "gone"])
async def test_those_who_wait_are_told_that_the_doctor_is_away(
    client: httpx2.AsyncClient, world: World, system: System, relay_once: Deliver, told: Told, state: str
) -> None:
    a = world.a
    async with system(a) as ctx:
        await a_visit(ctx, a, starts_at=ctx.now() + timedelta(hours=1))
        until = ctx.now() + timedelta(minutes=40)
        ctx.add(the_day(a, ctx, state=state, until=until))
        ctx.emit(PractitionerDayChanged(practitioner_id=a.practitioner, facility_id=a.main))
    await relay_once()
    assert await told.at(a) == {"patient": ["practitioner.delayed"]}
    said = (await client.get("/api/notifications", headers=a.as_("patient"))).json()["items"][0]["params"]
    assert (said["state"], said["until"]) == (state, "2026-11-23T05:10:00Z")


@pytest.mark.parametrize(
    "facts",
    [
        {"starts_at": timedelta(days=1)},
        {"starts_at": timedelta(minutes=-30), "status": "fulfilled"},
        {"starts_at": timedelta(minutes=30), "status": "cancelled"},
        {"starts_at": timedelta(minutes=30), "facility_id": "branch"},
        {"starts_at": timedelta(minutes=30), "practitioner_id": "other_practitioner"},
    ],
    ids=["tomorrow", "seen", "cancelled", "other branch", "other doctor"],
)
async def test_those_who_do_not_wait_are_left_in_peace(
    world: World, system: System, relay_once: Deliver, told: Told, facts: dict[str, Any]
) -> None:
    a = world.a
    async with system(a) as ctx:
        said = {k: getattr(a, v) if k.endswith("_id") else v for k, v in facts.items()}
        await a_visit(ctx, a, **{**said, "starts_at": ctx.now() + facts["starts_at"]})
        ctx.add(the_day(a, ctx, state="late"))
        ctx.emit(PractitionerDayChanged(practitioner_id=a.practitioner, facility_id=a.main))
    await relay_once()
    assert await told.at(a) == {}


async def test_doctor_who_is_back_disturbs_nobody(
    world: World, system: System, relay_once: Deliver, told: Told
) -> None:
    a = world.a
    async with system(a) as ctx:
        await a_visit(ctx, a, starts_at=ctx.now() + timedelta(hours=1))
        ctx.add(the_day(a, ctx, state="here"))
        ctx.emit(PractitionerDayChanged(practitioner_id=a.practitioner, facility_id=a.main))
    await relay_once()
    assert await told.at(a) == {}


async def test_event_delivered_twice_tells_once(
    world: World, system: System, relay_once: Deliver, told: Told, owner: asyncpg.Connection
) -> None:
    async with system(world.a) as ctx:
        ctx.emit(AppointmentBooked(**ids(await a_visit(ctx, world.a))))
    await relay_once()
    # As after a crash between the effect and its mark: the notification's own key is the last word.
    await owner.execute("DELETE FROM reaction_effects")
    await owner.execute("UPDATE outbox_events SET done_at = NULL WHERE name = 'AppointmentBooked'")
    await relay_once()
    assert await told.at(world.a) == {"patient": ["appointment.booked"], "doctor": ["appointment.booked"]}
    raised = await owner.fetchval("SELECT count(*) FROM outbox_events WHERE name = 'NotificationRaised'")
    assert raised == 2
    failures = await owner.fetchval("SELECT attempts FROM outbox_events WHERE name = 'AppointmentBooked'")
    assert failures == 0, "a second telling is no fault: it says nothing"


async def test_raising_is_told_to_the_recipients_screens(
    world: World, system: System, relay_once: Deliver, owner: asyncpg.Connection
) -> None:
    async with system(world.a) as ctx:
        ctx.emit(PatientRegistered(patient_id=world.a.patient))
    await relay_once()
    event = await owner.fetchrow("SELECT topic, payload, seq FROM outbox_events WHERE name = 'NotificationRaised'")
    assert event["topic"] == "notifications"
    assert str(world.a.users["hospital_admin"]) in event["payload"]
    assert event["seq"] is not None


async def test_account_that_ended_hears_nothing(
    world: World, system: System, relay_once: Deliver, told: Told, owner: asyncpg.Connection, clock: FixedClock
) -> None:
    await owner.execute("UPDATE patient_accounts SET valid_until = $1", clock.now() - timedelta(days=1))
    async with system(world.a) as ctx:
        ctx.emit(AppointmentBooked(**ids(await a_visit(ctx, world.a))))
    await relay_once()
    assert await told.at(world.a) == {"doctor": ["appointment.booked"]}


async def test_doctor_who_left_hears_nothing(
    world: World, system: System, relay_once: Deliver, told: Told, owner: asyncpg.Connection
) -> None:
    await owner.execute("UPDATE practitioners SET is_active = false")
    async with system(world.a) as ctx:
        ctx.emit(AppointmentBooked(**ids(await a_visit(ctx, world.a))))
    await relay_once()
    assert await told.at(world.a) == {"patient": ["appointment.booked"]}


async def test_nothing_but_ids_times_and_codes_is_kept(
    world: World, system: System, relay_once: Deliver, owner: asyncpg.Connection
) -> None:
    async with system(world.a) as ctx:
        ctx.emit(AppointmentBooked(**ids(await a_visit(ctx, world.a, reason="chest pain"))))
    await relay_once()
    for row in await owner.fetch("SELECT params::text AS said FROM notifications"):
        for word in ("Sunita", "Deshmukh", "Kavita", "chest", "TA-000001"):
            assert word not in row["said"]


async def test_patients_booking_reaches_the_desk_and_its_confirmation_the_patient(
    client: httpx2.AsyncClient, world: World, relay_once: Deliver, told: Told
) -> None:
    a = world.a
    wanted = {
        "patient_id": str(a.patient), "practitioner_id": str(a.practitioner), "facility_id": str(a.main),
        "starts_at": "2026-11-24T05:30:00Z",
    }  # fmt: skip
    booked = await client.post("/api/appointments", json=wanted, headers=a.as_("patient"))
    assert (booked.status_code, booked.json()["status"]) == (201, "pending"), booked.text
    await relay_once()
    assert (await told.at(a))["receptionist"] == ["appointment.pending"]
    desk = (await client.get("/api/notifications?unread=true", headers=a.as_("receptionist"))).json()
    assert desk["unread"] == 1
    assert desk["items"][0]["params"]["patient_name"] == "Sunita Deshmukh"
    assert desk["items"][0]["params"]["starts_at"] == "2026-11-24T05:30:00Z"
    confirmed = await client.post(f"/api/appointments/{booked.json()['id']}/confirm", headers=a.as_("receptionist"))
    assert confirmed.status_code == 200
    await relay_once()
    assert (await told.at(a))["patient"] == ["appointment.booked", "appointment.confirmed"]
