"""When a series comes again, in wall time: pure. Nine o'clock stays nine o'clock when the clocks change."""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import count
from typing import Literal
from zoneinfo import ZoneInfo

from arogya.modules.scheduling.slots.computing import at_wall

Unit = Literal["day", "week", "month"]
MOST = 60
"""So many visits a series has at most."""


def times(
    first: datetime, zone: ZoneInfo, unit: Unit, every: int, *, how_many: int | None, until: date | None
) -> list[datetime]:
    """The first, and then again every so many days, weeks or months: so many, or until a day, MOST at most.

    A month without that day has it on its last one; the next months go by the first one's day again.
    """
    wall = first.astimezone(zone)
    found: list[datetime] = []
    for day in _days(wall.date(), unit, every):
        if len(found) == min(how_many or MOST, MOST) or (until is not None and day > until):
            return found
        found.append(first if day == wall.date() else at_wall(day, wall.time(), zone))
    return found


def _days(first: date, unit: Unit, every: int) -> Iterator[date]:
    for n in count():
        if unit == "month":
            months = first.month - 1 + n * every
            year, month = first.year + months // 12, months % 12 + 1
            yield date(year, month, min(first.day, monthrange(year, month)[1]))
        else:
            yield first + timedelta(days=n * every * (7 if unit == "week" else 1))


def moved(starts_at: datetime, before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """Where one visit goes when another of its series goes from one time to another: as many days on, at that hour."""
    days = after.astimezone(zone).date() - before.astimezone(zone).date()
    return at_wall(starts_at.astimezone(zone).date() + days, after.astimezone(zone).time(), zone)
