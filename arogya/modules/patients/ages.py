"""Ages: told in years and months, kept as a birth date and how exactly it is known."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date

OLDEST_YEARS = 130


@dataclass(frozen=True, slots=True)
class Birth:
    """precision: `day` for a date that was told, `month` or `year` for one reckoned from an age."""

    date: date
    precision: str


def birth_from_age(today: date, years: int, months: int | None) -> Birth:
    """The birth date that makes the told age true today."""
    total = today.year * 12 + today.month - 1 - years * 12 - (months or 0)
    year, month = divmod(total, 12)
    day = min(today.day, monthrange(year, month + 1)[1])
    return Birth(date(year, month + 1, day), "year" if months is None else "month")


def age_on(today: date, born: date | None, precision: str) -> tuple[int | None, int | None]:
    """Full years, and the months beyond them; no months where only a year was told, nothing for an unknown birth."""
    if born is None:
        return None, None
    months = (today.year - born.year) * 12 + today.month - born.month - (today.day < born.day)
    years, rest = divmod(max(months, 0), 12)
    return years, None if precision == "year" else rest
