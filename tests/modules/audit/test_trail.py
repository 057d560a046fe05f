"""The trail: the privacy officer reads all of this hospital's, nobody changes any of it, reading leaves a trace."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Any

import asyncpg
import httpx2
import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncSession

from arogya.platform.access import Context
from arogya.platform.audit import Action
from arogya.platform.clock import FixedClock
from tests.world import Hospital, World

System = Callable[[Hospital], AbstractAsyncContextManager[Context]]
Tenant = Callable[..., AbstractAsyncContextManager[AsyncSession]]
URLS = ["/api/audit", "/api/audit/export"]


async def trail(client: httpx2.AsyncClient, at: Hospital, **params: Any) -> list[dict[str, Any]]:
    read = await client.get("/api/audit", params=params, headers=at.as_("privacy_officer"))
    assert read.status_code == 200, read.text
    return read.json()["items"]


@pytest.mark.parametrize("url", URLS)
async def test_stranger_is_asked_to_sign_in(client: httpx2.AsyncClient, world: World, url: str) -> None:
    assert (await client.get(url)).status_code == 401


@pytest.mark.parametrize("url", URLS)
@pytest.mark.parametrize("who", ["receptionist", "doctor", "hospital_admin", "patient"])
async def test_only_the_privacy_officer_reads(client: httpx2.AsyncClient, world: World, who: str, url: str) -> None:
    assert (await client.get(url, headers=world.a.as_(who))).status_code == 403
    assert (await client.get(url, headers=world.a.as_("privacy_officer"))).status_code == 200


@pytest.mark.parametrize("url", URLS)
async def test_officer_of_one_branch_is_shown_no_part(
    client: httpx2.AsyncClient, world: World, owner: asyncpg.Connection, url: str
) -> None:
    a = world.a
    await owner.execute(
        "UPDATE memberships SET facility_id = $1 WHERE user_id = $2", a.branch, a.users["privacy_officer"]
    )
    assert (await client.get(url, headers=a.as_("privacy_officer"))).status_code == 403


async def test_officer_sees_a_denial_with_who_and_what(client: httpx2.AsyncClient, world: World) -> None:
    a = world.a
    await client.delete(f"/api/practitioners/{a.practitioner}", headers=a.as_("receptionist"))
    (entry,) = await trail(client, a, outcome="denied")
    assert entry["action"] == "denied"
    assert entry["user_id"] == str(a.users["receptionist"])
    assert entry["user_name"] == "receptionist of TA"
    assert entry["roles"] == ["receptionist"]
    assert entry["route"] == "DELETE /api/practitioners/{practitioner_id}"
    assert entry["details"] == {"code": "forbidden"}
    assert await trail(client, world.b, outcome="denied") == []


async def test_entry_names_the_patient_by_number_never_by_name(
    client: httpx2.AsyncClient, world: World, system: System
) -> None:
    a = world.a
    async with system(a) as ctx:
        ctx.audit(Action.READ, "patient", a.patient, patient_id=a.patient)
    read = await client.get(f"/api/audit?patient_id={a.patient}", headers=a.as_("privacy_officer"))
    (entry,) = read.json()["items"]
    assert (entry["patient_id"], entry["patient_mrn"]) == (str(a.patient), "TA-000001")
    assert (entry["actor_kind"], entry["user_name"]) == ("system", None)
    assert "Deshmukh" not in read.text


async def test_other_hospitals_trail_is_empty_here(client: httpx2.AsyncClient, world: World, system: System) -> None:
    async with system(world.b) as ctx:
        ctx.audit(Action.READ, "patient", world.b.patient, patient_id=world.b.patient)
    assert await trail(client, world.a) == []
    assert await trail(client, world.a, patient_id=str(world.b.patient)) == []
    exported = await client.get("/api/audit/export?entity=patient", headers=world.a.as_("privacy_officer"))
    assert len(exported.text.splitlines()) == 1, "the heading alone"
    assert len(await trail(client, world.b)) == 1


async def test_filters_narrow_and_newest_comes_first(
    client: httpx2.AsyncClient, world: World, system: System, clock: FixedClock
) -> None:
    a = world.a
    async with system(a) as ctx:
        ctx.audit(Action.READ, "patient", a.patient, patient_id=a.patient)
    clock.advance(timedelta(hours=1))
    async with system(a) as ctx:
        ctx.audit(Action.UPDATE, "appointment", a.patient, patient_id=a.other_patient)
    await client.patch(
        f"/api/practitioners/{a.practitioner}", json={"specialty": "ENT"}, headers=a.as_("hospital_admin")
    )

    async def entities(**params: Any) -> list[str]:
        own = {"audit"}
        return [entry["entity"] for entry in await trail(client, a, **params) if entry["entity"] not in own]

    assert await entities() == ["practitioner", "appointment", "patient"]
    assert await entities(action="read") == ["patient"]
    assert await entities(entity="appointment") == ["appointment"]
    assert await entities(user_id=str(a.users["hospital_admin"])) == ["practitioner"]
    assert await entities(patient_id=str(a.patient)) == ["patient"]
    assert await entities(outcome="denied") == []
    assert await entities(to="2026-11-23T05:00:00Z") == ["patient"]
    assert await entities(**{"from": "2026-11-23T05:00:00Z"}) == ["practitioner", "appointment"]
    assert await entities(**{"from": "2026-11-23T11:00:00+05:30"}) == ["practitioner", "appointment"]
    assert await entities(**{"from": "2026-11-23", "to": "2026-11-23"}) == ["practitioner", "appointment", "patient"]
    assert await entities(to="2026-11-22") == []
    assert await entities(**{"from": "2026-11-24"}) == []


async def test_a_bare_day_is_the_hospitals_own(
    client: httpx2.AsyncClient, world: World, system: System, clock: FixedClock
) -> None:
    clock.advance(timedelta(hours=14, minutes=40))  # 19:10 UTC is 00:40 of the 24th in Kolkata
    async with system(world.a) as ctx:
        ctx.audit(Action.READ, "patient", world.a.patient)
    assert await trail(client, world.a, **{"from": "2026-11-24"}) != []
    assert [e for e in await trail(client, world.a, to="2026-11-23") if e["entity"] == "patient"] == []


@pytest.mark.parametrize(
    "query", ["from=yesterday", "from=2026-11-23T10:00:00", "outcome=maybe", "action=look", "user_id=7", "skip=-1"]
)
async def test_filters_that_mean_nothing_are_refused(client: httpx2.AsyncClient, world: World, query: str) -> None:
    refused = await client.get(f"/api/audit?{query}", headers=world.a.as_("privacy_officer"))
    assert refused.status_code == 422
    assert refused.json()["fields"]


async def test_reading_is_itself_recorded(
    client: httpx2.AsyncClient, world: World, system: System, owner: asyncpg.Connection
) -> None:
    a = world.a
    async with system(a) as ctx:
        ctx.audit(Action.READ, "patient", a.patient, patient_id=a.patient)
    (seen,) = await trail(client, a, patient_id=str(a.patient), action="read")
    entry = await owner.fetchrow("SELECT * FROM audit_entries WHERE entity = 'audit'")
    assert (entry["action"], entry["user_id"], entry["patient_id"]) == ("search", a.users["privacy_officer"], a.patient)
    assert [str(one) for one in entry["entity_ids"]] == [seen["id"]]
    (again,) = await trail(client, a, entity="audit")
    assert again["details"] == {"patient_id": str(a.patient), "action": "read"}


async def test_pages_count_what_is_there(client: httpx2.AsyncClient, world: World, system: System) -> None:
    a = world.a
    async with system(a) as ctx:
        for _ in range(5):
            ctx.audit(Action.READ, "patient", a.patient)
    headers = a.as_("privacy_officer")
    first = (await client.get("/api/audit?entity=patient&limit=2", headers=headers)).json()
    last = (await client.get("/api/audit?entity=patient&limit=2&skip=4", headers=headers)).json()
    assert (first["total"], len(first["items"]), len(last["items"])) == (5, 2, 1)
    assert last["items"][0]["id"] not in {entry["id"] for entry in first["items"]}


@pytest.mark.parametrize("change", ["UPDATE audit_entries SET entity = 'nothing'", "DELETE FROM audit_entries"])
async def test_application_can_change_no_entry(world: World, in_tenant: Tenant, system: System, change: str) -> None:
    async with system(world.a) as ctx:
        ctx.audit(Action.READ, "patient", world.a.patient)
    with pytest.raises(ProgrammingError, match="permission denied"):
        async with in_tenant(world.a.organization_id) as session:
            await session.execute(text(change))


@pytest.mark.parametrize(
    "change", ["UPDATE platform_audit_entries SET entity = 'nothing'", "DELETE FROM platform_audit_entries"]
)
async def test_application_can_change_no_platform_entry(world: World, in_tenant: Tenant, change: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"):
        async with in_tenant(world.a.organization_id) as session:
            await session.execute(text(change))


async def test_platform_trail_is_the_super_admins(
    client: httpx2.AsyncClient, world: World, owner: asyncpg.Connection
) -> None:
    assert (await client.get("/api/platform-audit")).status_code == 401
    for who in ("privacy_officer", "hospital_admin", "patient"):
        assert (await client.get("/api/platform-audit", headers=world.a.as_(who))).status_code == 403
    await owner.execute(
        """INSERT INTO platform_audit_entries (id, at, user_id, actor_kind, roles, action, outcome, entity, entity_ids,
                                               route, request_id, address, details)
           VALUES (gen_random_uuid(), now(), $1, 'user', '{}', 'sign-in', 'denied', 'session', '{}', 'r', 'q', '', '{}')
        """,
        world.a.users["nurse"],
    )
    read = await client.get("/api/platform-audit?action=sign-in", headers=world.as_super_admin())
    assert read.status_code == 200, read.text
    assert [entry["user_name"] for entry in read.json()["items"]] == ["nurse of TA"]
    assert "patient_id" not in read.json()["items"][0]
    traces = await client.get("/api/platform-audit?entity=platform_audit", headers=world.as_super_admin())
    assert traces.json()["items"][0]["user_id"] == str(world.super_admin)


async def test_super_admin_reads_no_hospitals_trail(client: httpx2.AsyncClient, world: World) -> None:
    for url in URLS:
        assert (await client.get(url, headers=world.as_super_admin())).status_code == 403
