"""Who signs in for whom. A guardian's access lapses on the day the child is of age."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from arogya.modules.patients.models import Patient, PatientAccount

OF_AGE_YEARS = 18


@dataclass(frozen=True, slots=True)
class AccountPatient:
    """A patient for whom a user signs in. relation: `self`, `guardian`, `carer`."""

    id: UUID
    name: str
    relation: str


def live_accounts(now: datetime) -> ColumnElement[bool]:
    """That an account lets its user act for the patient now; joined with `patients`."""
    came_of_age = Patient.birth_date + func.make_interval(OF_AGE_YEARS) <= now.date()
    return and_(
        PatientAccount.valid_from <= now,
        or_(PatientAccount.valid_until.is_(None), PatientAccount.valid_until > now),
        or_(PatientAccount.relation != "guardian", Patient.birth_date.is_(None), ~came_of_age),
        Patient.is_active,
    )


def own_patient_ids(user_id: UUID | None, now: datetime) -> Select[UUID]:
    """The patients of a user's live accounts, in the session's organization."""
    return (
        select(PatientAccount.patient_id)
        .join(Patient, Patient.id == PatientAccount.patient_id)
        .where(PatientAccount.user_id == user_id, live_accounts(now))
    )


async def accounts_of(session: AsyncSession, user_id: UUID, now: datetime) -> list[UUID]:
    """The patients for whom the user signs in, in the session's organization."""
    return list(await session.scalars(own_patient_ids(user_id, now)))


async def account_patients(session: AsyncSession, user_id: UUID, now: datetime) -> list[AccountPatient]:
    """As `accounts_of`, with names: oneself first."""
    rows = await session.execute(
        select(Patient.id, Patient.name, PatientAccount.relation)
        .join(PatientAccount, PatientAccount.patient_id == Patient.id)
        .where(PatientAccount.user_id == user_id, live_accounts(now))
        .order_by(PatientAccount.relation != "self", Patient.sort_name, Patient.id)
    )
    return [AccountPatient(*row) for row in rows]


async def user_ids_of(session: AsyncSession, patient_id: UUID, now: datetime) -> list[UUID]:
    """The users who sign in for a patient: who hears what concerns them."""
    found = await session.scalars(
        select(PatientAccount.user_id)
        .join(Patient, Patient.id == PatientAccount.patient_id)
        .where(PatientAccount.patient_id == patient_id, live_accounts(now))
        .distinct()
    )
    return list(found)
