"""Who is registered without a name is named later, and what was written before stays to be seen."""

from typing import Any

import httpx2
import pytest
from asyncpg import Connection

from tests.factories.patients import a_patient
from tests.world import World

Client = httpx2.AsyncClient


@pytest.fixture
def desk(world: World) -> dict[str, str]:
    return world.a.as_("receptionist")


async def register(client: Client, desk: dict[str, str], **told: Any) -> dict[str, Any]:
    answer = await client.post("/api/patients", json=told, headers=desk)
    assert answer.status_code == 201, answer.text
    record: dict[str, Any] = answer.json()
    return record


async def renamed(client: Client, desk: dict[str, str], record: dict[str, Any], **told: Any) -> dict[str, Any]:
    answer = await client.patch(f"/api/patients/{record['id']}", json=told, headers=desk)
    assert answer.status_code == 200, answer.text
    changed: dict[str, Any] = answer.json()
    return changed


async def test_an_unknown_patient_is_named_and_the_first_name_stays(client: Client, desk: dict[str, str]) -> None:
    unknown = await register(client, desk, gender="male", is_unknown=True, age_years=40)
    assert (unknown["name"], unknown["is_unknown"], unknown["former_names"]) == ("Unknown male ~40", True, [])
    named = await renamed(client, desk, unknown, name="Ramu Kadam")
    assert (named["name"], named["is_unknown"], named["mrn"]) == ("Ramu Kadam", False, unknown["mrn"])
    assert named["former_names"] == [
        {"name": "Unknown male ~40", "name_local": None, "was_unknown": True, "until": "2026-11-23T04:30:00Z"}
    ]


async def test_who_stays_unknown_is_said_so(client: Client, desk: dict[str, str]) -> None:
    unknown = await register(client, desk, gender="male", is_unknown=True, age_years=40)
    told = await renamed(client, desk, unknown, name="Unknown with a tattoo", is_unknown=True)
    assert told["is_unknown"] is True


async def test_every_other_name_is_kept_and_no_other_change_is_one(
    client: Client, desk: dict[str, str], owner: Connection
) -> None:
    record = await register(client, desk, **a_patient(name="Kavita Rane"))
    await renamed(client, desk, record, city="Pune", name="Kavita Rane")
    assert await owner.fetchval("SELECT count(*) FROM patient_former_names") == 0
    await renamed(client, desk, record, name="Kavita Sharma")
    told = await renamed(client, desk, record, name_local="कविता")
    assert [one["name"] for one in told["former_names"]] == ["Kavita Sharma", "Kavita Rane"]
    by = await owner.fetchval("SELECT count(*) FROM patient_former_names WHERE created_by IS NOT NULL")
    assert by == 2


async def test_a_man_is_nobodys_mother(client: Client, desk: dict[str, str], world: World) -> None:
    told = {"gender": "female", "age_months": 0, "mother_id": str(world.a.other_patient)}
    refused = await client.post("/api/patients", json=told, headers=desk)
    assert refused.status_code == 422
    assert refused.json()["fields"][0]["code"] == "not_a_mother"
