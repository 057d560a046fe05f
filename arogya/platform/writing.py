"""What a transaction writes: rows with their tenant, author and time, some by the driver; and savepoints.

For the few objects of a booking, `write_now`, `made` and `savepoint` do what a flush and `begin_nested` do.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import cache, partial
from typing import Any, NamedTuple, TypeVar, cast

from sqlalchemy import Table, event, inspect
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session, make_transient_to_detached

from arogya.platform import prepared
from arogya.platform.base import Base, Edited, Recorded, TenantScoped

B = TypeVar("B", bound="TenantScoped")


@event.listens_for(Session, "before_flush")
def _stamp(session: Session, _flush: object, _instances: object) -> None:
    """Give new rows their tenant and author, changed rows their editor."""
    user_id, now = session.info.get("user_id"), session.info.get("now")
    for row in session.new:
        _stamp_new(session, row)
    for row in session.dirty:
        if isinstance(row, Edited) and session.is_modified(row):
            row.updated_by = user_id
            if now:
                row.updated_at = now


def _stamp_new(session: Session, row: object) -> None:
    user_id, now = session.info.get("user_id"), session.info.get("now")
    if isinstance(row, TenantScoped) and row.organization_id is None:
        row.organization_id = session.info["organization_id"]
    if isinstance(row, Recorded):
        row.created_by = row.created_by or user_id
        if now and row.created_at is None:
            row.created_at = now
    if isinstance(row, Edited):
        row.updated_by = row.updated_by or user_id
        if now and row.updated_at is None:
            row.updated_at = now


async def write_now(session: AsyncSession, row: TenantScoped) -> None:
    """Insert a new object by the driver, and hold it in the session as a flush would have: a tenth of its cost.

    Its time is told by the session's `now`: what only the schema fills in, it does not know.
    """
    _stamp_new(session.sync_session, row)
    held, columns = vars(row), _written(type(row))
    for column in columns:
        if held.get(column.key) is None:
            held[column.key] = column.default()
    await prepared.flush(session)
    values = {column.name: held[column.key] for column in columns}
    await prepared.insert_rows(session, cast(Table, row.__table__), [values])
    if (inside := session.info.get("inside")) is not None:
        inside.made.add(row)
    make_transient_to_detached(row)
    session.add(row)


def made(kind: type[B], /, **values: Any) -> B:
    """A new object for `write_now`, as if it had been loaded: SQLAlchemy notes the setting of each attribute."""
    row = cast(B, inspect(kind).class_manager.new_instance())
    vars(row).update(values)
    return row


class _Written(NamedTuple):
    """A column, its attribute, and what fills that where it was not given."""

    name: str
    key: str
    default: Callable[[], Any]


@cache
def _written(kind: type[Base]) -> list[_Written]:
    mapper = inspect(kind)
    return [
        _Written(column.name, key, _default_of(column, is_version=column is mapper.version_id_col))
        for key, attribute in mapper.column_attrs.items()
        for column in attribute.columns[:1]
    ]


def _default_of(column: Any, *, is_version: bool) -> Callable[[], Any]:
    if column.default is not None and column.default.is_callable:
        return partial(column.default.arg, None)
    told = column.default.arg if column.default is not None else 1 if is_version else None
    return lambda: told


def write_last(session: AsyncSession, table: Table, row: Mapping[str, Any]) -> None:
    """Insert the row just before the commit, together with all others of its table: one trip for the whole trail.

    Only for rows that nothing in the transaction reads. What a savepoint takes back, it takes back too.
    """
    session.info.setdefault("last_rows", []).append((table, row))


async def write_last_rows(session: AsyncSession) -> None:
    found = _last_rows(session)
    if found:
        await prepared.flush(session)
    for (table, _), rows in found.items():
        await prepared.insert_rows(session, table, rows)


def _last_rows(session: AsyncSession) -> dict[tuple[Table, tuple[str, ...]], list[Mapping[str, Any]]]:
    """By table and columns; they are written once."""
    found: dict[tuple[Table, tuple[str, ...]], list[Mapping[str, Any]]] = defaultdict(list)
    for table, row in session.info.pop("last_rows", ()):
        found[table, tuple(row)].append(row)
    return found


@asynccontextmanager
async def savepoint(session: AsyncSession) -> AsyncIterator[None]:
    """What fails inside is undone: rows, objects made and changed there, what was to be written last. As
    `begin_nested`, by the driver."""
    waiting = len(session.info.get("last_rows", ()))
    await prepared.flush(session)
    outer, inside = session.info.get("inside"), _Inside()
    session.info["inside"] = inside
    await prepared.command(session, "SAVEPOINT inside")
    try:
        yield
        await prepared.flush(session)
    except BaseException:
        session.info["inside"] = outer
        if not session.info["driver"].is_closed():
            # Let go of too: an outer one has the same name, and what fails may go on through it.
            await prepared.command(session, "ROLLBACK TO SAVEPOINT inside; RELEASE SAVEPOINT inside")
        inside.let_go(session.sync_session)
        del session.info.get("last_rows", [])[waiting:]
        raise
    session.info["inside"] = outer
    if outer is not None:
        outer.take_over(inside)
    await prepared.command(session, "RELEASE SAVEPOINT inside")


class _Inside:
    """The objects that a savepoint made, changed and deleted."""

    def __init__(self) -> None:
        self.made: set[object] = set()
        self.changed: set[object] = set()

    def take_over(self, other: "_Inside") -> None:
        self.made |= other.made
        self.changed |= other.changed

    def let_go(self, session: Session) -> None:
        for row in [*self.made, *session.new]:
            if row in session:
                session.expunge(row)
        for row in {*self.changed, *session.dirty} - self.made:
            session.expire(row)


@event.listens_for(Session, "before_flush")
def _note_inside(session: Session, _flush: object, _instances: object) -> None:
    inside = session.info.get("inside")
    if inside is not None:
        inside.made.update(session.new)
        inside.changed.update(session.dirty)
