"""How far the actor reaches here: at which branches, over whose appointments."""

from collections.abc import Sequence
from enum import StrEnum
from typing import TypeVarTuple
from uuid import UUID

from sqlalchemy import Select

from arogya.modules.patients import api as patients
from arogya.modules.scheduling.models import Appointment
from arogya.platform.access import Context
from arogya.policy import Permission

Columns = TypeVarTuple("Columns")


def require(ctx: Context, permission: StrEnum, facility_id: UUID | None = None) -> None:
    """Refuse unless the actor holds the permission, at this branch. The system acts for the hospital."""
    if ctx.actor.kind != "system":
        ctx.require(permission, facility_id)


def is_own_only(ctx: Context, permission: StrEnum) -> bool:
    """Whether the actor acts as a patient: for their own records only."""
    return ctx.actor.kind != "system" and ctx.own_only(permission)


async def own_patients(ctx: Context) -> list[UUID]:
    """The patients for whom the actor signs in."""
    if ctx.user_id is None:
        return []
    return await patients.accounts_of(ctx.session, ctx.user_id, ctx.now())


def within(ctx: Context, facility_ids: Sequence[UUID]) -> list[UUID]:
    """Those of the branches whose appointments the actor may read. For who is not there as a patient."""
    allowed = None if ctx.actor.kind == "system" else ctx.facilities(Permission.APPOINTMENT_READ)
    return [one for one in facility_ids if allowed is None or one in allowed]


async def narrowed(
    ctx: Context, query: Select[*Columns], permission: StrEnum = Permission.APPOINTMENT_READ
) -> Select[*Columns]:
    """The query over appointments, narrowed to those that the actor may know of."""
    if ctx.actor.kind == "system":
        return query
    if is_own_only(ctx, permission):
        return query.where(Appointment.patient_id.in_(await own_patients(ctx)))
    facilities = ctx.facilities(permission)
    return query if facilities is None else query.where(Appointment.facility_id.in_(facilities))
