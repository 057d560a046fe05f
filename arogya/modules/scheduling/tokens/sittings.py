"""Which queue a moment belongs to: its day and session. Pure.

The day is the local date on which the session began, so that a night's queue stays one queue past midnight.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from arogya.modules.scheduling.slots.computing import Session
from arogya.platform.clock import local_day

OVERRUN = timedelta(hours=2)
"""How long after a night session its queue is still the one that is worked on."""
WHOLE_DAY = "day"
"""What a queue is called on a day without sessions."""


@dataclass(frozen=True, slots=True)
class Sitting:
    """A practitioner's queue at a branch: day, and the session's local start as it is written on tokens."""

    day: date
    name: str
    session: Session | None

    @property
    def turn(self) -> timedelta | None:
        """The slot's length; None on a day without sessions."""
        return self.session.plan.slot_length if self.session else None

    @property
    def is_by_number(self) -> bool:
        return self.session is not None and self.session.plan.kind == "tokens"


def sitting_at(sessions: Sequence[Session], moment: datetime, zone: ZoneInfo) -> Sitting:
    """The session that is on; else last night's that may run over; else the day's nearest.

    sessions: one practitioner's at one branch, from the day before the moment's on.
    """
    today = local_day(moment, zone)
    on = [s for s in sessions if s.starts_at <= moment < s.ends_at]
    last_night = [
        s
        for s in sessions
        if local_day(s.starts_at, zone) < today <= local_day(s.ends_at, zone) and moment < s.ends_at + OVERRUN
    ]
    todays = sorted(
        (s for s in sessions if local_day(s.starts_at, zone) == today),
        key=lambda s: max(s.starts_at - moment, moment - s.ends_at),
    )
    for session in (*on, *last_night, *todays):
        starts = session.starts_at.astimezone(zone)
        return Sitting(starts.date(), f"{starts:%H:%M}", session)
    return Sitting(today, WHOLE_DAY, None)
