"""The list of patients taken away: as filtered, recorded first, and no cell a formula."""

import csv
import io
from typing import Any

import asyncpg
import httpx2
import pytest

from arogya.modules.patients.exporting import COLUMNS
from arogya.modules.patients.importing.headings import guessed
from arogya.platform import export as exports
from arogya.platform.sheets.reading import lines
from tests.modules.patients.importing.files import Imports, Jobs
from tests.world import World

URL = "/api/patients/export"


async def exported(client: httpx2.AsyncClient, world: World, **wanted: Any) -> list[dict[str, str]]:
    answer = await client.post(URL, headers=world.a.as_("hospital_admin"), json=wanted)
    assert answer.status_code == 200, answer.text
    if wanted.get("form") == "xlsx":
        assert answer.headers["content-type"].endswith("spreadsheetml.sheet")
        (_, head), *rows = list(lines(answer.content))
        return [dict(zip(head, row + [""] * len(head), strict=False)) for _, row in rows]
    assert answer.headers["content-disposition"] == 'attachment; filename="patients-2026-11-23.csv"'
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


async def register(client: httpx2.AsyncClient, world: World, **facts: Any) -> str:
    body = {"name": "Exporta Test", "gender": "female", "age_years": 30} | facts
    answer = await client.post("/api/patients", headers=world.a.as_("receptionist"), json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


@pytest.mark.parametrize("form", ["csv", "xlsx"])
async def test_the_list_goes_out_whole_across_batches(
    client: httpx2.AsyncClient, world: World, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "ROWS_AT_A_TIME", 2)
    for n in range(5):
        numbers = [{"kind": "abha_number", "value": f"9100000000000{n}"}]
        await register(
            client, world, name=f"Exporta {n}", phones=["90000 11207", f"90000 1120{n}"], identifiers=numbers
        )
    rows = await exported(client, world, form=form)
    assert len(rows) == 7
    found = next(row for row in rows if row["Patient name"] == "Exporta 3")
    assert (found["Phones"], found["ABHA number"], found["Age (years)"], found["Active"]) == (
        "90000 11207, 90000 11203", "91000000000003", "30", "yes",
    )  # fmt: skip


async def test_filters_and_search_narrow_it(client: httpx2.AsyncClient, world: World) -> None:
    gone = await register(client, world, name="Exporta Gone")
    await register(client, world, name="Exporta Here", gender="male")
    await client.delete(f"/api/patients/{gone}", headers=world.a.as_("hospital_admin"))

    async def names(**wanted: Any) -> list[str]:
        return [row["Patient name"] for row in await exported(client, world, **wanted)]

    assert await names(search="exporta") == ["Exporta Here"]
    assert await names(search="exporta", is_active=False) == ["Exporta Gone"]
    assert await names(search="exporta", all=True) == ["Exporta Gone", "Exporta Here"]
    assert await names(search="exporta", gender="female") == []
    assert await names(search="nobodyatall") == []
    assert "Exporta Gone" not in await names()
    assert await names(is_active=False) == ["Exporta Gone"]


async def test_no_cell_is_a_formula(client: httpx2.AsyncClient, world: World) -> None:
    said = '=cmd|"/C calc"!A1'
    await register(client, world, name=said, address_line="+1", phones=["+91 90000 17207"])
    [row] = await exported(client, world, search="9000017207")
    assert (row["Patient name"], row["Address"], row["Phones"]) == (f"'{said}", "'+1", "'+91 90000 17207")
    [row] = await exported(client, world, search="9000017207", form="xlsx")
    assert (row["Patient name"], row["Address"]) == (said, "+1")


async def test_it_is_recorded_with_its_filters_and_without_what_was_typed(
    client: httpx2.AsyncClient, world: World, owner: asyncpg.Connection
) -> None:
    await exported(client, world, search="deshmukh", gender="female", form="xlsx")
    entry = await owner.fetchrow("SELECT *, details::text AS told FROM audit_entries WHERE action = 'export'")
    assert (entry["entity"], entry["user_id"]) == ("patient", world.a.users["hospital_admin"])
    assert "deshmukh" not in entry["told"]
    assert '"gender"' in entry["told"]


async def test_only_administrators_take_it_and_only_their_hospitals(
    client: httpx2.AsyncClient, world: World, owner: asyncpg.Connection
) -> None:
    assert (await client.post(URL, json={})).status_code == 401
    for role in ("receptionist", "doctor", "nurse", "patient", "privacy_officer", "cashier"):
        assert (await client.post(URL, headers=world.a.as_(role), json={})).status_code == 403, role
    theirs = await client.post(URL, headers=world.b.as_("hospital_admin"), json={})
    assert "TA-" not in theirs.text
    assert "TB-" in theirs.text


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize(("language", "name"), [("en", "Patient name"), ("hi", "मरीज़ का नाम")])
async def test_what_was_taken_away_can_be_taken_in_elsewhere(
    client: httpx2.AsyncClient, world: World, jobs_once: Jobs, owner: asyncpg.Connection, language: str, name: str,
    form: str,
) -> None:  # fmt: skip
    await register(
        client, world, name="Exporta Devi", name_local="एक्सपोर्टा देवी", phones=["90000 11207", "90000 11208"],
        relative_kind="W/o", relative_name="Om Devi", blood_group="B+", email="e@mail.example", city="Pune",
        district="Pune", state="Maharashtra", postal_code="411001", address_line="1 Test Road", age_years=30,
        identifiers=[{"kind": "abha_number", "value": "91000000000003"}],
    )  # fmt: skip
    headers = world.a.as_("hospital_admin") | {"Accept-Language": language}
    answer = await client.post(URL, headers=headers, json={"search": "exporta", "form": form})
    assert name in (answer.text if form == "csv" else next(iter(lines(answer.content)))[1])
    elsewhere = Imports(client, world.b, jobs_once)
    assert (await elsewhere.through(answer.content))["taken"] == 1
    told = (
        "name, name_local, relative_kind, relative_name, blood_group, email, city, district, state, postal_code, "
        "address_line, gender, birth_date, birth_date_precision"
    )
    both = await owner.fetch(f"SELECT {told} FROM patients WHERE name = 'Exporta Devi'")
    assert len(both) == 2
    assert dict(both[0]) == dict(both[1])
    assert both[0]["birth_date_precision"] == "year"
    numbers = await owner.fetch(
        "SELECT number FROM patient_phones WHERE organization_id = $1 AND number LIKE '90000 1120_' "
        "AND patient_id IN (SELECT id FROM patients WHERE name = 'Exporta Devi') ORDER BY position",
        world.b.organization_id,
    )
    assert [row["number"] for row in numbers] == ["90000 11207", "90000 11208"]


@pytest.mark.parametrize("language", [0, 1])
def test_import_knows_the_headings_of_the_export(language: int) -> None:
    known = guessed([said[language] for said in COLUMNS.values()])
    columns = list(COLUMNS)
    assert {target: columns[at] for target, at in known.items()} == {
        **{name: name for name in columns if name not in {"phones", "age_years", "is_deceased", "is_active",
                                                          "created_at"}},
        "phone": "phones", "age": "age_years",
    }  # fmt: skip
    assert len({said[language] for said in COLUMNS.values()}) == len(COLUMNS)
