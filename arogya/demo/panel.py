"""Whom a doctor sees: the same people again and again, and at the desk those who are new."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import chain
from random import Random

from arogya.demo.doctors import Doctor
from arogya.demo.moment import Moment
from arogya.demo.people import Person

_CHILD_BELOW = 16
_DAYS_BETWEEN = 4
_TRIES = 20
_OFTEN = 22
"""Who has come so often is not drawn while there are others."""


class Panel:
    def __init__(self, moment: Moment, name: str, doctors: Sequence[Doctor], people: Sequence[Person]) -> None:
        self._today = moment.today
        self._too_soon: dict[tuple[Person, str], set[date]] = {}
        self._busy: dict[date, set[Person]] = {}
        self._new: dict[date, list[Person]] = {}
        able = [p for p in people if p.is_active and not (p.is_deceased or p.is_scripted or p.is_unknown)]
        self._visits: Counter[Person] = Counter()
        self._of: dict[str, list[Person]] = {doctor.username: [] for doctor in doctors}
        self._suited = {doctor.username: [p for p in able if self.suits(doctor, p)] for doctor in doctors}
        self._assign(able, doctors, moment.draw(name, "panel"))
        for person in able:
            self._new.setdefault(person.known_since.date(), []).append(person)

    def _assign(self, people: Sequence[Person], doctors: Sequence[Doctor], draw: Random) -> None:
        for person in people:
            suited = [d for d in doctors if self.suits(d, person)]
            near = [d for d in suited if d.rooms[0].branch == person.home.near] or suited
            wanted = draw.choices((1, 2, 3), (3, 4, 2))[0]
            first = [d for d in near if d.sees == "child"] or near
            person.doctors = list(
                dict.fromkeys(d.username for d in (draw.choice(first), *draw.choices(suited, k=wanted - 1)))
            )
            for username in person.doctors:
                self._of[username].append(person)

    def suits(self, doctor: Doctor, person: Person) -> bool:
        is_child = person.age(self._today) < _CHILD_BELOW
        match doctor.sees:
            case "child":
                return is_child
            case "woman":
                return not is_child and person.gender == "female"
            case "adult":
                return not is_child
        return True

    def one_for(self, doctor: Doctor, day: date, draw: Random) -> Person | None:
        """Someone who was known before that day and is free on it; remembered as busy. None where there is nobody."""
        known, suited = self._of[doctor.username], self._suited[doctor.username]
        drawn = (draw.choice(known if n < _TRIES else suited) for n in range(3 * _TRIES))
        for person in chain((p for p in drawn if self._visits[p] < _OFTEN), suited):
            if self._may_come(person, doctor, day):
                self.note(person, doctor, day)
                return person
        return None

    def _may_come(self, person: Person, doctor: Doctor, day: date) -> bool:
        if person in self._busy.get(day, ()) or person.known_since.date() >= min(day, self._today):
            return False
        return day not in self._too_soon.get((person, doctor.username), ())

    def newcomer(self, doctor: Doctor, day: date) -> Person | None:
        """Someone who came to the hospital for the first time on that day."""
        for person in self._new.get(day, ()):
            if person not in self._busy.get(day, ()) and self.suits(doctor, person):
                self.note(person, doctor, day)
                return person
        return None

    def note(self, person: Person, doctor: Doctor, day: date) -> None:
        self.reserve(person, day)
        self._visits[person] += 1
        around = (day + timedelta(days=n) for n in range(1 - _DAYS_BETWEEN, _DAYS_BETWEEN))
        self._too_soon.setdefault((person, doctor.username), set()).update(around)

    def reserve(self, person: Person, day: date) -> None:
        """Keep the person from being drawn for that day."""
        self._busy.setdefault(day, set()).add(person)

    def is_free(self, person: Person, day: date) -> bool:
        return person not in self._busy.get(day, ())
