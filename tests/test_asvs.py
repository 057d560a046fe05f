"""The table of the security standard is whole, and what it points at is there."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
LINE = re.compile(r"\| (V\d+\.\d+\.\d+) \| ([12]) \| (.+?) \| (.+) \|")
REQUIREMENTS = {
    1: 27, 2: 11, 3: 19, 4: 10, 5: 9, 6: 35, 7: 18, 8: 7, 9: 7, 10: 29, 11: 14, 12: 9, 13: 13, 14: 9, 15: 13, 16: 16,
    17: 7,
}  # fmt: skip
"""How many each chapter of ASVS 5.0.0 has in levels 1 and 2."""
LEVEL_1 = 70


def table() -> list[tuple[str, str, str, str]]:
    text = (ROOT / "docs/asvs.md").read_text()
    found = [match.groups() for match in LINE.finditer(text)]
    assert len(found) == text.count("\n| V"), "a line has another form"
    return [(one[0], one[1], one[2], one[3]) for one in found]


def test_no_requirement_is_missing_or_there_twice() -> None:
    ids = [tuple(map(int, name[1:].split("."))) for name, *_ in table()]
    assert ids == sorted(set(ids))
    assert {chapter: sum(one[0] == chapter for one in ids) for chapter in REQUIREMENTS} == REQUIREMENTS
    assert sum(level == "1" for _, level, *_ in table()) == LEVEL_1


def test_every_file_that_is_named_is_there() -> None:
    for page in ("asvs.md", "security.md"):
        named = re.findall(r"`([\w./-]+/[\w./*-]+)`", (ROOT / "docs" / page).read_text())
        assert len(named) > 20
        missing = {name for name in named if not name.startswith("/") and not [*ROOT.glob(name)]}
        assert missing - {"var/keys/master.key"} == set(), page


def test_each_line_shows_something_or_says_what_is_missing_or_why_it_does_not_apply() -> None:
    for name, _, _, how in table():
        is_open = re.match(r"(not yet|partly|not applicable): \w", how)
        is_shown = re.search(r"`(arogya|tests|web|docs|scripts|requirements|pyproject)[\w./-]*`", how)
        assert is_open or is_shown, name
