"""Request bodies, read from their raw bytes.

FastAPI validates what json.loads made of them, and strict pydantic then refuses UUIDs, dates and enums, which are
strings there. So the bytes are checked here and given to `model_validate_json(strict=True)`.
"""

import json
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Request
from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints, ValidationError

MAX_BODY_BYTES = 1 << 20
MAX_DEPTH = 32


class Body(BaseModel):
    """A request body: strict types, no unknown field."""

    model_config = ConfigDict(extra="forbid", strict=True, str_strip_whitespace=True)


class Read(BaseModel):
    """A response body: made from rows and mappings."""

    model_config = ConfigDict(from_attributes=True, ser_json_timedelta="iso8601")


Line = Annotated[str, StringConstraints(min_length=1, max_length=200)]
"""One line a person typed."""
Text = Annotated[str, StringConstraints(max_length=4000)]


def _one_line(value: str) -> str:
    if any(c in value for c in "\r\n\t"):
        raise ValueError("one line, without tabs")
    return value


Name = Annotated[str, StringConstraints(min_length=1, max_length=120), AfterValidator(_one_line)]


class Malformed(Exception):
    """The bytes are no JSON that we take. code is stable. at: the keys and numbers that lead to where it is."""

    def __init__(self, code: str, message: str, at: Sequence[str | int] = ()) -> None:
        super().__init__(message)
        self.code, self.at = code, tuple(at)


class _Untaken:
    """Stands in the document where the parser met what we don't take, so that its place can be told."""

    def __init__(self, code: str, message: str, *below: str | int) -> None:
        self.code, self.message, self.below = code, message, below


def check_json(raw: bytes) -> None:
    """Refuse duplicate keys, NaN, NUL, lone surrogates and nesting past MAX_DEPTH. Raises Malformed."""
    untaken: list[_Untaken] = []

    def keep(one: _Untaken) -> _Untaken:
        untaken.append(one)
        return one

    try:
        document = json.loads(
            raw.decode(),
            object_pairs_hook=lambda pairs: (
                found if (found := _unique_keys(pairs)) is not None else keep(_twice(pairs))
            ),
            parse_constant=lambda name: keep(_Untaken("not_a_number", f"{name} is not JSON")),
        )
    except RecursionError:
        raise Malformed("too_deep", f"Nested deeper than {MAX_DEPTH}") from None
    except UnicodeDecodeError:
        raise Malformed("not_utf8", "The body is not UTF-8") from None
    except ValueError:
        raise Malformed("json_invalid", "The body is not JSON") from None
    # Fewer brackets than the depth allowed, and nothing escaped: there is nothing to be found by looking.
    if untaken or raw.count(b"{") + raw.count(b"[") > MAX_DEPTH or b"\\u" in raw:
        _check_values(document)


def _unique_keys(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any] | None:
    """None where a key stands twice."""
    found = dict(pairs)
    return found if len(found) == len(pairs) else None


def _twice(pairs: Sequence[tuple[str, Any]]) -> _Untaken:
    seen: set[str] = set()
    twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
    return _Untaken("duplicate_key", "The same key stands twice in one object", *_sayable(twice))


def _check_values(document: Any) -> None:
    level, depth = [document], 0
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            raise Malformed("too_deep", f"Nested deeper than {MAX_DEPTH}")
        inner: list[Any] = []
        for value in level:
            if isinstance(value, dict):
                inner.extend(value.keys())
                inner.extend(value.values())
            elif isinstance(value, list):
                inner.extend(value)
            elif isinstance(value, str):
                try:
                    check_text(value)
                except Malformed as fault:
                    raise Malformed(fault.code, str(fault), _where(document, value)) from None
            elif isinstance(value, _Untaken):
                raise Malformed(value.code, value.message, (*_where(document, value), *value.below))
        level = inner


def _where(document: Any, sought: Any) -> tuple[str | int, ...]:
    """The way to this very value; of a key, to the object that has it."""
    ways: list[tuple[Any, tuple[str | int, ...]]] = [(document, ())]
    for outer, way in ways:
        if outer is sought or (isinstance(outer, dict) and any(key is sought for key in outer)):
            return way
        for key, value in outer.items() if isinstance(outer, dict) else enumerate(outer):
            if value is sought or isinstance(value, dict | list):
                ways.append((value, (*way, *_sayable(key))))
    return ()


def _sayable(key: str | int) -> tuple[str | int, ...]:
    """The key, where it can be written into an answer."""
    return (key,) if isinstance(key, int) or (key.isprintable() and len(key) <= 100) else ()


def check_text(value: str) -> None:
    """Refuse what the database can't store and no person types. Raises Malformed."""
    if "\x00" in value:
        raise Malformed("nul_character", "A NUL character can't be stored")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise Malformed("lone_surrogate", "Half a character (a lone surrogate) can't be stored") from None


class StrictRequest(Request):
    """Hands FastAPI the validated model, or keeps the faults for the handler of RequestValidationError.

    It must not raise here: FastAPI reads the body before it asks who is there, and a stranger learns nothing.
    """

    def __init__(self, request: Request, model: type[BaseModel]) -> None:
        super().__init__(request.scope, request.receive, request._send)
        self._model = model

    async def json(self) -> Any:
        raw = await self.body()
        try:
            check_json(raw)
            return self._model.model_validate_json(raw, strict=True)
        except Malformed as fault:
            self.scope["state"]["body_faults"] = [{"loc": ("body", *fault.at), "type": fault.code, "msg": str(fault)}]
        except ValidationError as fault:
            self.scope["state"]["body_faults"] = [
                {**e, "loc": ("body", *e["loc"])} for e in fault.errors(include_url=False, include_input=False)
            ]
        return _REFUSED


_REFUSED = object()
