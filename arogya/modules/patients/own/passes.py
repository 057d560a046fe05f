"""The one-time QR of a slip: 24 hours, one use, one patient. It stands in a URL's fragment, which no log sees."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from arogya.modules.identity.api import PassHolder, PassRefused
from arogya.modules.organizations.api import organization
from arogya.modules.patients.ages import age_on
from arogya.modules.patients.models import Patient, PatientClaimTries, PatientPass
from arogya.modules.patients.own.people import first_name_of, initial_of, is_child, year_fits
from arogya.modules.patients.service import find
from arogya.platform.access import Context
from arogya.platform.audit import Action
from arogya.platform.bearer_tokens import hash_of, new_token
from arogya.platform.clock import local_day, new_id
from arogya.platform.errors import Conflict

LASTS: Final = timedelta(hours=24)
MOST_TRIES: Final = 3
KEPT_FOR: Final = timedelta(days=30)
"""After its end, for who asks later which slip it was."""


class NoPassFor(Conflict):
    code, title = "no_pass_for", "This record can't be given out: inactive, deceased, or with no year of birth"


@dataclass(frozen=True, slots=True)
class NewPass:
    """token: shown once, on paper."""

    token: str
    expires_at: datetime


def may_have_pass(patient: Patient) -> bool:
    return patient.is_active and not patient.is_deceased and patient.birth_date is not None


async def give_pass(ctx: Context, patient_id: UUID) -> NewPass:
    """A fresh pass; the ones before it end, and who had failed to claim this record may try again.

    Raises NotFound, NoPassFor.
    """
    patient = await find(ctx, patient_id)
    if not may_have_pass(patient):
        raise NoPassFor
    await _end_passes(ctx.session, patient_id, ctx.now())
    await ctx.session.execute(delete(PatientClaimTries).where(PatientClaimTries.patient_id == patient_id))
    token = new_token(ctx.organization_id)
    made = PatientPass(
        id=new_id(), patient_id=patient_id, token_hash=hash_of(token), expires_at=ctx.now() + LASTS,
    )  # fmt: skip
    ctx.add(made)
    ctx.audit(Action.CREATE, "patient_pass", made.id, patient_id=patient_id)
    await ctx.session.flush()
    return NewPass(token, made.expires_at)


async def _end_passes(session: AsyncSession, patient_id: UUID, now: datetime) -> None:
    good = (PatientPass.patient_id == patient_id) & PatientPass.used_at.is_(None) & (PatientPass.expires_at > now)
    await session.execute(update(PatientPass).where(good).values(expires_at=now))


async def look_at_pass(session: AsyncSession, token: str, now: datetime) -> PassHolder | None:
    found = await _good(session, token, now)
    return await _holder(session, found[1], now) if found else None


async def take_pass(session: AsyncSession, token: str, year: int, now: datetime) -> PassHolder | PassRefused:
    """Of two phones that scan it at once, the row's lock lets one in."""
    found = await _good(session, token, now, lock=True)
    if found is None:
        return PassRefused(None)
    row, patient = found
    if not year_fits(patient, year):
        row.failures += 1
        left = MOST_TRIES - row.failures
        return PassRefused(left or None)
    row.used_at = now
    return await _holder(session, patient, now)


async def _good(
    session: AsyncSession, token: str, now: datetime, *, lock: bool = False
) -> tuple[PatientPass, Patient] | None:
    query = select(PatientPass).where(PatientPass.token_hash == hash_of(token))
    row = await session.scalar(query.with_for_update() if lock else query)
    if row is None or row.used_at is not None or row.expires_at <= now or row.failures >= MOST_TRIES:
        return None
    patient = await session.get_one(Patient, (row.organization_id, row.patient_id))
    return (row, patient) if may_have_pass(patient) else None


async def _holder(session: AsyncSession, patient: Patient, now: datetime) -> PassHolder:
    zone = ZoneInfo((await organization(session, patient.organization_id)).time_zone)
    today = local_day(now, zone)
    return PassHolder(
        patient_id=patient.id, first_name=first_name_of(patient.name), initial=initial_of(patient.name),
        age_years=age_on(today, patient.birth_date, patient.birth_date_precision)[0],
        is_child=is_child(patient, today),
    )  # fmt: skip


async def purge(session: AsyncSession, now: datetime) -> None:
    """Forget what ended long ago, in the bound hospital."""
    await session.execute(delete(PatientPass).where(PatientPass.expires_at < now - KEPT_FOR))
    await session.execute(delete(PatientClaimTries).where(PatientClaimTries.last_failure_at < now - KEPT_FOR))
