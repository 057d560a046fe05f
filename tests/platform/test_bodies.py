"""Bodies are judged by their bytes: what no person types is a clear 422, within a second."""

import json
import time
from enum import StrEnum
from uuid import UUID

import pytest
from pydantic import ValidationError

from arogya.platform.bodies import MAX_DEPTH, Body, Malformed, check_json


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b'{"a": 1, "a": 2}', "duplicate_key"),
        (b'{"a": {"b": 1, "b": 1}}', "duplicate_key"),
        (b'{"a": NaN}', "not_a_number"),
        (b'{"a": Infinity}', "not_a_number"),
        (b'{"a": "x\\u0000y"}', "nul_character"),
        (b'{"x\\u0000y": 1}', "nul_character"),
        (b'{"a": "\\ud800"}', "lone_surrogate"),
        (b'{"a": ["\\udfff"]}', "lone_surrogate"),
        (b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1), "too_deep"),
        (b"[" * 10_000 + b"]" * 10_000, "too_deep"),
        (b'{"a": ' * 10_000 + b"1" + b"}" * 10_000, "too_deep"),
        (b"\xff\xfe", "not_utf8"),
        (b'{"a": ', "json_invalid"),
        (b"", "json_invalid"),
    ],
)
def test_untakeable_json_is_refused_by_name(raw: bytes, code: str) -> None:
    started = time.perf_counter()
    with pytest.raises(Malformed) as refused:
        check_json(raw)
    assert refused.value.code == code
    assert time.perf_counter() - started < 1


@pytest.mark.parametrize(
    ("raw", "at"),
    [
        (b'{"a": {"b": 1, "b": 1}}', ("a", "b")),
        (b'{"a": [0, {"c": NaN}]}', ("a", 1, "c")),
        (b'{"a": {"n": ["x", "x\\u0000y"]}}', ("a", "n", 1)),
        (b'{"a": {"x\\u0000y": 1}}', ("a",)),
        (b'{"a": {"\\ud800": NaN}}', ("a",)),
        (b"NaN", ()),
    ],
)
def test_refusal_says_where_in_the_body_it_is(raw: bytes, at: tuple[str | int, ...]) -> None:
    """A key that can't be written is left out of the way to it."""
    with pytest.raises(Malformed) as refused:
        check_json(raw)
    assert refused.value.at == at


@pytest.mark.parametrize("text", ["लक्ष्मी", "محمد \u200f", "e\u0301 é", "👩🏽‍⚕️", "Ñandú", "\u202eabc"])
def test_every_script_is_taken_as_it_is(text: str) -> None:
    check_json(json.dumps({"name": text}, ensure_ascii=False).encode())
    check_json(json.dumps({"name": text}).encode())


class Colour(StrEnum):
    RED = "red"


class Example(Body):
    id: UUID
    colour: Colour
    count: int


GOOD = {"id": "01890000-0000-7000-8000-000000000000", "colour": "red", "count": 1}


def test_strict_bodies_take_uuids_and_enums_as_strings() -> None:
    read = Example.model_validate_json(json.dumps(GOOD), strict=True)
    assert read.colour is Colour.RED


@pytest.mark.parametrize("change", [{"count": "1"}, {"count": 1.0}, {"count": True}, {"extra": 1}, {"colour": "blue"}])
def test_strict_bodies_coerce_nothing(change: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Example.model_validate_json(json.dumps(GOOD | change), strict=True)
