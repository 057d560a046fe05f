"""What a patient is found by: rows of patient_terms, and what is typed, read as ranges over them."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from arogya.modules.patients.names import words
from arogya.modules.patients.phones import national

SEARCHED_IDENTIFIERS = frozenset({"abha_number", "abha_address", "passport", "driving_licence", "ssn", "external"})
"""Aadhaar's last four digits identify nobody, and would turn up under every four digits of a phone."""
SHORTEST_TAIL = 4
_LONGEST_CODE = 128
_BACKWARDS = "r"
"""Before a phone's digits in reverse: its last digits are the prefix of that."""

Term = tuple[str, str]
"""kind and term: ('name', 'kavita'), ('phone', '9000011207'), ('number', 'nh000123')."""


def compact(code: str) -> str:
    """A number or address without what people put between its parts: `NH-000 123` gives `nh000123`."""
    folded = unicodedata.normalize("NFKC", code).casefold()
    return "".join(_ascii_digit(c) for c in folded if c.isalnum() or c in "@._")[:_LONGEST_CODE]


def _ascii_digit(character: str) -> str:
    """`9` for a `९`: numbers are typed on keyboards of any script."""
    return str(unicodedata.decimal(character)) if character.isdecimal() else character


def name_terms(name: str, name_local: str | None) -> set[Term]:
    return {("name", word) for word in [*words(name), *words(name_local or "")]}


def phone_terms(phones: Iterable[tuple[str, str | None]]) -> set[Term]:
    """phones: the number as it came and as `e164` reads it."""
    found = set()
    for number, read in phones:
        said = national(number, read)
        if said:
            found |= {said, _BACKWARDS + said[::-1], *([read.removeprefix("+")] if read else [])}
    return {("phone", term) for term in found}


def number_terms(mrn: str, identifiers: Iterable[tuple[str, str]]) -> set[Term]:
    """identifiers: kind and value. An MRN is also found by its digits, with and without the zeros before them."""
    found = {compact(mrn)}
    if digits := re.search(r"[0-9]+$", mrn):
        found |= {digits[0], digits[0].lstrip("0")}
    found |= {compact(value) for kind, value in identifiers if kind in SEARCHED_IDENTIFIERS}
    return {("number", term) for term in found if term}


@dataclass(frozen=True, slots=True)
class Sought:
    """One thing that a patient must have to be found: a term that begins with one of these prefixes.

    variants: words of names that will do too, whole ones, the likeliest first.
    """

    prefixes: tuple[Term, ...]
    variants: tuple[str, ...] = ()

    @property
    def is_word(self) -> bool:
        return all(kind == "name" for kind, _ in self.prefixes)

    @property
    def length(self) -> int:
        return max(len(prefix) for _, prefix in self.prefixes)


def sought_in(typed: str) -> list[Sought]:
    """Everything that must hold at once. `sharma 0320`: a name that begins so, and a number. Empty: nothing to find."""
    if not any(c.isalpha() for c in typed) and any(c.isdecimal() for c in typed):
        return [_number(typed)]
    found = []
    for token in typed.split():
        if "@" in token or any(c.isdecimal() for c in token):
            found.append(_number(token))
        else:
            found += [Sought((("name", word),)) for word in words(token)]
    return found


def whole_number(typed: str) -> Sought | None:
    """All of it as one number, for an MRN typed in parts (`NH 000 123`); None where it can't be one."""
    if len(typed.split()) == 1 or not any(c.isdecimal() for c in typed):
        return None
    return Sought((("number", compact(typed)),))


def _number(typed: str) -> Sought:
    code = compact(typed)
    prefixes: list[Term] = [("number", code)]
    if code.isalnum():
        prefixes.append(("name", code))
    if code.isdecimal():
        said = code.lstrip("0") or code
        prefixes.append(("phone", said))
        if len(code) >= SHORTEST_TAIL:
            prefixes.append(("phone", _BACKWARDS + code[::-1]))
    return Sought(tuple(prefixes))
