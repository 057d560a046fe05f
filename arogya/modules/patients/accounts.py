"""Who signs in for whom. A guardian's access lapses on the day the child is of age."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, DateTime, ScalarSelect, Select, and_, cast, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from arogya.modules.organizations.api import organizations_table
from arogya.modules.patients.models import Patient, PatientAccount
from arogya.modules.patients.persons import kept, of_same_person

OF_AGE_YEARS = 18


@dataclass(frozen=True, slots=True)
class AccountPatient:
    """A patient for whom a user signs in. relation: `self`, `guardian`, `carer`."""

    id: UUID
    name: str
    relation: str


_Record, _Kept, _Own = aliased(Patient), aliased(Patient), aliased(Patient)
"""The record that an account was opened for, the one that stands for its person now, and any of that person's."""


def _live(now: datetime) -> ColumnElement[bool]:
    came_of_age = _Kept.birth_date + func.make_interval(OF_AGE_YEARS) <= _today(now)
    return and_(
        PatientAccount.valid_from <= now,
        or_(PatientAccount.valid_until.is_(None), PatientAccount.valid_until > now),
        or_(PatientAccount.relation != "guardian", _Kept.birth_date.is_(None), ~came_of_age),
        _Kept.is_active,
    )


def _accounts(*columns: Any, now: datetime) -> Select[*tuple[Any, ...]]:
    """Live accounts, each with the record that stands for its person."""
    return (
        select(*columns)
        .select_from(PatientAccount)
        .join(_Record, _Record.id == PatientAccount.patient_id)
        .join(_Kept, _Kept.id == kept(_Record))
        .where(_live(now))
    )


def _today(now: datetime) -> ColumnElement[date]:
    """The day that it is at the hospital: a birthday begins at its midnight."""
    at = func.timezone(organizations_table.c.time_zone, literal(now, DateTime(timezone=True)))
    here = select(cast(at, Date)).where(organizations_table.c.id == PatientAccount.organization_id)
    return here.correlate(PatientAccount).scalar_subquery()


def own_patient_ids(user_id: UUID | None, now: datetime) -> Select[UUID]:
    """The patients of a user's live accounts, in the session's organization: all records of each of these persons."""
    accounts = _accounts(_Own.id, now=now).where(PatientAccount.user_id == user_id)
    return accounts.join(_Own, of_same_person(_Own, _Kept.id)).distinct()


def someone_signs_in(now: datetime) -> ColumnElement[bool]:
    """That a user acts for the patient of an outer query over `patients`, by whichever record of theirs."""
    return _accounts(PatientAccount.id, now=now).where(_Kept.id == kept(Patient)).correlate(Patient).exists()


async def accounts_of(session: AsyncSession, user_id: UUID, now: datetime) -> list[UUID]:
    """The patients for whom the user signs in, in the session's organization, by all of their records."""
    return list(await session.scalars(own_patient_ids(user_id, now)))


async def account_patients(session: AsyncSession, user_id: UUID, now: datetime) -> list[AccountPatient]:
    """Each of these persons once, by the record that stands for them, with the name: oneself first."""
    accounts = _accounts(_Kept.id, _Kept.name, PatientAccount.relation, now=now)
    rows = await session.execute(
        accounts.where(PatientAccount.user_id == user_id).order_by(
            PatientAccount.relation != "self", _Kept.sort_name, _Kept.id
        )
    )
    return list({row.id: AccountPatient(*row) for row in reversed(rows.all())}.values())[::-1]


async def user_ids_of(session: AsyncSession, patient_id: UUID, now: datetime) -> list[UUID]:
    """The users who sign in for a patient: who hears what concerns them."""
    accounts = _accounts(PatientAccount.user_id, now=now).where(_Kept.id == _person_of(patient_id))
    return list(await session.scalars(accounts.distinct()))


def _person_of(patient_id: UUID) -> ScalarSelect[UUID]:
    """The record that stands for the person of this one."""
    return select(kept(Patient)).where(Patient.id == patient_id).scalar_subquery()


async def accounts_of_all(session: AsyncSession, user_ids: Iterable[UUID], now: datetime) -> dict[UUID, set[UUID]]:
    """As `accounts_of`, of many users at once."""
    accounts = _accounts(PatientAccount.user_id, _Own.id, now=now).where(PatientAccount.user_id.in_(set(user_ids)))
    found: dict[UUID, set[UUID]] = {}
    for user_id, patient_id in await session.execute(accounts.join(_Own, of_same_person(_Own, _Kept.id))):
        found.setdefault(user_id, set()).add(patient_id)
    return found


async def live_accounts(session: AsyncSession, patient_id: UUID, now: datetime) -> list[PatientAccount]:
    """Who signs in for a patient now, by whichever of the person's records; the oldest first."""
    accounts = _accounts(PatientAccount, now=now).where(_Kept.id == _person_of(patient_id))
    return list(await session.scalars(accounts.order_by(PatientAccount.valid_from, PatientAccount.id)))
