"""Visits as rows, with the facts that booking would have told."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import Range

from arogya.modules.scheduling.models import Appointment, QueueToken
from arogya.platform.access import Context
from tests.world import Hospital


async def a_visit(ctx: Context, at: Hospital, **facts: Any) -> Appointment:
    """Tomorrow at 10:00 in Kolkata with the practitioner at main, unless said otherwise."""
    starts: datetime = facts.pop("starts_at", ctx.now() + timedelta(days=1))
    ends = starts + timedelta(minutes=20)
    kind = facts.get("kind", "slot")
    visit = Appointment(
        **{
            "patient_id": at.patient, "practitioner_id": at.practitioner, "facility_id": at.main, "kind": kind,
            "status": "booked", "starts_at": starts, "ends_at": ends,
            "during": None if kind == "walk-in" else Range(starts, ends), **facts,
        }
    )  # fmt: skip
    ctx.add(visit)
    await ctx.session.flush()
    return visit


async def a_token(ctx: Context, visit: Appointment, number: int, status: str = "waiting") -> UUID:
    token = QueueToken(
        appointment_id=visit.id, patient_id=visit.patient_id, practitioner_id=visit.practitioner_id,
        facility_id=visit.facility_id, day=visit.starts_at.date(), session="09:00", number=number, status=status,
        due_at=visit.starts_at, issued_at=ctx.now(),
    )  # fmt: skip
    ctx.add(token)
    await ctx.session.flush()
    return token.id


def ids(visit: Appointment) -> dict[str, UUID]:
    """What every event about a visit says."""
    return {
        "appointment_id": visit.id, "patient_id": visit.patient_id, "practitioner_id": visit.practitioner_id,
        "facility_id": visit.facility_id,
    }  # fmt: skip
