"""Who may do what with a patient, and what the rest are told."""

from typing import Any

import asyncpg
import httpx2
import pytest

from tests.factories.patients import a_patient
from tests.world import Hospital, World

Operation = tuple[str, str, dict[str, Any] | None]


def operations(hospital: Hospital) -> dict[str, Operation]:
    one = f"/api/patients/{hospital.other_patient}"
    return {
        "list": ("GET", "/api/patients", None),
        "search": ("POST", "/api/patients/search", {"search": "deshmukh"}),
        "similar": ("POST", "/api/patients/similar", {"name": "Mahesh Deshmukh"}),
        "register": ("POST", "/api/patients", a_patient()),
        "read": ("GET", one, None),
        "change": ("PATCH", one, {"city": "Pune"}),
        "deactivate": ("DELETE", one, None),
        "reactivate": ("POST", f"{one}/reactivate", None),
        "keep photo": ("PUT", f"{one}/photo", None),
        "read photo": ("GET", f"{one}/photo", None),
        "remove photo": ("DELETE", f"{one}/photo", None),
        "history": ("GET", f"{one}/history", None),
    }


EVERY_READ = {"list", "search", "read", "read photo"}
EDITS = EVERY_READ | {"change", "keep photo", "remove photo"}
DESK = EDITS | {"register", "similar"}
MAY = {
    "receptionist": DESK,
    "branch_receptionist": DESK,
    "hospital_admin": DESK | {"deactivate", "reactivate"},
    "doctor": EDITS | {"history"},
    "nurse": EDITS | {"history"},
    "pharmacist": EVERY_READ,
    "cashier": EVERY_READ,
    "lab_technician": EVERY_READ,
    "privacy_officer": EVERY_READ,
}
"""Whom the hospital lets do what; the patient's own reach is told apart below."""


async def ask(client: httpx2.AsyncClient, operation: Operation, headers: dict[str, str]) -> httpx2.Response:
    method, url, body = operation
    if url.endswith("/photo") and method == "PUT":
        return await client.put(url, headers=headers, files={"file": ("a.jpg", b"no picture", "image/jpeg")})
    return await client.request(method, url, headers=headers, **({"json": body} if body else {}))


async def test_a_stranger_learns_nothing(client: httpx2.AsyncClient, world: World) -> None:
    for name, operation in operations(world.a).items():
        answer = await ask(client, operation, {})
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated"), name


async def test_each_role_does_what_it_may_and_nothing_else(client: httpx2.AsyncClient, world: World) -> None:
    for who, may in MAY.items():
        for name, operation in operations(world.a).items():
            answer = await ask(client, operation, world.a.as_(who))
            reached = answer.status_code != 403 or answer.json()["code"] == "no_record_grant"
            assert reached == (name in may), (who, name, answer.status_code)


async def test_the_platforms_administrator_sees_no_patient(client: httpx2.AsyncClient, world: World) -> None:
    for name, operation in operations(world.a).items():
        assert (await ask(client, operation, world.as_super_admin())).status_code == 403, name


async def test_another_hospitals_patients_do_not_exist(client: httpx2.AsyncClient, world: World) -> None:
    for who in ("hospital_admin", "doctor"):
        for name, operation in operations(world.b).items():
            if name not in MAY[who] or str(world.b.other_patient) not in operation[1] or name == "keep photo":
                continue
            answer = await ask(client, operation, world.a.as_(who))
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), name
            assert "Deshmukh" not in answer.text
    listed = await client.get("/api/patients", headers=world.a.as_("hospital_admin"))
    assert str(world.b.patient) not in listed.text


async def test_patients_see_their_own_records_only(client: httpx2.AsyncClient, world: World) -> None:
    own = world.a.as_("patient")
    mine = await client.get(f"/api/patients/{world.a.patient}", headers=own)
    assert mine.json()["name"] == "Sunita Deshmukh"
    for name, operation in operations(world.a).items():
        if str(world.a.other_patient) in operation[1] and name not in {"deactivate", "reactivate", "keep photo"}:
            answer = await ask(client, operation, own)
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), name
    for name in ("deactivate", "reactivate", "register", "similar"):
        assert (await ask(client, operations(world.a)[name], own)).status_code == 403, name
    listed = await client.get("/api/patients", headers=own)
    assert [row["id"] for row in listed.json()["items"]] == [str(world.a.patient)]
    for typed in ("deshmukh", "9000011207", "TA-00000", "mahesh"):
        found = await client.post("/api/patients/search", headers=own, json={"search": typed})
        assert str(world.a.other_patient) not in found.text, typed
    assert (await client.get(f"/api/patients/{world.a.patient}/history", headers=own)).status_code == 200


async def test_patients_change_how_they_are_reached_and_nothing_of_who_they_are(
    client: httpx2.AsyncClient, world: World
) -> None:
    own, url = world.a.as_("patient"), f"/api/patients/{world.a.patient}"
    mended = {
        "phones": ["90000 22222"], "email": "sunita@example.in", "language": "hi", "address_line": "3, Test Lane",
        "contacts": [{"name": "Mahesh", "relation": "brother"}],
    }  # fmt: skip
    answer = await client.patch(url, headers=own, json=mended)
    assert (answer.status_code, answer.json()["email"]) == (200, "sunita@example.in")
    for beyond in (
        {"name": "Someone Else"}, {"mrn": "X1"}, {"identifiers": []}, {"birth_date": "2000-01-01"}, {"gender": "male"},
        {"blood_group": "A+"}, {"is_medico_legal": True}, {"is_deceased": True}, {"mother_id": None},
    ):  # fmt: skip
        answer = await client.patch(url, headers=own, json={"city": "Pune", **beyond})
        assert answer.status_code == 403, beyond
        assert [field["name"] for field in answer.json()["fields"]] == list(beyond)
    still = (await client.get(url, headers=own)).json()
    assert (still["name"], still["mrn"], still["city"]) == ("Sunita Deshmukh", "TA-000001", None)


@pytest.mark.parametrize("who", ["hospital_admin", "patient"])
async def test_a_refusal_is_on_record_with_whom_it_was_about(
    client: httpx2.AsyncClient, world: World, owner: "asyncpg.Connection[Any]", who: str
) -> None:
    refused = world.b.patient if who == "hospital_admin" else world.a.other_patient
    await client.get(f"/api/patients/{refused}", headers=world.a.as_(who))
    row = await owner.fetchrow("SELECT * FROM audit_entries WHERE outcome = 'denied'")
    assert row is not None
    assert (row["entity"], row["entity_ids"], row["user_id"]) == ("patient", [refused], world.a.users[who])
    assert row["organization_id"] == world.a.organization_id
