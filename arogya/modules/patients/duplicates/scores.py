"""How likely two records are one person's, from 0 to 100, and why. docs/duplicates.md says the same in words."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final
from uuid import UUID

from arogya.modules.patients.names import likeness

LISTED_FROM: Final = 60
"""Below it, too much speaks for two people: a family on one phone, two of one name."""

PHONE: Final = 35
NAME: Final = 40
BIRTH_DATE: Final = 25
NEAR_BIRTH_DATE: Final = 12
SWAPPED_BIRTH_DATE: Final = 15
RELATIVE: Final = 15
POSTAL_CODE: Final = 8
OTHER_GENDER: Final = -30
OTHER_BIRTH_DATE: Final = -20

_ALIKE: Final = 0.7
_RELATIVE_ALIKE: Final = 0.8
_A_YEAR_IN_DAYS: Final = 366
_TOLD: Final = frozenset({"male", "female"})


@dataclass(frozen=True, slots=True)
class Person:
    """What is compared of a record. phones: in one form; words: of the name, folded, as `names.words` gives them."""

    id: UUID
    words: tuple[str, ...]
    relative_words: tuple[str, ...]
    birth_date: date | None
    birth_date_precision: str
    gender: str
    postal_code: str | None
    mother_id: UUID | None
    phones: frozenset[str]


@dataclass(frozen=True, slots=True)
class Likeness:
    score: int
    because: tuple[str, ...]


_NOT_AT_ALL: Final = Likeness(0, ())


def compared(one: Person, other: Person) -> Likeness:
    """because: `phone`, `name`, `birth_date`, `relative`, `postal_code`, the weightiest first."""
    alike = _likeness(one.words, other.words)
    if alike < _ALIKE or one.id == other.mother_id or other.id == one.mother_id:
        return _NOT_AT_ALL
    reasons = {
        "name": round(NAME * alike),
        "phone": PHONE if one.phones & other.phones else 0,
        "birth_date": _births(one, other),
        "relative": RELATIVE if _likeness(one.relative_words, other.relative_words) >= _RELATIVE_ALIKE else 0,
        "postal_code": POSTAL_CODE if one.postal_code and one.postal_code == other.postal_code else 0,
    }
    against = OTHER_GENDER if {one.gender, other.gender} == _TOLD else 0
    score = max(0, min(100, sum(reasons.values()) + against))
    told = sorted((name for name, weight in reasons.items() if weight > 0), key=lambda name: -reasons[name])
    return Likeness(score, tuple(told))


def _births(one: Person, other: Person) -> int:
    """The same day, or day and month swapped; or, where either was reckoned from an age, within a year."""
    if one.birth_date is None or other.birth_date is None:
        return 0
    if one.birth_date_precision == other.birth_date_precision == "day":
        if one.birth_date == other.birth_date:
            return BIRTH_DATE
        swapped = (one.birth_date.day, one.birth_date.month) == (other.birth_date.month, other.birth_date.day)
        return SWAPPED_BIRTH_DATE if swapped and one.birth_date.year == other.birth_date.year else OTHER_BIRTH_DATE
    apart = abs((one.birth_date - other.birth_date).days)
    if apart <= _A_YEAR_IN_DAYS:
        return NEAR_BIRTH_DATE
    return OTHER_BIRTH_DATE if apart > 5 * _A_YEAR_IN_DAYS else 0


@lru_cache(maxsize=50_000)
def _likeness(one: tuple[str, ...], other: tuple[str, ...]) -> float:
    return likeness(list(one), list(other))
