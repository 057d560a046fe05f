"""The front page's figures, put together from what each module counts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from arogya.modules.analytics.calendar import WORKING_DAYS, Calendar, calendar_at, usual_of
from arogya.modules.analytics.ports import ports
from arogya.modules.analytics.schemas import (
    AppointmentsRead,
    CollectedRead,
    ComparedRead,
    DoctorsRead,
    HourRead,
    NeedRead,
    PatientsRead,
    SparksRead,
    StatsRead,
    WaitRead,
)
from arogya.modules.organizations import api as organizations
from arogya.modules.patients import api as patients
from arogya.modules.scheduling import api as scheduling
from arogya.modules.scheduling.api import Collected, DayFigures
from arogya.modules.staff import api as staff
from arogya.modules.staff.api import PractitionerCard
from arogya.platform.access import Context
from arogya.policy import Permission

_NOTHING = DayFigures(0, {}, 0, 0, 0, None)
_NO_MONEY = Collected(0, 0, 0)


@dataclass(frozen=True, slots=True)
class Place:
    """Where is counted: these branches, on this clock. one: the single branch that was asked for."""

    facilities: tuple[UUID, ...]
    zone: ZoneInfo
    one: UUID | None


@dataclass(frozen=True, slots=True)
class Days:
    """What each day of the calendar came to by this time of day."""

    calendar: Calendar
    visits: Mapping[date, DayFigures]
    registered: Mapping[date, int]
    collected: Mapping[date, Collected] | None

    @property
    def today(self) -> DayFigures:
        return self.visits.get(self.calendar.today.day, _NOTHING)

    @property
    def usual(self) -> list[date]:
        """Of the same weekdays those on which the hospital worked: a holiday is no measure."""
        return [w.day for w in self.calendar.usual if w.day in self.visits]

    @property
    def working(self) -> list[date]:
        """The last working days, oldest first; today among them, whatever it brought."""
        today = self.calendar.today.day
        return [w.day for w in self.calendar.recent if w.day in self.visits or w.day == today][-WORKING_DAYS:]


async def stats(ctx: Context, facility_id: UUID | None) -> StatsRead:
    """Today's figures. Raises NotFound for an unknown branch, Forbidden for one that is not the reader's."""
    place = await _place(ctx, facility_id)
    days = await _days(ctx, place)
    everyone = await staff.practitioners(ctx, is_active=True)
    # Services are named where somebody must act; they are no doctors, and nobody waits on a doctor's pace there.
    doctors = {who: card for who, card in everyone.items() if not card.is_service}
    pending = await scheduling.pending_bookings(ctx.session, place.facilities, days.calendar.today.starts)
    today = days.today
    return StatsRead(
        facility_id=place.one,
        day=days.calendar.today.day,
        patients=await _patients(ctx, days),
        appointments_today=AppointmentsRead.model_validate({**today.by_status, "total": today.appointments}),
        waiting_now=today.waiting,
        median_wait_minutes=None if today.median_wait_minutes is None else round(today.median_wait_minutes),
        doctors=await _doctors(ctx, place, doctors),
        unread=await ports.unread_count(ctx),
        pending_bookings=pending,
        collected_today_paise=_collected_today(days),
        compared=_compared(days),
        arrivals_by_hour=await _arrivals(ctx, place, days),
        wait_by_doctor=await _waits(ctx, place, days, doctors),
        collected_by_day=_collected_by_day(days),
        sparks=_sparks(days),
        needs_someone=await _needs(ctx, place, days, pending, everyone),
    )


async def _place(ctx: Context, facility_id: UUID | None) -> Place:
    if facility_id is not None:
        branch = await organizations.facility(ctx.session, facility_id)
        ctx.require(Permission.STATS_READ, facility_id)
        return Place((facility_id,), branch.zone, facility_id)
    reach = ctx.facilities(Permission.STATS_READ)
    branches = await organizations.facilities(ctx.session, reach, with_inactive=True)
    hospital = await organizations.organization(ctx.session, ctx.organization_id)
    return Place(tuple(branches), ZoneInfo(hospital.time_zone), None)


async def _days(ctx: Context, place: Place) -> Days:
    calendar = calendar_at(ctx.now(), place.zone)
    windows = calendar.all
    tills = [f for f in place.facilities if ctx.may(Permission.RECEIPT_READ, f)]
    return Days(
        calendar,
        visits=await scheduling.by_day(ctx.session, place.facilities, windows),
        registered=await patients.registered_by_day(ctx.session, [(w.day, w.starts, w.as_of) for w in windows]),
        collected=await scheduling.collected_by_day(ctx.session, tills, windows) if tills else None,
    )


async def _patients(ctx: Context, days: Days) -> PatientsRead:
    counted = await patients.patient_figures(ctx.session)
    new_today = days.registered.get(days.calendar.today.day, 0)
    return PatientsRead(total=counted.total, active=counted.active, new_today=new_today)


async def _doctors(ctx: Context, place: Place, doctors: Mapping[UUID, PractitionerCard]) -> DoctorsRead:
    here = {who for who, card in doctors.items() if any(card.at(facility) for facility in place.facilities)}
    coming = await scheduling.practitioners_still_to_come(ctx.session, place.facilities, ctx.now())
    return DoctorsRead(available=len(coming & here), total=len(here))


def _compared(days: Days) -> ComparedRead:
    usual = [days.visits[day] for day in days.usual]
    return ComparedRead(
        seen=usual_of([day.seen for day in usual]),
        waiting=usual_of([day.waiting for day in usual]),
        median_wait=usual_of([day.median_wait_minutes for day in usual]),
        noshows=usual_of([day.noshows for day in usual]),
        new_patients=usual_of([days.registered.get(day, 0) for day in days.usual]),
    )


async def _arrivals(ctx: Context, place: Place, days: Days) -> list[HourRead]:
    """From the first hour in which anybody came to the last, on today or the usual days."""
    today = days.calendar.today
    windows = [today, *(w for w in days.calendar.usual if w.day in days.visits)]
    came = await scheduling.arrivals_by_hour(ctx.session, place.facilities, windows, place.zone.key)
    hours = {hour for by_hour in came.values() for hour in by_hour}
    if not hours:
        return []
    now_hour = ctx.now().astimezone(place.zone).hour
    return [
        HourRead(
            hour=hour,
            today=came.get(today.day, {}).get(hour, 0) if hour <= now_hour else None,
            usual=usual_of([came.get(day, {}).get(hour, 0) for day in days.usual]),
        )
        for hour in range(min(hours), max(hours) + 1)
    ]


async def _waits(ctx: Context, place: Place, days: Days, doctors: Mapping[UUID, PractitionerCard]) -> list[WaitRead]:
    """The longest first; those whom nobody saw today are left out."""
    calendar = days.calendar
    waits = await scheduling.waits_by_practitioner(ctx.session, place.facilities, calendar.today, calendar.usual)
    shown = [
        WaitRead(
            practitioner_id=who,
            name=doctors[who].display_name,
            today=round(today, 1),
            usual=usual_of([usual]),
        )
        for who, (today, usual) in waits.items()
        if today is not None and who in doctors
    ]
    return sorted(shown, key=lambda wait: (-(wait.today or 0), wait.name))


def _collected_today(days: Days) -> int | None:
    if days.collected is None:
        return None
    today = days.collected.get(days.calendar.today.day)
    return today.total_paise if today else 0


def _collected_by_day(days: Days) -> list[CollectedRead] | None:
    """Newest first, as a cash book is read."""
    if days.collected is None:
        return None
    of_day = [(day, days.collected.get(day, _NO_MONEY)) for day in reversed(days.working)]
    return [
        CollectedRead(day=day, cash_paise=c.cash_paise, upi_paise=c.upi_paise, total_paise=c.total_paise)
        for day, c in of_day
    ]


def _sparks(days: Days) -> SparksRead:
    worked = [days.visits.get(day, _NOTHING) for day in days.working]
    waits = [day.median_wait_minutes for day in worked]
    collected = days.collected
    return SparksRead(
        seen=[day.seen for day in worked],
        waiting=[day.waiting for day in worked],
        median_wait=[round(wait, 1) for wait in waits if wait is not None],
        noshows=[day.noshows for day in worked],
        new_patients=[days.registered.get(day, 0) for day in days.working],
        collected_paise=None
        if collected is None
        else [collected.get(day, _NO_MONEY).so_far_paise for day in days.working],
    )


async def _needs(
    ctx: Context, place: Place, days: Days, pending: int, doctors: Mapping[UUID, PractitionerCard]
) -> list[NeedRead]:
    inside_leave = await scheduling.booked_inside_leave(ctx.session, place.facilities, ctx.now())
    late = await scheduling.late_practitioners(ctx.session, place.facilities, days.calendar.today, ctx.now())
    needs = [NeedRead(kind="pending_bookings", count=pending)] if pending else []
    for kind, counts in (("affected_by_leave", inside_leave), ("late_practitioner", late)):
        for who, count in counts.items():
            name = doctors[who].display_name if who in doctors else None
            needs.append(NeedRead(kind=kind, count=count, practitioner_id=who, practitioner_name=name))
    return needs
