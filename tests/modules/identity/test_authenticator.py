"""What a person may do follows their memberships, to the second."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx2
import pytest
from fastapi import FastAPI

from arogya.modules.identity.api import session_check
from arogya.modules.identity.authenticator import grants_of
from arogya.platform.access import Actor, Claims, Scope
from arogya.platform.clock import FixedClock
from arogya.platform.errors import Unauthenticated
from arogya.platform.realtime.hub import Hub, Listener
from arogya.policy import OWN, Permission, Role, permissions_of
from tests.world import World

P = Permission


async def actor_of(app: FastAPI, claims: Claims) -> Actor:
    state: Any = app.state
    async with state.database.transaction(claims.organization_id, claims.subject_id) as session:
        found: Actor = await state.authenticator.actor(session, claims)
        return found


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SUPER_ADMIN])
async def test_actor_may_what_the_role_says_and_no_more(app: FastAPI, world: World, role: Role) -> None:
    actor = await actor_of(app, world.a.claims(role.value))
    assert set(actor.grants) == {p.value for p in permissions_of(role) | OWN}
    assert actor.roles == (role.value,)
    assert actor.organization_id == world.a.organization_id
    own_only = {name for name, scope in actor.grants.items() if scope.own_only}
    assert own_only == ({p.value for p in permissions_of(role)} if role is Role.PATIENT else set())


async def test_role_at_one_branch_reaches_that_branch(app: FastAPI, world: World) -> None:
    actor = await actor_of(app, world.a.claims("branch_receptionist"))
    assert actor.may(P.APPOINTMENT_BOOK, world.a.branch)
    assert not actor.may(P.APPOINTMENT_BOOK, world.a.main)
    assert actor.may(P.ACCOUNT_OWN)


def test_roles_add_up() -> None:
    one, two = uuid4(), uuid4()
    grants = grants_of(
        frozenset({(Role.RECEPTIONIST, one), (Role.RECEPTIONIST, two), (Role.DOCTOR, two), (Role.PATIENT, None)})
    )
    assert grants[P.PATIENT_REGISTER] == Scope(frozenset({one, two}))
    assert grants[P.VISIT_FULFIL] == Scope(frozenset({two}))
    assert grants[P.PATIENT_READ] == Scope(frozenset({one, two}))  # not widened to all by being a patient oneself
    assert grants_of(frozenset({(Role.CASHIER, one), (Role.CASHIER, None)}))[P.RECEIPT_ISSUE] == Scope(None)
    assert P.TENANT_MANAGE not in grants


async def test_role_of_one_hospital_is_worth_nothing_in_another(app: FastAPI, world: World) -> None:
    own = world.a.claims("hospital_admin")
    actor = await actor_of(app, Claims("user", own.subject_id, own.session_id, world.b.organization_id))
    assert (actor.roles, set(actor.grants)) == ((), {P.ACCOUNT_OWN.value})


async def test_super_admin_is_one_in_no_hospital_only(app: FastAPI, world: World) -> None:
    nowhere = Claims("user", world.super_admin, world.super_session, None)
    assert (await actor_of(app, nowhere)).roles == ("super_admin",)
    in_a = Claims("user", world.super_admin, world.super_session, world.a.organization_id)
    assert set((await actor_of(app, in_a)).grants) == {P.ACCOUNT_OWN.value}


async def test_membership_begins_and_ends_by_itself(
    client: httpx2.AsyncClient, world: World, owner: asyncpg.Connection, clock: FixedClock
) -> None:
    begins, ends = clock.now() + timedelta(minutes=2), clock.now() + timedelta(minutes=4)
    await owner.execute(
        "UPDATE memberships SET valid_from = $1, valid_until = $2 WHERE user_id = $3",
        begins, ends, world.a.users["receptionist"],
    )  # fmt: skip
    seen = []
    for _ in range(6):
        seen.append((await client.get("/api/facilities", headers=world.a.as_("receptionist"))).status_code)
        clock.advance(timedelta(minutes=1))
    assert seen == [403, 403, 200, 200, 403, 403]


async def test_ended_membership_is_felt_within_a_second(
    client: httpx2.AsyncClient, world: World, owner: asyncpg.Connection, clock: FixedClock
) -> None:
    """In real time, and by the moment: neither what is remembered nor a token minted before outlives it."""
    headers = world.a.as_("receptionist")
    assert (await client.get("/api/facilities", headers=headers)).status_code == 200
    await owner.execute(
        "UPDATE memberships SET valid_until = $1 WHERE user_id = $2", clock.now(), world.a.users["receptionist"]
    )
    at = time.monotonic()
    while (await client.get("/api/facilities", headers=headers)).status_code != 403:
        assert time.monotonic() - at < 1
        await asyncio.sleep(0.05)
    assert (await client.get("/api/me", headers=headers)).json()["permissions"] == ["account.own"]


async def test_time_bound_membership_ends_by_the_clock_though_remembered(
    client: httpx2.AsyncClient, world: World, owner: asyncpg.Connection, clock: FixedClock
) -> None:
    until = clock.now() + timedelta(minutes=1)
    user_id = world.a.users["receptionist"]
    await owner.execute("UPDATE memberships SET valid_until = $1 WHERE user_id = $2", until, user_id)
    headers = world.a.as_("receptionist")
    assert (await client.get("/api/facilities", headers=headers)).status_code == 200
    clock.advance(timedelta(minutes=1))
    assert (await client.get("/api/facilities", headers=headers)).status_code == 403


async def test_actor_is_remembered_for_half_a_second(
    app: FastAPI, world: World, owner: asyncpg.Connection, clock: FixedClock
) -> None:
    claims = world.a.claims("doctor")
    first = await actor_of(app, claims)
    assert await actor_of(app, claims) is first
    clock.advance(timedelta(seconds=0.5))
    assert await actor_of(app, claims) is not first


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE sessions SET revoked_at = now()",
        "UPDATE sessions SET expires_at = '2026-11-01'",
        "UPDATE users SET is_active = false",
        "UPDATE organizations SET status = 'suspended'",
    ],
)
async def test_what_no_longer_stands_is_nobody(
    app: FastAPI, world: World, owner: asyncpg.Connection, change: str
) -> None:
    await actor_of(app, world.b.claims("doctor"))
    await owner.execute(change)
    with pytest.raises(Unauthenticated):
        await actor_of(app, world.a.claims("doctor"))


async def test_nobody_is_remembered_by_anothers_claims(app: FastAPI, world: World) -> None:
    doctor, nurse = world.a.claims("doctor"), world.a.claims("nurse")
    await actor_of(app, doctor)
    with pytest.raises(Unauthenticated):
        await actor_of(app, Claims("user", nurse.subject_id, doctor.session_id, doctor.organization_id))


# Open sockets


@pytest.fixture
def stands(app: FastAPI, world: World) -> Callable[[Actor], Awaitable[bool]]:
    async def asked(actor: Actor) -> bool:
        check = session_check(app.state.database, app.state.clock)
        strangers = await actor_of(app, world.a.claims("cashier"))
        assert actor.organization_id is not None
        [first, second, third] = await check.standing(actor.organization_id, [actor, strangers, actor])
        assert first == third
        assert second
        return first

    return asked


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE sessions SET revoked_at = now() WHERE user_id = $1",
        "UPDATE sessions SET expires_at = '2026-11-01' WHERE user_id = $1",
        "UPDATE users SET is_active = false WHERE id = $1",
        "UPDATE memberships SET valid_until = '2026-11-22' WHERE user_id = $1",
        "UPDATE memberships SET valid_from = '2026-11-24' WHERE user_id = $1",
        "UPDATE memberships SET role = 'nurse' WHERE user_id = $1",
        "UPDATE memberships m SET facility_id = "
        "(SELECT min(id::text)::uuid FROM facilities f WHERE f.organization_id = m.organization_id) WHERE user_id = $1",
    ],
)
async def test_socket_falls_when_what_it_may_do_changes(
    app: FastAPI, world: World, owner: asyncpg.Connection, stands: Callable[[Actor], Awaitable[bool]], change: str
) -> None:
    claims = world.a.claims("receptionist")
    actor = await actor_of(app, claims)
    assert await stands(actor)
    await owner.execute(change, claims.subject_id)
    assert not await stands(actor)


async def test_sockets_fall_with_their_hospital_only(app: FastAPI, world: World, owner: asyncpg.Connection) -> None:
    check = session_check(app.state.database, app.state.clock)
    a, b = await actor_of(app, world.a.claims("doctor")), await actor_of(app, world.b.claims("doctor"))
    await owner.execute("UPDATE organizations SET status = 'suspended' WHERE id = $1", world.b.organization_id)
    assert await check.standing(world.a.organization_id, [a]) == [True]
    assert await check.standing(world.b.organization_id, [b]) == [False]


async def test_session_of_another_hospital_does_not_stand_here(app: FastAPI, world: World) -> None:
    check = session_check(app.state.database, app.state.clock)
    b = await actor_of(app, world.b.claims("doctor"))
    assert await check.standing(world.a.organization_id, [b]) == [False]


async def test_screen_stands_until_its_link_is_revoked(client: httpx2.AsyncClient, app: FastAPI, world: World) -> None:
    headers = world.a.as_("hospital_admin")
    body = {"name": "Front hall", "facility_id": str(world.a.main)}
    link = (await client.post("/api/device-links", json=body, headers=headers)).json()
    its_id = UUID(link["id"])
    actor = await actor_of(app, Claims("device", its_id, its_id, world.a.organization_id))
    check = session_check(app.state.database, app.state.clock)
    assert await check.standing(world.a.organization_id, [actor]) == [True]
    await client.delete(f"/api/device-links/{its_id}", headers=headers)
    assert await check.standing(world.a.organization_id, [actor]) == [False]


async def test_hub_ends_the_sockets_that_fell(app: FastAPI, world: World, owner: asyncpg.Connection) -> None:
    hub: Hub = app.state.hub
    doctor = Listener(await actor_of(app, world.a.claims("doctor")), frozenset())
    nurse = Listener(await actor_of(app, world.a.claims("nurse")), frozenset())
    with hub.joined(doctor), hub.joined(nurse):
        await hub.recheck()
        assert (doctor.ended.is_set(), nurse.ended.is_set()) == (False, False)
        await owner.execute("UPDATE memberships SET role = 'cashier' WHERE user_id = $1", world.a.users["nurse"])
        await hub.recheck()
        assert (doctor.ended.is_set(), nurse.ended.is_set()) == (False, True)
