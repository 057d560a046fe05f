"""Those who did not come: marked by the clock, where the hospital wants it so."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Row, bindparam, select

from arogya.modules.organizations import api as organizations
from arogya.modules.scheduling import booking_rules
from arogya.modules.scheduling.appointments import steps
from arogya.modules.scheduling.booking_rules import Rules
from arogya.modules.scheduling.models import Appointment
from arogya.modules.scheduling.slots.computing import LONGEST, Session
from arogya.modules.scheduling.slots.timetables import sessions_between
from arogya.modules.scheduling.transitions import AppointmentStatus
from arogya.platform.access import Context
from arogya.platform.jobs import Work, job

LOOKED_BACK = timedelta(days=7)
"""A visit that nobody marked for a week is the desk's to judge."""
_NAME = "scheduling.mark_no_shows"
_STILL_EXPECTED = (
    select(Appointment.id, Appointment.practitioner_id, Appointment.facility_id, Appointment.schedule_id,
           Appointment.starts_at, Appointment.ends_at)
    .where(
        Appointment.starts_at >= bindparam("since"),
        Appointment.starts_at < bindparam("now"),
        Appointment.ends_at <= bindparam("now"),
        Appointment.status == AppointmentStatus.BOOKED.value,
    )
    .order_by(Appointment.starts_at, Appointment.id)
)  # fmt: skip


@job(_NAME, cron="*/10 * * * *")
async def mark_no_shows(work: Work) -> None:
    for organization_id in await organizations.all_organization_ids(work.database):
        async with work.context(organization_id, _NAME) as ctx:
            for appointment_id in await overdue(ctx, await booking_rules.current(ctx)):
                await steps.no_show(ctx, appointment_id)


async def overdue(ctx: Context, rules: Rules) -> list[UUID]:
    """The booked visits whose patients are past waiting for, as the rules say."""
    if rules.noshow_marking == "by-hand":
        return []
    rows = (await ctx.session.execute(_STILL_EXPECTED, {"since": ctx.now() - LOOKED_BACK, "now": ctx.now()})).all()
    if rules.noshow_marking == "after-minutes":
        return [row.id for row in rows if row.ends_at + timedelta(minutes=rules.noshow_minutes) <= ctx.now()]
    doctors = {row.practitioner_id for row in rows}
    sessions = await sessions_between(ctx, ctx.now() - LOOKED_BACK, ctx.now() + LONGEST, practitioner_ids=doctors)
    return [row.id for row in rows if _session_end(row, sessions) <= ctx.now()]


def _session_end(row: Row[UUID, UUID, UUID, UUID | None, datetime, datetime], sessions: Sequence[Session]) -> datetime:
    """Of the session in which the visit was to be; where the timetable has changed since, of the visit itself."""
    inside = (
        session.ends_at
        for session in sessions
        if session.plan.practitioner_id == row.practitioner_id
        and session.plan.facility_id == row.facility_id
        and session.starts_at <= row.starts_at < session.ends_at
    )
    ends_at: datetime = row.ends_at
    return max(next(inside, ends_at), ends_at)
