"""A transaction is bound to its tenant for its own length, and stamps what it writes."""

import contextlib
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Any, cast
from uuid import uuid4

import pytest
from sqlalchemy import Table, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.exc import StaleDataError

from arogya.modules.organizations.models import Department
from arogya.platform.clock import FixedClock
from arogya.platform.database import Database, advisory_locks
from arogya.platform.writing import savepoint, write_last, write_now
from tests.world import World

DEPARTMENTS = cast(Table, Department.__table__)
LATE = ("before", "taken back", "kept", "after")
Tenant = Callable[..., AbstractAsyncContextManager[AsyncSession]]


async def test_pooled_connection_carries_no_tenant_into_the_next_transaction(world: World, database: Database) -> None:
    for _ in range(3):
        async with database.transaction(world.a.organization_id, uuid4()) as session:
            await session.execute(text("SELECT 1"))
    async with database.transaction() as session:
        settings = (
            await session.execute(
                text("SELECT current_setting('arogya.organization_id', true), current_setting('arogya.user_id', true)")
            )
        ).one()
    assert set(settings) <= {"", None}


async def test_rows_carry_their_tenant_author_and_editor(world: World, in_tenant: Tenant, clock: FixedClock) -> None:
    author, editor = uuid4(), uuid4()
    async with in_tenant(world.a.organization_id, author) as session:
        session.info["now"] = clock.now()
        session.add(Department(name="Cardiology"))
    clock.advance(timedelta(hours=1))
    async with in_tenant(world.a.organization_id, editor) as session:
        session.info["now"] = clock.now()
        row = (await session.scalars(select(Department).where(Department.name == "Cardiology"))).one()
        assert (row.organization_id, row.created_by, row.version) == (world.a.organization_id, author, 1)
        row.name_hi = "हृदय रोग"
    assert (row.updated_by, row.version) == (editor, 2)
    assert row.updated_at - row.created_at == timedelta(hours=1)


async def test_second_editor_of_one_version_is_refused(world: World, in_tenant: Tenant) -> None:
    async def edit_what_another_edits_meanwhile() -> None:
        async with in_tenant(world.a.organization_id) as mine:
            row = (await mine.scalars(select(Department))).first()
            assert row is not None
            async with in_tenant(world.a.organization_id) as theirs:
                same = await theirs.get_one(Department, (world.a.organization_id, row.id))
                same.name_hi = "theirs"
            row.name_hi = "mine"

    with pytest.raises(StaleDataError):
        await edit_what_another_edits_meanwhile()


async def test_locks_are_taken_in_one_order_whatever_order_they_are_asked_in(world: World, in_tenant: Tenant) -> None:
    async with in_tenant(world.a.organization_id) as session:
        await advisory_locks(session, ["b", "a", "b"])
        held = await session.scalar(
            text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()")
        )
    assert held == 2


@pytest.mark.parametrize("nested", [lambda session: session.begin_nested(), savepoint])
async def test_what_is_written_last_goes_with_its_savepoint(world: World, in_tenant: Tenant, nested: Any) -> None:
    def told(session: AsyncSession, name: str) -> None:
        row = {"organization_id": world.a.organization_id, "id": uuid4(), "name": name, "is_active": True, "version": 1}
        write_last(session, DEPARTMENTS, row)

    async with in_tenant(world.a.organization_id) as session:
        told(session, "before")
        with contextlib.suppress(ZeroDivisionError):
            async with nested(session):
                told(session, "taken back")
                raise ZeroDivisionError
        async with nested(session):
            told(session, "kept")
        told(session, "after")
        waiting = (await session.scalars(select(Department.name).where(Department.name.in_(LATE)))).all()
    async with in_tenant(world.a.organization_id) as session:
        found = (await session.scalars(select(Department.name).where(Department.name.in_(LATE)))).all()
    assert waiting == []
    assert sorted(found) == ["after", "before", "kept"]


async def test_what_is_written_last_is_not_written_by_one_that_fails(world: World, in_tenant: Tenant) -> None:
    with contextlib.suppress(ZeroDivisionError):
        async with in_tenant(world.a.organization_id) as session:
            row = {"organization_id": world.a.organization_id, "id": uuid4(), "name": "before", "version": 1}
            write_last(session, DEPARTMENTS, row)
            raise ZeroDivisionError
    async with in_tenant(world.a.organization_id) as session:
        assert (await session.scalars(select(Department).where(Department.name == "before"))).all() == []


async def test_object_written_now_is_as_one_that_was_flushed(
    world: World, in_tenant: Tenant, clock: FixedClock
) -> None:
    async with in_tenant(world.a.organization_id, author := uuid4()) as session:
        session.info["now"] = clock.now()
        usual, now = Department(name="By a flush"), Department(name="At once")
        session.add(usual)
        await session.flush()
        await write_now(session, now)
        assert now in session
        names = [column.key for column in DEPARTMENTS.columns if column.key not in {"id", "name"}]
        assert [getattr(now, name) for name in names] == [getattr(usual, name) for name in names]
        assert (now.created_by, now.version) == (author, 1)
        now.name_hi = "बदला"  # it is held: what changes later is written too
    async with in_tenant(world.a.organization_id) as session:
        found = (await session.scalars(select(Department).where(Department.id == now.id))).one()
        assert (found.name_hi, found.version) == ("बदला", 2)


async def test_savepoint_takes_back_what_was_made_and_changed_inside(world: World, in_tenant: Tenant) -> None:
    async with in_tenant(world.a.organization_id) as session:
        session.info["now"] = None
        kept = Department(name="Kept")
        session.add(kept)
        await session.flush()
        with contextlib.suppress(ZeroDivisionError):
            async with savepoint(session):
                kept.name_hi = "inside"
                session.add(Department(name="Flushed inside"))
                async with savepoint(session):
                    session.add(Department(name="Further inside"))
                session.add(Department(name="Waits inside"))
                raise ZeroDivisionError
        assert len(session.identity_map) == 1
        await session.refresh(kept)
        assert kept.name_hi is None
        kept.name_hi = "after"
    async with in_tenant(world.a.organization_id) as session:
        rows = (await session.execute(select(Department.name, Department.name_hi))).all()
    assert ("Kept", "after") in [tuple(row) for row in rows]
    assert not [row for row in rows if "inside" in row.name]


async def test_what_fails_through_two_savepoints_is_taken_back_by_both(world: World, in_tenant: Tenant) -> None:
    async def fails_within(session: AsyncSession) -> None:
        async with savepoint(session):
            session.add(Department(name="Outer inside"))
            async with savepoint(session):
                session.add(Department(name="Inner inside"))
                await session.flush()
                raise ZeroDivisionError

    async with in_tenant(world.a.organization_id) as session:
        with contextlib.suppress(ZeroDivisionError):
            await fails_within(session)
        names = (await session.scalars(select(Department.name))).all()
    assert not [name for name in names if name.endswith("inside")]


async def test_control_without_the_savepoint_it_would_stay(world: World, in_tenant: Tenant) -> None:
    async with in_tenant(world.a.organization_id) as session:
        with contextlib.suppress(ZeroDivisionError):
            session.add(Department(name="Not taken back"))
            raise ZeroDivisionError
    async with in_tenant(world.a.organization_id) as session:
        assert (await session.scalars(select(Department).where(Department.name == "Not taken back"))).all()
