"""What those who tell people of a visit need to know of it. Ids and times; no audit row, no door."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from arogya.modules.scheduling.models import Appointment, PractitionerDay, QueueToken
from arogya.platform.clock import day_bounds, local_day


@dataclass(frozen=True, slots=True)
class VisitFacts:
    appointment_id: UUID
    patient_id: UUID
    practitioner_id: UUID
    facility_id: UUID
    kind: str
    status: str
    starts_at: datetime
    token_number: int | None


@dataclass(frozen=True, slots=True)
class DayState:
    """state: here, late, on-break or gone; until: when they are expected."""

    state: str
    until: datetime | None


_COLUMNS = (
    Appointment.id, Appointment.patient_id, Appointment.practitioner_id, Appointment.facility_id, Appointment.kind,
    Appointment.status, Appointment.starts_at, QueueToken.number,
)  # fmt: skip
_TOKEN = and_(QueueToken.organization_id == Appointment.organization_id, QueueToken.appointment_id == Appointment.id)


async def visit_facts(session: AsyncSession, appointment_id: UUID) -> VisitFacts | None:
    query = select(*_COLUMNS).outerjoin(QueueToken, _TOKEN).where(Appointment.id == appointment_id)
    row = (await session.execute(query)).one_or_none()
    return VisitFacts(*row) if row else None


async def day_state(
    session: AsyncSession, practitioner_id: UUID, facility_id: UUID, zone: ZoneInfo, now: datetime
) -> DayState | None:
    """How the practitioner's day at the branch goes; None where nobody said."""
    query = select(PractitionerDay.state, PractitionerDay.until).where(
        PractitionerDay.practitioner_id == practitioner_id,
        PractitionerDay.facility_id == facility_id,
        PractitionerDay.day == local_day(now, zone),
    )
    row = (await session.execute(query)).one_or_none()
    return DayState(*row) if row else None


async def still_to_be_seen(
    session: AsyncSession, practitioner_id: UUID, facility_id: UUID, zone: ZoneInfo, now: datetime
) -> Sequence[VisitFacts]:
    """Today's visits of the practitioner that wait or are yet to come, in their order."""
    starts, ends = day_bounds(local_day(now, zone), zone)
    query = (
        select(*_COLUMNS)
        .outerjoin(QueueToken, _TOKEN)
        .where(
            Appointment.practitioner_id == practitioner_id,
            Appointment.facility_id == facility_id,
            Appointment.starts_at >= starts,
            Appointment.starts_at < ends,
            Appointment.status.in_(["pending", "booked", "arrived", "checked-in"]),
            or_(QueueToken.status.is_(None), QueueToken.status.in_(["waiting", "called", "skipped"])),
        )
        .order_by(Appointment.starts_at, Appointment.id)
    )
    return [VisitFacts(*row) for row in await session.execute(query)]
