"""Lines are lent, waited for and given back; one that is broken or unclean is never lent again."""

import asyncio
from uuid import uuid4

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from arogya.modules.organizations.models import Department
from arogya.platform.database import Database
from arogya.platform.prepared import command, prepare, scalar
from tests.world import World

_ME = prepare(text("SELECT pg_backend_pid()"))
_DEPARTMENTS = prepare(select(func.count()).select_from(Department).where(Department.name == "Of a line"))


@pytest.fixture
async def narrow(database: Database) -> Database:
    """Two lines, and little patience."""
    return Database(database.engine.url, pool_size=2, pool_timeout_s=0.2)


async def backend(database: Database) -> int:
    async with database.transaction() as session:
        return int(await scalar(session, _ME))


async def test_line_is_used_again(narrow: Database) -> None:
    assert len({await backend(narrow) for _ in range(5)}) == 1
    assert narrow.lines.lent == 0
    await narrow.dispose()


async def test_who_comes_when_all_are_lent_waits_in_line(narrow: Database) -> None:
    lines, got = narrow.lines, list[int]()
    lines._timeout_s = 30

    async def one(n: int) -> None:
        line = await lines.lend()
        got.append(n)
        assert lines.lent <= 2
        await lines.take_back(line)

    held = [await lines.lend(), await lines.lend()]
    waits = [asyncio.create_task(one(n)) for n in range(20)]
    await asyncio.sleep(0)
    assert got == []
    for line in held:
        await lines.take_back(line)
    await asyncio.gather(*waits)
    assert got == list(range(20))
    assert lines.lent == 0
    await narrow.dispose()


async def test_who_waits_too_long_is_refused_and_takes_none_along(narrow: Database) -> None:
    async with narrow.transaction(), narrow.transaction():
        with pytest.raises(PoolTimeout):
            await backend(narrow)
    assert narrow.lines.lent == 0
    assert await asyncio.gather(backend(narrow), backend(narrow))
    await narrow.dispose()


async def test_who_is_called_off_while_waiting_takes_none_along(narrow: Database) -> None:
    narrow.lines._timeout_s = 30
    async with narrow.transaction(), narrow.transaction():
        waits = asyncio.create_task(backend(narrow))
        await asyncio.sleep(0)
        waits.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waits
    assert narrow.lines.lent == 0
    assert await backend(narrow)
    await narrow.dispose()


async def test_line_that_broke_is_not_lent_again(narrow: Database) -> None:
    first = await backend(narrow)

    async def break_it() -> None:
        async with narrow.transaction() as session:
            session.info["driver"].terminate()
            await scalar(session, _ME)

    with pytest.raises(DBAPIError) as broken:
        await break_it()
    assert broken.value.connection_invalidated
    assert narrow.lines.lent == 0
    assert await backend(narrow) != first
    await narrow.dispose()


async def test_line_that_broke_while_idle_is_not_lent(narrow: Database) -> None:
    first = await backend(narrow)
    narrow.lines._idle[0].driver.terminate()
    assert await backend(narrow) != first
    await narrow.dispose()


async def test_who_is_called_off_in_a_statement_leaves_nothing_open(narrow: Database, world: World) -> None:
    async def sleeps() -> None:
        async with narrow.transaction(world.a.organization_id) as session:
            session.add(Department(name="Of a line"))
            await session.flush()
            await command(session, "SELECT pg_sleep(60)")

    task = asyncio.create_task(sleeps())
    while not narrow.lines.lent:
        await asyncio.sleep(0)
    await asyncio.sleep(0.2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    for _ in range(3):
        async with narrow.transaction(world.a.organization_id) as session:
            assert await scalar(session, _DEPARTMENTS) == 0
    await narrow.dispose()


@pytest.mark.parametrize("by_objects", [False, True])
async def test_what_is_rolled_back_by_hand_is_not_committed(
    database: Database, world: World, *, by_objects: bool
) -> None:
    """As a denial does: SQLAlchemy may have had no part in it, and then knows of nothing to roll back."""
    async with database.transaction(world.a.organization_id) as session:
        if by_objects:
            session.add(Department(name="Of a line"))
            await session.flush()
        else:
            await command(
                session,
                "INSERT INTO departments (organization_id, id, name, is_active, version) "
                f"VALUES ('{world.a.organization_id}', '{uuid4()}', 'Of a line', true, 1)",
            )
        await session.rollback()
    async with database.transaction(world.a.organization_id) as session:
        assert await scalar(session, _DEPARTMENTS) == 0


async def test_tenant_of_a_line_is_gone_with_its_transaction(narrow: Database, world: World) -> None:
    async with narrow.transaction(world.a.organization_id, uuid4()) as session:
        await scalar(session, _ME)
    async with narrow.transaction() as session:
        held = (await session.execute(text("SELECT current_setting('arogya.organization_id', true)"))).scalar()
    assert not held
    await narrow.dispose()
