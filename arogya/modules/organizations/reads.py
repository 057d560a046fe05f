"""What other modules may know of a hospital, read in one query each."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncSession

from arogya.modules.organizations import models
from arogya.platform.database import Database, is_one_of
from arogya.platform.errors import Forbidden, NotFound
from arogya.platform.prepared import mappings, prepare


class OrganizationSuspended(Forbidden):
    code, title = "hospital_suspended", "This hospital is suspended"


@dataclass(frozen=True, slots=True)
class Organization:
    """code: the prefix of its UHIDs. status: active or suspended."""

    id: UUID
    name: str
    code: str
    status: str
    country: str
    time_zone: str
    language: str
    is_solo: bool
    is_open_to_registration: bool


@dataclass(frozen=True, slots=True)
class Facility:
    id: UUID
    name: str
    code: str
    phone: str | None
    address_line: str | None
    city: str | None
    state: str | None
    postal_code: str | None
    time_zone: str
    gstin: str | None
    upi_vpa: str | None
    is_active: bool

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


@dataclass(frozen=True, slots=True)
class Department:
    id: UUID
    name: str
    name_hi: str | None
    is_active: bool


@dataclass(frozen=True, slots=True)
class Room:
    id: UUID
    facility_id: UUID
    name: str
    floor: str | None
    is_active: bool


def _columns(card: type[Any], model: type[Any]) -> list[Any]:
    return [getattr(model, one.name) for one in fields(card)]


_FACILITIES = prepare(select(*_columns(Facility, models.Facility)).order_by(models.Facility.name))
_ACTIVE_FACILITIES = prepare(_FACILITIES.where(models.Facility.is_active))
_THESE_FACILITIES = prepare(_FACILITIES.where(is_one_of(models.Facility.id)))


def _organization(row: Row[Any]) -> Organization:
    return Organization(**row._mapping)


async def all_organization_ids(database: Database) -> list[UUID]:
    """Every tenant, the suspended too: for the purges of the worker."""
    async with database.transaction() as session:
        return list(await session.scalars(select(models.Organization.id)))


async def any_organization(session: AsyncSession) -> bool:
    """Whether a hospital has been set up."""
    return await session.scalar(select(models.Organization.id).limit(1)) is not None


async def organizations(session: AsyncSession, ids: Iterable[UUID]) -> dict[UUID, Organization]:
    found = await session.execute(
        select(*_columns(Organization, models.Organization)).where(models.Organization.id.in_(set(ids)))
    )
    return {row.id: _organization(row) for row in found}


async def organization(session: AsyncSession, organization_id: UUID) -> Organization:
    """Raises NotFound."""
    found = await organizations(session, [organization_id])
    if organization_id not in found:
        raise NotFound
    return found[organization_id]


async def hospitals_open_to_registration(session: AsyncSession) -> list[Organization]:
    """Where patients may register themselves."""
    found = await session.execute(
        select(*_columns(Organization, models.Organization))
        .where(models.Organization.status == "active", models.Organization.is_open_to_registration)
        .order_by(models.Organization.name)
    )
    return [_organization(row) for row in found]


async def facilities(
    session: AsyncSession, ids: Iterable[UUID] | None = None, *, with_inactive: bool = False
) -> dict[UUID, Facility]:
    """The tenant's branches by id. ids: only these, the inactive among them too."""
    if ids is not None:
        rows = await mappings(session, _THESE_FACILITIES, {"ids": set(ids)})
    else:
        rows = await mappings(session, _FACILITIES if with_inactive else _ACTIVE_FACILITIES)
    return {row["id"]: Facility(**row) for row in rows}


async def facility(session: AsyncSession, facility_id: UUID) -> Facility:
    """Raises NotFound."""
    found = await facilities(session, [facility_id])
    if facility_id not in found:
        raise NotFound("There is no such facility")
    return found[facility_id]


async def departments(session: AsyncSession, ids: Iterable[UUID] | None = None) -> dict[UUID, Department]:
    """The tenant's departments by id, the inactive too: old records name them."""
    query = select(*_columns(Department, models.Department)).order_by(models.Department.name)
    if ids is not None:
        query = query.where(models.Department.id.in_(set(ids)))
    return {row.id: Department(**row._mapping) for row in await session.execute(query)}


async def rooms(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, Room]:
    """These of the tenant's rooms by id, the inactive too: old visits name them."""
    if not ids:
        return {}
    query = select(*_columns(Room, models.Room)).where(models.Room.id.in_(set(ids)))
    return {row.id: Room(**row._mapping) for row in await session.execute(query)}
