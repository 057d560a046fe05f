"""Time: aware UTC inside, a facility's zone at the edge."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

import uuid_utils.compat


class Clock(Protocol):
    def now(self) -> datetime:
        """The moment, aware, in UTC."""


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class FixedClock:
    """A clock that stands where it was put: for tests and for making the demo's past."""

    def __init__(self, at: datetime) -> None:
        self.at = at.astimezone(UTC)

    def now(self) -> datetime:
        return self.at

    def advance(self, by: timedelta) -> None:
        self.at += by


def new_id() -> UUID:
    """A UUIDv7: ordered by its making, so that indexes grow at one end. Never a secret."""
    return uuid_utils.compat.uuid7()


def local_day(moment: datetime, zone: ZoneInfo) -> date:
    return moment.astimezone(zone).date()


def day_bounds(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The first moment of `day` in `zone` and of the day after, in UTC. Days of 23 or 25 hours come out right."""
    start = datetime.combine(day, time(), zone).astimezone(UTC)
    end = datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)
    return start, end
