"""Who this might already be: patients with the same phone, or a similar name and the same birth date."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, and_, literal, or_, select, union

from arogya.modules.organizations.api import organization
from arogya.modules.patients.ages import birth_from_age
from arogya.modules.patients.models import Patient, PatientTerm
from arogya.modules.patients.names import likeness, words
from arogya.modules.patients.phones import e164, national
from arogya.modules.patients.queries import rows_by_id
from arogya.modules.patients.schemas import FindSimilar
from arogya.platform.access import Context
from arogya.platform.audit import Action

MOST_SHOWN: Final = 10
_MOST_CANDIDATES: Final = 300
_ALIKE: Final = 0.7
_SAME_NAME: Final = 0.95
_STATES: Final = [True, False]
"""A deactivated patient who comes back is a duplicate too."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is compared of a candidate."""

    id: UUID
    sort_name: str
    birth_date: date | None
    birth_date_precision: str
    has_same_phone: bool


@dataclass(frozen=True, slots=True)
class Match:
    id: UUID
    because: list[str]
    likeness: float

    @property
    def is_probably_the_same(self) -> bool:
        return "name" in self.because and len(self.because) > 1


async def similar(ctx: Context, told: FindSimilar) -> list[dict[str, Any]]:
    """At most ten rows with `because`, the likeliest first, and one audit row with the ids shown."""
    found = await matches(ctx, told)
    because = {match.id: match.because for match in found}
    rows = [row | {"because": because[row["id"]]} for row in await rows_by_id(ctx, list(because))]
    ctx.audit(Action.SEARCH, "patient", *because, details={"by": sorted(told.model_fields_set)})
    return rows


async def matches(ctx: Context, told: FindSimilar, but: UUID | None = None) -> list[Match]:
    """Whom the told person might be. but: a patient who is not meant."""
    hospital = await organization(ctx.session, ctx.organization_id)
    phone = national(told.phone, e164(told.phone, hospital.country)) if told.phone else ""
    name = words(told.name or "")
    sources = [*_by_phone(phone), *_by_name(name), *_by_birth(told.birth_date)]
    if not sources:
        return []
    candidates = union(*sources).subquery()
    same_phone = select(PatientTerm.patient_id).where(
        PatientTerm.patient_id == Patient.id, PatientTerm.kind == "phone", PatientTerm.term == phone
    )
    query = select(
        Patient.id, Patient.sort_name, Patient.birth_date, Patient.birth_date_precision, same_phone.exists()
    ).where(Patient.id.in_(select(candidates.c.patient_id)))
    compared = [_compare(Known(*row), name, told, ctx) for row in await ctx.session.execute(query)]
    found = [match for match in compared if match.id != but and _is_worth_showing(match, told)]
    return sorted(found, key=lambda match: (-len(match.because), -match.likeness, match.id))[:MOST_SHOWN]


def _by_phone(phone: str) -> list[Select[UUID]]:
    if len(phone) < 6:
        return []
    has = and_(PatientTerm.is_active.in_(_STATES), PatientTerm.kind == "phone", PatientTerm.term == phone)
    return [_some(select(PatientTerm.patient_id).where(has))]


def _by_name(name: Sequence[str]) -> list[Select[UUID]]:
    """Those with one word as it was typed, or beginning alike, whose other words begin alike."""
    return [_some(_named(word, [w for w in name if w != word])) for word in sorted(name, key=len)[-2:] if len(word) > 1]


def _named(word: str, others: Iterable[str]) -> Select[UUID]:
    beginning = word[:3]
    spaced = literal(" ") + PatientTerm.sort_name
    return select(PatientTerm.patient_id).where(
        PatientTerm.is_active.in_(_STATES),
        PatientTerm.kind == "name",
        PatientTerm.term >= beginning,
        PatientTerm.term < beginning + "\U0010ffff",
        or_(PatientTerm.term == word, *(spaced.contains(f" {other[0]}") for other in others), literal(not others)),
    )


def _by_birth(born: date | None) -> list[Select[UUID]]:
    return [_some(select(Patient.id.label("patient_id")).where(Patient.birth_date == born))] if born else []


def _some(query: Select[UUID]) -> Select[UUID]:
    return query.limit(_MOST_CANDIDATES)


def _compare(known: Known, name: Sequence[str], told: FindSimilar, ctx: Context) -> Match:
    alike = likeness(list(name), known.sort_name.split())
    because = [
        *(["phone"] if known.has_same_phone else []),
        *(["name"] if alike >= _ALIKE else []),
        *(["birth_date"] if _same_birth(known, told, ctx) else []),
    ]
    return Match(known.id, because, alike)


def _same_birth(known: Known, told: FindSimilar, ctx: Context) -> bool:
    """The same day; or, where either was reckoned from an age, within a year."""
    if known.birth_date is None:
        return False
    if told.birth_date is not None:
        apart = abs((told.birth_date - known.birth_date).days)
        return apart == 0 if known.birth_date_precision == "day" else apart <= 366
    if told.age_years is None:
        return False
    return abs((birth_from_age(ctx.now().date(), told.age_years, None).date - known.birth_date).days) <= 366


def _is_worth_showing(match: Match, told: FindSimilar) -> bool:
    """A shared phone by itself (a family), a name with a birth date; a name alone while nothing else is typed."""
    if "phone" in match.because or match.is_probably_the_same:
        return True
    only_a_name = not (told.phone or told.birth_date or told.age_years)
    return only_a_name and match.likeness >= _SAME_NAME
