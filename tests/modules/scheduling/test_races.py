"""Nobody is booked twice: real commits, fifty connections, and controls that must fail.

Two guards stand before a double booking: the locks, which let racers choose one after the other, and the exclusion
constraints, which have the last word. Each alone is enough; without both, the same race must double-book, or the
checks of this file would prove nothing.
"""

import asyncio
import contextlib
import os
import socket
import sys
from asyncio.subprocess import DEVNULL
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID

import asyncpg
import httpx2
import pytest
from fastapi import FastAPI
from sqlalchemy.engine import make_url

from arogya.app import connect
from arogya.modules.scheduling.appointments import places
from arogya.platform.access import Actor, Context
from arogya.platform.clock import FixedClock
from arogya.platform.database import Database, advisory_locks
from arogya.platform.postgres import EmbeddedPostgres
from arogya.platform.settings import APP_ROLE, Settings
from tests.factories.scheduling import (
    MONDAY,
    TUESDAY,
    a_booking,
    add_schedule,
    at,
    book,
    booked,
    change_rules,
    make_patients,
    step,
)
from tests.world import World

Client = httpx2.AsyncClient
Owner = asyncpg.Connection
CONNECTIONS = 50
TWENTY_SLOTS = [at(MONDAY, f"{15 + n // 6}:{n % 6}0") for n in range(20)]


@pytest.fixture
async def app(_application: FastAPI, config: Settings, clock: FixedClock) -> AsyncIterator[FastAPI]:
    """The application with fifty connections to the database."""
    fresh = connect(_application, config.model_copy(update={"pool_size": CONNECTIONS}), clock)
    yield fresh
    await fresh.state.database.dispose()


@pytest.fixture
async def twenty(client: Client, world: World) -> None:
    """Monday, 15:00 to 18:20: twenty slots of ten minutes, one place each."""
    sessions = [{"weekday": 0, "starts": "15:00", "ends": "18:20"}]
    assert (await add_schedule(client, world.a, slot_minutes=10, sessions=sessions)).status_code == 201


async def patients_of(world: World, in_tenant: Any, count: int) -> list[UUID]:
    async with in_tenant(world.a.organization_id) as session:
        return await make_patients(session, count)


async def race(tries: Sequence[Callable[[], Awaitable[httpx2.Response]]]) -> list[httpx2.Response]:
    """All of them, from fifty clients that each send the next as soon as the last was answered."""
    waiting, answers = list(enumerate(tries)), {}

    async def one_client() -> None:
        while waiting:
            n, send = waiting.pop()
            answers[n] = await send()

    await asyncio.gather(*(one_client() for _ in range(CONNECTIONS)))
    return [answers[n] for n in sorted(answers)]


def codes(answers: Sequence[httpx2.Response]) -> Counter[str]:
    return Counter("booked" if a.is_success else f"{a.status_code} {a.json()['code']}" for a in answers)


_DOUBLE = """
    SELECT a.id, b.id FROM appointments a
    JOIN appointments b ON b.id > a.id AND b.starts_at < a.ends_at AND b.ends_at > a.starts_at
     AND ((b.practitioner_id = a.practitioner_id AND b.lane = a.lane)
       OR (b.patient_id = a.patient_id AND a.kind = 'slot' AND b.kind = 'slot'))
    WHERE a.status NOT IN ('cancelled', 'noshow') AND b.status NOT IN ('cancelled', 'noshow')
      AND NOT a.is_override AND NOT b.is_override
"""


async def double_bookings(owner: Owner) -> int:
    """What must never be: two in one place, or one patient in two. Asked of the rows, not of the constraints."""
    return len(await owner.fetch(_DOUBLE))


async def deadlocks(postgres: EmbeddedPostgres, config: Settings) -> int:
    """How many the server had to break in this test's database. Cuts the application off from it."""
    name = make_url(config.database_url or "").database
    admin = await asyncpg.connect(postgres.url())
    try:
        # A connection counts for sure when it ends.
        for _ in range(100):
            alive = "FROM pg_stat_activity WHERE datname = $1 AND usename = $2"
            await admin.execute(f"SELECT pg_terminate_backend(pid) {alive}", name, APP_ROLE)
            if not await admin.fetchval(f"SELECT count(*) {alive}", name, APP_ROLE):
                break
            await asyncio.sleep(0.05)
        return await admin.fetchval("SELECT deadlocks FROM pg_stat_database WHERE datname = $1", name)
    finally:
        await admin.close()


def two_hundred(client: Client, world: World, patients: Sequence[UUID]) -> list[Callable[[], Awaitable[Any]]]:
    """Ten for each of the twenty slots, everyone another patient."""
    return [
        lambda n=n: book(client, world.a, patient_id=patients[n], starts_at=TWENTY_SLOTS[n % 20]) for n in range(200)
    ]


@pytest.fixture
async def browsers(config: Settings, postgres: EmbeddedPostgres, world: World) -> AsyncIterator[Client]:
    """Fifty connections over the network to a server in a process of its own, which has fifty to the database."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    told = {
        "DATABASE_URL": config.database_url or "", "AROGYA_SECRET_KEY": config.secret_key or "",
        "AROGYA_DATA_DIR": str(config.data_dir), "AROGYA_POOL_SIZE": str(CONNECTIONS),
    }  # fmt: skip
    server = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "granian", "--interface", "asgi", "--port", str(port), "--backlog", "128",
        "tests.modules.scheduling.served:app", env=os.environ | told, stdout=DEVNULL, stderr=DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    limits = httpx2.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)
    try:
        async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", limits=limits, timeout=120) as client:
            await answering(client)
            yield client
    finally:
        server.terminate()
        await server.wait()


async def answering(client: Client) -> None:
    for _ in range(600):
        with contextlib.suppress(httpx2.TransportError):
            if (await client.get("/readyz")).is_success:
                return
        await asyncio.sleep(0.1)
    raise AssertionError("the server did not come up within a minute")


async def test_two_hundred_for_twenty_slots(
    browsers: Client,
    world: World,
    owner: Owner,
    in_tenant: Any,
    twenty: None,
    postgres: EmbeddedPostgres,
    config: Settings,
) -> None:
    patients = await patients_of(world, in_tenant, 200)
    answers = await race(two_hundred(browsers, world, patients))
    assert codes(answers) == {"booked": 20, "409 slot_taken": 180}
    assert all(len(a.json()["next_free"]) <= 3 for a in answers if not a.is_success)
    assert await owner.fetchval("SELECT count(*) FROM appointments") == 20
    assert await owner.fetchval("SELECT count(DISTINCT starts_at) FROM appointments") == 20
    assert await owner.fetchval("SELECT count(*) FROM outbox_events WHERE name = 'AppointmentBooked'") == 20
    assert await double_bookings(owner) == 0
    assert await deadlocks(postgres, config) == 0


class TestEachGuardAlone:
    async def no_locks(self, *_: Any) -> None:
        """Lets everybody in at once."""

    async def without_constraints(self, owner: Owner) -> None:
        await owner.execute(
            """ALTER TABLE appointments DROP CONSTRAINT ex_appointments_place,
                                        DROP CONSTRAINT ex_appointments_patient"""
        )

    async def test_locks_without_constraints_are_enough(
        self, client: Client, world: World, owner: Owner, in_tenant: Any, twenty: None
    ) -> None:
        await self.without_constraints(owner)
        answers = await race(two_hundred(client, world, await patients_of(world, in_tenant, 200))[:60])
        assert codes(answers) == {"booked": 20, "409 slot_taken": 40}
        assert await double_bookings(owner) == 0

    async def test_patients_locks_without_constraints_are_enough(
        self, client: Client, world: World, owner: Owner, in_tenant: Any, twenty: None
    ) -> None:
        await self.without_constraints(owner)
        tries = await at_two_doctors(client, world, in_tenant)
        assert codes(await race(tries)) == {"booked": 20, "409 patient_busy": 20}
        assert await double_bookings(owner) == 0

    async def test_constraints_without_locks_are_enough(
        self, client: Client, world: World, owner: Owner, in_tenant: Any, twenty: None, monkeypatch: Any
    ) -> None:
        monkeypatch.setattr(places, "advisory_locks", self.no_locks)
        answers = await race(two_hundred(client, world, await patients_of(world, in_tenant, 200))[:60])
        assert codes(answers)["booked"] == 20
        assert set(codes(answers)) <= {"booked", "409 slot_taken"}, "the constraint's word is the same clear one"
        assert await double_bookings(owner) == 0

    async def test_control_without_both_somebody_is_booked_twice(
        self, client: Client, world: World, owner: Owner, in_tenant: Any, twenty: None, monkeypatch: Any
    ) -> None:
        await self.without_constraints(owner)
        monkeypatch.setattr(places, "advisory_locks", self.no_locks)
        answers = await race(two_hundred(client, world, await patients_of(world, in_tenant, 200))[:60])
        assert codes(answers)["booked"] > 20
        assert await double_bookings(owner) > 0


async def test_five_places_are_sold_five_times(
    client: Client, world: World, owner: Owner, in_tenant: Any, postgres: EmbeddedPostgres, config: Settings
) -> None:
    """All of them go: nobody is refused while a place is free, which a snapshot from before the lock would do."""
    await add_schedule(client, world.a, places=5)
    patients = await patients_of(world, in_tenant, CONNECTIONS)
    starts_at = at(MONDAY, "15:00")
    answers = await race([lambda p=p: book(client, world.a, patient_id=p, starts_at=starts_at) for p in patients])
    assert codes(answers) == {"booked": 5, "409 slot_taken": 45}
    lanes = await owner.fetch("SELECT lane FROM appointments ORDER BY lane")
    assert [row["lane"] for row in lanes] == [1, 2, 3, 4, 5]
    assert await deadlocks(postgres, config) == 0


async def test_token_session_gives_each_place_once_and_each_patient_one(
    client: Client, world: World, owner: Owner, in_tenant: Any
) -> None:
    session = {"practitioner_id": world.a.other_practitioner, "starts_at": at(TUESDAY, "09:00")}
    patients = await patients_of(world, in_tenant, 25)
    tries = [lambda p=p: book(client, world.a, patient_id=p, **session) for p in patients * 2]
    assert codes(await race(tries)) == {"booked": 25, "409 already_in_session": 25}
    lanes = await owner.fetch("SELECT lane FROM appointments ORDER BY lane")
    assert [row["lane"] for row in lanes] == list(range(1, 26)), "of thirty places the first twenty-five, no gap"


async def at_two_doctors(client: Client, world: World, in_tenant: Any) -> list[Callable[[], Awaitable[Any]]]:
    """Twenty patients, each at both doctors at once, whose slots are five minutes apart."""
    later = [{"weekday": 0, "starts": "15:05", "ends": "18:25"}]
    doctors = (world.a.practitioner, world.a.other_practitioner)
    made = await add_schedule(client, world.a, practitioner_id=doctors[1], slot_minutes=10, sessions=later)
    assert made.status_code == 201
    patients = await patients_of(world, in_tenant, 20)
    starts = [at(MONDAY, f"{15 + n // 6}:{n % 6}0") for n in range(20)]
    shifted = [at(MONDAY, f"{15 + n // 6}:{n % 6}5") for n in range(20)]
    return [
        lambda p=p, d=d, s=s: book(client, world.a, patient_id=p, practitioner_id=d, starts_at=s)
        for p, *times in zip(patients, starts, shifted, strict=True)
        for d, s in zip(doctors, times, strict=True)
    ]


async def test_patient_who_books_two_doctors_at_once_sees_one(
    client: Client,
    world: World,
    owner: Owner,
    in_tenant: Any,
    twenty: None,
    postgres: EmbeddedPostgres,
    config: Settings,
) -> None:
    tries = await at_two_doctors(client, world, in_tenant)
    assert codes(await race(tries)) == {"booked": 20, "409 patient_busy": 20}
    assert await double_bookings(owner) == 0
    assert await deadlocks(postgres, config) == 0


async def test_patients_limit_holds_when_they_book_everything_at_once(client: Client, world: World) -> None:
    await change_rules(client, world.a, open_per_patient=3)
    walls = ["09:00", "09:20", "09:40", "10:00", "10:20", "10:40", "11:00", "11:20"]
    days = ["2026-11-24", "2026-11-25"]
    tries = [lambda d=d, w=w: book(client, world.a, "patient", starts_at=at(d, w)) for d in days for w in walls]
    assert codes(await race(tries)) == {"booked": 3, "409 too_many_open": 13}


class TestIdempotency:
    async def test_fifty_posts_with_one_key_are_one_booking(self, client: Client, world: World, owner: Owner) -> None:
        answers = await race([lambda: book(client, world.a, key="one-finger-fifty-times")] * 50)
        assert set(codes(answers)) <= {"booked", "409 in_progress"}, "who waited too long for the first is told so"
        assert len({a.json()["id"] for a in answers if a.is_success}) == 1
        assert await owner.fetchval("SELECT count(*) FROM appointments") == 1
        assert await owner.fetchval("SELECT count(*) FROM outbox_events") == 1
        again = await book(client, world.a, key="one-finger-fifty-times")
        assert again.json()["id"] == answers[0].json()["id"] if answers[0].is_success else again.is_success

    async def test_another_body_with_that_key_is_refused_in_the_race_too(
        self, client: Client, world: World, owner: Owner
    ) -> None:
        walls = ["09:00", "09:20"]
        answers = await race(
            [
                lambda n=n: book(client, world.a, key="two-bodies", starts_at=at(TUESDAY, walls[n % 2]))
                for n in range(30)
            ]
        )
        counted = codes(answers)
        assert set(counted) <= {"booked", "422 idempotency_key_reused", "409 in_progress"}
        assert counted["422 idempotency_key_reused"] > 0
        assert await owner.fetchval("SELECT count(*) FROM appointments") == 1

    async def test_control_without_the_key_each_post_is_its_own(
        self, client: Client, world: World, owner: Owner, in_tenant: Any
    ) -> None:
        await add_schedule(client, world.a, places=50)
        body = a_booking(world.a, starts_at=at(MONDAY, "15:00"))
        patients = await patients_of(world, in_tenant, 20)
        tries = [
            lambda p=p: client.post(
                "/api/appointments", json=body | {"patient_id": str(p)}, headers=world.a.as_("receptionist")
            )
            for p in patients
        ]
        assert codes(await race(tries)) == {"booked": 20}


class TestMoves:
    async def move(self, client: Client, world: World, appointment: Any, starts_at: str) -> httpx2.Response:
        return await step(client, world.a, "receptionist", appointment["id"], "reschedule", starts_at=starts_at)

    async def test_two_move_to_one_place(self, client: Client, world: World, owner: Owner, in_tenant: Any) -> None:
        """One gets it; the other keeps what they had."""
        patients = await patients_of(world, in_tenant, 6)
        walls = ["09:00", "09:20", "09:40", "10:00", "10:20", "10:40"]
        made = [
            await booked(client, world.a, patient_id=p, starts_at=at(TUESDAY, wall))
            for p, wall in zip(patients, walls, strict=True)
        ]
        target = at(TUESDAY, "12:00")
        answers = await race([lambda a=a: self.move(client, world, a, target) for a in made])
        assert codes(answers) == {"booked": 1, "409 slot_taken": 5}
        rows = await owner.fetch("SELECT status, starts_at FROM appointments")
        assert Counter(row["status"] for row in rows) == {"booked": 6, "cancelled": 1}
        assert await double_bookings(owner) == 0

    async def test_moves_across_each_other_never_deadlock(
        self, client: Client, world: World, owner: Owner, in_tenant: Any, postgres: EmbeddedPostgres, config: Settings
    ) -> None:
        """Monday's to Tuesday and Tuesday's to Monday, all at once: each needs both days' locks."""
        await add_schedule(client, world.a, places=50, sessions=[
            {"weekday": 0, "starts": "15:00", "ends": "16:00"}, {"weekday": 1, "starts": "15:00", "ends": "16:00"},
        ])  # fmt: skip
        patients = await patients_of(world, in_tenant, 40)
        days = [at(MONDAY, "15:00"), at(TUESDAY, "15:00")]
        made = await race(
            [lambda n=n: book(client, world.a, patient_id=patients[n], starts_at=days[n % 2]) for n in range(40)]
        )
        answers = await race(
            [lambda n=n: self.move(client, world, made[n].json(), days[(n + 1) % 2]) for n in range(40)]
        )
        assert codes(answers) == {"booked": 40}
        assert await double_bookings(owner) == 0
        assert await deadlocks(postgres, config) == 0

    async def test_one_appointment_moved_cancelled_and_received_at_once_ends_in_one_state(
        self, client: Client, world: World, owner: Owner
    ) -> None:
        for wall in ("10:20", "10:40", "11:00", "11:20"):
            made = await booked(client, world.a, starts_at=at(MONDAY, wall))
            answers = await asyncio.gather(
                self.move(client, world, made, at(MONDAY, "12:40")),
                step(client, world.a, "receptionist", made["id"], "cancel", reason="At once"),
                step(client, world.a, "receptionist", made["id"], "no-show"),
            )
            counted = codes(answers)
            assert counted["booked"] == 1, counted
            assert counted["409 wrong_state"] == 2, counted
            for moved in await owner.fetch("SELECT id FROM appointments WHERE status = 'booked'"):
                await step(client, world.a, "receptionist", str(moved["id"]), "cancel", reason="Next round")


async def test_deadlocks_victim_is_run_again(
    database: Database, world: World, clock: FixedClock, postgres: EmbeddedPostgres, config: Settings
) -> None:
    """Locks taken in opposite orders, which bookings never do: PostgreSQL ends one, and it succeeds the second time."""
    held, tries = asyncio.Barrier(2), Counter[str]()

    async def crosswise(name: str, first: str, second: str) -> None:
        async with database.transaction(world.a.organization_id) as session:
            actor = Actor(kind="system", organization_id=world.a.organization_id)
            ctx = Context(actor, clock, "test", "test", database, session)

            async def take() -> None:
                tries[name] += 1
                await advisory_locks(session, [first])
                if tries[name] == 1:
                    await held.wait()
                await advisory_locks(session, [second])

            await places.in_savepoint(ctx, take)

    await asyncio.gather(crosswise("a", "1", "2"), crosswise("b", "2", "1"))
    assert sorted(tries.values()) == [1, 2]
    assert await deadlocks(postgres, config) == 1, "the others' count of none is able to fail"
