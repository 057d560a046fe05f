"""Bookings for tests. The clock stands at Monday 23 November 2026, 10:00 in Kolkata."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import asyncpg
import httpx2
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from arogya.modules.patients.models import Patient
from tests.world import Hospital

KOLKATA = ZoneInfo("Asia/Kolkata")
MONDAY, TUESDAY, WEDNESDAY = "2026-11-23", "2026-11-24", "2026-11-25"


def at(day: str, wall: str, zone: ZoneInfo = KOLKATA) -> str:
    """The moment in UTC, as the API writes it."""
    moment = datetime.fromisoformat(f"{day}T{wall}").replace(tzinfo=zone).astimezone(UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def moment(day: str, wall: str, zone: ZoneInfo = KOLKATA) -> datetime:
    return datetime.fromisoformat(f"{day}T{wall}").replace(tzinfo=zone).astimezone(UTC)


def a_booking(hospital: Hospital, **told: Any) -> dict[str, Any]:
    """A body for `POST /api/appointments`: Tuesday, 10:00, with the doctor of timed slots."""
    body = {
        "patient_id": hospital.patient, "practitioner_id": hospital.practitioner, "starts_at": at(TUESDAY, "10:00"),
        **told,
    }  # fmt: skip
    return {name: str(value) if isinstance(value, UUID) else value for name, value in body.items()}


async def book(
    client: httpx2.AsyncClient, hospital: Hospital, who: str = "receptionist", key: str | None = None, **told: Any
) -> httpx2.Response:
    return await client.post("/api/appointments", json=a_booking(hospital, **told), headers=hospital.as_(who, key))


async def booked(client: httpx2.AsyncClient, hospital: Hospital, who: str = "receptionist", **told: Any) -> Any:
    """A booking that must succeed, as the API shows it."""
    response = await book(client, hospital, who, **told)
    assert response.status_code == 201, response.text
    return response.json()


async def step(
    client: httpx2.AsyncClient, hospital: Hospital, who: str, appointment_id: str, name: str, **body: Any
) -> httpx2.Response:
    return await client.post(f"/api/appointments/{appointment_id}/{name}", json=body or None, headers=hospital.as_(who))


async def add_schedule(
    client: httpx2.AsyncClient, hospital: Hospital, key: str | None = None, **told: Any
) -> httpx2.Response:
    """At the branch, on Mondays, 15:00 to 18:00, unless told otherwise."""
    body = {
        "practitioner_id": hospital.practitioner, "facility_id": hospital.main, "kind": "slots", "slot_minutes": 20,
        "places": 1, "sessions": [{"weekday": 0, "starts": "15:00", "ends": "18:00"}], **told,
    }  # fmt: skip
    body = {name: str(value) if isinstance(value, UUID) else value for name, value in body.items()}
    return await client.post("/api/schedules", json=body, headers=hospital.as_("hospital_admin", key))


async def add_exception(
    client: httpx2.AsyncClient, hospital: Hospital, who: str = "hospital_admin", key: str | None = None, **told: Any
) -> httpx2.Response:
    """The doctor's leave on Tuesday, unless told otherwise."""
    body = {
        "kind": "leave", "practitioner_id": hospital.practitioner, "starts_at": at(TUESDAY, "00:00"),
        "ends_at": at(WEDNESDAY, "00:00"), **told,
    }  # fmt: skip
    body = {k: str(v) if isinstance(v, UUID) else v for k, v in body.items() if v is not None}
    return await client.post("/api/schedule-exceptions", json=body, headers=hospital.as_(who, key))


async def change_rules(client: httpx2.AsyncClient, hospital: Hospital, **told: Any) -> None:
    response = await client.put("/api/booking-rules", json=told, headers=hospital.as_("hospital_admin"))
    assert response.status_code == 200, response.text


async def slots(
    client: httpx2.AsyncClient, hospital: Hospital, day: str = TUESDAY, who: str = "receptionist", **asked: Any
) -> list[Any]:
    params = {"practitioner_id": str(hospital.practitioner), "from": day, "to": day, **asked}
    response = await client.get("/api/slots", params=params, headers=hospital.as_(who))
    assert response.status_code == 200, response.text
    return response.json()["items"]


async def make_patients(session: AsyncSession, count: int) -> list[UUID]:
    """So many patients, in the session's organization."""
    rows = [
        Patient(mrn=f"RACE-{n:05}", name=f"Racer {n}", sort_name=f"racer {n}", gender="other") for n in range(count)
    ]
    session.add_all(rows)
    await session.flush()
    return [row.id for row in rows]


_YEARS = text("""
    INSERT INTO appointments (organization_id, id, patient_id, practitioner_id, facility_id, schedule_id, kind, mode,
                              status, starts_at, ends_at, during, lane, places, is_override, override_reason, reason,
                              notes, source, fee_paise, is_free_revisit, version)
    SELECT :organization, gen_random_uuid(), p.id, :practitioner, :facility, :schedule, 'slot', 'in-person',
           'fulfilled', t, t + interval '20 minutes', tstzrange(t, t + interval '20 minutes'), 1, 1, false, '', '', '',
           'desk', 60000, false, 1
    FROM generate_series(CAST(:first AS timestamptz), CAST(:last AS timestamptz), interval '1 day') AS day,
         generate_series(day, day + interval '220 minutes', interval '20 minutes') WITH ORDINALITY AS s (t, n)
    JOIN (SELECT id, row_number() OVER (ORDER BY id) AS n FROM patients) AS p ON p.n = s.n + :skip
""")


async def fill_years(
    session: AsyncSession, hospital: Hospital, practitioner_id: UUID, first: datetime, last: datetime, skip: int = 0
) -> None:
    """Twelve visits a day from 09:00 on, for as many days as there are, by the twelve patients after `skip` others."""
    told = {
        "organization": hospital.organization_id, "practitioner": practitioner_id, "facility": hospital.main,
        "schedule": hospital.schedule, "first": first, "last": last, "skip": skip,
    }  # fmt: skip
    await session.execute(_YEARS, told)


async def also(
    owner: asyncpg.Connection, hospital: Hospital, who: str, role: str, facility_id: UUID | None = None
) -> None:
    """Give this person one role more, at this branch or (None) everywhere."""
    await owner.execute(
        """INSERT INTO memberships (organization_id, id, user_id, facility_id, role, valid_from, version)
           VALUES ($1, gen_random_uuid(), $2, $3, $4, '2026-01-01', 1)""",
        hospital.organization_id, hospital.users[who], facility_id, role,
    )  # fmt: skip


def stranger() -> str:
    """An id that nobody has."""
    return str(uuid4())


async def add_room(client: httpx2.AsyncClient, hospital: Hospital, name: str = "12", **told: Any) -> str:
    """A room of the main branch, unless told otherwise. Answers its id."""
    body = {"facility_id": str(hospital.main), "name": name, **told}
    response = await client.post("/api/rooms", json=body, headers=hospital.as_("hospital_admin"))
    assert response.status_code == 201, response.text
    return str(response.json()["id"])


async def share_a_room(client: httpx2.AsyncClient, hospital: Hospital, **told: Any) -> str:
    """Both doctors in one room on Mondays, 15:00 to 18:00, slots of twenty minutes. Answers the room."""
    room = await add_room(client, hospital)
    for doctor in (hospital.practitioner, hospital.other_practitioner):
        made = await add_schedule(client, hospital, practitioner_id=doctor, room_id=room, **told)
        assert made.status_code == 201, made.text
    return room
