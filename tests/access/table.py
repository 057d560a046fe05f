"""Reads table.txt."""

import re
from dataclasses import dataclass
from pathlib import Path

ORDER = "opbt"
_STATUS = {"+": 0, "1": 401, "2": 204, "3": 403, "4": 404, "5": 422}
_PAGE = Path(__file__).with_name("table.txt")
_LINE = re.compile(r"(\S+ \S+)\s+(\[?)([opbt]+)\]?\s+(.*)")


@dataclass(frozen=True)
class Row:
    """One operation. reach: by caller, what each kind comes to: 0 where it is allowed, else the status."""

    operation: str
    is_list: bool
    kinds: str
    reach: dict[str, dict[str, int]]
    is_fresh: bool
    is_public: bool

    def expected(self, caller: str, kind: str) -> int:
        if caller in self.reach:
            return self.reach[caller][kind]
        return 401 if caller == "0" else 403

    def tried_by(self, caller: str) -> str:
        """At which kinds: all. Nobody at all is nobody at each of them."""
        return self.kinds[0] if caller == "0" and caller not in self.reach else self.kinds


def read() -> dict[str, Row]:
    """By operation."""
    reaches: dict[str, dict[str, int]] = {}
    groups: dict[str, str] = {}
    rows: dict[str, Row] = {}
    for line in _PAGE.read_text().splitlines():
        match line.split():
            case [] | ["#", *_]:
                continue
            case ["reach", code, *four]:
                reaches[code] = {kind: _STATUS[said] for kind, said in zip(ORDER, four, strict=False)}
            case ["group", name, letters]:
                groups[name] = letters
            case _:
                row = _row(line, reaches, groups)
                assert row.operation not in rows, f"{row.operation} stands twice in the table"
                rows[row.operation] = row
    return rows


def _row(line: str, reaches: dict[str, dict[str, int]], groups: dict[str, str]) -> Row:
    found = _LINE.fullmatch(line.strip())
    assert found, f"not a line of the table: {line}"
    operation, bracket, kinds, told = found.groups()
    reach: dict[str, dict[str, int]] = {}
    words = told.split()
    for word in words:
        if word == "fresh":
            continue
        who, code = word.split("=")
        for letter in groups.get(who, who):
            assert letter not in reach, f"{letter} stands twice: {line}"
            reach[letter] = reaches[code]
    return Row(operation, bool(bracket), kinds, reach, "fresh" in words, "0" in reach)
