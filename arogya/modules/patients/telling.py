"""How a patient can be told something: on their own phone's screen, or by a text message."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from arogya.modules.patients.accounts import someone_signs_in
from arogya.modules.patients.models import Patient, PatientPhone
from arogya.platform.database import is_one_of


@dataclass(frozen=True, slots=True)
class Recipient:
    """One patient who can be told. has_account: someone signs in for them. e164: the phone for text messages."""

    patient_id: UUID
    name: str
    language: str
    has_account: bool
    e164: str | None


_PHONE = (
    select(PatientPhone.e164)
    .where(
        PatientPhone.organization_id == Patient.organization_id,
        PatientPhone.patient_id == Patient.id,
        PatientPhone.e164.is_not(None),
    )
    .order_by(PatientPhone.position, PatientPhone.id)
    .limit(1)
    .correlate(Patient)
    .scalar_subquery()
)


async def recipients(session: AsyncSession, patient_ids: Collection[UUID], now: datetime) -> dict[UUID, Recipient]:
    """Those who can be told something at all; nobody tells the dead, or whose record is closed."""
    rows = await session.execute(
        select(Patient.id, Patient.name, Patient.language, someone_signs_in(now), _PHONE).where(
            is_one_of(Patient.id), Patient.is_active, ~Patient.is_deceased
        ),
        {"ids": list(patient_ids)},
    )
    return {row[0]: Recipient(*row) for row in rows}
