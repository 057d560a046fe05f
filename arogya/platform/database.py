"""Tables, and sessions bound to one tenant.

Every TenantOwned table has key (organization_id, id), forced row security and composite foreign keys; the tenant is
set for the length of a transaction only, so a pooled connection carries nothing from one request to the next.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, ClassVar
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
    insert,
    text,
)
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, SessionTransaction, declared_attr, mapped_column

from arogya.platform import prepared
from arogya.platform.clock import new_id

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


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


class Database:
    """One role's connections to the server."""

    def __init__(self, url: URL, *, pool_size: int = 16, pool_timeout_s: float = 2.0) -> None:
        self.engine: AsyncEngine = create_async_engine(
            async_url(url),
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=pool_timeout_s,
            pool_pre_ping=False,
            connect_args={
                "server_settings": {"application_name": "arogya", "timezone": "UTC", "jit": "off"},
                "command_timeout": 30,
                "timeout": 5,
            },
        )

    @asynccontextmanager
    async def transaction(
        self, organization_id: UUID | None = None, user_id: UUID | None = None
    ) -> AsyncIterator[AsyncSession]:
        """A session in one transaction, bound to the tenant; commits on the way out, rolls back on an exception."""
        async with AsyncSession(self.engine, expire_on_commit=False) as session:
            session.info["organization_id"] = organization_id
            session.info["user_id"] = user_id
            async with session.begin():
                if organization_id is not None or user_id is not None:
                    await bind_tenant(session, organization_id, user_id)
                yield session
                if session.info.get("is_bound"):
                    await _write_last_rows_now(session)

    async def dispose(self) -> None:
        await self.engine.dispose()


_BIND = text("SELECT set_config('arogya.organization_id', :o, true), set_config('arogya.user_id', :u, true)")


async def bind_tenant(session: AsyncSession, organization_id: UUID | None, user_id: UUID | None = None) -> None:
    """Let the rest of this transaction see one organization (None: none)."""
    session.info["organization_id"] = organization_id
    session.info["user_id"] = user_id
    await session.execute(_BIND, {"o": str(organization_id or ""), "u": str(user_id or "")})
    session.info["is_bound"] = True


@event.listens_for(Session, "after_transaction_end")
def _let_go(session: Session, ended: SessionTransaction) -> None:
    if ended.parent is None:
        for name in ("is_bound", "driver", "read_once"):
            session.info.pop(name, None)


@event.listens_for(Session, "before_flush")
def _stamp(session: Session, _flush: object, _instances: object) -> None:
    """Give new rows their tenant and author, changed rows their editor."""
    organization_id, user_id = session.info.get("organization_id"), session.info.get("user_id")
    now = session.info.get("now")
    for row in session.new:
        if isinstance(row, TenantScoped) and row.organization_id is None:
            row.organization_id = organization_id
        if isinstance(row, Recorded):
            row.created_by = row.created_by or user_id
            if now and row.created_at is None:
                row.created_at = now
        if isinstance(row, Edited):
            row.updated_by = row.updated_by or user_id
            if now and row.updated_at is None:
                row.updated_at = now
    for row in session.dirty:
        if isinstance(row, Edited) and session.is_modified(row):
            row.updated_by = user_id
            if now:
                row.updated_at = now


def write_last(session: AsyncSession, table: Table, row: Mapping[str, Any]) -> None:
    """Insert the row just before the commit, together with all others of its table: one trip for the whole trail.

    Only for rows that nothing in the transaction reads. What a savepoint takes back, it takes back too.
    """
    session.info.setdefault("last_rows", []).append((table, row))


async def _write_last_rows_now(session: AsyncSession) -> None:
    found = _last_rows(session)
    if found:
        await session.flush()
    for (table, _), rows in found.items():
        await prepared.insert_rows(session, table, rows)


@event.listens_for(Session, "before_commit")
def _write_last_rows(session: Session) -> None:
    """For who commits by hand, and for what is of no organization."""
    if session.in_nested_transaction():
        return
    found = _last_rows(session)
    if found:
        session.flush()
    for (table, _), rows in found.items():
        session.execute(insert(table), rows)


def _last_rows(session: Session | AsyncSession) -> dict[tuple[Table, tuple[str, ...]], list[Mapping[str, Any]]]:
    """By table and columns; they are written once."""
    found: dict[tuple[Table, tuple[str, ...]], list[Mapping[str, Any]]] = defaultdict(list)
    for table, row in session.info.pop("last_rows", ()):
        found[table, tuple(row)].append(row)
    return found


@event.listens_for(Session, "after_transaction_create")
def _mark(session: Session, transaction: SessionTransaction) -> None:
    if transaction.nested:
        session.info.setdefault("last_rows_before", {})[transaction] = len(session.info.get("last_rows", ()))


@event.listens_for(Session, "after_soft_rollback")
def _take_back(session: Session, ended: SessionTransaction) -> None:
    before = session.info.get("last_rows_before", {}).pop(ended, 0)
    del session.info.get("last_rows", [])[before:]


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
