"""The floor: a bare FastAPI + asyncpg program with the shapes of the product's main statements, on its paths.

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

import asyncpg
import uuid_utils.compat
from fastapi import FastAPI, Request, Response

from bench import statements as sql

DURABLE = os.environ.get("DURABLE") == "1"
ORGANIZATION = UUID(os.environ["FLOOR_ORGANIZATION"])
FACILITY = UUID(os.environ["FLOOR_FACILITY"])


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


@app.get("/api/appointments/today")
async def today(limit: int) -> Response:
    opens = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    async with app.state.pool.acquire() as to, to.transaction():
        window = (ORGANIZATION, FACILITY, opens, opens + timedelta(days=1))
        rows = await to.fetch(sql.TODAY, *window, limit)
        total = await to.fetchval(sql.TODAY_TOTAL, *window)
        await to.fetch(sql.FACILITY, ORGANIZATION, FACILITY)
        await to.fetch(sql.RULES, ORGANIZATION)
        people = await to.fetch(sql.PEOPLE, ORGANIZATION, list({row["patient_id"] for row in rows}))
        doctors = await to.fetch(sql.DOCTORS, ORGANIZATION, list({row["practitioner_id"] for row in rows}))
        who, whose = [row["id"] for row in people], [row["id"] for row in doctors]
        await to.fetch(sql.PAID, ORGANIZATION, who, whose, opens - timedelta(days=15))
        names = {row["id"]: dict(row) for row in [*people, *doctors]}
        await audit(to, "search", "appointment", [row["id"] for row in rows])
    items = [dict(row) | {"patient": names[row["patient_id"]], "practitioner": names[row["practitioner_id"]]}
             for row in rows]  # fmt: skip
    return answer({"items": items, "total": total})


@app.get("/api/patients/{patient_id}")
async def patient(patient_id: UUID) -> Response:
    async with app.state.pool.acquire() as to, to.transaction():
        row = await to.fetchrow(sql.PATIENT, ORGANIZATION, patient_id)
        await audit(to, "read", "patient", [patient_id])
    return answer(dict(row))


@app.get("/api/slots")
async def slots(request: Request) -> Response:
    practitioner_id = UUID(request.query_params["practitioner_id"])
    day = date.fromisoformat(request.query_params["from"])
    opens = datetime(day.year, day.month, day.day, tzinfo=UTC)
    async with app.state.pool.acquire() as to, to.transaction():
        sessions = await to.fetch(sql.SESSIONS, ORGANIZATION, practitioner_id)
        away = await to.fetch(sql.AWAY, ORGANIZATION, practitioner_id, opens, opens + timedelta(days=1))
        taken = await to.fetch(sql.TAKEN, ORGANIZATION, practitioner_id, opens, opens + timedelta(days=1))
    return answer({"items": [dict(row) for row in [*sessions, *away, *taken]]})


@app.post("/api/appointments")
async def book(request: Request) -> Response:
    asked = await request.json()
    starts = datetime.fromisoformat(asked["starts_at"])
    return await _visit(asked, "slot", starts, starts + timedelta(minutes=5), None)


@app.post("/api/walk-ins")
async def walk_in(request: Request) -> Response:
    asked = await request.json()
    now = datetime.now(UTC)
    return await _visit(asked, "walk-in", now, now + timedelta(minutes=5), now)


async def _visit(asked: Any, kind: str, starts: datetime, ends: datetime, arrived: datetime | None) -> Response:
    id_, patient_id, doctor_id = (uuid_utils.compat.uuid7(), UUID(asked["patient_id"]), UUID(asked["practitioner_id"]))
    async with app.state.pool.acquire() as to, to.transaction():
        await to.fetch(sql.RULES, ORGANIZATION)
        await to.fetch(sql.PEOPLE, ORGANIZATION, [patient_id])
        await to.fetch(sql.DOCTORS, ORGANIZATION, [doctor_id])
        await to.execute(sql.LOCK, f"{kind}:{doctor_id}:{starts:%F}")
        await to.fetch(sql.SESSIONS, ORGANIZATION, doctor_id)
        await to.fetch(sql.AWAY, ORGANIZATION, doctor_id, starts, ends)
        await to.fetch(sql.PAID, ORGANIZATION, [patient_id], [doctor_id], starts - timedelta(days=365))
        if arrived:
            day = starts.replace(hour=0, minute=0, second=0, microsecond=0)
            await to.fetch(sql.FACILITY, ORGANIZATION, FACILITY)
            await to.fetch(sql.LINE, ORGANIZATION, FACILITY, doctor_id, day, day + timedelta(days=1))
            await to.fetch(sql.STATE, ORGANIZATION, FACILITY, day.date())
            await to.fetch(sql.HELD, ORGANIZATION, patient_id, doctor_id, FACILITY, day.date())
        else:
            await to.fetch(sql.TAKEN, ORGANIZATION, doctor_id, starts, ends)
            await to.fetch(sql.BUSY, ORGANIZATION, patient_id, starts, ends)
        await to.execute(sql.BOOK, ORGANIZATION, id_, patient_id, doctor_id, FACILITY, kind, starts, ends, arrived)
        if arrived:
            number = await to.fetchval(sql.NUMBER, ORGANIZATION, doctor_id, FACILITY, starts.date())
            await to.execute(sql.TOKEN, ORGANIZATION, uuid_utils.compat.uuid7(), id_, patient_id, doctor_id, FACILITY,
                             starts.date(), number, starts)  # fmt: skip
        await audit(to, "create", "appointment", [id_])
        await emit(to, "AppointmentBooked", id_)
    return answer(asked | {"id": id_}, 201)
