"""How people write a name otherwise: the rules from which the search's recall is measured, seeded.

Each case is a patient as registered, and the whole name as somebody else types it:
- spelling: one or two of RULES on one word (1,000 of 2,000);
- devanagari: registered in Latin letters, typed in Devanagari (300);
- latin: registered in Devanagari, typed in Latin letters (300);
- slip: one letter left out, put in or replaced, or two that changed places, in a word of five or more (400).
"""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from string import ascii_lowercase

from bench.crowd import Crowd

KINDS = {"spelling": 1000, "devanagari": 300, "latin": 300, "slip": 400}
RULES: list[tuple[str, str]] = [
    # long vowels, and diphthongs
    ("aa", "a"), ("ee", "i"), ("oo", "u"), (r"(?<=[^aeiou])i(?=[^aeiou])", "ee"), (r"(?<=[^aeiou])u(?=[^aeiou])", "oo"),
    (r"(?<=[^aeiou])a(?=[^aeiou])", "aa"), ("au", "ou"), ("au", "ow"), ("ai", "ay"), ("ai", "ei"), ("ay$", "ai"),
    (r"(?<=[^aeiou])e(?=[^aeiou])", "ai"), ("y(?=[^aeiou]|$)", "i"), ("i$", "y"), ("i$", "ee"), ("a$", "aa"),
    # aspirates and sibilants
    ("sh", "s"), ("s(?!h)", "sh"), ("th", "t"), (r"t(?!h)", "th"), ("dh", "d"), ("bh", "b"), ("kh", "k"), ("gh", "g"),
    ("ph", "f"), ("f", "ph"), ("ch", "chh"),
    # letters for one sound
    ("v", "w"), ("w", "v"), ("ksh", "x"), ("x", "ksh"), ("z", "j"), ("q", "k"), ("dny", "gy"), ("gy", "dny"),
    ("k$", "ck"),
    # doubled and single
    (r"([bdgklmnprst])\1", r"\1"), (r"(?<=[aeiou])([mntl])(?=[aeiou])", r"\1\1"),
    # what clerks write
    ("^mohammad$", "md"), ("^mohammad$", "mohd"), ("^kumar$", "kr"), ("^prasad$", "pd"), ("^shaikh$", "sk"),
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Person:
    """meant: the name as its bearers' community spells it, without initials: who shares it can't be told apart."""

    name: str
    name_local: str | None
    phone: str
    meant: str


@dataclass(frozen=True, slots=True)
class Case:
    """registered: the person's place in `people`."""

    kind: str
    registered: int
    typed: str


def people_and_cases(count: int = 3000, seed: int = 5) -> tuple[list[Person], list[Case]]:
    """count people of the crowd, and the 2,000 cases about some of them."""
    chance = random.Random(seed)
    people = [
        Person(name, local, phone, _without_initials(name))
        for name, local, _, phone in islice(Crowd(seed, in_script=1).people(), count)
    ]
    cases: list[Case] = []
    wanted = dict(KINDS)
    for n in chance.sample(range(count), count):
        scripts = ("devanagari", "latin") if _in_devanagari(people[n]) else ()
        kind = next((one for one in (*scripts, "slip", "spelling") if wanted[one]), None)
        if kind is None:
            break
        person, typed = _otherwise(people[n], kind, chance)
        if typed is not None and typed != person.name.lower():
            people[n] = person
            cases.append(Case(kind, n, typed))
            wanted[kind] -= 1
    return people, cases


def _without_initials(name: str) -> str:
    return " ".join(word for word in name.split() if len(word) > 1)


def _in_devanagari(person: Person) -> str | None:
    return person.name_local if person.name_local and re.fullmatch("[\u0900-\u097f ]+", person.name_local) else None


def _otherwise(person: Person, kind: str, chance: random.Random) -> tuple[Person, str | None]:
    if kind == "devanagari":
        return replace(person, name_local=None), _in_devanagari(person)
    if kind == "latin":
        return replace(person, name=_in_devanagari(person) or "", name_local=None), person.meant
    change = _misspelt if kind == "spelling" else _slipped
    parts = person.name.lower().split()
    places = [n for n, part in enumerate(parts) if len(part) > 1]
    chance.shuffle(places)
    for n in places:
        changed = change(parts[n], chance)
        if changed is not None:
            return person, " ".join([*parts[:n], changed, *parts[n + 1 :]])
    return person, None


def _misspelt(word: str, chance: random.Random) -> str | None:
    changed = word
    for _ in range(chance.choice((1, 1, 2))):
        fitting = [rule for rule in RULES if re.search(rule[0], changed)]
        if fitting:
            pattern, plain = chance.choice(fitting)
            changed = re.sub(pattern, plain, changed, count=1)
    return changed if changed != word else None


def _slipped(word: str, chance: random.Random) -> str | None:
    if len(word) < 5 or not word.isascii():
        return None
    n, letter = chance.randrange(1, len(word) - 1), chance.choice(ascii_lowercase)
    return chance.choice(list(_slips(word, n, letter)))


def _slips(word: str, n: int, letter: str) -> Iterator[str]:
    yield word[:n] + word[n + 1 :]
    yield word[:n] + letter + word[n:]
    yield word[:n] + letter + word[n + 1 :]
    yield word[:n] + word[n + 1] + word[n] + word[n + 2 :]
