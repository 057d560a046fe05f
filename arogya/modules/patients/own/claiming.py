"""Claiming a record: the code showed whose phone it is, a year of birth or the UHID shows whose record.

A person may be in many hospitals; each is asked in turn, in a transaction of its own.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from arogya.modules.identity import api as identity
from arogya.modules.organizations.api import organizations_table as organizations
from arogya.modules.patients.accounts import account_patients, own_patient_ids
from arogya.modules.patients.ages import age_on
from arogya.modules.patients.events import PatientAccountsChanged
from arogya.modules.patients.models import Patient, PatientAccount, PatientClaimTries, PatientPhone
from arogya.modules.patients.opening import Relation, open_account
from arogya.modules.patients.own.people import first_name_of, initial_of, is_child, uhid_fits, year_fits
from arogya.modules.patients.own.schemas import Claim, ClaimableRead, FamilyMember
from arogya.modules.patients.persons import record_ids
from arogya.platform.access import Context
from arogya.platform.audit import Action, record_denied
from arogya.platform.clock import local_day
from arogya.platform.database import Database, advisory_locks, bind_tenant
from arogya.platform.errors import Conflict, Field, Forbidden, Invalid, NotFound, Problem
from arogya.policy import Role

MOST_TRIES: Final = 3
_MOST_SHOWN: Final = 20


class PhoneNotProved(Forbidden):
    code, title = "phone_not_proved", "Sign in with the code that is sent to your phone"


class ClaimWrong(Invalid):
    code, title = "claim_wrong", "This is not what the hospital has"


class ClaimAtDesk(Conflict):
    code, title = "claim_at_desk", "The desk of the hospital opens this record for you"


class AlreadyOpen(Conflict):
    code, title = "already_open", "You sign in for this person already"


class OwnRecordAlready(Conflict):
    code, title = "own_record_already", "You have a record of your own in this hospital already"


async def is_phone_known(database: Database, phone: str, now: datetime) -> bool:
    """Whether an active hospital has a living patient with this number."""
    async with database.transaction() as session:
        for organization_id, _, _ in await _active_hospitals(session):
            await bind_tenant(session, organization_id)
            if await session.scalar(select(Patient.id).where(_claimable_by(phone)).limit(1)) is not None:
                return True
    return False


async def _active_hospitals(session: AsyncSession) -> list[tuple[UUID, str, ZoneInfo]]:
    rows = await session.execute(
        select(organizations.c.id, organizations.c.name, organizations.c.time_zone)
        .where(organizations.c.status == "active")
        .order_by(organizations.c.name, organizations.c.id)
    )
    return [(row.id, row.name, ZoneInfo(row.time_zone)) for row in rows]


def _claimable_by(phone: str) -> ColumnElement[bool]:
    has_it = select(PatientPhone.id).where(
        PatientPhone.organization_id == Patient.organization_id,
        PatientPhone.patient_id == Patient.id,
        PatientPhone.e164 == phone,
    )
    return and_(has_it.correlate(Patient).exists(), Patient.is_active, ~Patient.is_deceased, ~Patient.is_unknown)


async def claimable(ctx: Context) -> list[ClaimableRead]:
    """Who has this phone's number and is not signed in for yet. ctx: without a transaction. Raises PhoneNotProved."""
    phone = await _phone(ctx)
    found: list[ClaimableRead] = []
    async with ctx.database.transaction() as session:
        hospitals = await _active_hospitals(session)
    for organization_id, name, zone in hospitals:
        async with _at(ctx, organization_id) as here:
            found += await _claimable_here(here, phone, name, zone)
    return found


async def _phone(ctx: Context) -> str:
    assert ctx.user_id is not None
    async with ctx.database.transaction() as session:
        phone = await identity.proved_phone(session, ctx.user_id, ctx.actor.session_id)
    if phone is None:
        raise PhoneNotProved
    return phone


@asynccontextmanager
async def _at(ctx: Context, organization_id: UUID) -> AsyncIterator[Context]:
    """The same person, as a patient of this hospital."""
    actor = replace(ctx.actor, organization_id=organization_id, roles=(Role.PATIENT.value,))
    async with ctx.database.transaction(organization_id, ctx.user_id) as session:
        session.info["now"] = ctx.now()
        yield replace(ctx, actor=actor, _session=session)


async def _claimable_here(ctx: Context, phone: str, hospital_name: str, zone: ZoneInfo) -> list[ClaimableRead]:
    rows = await ctx.session.execute(
        select(Patient, func.coalesce(PatientClaimTries.failures, 0))
        .outerjoin(PatientClaimTries, _tries_of(ctx))
        .where(_claimable_by(phone), Patient.id.not_in(own_patient_ids(ctx.user_id, ctx.now())))
        .order_by(Patient.birth_date, Patient.sort_name, Patient.id)
        .limit(_MOST_SHOWN)
    )
    today = local_day(ctx.now(), zone)
    found = [_as_read(patient, failures, hospital_name, today) for patient, failures in rows]
    if found:
        ctx.audit(Action.SEARCH, "patient", *(one.patient_id for one in found), details={"by": ["own_phone"]})
    return found


def _tries_of(ctx: Context) -> ColumnElement[bool]:
    return and_(
        PatientClaimTries.organization_id == Patient.organization_id,
        PatientClaimTries.patient_id == Patient.id,
        PatientClaimTries.user_id == ctx.user_id,
    )


def _as_read(patient: Patient, failures: int, hospital_name: str, today: Any) -> ClaimableRead:
    return ClaimableRead(
        organization_id=patient.organization_id, organization_name=hospital_name, patient_id=patient.id,
        first_name=first_name_of(patient.name), initial=initial_of(patient.name),
        age_years=age_on(today, patient.birth_date, patient.birth_date_precision)[0],
        is_child=is_child(patient, today), is_at_desk=failures >= MOST_TRIES,
    )  # fmt: skip


async def claim(ctx: Context, request: Claim) -> FamilyMember:
    """Open the record, or count the failure. ctx: without a transaction.

    Raises PhoneNotProved, NotFound, ClaimWrong, ClaimAtDesk, AlreadyOpen, OwnRecordAlready.
    """
    phone = await _phone(ctx)
    async with ctx.database.transaction() as session:
        hospitals = {one[0]: one for one in await _active_hospitals(session)}
    if request.organization_id not in hospitals:
        raise NotFound
    _, hospital_name, zone = hospitals[request.organization_id]
    async with _at(ctx, request.organization_id) as here:
        claimed = await _claim_here(here, request, phone, zone)
    if isinstance(claimed, Problem):
        raise claimed  # only now: what was counted stays counted
    patient, relation = claimed
    return FamilyMember(
        organization_id=patient.organization_id, organization_name=hospital_name, patient_id=patient.id,
        name=patient.name, relation=relation,
    )  # fmt: skip


async def _claim_here(
    ctx: Context, request: Claim, phone: str, zone: ZoneInfo
) -> tuple[Patient, Relation] | ClaimWrong | ClaimAtDesk:
    patient = await ctx.session.scalar(select(Patient).where(Patient.id == request.patient_id, _claimable_by(phone)))
    if patient is None:
        raise NotFound().about("patient", request.patient_id)
    refused = await _refused(ctx, patient, request)
    if refused is not None:
        record_denied(ctx.session, ctx.audit_facts(), refused.code, "patient", [patient.id])
        return refused
    relation: Relation = "guardian" if is_child(patient, local_day(ctx.now(), zone)) else request.relation
    by = "birth_year" if request.birth_year is not None else "uhid"
    await open_claimed(ctx, patient, relation, by)
    return patient, relation


async def _refused(ctx: Context, patient: Patient, request: Claim) -> ClaimWrong | ClaimAtDesk | None:
    """Count first: of many guesses sent at once, only three are looked at."""
    fresh = insert(PatientClaimTries).values(
        organization_id=ctx.organization_id, patient_id=patient.id, user_id=ctx.user_id, failures=1,
        last_failure_at=ctx.now(),
    )  # fmt: skip
    counted = fresh.on_conflict_do_update(
        index_elements=["organization_id", "patient_id", "user_id"],
        set_={"failures": PatientClaimTries.failures + 1, "last_failure_at": ctx.now()},
    ).returning(PatientClaimTries.failures)
    failures = await ctx.session.scalar(counted) or 0
    if failures > MOST_TRIES:
        return ClaimAtDesk()
    told = request.birth_year
    is_right = year_fits(patient, told) if told is not None else uhid_fits(patient, request.uhid or "")
    if is_right:
        mine = (PatientClaimTries.patient_id == patient.id) & (PatientClaimTries.user_id == ctx.user_id)
        await ctx.session.execute(delete(PatientClaimTries).where(mine))
        return None
    if failures == MOST_TRIES:
        return ClaimAtDesk()
    field = "birth_year" if told is not None else "uhid"
    return ClaimWrong(
        fields=[Field(field, ClaimWrong.code, ClaimWrong.title)], extra={"tries_left": MOST_TRIES - failures}
    )


async def open_by_pass(ctx: Context, patient_id: UUID, user_id: UUID, relation: Relation) -> None:
    """For the pass that was just taken. Raises AlreadyOpen, OwnRecordAlready."""
    assert ctx.user_id == user_id
    patient = await ctx.session.get_one(Patient, (ctx.organization_id, patient_id))
    await open_claimed(ctx, patient, relation, "slip")


async def open_claimed(ctx: Context, patient: Patient, relation: Relation, by: str) -> None:
    """Let the actor sign in for this patient from now on, as a patient of the hospital."""
    assert ctx.user_id is not None
    await advisory_locks(ctx.session, [f"patient-accounts:{ctx.user_id}"])
    held = await account_patients(ctx.session, ctx.user_id, ctx.now())
    if any(one.id == patient.id for one in held):
        raise AlreadyOpen
    if relation == "self" and any(one.relation == "self" for one in held):
        raise OwnRecordAlready
    await open_account(ctx, patient.id, ctx.user_id, relation, by=by)
    await identity.join_as_patient(ctx, ctx.user_id, patient.name if relation == "self" else None)
    ctx.emit(PatientAccountsChanged(patient.id))


async def family(ctx: Context) -> list[FamilyMember]:
    """Everybody whom the actor signs in for, in all hospitals; oneself first in each."""
    assert ctx.user_id is not None
    found: list[FamilyMember] = []
    here = ctx.actor.organization_id
    await bind_tenant(ctx.session, None, ctx.user_id)
    member_of = {one.id for one in await identity.hospitals_of(ctx.session, ctx.user_id, ctx.now()) if one.is_active}
    for organization_id, name, _ in await _active_hospitals(ctx.session):
        if organization_id not in member_of:
            continue
        await bind_tenant(ctx.session, organization_id, ctx.user_id)
        found += [
            FamilyMember(
                organization_id=organization_id, organization_name=name, patient_id=one.id, name=one.name,
                relation=one.relation,
            )
            for one in await account_patients(ctx.session, ctx.user_id, ctx.now())
        ]  # fmt: skip
    await bind_tenant(ctx.session, here, ctx.user_id)
    return found


async def account(ctx: Context, patient_id: UUID, account_id: UUID) -> PatientAccount | None:
    """Of whichever of the person's records."""
    row = await ctx.session.get(PatientAccount, (ctx.organization_id, account_id), with_for_update=True)
    return row if row is not None and row.patient_id in await record_ids(ctx.session, patient_id) else None
