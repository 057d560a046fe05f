"""A portion of lines against what is here already, and into the tables: the rows that the desk's registration makes."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ARRAY, String, Text, bindparam, column, func, select

from arogya.modules.organizations.api import Organization
from arogya.modules.patients.importing.lines import Person, Reason, Refused
from arogya.modules.patients.models import (
    Patient,
    PatientContact,
    PatientIdentifier,
    PatientImportLine,
    PatientImportRefusal,
    PatientPhone,
    PatientTerm,
)
from arogya.modules.patients.mrn import holders_of_mrns, next_mrns
from arogya.modules.patients.vocabulary import keep_words
from arogya.platform.access import Context
from arogya.platform.bulk import load
from arogya.platform.clock import new_id

_SAME_YEAR_DAYS: Final = 366
"""Births that were reckoned from an age, told a year apart, may be one."""


@dataclass(slots=True)
class Portion:
    """Consecutive lines that were read. first: how many lines stand before it; last_line: the number of its last."""

    first: int
    last_line: int
    people: list[Person]
    refused: list[Refused]

    @property
    def count(self) -> int:
        return len(self.people) + len(self.refused)


@dataclass(slots=True)
class Sorted:
    """The portion's people, told apart."""

    new: list[Person]
    refused: list[Refused]
    skipped: list[Person] = field(default_factory=list)


@dataclass(slots=True)
class Seen:
    """Numbers and people of the lines before, to know them when they stand in the file again."""

    mrns: dict[str, int] = field(default_factory=dict)
    numbers: dict[tuple[str, str, str], int] = field(default_factory=dict)
    people: dict[tuple[object, ...], int] = field(default_factory=dict)

    def doubled(self, person: Person) -> list[Reason]:
        """Why this line repeats an earlier one. Remembers it."""
        reasons = []
        if person.mrn:
            first = self.mrns.setdefault(person.mrn, person.line)
            if first != person.line:
                reasons.append(Reason("mrn", "twice_in_file", f"Line {first} has this number too"))
        for number in person.numbers:
            first = self.numbers.setdefault(number, person.line)
            if first != person.line:
                reasons.append(Reason(number[0], "twice_in_file", f"Line {first} has this number too"))
        if person.mrn is None and person.likeness is not None:
            first = self.people.setdefault(person.likeness, person.line)
            if first != person.line:
                reasons.append(Reason("name", "same_person_in_file", f"Line {first} is the same person"))
        return reasons


async def sort_out(ctx: Context, portion: Portion, *, skips_existing: bool) -> Sorted:
    """Who is new. Whoever is here already is refused, or, where that was asked for, skipped."""
    mrns = await holders_of_mrns(ctx, [one.mrn for one in portion.people if one.mrn])
    numbers = await _held_numbers(ctx, portion.people)
    here = await _here_already(ctx, [one for one in portion.people if one.mrn is None])
    found = Sorted([], list(portion.refused))
    for person in portion.people:
        is_known = person.mrn in mrns if person.mrn else person.line in here
        if is_known and skips_existing:
            found.skipped.append(person)
            continue
        reasons = [
            Reason(kind, "identifier_taken", "A patient here has this number")
            for kind, system, value in person.numbers
            if (kind, system, value) in numbers
        ]
        if is_known:
            told = Reason("mrn", "mrn_taken", "A patient here has this number")
            reasons.insert(0, told if person.mrn else Reason("name", "same_person_here", "This person is here already"))
        if reasons:
            found.refused.append(Refused(person.line, person.cells, reasons))
        else:
            found.new.append(person)
    return found


async def _held_numbers(ctx: Context, people: Iterable[Person]) -> set[tuple[str, str, str]]:
    wanted = sorted({number for one in people for number in one.numbers})
    if not wanted:
        return set()
    kinds, systems, values = (list(part) for part in zip(*wanted, strict=True))
    rows = await ctx.session.execute(_HELD, {"kinds": kinds, "systems": systems, "values": values})
    return {(row.kind, row.system, row.value) for row in rows}


_ASKED = (
    func.unnest(
        bindparam("kinds", type_=ARRAY(String)),
        bindparam("systems", type_=ARRAY(String)),
        bindparam("values", type_=ARRAY(String)),
    )
    .table_valued(column("kind", String), column("system", String), column("value", String))
    .render_derived()
)
_HELD = select(PatientIdentifier.kind, PatientIdentifier.system, PatientIdentifier.value).join(
    _ASKED,
    (PatientIdentifier.kind == _ASKED.c.kind)
    & (PatientIdentifier.system == _ASKED.c.system)
    & (PatientIdentifier.value == _ASKED.c.value),
)


async def _here_already(ctx: Context, people: Sequence[Person]) -> set[int]:
    """Lines without a number whose person is here: the same name, sex and phone, and a birth that can be the same."""
    known = {one.line: one for one in people if one.birth is not None and one.phones}
    if not known:
        return set()
    names = sorted({one.sort_name for one in known.values()})
    by_name: dict[tuple[str, str], list[Any]] = {}
    for row in await ctx.session.execute(_NAMED, {"names": names}):
        by_name.setdefault((row.sort_name, row.gender), []).append(row)
    return {
        line
        for line, one in known.items()
        if any(_same(one, row) for row in by_name.get((one.sort_name, one.request.gender), ()))
    }


_NAMED = (
    select(
        Patient.sort_name, Patient.gender, Patient.birth_date, Patient.birth_date_precision, PatientPhone.e164,
        PatientPhone.number,
    )
    .join(
        PatientPhone,
        (PatientPhone.organization_id == Patient.organization_id) & (PatientPhone.patient_id == Patient.id),
    )
    .where(Patient.sort_name == func.any(bindparam("names", type_=ARRAY(Text))), Patient.is_active)
)  # fmt: skip


def _same(person: Person, row: Any) -> bool:
    assert person.birth is not None
    if row.birth_date is None or not any(
        (read is not None and read == row.e164) or number == row.number for number, read in person.phones
    ):
        return False
    apart = abs((person.birth.date - row.birth_date).days)
    is_exact = person.birth.precision == row.birth_date_precision == "day"
    return bool(apart == 0 if is_exact else apart <= _SAME_YEAR_DAYS)


async def keep(ctx: Context, import_id: UUID, people: Sequence[Person], hospital: Organization) -> list[UUID]:
    """Make these lines patients, all or none. Their ids, in the lines' order. `lock_mrns` came before `sort_out`."""
    kept = {one.mrn for one in people if one.mrn}
    fresh = iter(await next_mrns(ctx, hospital.code, len(people) - len([1 for one in people if one.mrn]), kept))
    numbered = [(new_id(), one.mrn or next(fresh), one) for one in people]
    await _load_patients(ctx, numbered, hospital)
    await _load_parts(ctx, numbered)
    await _load_terms(ctx, numbered)
    await load(
        ctx.session,
        PatientImportLine,
        ("organization_id", "import_id", "line", "patient_id"),
        [(ctx.organization_id, import_id, one.line, patient_id) for patient_id, _, one in numbered],
    )
    return [patient_id for patient_id, _, _ in numbered]


Numbered = Sequence[tuple[UUID, str, Person]]
_TOLD: Final = (
    "name", "name_local", "relative_kind", "relative_name", "gender", "blood_group", "email", "address_line", "city",
    "district", "state", "postal_code", "country",
)  # fmt: skip


async def _load_patients(ctx: Context, numbered: Numbered, hospital: Organization) -> None:
    now, by = ctx.now(), ctx.user_id
    columns = (
        "organization_id", "id", "mrn", "sort_name", "birth_date", "birth_date_precision", "language", "is_unknown",
        "is_medico_legal", "is_deceased", "is_active", "created_at", "created_by", "updated_at", "updated_by",
        "version", *_TOLD,
    )  # fmt: skip
    rows = [
        (
            ctx.organization_id, patient_id, mrn, one.sort_name, one.birth.date if one.birth else None,
            one.birth.precision if one.birth else "day", one.request.language or hospital.language, False, False,
            False, True, now, by, now, by, 1, *(getattr(one.request, name) for name in _TOLD),
        )
        for patient_id, mrn, one in numbered
    ]  # fmt: skip
    await load(ctx.session, Patient, columns, rows)


async def _load_parts(ctx: Context, numbered: Numbered) -> None:
    """Phones, numbers and contacts."""
    organization_id, now, by = ctx.organization_id, ctx.now(), ctx.user_id
    of_patient = ("organization_id", "id", "patient_id", "created_at", "created_by")
    phones, numbers, contacts = [], [], []
    for patient_id, _, one in numbered:
        for position, (number, read) in enumerate(one.phones):
            phones.append((organization_id, new_id(), patient_id, now, by, number, read, position))
        for known in {(each.kind, each.system, each.value) for each in one.request.identifiers}:
            numbers.append((organization_id, new_id(), patient_id, now, by, *known))
        for position, contact in enumerate(one.request.contacts):
            said = (contact.name, contact.relation, contact.phone, contact.is_emergency, contact.is_guardian)
            contacts.append((organization_id, new_id(), patient_id, now, by, *said, position))
    await load(ctx.session, PatientPhone, (*of_patient, "number", "e164", "position"), phones)
    await load(ctx.session, PatientIdentifier, (*of_patient, "kind", "system", "value"), numbers)
    said_columns = ("name", "relation", "phone", "is_emergency", "is_guardian", "position")
    await load(ctx.session, PatientContact, (*of_patient, *said_columns), contacts)


async def _load_terms(ctx: Context, numbered: Numbered) -> None:
    rows = [
        (ctx.organization_id, True, kind, term, one.sort_name, patient_id)
        for patient_id, mrn, one in numbered
        for kind, term in one.terms(mrn)
    ]
    await keep_words(ctx.session, ctx.organization_id, (row[3] for row in rows if row[2] == "name"))
    # In the key's order, so that the index is written from one end to the other.
    rows.sort(key=lambda row: row[2:5])
    await load(
        ctx.session, PatientTerm, ("organization_id", "is_active", "kind", "term", "sort_name", "patient_id"), rows
    )


async def keep_refusals(ctx: Context, import_id: UUID, refused: Sequence[Refused]) -> None:
    rows = [
        (
            ctx.organization_id, import_id, one.line, json.dumps([asdict(reason) for reason in one.reasons]),
            [cell.replace("\0", "\ufffd") for cell in one.cells],
        )
        for one in refused
    ]  # fmt: skip
    await load(ctx.session, PatientImportRefusal, ("organization_id", "import_id", "line", "reasons", "cells"), rows)
