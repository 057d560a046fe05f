"""A resource while it is read: what is taken from it is understood, and what remains is reported."""

from collections.abc import Iterator
from typing import Any

_LABELS = ("use", "system", "url")


class Told:
    """One JSON object. Taking a value removes it; objects that were opened stay, and what remains in them is left over.

    A value of another type than asked for is not taken: it stays, and so is reported.
    """

    def __init__(self, content: dict[str, Any], opened: set[int] | None = None) -> None:
        self._content = content
        self._opened = opened if opened is not None else set()
        self._opened.add(id(content))

    def text(self, name: str) -> str | None:
        return self._take(name, str) or None

    def flag(self, name: str) -> bool | None:
        value: bool | None = self._take(name, bool)
        return value

    def texts(self, name: str) -> list[str]:
        """A list of strings, whole or not at all."""
        values = self._content.get(name)
        if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            return []
        return list(self._content.pop(name))

    def has(self, name: str) -> bool:
        """Whether it stands there; it is not taken."""
        return name in self._content

    def peek(self, name: str) -> str:
        """A string to choose by, without taking it."""
        value = self._content.get(name)
        return value if isinstance(value, str) else ""

    def one(self, name: str) -> "Told":
        """An object inside, opened; an empty one where there is none."""
        value = self._content.get(name)
        return Told(value, self._opened) if isinstance(value, dict) else Told({})

    def each(self, name: str) -> list["Told"]:
        """The objects of a list, to choose from: `open` those that are understood."""
        values = self._content.get(name)
        if not isinstance(values, list):
            return []
        self._opened.add(id(values))
        return [_Closed(value, self._opened) for value in values if isinstance(value, dict)]

    def open(self) -> "Told":
        self._opened.add(id(self._content))
        return self

    def left_over(self, path: str) -> Iterator[str]:
        """The path of each value that was not taken: `Patient.name.prefix`, `Patient.extension[us-core-race]`."""
        yield from _left_over(self._content, path, self._opened)

    def _take(self, name: str, kind: type[Any]) -> Any:
        value = self._content.get(name)
        if not isinstance(value, kind):
            return None
        del self._content[name]
        return value.strip() if isinstance(value, str) else value


class _Closed(Told):
    """An object that was looked at; until it is opened, it is left over as a whole."""

    def __init__(self, content: dict[str, Any], opened: set[int]) -> None:
        self._content, self._opened = content, opened


def _left_over(value: Any, path: str, opened: set[int]) -> Iterator[str]:
    if isinstance(value, dict) and id(value) in opened:
        for name, inner in value.items():
            yield from _left_over(inner, f"{path}.{name}", opened)
    elif isinstance(value, list) and (id(value) in opened or path.endswith("xtension")):
        for inner in value:
            label = "" if id(inner) in opened else _label(inner)
            yield from _left_over(inner, path + label, opened)
    elif value not in ({}, [], None):
        yield path


def _label(value: Any) -> str:
    """Which of several it is: its use, its system, or the end of its address."""
    if isinstance(value, dict):
        for name in _LABELS:
            if isinstance(value.get(name), str):
                return f"[{value[name].rstrip('/').rpartition('/')[2]}]"
    return ""
