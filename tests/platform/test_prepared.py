"""Prepared statements go another way than SQLAlchemy's and must look the same from both ends."""

from uuid import UUID, uuid4

import asyncpg
import pytest
from sqlalchemy import bindparam, func, literal, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError

from arogya.modules.organizations.models import Department
from arogya.platform import prepared
from arogya.platform.database import Database, is_one_of
from arogya.platform.errors import Unavailable
from arogya.platform.postgres import EmbeddedPostgres
from arogya.platform.prepared import mappings, prepare, rows
from arogya.platform.problems import problem_of_database_error
from tests.world import World

_THESE = prepare(select(Department.id, Department.name).where(is_one_of(Department.id)).order_by(Department.name))
_NAMED = prepare(select(func.count().label("found")).where(Department.name == bindparam("name")))
_JSON = prepare(select(func.jsonb_build_object("a", literal(1), type_=JSONB).label("told"), Department.name))
_BAD = prepare(select((literal(1) // bindparam("by", type_=Department.version.type)).label("is_not")))


async def test_rows_are_as_by_the_usual_way(database: Database, world: World) -> None:
    async with database.transaction(world.a.organization_id) as session:
        session.add_all([Department(name="Urology"), Department(name="Burns")])
        await session.flush()
        ids = set(await session.scalars(select(Department.id)))
        usual = (await session.execute(_THESE, {"ids": ids})).all()
        found = await rows(session, _THESE, {"ids": ids})
        assert [tuple(one) for one in found] == [tuple(one) for one in usual]
        assert [(one.id, one.name) for one in found] == [(one.id, one.name) for one in usual]
        assert [dict(one) for one in await mappings(session, _THESE, {"ids": ids})] == [dict(o._mapping) for o in usual]
        assert {type(one.id) for one in found} <= {UUID, asyncpg.pgproto.pgproto.UUID}
        assert (await rows(session, _JSON))[0].told == {"a": 1}


async def test_what_is_not_written_yet_is_written_first(database: Database, world: World) -> None:
    async with database.transaction(world.a.organization_id) as session:
        session.add(Department(name="Not flushed"))
        assert (await rows(session, _NAMED, {"name": "Not flushed"}))[0].found == 1


async def test_row_security_holds(database: Database, world: World) -> None:
    async with database.transaction(world.a.organization_id) as session:
        session.add(Department(name="Of one house"))
    async with database.transaction(world.a.organization_id) as session:
        assert (await rows(session, _NAMED, {"name": "Of one house"}))[0].found == 1
    async with database.transaction(world.b.organization_id) as session:
        assert (await rows(session, _NAMED, {"name": "Of one house"}))[0].found == 0
    async with database.transaction() as session:
        assert (await rows(session, _NAMED, {"name": "Of one house"}))[0].found == 0


async def test_narrowed_statement_is_another(database: Database, world: World) -> None:
    async with database.transaction(world.a.organization_id) as session:
        session.add(Department(name="Narrow"))
        await session.flush()
        ids = set(await session.scalars(select(Department.id)))
        narrowed = _THESE.where(Department.name == "Narrow")
        assert [one.name for one in await rows(session, narrowed, {"ids": ids})] == ["Narrow"]


async def test_fault_is_the_one_that_sqlalchemy_raises(database: Database, world: World) -> None:
    async with database.transaction(world.a.organization_id) as session:
        with pytest.raises(DBAPIError) as usual:
            await session.execute(_BAD, {"by": 0})
        await session.rollback()
    async with database.transaction(world.a.organization_id) as session:
        with pytest.raises(DBAPIError) as ours:
            await rows(session, _BAD, {"by": 0})
        await session.rollback()
    assert getattr(ours.value.orig, "sqlstate", 1) == getattr(usual.value.orig, "sqlstate", 2) == "22012"
    async with database.transaction(world.a.organization_id) as session:
        with pytest.raises(KeyError):
            await rows(session, _NAMED, {})


async def _cut_in_the_middle(database: Database, world: World, postgres: EmbeddedPostgres) -> None:
    async with database.transaction(world.a.organization_id) as session:
        pid = await session.scalar(text("SELECT pg_backend_pid()"))
        killer = await asyncpg.connect(postgres.url())
        await killer.execute("SELECT pg_terminate_backend($1)", pid)
        await killer.close()
        await rows(session, _NAMED, {"name": "anything"})


async def test_cut_line_is_unavailable_and_not_used_again(
    database: Database, world: World, postgres: EmbeddedPostgres
) -> None:
    with pytest.raises(DBAPIError) as cut:
        await _cut_in_the_middle(database, world, postgres)
    assert isinstance(problem_of_database_error(cut.value), Unavailable)
    for _ in range(20):
        async with database.transaction(world.a.organization_id) as session:
            assert (await rows(session, _NAMED, {"name": "x"}))[0].found == 0


def test_in_is_refused() -> None:
    with pytest.raises(TypeError, match="is_one_of"):
        prepared._Wire(select(Department.id).where(Department.id.in_([uuid4()])))
