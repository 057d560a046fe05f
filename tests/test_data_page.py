"""docs/data.md classes every table and names every key."""

import re
from pathlib import Path

from arogya.platform.base import metadata
from arogya.platform.modules import load_tables

ROOT = Path(__file__).parent.parent


def rows(heading: str) -> list[tuple[set[str], list[str]]]:
    """The names in a table's first column, and its other cells."""
    text = (ROOT / "docs/data.md").read_text().split(heading)[1]
    lines = text.partition("\n|---")[2].partition("\n\n")[0].splitlines()[1:]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [(set(re.findall(r"`([^`]+)`", first)), others) for first, *others in cells]


def test_every_table_has_one_class() -> None:
    load_tables()
    named = [name for names, _ in rows("| Table | Class |") for name in names]
    assert sorted(named) == sorted(metadata.tables)
    text = (ROOT / "docs/data.md").read_text()
    classes = {name.lower() for name in re.findall(r"\n\| \*\*(\w+)\*\*", text)}
    assert {others[0] for _, others in rows("| Table | Class |")} == classes


def test_every_key_is_named() -> None:
    used = set()
    for file in (ROOT / "arogya").rglob("*.py"):
        used |= set(re.findall(r'\.derive\(f?"([a-z-]+:?)', file.read_text()))
    assert len(used) > 10
    named = {name.removesuffix("…") for names, _ in rows("| Name | What for |") for name in names}
    assert named == used
