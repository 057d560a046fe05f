"""Statements made once at import and sent by the driver itself.

The way through SQLAlchemy's session costs about 0.13 ms of CPU a statement, the driver's own 0.03: a booking reads ten
times. What is written `prepare(select(...))` goes the short way wherever `rows` or `mappings` run it; a statement that
was narrowed further is another one, and goes the usual way.
"""

import json
import time
from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeVar, cast

import asyncpg
from sqlalchemy import (
    ARRAY,
    JSON,
    Boolean,
    Date,
    DateTime,
    Enum,
    Integer,
    LargeBinary,
    String,
    Table,
    Time,
    Uuid,
    bindparam,
    insert,
)  # fmt: skip
from sqlalchemy.dialects.postgresql.asyncpg import dialect as asyncpg_dialect
from sqlalchemy.dialects.postgresql.ranges import AbstractRange
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import NullType

Q = TypeVar("Q")

_dialect: Any = asyncpg_dialect
_DBAPI = _dialect.import_dbapi()
_DIALECT = _dialect(dbapi=_DBAPI)


BROKEN = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""What the driver raises; the last where a line was cut in the middle of a word and it has lost its place."""


class _Wire:
    """A statement as the driver takes it."""

    def __init__(self, statement: Any) -> None:
        compiled = statement.compile(dialect=_DIALECT)
        if compiled.post_compile_params:
            raise TypeError("IN makes another statement for each number of values: say `is_one_of`")
        self.sql = str(compiled)
        self._names: tuple[str, ...] = tuple(compiled.positiontup or ())
        self._fixed = {
            name: bind.value for name, bind in ((n, compiled.binds[n]) for n in self._names) if not bind.required
        }
        columns = compiled._result_columns
        self._row: Any = namedtuple("Row", [column.keyname for column in columns])  # type: ignore[misc]
        readers = ((column.keyname, _reader(column.type)) for column in columns)
        self._readers = {name: read for name, read in readers if read is not None}

    def arguments(self, told: Mapping[str, Any]) -> list[Any]:
        """In the statement's order. Raises KeyError for what was not told."""
        fixed = self._fixed
        return [told[name] if name in told else fixed[name] for name in self._names]

    def as_mappings(self, records: Sequence[Any]) -> Sequence[Mapping[str, Any]]:
        if not self._readers:
            return records
        found = [dict(record) for record in records]
        for row in found:
            for name, read in self._readers.items():
                row[name] = read(row[name])
        return found

    def as_rows(self, records: Sequence[Any]) -> Sequence[Any]:
        make = self._row._make
        if not self._readers:
            return [make(record) for record in records]
        return [make(row.values()) for row in self.as_mappings(records)]


_PLAIN = (Uuid, String, Integer, Boolean, Date, DateTime, Time, LargeBinary, NullType)
"""What the driver gives as we want it."""


def _reader(kind: Any) -> Callable[[Any], Any] | None:
    """What turns the driver's value into ours; None: it is the same. Raises TypeError for what none needed yet."""
    one = kind.item_type if isinstance(kind, ARRAY) else kind
    if isinstance(one, _PLAIN) and not isinstance(one, Enum):
        return None
    if isinstance(one, JSON):
        return cast("Callable[[Any], Any]", kind.dialect_impl(_DIALECT).result_processor(_DIALECT, None))
    raise TypeError(f"A prepared statement does not read {kind!r}")


_wires: dict[int, tuple[Any, _Wire | None]] = {}
"""By the statement's id; the statement is kept, so that no other has the same. Compiled when it is first run."""


listeners: list[Callable[[str], None]] = []
"""Told of each statement that goes the short way; SQLAlchemy's own events hear of the others."""


def prepare(statement: Q) -> Q:
    """Let this statement go the short way. Its parameters are told by name; it holds no IN."""
    _wires[id(statement)] = (statement, None)
    return statement


def _wire(session: AsyncSession, statement: Any) -> _Wire | None:
    """None where the statement goes the usual way: it is not prepared, or the transaction has ended."""
    known = _wires.get(id(statement))
    if known is None or "driver" not in session.sync_session.info:
        return None
    wire = known[1]
    if wire is None:
        wire = _Wire(statement)
        _wires[id(statement)] = (statement, wire)
    return wire


async def rows(session: AsyncSession, statement: Any, told: Mapping[str, Any] | None = None) -> Sequence[Any]:
    """The statement's rows, with the columns as attributes."""
    wire = _wire(session, statement)
    if wire is None:
        return (await session.execute(statement, told)).all()
    return wire.as_rows(await _fetch(session, wire, told or {}))


async def mappings(
    session: AsyncSession, statement: Any, told: Mapping[str, Any] | None = None
) -> Sequence[Mapping[str, Any]]:
    """The same, by the columns' names."""
    wire = _wire(session, statement)
    if wire is None:
        return (await session.execute(statement, told)).mappings().all()  # type: ignore[return-value]
    return wire.as_mappings(await _fetch(session, wire, told or {}))


async def scalar(session: AsyncSession, statement: Any, told: Mapping[str, Any] | None = None) -> Any:
    """The first value of the first row; None without one."""
    wire = _wire(session, statement)
    if wire is None:
        return await session.scalar(statement, told)
    found = await _fetch(session, wire, told or {})
    return found[0][0] if found else None


async def execute(session: AsyncSession, statement: Any, told: Mapping[str, Any] | None = None) -> None:
    """For what answers nothing. Rows that the session holds as objects learn nothing of it."""
    wire = _wire(session, statement)
    if wire is None:
        await session.execute(statement, told)
    else:
        await _fetch(session, wire, told or {})


def _writer(kind: Any) -> Callable[[Any], Any] | None:
    """What turns our value into the driver's; None: it is the same."""
    if isinstance(kind, JSON):
        return json.dumps
    if isinstance(kind, AbstractRange):
        return cast("Callable[[Any], Any] | None", kind.dialect_impl(_DIALECT).bind_processor(_DIALECT))
    return None


@lru_cache
def _insert(table: Table, names: tuple[str, ...]) -> tuple[_Wire, dict[str, Callable[[Any], Any]]]:
    """The insert of these columns, and what writes a value for the driver. Raises TypeError where a default is left."""
    left = [column.name for column in table.columns if column.default is not None and column.name not in names]
    if left:
        raise TypeError(f"{table.name} needs {left}")
    writers = {name: write for name in names if (write := _writer(table.columns[name].type)) is not None}
    return _Wire(insert(table).values({name: bindparam(name) for name in names})), writers


async def insert_rows(session: AsyncSession, table: Table, new: Sequence[Mapping[str, Any]]) -> None:
    """Rows of the same columns, in one trip."""
    wire, writers = _insert(table, tuple(new[0]))
    values = [{name: writers[name](one) if name in writers else one for name, one in row.items()} for row in new]
    if len(values) == 1:
        await _sent(session, wire, "fetch", *wire.arguments(values[0]))
    else:
        await _sent(session, wire, "executemany", [wire.arguments(one) for one in values])


async def _fetch(session: AsyncSession, wire: _Wire, told: Mapping[str, Any]) -> Sequence[Any]:
    await flush(session)
    found: Sequence[Any] = await _sent(session, wire, "fetch", *wire.arguments(told))
    return found


async def flush(session: AsyncSession) -> None:
    """Write the objects that wait for it. Costs nothing where none do, which SQLAlchemy's own does."""
    if not session.sync_session._is_clean():
        await session.flush()


_generation = ""
"""What each statement ends with since a migration changed the types of one's result: every connection of the process
knows the old text by what it was, and none knows the new."""


def _prepare_anew(seen: str) -> None:
    """Unless somebody else was told the same and has done it."""
    global _generation  # noqa: PLW0603 – of the process, as the connections are
    if seen == _generation:
        _generation = f" /* {time.monotonic_ns()} */"


async def _sent(session: AsyncSession, wire: _Wire, how: str, *arguments: Any) -> Any:
    """how: the driver's `fetch` or `executemany`."""
    driver = session.sync_session.info["driver"]
    for hear in listeners:
        hear(wire.sql)
    generation = _generation
    try:
        return await getattr(driver, how)(wire.sql + generation, *arguments)
    except BROKEN as error:
        if isinstance(error, asyncpg.InvalidCachedStatementError):
            _prepare_anew(generation)
        raise as_usual(error, driver) from error


async def command(session: AsyncSession, words: str) -> None:
    """Send what takes no parameters."""
    driver = session.info["driver"]
    try:
        await driver.execute(words)
    except BROKEN as error:
        raise as_usual(error, driver) from error


def as_usual(error: Exception, driver: Any) -> Exception:
    """The exception that SQLAlchemy would have raised. A driver's connection that has lost its place is ended."""
    if isinstance(error, asyncpg.InternalClientError):
        driver.terminate()
    kind = _DBAPI.Error
    if isinstance(error, asyncpg.IntegrityConstraintViolationError):
        kind = _DBAPI.IntegrityError
    elif isinstance(error, asyncpg.InterfaceError):
        kind = _DBAPI.InterfaceError
    adapted = kind(str(error), error)
    adapted.__cause__ = error
    made: Exception = DBAPIError.instance(
        None,
        None,
        adapted,
        _DBAPI.Error,
        hide_parameters=True,
        connection_invalidated=driver.is_closed(),
        dialect=_DIALECT,
    )
    return made
