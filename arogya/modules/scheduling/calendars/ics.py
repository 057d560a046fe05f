"""iCalendar (RFC 5545) as calendar programs read it. Pure.

Times are written in the branch's zone, whose rules come along. A wall time that a clock shows twice means the first of
the two (3.3.5), so the second is written in UTC.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event

MEDIA_TYPE = "text/calendar; charset=utf-8"
ASK_AGAIN = timedelta(hours=1)
_RULES_BEYOND = timedelta(days=366)

Status = Literal["TENTATIVE", "CONFIRMED", "CANCELLED"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One visit. uid stays the same however often it is moved; sequence grows with every change."""

    uid: str
    sequence: int
    status: Status
    starts_at: datetime
    ends_at: datetime
    zone: ZoneInfo
    summary: str
    location: str
    changed_at: datetime


def calendar(name: str, entries: Sequence[Entry], now: datetime) -> bytes:
    """The entries as one file, with the rules of the zones that they name."""
    book = Calendar()
    book.add("prodid", "-//Arogya//Appointments//EN")
    book.add("version", "2.0")
    book.add("calscale", "GREGORIAN")
    book.add("method", "PUBLISH")
    book.add("x-wr-calname", name)
    book.add("refresh-interval", ASK_AGAIN, parameters={"VALUE": "DURATION"})
    book.add("x-published-ttl", "PT1H")
    for entry in entries:
        book.add_component(_event(entry, now))
    if entries:
        first, last = min(e.starts_at for e in entries), max(e.ends_at for e in entries)
        book.add_missing_timezones(
            first_date=(first - _RULES_BEYOND).date(), last_date=(last + _RULES_BEYOND).date()
        )  # the change before the first entry is among its rules
    written: bytes = book.to_ical()
    return written


def _event(entry: Entry, now: datetime) -> Event:
    event = Event()
    event.add("uid", entry.uid)
    event.add("sequence", entry.sequence)
    event.add("dtstamp", now.astimezone(UTC))
    event.add("last-modified", entry.changed_at.astimezone(UTC))
    event.add("dtstart", _written(entry.starts_at, entry.zone))
    event.add("dtend", _written(entry.ends_at, entry.zone))
    event.add("summary", entry.summary)
    event.add("location", entry.location)
    event.add("status", entry.status)
    event.add("transp", "TRANSPARENT" if entry.status == "CANCELLED" else "OPAQUE")
    event.add("class", "PRIVATE")
    return event


def _written(moment: datetime, zone: ZoneInfo) -> datetime:
    local = moment.astimezone(zone)
    return moment.astimezone(UTC) if local.fold else local
