"""What a visit costs: the doctor's consultation fee; less, or nothing, within the revisit window of a paid visit."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import and_, bindparam, select

from arogya.modules.organizations.api import facilities_table
from arogya.modules.patients import api as patients
from arogya.modules.scheduling import booking_rules, reach
from arogya.modules.scheduling.booking_rules import Rules
from arogya.modules.scheduling.models import Appointment, Receipt, holds_its_place
from arogya.modules.scheduling.zones import zone_of
from arogya.modules.staff import api as staff
from arogya.platform.access import Context
from arogya.platform.clock import local_day
from arogya.platform.database import is_one_of
from arogya.platform.errors import NotFound
from arogya.platform.prepared import prepare, rows
from arogya.policy import Permission


@dataclass(frozen=True, slots=True)
class Fee:
    """What is due for a visit on a day. is_revisit: within the window that a paid visit opened, free or cheaper;
    revisit_free_until: its last day."""

    fee_paise: int
    is_free_revisit: bool
    is_revisit: bool
    last_paid_at: datetime | None
    revisit_free_until: date | None


@dataclass(frozen=True, slots=True)
class PaidVisit:
    """day: of the visit, in its branch's zone."""

    starts_at: datetime
    day: date
    paid_at: datetime


_EVER = datetime(1900, 1, 1, tzinfo=UTC)
_PERSONS = patients.person_records()
_PAID = prepare(
    select(
        _PERSONS.c.asked_id, Appointment.practitioner_id, Appointment.starts_at, Receipt.issued_at,
        facilities_table.c.time_zone,
    )
    .join(
        Receipt,
        and_(Receipt.organization_id == Appointment.organization_id, Receipt.appointment_id == Appointment.id),
    )
    .join(
        facilities_table,
        and_(
            facilities_table.c.organization_id == Appointment.organization_id,
            facilities_table.c.id == Appointment.facility_id,
        ),
    )
    .join(_PERSONS, _PERSONS.c.record_id == Appointment.patient_id)
    .where(
        is_one_of(Appointment.practitioner_id, "practitioner_ids"),
        Appointment.starts_at >= bindparam("since"),
        Appointment.is_revisit.is_(False),
        holds_its_place(),
    )
    .order_by(Appointment.starts_at.desc())
)  # fmt: skip


async def fee_for(ctx: Context, patient_id: UUID, practitioner_id: UUID, day: date) -> Fee:
    """The fee of a visit to this doctor on this local day. Raises NotFound for an unknown doctor."""
    practitioner = await staff.practitioner(ctx, practitioner_id)
    rules = await booking_rules.current(ctx)
    return await reckon(ctx, patient_id, practitioner, day, rules)


async def fee_today(ctx: Context, patient_id: UUID, practitioner_id: UUID) -> Fee:
    """As `fee_for`, asked by a person: opens the patient's record. Raises NotFound for whom they may not know of."""
    is_own = reach.is_own_only(ctx, Permission.APPOINTMENT_BOOK)
    if is_own and patient_id not in await reach.own_patients(ctx):
        raise NotFound().about("patient", patient_id)
    await patients.identify(ctx, patient_id)
    return await fee_for(ctx, patient_id, practitioner_id, local_day(ctx.now(), await zone_of(ctx)))


async def reckon(ctx: Context, patient_id: UUID, practitioner: staff.PractitionerCard, day: date, rules: Rules) -> Fee:
    """As `fee_for`, where the doctor and the rules were read already."""
    visits = (await paid_visits(ctx, [patient_id], [practitioner.id])).get((patient_id, practitioner.id), [])
    return fee_after(visits, practitioner, day, rules)


def fee_after(visits: Iterable[PaidVisit], practitioner: staff.PractitionerCard, day: date, rules: Rules) -> Fee:
    """The fee on this day for who has paid for these visits to this doctor, newest first.

    A service knows no revisits: the second X-ray is paid like the first.
    """
    paid = next((visit for visit in visits if visit.day <= day), None)
    full = practitioner.consultation_fee_paise
    if paid is None or practitioner.is_service:
        return Fee(full, False, False, None, None)
    until = free_until(paid.day, rules)
    is_revisit = rules.revisit_days > 0 and day <= until
    due = min(full, rules.revisit_fee_paise) if is_revisit else full
    return Fee(due, is_revisit and due == 0, is_revisit, paid.paid_at, until)


def free_until(paid_day: date, rules: Rules) -> date:
    """The last day on which a revisit is free or cheaper."""
    return paid_day + timedelta(days=rules.revisit_days)


async def paid_visits(
    ctx: Context, patient_ids: Iterable[UUID], practitioner_ids: Iterable[UUID], since: datetime = _EVER
) -> dict[tuple[UUID, UUID], list[PaidVisit]]:
    """The visits of a receipt, by (patient, practitioner), newest first. Cancelled and missed ones open no
    window, nor do revisits. Those under all records of the patient, where some were merged.
    """
    told = {"patient_ids": list(patient_ids), "practitioner_ids": list(practitioner_ids), "since": since}
    found: dict[tuple[UUID, UUID], list[PaidVisit]] = {}
    for patient_id, practitioner_id, starts_at, paid_at, zone in await rows(ctx.session, _PAID, told):
        visit = PaidVisit(starts_at, local_day(starts_at, ZoneInfo(zone)), paid_at)
        found.setdefault((patient_id, practitioner_id), []).append(visit)
    return found
