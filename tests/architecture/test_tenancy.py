"""What keeps one hospital's rows from another, asked of the real schema."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any
from uuid import uuid4

import pytest
from asyncpg import Connection
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from arogya.platform import jobs, migrate
from arogya.platform.base import TenantScoped, metadata
from arogya.platform.modules import load_tables
from arogya.platform.settings import APP_ROLE, OWNER_ROLE, RELAY_ROLE, Settings
from tests.world import World

PLATFORM_TABLES = {
    "organizations",
    "users",
    "login_identifiers",
    "credentials",
    "sessions",
    "known_devices",
    "login_throttles",
    "account_links",
    "second_factors",
    "recovery_codes",
    "platform_audit_entries",
    "sign_in_codes",
}
Tenant = Callable[..., AbstractAsyncContextManager[AsyncSession]]
load_tables()
TENANT_TABLES = sorted(set(metadata.tables) - PLATFORM_TABLES)


def test_every_table_is_a_tenants_or_on_the_closed_list() -> None:
    scoped = {
        mapper.local_table.name  # type: ignore[attr-defined]
        for mapper in TenantScoped.registry.mappers
        if issubclass(mapper.class_, TenantScoped)
    }
    assert set(metadata.tables) - scoped == PLATFORM_TABLES


@pytest.mark.parametrize("name", TENANT_TABLES)
def test_tenant_is_first_in_every_key(name: str) -> None:
    assert next(iter(metadata.tables[name].primary_key.columns)).name == "organization_id"


@pytest.mark.parametrize("name", TENANT_TABLES)
def test_foreign_keys_between_tenants_rows_hold_the_tenant(name: str) -> None:
    for key in metadata.tables[name].foreign_key_constraints:
        if key.referred_table.name in PLATFORM_TABLES:
            continue
        assert "organization_id" in key.column_keys, f"{name} may point out of its tenant through {key.column_keys}"


async def test_row_security_is_forced_on_every_tenants_table(owner: Connection) -> None:
    rows = await owner.fetch("""
        SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity AS forced,
               array_agg(p.polname ORDER BY p.polname) AS policies
        FROM pg_class c LEFT JOIN pg_policy p ON p.polrelid = c.oid
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' GROUP BY 1, 2
    """)
    found = {row["relname"]: row for row in rows if row["relname"] != "alembic_version"}
    assert set(found) == set(metadata.tables) | set(jobs.TABLES)
    for name in TENANT_TABLES:
        assert found[name]["forced"], f"{name} has no forced row security"
        assert {"owner", "tenant"} <= set(found[name]["policies"]), f"{name} lacks a policy"


async def test_roles_stand_below_row_security(owner: Connection) -> None:
    for role in (OWNER_ROLE, APP_ROLE, RELAY_ROLE):
        row = await owner.fetchrow("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = $1", role)
        assert row is not None
        assert not row["rolsuper"]
        assert not row["rolbypassrls"]
    owned = await owner.fetchval(
        "SELECT count(*) FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner WHERE r.rolname IN ($1, $2)",
        APP_ROLE,
        RELAY_ROLE,
    )
    assert owned == 0


async def test_relay_sees_the_outbox_the_jobs_and_nothing_else(owner: Connection) -> None:
    tables = await owner.fetch(
        "SELECT DISTINCT table_name FROM information_schema.role_table_grants WHERE grantee = $1", RELAY_ROLE
    )
    assert {row["table_name"] for row in tables} == {"outbox_events", "reaction_effects", *jobs.TABLES}


async def test_application_adds_jobs_and_reads_none(in_tenant: Tenant, world: World) -> None:
    """Their arguments are ids of all hospitals, and no row security stands between."""
    for statement in ("SELECT * FROM procrastinate_jobs", "DELETE FROM procrastinate_jobs"):
        with pytest.raises(DBAPIError, match="permission denied"):
            async with in_tenant(world.a.organization_id) as session:
                await session.execute(text(statement))


async def test_audit_trail_can_only_grow(world: World, in_tenant: Tenant) -> None:
    for statement in ("UPDATE audit_entries SET route = ''", "DELETE FROM audit_entries", "TRUNCATE audit_entries"):
        with pytest.raises(DBAPIError, match="permission denied"):
            async with in_tenant(world.a.organization_id) as session:
                await session.execute(text(statement))


async def test_stranger_tenant_sees_no_row_of_any_table(world: World, in_tenant: Tenant) -> None:
    async with in_tenant(uuid4()) as session:
        for name in TENANT_TABLES:
            assert await session.scalar(text(f"SELECT count(*) FROM {name}")) == 0, name


async def test_unbound_session_sees_no_row_even_after_a_bound_one(world: World, in_tenant: Tenant, app: Any) -> None:
    """`current_setting` reads '' after a transaction that set it; '' must not fail and must not match."""
    async with in_tenant(world.a.organization_id) as session:
        assert await session.scalar(text("SELECT count(*) FROM patients")) == 2
    async with app.state.database.transaction() as session:
        assert await session.scalar(text("SELECT count(*) FROM patients")) == 0


async def test_writing_into_another_tenant_is_refused(world: World, in_tenant: Tenant) -> None:
    with pytest.raises(DBAPIError, match="row-level security"):
        async with in_tenant(world.a.organization_id) as session:
            await session.execute(
                text(
                    "INSERT INTO departments (organization_id, id, name, is_active, version) "
                    "VALUES (:o, gen_random_uuid(), 'planted', true, 1)"
                ),
                {"o": world.b.organization_id},
            )


async def test_pointing_at_another_tenants_row_is_refused(world: World, in_tenant: Tenant) -> None:
    with pytest.raises(DBAPIError, match="foreign key"):
        async with in_tenant(world.a.organization_id) as session:
            await session.execute(
                text(
                    "INSERT INTO patient_phones (organization_id, id, patient_id, number, position) "
                    "VALUES (:o, gen_random_uuid(), :p, '1', 0)"
                ),
                {"o": world.a.organization_id, "p": world.b.patient},
            )


async def test_control_without_the_policy_the_rows_of_others_show(
    world: World, in_tenant: Tenant, owner: Connection
) -> None:
    """The control of the tests above: take row security away and the same query leaks."""
    await owner.execute("ALTER TABLE patients DISABLE ROW LEVEL SECURITY")
    async with in_tenant(uuid4()) as session:
        assert await session.scalar(text("SELECT count(*) FROM patients")) == 4


async def test_models_and_migrations_agree(config: Settings) -> None:
    url = config.role_url(OWNER_ROLE).render_as_string(hide_password=False)
    assert await asyncio.to_thread(migrate.differences, url) == []


async def test_migrations_go_down_and_up_again(config: Settings) -> None:
    url = config.role_url(OWNER_ROLE).render_as_string(hide_password=False)
    await asyncio.to_thread(migrate.downgrade, url, "base")
    await asyncio.to_thread(migrate.upgrade, url)
    assert await asyncio.to_thread(migrate.differences, url) == []
