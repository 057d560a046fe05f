"""Who signs in for whom. A guardian's access lapses on the day the child is of age."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Date, DateTime, Select, and_, cast, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from arogya.modules.organizations.api import organizations_table
from arogya.modules.patients.models import Patient, PatientAccount

OF_AGE_YEARS = 18


@dataclass(frozen=True, slots=True)
class AccountPatient:
    """A patient for whom a user signs in. relation: `self`, `guardian`, `carer`."""

    id: UUID
    name: str
    relation: str


def _live(now: datetime) -> ColumnElement[bool]:
    came_of_age = Patient.birth_date + func.make_interval(OF_AGE_YEARS) <= _today(now)
    return and_(
        PatientAccount.valid_from <= now,
        or_(PatientAccount.valid_until.is_(None), PatientAccount.valid_until > now),
        or_(PatientAccount.relation != "guardian", Patient.birth_date.is_(None), ~came_of_age),
        Patient.is_active,
    )


def _today(now: datetime) -> ColumnElement[date]:
    """The day that it is at the hospital: a birthday begins at its midnight."""
    at = func.timezone(organizations_table.c.time_zone, literal(now, DateTime(timezone=True)))
    here = select(cast(at, Date)).where(organizations_table.c.id == PatientAccount.organization_id)
    return here.correlate(PatientAccount).scalar_subquery()


def own_patient_ids(user_id: UUID | None, now: datetime) -> Select[UUID]:
    """The patients of a user's live accounts, in the session's organization."""
    return (
        select(PatientAccount.patient_id)
        .join(Patient, Patient.id == PatientAccount.patient_id)
        .where(PatientAccount.user_id == user_id, _live(now))
    )


async def accounts_of(session: AsyncSession, user_id: UUID, now: datetime) -> list[UUID]:
    """The patients for whom the user signs in, in the session's organization."""
    return list(await session.scalars(own_patient_ids(user_id, now)))


async def account_patients(session: AsyncSession, user_id: UUID, now: datetime) -> list[AccountPatient]:
    """As `accounts_of`, with names: oneself first."""
    rows = await session.execute(
        select(Patient.id, Patient.name, PatientAccount.relation)
        .join(PatientAccount, PatientAccount.patient_id == Patient.id)
        .where(PatientAccount.user_id == user_id, _live(now))
        .order_by(PatientAccount.relation != "self", Patient.sort_name, Patient.id)
    )
    return [AccountPatient(*row) for row in rows]


async def user_ids_of(session: AsyncSession, patient_id: UUID, now: datetime) -> list[UUID]:
    """The users who sign in for a patient: who hears what concerns them."""
    found = await session.scalars(
        select(PatientAccount.user_id)
        .join(Patient, Patient.id == PatientAccount.patient_id)
        .where(PatientAccount.patient_id == patient_id, _live(now))
        .distinct()
    )
    return list(found)


async def accounts_of_all(session: AsyncSession, user_ids: Iterable[UUID], now: datetime) -> dict[UUID, set[UUID]]:
    """As `accounts_of`, of many users at once."""
    rows = await session.execute(
        select(PatientAccount.user_id, PatientAccount.patient_id)
        .join(Patient, Patient.id == PatientAccount.patient_id)
        .where(PatientAccount.user_id.in_(set(user_ids)), _live(now))
    )
    found: dict[UUID, set[UUID]] = {}
    for row in rows:
        found.setdefault(row.user_id, set()).add(row.patient_id)
    return found


async def live_accounts(session: AsyncSession, patient_id: UUID, now: datetime) -> list[PatientAccount]:
    """Who signs in for a patient now, the oldest first."""
    found = await session.scalars(
        select(PatientAccount)
        .join(Patient, Patient.id == PatientAccount.patient_id)
        .where(PatientAccount.patient_id == patient_id, _live(now))
        .order_by(PatientAccount.valid_from, PatientAccount.id)
    )
    return list(found)
