"""One line of the file as the registration that it asks for: by the same rules as at the desk, or why not."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, get_args

from pydantic import ValidationError

from arogya.modules.patients.ages import OLDEST_YEARS, Birth
from arogya.modules.patients.identifiers import UNIQUE_KINDS
from arogya.modules.patients.importing import cells as reading
from arogya.modules.patients.importing.cells import DateOrder, Unclear
from arogya.modules.patients.importing.headings import Target
from arogya.modules.patients.names import sort_name
from arogya.modules.patients.phones import e164
from arogya.modules.patients.schemas import RegisterPatient, RelativeKind
from arogya.modules.patients.service import birth_told
from arogya.modules.patients.terms import Term, name_terms, number_terms, phone_terms
from arogya.platform.bodies import Malformed, check_text
from arogya.platform.errors import Invalid

_FIELDS: dict[str, Target] = {
    "mrn": "mrn", "name": "name", "name_local": "name_local", "email": "email", "address_line": "address_line",
    "city": "city", "district": "district", "state": "state", "postal_code": "postal_code",
    "birth_date": "birth_date", "age_years": "age", "age_months": "age", "relative_name": "relative_name",
    "relative_kind": "relative_name", "phones": "phone", "contacts": "contact_name", "gender": "gender",
    "blood_group": "blood_group",
}  # fmt: skip
_PLAIN: tuple[Target, ...] = ("mrn", "name_local", "email", "address_line", "city", "district", "state", "postal_code")
_WANTED: dict[str, str] = {
    "mrn": "Letters, digits and / . _ - alone, 40 at most",
    "phone": "There is no digit in it",
    "phone_2": "There is no digit in it",
    "contact_phone": "There is no digit in it",
    "email": "This is no e-mail address",
    "postal_code": "Letters, digits, spaces and hyphens alone, 12 at most",
}
"""What a pattern asks for, in words."""
_PREFIXED = re.compile(r"([SDWC])[/.] ?O[/.: -]*(\S.*)", re.IGNORECASE)
_KINDS = get_args(RelativeKind)
_CHILD = {"male": "S/o", "female": "D/o"}


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a line is refused. field: what was to be taken; code: stable; message: English."""

    field: str
    code: str
    message: str


@dataclass(slots=True)
class Person:
    """A line that may become a patient."""

    line: int
    cells: list[str]
    request: RegisterPatient
    birth: Birth | None
    phones: list[tuple[str, str | None]]
    sort_name: str

    @property
    def mrn(self) -> str | None:
        return self.request.mrn

    @property
    def numbers(self) -> list[tuple[str, str, str]]:
        """The numbers of which one is one person: kind, system and value."""
        return [(one.kind, one.system, one.value) for one in self.request.identifiers if one.kind in UNIQUE_KINDS]

    @property
    def likeness(self) -> tuple[object, ...] | None:
        """What makes two lines without a number of their own one person; None where too little is known."""
        if self.birth is None or not self.phones:
            return None
        phone = self.phones[0][1] or self.phones[0][0]
        return self.sort_name, self.request.gender, self.birth.date, phone

    def terms(self, mrn: str) -> set[Term]:
        known = ((one.kind, one.value) for one in self.request.identifiers)
        named = name_terms(self.request.name or "", self.request.name_local)
        return named | phone_terms(self.phones) | number_terms(mrn, known)


@dataclass(slots=True)
class Refused:
    line: int
    cells: list[str]
    reasons: list[Reason]


@dataclass(slots=True)
class Reader:
    """Reads the lines of one file. today: of the hospital; country: where phones without a prefix are from."""

    mapping: Mapping[Target, int]
    columns: int
    date_order: DateOrder | None
    today: date
    country: str
    _faults: list[Reason] = field(default_factory=list)

    def read(self, line: int, cells: list[str]) -> Person | Refused:
        self._faults = []
        if any(cell.strip() for cell in cells[self.columns :]):
            self._fault("", "too_many_cells", "More cells than the headings have: a separator stands in a text")
        facts = self._facts(cells)
        if self._faults:
            return Refused(line, cells, self._faults)
        try:
            request = RegisterPatient(**facts)
            birth = self._birth(request, cells)
        except ValidationError as fault:
            return Refused(line, cells, _reasons(fault))
        except Invalid as fault:
            told = [Reason(_FIELDS.get(one.name, "name"), one.code, one.message) for one in fault.fields]
            return Refused(line, cells, told)
        except Unclear as fault:
            return Refused(line, cells, [Reason("birth_year", fault.code, str(fault))])
        phones = [(number, e164(number, self.country)) for number in dict.fromkeys(request.phones)]
        named = sort_name(request.name or "", request.name_local)
        return Person(line, cells, request, birth, phones, named)

    def _facts(self, cells: list[str]) -> dict[str, Any]:
        facts: dict[str, Any] = {target: text for target in _PLAIN if (text := self._text(cells, target))}
        facts["name"] = self._name(cells)
        facts["gender"] = self._read(cells, "gender", reading.gender) or "unknown"
        if group := self._read(cells, "blood_group", reading.blood_group):
            facts["blood_group"] = group
        facts |= self._age(cells)
        facts |= self._relative(cells, facts["gender"])
        numbers = [self._text(cells, "phone"), self._text(cells, "phone_2")]
        each = [number.strip() for cell in numbers for number in cell.split(",")]  # as our own lists write several
        facts["phones"] = [reading.ascii_digits(number) for number in each if number]
        facts["identifiers"] = self._identifiers(cells)
        if name := self._text(cells, "contact_name"):
            relation = self._text(cells, "contact_relation") or "contact"
            phone = self._text(cells, "contact_phone") or None
            facts["contacts"] = [{"name": name, "relation": relation, "phone": phone}]
        return facts

    def _name(self, cells: list[str]) -> str | None:
        parts = [self._text(cells, part) for part in ("first_name", "middle_name", "last_name")]
        name = self._text(cells, "name") or " ".join(part for part in parts if part)
        if not name and not any(fault.field.endswith("name") for fault in self._faults):
            self._fault("name", "required", "There is no name")
        return name or None

    def _age(self, cells: list[str]) -> dict[str, Any]:
        """The date where there is one: an age grows old in the file."""
        if born := self._read(cells, "birth_date", lambda text: reading.day(text, self.date_order)):
            return {"birth_date": born}
        if self._text(cells, "birth_year"):
            return {}
        told = self._read(cells, "age", reading.age)
        return {"age_years": told.years, "age_months": told.months} if told else {}

    def _birth(self, request: RegisterPatient, cells: list[str]) -> Birth | None:
        year = self._text(cells, "birth_year")
        if request.birth_date is not None or not year:
            return self._as_precise(birth_told(request, self.today), cells)
        digits = reading.ascii_digits(year).removesuffix(".0")
        if not digits.isdigit() or not self.today.year - OLDEST_YEARS <= int(digits) <= self.today.year:
            raise Unclear("year_unreadable", "This is no year of birth that can be")
        return Birth(date(int(digits), 1, 1), "year")

    def _as_precise(self, birth: Birth | None, cells: list[str]) -> Birth | None:
        """A date that its own list calls one reckoned from an age is that here, too."""
        known_to = self._text(cells, "birth_date_precision").lower()
        return replace(birth, precision=known_to) if birth and known_to in {"month", "year"} else birth

    def _relative(self, cells: list[str], gender: str) -> dict[str, Any]:
        if husband := self._text(cells, "husband_name"):
            return {"relative_kind": "W/o", "relative_name": husband}
        if father := self._text(cells, "father_name"):
            return {"relative_kind": _CHILD.get(gender, "C/o"), "relative_name": father}
        relative = self._text(cells, "relative_name")
        if prefixed := _PREFIXED.fullmatch(relative):
            return {"relative_kind": f"{prefixed[1].upper()}/o", "relative_name": prefixed[2]}
        kind = self._text(cells, "relative_kind").capitalize()
        return {"relative_kind": kind if kind in _KINDS else "C/o", "relative_name": relative} if relative else {}

    def _identifiers(self, cells: list[str]) -> list[dict[str, str]]:
        found = []
        for kind in ("abha_number", "abha_address", "aadhaar_last4", "passport"):
            if text := self._text(cells, kind):
                value = reading.ascii_digits(text)
                # Of an Aadhaar number no more is kept than what the desk keeps.
                found.append({"kind": kind, "value": value[-4:] if kind == "aadhaar_last4" else value})
        return found

    def _text(self, cells: Sequence[str], target: Target) -> str:
        """What stands in the column of this; a fault is noted where a spreadsheet or a database could not take it."""
        column = self.mapping.get(target)
        if column is None or column >= len(cells) or not cells[column]:
            return ""
        try:
            if not cells[column].isascii() or "\0" in cells[column]:
                check_text(cells[column])
            return reading.said(cells[column])
        except Unclear as fault:
            self._fault(target, fault.code, str(fault))
        except Malformed as fault:
            self._fault(target, fault.code, str(fault))
        return ""

    def _read(self, cells: Sequence[str], target: Target, read: Callable[[str], Any]) -> Any:
        text = self._text(cells, target)
        if not text:
            return None
        try:
            return read(text)
        except Unclear as fault:
            self._fault(target, fault.code, str(fault))
            return None

    def _fault(self, target: str, code: str, message: str) -> None:
        reason = Reason(target, code, message)
        if reason not in self._faults:
            self._faults.append(reason)


def _reasons(fault: ValidationError) -> list[Reason]:
    """What pydantic says, against the column that it is about."""
    found = []
    for one in fault.errors(include_url=False):
        place = [str(part) for part in one["loc"]]
        target: str = _FIELDS.get(place[0], place[0]) if place else "name"
        if place[:1] == ["identifiers"]:
            given = one["input"]
            target = given["kind"] if isinstance(given, Mapping) else "abha_number"
        elif place[:1] == ["phones"] and place[1:2] == ["1"]:
            target = "phone_2"
        elif place[:1] == ["contacts"] and place[2:]:
            target = f"contact_{place[2]}"
        message = _WANTED.get(target, one["msg"]) if one["type"] == "string_pattern_mismatch" else one["msg"]
        found.append(Reason(target, one["type"], message))
    return found
