"""Lists: the page, and a total that says how many there are, whatever narrows it, as far as it counts."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx2
import pytest
from sqlalchemy import Select, select

from arogya.modules.organizations.models import Facility
from arogya.platform import paging
from arogya.platform.access import Context
from arogya.platform.audit import Action, AuditEntry
from arogya.platform.paging import Paging, rows_and_total
from tests.world import Hospital, World

System = Callable[[Hospital], AbstractAsyncContextManager[Context]]
EVERY = select(*AuditEntry.__table__.columns).order_by(AuditEntry.at, AuditEntry.id)


@pytest.mark.parametrize(
    "query",
    [
        EVERY,
        EVERY.where(AuditEntry.entity == "patient"),
        EVERY.outerjoin(Facility, Facility.organization_id == AuditEntry.organization_id),
    ],
    ids=["everything", "narrowed", "joined"],
)
async def test_total_counts_more_than_the_page(world: World, system: System, query: Select[Any]) -> None:
    async with system(world.a) as ctx:
        for _ in range(5):
            ctx.audit(Action.READ, "patient", world.a.patient)
    async with system(world.a) as ctx:
        whole, counted, _ = await rows_and_total(ctx, query, Paging(skip=0, limit=200))
        rows, total, capped = await rows_and_total(ctx, query, Paging(skip=1, limit=2))
    assert counted == len(whole) >= 5
    assert (len(rows), total, capped) == (2, len(whole), False)


async def made(client: httpx2.AsyncClient, headers: dict[str, str], count: int) -> None:
    for n in range(count):
        answer = await client.post("/api/departments", headers=headers, json={"name": f"Ward {n}"})
        assert answer.status_code == 201


async def test_total_counts_to_its_cap_and_says_that_there_are_more(
    client: httpx2.AsyncClient, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = world.a.as_("hospital_admin")
    there = (await client.get("/api/departments", headers=headers)).json()["total"]
    await made(client, headers, 4)
    monkeypatch.setattr(paging, "TOTAL_CAP", there + 3)
    page = (await client.get("/api/departments?limit=2", headers=headers)).json()
    assert (len(page["items"]), page["total"], page["total_capped"]) == (2, there + 3, True)
    monkeypatch.setattr(paging, "TOTAL_CAP", there + 4)
    page = (await client.get("/api/departments?limit=2&skip=1", headers=headers)).json()
    assert (len(page["items"]), page["total"], page["total_capped"]) == (2, there + 4, False)
    beyond = (await client.get("/api/departments?skip=500", headers=headers)).json()
    assert beyond == {"items": [], "total": there + 4, "total_capped": False}


@pytest.mark.parametrize(
    "query", ["limit=201", "limit=0", "limit=-1", "limit=ten", "skip=-1", "skip=1000001", "is_active=perhaps"]
)
@pytest.mark.parametrize("of", ["patients", "practitioners", "staff", "departments", "facilities", "users"])
async def test_a_page_that_cannot_be_is_refused_by_name(
    client: httpx2.AsyncClient, world: World, of: str, query: str
) -> None:
    answer = await client.get(f"/api/{of}?{query}", headers=world.a.as_("hospital_admin"))
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert [field["name"] for field in answer.json()["fields"]] == [query.partition("=")[0]]
