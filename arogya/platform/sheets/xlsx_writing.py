"""XLSX as it streams: every cell a text, so that none can become a formula, and no more than a batch in memory."""

import io
import re
import zipfile
from collections.abc import Sequence
from typing import Final
from xml.sax.saxutils import escape, quoteattr

MOST_ROWS: Final = 1_048_576
"""Of one sheet, by the format. What comes after stands in the next sheet."""
_LONGEST_CELL: Final = 32_767
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")

_HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_OFFICE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
# 49 is "text", and quotePrefix the apostrophe that is not shown: a cell that is typed into again stays what it was.
_STYLES: Final = (
    f'{_HEAD}<styleSheet xmlns="{_MAIN}"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '</fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="3"><xf/><xf numFmtId="49" quotePrefix="1" applyNumberFormat="1"/>'
    '<xf numFmtId="49" fontId="1" applyNumberFormat="1" applyFont="1"/></cellXfs></styleSheet>'
)
_TEXT, _HEADING = 1, 2


class _Pipe(io.RawIOBase):
    """What was written since it was last emptied. It can't go back, and needn't."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, some: object) -> int:
        piece = bytes(some)  # type: ignore[call-overload]
        self._waiting += piece
        return len(piece)

    def taken(self) -> bytes:
        piece = bytes(self._waiting)
        self._waiting.clear()
        return piece


class XlsxStream:
    """`head`, then `rows` as often as there are some, then `end`: the bytes of one file."""

    def __init__(self, title: str) -> None:
        self._title = title[:28]
        self._pipe = _Pipe()
        self._book = zipfile.ZipFile(self._pipe, "w", zipfile.ZIP_DEFLATED, compresslevel=4)
        self._sheets = 0
        self._row = 0
        self._headings: Sequence[str] = ()

    def head(self, headings: Sequence[str]) -> bytes:
        self._headings = headings
        self._open_sheet()
        return self._pipe.taken()

    def rows(self, rows: Sequence[Sequence[str]]) -> bytes:
        written: list[str] = []
        for row in rows:
            if self._row == MOST_ROWS:
                self._write("".join(written))
                written.clear()
                self._close_sheet()
                self._open_sheet()
            written.append(self._line(row, _TEXT))
        self._write("".join(written))
        return self._pipe.taken()

    def end(self) -> bytes:
        self._close_sheet()
        numbers = range(1, self._sheets + 1)
        self._put("xl/styles.xml", _STYLES)
        titles = [self._title if n == 1 else f"{self._title} {n}" for n in numbers]
        self._put(
            "xl/workbook.xml",
            f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><sheets>'
            + "".join(
                f'<sheet name={quoteattr(title)} sheetId="{n}" r:id="s{n}"/>'
                for n, title in zip(numbers, titles, strict=True)
            )
            + "</sheets></workbook>",
        )
        self._put(
            "xl/_rels/workbook.xml.rels",
            f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">'
            + "".join(
                f'<Relationship Id="s{n}" Type="{_RELATIONS}/worksheet" Target="worksheets/sheet{n}.xml"/>'
                for n in numbers
            )
            + f'<Relationship Id="styles" Type="{_RELATIONS}/styles" Target="styles.xml"/></Relationships>',
        )
        self._put(
            "_rels/.rels",
            f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="book" '
            f'Type="{_RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        self._put(
            "[Content_Types].xml",
            f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{_OFFICE}.sheet.main+xml"/>'
            f'<Override PartName="/xl/styles.xml" ContentType="{_OFFICE}.styles+xml"/>'
            + "".join(
                f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{_OFFICE}.worksheet+xml"/>'
                for n in numbers
            )
            + "</Types>",
        )
        self._book.close()
        return self._pipe.taken()

    def _open_sheet(self) -> None:
        self._sheets += 1
        self._row = 0
        self._part = self._book.open(f"xl/worksheets/sheet{self._sheets}.xml", "w", force_zip64=True)
        self._write(
            f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
            '<pane ySplit="1" topLeftCell="A2" state="frozen"/></sheetView></sheetViews><sheetData>'
            + self._line(self._headings, _HEADING)
        )

    def _close_sheet(self) -> None:
        self._write("</sheetData></worksheet>")
        self._part.close()

    def _line(self, cells: Sequence[str], style: int) -> str:
        self._row += 1
        inside = "".join(
            f'<c t="inlineStr" s="{style}"><is><t xml:space="preserve">{_xml(cell)}</t></is></c>'
            if cell
            else f'<c s="{style}"/>'
            for cell in cells
        )
        return f"<row>{inside}</row>"

    def _write(self, xml: str) -> None:
        self._part.write(xml.encode())

    def _put(self, name: str, xml: str) -> None:
        self._book.writestr(name, xml)


def _xml(text: str) -> str:
    return escape(_NOT_IN_XML.sub("\ufffd", text[:_LONGEST_CELL]))
