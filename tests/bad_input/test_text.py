"""What people type comes back letter by letter: made, read, found, listed, taken away as a table; and no cell runs."""

import csv
import io

import httpx2
import pytest
from asyncpg import Connection
from fastapi import FastAPI

from arogya.platform import export
from arogya.platform.sheets.reading import lines
from tests.bad_input.corpus import NAMES
from tests.test_canary import Probes
from tests.world import World

FORMULAS = ["=1+1", "+91 90000", "-2", "@SUM(A1)", "\t=1", "\r=1"]
STARTS = ("=", "+", "-", "@", "\t", "\r")


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
async def test_a_name_in_any_script_comes_back_as_it_was_sent(
    client: httpx2.AsyncClient, world: World, name: str
) -> None:
    desk, admin = world.a.as_("receptionist"), world.a.as_("hospital_admin")
    told = {"name": name, "name_local": name, "city": name, "gender": "female", "age_years": 30}
    made = await client.post("/api/patients", headers=desk, json=told)
    assert made.status_code == 201, made.text
    patient = made.json()["id"]
    read = (await client.get(f"/api/patients/{patient}", headers=desk)).json()
    assert (read["name"], read["name_local"], read["city"]) == (name, name, name)
    found = await client.post("/api/patients/search", headers=desk, json={"search": name})
    assert name in [one["name"] for one in found.json()["items"]], found.text
    listed = await client.get("/api/patients", headers=desk, params={"limit": 200})
    assert name in [one["name"] for one in listed.json()["items"]]
    for form in ("csv", "xlsx"):
        taken = await client.post("/api/patients/export", headers=admin, json={"form": form})
        if form == "csv":
            rows = list(csv.reader(io.StringIO(taken.content.decode("utf-8-sig"), newline="")))
        else:
            rows = [cells for _, cells in lines(taken.content)]
        assert name in [cell for row in rows for cell in row], form
    card = await client.get(f"/api/patients/{patient}/card", headers=desk)
    assert (card.status_code, card.content[:5]) == (200, b"%PDF-")


async def test_a_right_to_left_mark_turns_no_number_around(client: httpx2.AsyncClient, world: World) -> None:
    """An override in a name may make a line look otherwise; what is kept and sorted by is not touched by it."""
    desk = world.a.as_("receptionist")
    name = "Asha \u202egnp.exe\u202c Test"
    made = await client.post("/api/patients", headers=desk, json={"name": name, "gender": "other", "age_years": 3})
    assert made.json()["name"] == name
    found = await client.post("/api/patients/search", headers=desk, json={"search": "Asha"})
    assert [one["name"] for one in found.json()["items"]] == [name]


async def cells_that_run(
    app: FastAPI, client: httpx2.AsyncClient, world: World, ids: dict[str, list[str]], owner: Connection, formula: str
) -> list[str]:
    """Of every operation that gives a table, with what people wrote turned into formulas below the API's own checks."""
    for table, column in [
        ("patients", "name"), ("patients", "city"), ("patients", "mrn"), ("practitioners", "name"), ("users", "name"),
        ("facilities", "name"), ("appointments", "reason"), ("departments", "name"), ("patient_phones", "number"),
    ]:  # fmt: skip
        await owner.execute(f"UPDATE {table} SET {column} = $1 || {column}", formula)
    probes, found, tables = Probes(app.openapi(), ids, world.b), [], 0
    for path, methods in app.openapi()["paths"].items():
        for method, operation in methods.items():
            if "text/csv" not in operation["responses"].get("200", {}).get("content", {}):
                continue
            _, url, query, body = next(probes._of(path, method, operation, 0))
            for who in ("hospital_admin", "privacy_officer"):
                answer = await client.request(method, url, params=query, json=body, headers=world.b.as_(who))
                if answer.status_code == 200:
                    break
            assert answer.status_code == 200, f"{method} {path} {answer.text}"
            rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
            found += [f"{path}: {cell}" for row in rows for cell in row if cell.startswith(STARTS)]
            tables += 1
    assert tables >= 4
    return found


@pytest.mark.parametrize("formula", FORMULAS)
async def test_no_cell_of_any_table_begins_as_a_formula_does(
    app: FastAPI, client: httpx2.AsyncClient, world: World, marked: dict[str, list[str]], owner: Connection,
    formula: str,
) -> None:  # fmt: skip
    assert await cells_that_run(app, client, world, marked, owner, formula) == []


async def test_control_without_the_guard_cells_run(
    app: FastAPI, client: httpx2.AsyncClient, world: World, marked: dict[str, list[str]], owner: Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(export, "cell", export.text_of)
    assert await cells_that_run(app, client, world, marked, owner, FORMULAS[0])
