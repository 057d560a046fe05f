"""The trail taken away: whole, recorded first, and no cell of it a formula."""

import csv
from io import StringIO
from typing import Any
from uuid import UUID

import asyncpg
import httpx2
import pytest
from fastapi import FastAPI

from arogya.platform import export as exports
from tests.world import World


async def plant(owner: asyncpg.Connection, organization_id: UUID, count: int, **facts: Any) -> None:
    """Entries as if written long ago, by the thousand."""
    await owner.execute(
        """INSERT INTO audit_entries (organization_id, id, at, user_id, actor_kind, roles, action, outcome, entity,
                                      entity_ids, route, request_id, address, details, patient_id)
           SELECT $1, gen_random_uuid(), now() - n * interval '1 second', $3, 'user', '{nurse}', 'read', 'success',
                  'patient', '{}', 'r', n::text, $4, '{}', $5
           FROM generate_series(1, $2) AS n""",
        organization_id, count, facts.get("user_id"), facts.get("address", ""), facts.get("patient_id"),
    )  # fmt: skip


async def exported(client: httpx2.AsyncClient, world: World, query: str = "") -> list[list[str]]:
    answer = await client.get(f"/api/audit/export{query}", headers=world.a.as_("privacy_officer"))
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="audit-2026-11-23.csv"'
    assert answer.content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(StringIO(answer.content.decode("utf-8-sig"), newline="")))


async def test_export_is_whole_across_batches(
    client: httpx2.AsyncClient, world: World, owner: asyncpg.Connection
) -> None:
    a, count = world.a, exports.ROWS_AT_A_TIME * 2 + 7
    await plant(owner, a.organization_id, count, user_id=a.users["nurse"], patient_id=a.patient)
    await plant(owner, world.b.organization_id, 3)
    head, *rows = await exported(client, world, "?entity=patient")
    assert len(rows) == count
    assert {row[head.index("User")] for row in rows} == {"nurse of TA"}
    assert {row[head.index("Patient MRN")] for row in rows} == {"TA-000001"}
    assert [row[head.index("Request")] for row in rows] == [str(n) for n in range(1, count + 1)]
    assert "Deshmukh" not in str(rows)


async def test_export_keeps_the_filters(client: httpx2.AsyncClient, world: World, owner: asyncpg.Connection) -> None:
    await plant(owner, world.a.organization_id, 3)
    assert len(await exported(client, world, "?entity=nothing")) == 1
    assert len(await exported(client, world, "?action=read")) == 4


async def test_export_is_recorded(client: httpx2.AsyncClient, world: World, owner: asyncpg.Connection) -> None:
    await exported(client, world, f"?patient_id={world.a.patient}")
    entry = await owner.fetchrow("SELECT * FROM audit_entries WHERE action = 'export'")
    assert (entry["entity"], entry["user_id"], entry["patient_id"]) == (
        "audit", world.a.users["privacy_officer"], world.a.patient
    )  # fmt: skip
    assert entry["route"] == "GET /api/audit/export"


async def test_export_is_recorded_before_the_first_line(
    client: httpx2.AsyncClient, world: World, owner: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: Any) -> Any:
        raise RuntimeError("the line is cut")
        yield

    monkeypatch.setattr(exports, "_csv", broken)
    with pytest.raises(Exception):  # noqa: B017, PT011 - whatever a cut line is to the client
        await exported(client, world)
    assert await owner.fetchval("SELECT count(*) FROM audit_entries WHERE action = 'export'") == 1


async def test_refused_export_is_recorded_as_denied(
    client: httpx2.AsyncClient, world: World, owner: asyncpg.Connection
) -> None:
    assert (await client.get("/api/audit/export", headers=world.a.as_("doctor"))).status_code == 403
    entry = await owner.fetchrow("SELECT * FROM audit_entries")
    assert (entry["action"], entry["outcome"], entry["user_id"]) == ("denied", "denied", world.a.users["doctor"])


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
async def test_no_cell_is_a_formula(
    client: httpx2.AsyncClient, world: World, owner: asyncpg.Connection, start: str
) -> None:
    said = f'{start}HYPERLINK("https://x.example";"click")'
    await owner.execute("UPDATE users SET name = $1 WHERE id = $2", said, world.a.users["nurse"])
    await plant(owner, world.a.organization_id, 1, user_id=world.a.users["nurse"])
    head, row = await exported(client, world, "?entity=patient")
    assert row[head.index("User")] == f"'{said}"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, ""), (True, "yes"), (-5, "-5"), ("Sunita - Rao", "Sunita - Rao"), ("सुनीता", "सुनीता"), ("", ""),
        (["a", "b"], "a b"), ({}, ""), ({"code": "x"}, '{"code": "x"}'), (["=1"], "'=1"),
    ],
)  # fmt: skip
def test_what_is_no_formula_stays_as_it_is(value: object, said: str) -> None:
    assert exports.cell(value) == said


async def test_export_gives_its_connection_back(
    client: httpx2.AsyncClient, world: World, app: FastAPI, owner: asyncpg.Connection
) -> None:
    await plant(owner, world.a.organization_id, exports.ROWS_AT_A_TIME + 1)
    for _ in range(3):
        await exported(client, world)
    assert app.state.database.lines.lent == 0
