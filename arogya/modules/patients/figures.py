"""What the front page counts of patients. No patient is named."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from arogya.modules.patients.models import Patient

_NEW = text("""
    SELECT w.day, count(*) AS registered
    FROM unnest(CAST(:days AS date[]), CAST(:starts AS timestamptz[]), CAST(:ends AS timestamptz[]))
         AS w (day, starts, ends)
    JOIN patients p ON p.created_at >= w.starts AND p.created_at < w.ends
    GROUP BY w.day
""")


@dataclass(frozen=True, slots=True)
class PatientFigures:
    total: int
    active: int


async def patient_figures(session: AsyncSession) -> PatientFigures:
    people = select(func.count(), func.count().filter(Patient.is_active)).where(Patient.merged_into_id.is_(None))
    row = (await session.execute(people)).one()
    return PatientFigures(*row)


async def registered_by_day(
    session: AsyncSession, windows: Sequence[tuple[date, datetime, datetime]]
) -> dict[date, int]:
    """How many records were made in each window (day, from, until); days without any are left out."""
    days, starts, ends = zip(*windows, strict=True)
    rows = await session.execute(_NEW, {"days": list(days), "starts": list(starts), "ends": list(ends)})
    return dict(rows.all())
