"""Search: names in any order, phones, MRN, ABHA; what it shows, counts and writes down."""

import json
from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from arogya.modules.patients import api
from arogya.modules.patients import ports as patient_ports
from arogya.modules.patients.names import likeness, sort_name, words
from arogya.modules.patients.ports import LastVisit
from tests.factories.patients import a_patient
from tests.world import World

PEOPLE: list[dict[str, Any]] = [
    {"name": "Kavita Rane", "phones": ["90000 33333"], "blood_group": "B+"},
    {"name": "Kavita Suresh Iyer", "phones": ["+1 202-555-0123"], "birth_date": None, "age_years": 40},
    {"name": "Zoë D'Souza", "identifiers": [{"kind": "abha_address", "value": "zoe.k@abdm"}]},
    {"name": "Ramesh Kavitkar", "gender": "male", "mrn": "OLD/00042-b"},
    {"name": "Arun Sharma", "name_local": "अरुण शर्मा", "gender": "male", "blood_group": "B+"},
    {"name": "Ram", "gender": "male", "identifiers": [{"kind": "abha_number", "value": "91-5006-4247-3341"}]},
    {"name": "Anna-Maria K.R. Pinto", "identifiers": [{"kind": "passport", "value": "Z1234567"}]},
    {"name": "Rameshwari", "identifiers": [{"kind": "aadhaar_last4", "value": "7788"}]},
]


@pytest.fixture
def desk(world: World) -> dict[str, str]:
    return world.a.as_("receptionist")


@pytest.fixture
async def people(client: httpx2.AsyncClient, desk: dict[str, str]) -> None:
    for told in PEOPLE:
        answer = await client.post("/api/patients", headers=desk, json=a_patient(**told))
        assert answer.status_code == 201, answer.text


async def page(client: httpx2.AsyncClient, desk: dict[str, str], typed: str, **told: Any) -> dict[str, Any]:
    answer = await client.post("/api/patients/search", headers=desk, json={"search": typed, **told})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def names(client: httpx2.AsyncClient, desk: dict[str, str], typed: str, **told: Any) -> list[str]:
    return [row["name"] for row in (await page(client, desk, typed, **told))["items"]]


@pytest.mark.usefixtures("people")
async def test_everyone_is_found_by_what_people_type(client: httpx2.AsyncClient, desk: dict[str, str]) -> None:
    expected = {
        "kavita": ["Kavita Rane", "Kavita Suresh Iyer"],
        "KAVIT": ["Kavita Rane", "Kavita Suresh Iyer", "Ramesh Kavitkar"],
        "rane kav": ["Kavita Rane"],
        "kav ran": ["Kavita Rane"],
        "iyer kavita suresh": ["Kavita Suresh Iyer"],
        "iyer kavita ramesh": [],
        "zoe": ["Zoë D'Souza"],
        "Zoë dsouza": ["Zoë D'Souza"],
        "d'souza": ["Zoë D'Souza"],
        "D’Souza": ["Zoë D'Souza"],
        "शर्मा": ["Arun Sharma"],
        "अरु sharma": ["Arun Sharma"],
        "maria anna": ["Anna-Maria K.R. Pinto"],
        "pinto k": ["Anna-Maria K.R. Pinto"],
        "ram": ["Ram", "Ramesh Kavitkar", "Rameshwari"],
        "9000033333": ["Kavita Rane"],
        "90000 333": ["Kavita Rane"],
        "+91 90000-33333": ["Kavita Rane"],
        "09000033333": ["Kavita Rane"],
        "३३३३३": ["Kavita Rane"],
        "33333": ["Kavita Rane"],
        "333": [],
        "2025550123": ["Kavita Suresh Iyer"],
        "12025550123": ["Kavita Suresh Iyer"],
        "0123": ["Kavita Suresh Iyer"],
        "kavita 0123": ["Kavita Suresh Iyer"],
        "90000 ta-000003": ["Kavita Rane"],
        "90000 ta-000004": [],
        "0123 rane": [],
        "91-5006-4247-3341": ["Ram"],
        "91500642473341": ["Ram"],
        "9150 0642": ["Ram"],
        "zoe.k@abdm": ["Zoë D'Souza"],
        "z1234567": ["Anna-Maria K.R. Pinto"],
        "old/00042-b": ["Ramesh Kavitkar"],
        "old00042": ["Ramesh Kavitkar"],
        "TA-000005": ["Zoë D'Souza"],
        "ta000005": ["Zoë D'Souza"],
        "TA 000 005": ["Zoë D'Souza"],
        "000005": ["Zoë D'Souza"],
        "5": ["Zoë D'Souza"],
        "7788": [],
        "%": [],
        "_": [],
        "kav%": ["Kavita Rane", "Kavita Suresh Iyer", "Ramesh Kavitkar"],
        "' OR 1=1 --": [],
        "kavita\u0000": None,
    }
    for typed, found in expected.items():
        if found is None:
            answer = await client.post("/api/patients/search", headers=desk, json={"search": typed})
            assert answer.status_code == 422
        else:
            assert await names(client, desk, typed) == found, typed


@pytest.mark.usefixtures("people")
async def test_those_whose_name_begins_so_come_first(client: httpx2.AsyncClient, desk: dict[str, str]) -> None:
    assert (await names(client, desk, "kavit"))[-1] == "Ramesh Kavitkar"
    assert await names(client, desk, "r") == [
        "Ram",
        "Ramesh Kavitkar",
        "Rameshwari",
        "Anna-Maria K.R. Pinto",
        "Kavita Rane",
    ]


@pytest.mark.usefixtures("people")
async def test_filters_narrow_a_search_and_a_list(client: httpx2.AsyncClient, desk: dict[str, str]) -> None:
    assert await names(client, desk, "", blood_group="B+") == ["Arun Sharma", "Kavita Rane"]
    assert await names(client, desk, "", blood_group="B+", gender="female") == ["Kavita Rane"]
    assert await names(client, desk, "sha", blood_group="B+") == ["Arun Sharma"]
    assert await names(client, desk, "kavita", gender="male") == []
    listed = await client.get("/api/patients?search=ram&gender=male", headers=desk)
    assert [row["name"] for row in listed.json()["items"]] == ["Ram", "Ramesh Kavitkar"]
    both = await client.get("/api/patients", headers=desk, params={"blood_group": "B+", "all": True})
    assert both.json()["total"] == 2


@pytest.mark.usefixtures("people")
async def test_pages_follow_one_another(client: httpx2.AsyncClient, desk: dict[str, str]) -> None:
    whole = await page(client, desk, "r", limit=200)
    pages = [await page(client, desk, "r", skip=skip, limit=2) for skip in (0, 2, 4, 6)]
    assert [row for part in pages for row in part["items"]] == whole["items"]
    assert {(part["total"], part["total_capped"]) for part in (*pages, whole)} == {(5, False)}
    for refused in ({"limit": 0}, {"limit": 201}, {"skip": -1}, {"limit": "2"}):
        answer = await client.post("/api/patients/search", headers=desk, json={"search": "r", **refused})
        assert answer.status_code == 422, refused
    assert (await client.get("/api/patients?limit=201", headers=desk)).status_code == 422


@pytest.mark.usefixtures("people")
async def test_a_row_says_what_a_list_shows(client: httpx2.AsyncClient, desk: dict[str, str]) -> None:
    (row,) = (await page(client, desk, "rane"))["items"]
    assert {name: row[name] for name in row if name not in {"id", "mrn"}} == {
        "name": "Kavita Rane", "name_local": None, "gender": "female", "birth_date": "1990-04-12", "age_years": 36,
        "age_months": 7, "blood_group": "B+", "phone": "90000 33333", "is_active": True, "is_unknown": False,
        "is_medico_legal": False, "merged_records": [], "last_visit": None,
    }  # fmt: skip


@pytest.mark.usefixtures("people")
async def test_a_search_is_on_record_with_whom_it_showed_and_not_what_was_typed(
    client: httpx2.AsyncClient, desk: dict[str, str], owner: Any, logged: Callable[[], list[dict[str, Any]]]
) -> None:
    shown = await page(client, desk, "kavita", gender="female")
    (row,) = await owner.fetch("SELECT * FROM audit_entries WHERE action = 'search'")
    assert [str(one) for one in row["entity_ids"]] == [one["id"] for one in shown["items"]]
    assert json.loads(row["details"]) == {"by": ["gender", "search"]}
    assert row["patient_id"] is None
    await client.get("/api/patients?search=kavita&limit=1", headers=desk)
    await page(client, desk, "nobody at all")
    rows = await owner.fetch("SELECT * FROM audit_entries WHERE action = 'search' ORDER BY id")
    assert [len(one["entity_ids"]) for one in rows] == [2, 1, 0]
    assert "kavita" not in str([dict(one) for one in rows]).lower()
    lines = logged()
    assert len(lines) == 3
    assert "kavita" not in str(lines).lower()


async def test_another_hospitals_patients_are_never_found(
    client: httpx2.AsyncClient, desk: dict[str, str], world: World
) -> None:
    there = world.b.as_("receptionist")
    await client.post("/api/patients", headers=there, json=a_patient(name="Tara Elsewhere", phones=["90000 88888"]))
    for typed in ("tara", "9000088888", "TB-000003", "deshmukh", ""):
        found = await page(client, desk, typed)
        assert {row["mrn"][:2] for row in found["items"]} <= {"TA"}, typed
    assert await names(client, there, "tara") == ["Tara Elsewhere"]


async def test_the_last_visit_comes_through_its_port(
    client: httpx2.AsyncClient, desk: dict[str, str], world: World, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Visits:
        async def last_visits(self, _ctx: object, patient_ids: Any) -> dict[Any, LastVisit]:
            visit = LastVisit(world.a.practitioner, "Dr Kavita Iyer", clock.now())
            return {one: visit for one in patient_ids if one == world.a.patient}

    monkeypatch.setattr(patient_ports, "_visit_sources", [])
    api.add_visit_source(Visits())
    rows = {row["id"]: row["last_visit"] for row in (await page(client, desk, "deshmukh"))["items"]}
    assert rows[str(world.a.other_patient)] is None
    assert rows[str(world.a.patient)] == {
        "practitioner_id": str(world.a.practitioner), "practitioner_name": "Dr Kavita Iyer",
        "at": "2026-11-23T04:30:00Z",
    }  # fmt: skip


def test_words_are_folded_as_readers_read_them() -> None:
    assert words("  D'Souza, ZOË-Anna (K.R.) ~40 ") == ["dsouza", "zoe", "anna", "k", "r", "40"]
    assert words("कविता") == ["कविता"]
    assert words("\u0915\u093c") == words("\u0958")  # क़, written in two ways
    assert words("... \u200d\u200f") == []
    assert words("Straße ＫＡＶＩ") == ["strasse", "kavi"]
    assert sort_name("Arun Sharma", "अरुण शर्मा") == "arun sharma अरुण शर्मा"


def test_alike_is_how_it_sounds() -> None:
    for one, other in (("Lakshmi Iyer", "Laxmee Iyer"), ("Geeta Rane", "Gita Rane"), ("Vikram Rao", "Wikram Rao")):
        assert likeness(words(one), words(other)) > 0.9, one
    for one, other in (("Ramesh Kumar", "Suresh Kumar"), ("Kavita Rane", "Sunita Rane"), ("Arun", "Varun Shah")):
        assert likeness(words(one), words(other)) < 0.7, one
    assert likeness([], ["kavita"]) == 0
