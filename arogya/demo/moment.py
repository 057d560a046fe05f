"""When the demo is filled. One date gives one hospital; the time of day decides only how far today has come."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Kolkata")
MINUTE = timedelta(minutes=1)
SUNDAY = 6


@dataclass(frozen=True, slots=True)
class Moment:
    """now: to the minute, in the hospitals' zone."""

    now: datetime

    @classmethod
    def of(cls, moment: datetime) -> "Moment":
        return cls(moment.astimezone(ZONE).replace(second=0, microsecond=0))

    @property
    def today(self) -> date:
        return self.now.date()

    @property
    def midnight(self) -> datetime:
        """The first moment of tomorrow."""
        return at(self.day(1))

    def day(self, offset: int) -> date:
        """The day so many days from today."""
        return self.today + timedelta(days=offset)

    def workday(self, offset: int) -> date:
        """As `day`; instead of a Sunday the day after it, or before it in the past."""
        day = self.day(offset)
        return day + timedelta(days=1 if offset > 0 else -1) if day.weekday() == SUNDAY else day

    def draw(self, *what: str) -> Random:
        """Chance for one purpose: the same on the same date, whatever else was drawn before."""
        return Random(":".join((self.today.isoformat(), *what)))  # noqa: S311 – no secret comes from it


def at(day: date, clock: time = time()) -> datetime:
    return datetime.combine(day, clock, ZONE)


def rounded_down(moment: datetime, minutes: int) -> datetime:
    """The last time before it at which the clock shows a multiple of so many minutes."""
    return moment - ((moment.hour * 60 + moment.minute) % minutes) * MINUTE


def rounded_up(moment: datetime, minutes: int) -> datetime:
    down = rounded_down(moment, minutes)
    return down if down == moment else down + minutes * MINUTE
