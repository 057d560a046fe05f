"""Whoever is refused reads why in their own language."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import arogya.app  # noqa: F401 - with it every module, and so every kind of refusal
from arogya.platform.errors import Problem
from arogya.policy import Permission

ROOT = Path(__file__).resolve().parents[2]
WEB = ROOT / "web/src"
NAMED = re.compile(r'Action\.\w+,\s*"(\w+)"|\.about\(\s*"(\w+)"')
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


@pytest.mark.parametrize("language", ["en", "hi"])
def test_the_audit_trail_names_every_kind_of_record(language: str) -> None:
    named = {
        first or second
        for file in (ROOT / "arogya").rglob("*.py")
        for first, second in NAMED.findall(file.read_text())
    }  # fmt: skip
    words = json.loads((WEB / f"features/audit/i18n/{language}.json").read_text())["entity"]
    assert len(named) > 20
    assert named - set(words) == set()


@pytest.mark.parametrize("language", ["en", "hi"])
def test_page_of_roles_says_every_permission_in_plain_words(language: str) -> None:
    words = json.loads((WEB / f"features/identity/roles/i18n/{language}.json").read_text())["permission"]
    said = {f"{area}.{act}" for area, acts in words.items() for act in acts}
    assert said == {permission.value for permission in Permission}
