"""Moments, days and wall times as clients write them, within the years that calendars can reckon with."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from annotated_types import Ge, Le
from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, PlainSerializer

from arogya.platform.clock import day_bounds

_FIRST, _LAST = date(1900, 1, 1), date(2200, 12, 31)


def _written_out(value: object) -> object:
    """Pydantic would take `0` for a second of 1970."""
    if isinstance(value, str) and value.strip().lstrip("+-").replace(".", "", 1).isdecimal():
        raise ValueError("a date or a moment as ISO 8601 has it, not a number")
    return value


Day = Annotated[date, Ge(_FIRST), Le(_LAST)]
AskedDay = Annotated[Day, BeforeValidator(_written_out)]
"""For queries. Not for bodies: JSON's strict reading takes no text for a date once something else has looked at it."""
Moment = Annotated[
    AwareDatetime,
    Ge(datetime(_FIRST.year, _FIRST.month, _FIRST.day, tzinfo=UTC)),
    Le(datetime(_LAST.year, _LAST.month, _LAST.day, tzinfo=UTC)),
]
DayOrMoment = Annotated[Moment | Day, Field(union_mode="left_to_right"), BeforeValidator(_written_out)]
"""A local day, or an exact moment with its zone, for queries."""


def _to_the_minute(value: time) -> time:
    if value.second or value.microsecond or value.tzinfo:
        raise ValueError("a wall time to the minute, without a zone: 09:30")
    return value


WallTime = Annotated[
    time, AfterValidator(_to_the_minute), PlainSerializer(lambda value: f"{value:%H:%M}", return_type=str)
]
"""A time on the branch's wall: `09:30`."""


def begins(at: date | datetime, zone: ZoneInfo) -> datetime:
    """The moment, or when the day begins in the zone."""
    return at.astimezone(UTC) if isinstance(at, datetime) else day_bounds(at, zone)[0]


def ends(at: date | datetime, zone: ZoneInfo) -> datetime:
    """The moment, or when the day is over in the zone."""
    return at.astimezone(UTC) if isinstance(at, datetime) else day_bounds(at, zone)[1]


def utc_days(start: datetime, end: datetime) -> list[date]:
    """The days in UTC that [start, end) touches. Whatever overlaps in time shares one of them, in any zone."""
    first, last = start.astimezone(UTC).date(), (end - timedelta(microseconds=1)).astimezone(UTC).date()
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
