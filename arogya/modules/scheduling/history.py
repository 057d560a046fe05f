"""A patient's visits, for the pages of the patients module: fills its ports for history and last visit."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on

from arogya.modules.patients.api import Booked, HistoryEntry, LastVisit
from arogya.modules.scheduling.models import Appointment, QueueToken, TokenStatus
from arogya.modules.scheduling.transitions import AppointmentStatus
from arogya.modules.staff import api as staff
from arogya.platform.access import Context

MOST = 1000
"""Visits of one patient that are booked in a stretch of time: more than anybody makes."""
_CAME: Final = (AppointmentStatus.ARRIVED, AppointmentStatus.CHECKED_IN, AppointmentStatus.FULFILLED)
_TITLES: Final = {"walk-in": "Walk-in", "token": "Session visit", "slot": "Appointment"}


class Visits:
    """What scheduling knows of a patient's visits."""

    async def history(self, ctx: Context, patient_id: UUID, newest: int) -> Sequence[HistoryEntry]:
        at = Appointment
        query = (
            select(
                at.id, at.kind, at.mode, at.status, at.starts_at, at.facility_id, at.practitioner_id, at.reason,
                at.is_override, at.cancel_reason, at.rescheduled_from_id,
            )
            .where(at.patient_id == patient_id, at.status != AppointmentStatus.ENTERED_IN_ERROR)
            .order_by(at.starts_at.desc(), at.id)
            .limit(newest)
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

    async def history_counts(self, ctx: Context, patient_ids: Sequence[UUID]) -> Mapping[UUID, int]:
        return await self.visit_counts(ctx, patient_ids)

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

    async def visit_counts(self, ctx: Context, patient_ids: Sequence[UUID]) -> Mapping[UUID, int]:
        query = select(Appointment.patient_id, func.count()).where(
            Appointment.patient_id.in_(patient_ids), Appointment.status != AppointmentStatus.ENTERED_IN_ERROR
        )
        return dict((await ctx.session.execute(query.group_by(Appointment.patient_id))).all())

    async def in_consultation(self, ctx: Context, patient_ids: Sequence[UUID]) -> Collection[UUID]:
        query = select(QueueToken.patient_id).where(
            QueueToken.patient_id.in_(patient_ids), QueueToken.status == TokenStatus.IN_CONSULTATION
        )
        return set(await ctx.session.scalars(query))

    async def booked_between(
        self, ctx: Context, patient_ids: Sequence[UUID], since: datetime, until: datetime
    ) -> Sequence[Booked]:
        at = Appointment
        query = select(at.id, at.patient_id, at.starts_at, at.practitioner_id, at.status).where(
            at.patient_id.in_(patient_ids), at.created_at >= since, at.created_at < until,
            at.status != AppointmentStatus.ENTERED_IN_ERROR,
        )  # fmt: skip
        rows = (await ctx.session.execute(query.order_by(at.starts_at, at.id).limit(MOST))).all()
        doctors = await staff.practitioners(ctx, {row.practitioner_id for row in rows})
        return [
            Booked(row.id, row.patient_id, row.starts_at, doctors[row.practitioner_id].display_name, row.status)
            for row in rows
        ]


visits: Final = Visits()
