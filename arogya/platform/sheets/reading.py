"""A file that somebody saved, as lines of text cells, whichever form it has. Nothing in it is run or fetched."""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from typing import Final

from arogya.platform.sheets.line import LONGEST_CELL, MAX_COLUMNS, Line, UnreadableSheet
from arogya.platform.sheets.xlsx_reading import xlsx_lines

_SEPARATORS: Final = ",;\t|"
_CHUNK: Final = 1 << 20
_OLD_OFFICE: Final = b"\xd0\xcf\x11\xe0"
_ZIP: Final = b"PK\x03\x04"


def lines(raw: bytes, *, is_glance: bool = False) -> Iterator[Line]:
    """All lines that hold anything, the headings first. Raises UnreadableSheet, also on the way.

    is_glance: somebody waits, and the first lines will do: it ends where megabytes go by without one.
    """
    if raw.startswith(_ZIP):
        return xlsx_lines(raw, is_glance=is_glance)
    if raw.startswith(_OLD_OFFICE):
        raise UnreadableSheet("An old Excel file, or one with a password: save it as XLSX or CSV without one")
    return _csv_lines(raw)


def form_of(raw: bytes) -> str:
    return "xlsx" if raw.startswith(_ZIP) else "csv"


def _csv_lines(raw: bytes) -> Iterator[Line]:
    encoding = _encoding(raw)
    page = io.TextIOWrapper(io.BytesIO(raw), encoding=encoding, newline="")
    separator, skipped = _separator(page)
    table = csv.reader(page, delimiter=separator)
    number = 0
    try:
        for number, cells in enumerate(table, 1 + skipped):
            if any(cell and not cell.isspace() for cell in cells):
                if len(cells) > MAX_COLUMNS and any(cells[MAX_COLUMNS:]):
                    raise UnreadableSheet(f"More than {MAX_COLUMNS} columns in line {number}")
                yield number, cells[:MAX_COLUMNS]
    except csv.Error:
        raise UnreadableSheet(f"A quotation mark that is opened near line {number + 1} is not closed") from None


def _encoding(raw: bytes) -> str:
    """Raises UnreadableSheet. UTF-8 where it can be, else UTF-16 by its mark or its zeros, else Windows-1252."""
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if raw.startswith(mark):
            return _insist_decodes(raw, name)
    head = raw[:4096]
    if b"\0" in head:
        even, odd = head[0::2].count(0), head[1::2].count(0)
        if odd > len(head) / 4:
            return _insist_decodes(raw, "utf-16-le")
        if even > len(head) / 4:
            return _insist_decodes(raw, "utf-16-be")
    if b"\0" in raw:
        raise UnreadableSheet("It is neither a table of text nor an Excel file")
    return "utf-8" if _decodes(raw, "utf-8") else _insist_decodes(raw, "cp1252")


def _insist_decodes(raw: bytes, encoding: str) -> str:
    if not _decodes(raw, encoding):
        raise UnreadableSheet("Its letters are in no encoding that is known here: save it as CSV UTF-8")
    return encoding


def _decodes(raw: bytes, encoding: str) -> bool:
    reading = codecs.getincrementaldecoder(encoding)()
    try:
        for start in range(0, len(raw), _CHUNK):
            reading.decode(raw[start : start + _CHUNK])
        reading.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _separator(page: io.TextIOWrapper) -> tuple[str, int]:
    """What parts the cells, and how many lines were only there to say so. Leaves the page where the table begins."""
    first = page.readline(LONGEST_CELL)
    if said := re.fullmatch(r'"?sep=(.)"?\s*', first):
        return said[1], 1
    page.seek(0)
    sample = page.read(64 * 1024)
    page.seek(0)
    return max(_SEPARATORS, key=lambda one: _columns(sample, one)), 0


def _columns(sample: str, separator: str) -> tuple[int, int]:
    """How many columns the headings have, and how many lines have as many."""
    found = []
    try:
        for cells in csv.reader(io.StringIO(sample, newline=""), delimiter=separator):
            found.append(len(cells))
            if len(found) == 50:
                break
    except csv.Error:
        return 0, 0
    return (found[0], found.count(found[0])) if found else (0, 0)
