"""FHIR R4 Practitioners and Organizations as this hospital remembers other institutions' people and places."""

from dataclasses import dataclass
from typing import Any

from arogya.modules.interop.fhir_patient import full_name
from arogya.modules.interop.told import Told


class Nameless(ValueError):
    """There is nothing to call it by, or to know it by again."""


@dataclass(frozen=True, slots=True)
class IncomingPractitioner:
    source: str
    source_id: str
    name: str
    title: str
    gender: str
    phone: str | None
    email: str | None
    is_active: bool


@dataclass(frozen=True, slots=True)
class IncomingOrganization:
    source: str
    source_id: str
    name: str
    phone: str | None
    address: str | None
    details: dict[str, Any]


def read_practitioner(told: Told) -> IncomingPractitioner:
    """Raises Nameless."""
    source, source_id = _source(told, "Practitioner")
    names = told.each("name")
    name = names[0].open() if names else Told({})
    title = next(iter(name.texts("prefix")), "").rstrip(".")
    called = full_name(name)
    if not called:
        raise Nameless("no name")
    points = told.each("telecom")
    return IncomingPractitioner(
        source, source_id, called, title, told.text("gender") or "unknown", _point(points, "phone"),
        _point(points, "email"), told.flag("active") is not False,
    )  # fmt: skip


def read_organization(told: Told) -> IncomingOrganization:
    """Raises Nameless."""
    source, source_id = _source(told, "Organization")
    name = told.text("name")
    if not name:
        raise Nameless("no name")
    active = told.flag("active")
    details: dict[str, Any] = {"types": _types(told), **({} if active is None else {"is_active": active})}
    return IncomingOrganization(source, source_id, name, _point(told.each("telecom"), "phone"), _address(told), details)


def _source(told: Told, kind: str) -> tuple[str, str]:
    """How it is known again: its first number that has a system, else its own id."""
    own_id = told.text("id")
    for one in told.each("identifier"):
        if one.peek("system") and one.peek("value"):
            one.open()
            return one.text("system") or "", one.text("value") or ""
    if not own_id:
        raise Nameless("no id and no identifier")
    return f"urn:fhir:{kind}.id", own_id


def _point(points: list[Told], system: str) -> str | None:
    for point in points:
        if point.peek("system") == system and point.peek("value"):
            point.open()
            point.text("system")
            return point.text("value")
    return None


def _types(told: Told) -> list[str]:
    """What kind of institution it is, in words."""
    found = []
    for kind in told.each("type"):
        kind.open()
        words = kind.text("text")
        for coding in kind.each("coding"):
            coding.open()
            coding.text("system")
            coding.text("code")
            words = coding.text("display") or words
        if words:
            found.append(words)
    return found


def _address(told: Told) -> str | None:
    """The first address on one line."""
    addresses = told.each("address")
    if not addresses:
        return None
    one = addresses[0].open()
    parts = [*one.texts("line"), one.text("city"), one.text("state"), one.text("postalCode"), one.text("country")]
    return ", ".join(part for part in parts if part) or None
