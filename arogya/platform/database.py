"""Tables, and sessions bound to one tenant.

Every TenantOwned table has key (organization_id, id), forced row security and composite foreign keys; the tenant is
set for the length of a transaction only, so a pooled connection carries nothing from one request to the next.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from functools import cache, partial
from typing import Any, ClassVar, NamedTuple, TypeVar, cast
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    MetaData,
    Table,
    Uuid,
    any_,
    bindparam,
    event,
    inspect,
    text,
)
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
    SessionTransaction,
    declared_attr,
    make_transient_to_detached,
    mapped_column,
)
from sqlalchemy.pool import NullPool

from arogya.platform import prepared
from arogya.platform.clock import new_id
from arogya.platform.lines import Line, Lines, tenant_is
from arogya.platform.outage import LOST

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


B = TypeVar("B", bound="TenantScoped")


class Base(DeclarativeBase):
    metadata: ClassVar[MetaData] = metadata
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: DateTime(timezone=True), UUID: Uuid()}


class PlatformOwned(Base):
    """A row of no tenant. The list of such tables is closed: see PLATFORM_TABLES in tests/architecture."""

    __abstract__ = True

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id, sort_order=-10)


class TenantScoped(Base):
    """A row of one organization, which no session of another can see or point at."""

    __abstract__ = True

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"), primary_key=True, sort_order=-20)


class TenantOwned(TenantScoped):
    """The usual tenant's row, with an id of its own."""

    __abstract__ = True

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id, sort_order=-10)


class Recorded:
    """For rows that are written once: when and by whom."""

    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"), sort_order=90)
    created_by: Mapped[UUID | None] = mapped_column(sort_order=91)


class Edited(Recorded):
    """For rows that people change: who last did, and a version that becomes the ETag."""

    updated_at: Mapped[datetime] = mapped_column(server_default=text("now()"), sort_order=92)
    updated_by: Mapped[UUID | None] = mapped_column(sort_order=93)
    version: Mapped[int] = mapped_column(Integer, nullable=False, sort_order=94)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.version, "eager_defaults": False}


def within_tenant(column: str, target: str, *, name: str | None = None, **options: Any) -> ForeignKeyConstraint:
    """A foreign key that can't leave the tenant: plain ones bypass row security."""
    return ForeignKeyConstraint(
        ["organization_id", column], [f"{target}.organization_id", f"{target}.id"], name=name, **options
    )


def within_branch(column: str, target: str, *, name: str) -> ForeignKeyConstraint:
    """The same, for what belongs to a branch: the row names its branch beside it, and can point at no other's."""
    return ForeignKeyConstraint(
        ["organization_id", "facility_id", column],
        [f"{target}.organization_id", f"{target}.facility_id", f"{target}.id"],
        name=name,
    )


def async_url(url: URL) -> URL:
    return url.set(drivername="postgresql+asyncpg")


class BoundSession(AsyncSession):
    """A session on a lent line, in the transaction that the line has begun."""

    def __init__(self, line: Line, organization_id: UUID | None, user_id: UUID | None) -> None:
        super().__init__(line.connection, expire_on_commit=False)
        self._line = line
        self.info.update(organization_id=organization_id, user_id=user_id, driver=line.driver)

    async def rollback(self) -> None:
        await super().rollback()
        await self._line.rollback()
        self.info.pop("driver", None)

    def begin_nested(self) -> Any:
        """By the driver, as all else: SQLAlchemy sends one of its own only once it has something to say itself."""
        return savepoint(self)

    async def finish(self) -> None:
        """Write what is written last, and commit. Where no object was touched, SQLAlchemy has no part in it."""
        if not self._line.is_begun:
            return  # rolled back
        await _write_last_rows(self)
        await prepared.flush(self)
        sync = self.sync_session
        if _has_spoken(sync):
            await self.commit()
        else:
            await self._line.commit()
            sync.dispatch.after_commit(sync)

    async def abandon(self) -> None:
        """Undo all of it. A line that can't is not lent again."""
        try:
            if self.sync_session.in_transaction():
                await super().rollback()
            await self._line.rollback()
        except (DBAPIError, *prepared.BROKEN, OSError):
            self._line.cut()


def _has_spoken(session: Session) -> bool:
    """Whether SQLAlchemy has sent anything in this transaction."""
    ours = session.get_transaction()
    return ours is not None and bool(ours._connections)


class Database:
    """One role's connections to the server."""

    def __init__(self, url: URL, *, pool_size: int = 16, pool_timeout_s: float = 2.0) -> None:
        self.engine: AsyncEngine = create_async_engine(
            async_url(url),
            poolclass=NullPool,
            hide_parameters=True,
            connect_args={
                "server_settings": {"application_name": "arogya", "timezone": "UTC", "jit": "off"},
                "command_timeout": 30,
                "timeout": 5,
            },
        )
        event.listen(self.engine.sync_engine, "do_connect", _connect)
        self.lines = Lines(self.engine, pool_size, pool_timeout_s)

    @asynccontextmanager
    async def transaction(
        self, organization_id: UUID | None = None, user_id: UUID | None = None
    ) -> AsyncIterator[AsyncSession]:
        """A session in one transaction, bound to the tenant; commits on the way out, rolls back on an exception."""
        line = await self.lines.lend()
        try:
            await line.begin(organization_id, user_id)
            session = BoundSession(line, organization_id, user_id)
            try:
                yield session
                await session.finish()
            except BaseException:
                await session.abandon()
                raise
        finally:
            await self.lines.take_back(line)

    async def dispose(self) -> None:
        await self.lines.close()
        await self.engine.dispose()


def _connect(dialect: Any, _record: object, arguments: Sequence[Any], options: Mapping[str, Any]) -> Any:
    """A connection, or the error that one which breaks later raises: not whatever the system says of a socket."""
    try:
        return dialect.connect(*arguments, **options)
    except LOST as error:
        raise dialect.loaded_dbapi.OperationalError(str(error)) from error


async def bind_tenant(session: AsyncSession, organization_id: UUID | None, user_id: UUID | None = None) -> None:
    """Let the rest of this transaction see one organization (None: none)."""
    session.info["organization_id"] = organization_id
    session.info["user_id"] = user_id
    await prepared.flush(session)
    await prepared.command(session, tenant_is(organization_id, user_id))


@event.listens_for(Session, "after_transaction_end")
def _let_go(session: Session, ended: SessionTransaction) -> None:
    if ended.parent is None:
        for name in ("driver", "read_once"):
            session.info.pop(name, None)


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


async def _write_last_rows(session: AsyncSession) -> None:
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


def is_one_of(column: Any, name: str = "ids") -> ColumnElement[bool]:
    """That a column of ids holds one of the parameter's. One statement for any number, unlike IN."""
    holds: ColumnElement[bool] = column == any_(bindparam(name, type_=ARRAY(Uuid)))
    return holds


_LOCK = prepared.prepare(
    text("SELECT pg_advisory_xact_lock(hashtextextended(name, 0)) FROM unnest(CAST(:names AS text[])) AS name")
)


async def advisory_locks(session: AsyncSession, names: Sequence[str]) -> None:
    """Take these locks until the end of the transaction, in one order for all, in a statement of their own.

    What is read after it is what the last holder committed; a snapshot taken before would miss it.
    """
    await prepared.execute(session, _LOCK, {"names": sorted(set(names))})
