"""What the front page counts of the doctors' day. Each function is one query; no patient is named.

A day is a facility's own, and is counted as it stood at one time of it: today is compared with what other days had
come to by the same hour.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Date, DateTime, Float, String, Uuid, and_, bindparam, cast, func, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncSession


@dataclass(frozen=True, slots=True)
class DayWindow:
    """One local day from its first moment to the next day's, and the moment in it up to which is counted."""

    day: date
    starts: datetime
    ends: datetime
    as_of: datetime


@dataclass(frozen=True, slots=True)
class DayFigures:
    """by_status: how the day's appointments stand now. The others: how it was at the window's moment."""

    appointments: int
    by_status: Mapping[str, int]
    seen: int
    waiting: int
    noshows: int
    median_wait_minutes: float | None


@dataclass(frozen=True, slots=True)
class Collected:
    """Of the whole day; so_far_paise: up to the window's moment."""

    cash_paise: int
    upi_paise: int
    so_far_paise: int

    @property
    def total_paise(self) -> int:
        return self.cash_paise + self.upi_paise


_VISITS = (
    text("""
    SELECT w.day, w.as_of, a.practitioner_id, a.status, a.fulfilled_at, a.ended_at,
           coalesce(a.arrived_at, a.checked_in_at) AS came_at,
           CASE WHEN t.started_at IS NOT NULL THEN t.started_at
                WHEN t.status = 'done' THEN coalesce(t.called_at, a.fulfilled_at) END AS in_at,
           coalesce(t.ended_at, a.ended_at, a.fulfilled_at,
                    CASE WHEN t.status = 'skipped' THEN coalesce(t.called_at, t.updated_at) END) AS over_at
    FROM unnest(
        CAST(:days AS date[]), CAST(:starts AS timestamptz[]), CAST(:ends AS timestamptz[]),
        CAST(:as_of AS timestamptz[])
    ) AS w (day, starts, ends, as_of)
    JOIN appointments a ON a.facility_id = ANY(CAST(:facilities AS uuid[]))
                       AND a.starts_at >= w.starts AND a.starts_at < w.ends
    LEFT JOIN queue_tokens t ON t.organization_id = a.organization_id AND t.appointment_id = a.id
                            AND t.facility_id = a.facility_id AND t.facility_id = ANY(CAST(:facilities AS uuid[]))
                            AND t.day = ANY(CAST(:token_days AS date[]))
    WHERE a.status NOT IN ('entered-in-error', 'waitlist')
    """)
    .columns(
        day=Date, as_of=DateTime(timezone=True), practitioner_id=Uuid, status=String,
        fulfilled_at=DateTime(timezone=True), ended_at=DateTime(timezone=True), came_at=DateTime(timezone=True),
        in_at=DateTime(timezone=True), over_at=DateTime(timezone=True),
    )
    .cte("visits")
    .c
)  # fmt: skip
"""The visits of the windows. One waits from the patient's coming until they go in, or until it is over without that.

token_days narrows the tokens to those of the windows: PostgreSQL can't guess how few visits the windows hold, and would
otherwise read the tokens of all years.
"""

_WENT_IN = and_(_VISITS.in_at <= _VISITS.as_of, _VISITS.came_at.is_not(None))
_MINUTES = func.greatest(func.extract("epoch", _VISITS.in_at - _VISITS.came_at), 0) / 60
_MEDIAN = func.percentile_cont(0.5).within_group(_MINUTES)

_BY_DAY = select(
    _VISITS.day,
    _VISITS.status,
    func.count().label("appointments"),
    func.count().filter(_VISITS.status == "fulfilled", _VISITS.fulfilled_at <= _VISITS.as_of).label("seen"),
    func.count().filter(_VISITS.status == "noshow", _VISITS.ended_at <= _VISITS.as_of).label("noshows"),
    func.count()
    .filter(
        _VISITS.came_at <= _VISITS.as_of,
        func.coalesce(_VISITS.in_at, _VISITS.over_at, text("'infinity'")) > _VISITS.as_of,
    )
    .label("waiting"),
    cast(_MEDIAN.filter(_WENT_IN), Float).label("minutes"),
).group_by(func.grouping_sets(tuple_(_VISITS.day, _VISITS.status), _VISITS.day))
"""A row for each day, and one for each of its states."""
_WAIT_BY_PRACTITIONER = (
    select(
        _VISITS.practitioner_id,
        (_VISITS.day == bindparam("today")).label("is_today"),
        cast(_MEDIAN, Float).label("minutes"),
    )
    .where(_WENT_IN)
    .group_by(_VISITS.practitioner_id, text("is_today"))
)
_ARRIVALS = text("""
    SELECT w.day, CAST(extract(hour FROM c.came_at AT TIME ZONE :zone) AS int) AS hour, count(*) AS arrivals
    FROM unnest(CAST(:days AS date[]), CAST(:starts AS timestamptz[]), CAST(:ends AS timestamptz[]))
         AS w (day, starts, ends)
    JOIN appointments a ON a.facility_id = ANY(CAST(:facilities AS uuid[]))
                       AND a.starts_at >= w.starts AND a.starts_at < w.ends,
    LATERAL (SELECT coalesce(a.arrived_at, a.checked_in_at) AS came_at) AS c
    WHERE c.came_at IS NOT NULL AND a.status <> 'entered-in-error'
    GROUP BY w.day, hour
""")
_COLLECTED = text("""
    SELECT w.day,
           coalesce(sum(r.amount_paise) FILTER (WHERE r.method = 'cash'), 0) AS cash_paise,
           coalesce(sum(r.amount_paise) FILTER (WHERE r.method = 'upi'), 0) AS upi_paise,
           coalesce(sum(r.amount_paise) FILTER (WHERE r.issued_at <= w.as_of), 0) AS so_far_paise
    FROM unnest(
        CAST(:days AS date[]), CAST(:starts AS timestamptz[]), CAST(:ends AS timestamptz[]),
        CAST(:as_of AS timestamptz[])
    ) AS w (day, starts, ends, as_of)
    JOIN receipts r ON r.facility_id = ANY(CAST(:facilities AS uuid[]))
                   AND r.issued_at >= w.starts AND r.issued_at < w.ends
    GROUP BY w.day
""")
# A wall time and a zone make a moment for each branch by itself: two branches may lie in two zones.
_STILL_TO_COME = text("""
    WITH branches AS (
        SELECT id, time_zone, CAST(CAST(:now AS timestamptz) AT TIME ZONE time_zone AS date) AS today
        FROM facilities WHERE id = ANY(CAST(:facilities AS uuid[]))
    ), sessions AS (
        SELECT s.practitioner_id, b.id AS facility_id, b.today,
               (b.today + w.starts) AT TIME ZONE b.time_zone AS starts_at,
               (b.today + w.ends) AT TIME ZONE b.time_zone AS ends_at
        FROM branches b
        JOIN schedules s ON s.facility_id = b.id AND s.is_active AND s.valid_from <= b.today
                        AND (s.valid_to IS NULL OR s.valid_to >= b.today)
        JOIN schedule_sessions w ON w.organization_id = s.organization_id AND w.schedule_id = s.id
                                AND w.weekday = extract(isodow FROM b.today) - 1
        UNION ALL
        SELECT s.practitioner_id, b.id, b.today, e.starts_at, e.ends_at
        FROM branches b
        JOIN schedules s ON s.facility_id = b.id
        JOIN schedule_exceptions e ON e.organization_id = s.organization_id AND e.schedule_id = s.id
                                  AND e.kind = 'extra' AND e.is_active
                                  AND CAST(e.starts_at AT TIME ZONE b.time_zone AS date) = b.today
    )
    SELECT DISTINCT s.practitioner_id FROM sessions s
    WHERE s.ends_at > :now
      AND NOT EXISTS (
          SELECT FROM schedule_exceptions e
          WHERE e.kind <> 'extra' AND e.is_active
            AND (e.practitioner_id IS NULL OR e.practitioner_id = s.practitioner_id)
            AND (e.facility_id IS NULL OR e.facility_id = s.facility_id)
            AND e.starts_at <= greatest(s.starts_at, :now) AND e.ends_at >= s.ends_at)
      AND NOT EXISTS (
          SELECT FROM practitioner_days d
          WHERE d.practitioner_id = s.practitioner_id AND d.facility_id = s.facility_id AND d.day = s.today
            AND d.state = 'gone')
""")
_PENDING = text("""
    SELECT count(*) FROM appointments
    WHERE facility_id = ANY(CAST(:facilities AS uuid[])) AND status = 'pending' AND starts_at >= :since
""")
# No visit is longer than a day: that lets the index on its start narrow the search.
_INSIDE_LEAVE = text("""
    SELECT a.practitioner_id, count(DISTINCT a.id) AS booked
    FROM schedule_exceptions e
    JOIN appointments a ON a.facility_id = ANY(CAST(:facilities AS uuid[])) AND a.status IN ('pending', 'booked')
                       AND (e.practitioner_id IS NULL OR e.practitioner_id = a.practitioner_id)
                       AND (e.facility_id IS NULL OR e.facility_id = a.facility_id)
                       AND a.starts_at > greatest(CAST(:now AS timestamptz), e.starts_at - interval '1 day')
                       AND a.starts_at < e.ends_at AND a.ends_at > e.starts_at
    WHERE e.kind <> 'extra' AND e.is_active AND e.ends_at > :now
    GROUP BY a.practitioner_id ORDER BY booked DESC, a.practitioner_id
""")
_LATE = text("""
    SELECT d.practitioner_id, count(a.id) AS waiting
    FROM practitioner_days d
    JOIN facilities f ON f.organization_id = d.organization_id AND f.id = d.facility_id
    LEFT JOIN appointments a ON a.facility_id = d.facility_id AND a.practitioner_id = d.practitioner_id
                            AND a.status IN ('arrived', 'checked-in') AND a.starts_at >= :starts AND a.starts_at < :ends
    WHERE d.facility_id = ANY(CAST(:facilities AS uuid[])) AND d.state = 'late'
      AND d.day = CAST(CAST(:now AS timestamptz) AT TIME ZONE f.time_zone AS date)
    GROUP BY d.practitioner_id ORDER BY waiting DESC, d.practitioner_id
""")


async def by_day(
    session: AsyncSession, facilities: Collection[UUID], windows: Sequence[DayWindow]
) -> dict[date, DayFigures]:
    """Days without an appointment are left out: nothing can be said of them."""
    rows = (await session.execute(_BY_DAY, _asked(facilities, windows))).all()
    states: dict[date, dict[str, int]] = {row.day: {} for row in rows}
    for row in rows:
        if row.status is not None:
            states[row.day][row.status] = row.appointments
    return {
        row.day: DayFigures(row.appointments, states[row.day], row.seen, row.waiting, row.noshows, row.minutes)
        for row in rows
        if row.status is None
    }


async def waits_by_practitioner(
    session: AsyncSession, facilities: Collection[UUID], today: DayWindow, usual: Sequence[DayWindow]
) -> dict[UUID, tuple[float | None, float | None]]:
    """Median minutes of waiting: (today, on the usual days), None where nobody was seen."""
    asked = {**_asked(facilities, [today, *usual]), "today": today.day}
    found: dict[UUID, dict[bool, float]] = {}
    for row in await session.execute(_WAIT_BY_PRACTITIONER, asked):
        found.setdefault(row.practitioner_id, {})[row.is_today] = row.minutes
    return {who: (waits.get(True), waits.get(False)) for who, waits in found.items()}


async def arrivals_by_hour(
    session: AsyncSession, facilities: Collection[UUID], windows: Sequence[DayWindow], time_zone: str
) -> dict[date, dict[int, int]]:
    """How many patients came in each hour of the zone's clock."""
    arrivals: dict[date, dict[int, int]] = {}
    for row in await session.execute(_ARRIVALS, {**_asked(facilities, windows), "zone": time_zone}):
        arrivals.setdefault(row.day, {})[row.hour] = row.arrivals
    return arrivals


async def collected_by_day(
    session: AsyncSession, facilities: Collection[UUID], windows: Sequence[DayWindow]
) -> dict[date, Collected]:
    """Money taken at the desk; days without any are left out."""
    rows = await session.execute(_COLLECTED, _asked(facilities, windows))
    return {row.day: Collected(row.cash_paise, row.upi_paise, row.so_far_paise) for row in rows}


async def practitioners_still_to_come(session: AsyncSession, facilities: Collection[UUID], now: datetime) -> set[UUID]:
    """Who sees patients now or later today: in session or before it, not on leave for the rest of it, not gone."""
    return set(await session.scalars(_STILL_TO_COME, {"facilities": list(facilities), "now": now}))


async def pending_bookings(session: AsyncSession, facilities: Collection[UUID], since: datetime) -> int:
    """Bookings that wait for the desk's word."""
    return int(await session.scalar(_PENDING, {"facilities": list(facilities), "since": since}) or 0)


async def booked_inside_leave(session: AsyncSession, facilities: Collection[UUID], now: datetime) -> dict[UUID, int]:
    """Coming bookings that fall into leave or a holiday, by practitioner."""
    rows = await session.execute(_INSIDE_LEAVE, {"facilities": list(facilities), "now": now})
    return dict(rows.all())


async def late_practitioners(
    session: AsyncSession, facilities: Collection[UUID], today: DayWindow, now: datetime
) -> dict[UUID, int]:
    """Who said that they are late today, and how many wait for them."""
    asked = {"facilities": list(facilities), "now": now, "starts": today.starts, "ends": today.ends}
    return dict((await session.execute(_LATE, asked)).all())


def _asked(facilities: Collection[UUID], windows: Sequence[DayWindow]) -> dict[str, Any]:
    return {
        "facilities": list(facilities),
        "days": [w.day for w in windows],
        # A night's queue is of the day on which it began, and another zone's day may be a day ahead.
        "token_days": sorted({w.day + timedelta(days=n) for w in windows for n in (-1, 0, 1)}),
        "starts": [w.starts for w in windows],
        "ends": [w.ends for w in windows],
        "as_of": [w.as_of for w in windows],
    }
