"""What every reader of a sheet hands on, and how it says that it can't."""

from typing import Final

from arogya.platform.errors import Invalid

MAX_COLUMNS: Final = 256
LONGEST_CELL: Final = 32_767
"""Characters, as spreadsheets have it."""

Line = tuple[int, list[str]]
"""The line's number as a spreadsheet shows it, from 1, and its cells."""


class UnreadableSheet(Invalid):
    """The file as a whole can't be read. detail: why, for people."""

    code, title = "sheet_unreadable", "This file can't be read as a table"
