"""Appointments as people read them: with names, token and receipt, in a handful of queries however many they are."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import Response
from sqlalchemy import Select, and_, bindparam, false, or_, select

from arogya.modules.organizations import api as organizations
from arogya.modules.organizations.api import rooms_table
from arogya.modules.patients import api as patients
from arogya.modules.scheduling import booking_rules, fees, moments, reach
from arogya.modules.scheduling.appointments.places import Placed
from arogya.modules.scheduling.appointments.schemas import (
    AppointmentRead,
    Warned,
)
from arogya.modules.scheduling.booking_rules import Rules
from arogya.modules.scheduling.models import Appointment, QueueToken, Receipt
from arogya.modules.scheduling.transitions import AppointmentStatus
from arogya.modules.scheduling.zones import zone_of
from arogya.modules.staff import api as staff
from arogya.platform.access import Context
from arogya.platform.audit import Action
from arogya.platform.clock import day_bounds, local_day
from arogya.platform.database import is_one_of
from arogya.platform.errors import NotFound
from arogya.platform.paging import Asked, Listing, Paging, as_json, rows_and_total
from arogya.platform.prepared import mappings, prepare
from arogya.policy import Permission

_A = Appointment
_OWN = (
    _A.id, _A.patient_id, _A.practitioner_id, _A.facility_id, _A.room_id, _A.schedule_id, _A.kind, _A.mode, _A.status,
    _A.starts_at, _A.ends_at, _A.lane, _A.is_override, _A.override_reason, _A.is_extra, _A.series_id, _A.is_revisit,
    _A.reason, _A.notes, _A.source, _A.rescheduled_from_id,
    _A.cancel_reason, _A.fee_paise, _A.is_free_revisit, _A.arrived_at, _A.checked_in_at, _A.fulfilled_at, _A.created_at,
    _A.version,
)  # fmt: skip
_OWN_NAMES = [column.key for column in _OWN]
_TOKEN = {"id": QueueToken.id, "number": QueueToken.number, "status": QueueToken.status,
          "called_at": QueueToken.called_at, "is_priority": QueueToken.is_priority}  # fmt: skip
_RECEIPT = {"id": Receipt.id, "number": Receipt.number, "method": Receipt.method}
_TOKEN_PARTS = [(f"token_{name}", name) for name in _TOKEN]
_RECEIPT_PARTS = [(f"receipt_{name}", name) for name in _RECEIPT]


_MOST_SOUGHT = 50
"""Patients whose visits are looked for: who is not among the likeliest needs another letter."""
_STANDING = [
    AppointmentStatus.PENDING,
    AppointmentStatus.BOOKED,
    AppointmentStatus.ARRIVED,
    AppointmentStatus.CHECKED_IN,
]

_COLUMNS: list[Any] = [
    *_OWN,
    *(column.label(f"token_{name}") for name, column in _TOKEN.items()),
    *(column.label(f"receipt_{name}") for name, column in _RECEIPT.items()),
    rooms_table.c.name.label("room"),
]
_EVERYTHING = (
    select(*_COLUMNS)
    .outerjoin(QueueToken, and_(QueueToken.organization_id == _A.organization_id, QueueToken.appointment_id == _A.id))
    .outerjoin(Receipt, and_(Receipt.organization_id == _A.organization_id, Receipt.appointment_id == _A.id))
    .outerjoin(rooms_table, and_(rooms_table.c.organization_id == _A.organization_id, rooms_table.c.id == _A.room_id))
)
_TODAYS = Listing(
    _EVERYTHING.where(
        is_one_of(_A.facility_id, "facility_ids"),
        _A.starts_at >= bindparam("opens"),
        _A.starts_at < bindparam("closes"),
    ).order_by(_A.starts_at, _A.id)
)
_ONE = prepare(_EVERYTHING.where(_A.id == bindparam("id")))


def everything(*more: Any) -> Select[Any]:
    """Appointments with token and receipt, each row ready for `assemble`. more: further columns."""
    return _EVERYTHING.add_columns(*more) if more else _EVERYTHING


async def listed(
    ctx: Context,
    *,
    patient_id: UUID | None = None,
    practitioner_id: UUID | None = None,
    facility_id: UUID | None = None,
    statuses: Sequence[AppointmentStatus] | None = None,
    from_: date | datetime | None = None,
    to: date | datetime | None = None,
    newest_first: bool = False,
) -> Select[Any]:
    """Appointments that begin in the time, for `read_many`. Days are the branch's, or else the hospital's."""
    record_ids = None if patient_id is None else await patients.record_ids(ctx.session, patient_id)
    query = _filtered(record_ids, practitioner_id, facility_id, statuses)
    if from_ is not None or to is not None:
        zone = await zone_of(ctx, facility_id)
        if from_ is not None:
            query = query.where(_A.starts_at >= moments.begins(from_, zone))
        if to is not None:
            query = query.where(_A.starts_at < moments.ends(to, zone))
    return query.order_by(_A.starts_at.desc(), _A.id) if newest_first else query.order_by(_A.starts_at, _A.id)


async def todays(
    ctx: Context,
    *,
    facility_id: UUID | None = None,
    practitioner_id: UUID | None = None,
    statuses: Sequence[AppointmentStatus] | None = None,
) -> Select[Any] | Asked:
    """Appointments of today by each branch's own clock, for `read_many`."""
    wanted = None if facility_id is None else [facility_id]
    by_zone: dict[ZoneInfo, list[UUID]] = {}
    for facility in (await organizations.facilities(ctx.session, wanted, with_inactive=True)).values():
        by_zone.setdefault(facility.zone, []).append(facility.id)
    bounds = {zone: day_bounds(local_day(ctx.now(), zone), zone) for zone in by_zone}
    is_plain = practitioner_id is None and not statuses and not reach.is_own_only(ctx, Permission.APPOINTMENT_READ)
    if is_plain and len(by_zone) == 1:
        ((zone, ids),) = by_zone.items()
        opens, closes = bounds[zone]
        return _TODAYS.asked(facility_ids=reach.within(ctx, ids), opens=opens, closes=closes)
    days = [
        and_(_A.facility_id.in_(ids), _A.starts_at >= bounds[zone][0], _A.starts_at < bounds[zone][1])
        for zone, ids in by_zone.items()
    ]
    query = _filtered(None, practitioner_id, None, statuses).where(or_(false(), *days))
    return query.order_by(_A.starts_at, _A.id)


async def sought(ctx: Context, text: str) -> Select[Any]:
    """Today's and the coming visits of those whom the text finds, the next first, for `read_many`."""
    found = await patients.found_ids(ctx, text, _MOST_SOUGHT)
    opens, _ = day_bounds(local_day(ctx.now(), zone := await zone_of(ctx, None)), zone)
    waits = _A.status.in_(_STANDING)
    return everything().where(_A.patient_id.in_(found), _A.starts_at >= opens, waits).order_by(_A.starts_at, _A.id)


def _filtered(
    record_ids: Sequence[UUID] | None,
    practitioner_id: UUID | None,
    facility_id: UUID | None,
    statuses: Sequence[AppointmentStatus] | None,
) -> Select[Any]:
    query = everything()
    if record_ids is not None:
        query = query.where(_A.patient_id.in_(record_ids))
    if practitioner_id is not None:
        query = query.where(_A.practitioner_id == practitioner_id)
    if facility_id is not None:
        query = query.where(_A.facility_id == facility_id)
    return query.where(_A.status.in_(statuses)) if statuses else query


async def read_many(ctx: Context, query: Select[Any] | Asked, paging: Paging) -> Response:
    """A page of a query made from `everything`, narrowed to what the actor may know of (a listing is told so when it is
    asked); one audit row."""
    within = query if isinstance(query, Asked) else await reach.narrowed(ctx, query)
    rows, total, capped = await rows_and_total(ctx, within, paging)
    shown = await assemble(ctx, rows)
    audit_list(ctx, shown)
    return as_json(AppointmentRead, shown, total, capped)


def audit_list(ctx: Context, shown: Sequence[AppointmentRead]) -> None:
    """The one audit row of a list: its appointments, and whose they are."""
    ids = sorted({str(one.patient_id) for one in shown})
    ctx.audit(Action.SEARCH, "appointment", *(one.id for one in shown), details={"patient_ids": ids})


async def read(ctx: Context, appointment_id: UUID) -> AppointmentRead:
    """One appointment, with an audit row. Raises NotFound for what the actor may not know of."""
    found = await mappings(ctx.session, await reach.narrowed(ctx, _ONE), {"id": appointment_id})
    if not found:
        raise NotFound().about("appointment", appointment_id)
    ctx.audit(Action.READ, "appointment", appointment_id, patient_id=found[0]["patient_id"])
    return (await assemble(ctx, found))[0]


async def answer(ctx: Context, appointment: Appointment) -> AppointmentRead:
    """What was just changed, as the answer to its change, whose audit row is written already."""
    await ctx.session.flush()
    found = await mappings(ctx.session, _ONE, {"id": appointment.id})
    return (await assemble(ctx, found))[0]


async def of_placed(ctx: Context, placed: Placed) -> AppointmentRead:
    """The answer to a booking, from what it read on its way; the same key's second answer is read anew."""
    known = placed.known
    if known is None:
        return await answer(ctx, placed.appointment)
    held = vars(placed.appointment)  # written just now: all of it is there
    row = {key: held[key] for key in _OWN_NAMES}
    row |= {f"token_{name}": getattr(known.token, name, None) for name in _TOKEN}
    row |= {"receipt_id": None, "room": known.room}
    names = _Names(
        {known.patient.id: known.patient}, {known.practitioner.id: known.practitioner},
        {placed.appointment.facility_id: known.facility_name}, {},
    )  # fmt: skip
    shown = names.read(row)
    shown.revisit_free_until = known.fee.revisit_free_until if known.fee.is_revisit else None
    shown.warnings = [Warned(code="overlapping_visit", appointment_id=id_) for id_ in known.overlapping]
    return shown


async def assemble(ctx: Context, rows: Sequence[Mapping[Any, Any]]) -> list[AppointmentRead]:
    """Rows of `everything` with the names of patients, doctors and branches. The caller audits."""
    if not rows:
        return []
    facilities = await organizations.facilities(ctx.session, {row["facility_id"] for row in rows})
    practitioners = await staff.practitioners(ctx, {row["practitioner_id"] for row in rows})
    names = _Names(
        await patients.identities(ctx, {row["patient_id"] for row in rows}),
        practitioners,
        {id_: facility.name for id_, facility in facilities.items()},
        await _free_until(ctx, [row for row in rows if not practitioners[row["practitioner_id"]].is_service]),
    )
    return [names.read(row) for row in rows]


class _Names:
    """Whom and what the rows name."""

    def __init__(
        self,
        patients_: Mapping[UUID, patients.PatientIdentity],
        practitioners: Mapping[UUID, staff.PractitionerCard],
        facilities: Mapping[UUID, str],
        free_until: Mapping[UUID, date],
    ) -> None:
        self._patients = patients_
        self._practitioners = {id_: (card, card.display_name) for id_, card in practitioners.items()}
        self._facilities = facilities
        self._free_until = free_until

    def read(self, row: Mapping[Any, Any]) -> AppointmentRead:
        practitioner, name = self._practitioners[row["practitioner_id"]]
        # Validated from a mapping: pydantic does it in Rust, and is slower at not validating.
        return AppointmentRead.model_validate(
            {
                **row,
                "patient": self._patients.get(row["patient_id"]),
                "practitioner_name": name,
                "practitioner_kind": practitioner.kind,
                "facility_name": self._facilities[row["facility_id"]],
                "room": row["room"] or practitioner.room_at(row["facility_id"]),
                "revisit_free_until": self._free_until.get(row["id"]),
                "token": _part(row, _TOKEN_PARTS),
                "receipt": _part(row, _RECEIPT_PARTS),
                "warnings": [],
            }
        )


def _part(row: Mapping[Any, Any], parts: Sequence[tuple[str, str]]) -> dict[str, Any] | None:
    """parts: names in the row and in the part; the first is of what is there or not."""
    return None if row[parts[0][0]] is None else {name: row[label] for label, name in parts}


async def _free_until(ctx: Context, rows: Sequence[Mapping[Any, Any]]) -> dict[UUID, date]:
    """By appointment: until when a revisit is free. Asks nothing where no row was paid or is a revisit."""
    concerned = [row for row in rows if row["receipt_id"] or row["is_revisit"]]
    if not concerned:
        return {}
    rules = await booking_rules.current(ctx)
    visits = await fees.paid_visits(
        ctx, {row["patient_id"] for row in concerned}, {row["practitioner_id"] for row in concerned},
        since=min(row["starts_at"] for row in concerned) - timedelta(days=rules.revisit_days + 1),
    )  # fmt: skip
    found = {}
    for row in concerned:
        window = _window(row, visits.get((row["patient_id"], row["practitioner_id"]), []), rules)
        if window is not None:
            found[row["id"]] = window
    return found


def _window(row: Mapping[Any, Any], visits: Sequence[fees.PaidVisit], rules: Rules) -> date | None:
    paid = next((visit for visit in visits if visit.starts_at <= row["starts_at"]), None)
    return fees.free_until(paid.day, rules) if paid and rules.revisit_days else None
