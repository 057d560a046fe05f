"""A practitioner as other modules and pages read one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from arogya.modules.staff.models import Practitioner
from arogya.modules.staff.queries import practitioners_matching
from arogya.platform.access import Context
from arogya.platform.database import is_one_of
from arogya.platform.errors import NotFound
from arogya.platform.prepared import mappings, prepare


@dataclass(frozen=True, slots=True)
class Qualification:
    degree: str
    institution: str | None
    year: int | None


@dataclass(frozen=True, slots=True)
class Workplace:
    """A branch where a practitioner sees patients, and the room there."""

    facility_id: UUID
    room: str | None
    floor: str | None


@dataclass(frozen=True, slots=True)
class PractitionerCard:
    """Everything that is said of a practitioner but their own phone and e-mail. kind: practitioner or service."""

    id: UUID
    kind: str
    user_id: UUID | None
    title: str
    name: str
    gender: str
    specialty: str | None
    department_id: UUID | None
    department_name: str | None
    department_name_hi: str | None
    registration_number: str | None
    registration_council: str | None
    qualifications: tuple[Qualification, ...]
    languages: tuple[str, ...]
    practising_since: int | None
    consultation_fee_paise: int
    visit_minutes: int | None
    facilities: tuple[Workplace, ...]
    is_active: bool

    @property
    def display_name(self) -> str:
        """`Dr Kavita Iyer`."""
        return display_name(self.title, self.name)

    @property
    def is_service(self) -> bool:
        return self.kind == "service"

    def room_at(self, facility_id: UUID) -> str | None:
        """Where they usually sit in this branch."""
        place = self.at(facility_id)
        return place.room if place else None

    def at(self, facility_id: UUID) -> Workplace | None:
        """Where they sit in this branch; None where they see no patients there."""
        return next((place for place in self.facilities if place.facility_id == facility_id), None)


_IS_WANTED = is_one_of(Practitioner.id)
# Made once: to build such a statement costs SQLAlchemy more than PostgreSQL takes to answer it.
_ALL = prepare(practitioners_matching())
_THESE = prepare(_ALL.where(_IS_WANTED))
_PLAIN = [one.name for one in fields(PractitionerCard) if one.name not in {"qualifications", "languages", "facilities"}]


def display_name(title: str, name: str) -> str:
    return f"{title} {name}".strip()


async def practitioner(ctx: Context, practitioner_id: UUID) -> PractitionerCard:
    """One practitioner, active or not. Raises NotFound."""
    found = await practitioners(ctx, [practitioner_id])
    if practitioner_id not in found:
        raise NotFound("There is no such practitioner").about("practitioner", practitioner_id)
    return found[practitioner_id]


async def practitioners(
    ctx: Context,
    ids: Iterable[UUID] | None = None,
    *,
    facility_id: UUID | None = None,
    department_id: UUID | None = None,
    search: str = "",
    is_active: bool | None = None,
    kind: str | None = None,
) -> dict[UUID, PractitionerCard]:
    """Those that fit, by name, services (kind None: both) among them.

    ids None: all; is_active None: active or not; unknown ids are left out.
    """
    wanted = None if ids is None else set(ids)
    if wanted is not None and not wanted:
        return {}
    is_narrowed = search or facility_id or department_id or is_active is not None or kind
    query = _ALL
    if is_narrowed:
        query = practitioners_matching(
            search=search, department_id=department_id, facility_id=facility_id, is_active=is_active, kind=kind
        )
    if wanted is not None:
        query = query.where(_IS_WANTED) if is_narrowed else _THESE
    found = await mappings(ctx.session, query, {} if wanted is None else {"ids": wanted})
    return {row["id"]: _card(row) for row in found}


async def practitioner_of_user(session: AsyncSession, user_id: UUID) -> UUID | None:
    """The active practitioner who signs in as this user, in the session's organization."""
    query = select(Practitioner.id).where(Practitioner.user_id == user_id, Practitioner.is_active)
    found: UUID | None = await session.scalar(query)
    return found


def _card(row: Mapping[Any, Any]) -> PractitionerCard:
    facts = {name: row[name] for name in _PLAIN}
    return PractitionerCard(
        **facts,
        qualifications=tuple(Qualification(q["degree"], q["institution"], q["year"]) for q in row["qualifications"]),
        languages=tuple(row["languages"]),
        facilities=tuple(Workplace(UUID(f["facility_id"]), f["room"], f["floor"]) for f in row["facilities"]),
    )
