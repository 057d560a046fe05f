"""Ages: what was told stays true on the day it was told, and calendars' odd days come out right."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arogya.modules.patients.ages import OLDEST_YEARS, age_on, birth_from_age

DAYS = st.dates(min_value=date(2000, 1, 1), max_value=date(2100, 12, 31))


@given(DAYS, st.integers(0, OLDEST_YEARS))
def test_an_age_in_years_is_true_today(today: date, years: int) -> None:
    birth = birth_from_age(today, years, None)
    assert birth.precision == "year"
    assert age_on(today, birth.date, birth.precision) == (years, None)


@given(DAYS, st.integers(0, OLDEST_YEARS), st.integers(0, 11))
def test_an_age_in_months_is_true_today(today: date, years: int, months: int) -> None:
    birth = birth_from_age(today, years, months)
    assert birth.precision == "month"
    assert age_on(today, birth.date, birth.precision) == (years, months)


@pytest.mark.parametrize(
    ("today", "born", "age"),
    [
        (date(2027, 2, 28), date(2024, 2, 29), (2, 11)),
        (date(2027, 3, 1), date(2024, 2, 29), (3, 0)),
        (date(2028, 2, 29), date(2024, 2, 29), (4, 0)),
        (date(2026, 11, 22), date(1990, 11, 23), (35, 11)),
        (date(2026, 11, 23), date(1990, 11, 23), (36, 0)),
        (date(2026, 11, 23), date(2026, 11, 23), (0, 0)),
    ],
)
def test_birthdays(today: date, born: date, age: tuple[int, int]) -> None:
    assert age_on(today, born, "day") == age


def test_nothing_is_known_of_an_unknown_birth() -> None:
    assert age_on(date(2026, 11, 23), None, "day") == (None, None)
