"""The client's words, so that what a journey presses once works in both languages."""

import json
import re
from functools import cache

from playwright.sync_api import Page

from tests.journeys.conftest import ROOT

SRC = ROOT / "web/src"


@cache
def _file(namespace: str, language: str) -> dict[str, object]:
    [found] = [path for path in SRC.glob(f"**/i18n/{language}.json") if path.parent.parent.name == namespace]
    words: dict[str, object] = json.loads(found.read_text())
    return words


def phrase(key: str, language: str = "en") -> str:
    """`phrase("scheduling:desk.walkIn")`, as the file has it."""
    namespace, path = key.split(":")
    found: object = _file(namespace, language)
    for step in path.split("."):
        assert isinstance(found, dict), key
        found = found[step]
    assert isinstance(found, str), key
    return found


def word(page: Page, key: str) -> re.Pattern[str]:
    """What begins so in the language that the page speaks; a name or a number inside may be any."""
    said = phrase(key, page.locator("html").get_attribute("lang") or "en")
    return re.compile("^" + ".+".join(re.escape(part) for part in re.split(r"\{\{\w+\}\}", said)))
