"""The requests of one run: 60 % reads, 30 % bookings, 10 % priority walk-ins, in a seeded order."""

import random
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg

from bench.statements import SESSIONS

REQUESTS = 1500


async def requests(to: asyncpg.Connection, organization: Any, facility: Any) -> list[dict[str, Any]]:
    patients = [str(r["id"]) for r in await to.fetch(
        "SELECT id FROM patients WHERE organization_id = $1 AND is_active AND NOT is_deceased ORDER BY id",
        organization)]  # fmt: skip
    places = await _places(to, organization, facility)
    doctors = sorted({doctor for doctor, _ in places})
    gone = {r["practitioner_id"] for r in await to.fetch("SELECT practitioner_id FROM practitioner_days "
            "WHERE organization_id = $1 AND state = 'gone'", organization)}  # fmt: skip
    here = [doctor for doctor in doctors if uuid.UUID(doctor) not in gone]
    waiting = {(str(r["patient_id"]), str(r["practitioner_id"])) for r in await to.fetch(
        "SELECT patient_id, practitioner_id FROM queue_tokens WHERE organization_id = $1", organization)}  # fmt: skip
    pairs = [(p, d) for d in here for p in patients if (p, d) not in waiting]
    day = f"{datetime.now(UTC):%F}"
    chance = random.Random(7)
    chance.shuffle(pairs)
    made: list[dict[str, Any]] = []
    for i in range(REQUESTS * 3 // 10):
        doctor, starts = places[i]
        body = {"patient_id": patients[i % len(patients)], "practitioner_id": doctor, "facility_id": str(facility),
                "starts_at": starts.isoformat()}  # fmt: skip
        made.append(_one("book", "POST", "/api/appointments", body))
    for patient, doctor in pairs[: REQUESTS // 10]:
        body = {"patient_id": patient, "practitioner_id": doctor, "facility_id": str(facility), "is_priority": True}
        made.append(_one("walk-in", "POST", "/api/walk-ins", body))
    for i in range(REQUESTS * 6 // 10):
        path = (
            f"/api/appointments/today?limit=50&facility_id={facility}",
            f"/api/patients/{chance.choice(patients)}",
            f"/api/slots?practitioner_id={chance.choice(doctors)}&from={day}",
        )[i % 3]
        made.append(_one(("today", "patient", "slots")[i % 3], "GET", path, None))
    chance.shuffle(made)
    return made


def _one(what: str, method: str, path: str, body: dict[str, Any] | None) -> dict[str, Any]:
    return {"what": what, "method": method, "path": path, "body": body, "key": str(uuid.uuid4())}


async def _places(to: asyncpg.Connection, organization: Any, facility: Any) -> list[tuple[str, datetime]]:
    """One free place a slot, from 40 days ahead on, past the demo's own bookings, by time."""
    found = []
    india = timedelta(hours=5, minutes=30)
    start = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    for doctor in await to.fetch("SELECT id FROM practitioners WHERE organization_id = $1", organization):
        for row in await to.fetch(SESSIONS, organization, doctor["id"]):
            if row["kind"] != "slots" or row["facility_id"] != facility or row["ends"] <= row["starts"]:
                continue
            for ahead in range(40, 100):
                day = start + timedelta(days=ahead)
                at = day + timedelta(hours=row["starts"].hour, minutes=row["starts"].minute)
                ends = day + timedelta(hours=row["ends"].hour, minutes=row["ends"].minute)
                while day.weekday() == row["weekday"] and at + timedelta(minutes=row["slot_minutes"]) <= ends:
                    found.append((str(doctor["id"]), at - india))
                    at += timedelta(minutes=row["slot_minutes"])
    return sorted(set(found), key=lambda place: (place[1], place[0]))
