"""Waiting-room displays: signed in by a link, showing one branch, revocable."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import httpx2
import pytest
from fastapi import FastAPI

from arogya.modules.identity.api import purge
from arogya.platform.bearer_tokens import hash_of
from arogya.platform.clock import FixedClock
from arogya.platform.database import Database
from arogya.policy import DEVICE_PERMISSIONS, Role
from tests.factories.identity import bearer, sign_in
from tests.modules.identity.conftest import MakePerson
from tests.world import World

Trail = Callable[[str], Awaitable[list[dict[str, Any]]]]


async def make_link(client: httpx2.AsyncClient, world: World, facility_id: UUID | None = None) -> dict[str, Any]:
    body = {"name": "Front hall", "facility_id": str(facility_id or world.a.main)}
    answer = await client.post("/api/device-links", json=body, headers=world.a.as_("hospital_admin"))
    assert answer.status_code == 201
    return dict(answer.json())


async def open_link(client: httpx2.AsyncClient, link: str) -> httpx2.Response:
    return await client.post("/api/auth/device", json={"token": link.removeprefix("/display#")})


async def test_link_signs_a_screen_in_for_one_branch(
    client: httpx2.AsyncClient, world: World, app: FastAPI, trail: Trail
) -> None:
    link = await make_link(client, world)
    answer = await open_link(client, link["link"])
    assert answer.status_code == 200
    assert answer.json()["facility_id"] == str(world.a.main)
    assert (answer.json()["token_type"], answer.json()["expires_in"]) == ("bearer", 600)
    state: Any = app.state
    claims = state.authenticator.read(answer.json()["access_token"])
    async with state.database.transaction(claims.organization_id, claims.subject_id) as session:
        actor = await state.authenticator.actor(session, claims)
    assert (actor.kind, actor.user_id) == ("device", None)
    assert set(actor.grants) == {p.value for p in DEVICE_PERMISSIONS}
    assert all(scope.facilities == {world.a.main} for scope in actor.grants.values())
    [row] = await trail("sign-in")
    assert (row["entity"], row["entity_ids"]) == ("device_link", [UUID(link["id"])])


async def test_screen_may_nothing_else(client: httpx2.AsyncClient, world: World) -> None:
    headers = bearer(await open_link(client, (await make_link(client, world))["link"]))
    for url in ("/api/me", "/api/auth/sessions", "/api/facilities", "/api/users", "/api/device-links", "/api/patients"):
        assert (await client.get(url, headers=headers)).status_code == 403, url
    assert (await client.post("/api/auth/switch", json={"organization_id": None}, headers=headers)).status_code == 403


async def test_screen_stays_signed_in_by_its_link(
    client: httpx2.AsyncClient, world: World, clock: FixedClock, trail: Trail
) -> None:
    """It asks again every few minutes; only its coming back after a while is worth a row."""
    link = (await make_link(client, world))["link"]
    for _ in range(5):
        clock.advance(timedelta(minutes=9))
        assert (await open_link(client, link)).status_code == 200
    assert len(await trail("sign-in")) == 1
    clock.advance(timedelta(hours=14))
    assert (await open_link(client, link)).status_code == 200
    assert len(await trail("sign-in")) == 2


async def test_revoked_screen_is_dark_within_a_second(client: httpx2.AsyncClient, world: World) -> None:
    link = await make_link(client, world)
    headers = bearer(await open_link(client, link["link"]))
    assert (await client.get("/api/me", headers=headers)).status_code == 403  # known, and remembered
    admin = world.a.as_("hospital_admin")
    assert (await client.delete(f"/api/device-links/{link['id']}", headers=admin)).status_code == 204
    at = time.monotonic()
    while (await client.get("/api/me", headers=headers)).status_code != 401:
        assert time.monotonic() - at < 1
        await asyncio.sleep(0.05)
    assert (await open_link(client, link["link"])).json()["code"] == "unknown_link"
    assert (await client.get("/api/device-links", headers=admin)).json()["items"] == []


async def test_links_are_listed_without_their_words(
    client: httpx2.AsyncClient, world: World, clock: FixedClock, owner: asyncpg.Connection
) -> None:
    made = await make_link(client, world)
    admin = world.a.as_("hospital_admin")
    [row] = (await client.get("/api/device-links", headers=admin)).json()["items"]
    assert (row["id"], row["name"], row["last_seen_at"]) == (made["id"], "Front hall", None)
    assert "link" not in row
    clock.advance(timedelta(minutes=1))
    await open_link(client, made["link"])
    [row] = (await client.get("/api/device-links", headers=admin)).json()["items"]
    assert row["last_seen_at"] == "2026-11-23T04:31:00Z"
    word = made["link"].rsplit(".", 1)[1]
    assert word not in str([dict(r) for r in await owner.fetch("SELECT * FROM sessions")])
    assert word not in str([dict(r) for r in await owner.fetch("SELECT * FROM audit_entries")])


@pytest.mark.parametrize("token", ["", "x", f"{'0' * 32}.{'a' * 43}", "\u0660" * 32 + "." + "a" * 43])
async def test_made_up_link_is_unknown(client: httpx2.AsyncClient, world: World, token: str) -> None:
    assert (await open_link(client, token)).status_code == 401


async def test_word_of_a_link_is_all_of_it(client: httpx2.AsyncClient, world: World) -> None:
    one, two = await make_link(client, world), await make_link(client, world)
    mixed = f"{one['link'].split('.')[0]}.{two['link'].split('.')[1]}"
    for bad in (mixed, one["link"][:-1] + ("A" if one["link"][-1] != "A" else "B")):
        assert (await open_link(client, bad)).status_code == 401


async def test_users_session_is_no_link(client: httpx2.AsyncClient, world: World, owner: asyncpg.Connection) -> None:
    token = f"{world.a.sessions['doctor'].hex}.{'a' * 43}"
    await owner.execute("UPDATE sessions SET token_hash = $1 WHERE id = $2", hash_of(token), world.a.sessions["doctor"])
    assert (await open_link(client, token)).status_code == 401


async def test_screen_of_a_suspended_hospital_is_dark_until_it_is_resumed(
    client: httpx2.AsyncClient, world: World, clock: FixedClock
) -> None:
    link = (await make_link(client, world))["link"]
    headers = bearer(await open_link(client, link))
    hospital = f"/api/hospitals/{world.a.organization_id}"
    await client.post(f"{hospital}/suspend", headers=world.as_super_admin())
    clock.advance(timedelta(seconds=1))
    assert (await client.get("/api/me", headers=headers)).status_code == 401
    assert (await open_link(client, link)).json()["code"] == "hospital_suspended"
    await client.post(f"{hospital}/resume", headers=world.as_super_admin())
    assert (await open_link(client, link)).status_code == 200


@pytest.mark.parametrize("who", ["receptionist", "doctor", "privacy_officer", "patient"])
async def test_only_administrators_make_links(client: httpx2.AsyncClient, world: World, who: str) -> None:
    made, headers = await make_link(client, world), world.a.as_(who)
    body = {"name": "Mine", "facility_id": str(world.a.main)}
    assert (await client.post("/api/device-links", json=body, headers=headers)).status_code == 403
    assert (await client.get("/api/device-links", headers=headers)).status_code == 403
    assert (await client.delete(f"/api/device-links/{made['id']}", headers=headers)).status_code == 403


async def test_branch_administrator_manages_the_screens_of_that_branch(
    client: httpx2.AsyncClient, world: World, person: MakePerson
) -> None:
    await person(username="chief", roles=[Role.HOSPITAL_ADMIN], facility_id=world.a.branch)
    headers = bearer(await sign_in(client, "chief"))
    there, here = await make_link(client, world), await make_link(client, world, world.a.branch)
    listed = (await client.get("/api/device-links", headers=headers)).json()["items"]
    assert [one["id"] for one in listed] == [here["id"]]
    assert (await client.delete(f"/api/device-links/{there['id']}", headers=headers)).status_code == 404
    assert (await client.delete(f"/api/device-links/{here['id']}", headers=headers)).status_code == 204
    body = {"name": "Mine", "facility_id": str(world.a.main)}
    assert (await client.post("/api/device-links", json=body, headers=headers)).status_code == 403
    assert (await open_link(client, there["link"])).status_code == 200


async def test_links_are_their_hospitals_own(client: httpx2.AsyncClient, world: World) -> None:
    made, other = await make_link(client, world), world.b.as_("hospital_admin")
    assert (await client.get("/api/device-links", headers=other)).json()["items"] == []
    assert (await client.delete(f"/api/device-links/{made['id']}", headers=other)).status_code == 404
    assert (await open_link(client, made["link"])).status_code == 200
    body = {"name": "Mine", "facility_id": str(world.a.main)}
    assert (await client.post("/api/device-links", json=body, headers=other)).status_code == 404


async def test_screens_are_not_purged(
    client: httpx2.AsyncClient, world: World, database: Database, clock: FixedClock
) -> None:
    link = (await make_link(client, world))["link"]
    clock.advance(timedelta(days=500))
    await purge(database, clock.now())
    assert (await open_link(client, link)).status_code == 200
