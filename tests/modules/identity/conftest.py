"""Quick hashing, other browsers, and a look into the audit trail."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any
from uuid import UUID

import asyncpg
import httpx2
import pytest
from fastapi import FastAPI

from arogya.modules.identity import passwords
from arogya.modules.identity.api import add_membership
from arogya.modules.identity.passwords import argon2id
from arogya.platform.clock import FixedClock
from arogya.platform.database import Database
from arogya.policy import Role
from tests.factories.identity import Person, make_person
from tests.world import Hospital, World

Browser = Callable[..., Awaitable[httpx2.AsyncClient]]
MakePerson = Callable[..., Awaitable[Person]]


@pytest.fixture(autouse=True)
def quick_hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real parameters take 46 MiB and 50 ms a time; test_passwords.py looks at those."""
    monkeypatch.setattr(passwords, "scheme", argon2id(memory_kib=8))


@pytest.fixture
async def another_browser(app: FastAPI) -> AsyncIterator[Browser]:
    """One more browser with cookies of its own: `await another_browser()`, or `await another_browser("https://…")`."""
    async with AsyncExitStack() as open_ones:

        async def opened(base_url: str = "http://localhost:8000", address: str = "127.0.0.1") -> httpx2.AsyncClient:
            transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False, client=(address, 5000))
            return await open_ones.enter_async_context(httpx2.AsyncClient(transport=transport, base_url=base_url))

        yield opened


@pytest.fixture
def person(database: Database, world: World, clock: FixedClock) -> MakePerson:
    """`await person(username=…, roles=[…])`: someone of hospital A who can sign in."""

    async def made(**told: Any) -> Person:
        return await make_person(database, told.pop("organization_id", world.a.organization_id), clock.now(), **told)

    return made


@pytest.fixture
async def asha(person: MakePerson) -> Person:
    return await person(username="asha", roles=[Role.RECEPTIONIST])


@pytest.fixture
def trail(owner: asyncpg.Connection) -> Callable[[str], Awaitable[list[dict[str, Any]]]]:
    """What the audit says: `await trail("sign-in")`, the newest last, in hospitals and on the platform."""

    async def rows(action: str) -> list[dict[str, Any]]:
        found = await owner.fetch(
            """SELECT 'tenant' AS kept, organization_id, user_id, entity, entity_ids, outcome, details::text, at
                 FROM audit_entries WHERE action = $1
               UNION ALL
               SELECT 'platform', NULL, user_id, entity, entity_ids, outcome, details::text, at
                 FROM platform_audit_entries WHERE action = $1 ORDER BY at""",
            action,
        )
        return [dict(row) for row in found]

    return rows


@pytest.fixture
def add_role(database: Database, clock: FixedClock) -> Callable[..., Awaitable[UUID]]:
    """`await add_role(person, world.b, Role.DOCTOR)`: one more membership, in whichever hospital."""

    async def added(who: Person, hospital: Hospital, role: Role, **more: Any) -> UUID:
        async with database.transaction(hospital.organization_id) as session:
            return await add_membership(session, who.user_id, role, now=clock.now(), **more)

    return added
