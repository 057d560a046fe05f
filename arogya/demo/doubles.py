"""Who is likely registered twice, as the worker's job would have found it by now."""

from collections import defaultdict
from collections.abc import Iterable
from itertools import combinations

from arogya.demo.founding import Founded
from arogya.demo.moment import Moment
from arogya.demo.people import Person
from arogya.modules.patients.duplicates.keys import keys_of
from arogya.modules.patients.duplicates.scores import LISTED_FROM, compared
from arogya.modules.patients.duplicates.scores import Person as Compared
from arogya.modules.patients.models import PatientDuplicate, PatientMatchKey
from arogya.modules.patients.names import sort_name, words
from arogya.modules.patients.phones import e164


def compare(founded: Founded, people: Iterable[Person], moment: Moment) -> None:
    by_key: dict[str, list[Compared]] = defaultdict(list)
    for person in people:
        if not person.is_unknown:
            one = _compared(person)
            for key in sorted(keys_of(one)):
                by_key[key].append(one)
                founded.rows.add(PatientMatchKey, moment.now, key=key, patient_id=one.id, written_at=moment.now)
    pairs = {frozenset((one, other)) for sharing in by_key.values() for one, other in combinations(sharing, 2)}
    in_order = [tuple(sorted(pair, key=lambda one: one.id)) for pair in pairs]
    for first, second in sorted(in_order, key=lambda pair: (pair[0].id, pair[1].id)):
        likeness = compared(first, second)
        if likeness.score >= LISTED_FROM:
            founded.rows.add(
                PatientDuplicate, moment.now, first_id=first.id, second_id=second.id, score=likeness.score,
                because=list(likeness.because), status="open",
            )  # fmt: skip


def _compared(person: Person) -> Compared:
    assert person.id is not None
    read = e164(person.home.phone, "IN") if person.home.phone else None
    return Compared(
        id=person.id, words=tuple(sort_name(person.name, person.name_local).split()),
        relative_words=tuple(words(person.relative_name or "")), birth_date=person.born,
        birth_date_precision=person.precision, gender=person.gender, postal_code=person.home.postal_code,
        mother_id=person.mother.id if person.mother else None, phones=frozenset({read} if read else ()),
    )  # fmt: skip
