"""What a clinic of one person starts with."""

from datetime import time
from uuid import UUID

from arogya.modules.scheduling.schedules import service as schedules
from arogya.modules.scheduling.schedules.schemas import CreateSchedule, WeeklySession
from arogya.platform.access import Context


async def open_solo_practice(ctx: Context, practitioner_id: UUID, facility_id: UUID) -> None:
    """Monday to Friday, 09:00 to 13:00, in quarters of an hour: something to book at once, and to change at leisure."""
    mornings = [WeeklySession(weekday=day, starts=time(9), ends=time(13)) for day in range(5)]
    await schedules.create(
        ctx, CreateSchedule(practitioner_id=practitioner_id, facility_id=facility_id, sessions=mornings)
    )
