"""What a series would be, before it is booked: which times can be had, and what is free near those that can't."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from uuid import UUID

from sqlalchemy import select

from arogya.modules.patients import api as patients
from arogya.modules.scheduling import reach
from arogya.modules.scheduling.appointments.booking import FURTHEST
from arogya.modules.scheduling.appointments.schemas import Proposal
from arogya.modules.scheduling.models import Appointment, holds_its_place
from arogya.modules.scheduling.refusals import (
    AlreadyInSession,
    InThePast,
    NoSuchSlot,
    PatientBusy,
    PractitionerOnLeave,
    RoomTaken,
    SlotTaken,
    TooFarAhead,
)
from arogya.modules.scheduling.series.recurrence import times
from arogya.modules.scheduling.series.schemas import Occurrence, PreviewSeries, SeriesPreview
from arogya.modules.scheduling.slots.computing import LONGEST, Slot
from arogya.modules.scheduling.slots.timetables import Timetable, timetables
from arogya.modules.scheduling.zones import zone_of
from arogya.modules.staff import api as staff
from arogya.platform.access import Context
from arogya.platform.errors import Forbidden, Problem
from arogya.policy import Permission

PROPOSED = 3
NEARBY = timedelta(days=3)
"""How far from a taken time another is looked for."""
_INSTANT = timedelta(microseconds=1)
Visit = tuple[datetime, datetime, str, UUID]


def refuse_patients(ctx: Context, facility_id: UUID | None = None) -> None:
    """Series are the desk's to make and to move. Raises Forbidden."""
    reach.require(ctx, Permission.APPOINTMENT_BOOK, facility_id)
    if reach.is_own_only(ctx, Permission.APPOINTMENT_BOOK):
        raise Forbidden


async def preview(ctx: Context, request: PreviewSeries) -> SeriesPreview:
    """Nothing is kept by it: who books may find a time gone, and is told so."""
    refuse_patients(ctx, request.facility_id)
    await patients.identify(ctx, request.patient_id)
    practitioner = await staff.practitioner(ctx, request.practitioner_id)
    zone = await zone_of(ctx, request.facility_id)
    starts = times(
        request.starts_at, zone, request.unit, request.every, how_many=request.count, until=request.until
    )  # fmt: skip
    first, last = starts[0] - NEARBY, starts[-1] + NEARBY
    found = (await timetables(ctx, first, last, [practitioner.id])).get(practitioner.id, Timetable())
    table = found.only(facility_id=request.facility_id, mode=request.mode)
    visits = await _visits(ctx, request.patient_id, first, last)
    looked = _Looked(table, visits, practitioner, ctx)
    return SeriesPreview(items=[looked.occurrence(at) for at in starts])


class _Looked:
    """The doctor's time and the patient's, read once for the whole series."""

    def __init__(
        self, table: Timetable, visits: Sequence[Visit], practitioner: staff.PractitionerCard, ctx: Context
    ) -> None:
        self._table, self._visits, self._practitioner = table, visits, practitioner
        self._now, self._me = ctx.now(), ctx.user_id

    def occurrence(self, at: datetime) -> Occurrence:
        refused = self._hindrance(at)
        offered = [] if refused is None else [self._proposal(slot) for slot in islice(self._nearest(at), PROPOSED)]
        return Occurrence(starts_at=at, code=refused.code if refused else None, proposals=offered)

    def _hindrance(self, at: datetime) -> type[Problem] | None:
        """What booking this time would say."""
        if at > self._now + FURTHEST:
            return TooFarAhead
        slot = next(iter(self._table.slots(at, at + _INSTANT, self._now)), None)
        if slot is None or slot.status == "past":
            return InThePast if at < self._now else NoSuchSlot
        return PractitionerOnLeave if slot.status == "leave" else self._taken(slot)

    def _taken(self, slot: Slot) -> type[Problem] | None:
        if slot.is_room_taken:
            return RoomTaken
        if not slot.free and not slot.extra and self._me not in slot.holders:
            return SlotTaken
        for starts_at, ends_at, kind, practitioner_id in self._visits:
            if starts_at < slot.ends_at and ends_at > slot.starts_at:
                if slot.kind == kind == "slot":
                    return PatientBusy
                if slot.kind == kind == "token" and practitioner_id == self._practitioner.id:
                    return AlreadyInSession
        return None

    def _nearest(self, at: datetime) -> Iterator[Slot]:
        """Free times, the nearest first."""
        near = self._table.slots(at - NEARBY, at + NEARBY, self._now)
        free = [slot for slot in near if slot.status == "free" and self._taken(slot) is None]
        yield from sorted(free, key=lambda slot: (abs(slot.starts_at - at), slot.starts_at))

    def _proposal(self, slot: Slot) -> Proposal:
        return Proposal(
            practitioner_id=self._practitioner.id, practitioner_name=self._practitioner.display_name,
            facility_id=slot.facility_id, starts_at=slot.starts_at, ends_at=slot.ends_at,
        )  # fmt: skip


async def _visits(ctx: Context, patient_id: UUID, start: datetime, end: datetime) -> list[Visit]:
    a = Appointment
    query = select(a.starts_at, a.ends_at, a.kind, a.practitioner_id).where(
        a.patient_id == patient_id, a.starts_at >= start - LONGEST, a.starts_at < end, a.during.is_not(None),
        holds_its_place(),
    )  # fmt: skip
    return [(row.starts_at, row.ends_at, row.kind, row.practitioner_id) for row in await ctx.session.execute(query)]
