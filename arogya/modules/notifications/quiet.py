"""Which text messages wait for the morning.

The codes and letters of an account answer whoever just asked for them; they are identity's, and never wait.
"""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from arogya.modules.notifications.models import TextNotice
from arogya.modules.notifications.schemas import Template
from arogya.modules.organizations import api as organizations
from arogya.modules.scheduling import api as scheduling
from arogya.platform.access import Context

MAY_WAIT: Final = frozenset({Template.APPOINTMENT_CANCELLED, Template.APPOINTMENT_RESCHEDULED})
"""The others are about a place that is held for minutes, or a queue in which somebody waits."""
NOTICE: Final = timedelta(hours=3)
"""So long before a visit one has to know that it is off, or when it is."""


async def held_until(ctx: Context, notice: TextNotice) -> datetime | None:
    """When this message may go; None where it may now."""
    if notice.template not in MAY_WAIT:
        return None
    branch = await organizations.facility(ctx.session, UUID(notice.params["facility_id"]))
    over_at = (await scheduling.booking_rules(ctx)).quiet_till(ctx.now(), branch.zone)
    if over_at is None or any(ctx.now() < at < over_at + NOTICE for at in _visits(notice)):
        return None
    return over_at


def _visits(notice: TextNotice) -> list[datetime]:
    """When the visit is, and when it was before it moved."""
    told = (notice.params.get(name) for name in ("starts_at", "previous_starts_at"))
    return [datetime.fromisoformat(at) for at in told if at is not None]
