"""Whoever is refused reads why in their own language."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import arogya.app  # noqa: F401 - with it every module, and so every kind of refusal
from arogya.platform.errors import Problem

WEB = Path(__file__).resolve().parents[2] / "web/src"
OURS_TO_MEND = {"internal_error"}
"""Said by the page itself, with the request's id."""


def kinds(of: type[Problem]) -> Iterator[type[Problem]]:
    for kind in of.__subclasses__():
        yield kind
        yield from kinds(kind)


@pytest.mark.parametrize("language", ["en", "hi"])
def test_every_refusal_has_words_in_the_client(language: str) -> None:
    said = set()
    for file in WEB.glob(f"**/i18n/{language}.json"):
        said |= set(json.loads(file.read_text()).get("problem", {}))
    codes = {kind.code for kind in kinds(Problem) if kind.__module__.startswith("arogya.")} - OURS_TO_MEND
    assert len(codes) > 40
    assert codes - said == set()
