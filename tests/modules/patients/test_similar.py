"""Possible duplicates, while the form is filled."""

from typing import Any

import httpx2
import pytest

from tests.factories.patients import a_patient
from tests.world import World


@pytest.fixture
def desk(world: World) -> dict[str, str]:
    return world.a.as_("receptionist")


@pytest.fixture
async def known(client: httpx2.AsyncClient, desk: dict[str, str]) -> dict[str, Any]:
    told = a_patient(name="Lakshmi Iyer", phones=["90000 33333"], birth_date="1990-04-12")
    answer: dict[str, Any] = (await client.post("/api/patients", headers=desk, json=told)).json()
    return answer


async def similar(client: httpx2.AsyncClient, desk: dict[str, str], **told: Any) -> dict[str, list[str]]:
    answer = await client.post("/api/patients/similar", headers=desk, json=told)
    assert answer.status_code == 200, answer.text
    return {row["name"]: row["because"] for row in answer.json()["items"]}


async def test_reasons_are_told(client: httpx2.AsyncClient, desk: dict[str, str], known: dict[str, Any]) -> None:
    expected: list[tuple[dict[str, Any], list[str]]] = [
        ({"phone": "+91 90000-33333"}, ["phone"]),
        ({"phone": "9000033333", "name": "Someone Else"}, ["phone"]),
        ({"name": "Laxmee Iyer", "birth_date": "1990-04-12"}, ["name", "birth_date"]),
        ({"name": "iyer lakshmi", "age_years": 36}, ["name", "birth_date"]),
        ({"name": "iyer lakshmi", "age_years": 37}, ["name", "birth_date"]),
        ({"name": "Lakshmi Iyer", "phone": "9000033333", "birth_date": "1990-04-12"}, ["phone", "name", "birth_date"]),
        ({"name": "Lakshmi Iyer"}, ["name"]),
    ]
    for told, because in expected:
        assert await similar(client, desk, **told) == {known["name"]: because}, told


@pytest.mark.usefixtures("known")
async def test_what_is_not_alike_is_left_alone(client: httpx2.AsyncClient, desk: dict[str, str]) -> None:
    for told in (
        {},
        {"name": ""},
        {"name": "L"},
        {"phone": "90000"},
        {"birth_date": "1990-04-12"},
        {"name": "Lakshmi Iyer", "birth_date": "1990-04-13"},
        {"name": "Lakshmi Iyer", "age_years": 50},
        {"name": "Lakshmi Iyer", "phone": "90000 99999"},
        {"name": "Sunita Iyer", "birth_date": "1990-04-12"},
    ):
        assert await similar(client, desk, **told) == {}, told


async def test_a_deactivated_patient_who_comes_back_is_shown(
    client: httpx2.AsyncClient, desk: dict[str, str], known: dict[str, Any], world: World
) -> None:
    await client.delete(f"/api/patients/{known['id']}", headers=world.a.as_("hospital_admin"))
    assert list(await similar(client, desk, phone="90000 33333")) == ["Lakshmi Iyer"]


@pytest.mark.usefixtures("known")
async def test_other_hospitals_patients_are_not_similar(client: httpx2.AsyncClient, world: World) -> None:
    assert await similar(client, world.b.as_("receptionist"), phone="90000 33333", name="Lakshmi Iyer") == {}


async def test_an_age_reckoned_earlier_is_near_enough(client: httpx2.AsyncClient, desk: dict[str, str]) -> None:
    await client.post("/api/patients", headers=desk, json={"name": "Ramu Bai", "gender": "female", "age_years": 60})
    assert await similar(client, desk, name="Ramu Bai", birth_date="1966-03-01") == {"Ramu Bai": ["name", "birth_date"]}
    assert await similar(client, desk, name="Ramu Bai", birth_date="1962-03-01") == {}


async def test_whom_it_showed_is_on_record(
    client: httpx2.AsyncClient, desk: dict[str, str], known: dict[str, Any], owner: Any
) -> None:
    await similar(client, desk, phone="90000 33333")
    row = await owner.fetchrow("SELECT * FROM audit_entries WHERE action = 'search'")
    assert [str(one) for one in row["entity_ids"]] == [known["id"]]
    assert "33333" not in str(dict(row))
