"""Which days the front page looks at, and up to which moment of each. Pure.

Each day is looked at up to the time of day that it is now: half a Monday is compared with half Mondays.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from statistics import median
from typing import Final
from zoneinfo import ZoneInfo

from arogya.modules.scheduling.api import DayWindow
from arogya.platform.clock import day_bounds, local_day

WEEKS_BACK: Final = 6
DAYS_BACK: Final = 10
"""Calendar days before today among which the last working days are found: seven, where the week has five."""
WORKING_DAYS: Final = 7


@dataclass(frozen=True, slots=True)
class Calendar:
    """today; recent: today and the days before it, oldest first; usual: the same weekday of the last six weeks."""

    today: DayWindow
    recent: tuple[DayWindow, ...]
    usual: tuple[DayWindow, ...]

    @property
    def all(self) -> list[DayWindow]:
        """Each day once."""
        return list({window.day: window for window in (*self.usual, *self.recent)}.values())


def calendar_at(now: datetime, zone: ZoneInfo) -> Calendar:
    today = local_day(now, zone)

    def window(days_ago: int) -> DayWindow:
        return _window(today - timedelta(days=days_ago), now, zone)

    return Calendar(
        today=window(0),
        recent=tuple(window(n) for n in range(DAYS_BACK, -1, -1)),
        usual=tuple(window(7 * n) for n in range(WEEKS_BACK, 0, -1)),
    )


def _window(day: date, now: datetime, zone: ZoneInfo) -> DayWindow:
    starts, ends = day_bounds(day, zone)
    # By the clock on the wall: at 10:52 on both sides of a change to summer time.
    as_of = datetime.combine(day, now.astimezone(zone).time(), zone).astimezone(UTC)
    return DayWindow(day, starts, ends, as_of)


def usual_of(values: Sequence[float | None]) -> float | None:
    """The median of the days of which something is known; None where nothing is."""
    known = [value for value in values if value is not None]
    return round(median(known), 1) if known else None
