"""Patients as rows, with everything by which they are found and reached."""

from collections.abc import Sequence
from datetime import datetime
from random import Random

from arogya.demo.founding import Founded
from arogya.demo.moment import Moment
from arogya.demo.people import Person
from arogya.modules.patients.models import (
    MrnCounter,
    NameWord,
    NameWordDeletion,
    Patient,
    PatientConsent,
    PatientContact,
    PatientIdentifier,
    PatientPhone,
    PatientTerm,
)
from arogya.modules.patients.names import sort_name, words
from arogya.modules.patients.phones import e164
from arogya.modules.patients.sounds import sound_key
from arogya.modules.patients.terms import name_terms, number_terms, phone_terms
from arogya.modules.patients.vocabulary import SHORTEST_KEPT, deletions

_NOTICE = "2026-01"
_OF_AGE = 18
_READ_IN_HINDI = frozenset({"hi", "mr"})


def register(founded: Founded, people: Sequence[Person], moment: Moment) -> None:
    """Mothers stand before their babies in people. Sets each person's id."""
    draw = moment.draw(founded.hospital.code, "registry")
    numbers = [_register(founded, person, moment, draw) for person in people]
    founded.rows.add(MrnCounter, founded.since, last=max(numbers))
    known = {word for person in people for word in words(f"{person.name} {person.name_local or ''}")}
    for word in sorted(word for word in known if len(word) >= SHORTEST_KEPT):
        founded.rows.add(NameWord, founded.since, word=word, sound=sound_key(word))
        for deletion in sorted(deletions(word)):
            founded.rows.add(NameWordDeletion, founded.since, deletion=deletion, word=word)


def _register(founded: Founded, person: Person, moment: Moment, draw: Random) -> int:
    rows, at, number = founded.rows, person.known_since, person.number
    assert number is not None
    desk = founded.receptionist(person.home.near)
    mrn = f"{founded.hospital.code}-{number:06d}"
    notice_language = "hi" if person.language in _READ_IN_HINDI else "en"
    has_seen_notice = not person.is_unknown
    sorted_by = sort_name(person.name, person.name_local)
    person.id = rows.add(
        Patient, at, created_by=desk, mrn=mrn, name=person.name, name_local=person.name_local, sort_name=sorted_by,
        relative_kind=person.relative_kind, relative_name=person.relative_name, birth_date=person.born,
        birth_date_precision=person.precision, gender=person.gender, blood_group=person.blood_group,
        email=_email(person, draw), language=person.language, address_line=person.home.address_line,
        city=person.home.city, district=person.home.city, state="Maharashtra" if person.home.city else None,
        postal_code=person.home.postal_code, country="IN", mother_id=person.mother.id if person.mother else None,
        is_unknown=person.is_unknown, is_medico_legal=person.is_medico_legal, is_deceased=person.is_deceased,
        is_active=person.is_active, privacy_notice_version=_NOTICE if has_seen_notice else None,
        privacy_notice_language=notice_language if has_seen_notice else None,
        privacy_notice_at=at if has_seen_notice else None,
    )  # fmt: skip
    phones = _reach(founded, person, at, draw)
    identifiers = _identify(founded, person, at, draw)
    _name_contacts(founded, person, moment, draw)
    agreed, answered = draw.random() < 0.7, draw.random() < 0.6
    if has_seen_notice and answered:
        rows.add(
            PatientConsent, at, patient_id=person.id, purpose="reminders", is_given=agreed, notice_version=_NOTICE,
            notice_language=notice_language,
        )  # fmt: skip
    terms = name_terms(person.name, person.name_local) | phone_terms(phones) | number_terms(mrn, identifiers)
    for kind, term in sorted(terms):
        rows.add(
            PatientTerm, at, kind=kind, term=term, sort_name=sorted_by, patient_id=person.id, is_active=person.is_active
        )
    return number


def _email(person: Person, draw: Random) -> str | None:
    has_one = draw.random() < 0.2
    words = sort_name(person.name).split()
    return f"{'.'.join(words)}@example.org" if has_one and not person.is_unknown and not person.mother else None


def _reach(founded: Founded, person: Person, at: datetime, draw: Random) -> list[tuple[str, str | None]]:
    """The family's phone, and a few people's second one."""
    second = f"90000 1{draw.randrange(10_000):04d}" if draw.random() < 0.08 else None
    numbers = [number for number in (person.home.phone, second) if number and not person.is_unknown]
    phones = [(number, e164(number, "IN")) for number in numbers]
    for position, (number, read) in enumerate(phones):
        founded.rows.add(PatientPhone, at, patient_id=person.id, number=number, e164=read, position=position)
    return phones


def _identify(founded: Founded, person: Person, at: datetime, draw: Random) -> list[tuple[str, str]]:
    last4, tells = f"{draw.randrange(10_000):04d}", draw.random()
    found = [("abha_number", person.abha)] if person.abha else []
    if person.abha and tells < 0.3:
        found.append(("abha_address", f"{'.'.join(sort_name(person.name).split())}.{person.number}@sbx"))
    if tells > 0.9 and not person.is_unknown and not person.mother:
        found.append(("aadhaar_last4", last4))
    for kind, value in found:
        founded.rows.add(PatientIdentifier, at, patient_id=person.id, kind=kind, value=value)
    return found


def _name_contacts(founded: Founded, person: Person, moment: Moment, draw: Random) -> None:
    """The family's one, a guardian for a child; some who came alone name their father."""
    phone, names_one = f"90000 {draw.randrange(10_000, 20_000):05d}", draw.random() < 0.5
    contact, name, relation = person.contact, "", person.contact_relation
    if contact:
        name, phone = contact.name, contact.home.phone or phone
    elif names_one and person.relative_name and not person.is_scripted:
        name, relation = person.relative_name, "father"
    if name:
        founded.rows.add(
            PatientContact, person.known_since, patient_id=person.id, name=name, relation=relation, phone=phone,
            is_guardian=contact is not None and person.age(moment.today) < _OF_AGE,
        )  # fmt: skip
