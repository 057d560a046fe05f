"""How a person is told apart without saying who they are, and what shows that one knows them."""

import re
from datetime import date

from arogya.modules.patients.accounts import OF_AGE_YEARS
from arogya.modules.patients.ages import age_on
from arogya.modules.patients.models import Patient


def first_name_of(name: str) -> str:
    return name.split(maxsplit=1)[0] if name.split() else ""


def initial_of(name: str) -> str:
    """The first letter of the last word; '' for a single name."""
    words = name.split()
    return words[-1][:1].upper() if len(words) > 1 else ""


def is_child(patient: Patient, today: date) -> bool:
    years, _ = age_on(today, patient.birth_date, "day")
    return years is not None and years < OF_AGE_YEARS


def year_fits(patient: Patient, year: int) -> bool:
    """A year that was reckoned from an age may be one off."""
    if patient.birth_date is None:
        return False
    return abs(patient.birth_date.year - year) <= (0 if patient.birth_date_precision == "day" else 1)


def uhid_fits(patient: Patient, typed: str) -> bool:
    return _plain(typed) == _plain(patient.mrn)


def _plain(number: str) -> str:
    return re.sub(r"[^0-9a-z]", "", number.casefold())
