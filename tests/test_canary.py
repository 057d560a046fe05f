"""The two-tenant canary: everything of hospital B is marked, everybody of hospital A asks for it in every way there is.

Not one mark may come back. Probes are generated from the API's own description: each operation, as each role, with B's
ids in the path, in the query and in the body, and with A's own lists and searches.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx2
import pytest
from asyncpg import Connection
from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range

from arogya.modules.identity.models import CustomRole, DeviceLink, Invitation, SharedCounter
from arogya.modules.notifications.models import Notification
from arogya.modules.organizations.models import Department, Facility, Room
from arogya.modules.patients.models import (
    Patient,
    PatientDuplicate,
    PatientImport,
    PatientMerge,
    PatientPhone,
    PatientTerm,
)
from arogya.modules.scheduling.models import (
    Appointment,
    AppointmentSeries,
    Hold,
    QueueToken,
    Receipt,
    ScheduleException,
    WaitlistEntry,
    WaitlistOffer,
)
from arogya.modules.staff.models import Practitioner, StaffMember
from arogya.platform.base import metadata
from arogya.platform.clock import FixedClock, new_id
from tests.world import Hospital, World

MARK = "kanarienvogel"
AT_LEAST = 2000
WAYS_OUT = {"/api/auth/logout", "/api/auth/password", "/api/auth/login", "/api/auth/register", "/api/setup"}
"""They end or make sessions; each has its own tests."""
BY_SECRET = "/api/calendar/{token}.ics"
"""For who knows the address; that another hospital's name on it opens nothing is in test_calendars.py."""
DIRECTORY = "/api/auth/hospitals"
"""Names every hospital that takes registrations, to anybody: that is what it is for."""

InTenant = Callable[..., AbstractAsyncContextManager[Any]]


@pytest.fixture
async def marked(world: World, in_tenant: InTenant, clock: FixedClock, owner: Connection) -> dict[str, list[str]]:
    """Give B one of everything, each text marked. Returns B's ids by the column that would point at them."""
    b, now = world.b, clock.now()
    async with in_tenant(b.organization_id, b.users["receptionist"]) as session:
        for kind in (Facility, Department, Practitioner, Patient, StaffMember):
            for row in await session.scalars(select(kind)):
                row.name = f"{MARK} {row.name}"
        visits = []
        for hour, status in enumerate(("booked", "checked-in", "fulfilled", "cancelled")):
            visits.append(
                Appointment(
                    patient_id=b.patient, practitioner_id=b.practitioner, facility_id=b.main, kind="walk-in",
                    status=status, starts_at=now + timedelta(hours=hour), ends_at=now + timedelta(hours=hour + 1),
                    reason=MARK, notes=MARK, fee_paise=60_000,
                )
            )  # fmt: skip
        phone = PatientPhone(patient_id=b.patient, number=MARK, e164=None, position=1)
        term = PatientTerm(kind="name", term=MARK, sort_name="sunita deshmukh", patient_id=b.patient, is_active=True)
        session.add_all([*visits, phone, term])
        await session.flush()
        session.add_all([
            QueueToken(
                appointment_id=visits[1].id, patient_id=b.patient, practitioner_id=b.practitioner, facility_id=b.main,
                day=now.date(), session="09:00", number=1, status="waiting", due_at=now, issued_at=now,
            ),
            Receipt(
                number="MARK/26-27/000001", appointment_id=visits[2].id, patient_id=b.patient, facility_id=b.main,
                amount_paise=60_000, method="cash", is_verified=True, issued_at=now,
            ),
            ScheduleException(
                kind="leave", practitioner_id=b.practitioner, starts_at=now + timedelta(days=2),
                ends_at=now + timedelta(days=3), reason=MARK,
            ),
            Hold(
                user_id=b.users["receptionist"], patient_id=b.patient, practitioner_id=b.practitioner,
                facility_id=b.main, starts_at=now, ends_at=now + timedelta(hours=1),
                during=Range(now, now + timedelta(hours=1)), lane=9, expires_at=now + timedelta(hours=1),
            ),
            AppointmentSeries(
                patient_id=b.patient, practitioner_id=b.practitioner, facility_id=b.main, unit="week", every=1,
                starts_at=now, count=2,
            ),
            WaitlistEntry(
                id=(waiting := new_id()), patient_id=b.patient, practitioner_id=b.practitioner, facility_id=b.main,
                first_day=now.date(), last_day=now.date() + timedelta(days=7), reason=MARK, joined_at=now,
                stands_at=now, status="offered",
            ),
            Room(name=MARK, facility_id=b.main, floor=MARK, note=MARK),
            DeviceLink(id=b.sessions["nurse"], name=MARK, facility_id=b.main),
            Invitation(email=f"{MARK}@example.org", role="nurse", expires_at=now + timedelta(days=7)),
            PatientImport(
                filename=f"{MARK}.csv", form="csv", size_bytes=1, sha256=b"", headings=[MARK], mapping={},
                failure=MARK,
            ),
            PatientDuplicate(
                first_id=min(b.patient, b.other_patient), second_id=max(b.patient, b.other_patient), score=90,
                because=["phone"],
            ),
            PatientMerge(
                survivor_id=b.patient, merged_id=b.other_patient, was_active=True, created_at=now, undone_at=now
            ),
            CustomRole(name=MARK, name_hi=MARK, permissions=["patient.read"]),
            SharedCounter(name=MARK, facility_id=b.main),
            Notification(
                user_id=b.users["receptionist"], event_id=new_id(), template="appointment.booked",
                params={"appointment_id": str(visits[0].id)}, raised_at=now,
            ),
        ])  # fmt: skip
        await session.flush()
        starts_at, ends_at = now + timedelta(days=1), now + timedelta(days=1, minutes=20)
        session.add(
            WaitlistOffer(
                entry_id=waiting, patient_id=b.patient, practitioner_id=b.practitioner, facility_id=b.main, kind="slot",
                mode="in-person", starts_at=starts_at, ends_at=ends_at, during=Range(starts_at, ends_at), lane=1,
                offered_at=now, expires_at=now + timedelta(minutes=15),
            )
        )  # fmt: skip
    ids: dict[str, list[str]] = {}
    for table, column in {
        "appointments": "appointment_id", "patients": "patient_id", "practitioners": "practitioner_id",
        "facilities": "facility_id", "departments": "department_id", "staff_members": "staff_id",
        "schedules": "schedule_id", "schedule_exceptions": "exception_id", "queue_tokens": "token_id",
        "receipts": "receipt_id", "device_links": "link_id", "notifications": "notification_id",
        "memberships": "membership_id", "custom_roles": "custom_role_id", "shared_counters": "counter_id",
        "holds": "hold_id", "appointment_series": "series_id", "waitlist_entries": "entry_id",
        "waitlist_offers": "offer_id", "invitations": "invitation_id", "patient_imports": "import_id",
        "patient_duplicates": "duplicate_id", "patient_merges": "merge_id", "patient_accounts": "account_id",
        "rooms": "room_id",
    }.items():  # fmt: skip
        assert table in metadata.tables
        rows = await owner.fetch(f"SELECT id FROM {table} WHERE organization_id = $1 LIMIT 2", b.organization_id)
        ids[column] = [str(row["id"]) for row in rows]
    ids["user_id"] = [str(b.users["receptionist"]), str(b.users["doctor"])]
    ids["session_id"] = [str(b.sessions["doctor"])]
    ids["organization_id"] = [str(b.organization_id)]
    ids["mother_id"] = ids["patient_id"]
    assert all(ids.values())
    return ids


def marks_of(b: Hospital, ids: dict[str, list[str]]) -> set[str]:
    """What may never be seen by A: B's ids, its marked words, its numbers."""
    return {MARK, "TB-0000", "MARK/26", *(one for found in ids.values() for one in found), str(b.other_patient)}


_CHOICES = {"of": ["patient", "practitioner"]}
"""Words in a path that are nobody's id."""


class Probes:
    """All ways to ask for B's things, from the API's description."""

    def __init__(self, document: dict[str, Any], ids: dict[str, list[str]], own: Hospital) -> None:
        self.document, self.ids, self.own = document, ids, own

    def __iter__(self) -> Iterator[tuple[str, str, dict[str, str], Any]]:
        for path, methods in sorted(self.document["paths"].items()):
            if path in WAYS_OUT or path in {DIRECTORY, BY_SECRET}:
                continue
            for method, operation in sorted(methods.items()):
                for nth in range(2):
                    yield from self._of(path, method.upper(), operation, nth)

    def _of(
        self, path: str, method: str, operation: dict[str, Any], nth: int
    ) -> Iterator[tuple[str, str, dict[str, str], Any]]:
        parameters = [p for p in operation.get("parameters", []) if p["in"] == "query"]
        url = path
        for name in [p["name"] for p in operation.get("parameters", []) if p["in"] == "path"]:
            url = url.replace(f"{{{name}}}", self._id(name, nth))
        body = self._body(operation, nth)
        needed = {p["name"]: self._query(p, nth) for p in parameters if p.get("required")}
        yield method, url, needed, body
        everything = {p["name"]: self._query(p, nth) for p in parameters if self._query(p, nth)}
        if everything != needed:
            yield method, url, everything, body
        if "search" in {p["name"] for p in parameters}:
            for word in (MARK, "TB-000001", "9000011207"):
                yield method, url, {"search": word, "limit": "200"}, body
        if not needed and parameters:
            yield method, url, {"limit": "200"}, body

    def _id(self, name: str, nth: int) -> str:
        found = _CHOICES.get(name) or self.ids[name]
        return found[nth % len(found)]

    def _query(self, parameter: dict[str, Any], nth: int) -> str:
        name = parameter["name"]
        if name in self.ids:
            return self._id(name, nth)
        return {
            "from": "2026-11-01T00:00:00Z", "to": "2026-12-01T00:00:00Z", "day": "2026-11-23", "search": MARK,
            "limit": "200", "paper": "a5",
        }.get(name, "")  # fmt: skip

    def _body(self, operation: dict[str, Any], nth: int) -> Any:
        content = operation.get("requestBody", {}).get("content", {}).get("application/json")
        return self._value("", content["schema"], nth) if content else None

    def _value(self, name: str, schema: dict[str, Any], nth: int) -> Any:
        if "$ref" in schema:
            schema = self.document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        if name in self.ids and (schema.get("format") == "uuid" or "anyOf" in schema):
            return self._id(name, nth)
        if "anyOf" in schema:
            return self._value(name, schema["anyOf"][0], nth)
        if "enum" in schema:
            return schema["enum"][nth % len(schema["enum"])]
        if "const" in schema:
            return schema["const"]
        kind = schema.get("type")
        if kind == "object":
            needed = set(schema.get("required", [])) | (set(schema.get("properties", {})) & set(self.ids))
            return {k: self._value(k, v, nth) for k, v in schema.get("properties", {}).items() if k in needed}
        if kind == "array":
            return [self._value(name, schema.get("items", {}), nth)]
        formats = {"date-time": "2026-11-24T04:30:00Z", "date": "2026-11-24", "time": "09:00", "uuid": str(new_id())}
        if kind == "string":
            return formats.get(schema.get("format", ""), MARK if name == "search" else f"Probe {nth}")
        return {"integer": max(1, schema.get("minimum", 1)), "number": 1, "boolean": True}.get(str(kind))


async def test_nothing_of_another_hospital_comes_back(
    app: FastAPI, client: httpx2.AsyncClient, world: World, marked: dict[str, list[str]], clock: FixedClock
) -> None:
    marks = marks_of(world.b, marked)
    own_asking = {one for found in marked.values() for one in found}
    answers: Counter[int] = Counter()
    sent = 0
    for who in world.a.users:
        for method, url, query, body in Probes(app.openapi(), marked, world.a):
            answer = await client.request(method, url, params=query, json=body, headers=world.a.as_(who))
            sent += 1
            answers[answer.status_code] += 1
            asked = f"{url}{query}{json.dumps(body)}"
            # A's own trail shows the ids that A's people asked for in vain; what those ids are of, it must not.
            told = marks - own_asking if url.startswith("/api/audit") else marks
            seen = {mark for mark in told if mark in answer.text and mark not in asked}
            assert not seen, f"{who}: {method} {url} {query} answered {answer.status_code} with {seen}"
            assert answer.status_code < 500, f"{who}: {method} {url} {query} {body}: {answer.text}"
            if method == "GET" and answer.status_code == 200 and "limit" in query:
                assert MARK not in answer.text
    assert sent >= AT_LEAST, f"only {sent} probes"
    assert answers[200] > 100, answers
    print(f"\n{sent} probes, 0 leaks, answers {dict(sorted(answers.items()))}")


async def test_nothing_of_b_changed_by_as_probes(
    app: FastAPI, client: httpx2.AsyncClient, world: World, marked: dict[str, list[str]], owner: Connection
) -> None:
    before = await fingerprint(owner, world.b.organization_id)
    for method, url, query, body in Probes(app.openapi(), marked, world.a):
        await client.request(method, url, params=query, json=body, headers=world.a.as_("hospital_admin"))
    assert await fingerprint(owner, world.b.organization_id) == before


async def fingerprint(owner: Connection, organization_id: UUID) -> dict[str, Any]:
    """A digest of each of the hospital's tables."""
    found = {}
    for name, table in metadata.tables.items():
        if "organization_id" in table.columns and name not in {"sessions"}:
            found[name] = await owner.fetchval(
                f"SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {name} t WHERE organization_id = $1",
                organization_id,
            )
    return found


async def test_control_without_row_security_the_canary_sings(
    app: FastAPI, client: httpx2.AsyncClient, world: World, marked: dict[str, list[str]], owner: Connection
) -> None:
    """The control: with one table's row security off, the same probes must find a mark."""
    await owner.execute("ALTER TABLE departments DISABLE ROW LEVEL SECURITY")
    answer = await client.get("/api/departments", params={"limit": "200"}, headers=world.a.as_("receptionist"))
    assert MARK in answer.text
