"""A FHIR R4 Patient as this hospital registers one."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from pydantic import ValidationError

from arogya.modules.interop.told import Told
from arogya.modules.patients.api import Birth, RegisterPatient

NO_SYSTEM: Final = "urn:fhir:Patient.id"
"""The system of a resource's own id, which stands in where it has no number of any system."""
_ABHA_SYSTEMS: Final = re.compile(r"https?://healthid\.(ndhm|abdm)\.gov\.in")
_KINDS: Final = {"SS": "ssn", "DL": "driving_licence", "PPN": "passport"}
_PHONES: Final = ("phone", "sms")
_IN_USE: Final = {"official": 0, "usual": 1}
_FORMER: Final = ("old", "maiden", "temp")
_ESSENTIAL: Final = frozenset({"name", "gender"})


class NotAPatient(ValueError):
    """What can't be registered; the message names fields and codes, and no value."""


@dataclass(frozen=True, slots=True)
class IncomingPatient:
    """sources: the numbers by which it is known again, system and value. refused: fields left out, and why."""

    request: RegisterPatient
    birth: Birth | None
    is_active: bool
    sources: list[tuple[str, str]]
    refused: list[str]


def read_patient(told: Told) -> IncomingPatient:
    """Raises NotAPatient."""
    own_id = told.text("id")
    identifiers = _identifiers(told)
    if own_id and not any(one["kind"] == "external" for one in identifiers):
        identifiers.append({"kind": "external", "system": NO_SYSTEM, "value": own_id})
    name = _name(told.each("name"))
    facts: dict[str, Any] = {
        "name": name,
        "is_unknown": name is None,
        "gender": told.text("gender") or "unknown",
        "is_deceased": bool(told.flag("deceasedBoolean")) or told.has("deceasedDateTime"),
        "identifiers": identifiers,
        "language": _language(told.each("communication")),
        **_telecom(told.each("telecom")),
        **_address(told.each("address")),
        "contacts": _contacts(told.each("contact")),
    }
    request, refused = _fitting(facts)
    sources = [(one.system, one.value) for one in request.identifiers if one.kind == "external"]
    if not sources:
        raise NotAPatient("no id and no identifier")
    return IncomingPatient(request, _birth(told), told.flag("active") is not False, sources, refused)


def _fitting(facts: dict[str, Any]) -> tuple[RegisterPatient, list[str]]:
    """The request without what our rules refuse; a bad postal code costs the code and not the patient."""
    refused: list[str] = []
    while True:
        try:
            return RegisterPatient.model_validate(facts), refused
        except ValidationError as error:
            fault = error.errors()[0]
        field, index = str(fault["loc"][0]) if fault["loc"] else "", fault["loc"][1] if len(fault["loc"]) > 1 else None
        if not field or field in _ESSENTIAL:
            raise NotAPatient(f"{field or 'the record'}: {fault['type']}")
        refused.append(f"{field} ({fault['type']})")
        if isinstance(index, int):
            facts[field] = [one for i, one in enumerate(facts[field]) if i != index]
        else:
            del facts[field]


def _name(names: list[Told]) -> str | None:
    """The name in use: official before usual before any that is not of the past."""
    present = [one for one in names if one.peek("use") not in _FORMER] or names
    if not present:
        return None
    chosen = min(present, key=lambda one: _IN_USE.get(one.peek("use"), len(_IN_USE)))
    chosen.open()
    chosen.text("use")
    return full_name(chosen) or None


def full_name(told: Told) -> str:
    """Given names, family name, suffix; or the name as one text."""
    whole = told.text("text") if not told.has("family") and not told.has("given") else None
    return whole or " ".join([*told.texts("given"), told.text("family") or "", *told.texts("suffix")]).strip()


def _identifiers(told: Told) -> list[dict[str, str]]:
    found = []
    for one in told.each("identifier"):
        if not (one.peek("system") and one.peek("value")):
            continue
        one.open()
        found.append(_identifier(one.text("system") or "", one.text("value") or "", _type_code(one)))
    return found


def _identifier(system: str, value: str, code: str) -> dict[str, str]:
    if _ABHA_SYSTEMS.match(system):
        return {"kind": "abha_address" if "@" in value else "abha_number", "value": value}
    return {"kind": _KINDS.get(code, "external"), "system": system, "value": value}


def _type_code(identifier: Told) -> str:
    """The identifier's type in HL7's table 0203: `SS`, `DL`, `PPN`, `MR`."""
    kind = identifier.one("type")
    kind.text("text")
    for coding in kind.each("coding"):
        coding.open()
        coding.text("display")
        coding.text("system")
        code = coding.text("code")
        if code:
            return code
    return ""


def _telecom(points: list[Told]) -> dict[str, Any]:
    phones: list[str | None] = []
    emails: list[str | None] = []
    for point in points:
        kind = point.peek("system")
        if not point.peek("value") or (kind not in _PHONES and (kind != "email" or emails)):
            continue
        point.open()
        point.text("system")
        (emails if kind == "email" else phones).append(point.text("value"))
    return {"phones": phones, **({"email": emails[0]} if emails else {})}


def _address(addresses: list[Told]) -> dict[str, Any]:
    home = next((one for one in addresses if one.peek("use") in ("home", "")), addresses[0] if addresses else None)
    if home is None:
        return {}
    home.open()
    found = {
        "address_line": ", ".join(home.texts("line")) or home.text("text"),
        "city": home.text("city"),
        "district": home.text("district"),
        "state": home.text("state"),
        "postal_code": home.text("postalCode"),
        "country": home.text("country"),
    }
    return {name: value for name, value in found.items() if value}


def _language(spoken: list[Told]) -> str | None:
    """The preferred language's code, or the first one's."""
    chosen = next((one for one in spoken if one.has("preferred")), spoken[0] if spoken else None)
    if chosen is None:
        return None
    chosen.open()
    chosen.flag("preferred")
    language = chosen.one("language")
    language.text("text")
    for coding in language.each("coding"):
        coding.open()
        coding.text("system")
        coding.text("display")
        if code := coding.text("code"):
            return code
    return None


def _contacts(told: list[Told]) -> list[dict[str, Any]]:
    found = []
    for one in told:
        one.open()
        name, relations = full_name(one.one("name")), [relation.open() for relation in one.each("relationship")]
        relation = next((text for relation in relations if (text := relation.text("text"))), "contact")
        phones = _telecom(one.each("telecom"))["phones"]
        if name:
            found.append({"name": name, "relation": relation, "phone": phones[0] if phones else None})
    return found


def _birth(told: Told) -> Birth | None:
    """FHIR dates may end at the month or the year."""
    parts = re.fullmatch(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", told.peek("birthDate"))
    if parts is None:
        return None
    year, month, day = parts.groups()
    try:
        born = date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        return None
    told.text("birthDate")
    return Birth(born, "day" if day else "month" if month else "year")
