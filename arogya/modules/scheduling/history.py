"""A patient's visits, for the pages of the patients module: fills its ports for history and last visit."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on

from arogya.modules.patients.api import HistoryEntry, LastVisit
from arogya.modules.scheduling.models import Appointment
from arogya.modules.scheduling.transitions import AppointmentStatus
from arogya.modules.staff import api as staff
from arogya.platform.access import Context

MOST = 1000
"""Entries of one patient that are read: more visits than a life has."""
_CAME: Final = (AppointmentStatus.ARRIVED, AppointmentStatus.CHECKED_IN, AppointmentStatus.FULFILLED)
_TITLES: Final = {"walk-in": "Walk-in", "token": "Session visit", "slot": "Appointment"}


class Visits:
    """What scheduling knows of a patient's visits."""

    async def history(self, ctx: Context, patient_id: UUID) -> Sequence[HistoryEntry]:
        at = Appointment
        query = (
            select(
                at.id, at.kind, at.mode, at.status, at.starts_at, at.facility_id, at.practitioner_id, at.reason,
                at.is_override, at.cancel_reason, at.rescheduled_from_id,
            )
            .where(at.patient_id == patient_id, at.status != AppointmentStatus.ENTERED_IN_ERROR)
            .order_by(at.starts_at.desc(), at.id)
            .limit(MOST)
        )  # fmt: skip
        rows = (await ctx.session.execute(query)).all()
        doctors = await staff.practitioners(ctx, {row.practitioner_id for row in rows})
        return [
            HistoryEntry(
                kind="appointment", at=row.starts_at, title=row.reason or _TITLES[row.kind],
                facility_id=row.facility_id, practitioner_id=row.practitioner_id,
                practitioner_name=doctors[row.practitioner_id].display_name, status=row.status,
                details={
                    "appointment_id": row.id, "kind": row.kind, "mode": row.mode, "reason": row.reason,
                    "cancel_reason": row.cancel_reason, "rescheduled_from_id": row.rescheduled_from_id,
                },
            )
            for row in rows
        ]  # fmt: skip

    async def last_visits(self, ctx: Context, patient_ids: Sequence[UUID]) -> Mapping[UUID, LastVisit]:
        at = Appointment
        query = (
            select(at.patient_id, at.practitioner_id, at.starts_at)
            .ext(distinct_on(at.patient_id))
            .where(at.patient_id.in_(patient_ids), at.starts_at <= ctx.now(), at.status.in_(_CAME))
            .order_by(at.patient_id, at.starts_at.desc())
        )
        rows = (await ctx.session.execute(query)).all()
        doctors = await staff.practitioners(ctx, {row.practitioner_id for row in rows})
        return {
            row.patient_id: LastVisit(row.practitioner_id, doctors[row.practitioner_id].display_name, row.starts_at)
            for row in rows
        }


visits: Final = Visits()
