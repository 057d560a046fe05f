"""Tables as offices save them are read; what only looks like one, or is made to harm, is refused soon and cheaply."""

import io
import time
import tracemalloc
import zipfile
from collections.abc import Sequence

import pytest

from arogya.platform.sheets.line import MAX_COLUMNS, UnreadableSheet
from arogya.platform.sheets.reading import lines
from arogya.platform.sheets.xlsx_reading import MOST_UNPACKED_BYTES
from arogya.platform.sheets.xlsx_writing import XlsxStream

NAMES = [["नाम", "Größe"], ["सुनीता", "Zoë"]]
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
R = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'


def read(raw: bytes) -> list[list[str]]:
    return [cells for _, cells in lines(raw)]


def book(sheet: str, **parts: str) -> bytes:
    """An XLSX file with this inside its sheetData, as an office program lays it out."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(
            "xl/workbook.xml",
            parts.get("workbook")
            or f'<workbook {MAIN} {R}><sheets><sheet name="a" sheetId="1" r:id="x"/></sheets></workbook>',
        )
        packed.writestr(
            "xl/_rels/workbook.xml.rels",
            '<Relationships><Relationship Id="x" Target="worksheets/s.xml"/></Relationships>',
        )
        for name in ("sharedStrings", "styles"):
            if name in parts:
                packed.writestr(f"xl/{name}.xml", parts[name])
        packed.writestr(
            "xl/worksheets/s.xml",
            parts.get("prefix", "") + f"<worksheet {MAIN}><sheetData>{sheet}</sheetData></worksheet>",
        )
    return made.getvalue()  # fmt: skip


def written(rows: Sequence[Sequence[str]], headings: Sequence[str] = ("A", "B")) -> bytes:
    stream = XlsxStream("test")
    return stream.head(headings) + stream.rows(rows) + stream.end()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_csv_is_read_in_every_encoding_with_every_separator(encoding: str, separator: str) -> None:
    raw = "\r\n".join(separator.join(row) for row in NAMES).encode(encoding)
    assert read(raw) == NAMES


def test_windows_letters_are_read() -> None:
    assert read("Name,Ort\nZoë – “O’Neill”,Köln".encode("cp1252")) == [["Name", "Ort"], ["Zoë – “O’Neill”", "Köln"]]


def test_quotes_hold_separators_and_lines_and_numbers_are_the_spreadsheets() -> None:
    raw = b'A,B\n\n"x, y","two\nlines"\nz,1\n'
    assert list(lines(raw)) == [(1, ["A", "B"]), (3, ["x, y", "two\nlines"]), (4, ["z", "1"])]


def test_a_first_line_that_names_the_separator_is_heeded() -> None:
    assert read(b"sep=;\nA;B\n1,5;2\n") == [["A", "B"], ["1,5", "2"]]


def test_a_quote_that_is_not_closed_is_told_and_does_not_swallow_the_rest() -> None:
    with pytest.raises(UnreadableSheet, match="not closed"):
        read(b'A,B\n1,"2\n' + b"3,4\n" * 90_000)


@pytest.mark.parametrize(
    "raw", [b"\0\1\2" * 900, b"A,B\n" + b"\0" * 9, "A,ब".encode("utf-16-le")[:-1], b"\x81\x8d,A\n"]
)
def test_what_is_no_text_is_refused(raw: bytes) -> None:
    with pytest.raises(UnreadableSheet):
        read(raw)


def test_numbers_dates_booleans_and_formulas_come_as_what_they_show() -> None:
    styles = (
        f'<styleSheet {MAIN}><numFmts><numFmt numFmtId="170" formatCode="dd/mm/yyyy;@"/>'
        '<numFmt numFmtId="171" formatCode="&quot;day&quot; 0.0"/></numFmts>'
        '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="170"/><xf numFmtId="171"/></cellXfs></styleSheet>'
    )
    shared = f"<sst {MAIN}><si><r><t>Kavi</t></r><r><t>ta</t></r><rPh><t>xx</t></rPh></si></sst>"
    sheet = (
        '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="C1" t="inlineStr"><is><t>in</t></is></c></row>'
        '<row r="4"><c r="A4"><v>9.0000112E9</v></c><c r="B4" s="1"><v>32975</v></c><c r="C4" s="2"><v>32975.5</v></c>'
        '<c r="D4" s="3"><v>2.5</v></c><c r="E4" t="b"><v>1</v></c><c r="F4" t="e"><v>#N/A</v></c>'
        '<c r="G4"><f>1+1</f><v>2</v></c><c r="H4"><f>A1</f></c><c r="I4" t="str"><f>A1</f><v>told</v></c></row>'
    )
    assert list(lines(book(sheet, styles=styles, sharedStrings=shared))) == [
        (1, ["Kavita", "", "in"]),
        (4, ["9000011200", "1990-04-12", "1990-04-12 12:00:00", "2.5", "yes", "#N/A", "2", "#FORMULA!", "told"]),
    ]


def test_the_first_sheet_that_is_shown_is_read() -> None:
    workbook = (
        f'<workbook {MAIN} {R}><sheets><sheet name="b" sheetId="2" state="hidden" r:id="gone"/>'
        '<sheet name="a" sheetId="1" r:id="x"/></sheets></workbook>'
    )
    assert read(book("<row><c><v>7</v></c></row>", workbook=workbook)) == [["7"]]


def test_one_cell_in_the_last_corner_costs_nothing() -> None:
    tracemalloc.start()
    began = time.process_time()
    assert list(lines(book('<row r="1048576"><c r="IV1048576"><v>1</v></c></row>'))) == [(1048576, [""] * 255 + ["1"])]
    with pytest.raises(UnreadableSheet, match="columns"):
        read(book('<row r="1"><c r="XFD1"><v>1</v></c></row>'))
    assert time.process_time() - began < 1
    assert tracemalloc.get_traced_memory()[1] < 5_000_000
    tracemalloc.stop()
    assert MAX_COLUMNS == 256


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    made = io.BytesIO(book("<row><c><v>1</v></c></row>"))
    with zipfile.ZipFile(made, "a", zipfile.ZIP_DEFLATED) as packed, packed.open("xl/media/b.bin", "w") as part:
        for _ in range(MOST_UNPACKED_BYTES // (16 << 20) + 1):
            part.write(bytes(16 << 20))
    raw = made.getvalue()
    assert len(raw) < 1_000_000
    began = time.process_time()
    with pytest.raises(UnreadableSheet, match="too large"):
        read(raw)
    assert time.process_time() - began < 1


def test_empty_texts_and_cells_and_endless_ones_cost_little(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is some kilobytes as it is sent."""
    from arogya.platform.sheets import xlsx_reading

    monkeypatch.setattr(xlsx_reading, "_MOST_SHARED_TEXTS", 100_000)
    monkeypatch.setattr(xlsx_reading, "_MOST_CELLS", 100_000)
    one = '<row><c t="s"><v>0</v></c></row>'
    tracemalloc.start()
    with pytest.raises(UnreadableSheet, match="too much text"):
        read(book(one, sharedStrings=f"<sst {MAIN}>{'<si/>' * 200_000}</sst>"))
    with pytest.raises(UnreadableSheet, match="too many cells"):
        read(book(f"<row>{'<c/>' * 200_000}</row>"))
    with pytest.raises(UnreadableSheet, match="too many cells"):
        read(book("<row/>" * 200_000))
    endless = "x" * 8_000_000
    [[kept]] = read(book(one, sharedStrings=f"<sst {MAIN}><si><t>{endless}</t></si></sst>"))
    [[inline]] = read(book(f"<row><c t='inlineStr'><is><t>{endless}</t></is></c></row>"))
    assert {len(kept), len(inline)} == {32_767}
    assert tracemalloc.get_traced_memory()[1] < 45_000_000, "mostly what this test itself makes"
    tracemalloc.stop()


def test_a_part_that_lies_about_its_size_is_damaged() -> None:
    raw = book("<row><c><v>1</v></c></row>" * 5000)
    with zipfile.ZipFile(io.BytesIO(raw)) as packed:
        size = packed.getinfo("xl/worksheets/s.xml").file_size
    lying = raw.replace(size.to_bytes(4, "little"), (size // 2).to_bytes(4, "little"))
    assert lying != raw
    with pytest.raises(UnreadableSheet):
        read(lying)


def test_entities_are_refused_and_no_file_is_fetched() -> None:
    for declared in (
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
    ):
        with pytest.raises(UnreadableSheet, match="document type"):
            read(book("<row><c t='inlineStr'><is><t>&a;</t></is></c></row>", prefix=declared))


@pytest.mark.parametrize("raw", [b"PK\x03\x04", b"PK\x03\x04" + b"x" * 99, written([["1", "2"]])[:-40]])
def test_a_damaged_workbook_is_refused(raw: bytes) -> None:
    with pytest.raises(UnreadableSheet):
        read(raw)


def test_what_is_written_is_read_again_whatever_it_holds() -> None:
    rows = [["=1+1", "+91 90000"], ["<a&b>\"'", "ए\u200dक 😀 \n two"], ["", "x"], ["\x00\x0b", "@x"]]
    assert read(written(rows)) == [["A", "B"], *rows[:3], ["��", "@x"]]


def test_no_written_cell_is_a_formula_and_each_stays_a_text() -> None:
    with zipfile.ZipFile(io.BytesIO(written([["=HYPERLINK(1)", "-2"]]))) as packed:
        sheet, styles = packed.read("xl/worksheets/sheet1.xml"), packed.read("xl/styles.xml")
    assert b"<f" not in sheet.replace(b"frozen", b"")
    assert sheet.count(b't="inlineStr"') == 4
    assert b'numFmtId="49" quotePrefix="1"' in styles


def test_more_rows_than_a_sheet_holds_go_on_in_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    from arogya.platform.sheets import xlsx_writing

    monkeypatch.setattr(xlsx_writing, "MOST_ROWS", 3)
    raw = written([[str(n), ""] for n in range(5)])
    with zipfile.ZipFile(io.BytesIO(raw)) as packed:
        sheets = [name for name in packed.namelist() if "worksheets" in name]
        assert len(sheets) == 3
        assert packed.read(sheets[1]).count(b"<row>") == 3
        assert packed.testzip() is None


def blown_up(part: str, between: str = " ") -> bytes:
    """20 MB of nothing in this part, before what there is to read."""
    nothing = between * ((20 << 20) // len(between))
    sheet = "<row><c><v>1</v></c></row>"
    return book(nothing + sheet) if part == "sheet" else book(sheet, **{part: f"<a {MAIN}>{nothing}</a>"})


def test_a_part_that_is_always_small_is_refused_where_it_is_large() -> None:
    with pytest.raises(UnreadableSheet, match="too large"):
        next(lines(blown_up("styles")))


@pytest.mark.parametrize("between", [" ", "<row></row>"])
def test_a_glance_ends_where_nothing_follows_for_long(between: str) -> None:
    """Offices leave a million rows of nothing but looks below a table: who waits is shown what is above them."""
    assert list(lines(blown_up("sheet", between), is_glance=True)) == []


def test_whoever_has_time_reads_on() -> None:
    assert [cells for _, cells in lines(blown_up("sheet"))] == [["1"]]
