"""The floor: a bare FastAPI + asyncpg program that sends the product's own statements, on its paths.

No sign-in, no row security (it is the superuser), no audit, no outbox, no idempotency record. With DURABLE=1 it
writes audit and outbox rows as the product does: the durable floor.
"""

import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg
import uuid_utils.compat
from fastapi import FastAPI, Request, Response
from sqlalchemy.dialects.postgresql import Range

from bench import statements as sql

DURABLE = os.environ.get("DURABLE") == "1"
ORGANIZATION = UUID(os.environ["FLOOR_ORGANIZATION"])
FACILITY = UUID(os.environ["FLOOR_FACILITY"])
NOBODY = UUID(os.environ["FLOOR_USER"])
INDIA = ZoneInfo("Asia/Kolkata")


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.state.pool = await asyncpg.create_pool(os.environ["FLOOR_URL"], min_size=16, max_size=16)
    yield
    await app.state.pool.close()


app = FastAPI(lifespan=lifespan)


def answer(found: Any, status: int = 200) -> Response:
    return Response(json.dumps(found, default=str), status, media_type="application/json")


async def audit(to: Any, action: str, entity: str, ids: list[UUID]) -> None:
    if DURABLE:
        await to.execute(sql.AUDIT, ORGANIZATION, uuid_utils.compat.uuid7(), datetime.now(UTC), action, entity, ids)


async def emit(to: Any, name: str, about: UUID) -> None:
    if DURABLE:
        payload = json.dumps({"appointment_id": str(about)})
        await to.execute(sql.EMIT, ORGANIZATION, uuid_utils.compat.uuid7(), name, payload, datetime.now(UTC))


def _india(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=INDIA)


async def _read(to: Any, statement: sql.Statement, **told: Any) -> Any:
    return await statement.fetch(to, ORGANIZATION, **told)


@app.get("/api/appointments/today")
async def today(limit: int) -> Response:
    opens = _india(datetime.now(INDIA).date())
    window = {"facility_ids": [FACILITY], "opens": opens, "closes": opens + timedelta(days=1)}
    async with app.state.pool.acquire() as to, to.transaction():
        await _read(to, sql.FACILITIES, ids=[FACILITY])
        rows = await _read(to, sql.TODAY, **window, limit=limit, skip=0)
        total = (await _read(to, sql.TODAY_TOTAL, **window))[0][0]
        doctors = await _read(to, sql.DOCTORS, ids=list({row["practitioner_id"] for row in rows}))
        people = await _read(to, sql.PEOPLE, ids=list({row["patient_id"] for row in rows}))
        await _read(to, sql.RULES)
        who, whose = [row["id"] for row in people], [row["id"] for row in doctors]
        await _read(to, sql.PAID, patient_ids=who, practitioner_ids=whose, since=opens - timedelta(days=15))
        names = {row["id"]: dict(row) for row in [*people, *doctors]}
        await audit(to, "search", "appointment", [row["id"] for row in rows])
    items = [dict(row) | {"patient": names[row["patient_id"]], "practitioner": names[row["practitioner_id"]]}
             for row in rows]  # fmt: skip
    return answer({"items": items, "total": total})


@app.get("/api/patients/{patient_id}")
async def patient(patient_id: UUID) -> Response:
    async with app.state.pool.acquire() as to, to.transaction():
        (row,) = await _read(to, sql.PATIENT, id=patient_id)
        await audit(to, "read", "patient", [patient_id])
    return answer(dict(row))


@app.get("/api/slots")
async def slots(request: Request) -> Response:
    practitioner_id = UUID(request.query_params["practitioner_id"])
    opens = _india(date.fromisoformat(request.query_params["from"]))
    async with app.state.pool.acquire() as to, to.transaction():
        plans = await _read(to, sql.PLANS, practitioner_ids=[practitioner_id])
        found = await _stands(to, practitioner_id, plans, opens, opens + timedelta(days=1))
    return answer({"items": [dict(row) for row in [*plans, *found]]})


async def _stands(to: Any, practitioner_id: UUID, plans: Any, start: datetime, end: datetime) -> list[Any]:
    """Leave, and who has the time."""
    doctors = [practitioner_id]
    away = await _read(to, sql.AWAY, start=start, end=end, practitioner_ids=doctors)
    taken = await _read(
        to, sql.TAKEN, earliest=start - timedelta(hours=25), latest=end, start=start, now=datetime.now(UTC),
        practitioner_ids=doctors, room_ids=list({row["room_id"] for row in plans if row["room_id"]}),
    )  # fmt: skip
    return [*away, *taken]


@app.post("/api/appointments")
async def book(request: Request) -> Response:
    asked = await request.json()
    patient_id, doctor_id = UUID(asked["patient_id"]), UUID(asked["practitioner_id"])
    starts = datetime.fromisoformat(asked["starts_at"])
    ends = starts + timedelta(minutes=5)
    id_ = uuid_utils.compat.uuid7()
    async with app.state.pool.acquire() as to, to.transaction():
        await _read(to, sql.RULES)
        await _read(to, sql.PEOPLE, ids=[patient_id])
        await _read(to, sql.DOCTORS, ids=[doctor_id])
        plans = await _read(to, sql.PLANS, practitioner_ids=[doctor_id])
        names = [f"{what} {starts:%F}" for what in (doctor_id, patient_id)]
        await _read(to, sql.LOCK, names=sorted(names))
        await _read(
            to, sql.HOLDS_USED, me=NOBODY, hold=None, practitioner=doctor_id, starts_at=starts, patient=patient_id
        )
        await _stands(to, doctor_id, plans, starts, ends)
        await _read(
            to, sql.BUSY, record_ids=[patient_id], earliest=starts - timedelta(hours=25), start=starts, end=ends
        )
        await _paid(to, patient_id, doctor_id, starts)
        await sql.BOOK.write(to, _appointment(id_, asked, "slot", "booked", starts, ends))
        await audit(to, "create", "appointment", [id_])
        await emit(to, "AppointmentBooked", id_)
    return answer(asked | {"id": id_}, 201)


async def _paid(to: Any, patient_id: UUID, doctor_id: UUID, before: datetime) -> None:
    since = before - timedelta(days=365)
    await _read(to, sql.PAID, patient_ids=[patient_id], practitioner_ids=[doctor_id], since=since)


def _appointment(id_: UUID, asked: Any, kind: str, status: str, starts: datetime, ends: datetime) -> dict[str, Any]:
    is_timed, now = kind == "slot", datetime.now(UTC)
    return {
        "organization_id": ORGANIZATION, "id": id_, "patient_id": UUID(asked["patient_id"]),
        "practitioner_id": UUID(asked["practitioner_id"]), "facility_id": FACILITY, "kind": kind, "status": status,
        "starts_at": starts, "ends_at": ends, "during": Range(starts, ends) if is_timed else None,
        "arrived_at": None if is_timed else starts, "checked_in_at": None if is_timed else starts,
        "created_at": now, "updated_at": now,
    }  # fmt: skip


@app.post("/api/walk-ins")
async def walk_in(request: Request) -> Response:
    asked = await request.json()
    patient_id, doctor_id = UUID(asked["patient_id"]), UUID(asked["practitioner_id"])
    now = datetime.now(UTC)
    day = now.astimezone(INDIA).date()
    opens, closes = _india(day), _india(day) + timedelta(days=1)
    id_, token_id = uuid_utils.compat.uuid7(), uuid_utils.compat.uuid7()
    whose = {"practitioner_id": doctor_id, "facility_id": FACILITY, "day": day}
    async with app.state.pool.acquire() as to, to.transaction():
        await _read(to, sql.FACILITIES, ids=[FACILITY])
        await _read(to, sql.DOCTORS, ids=[doctor_id])
        await _read(to, sql.PEOPLE, ids=[patient_id])
        await _read(to, sql.LOCK, names=[f"walk-in:{patient_id}"])
        await _read(to, sql.PLANS, practitioner_ids=[doctor_id])
        await _read(to, sql.AWAY, start=opens, end=closes, practitioner_ids=[doctor_id])
        await _read(to, sql.LINE, facility_id=FACILITY, ids=[doctor_id], start=opens, end=closes)
        await _read(to, sql.RULES)
        await _read(to, sql.STATE, facility_id=FACILITY, since=day)
        await _read(to, sql.HELD, record_ids=[patient_id], **whose)
        await _paid(to, patient_id, doctor_id, now)
        await sql.BOOK.write(to, _appointment(id_, asked, "walk-in", "checked-in", now, now + timedelta(minutes=5)))
        (number,) = await _read(to, sql.NUMBER, session="bench", **whose)
        await _read(to, sql.LAST, **whose)
        token = {"id": token_id, "appointment_id": id_, "patient_id": patient_id, "number": number[0], "due_at": now,
                 "issued_at": now, "created_at": now, "updated_at": now}  # fmt: skip
        await sql.TOKEN.write(to, {"organization_id": ORGANIZATION, **whose, **token})
        await _read(
            to, sql.GRANT, id=uuid_utils.compat.uuid7(), patient_id=patient_id, user_id=NOBODY, purpose="treatment",
            source="appointment", source_id=id_, valid_from=now, valid_until=closes, created_at=now, created_by=None,
        )  # fmt: skip
        await audit(to, "create", "appointment", [id_])
        await emit(to, "AppointmentBooked", id_)
    return answer(asked | {"id": id_}, 201)
