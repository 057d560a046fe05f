"""What those who tell people of a visit need to know of it. Ids and times; no audit row, no door."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from arogya.modules.scheduling.models import (
    Appointment,
    LeaveCascade,
    OfferStatus,
    PractitionerDay,
    QueueToken,
    WaitlistOffer,
)
from arogya.platform.clock import day_bounds, local_day
from arogya.platform.database import is_one_of


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
    room_id: UUID | None


@dataclass(frozen=True, slots=True)
class DayState:
    """state: here, late, on-break or gone; until: when they are expected."""

    state: str
    until: datetime | None


_COLUMNS = (
    Appointment.id, Appointment.patient_id, Appointment.practitioner_id, Appointment.facility_id, Appointment.kind,
    Appointment.status, Appointment.starts_at, QueueToken.number, Appointment.room_id,
)  # fmt: skip
_TOKEN = and_(QueueToken.organization_id == Appointment.organization_id, QueueToken.appointment_id == Appointment.id)


async def visit_facts(session: AsyncSession, appointment_id: UUID) -> VisitFacts | None:
    return (await many_visit_facts(session, [appointment_id])).get(appointment_id)


async def many_visit_facts(session: AsyncSession, appointment_ids: Collection[UUID]) -> dict[UUID, VisitFacts]:
    query = select(*_COLUMNS).outerjoin(QueueToken, _TOKEN).where(is_one_of(Appointment.id))
    rows = await session.execute(query, {"ids": list(appointment_ids)})
    return {row[0]: VisitFacts(*row) for row in rows}


@dataclass(frozen=True, slots=True)
class Rebooked:
    """What became of one booking inside a leave. new None: it was cancelled."""

    old: VisitFacts
    new: VisitFacts | None


async def rebooked_by(session: AsyncSession, cascade_id: UUID) -> list[Rebooked]:
    """Those whom one step of leave moved or cancelled; who kept the booking is left out."""
    outcome = await session.scalar(select(LeaveCascade.outcome).where(LeaveCascade.id == cascade_id)) or []
    changed = {
        UUID(one["appointment_id"]): UUID(one["new_appointment_id"]) if one["new_appointment_id"] else None
        for one in outcome
        if one["action"] != "keep"
    }
    found = await many_visit_facts(session, [*changed, *(new for new in changed.values() if new)])
    return [Rebooked(found[old], found[new] if new else None) for old, new in changed.items()]


@dataclass(frozen=True, slots=True)
class OfferFacts:
    """A place that is held for one on the waitlist. is_open: it can still be accepted."""

    offer_id: UUID
    entry_id: UUID
    patient_id: UUID
    practitioner_id: UUID
    facility_id: UUID
    kind: str
    starts_at: datetime
    expires_at: datetime
    is_open: bool


async def offer_facts(session: AsyncSession, offer_id: UUID, now: datetime) -> OfferFacts | None:
    at = WaitlistOffer
    columns: list[Any] = [
        at.id, at.entry_id, at.patient_id, at.practitioner_id, at.facility_id, at.kind, at.starts_at, at.expires_at,
        and_(at.status == OfferStatus.OFFERED, at.expires_at > now),
    ]  # fmt: skip
    row = (await session.execute(select(*columns).where(at.id == offer_id))).one_or_none()
    return OfferFacts(*row) if row else None


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
