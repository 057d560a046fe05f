"""What each table is made of: whose its rows are, and what is kept of who wrote them.

Every TenantOwned table has key (organization_id, id), forced row security and composite foreign keys.
"""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, ForeignKeyConstraint, Integer, MetaData, Uuid, text
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column

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
