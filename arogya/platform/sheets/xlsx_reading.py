"""XLSX, read as it streams: a zip of XML, of which neither the zip nor the XML is trusted.

Not by a library: those that are fast lay the whole sheet out in memory, which one cell in the last corner makes
gigabytes of. Here a line is as wide as its cells, a document type or entity is refused, and sizes are counted.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Final
from xml.parsers import expat

from arogya.platform.sheets.line import LONGEST_CELL, MAX_COLUMNS, Line, UnreadableSheet

MOST_UNPACKED_BYTES: Final = 600 << 20
_MOST_PARTS: Final = 2000
_MOST_BETWEEN: Final = 4 << 20
"""Bytes of a sheet in which no line comes to its end, past which a glance does not go."""
_MOST_SHARED_CHARACTERS: Final = 60_000_000
_MOST_SHARED_TEXTS: Final = 3_000_000
_MOST_CELLS: Final = 25_000_000
_CHUNK: Final = 1 << 16
_BUILT_IN_DATES: Final = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
_MOST_SMALL_PART: Final = 16 << 20
_SMALL_PARTS: Final = ("xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml")
WITHOUT_VALUE: Final = "#FORMULA!"
"""A formula whose program left no result beside it. It is not reckoned here."""


def xlsx_lines(raw: bytes, *, is_glance: bool) -> Iterator[Line]:
    """The lines of the first sheet that is shown. Formulas are what they last came to. Raises UnreadableSheet."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as book:
            _insist_on_size(book)
            sheet, starts_1904 = _first_sheet(book)
            yield from _Sheet(_shared(book), _date_styles(book), starts_1904).lines(book, sheet, is_glance=is_glance)
    except (zipfile.BadZipFile, zlib.error, KeyError, EOFError, NotImplementedError, ValueError, OverflowError):
        raise UnreadableSheet("The Excel file is damaged or incomplete") from None
    except expat.ExpatError:
        raise UnreadableSheet("The Excel file is damaged: a part of it is no XML") from None


def _insist_on_size(book: zipfile.ZipFile) -> None:
    """What the parts say of their size holds: reading stops there, and the checksum then tells."""
    parts = book.infolist()
    if any(part.flag_bits & 1 for part in parts):
        raise UnreadableSheet("The Excel file has a password: save it without one")
    is_blown_up = any(part.filename in _SMALL_PARTS and part.file_size > _MOST_SMALL_PART for part in parts)
    if is_blown_up or len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED_BYTES:
        raise UnreadableSheet("Unpacked, the Excel file would be too large: save the sheet as CSV")


def _parse(
    book: zipfile.ZipFile,
    part: str,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> Iterator[None]:
    """Feed a part to the handlers, a chunk each step. Names come without their prefix. Raises UnreadableSheet."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler = lambda name, attributes: start(name.rpartition(":")[2], attributes)
    if end:
        parser.EndElementHandler = lambda name: end(name.rpartition(":")[2])
    if text:
        parser.CharacterDataHandler = text
    with book.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            parser.Parse(chunk, False)
            yield
        parser.Parse(b"", True)
        yield


def _refuse_doctype(*_: object) -> None:
    raise UnreadableSheet("The Excel file declares a document type, which no office program does")


def _first_sheet(book: zipfile.ZipFile) -> tuple[str, bool]:
    """The part of the first sheet that is shown, and whether days are counted from 1904."""
    shown: list[str] = []
    targets: dict[str, str] = {}
    told: dict[str, bool] = {"1904": False}

    def in_workbook(name: str, attributes: dict[str, str]) -> None:
        if name == "workbookPr":
            told["1904"] = attributes.get("date1904", "0") in {"1", "true"}
        elif name == "sheet" and attributes.get("state", "visible") == "visible":
            shown.extend(value for key, value in attributes.items() if key.rpartition(":")[2] == "id" and ":" in key)

    def in_relations(name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship" and attributes.get("TargetMode") != "External":
            targets[attributes["Id"]] = attributes["Target"]

    for _ in _parse(book, "xl/workbook.xml", in_workbook):
        pass
    for _ in _parse(book, "xl/_rels/workbook.xml.rels", in_relations):
        pass
    target = targets[shown[0]] if shown else ""
    if not target:
        raise UnreadableSheet("The Excel file has no sheet")
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}", told["1904"]


def _shared(book: zipfile.ZipFile) -> list[str]:
    """The texts that cells point at."""
    if "xl/sharedStrings.xml" not in book.namelist():
        return []
    found: list[str] = []
    parts: list[str] = []
    state = {"in_text": 0, "in_reading": 0, "length": 0, "characters": 0}

    def start(name: str, _: dict[str, str]) -> None:
        if name == "si":
            parts.clear()
            state["length"] = 0
        elif name == "t":
            state["in_text"] = 1
        elif name == "rPh":  # how it is pronounced, beside it
            state["in_reading"] = 1

    def end(name: str) -> None:
        if name == "si":
            found.append("".join(parts)[:LONGEST_CELL])
            state["characters"] += len(found[-1])
        elif name == "t":
            state["in_text"] = 0
        elif name == "rPh":
            state["in_reading"] = 0

    def text(said: str) -> None:
        # No further than a cell is long: one text may be all of the file.
        if state["in_text"] and not state["in_reading"] and state["length"] < LONGEST_CELL:
            parts.append(said)
            state["length"] += len(said)

    for _ in _parse(book, "xl/sharedStrings.xml", start, end, text):
        if state["characters"] > _MOST_SHARED_CHARACTERS or len(found) > _MOST_SHARED_TEXTS:
            raise UnreadableSheet("The Excel file holds too much text: save the sheet as CSV")
    return found


def _date_styles(book: zipfile.ZipFile) -> frozenset[int]:
    """The numbers of the cell styles that show a number as a date."""
    if "xl/styles.xml" not in book.namelist():
        return frozenset()
    formats: set[int] = set(_BUILT_IN_DATES)
    found: list[int] = []
    state = {"in_cells": False, "style": 0}

    def start(name: str, attributes: dict[str, str]) -> None:
        if name == "numFmt":
            code = re.sub(r'"[^"]*"|\\.|\[[^\]]*\]', "", attributes.get("formatCode", ""))
            if re.search("[yd]", code, re.IGNORECASE):
                formats.add(int(attributes["numFmtId"]))
        elif name == "cellXfs":
            state["in_cells"] = True
        elif name == "xf" and state["in_cells"]:
            if int(attributes.get("numFmtId", "0")) in formats:
                found.append(state["style"])
            state["style"] += 1

    def end(name: str) -> None:
        if name == "cellXfs":
            state["in_cells"] = False

    for _ in _parse(book, "xl/styles.xml", start, end):
        pass
    return frozenset(found)


class _Sheet:
    """The handlers of one sheet's part."""

    def __init__(self, shared: list[str], dates: frozenset[int], starts_1904: bool) -> None:
        self._shared, self._dates = shared, dates
        self._day_0 = datetime(1904, 1, 1) if starts_1904 else datetime(1899, 12, 30)  # noqa: DTZ001 - no moment, a day
        self._done: list[Line] = []
        self._number = 0
        self._cells: list[str] = []
        self._column = -1
        self._kind = ""
        self._is_date = False
        self._has_formula = False
        self._takes_text = False
        self._text: list[str] = []
        self._length = 0
        self._seen = 0

    def lines(self, book: zipfile.ZipFile, part: str, *, is_glance: bool) -> Iterator[Line]:
        between = 0
        for _ in _parse(book, part, self._start, self._end, self._read):
            between = 0 if self._done else between + _CHUNK
            if is_glance and between > _MOST_BETWEEN:
                return  # offices leave a million rows of nothing but looks below their tables
            if self._seen > _MOST_CELLS:
                raise UnreadableSheet("The Excel file holds too many cells: save the sheet as CSV")
            yield from self._done
            self._done.clear()

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "c":
            self._column = _column(attributes["r"]) if "r" in attributes else self._column + 1
            self._kind = attributes.get("t", "n")
            self._is_date = int(attributes.get("s", "0")) in self._dates
            self._has_formula = False
            self._text.clear()
            self._length = 0
            self._seen += 1
        elif name in {"v", "t"}:
            self._takes_text = True
        elif name == "f":
            self._has_formula = True
        elif name == "row":
            self._seen += 1
            self._number = int(attributes["r"]) if "r" in attributes else self._number + 1
            self._cells, self._column = [], -1

    def _read(self, said: str) -> None:
        if self._takes_text and self._length < LONGEST_CELL:
            self._text.append(said)
            self._length += len(said)

    def _end(self, name: str) -> None:
        if name in {"v", "t"}:
            self._takes_text = False
        elif name == "c":
            said = self._said("".join(self._text)[:LONGEST_CELL])
            if said:
                self._keep(said)
        elif name == "row" and self._cells:
            self._done.append((self._number, self._cells))

    def _keep(self, said: str) -> None:
        if self._column >= MAX_COLUMNS:
            raise UnreadableSheet(f"More than {MAX_COLUMNS} columns in line {self._number}")
        self._cells.extend([""] * (self._column + 1 - len(self._cells)))
        self._cells[self._column] = said

    def _said(self, text: str) -> str:
        if not text:
            return WITHOUT_VALUE if self._has_formula and self._kind != "str" else ""
        if self._kind == "s":
            return self._shared[int(text)] if int(text) < len(self._shared) else WITHOUT_VALUE
        if self._kind == "b":
            return "yes" if text == "1" else "no"
        if self._kind != "n":
            return text
        number = float(text)
        if self._is_date:
            moment = self._day_0 + timedelta(days=round(number, 6))
            return moment.strftime("%Y-%m-%d") if number == int(number) else moment.strftime("%Y-%m-%d %H:%M:%S")
        return str(int(number)) if number.is_integer() and abs(number) < 1e15 else text


def _column(reference: str) -> int:
    """`C7` is 2."""
    found = 0
    for letter in reference:
        if not letter.isalpha():
            break
        found = found * 26 + ord(letter.upper()) - 64
    return found - 1
