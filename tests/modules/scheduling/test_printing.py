"""What leaves the printer: every fact is on the paper, in both languages, on the right size, in black."""

import dataclasses
import io
import json
import re
import statistics
import time
import unicodedata
from collections.abc import Awaitable, Callable
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pypdf import PdfReader

from arogya.modules.scheduling import printing
from arogya.modules.scheduling.printing import (
    DaySheet,
    DaySheetRow,
    Letterhead,
    PatientOnPaper,
    Receipt,
    ReceiptLine,
    Slip,
    State,
    day_sheet_pdf,
    receipt_pdf,
    slip_pdf,
)
from arogya.platform.barcode import code128, qr

MM = 72 / 25.4
INDIA = ZoneInfo("Asia/Kolkata")
PRINT = Path(printing.__file__).parent / "print"

HEAD = Letterhead(
    hospital="Demo Arogya Hospital",
    facility="Lakeside Branch",
    address="12 Example Road, Sampleganj",
    phone="0755 555 0100",
)
ASHA = PatientOnPaper(
    name="Asha Example",
    uhid="DAH-26-004217",
    sex="female",
    age_years=34,
    guardian="W/o Mohan Example",
    phone="98765 00000",
)
SLIP = Slip(
    letterhead=HEAD,
    patient=ASHA,
    token=27,
    doctor="Dr Sunita Sample",
    qualifications="MBBS, MD",
    registration_number="XX-00000",
    room="Room 4",
    day=date(2026, 11, 23),
    starts_at=datetime(2026, 11, 23, 11, 15, tzinfo=INDIA),
    fee_paise=50_000,
    fee_state="paid",
    valid_till=date(2026, 11, 30),
    reason="Fever",
    printed_at=datetime(2026, 11, 23, 10, 31, tzinfo=INDIA),
)
RECEIPT = Receipt(
    letterhead=HEAD,
    patient=ASHA,
    number="LS/26-27/000123",
    issued_at=datetime(2026, 11, 23, 10, 31, tzinfo=INDIA),
    lines=[ReceiptLine(text="Consultation", amount_paise=12_34_500_00), ReceiptLine(text="Card", amount_paise=5_050)],
    method="upi",
    utr="632900000000",
    is_verified=False,
    cashier="Ravi Sample",
)
STATES: dict[State, tuple[str, str]] = {
    "pending": ("Pending", "पुष्टि बाकी"),
    "booked": ("Confirmed", "पक्का"),
    "arrived": ("Arrived", "आ गए"),
    "checked-in": ("Checked in", "चेक-इन हुआ"),
    "in-consultation": ("With doctor", "डॉक्टर के पास"),
    "fulfilled": ("Completed", "पूरा हुआ"),
    "cancelled": ("Cancelled", "रद्द"),
    "noshow": ("No-show", "नहीं आए"),
}


def row(number: int, state: State = "booked") -> DaySheetRow:
    return DaySheetRow(
        patient=dataclasses.replace(ASHA, name=f"Patient {number:03}", uhid=f"DAH-26-{number:06}"),
        state=state,
        token=number,
        starts_at=datetime(2026, 11, 23, 9 + number // 12, number % 12 * 5, tzinfo=INDIA),
        reason="Fever",
    )


SHEET = DaySheet(
    letterhead=HEAD,
    doctor="Dr Sunita Sample",
    day=date(2026, 11, 23),
    session="Morning",
    room="Room 4",
    rows=[row(number) for number in range(1, 41)],
    printed_at=datetime(2026, 11, 23, 8, 55, tzinfo=INDIA),
)


def pages(document: bytes) -> list[str]:
    """Each page's text as a reader copies it, without the marks that have no ink."""
    return [
        "".join(mark for mark in page.extract_text() if mark == "\n" or unicodedata.category(mark) not in {"Cc", "Cf"})
        for page in PdfReader(io.BytesIO(document)).pages
    ]


def read_aloud(document: bytes) -> str:
    """All text as a screen reader has it, without spaces. Joined letters carry their text beside them (ActualText),
    which pypdf's own extraction doesn't read."""
    said = []
    for page in PdfReader(io.BytesIO(document)).pages:
        contents = page.get_contents()
        assert contents is not None
        letters: dict[str, dict[str, str]] = {
            name: letters_of(font.get_object()) for name, font in page["/Resources"]["/Font"].items()
        }
        font, spoken_for = "", []
        for operands, operator in contents.operations:
            if operator == b"BDC":
                instead = operands[1].get("/ActualText")
                spoken_for.append(instead is not None)
                said.append(instead or "")
            elif operator == b"EMC":
                spoken_for.pop()
            elif operator == b"Tf":
                font = operands[0]
            elif operator in {b"Tj", b"TJ"} and not any(spoken_for):
                parts = operands[0] if operator == b"TJ" else operands
                codes = "".join(part.original_bytes.hex() for part in parts if hasattr(part, "original_bytes"))
                said += [letters[font].get(codes[at : at + 4], "") for at in range(0, len(codes), 4)]
    return bare("".join(said))


def letters_of(font: Any) -> dict[str, str]:
    """What each glyph of an embedded font says, from its ToUnicode table."""
    table = font["/ToUnicode"].get_data().decode()
    return {
        code.lower(): bytes.fromhex(text).decode("utf-16-be")
        for code, text in re.findall(r"^<([0-9A-F]{4})> <([0-9A-F]+)>$", table, re.MULTILINE)
    }


def bare(text: str) -> str:
    return "".join(text.split())


def size_mm(document: bytes) -> tuple[int, int]:
    box = PdfReader(io.BytesIO(document)).pages[0].mediabox
    return round(float(box.width) / MM), round(float(box.height) / MM)


def operations(document: bytes, page: int = 0) -> list[tuple[list[Any], str]]:
    contents = PdfReader(io.BytesIO(document)).pages[page].get_contents()
    assert contents is not None
    return [([*operands], operator.decode()) for operands, operator in contents.operations]


def bars_drawn(document: bytes, height_mm: float) -> list[tuple[float, float]]:
    """Left and right edge of each upright rectangle of that height, in page order, in dots of 1/8 mm."""
    found = []
    path: list[tuple[float, float]] = []
    for operands, operator in operations(document):
        if operator == "m":
            path = []
        if operator in {"m", "l"}:
            path.append((float(operands[0]), float(operands[1])))
        if operator == "h" and len(path) == 4:
            (left, top), (right, _), (_, bottom), _ = path
            if abs(abs(bottom - top) - height_mm * MM) < 0.01:
                found.append((left / MM * 8, right / MM * 8))
    return found


def squares_drawn(document: bytes) -> dict[tuple[str, ...], float]:
    """Each QR code on the first page as rows of 1 and 0, with the width of its module in dots of 1/8 mm."""
    found: dict[tuple[str, ...], float] = {}
    boxes: list[tuple[float, float, float, float]] = []
    path: list[tuple[float, float]] = []
    for operands, operator in operations(document):
        if operator == "m":
            path = []
        if operator in {"m", "l"}:
            path.append((float(operands[0]), float(operands[1])))
        if operator == "h" and len(path) == 4:
            across, down = [x for x, _ in path], [y for _, y in path]
            boxes.append((min(across), max(across), min(down), max(down)))
        if operator in {"f", "f*"}:
            if len(boxes) > 50:
                found |= rows_of(boxes)
            boxes = []
    return found


def rows_of(boxes: list[tuple[float, float, float, float]]) -> dict[tuple[str, ...], float]:
    module = boxes[0][3] - boxes[0][2]
    left, right = min(one[0] for one in boxes), max(one[1] for one in boxes)
    top, size = min(one[2] for one in boxes), round((right - left) / module)
    rows = [["0"] * size for _ in range(size)]
    for x0, x1, y0, _ in boxes:
        for column in range(round((x0 - left) / module), round((x1 - left) / module)):
            rows[round((y0 - top) / module)][column] = "1"
    return {tuple("".join(row) for row in rows): module / MM * 8}


# The slip


PASS_URL = f"https://hospital-of-the-tests.example/my/slip#{'Aq9_-' * 8}abc"


@pytest.mark.parametrize(("paper", "width"), [("80mm", 80), ("a5", 148)])
@pytest.mark.parametrize("language", ["en", "hi"])
async def test_the_way_in_by_phone_stands_on_the_slip_in_whole_dots(
    paper: printing.Paper, width: int, language: printing.Language
) -> None:
    slip = dataclasses.replace(SLIP, pass_url=PASS_URL, language=language)
    document = await slip_pdf(slip, paper)
    assert len(pages(document)) == 1
    assert size_mm(document)[0] == width
    drawn = squares_drawn(document)
    assert drawn.keys() == {qr(ASHA.uhid), qr(PASS_URL)}
    assert round(drawn[qr(PASS_URL)], 2) == 4
    said = {
        "en": "Scan within 24 hours; it asks for the year of birth.",
        "hi": "24 घंटे में स्कैन करें; जन्म का साल पूछा जाएगा।",
    }[language]
    assert bare(said) in read_aloud(document)
    assert bars_drawn(document, {"80mm": 11, "a5": 9}[paper]), "the counter's own bars stay"


@pytest.mark.parametrize("paper", ["80mm", "a5"])
async def test_slip_with_no_way_in_shows_none(paper: printing.Paper) -> None:
    document = await slip_pdf(SLIP, paper)
    assert squares_drawn(document).keys() == {qr(ASHA.uhid)}
    assert "phone" not in read_aloud(document)


@pytest.mark.parametrize("paper", ["80mm", "a5"])
async def test_the_slip_says_all_the_desk_knows(paper: printing.Paper) -> None:
    [text] = pages(await slip_pdf(SLIP, paper))
    for fact in [
        "Demo Arogya Hospital", "Lakeside Branch", "12 Example Road, Sampleganj", "Phone 0755 555 0100",
        "Asha Example", "34 y / F · W/o Mohan Example", "DAH-26-004217", "27",
        "Dr Sunita Sample", "MBBS, MD", "XX-00000", "Room 4",
        "Mon 23 Nov 2026", "11:15 am", "₹500.00 (paid)", "Mon 30 Nov 2026", "Fever", "Printed 23 Nov 2026, 10:31 am",
    ]:  # fmt: skip
        assert fact in text


@pytest.mark.parametrize("paper", ["80mm", "a5"])
async def test_the_slip_speaks_hindi_and_leaves_names_as_recorded(paper: printing.Paper) -> None:
    patient = dataclasses.replace(ASHA, name="प्रद्युम्न", sex="male", age_years=2, age_months=3, guardian=None)
    slip = dataclasses.replace(SLIP, language="hi", patient=patient, fee_state="free_revisit", fee_paise=0)
    text = read_aloud(await slip_pdf(slip, paper))
    for fact in [
        "टोकन", "डॉक्टर", "पंजीकरण सं.", "कमरा", "दिनांक", "समय", "कारण", "शुल्क", "निःशुल्क पुनः परामर्श", "मान्य तिथि",
        "प्रद्युम्न", "2 वर्ष 3 माह / पुरुष", "सोम 23 नव॰ 2026", "Dr Sunita Sample",
    ]:  # fmt: skip
        assert bare(fact) in text
    assert not re.search("Token|Doctor|Valid|Fee|₹", text)


async def test_the_roll_is_as_long_as_what_stands_on_it() -> None:
    full = await slip_pdf(SLIP, "80mm")
    short = await slip_pdf(dataclasses.replace(SLIP, reason=None, room=None, session=None, valid_till=None), "80mm")
    assert size_mm(full)[0] == size_mm(short)[0] == 80
    assert 90 < size_mm(short)[1] < size_mm(full)[1] < 150
    lowest: list[float] = []
    PdfReader(io.BytesIO(full)).pages[0].extract_text(
        visitor_text=lambda text, _cm, place, _font, _size: lowest.append(place[5]) if text.strip() else None
    )
    assert min(lowest) < 8 * MM


@pytest.mark.parametrize(("paper", "size"), [("80mm", None), ("a5", (148, 210))])
async def test_the_slip_is_one_page(paper: printing.Paper, size: tuple[int, int] | None) -> None:
    document = await slip_pdf(SLIP, paper)
    assert len(PdfReader(io.BytesIO(document)).pages) == 1
    assert size is None or size_mm(document) == size


@pytest.mark.parametrize(("paper", "height_mm"), [("80mm", 11), ("a5", 9)])
async def test_the_bars_on_paper_are_the_uhids(paper: printing.Paper, height_mm: int) -> None:
    drawn = bars_drawn(await slip_pdf(SLIP, paper), height_mm)
    edges = [edge for bar in drawn for edge in bar]
    widths = [right - left for left, right in pairwise(edges)]
    dots = 3
    assert [round(width / dots) for width in widths] == list(code128("DAH-26-004217"))
    # Whole dots, or a thermal printer makes its own widths of them.
    assert all(abs(width / dots - round(width / dots)) < 0.01 for width in widths)


async def test_a_long_uhid_gets_thinner_bars_and_a_longer_one_none() -> None:
    def slip(uhid: str) -> Slip:
        return dataclasses.replace(SLIP, patient=dataclasses.replace(ASHA, uhid=uhid))

    long, too_long = "EXAMPLE/2026/OPD-42", "EXAMPLE/2026/OPD-WEST/NORTH/42"
    edges = bars_drawn(await slip_pdf(slip(long), "80mm"), 11)
    assert edges[0][1] - edges[0][0] == pytest.approx(2 * 2, abs=0.02)
    document = await slip_pdf(slip(too_long), "80mm")
    assert not bars_drawn(document, 11)
    assert too_long in pages(document)[0]


async def test_a_uhid_in_hindi_has_no_bars_but_prints() -> None:
    document = await slip_pdf(dataclasses.replace(SLIP, patient=dataclasses.replace(ASHA, uhid="रमा-12")), "80mm")
    assert not bars_drawn(document, 11)
    assert "रमा-12" in pages(document)[0]


async def test_without_a_token_the_time_stands_large() -> None:
    [text] = pages(await slip_pdf(dataclasses.replace(SLIP, token=None), "80mm"))
    assert "Token" not in text
    assert text.count("11:15 am") == 2


async def test_a_token_session_has_no_time() -> None:
    [text] = pages(await slip_pdf(dataclasses.replace(SLIP, starts_at=None, session="Morning"), "80mm"))
    assert "Time" not in text
    assert "Morning" in text


async def test_what_is_not_known_has_no_label() -> None:
    bare = Slip(
        letterhead=dataclasses.replace(HEAD, phone=None),
        patient=PatientOnPaper(name="Unknown male ~40", uhid="X1"),
        doctor="Dr Sunita Sample",
        day=SLIP.day,
        fee_paise=0,
        fee_state="free_revisit",
        printed_at=SLIP.printed_at,
    )
    [text] = pages(await slip_pdf(bare, "80mm"))
    assert not re.search("Phone|Reg|Room|Time|Session|Reason|Valid|None|none|Token", text)
    assert "Free revisit" in text


async def test_the_fee_says_what_is_still_to_pay() -> None:
    [text] = pages(await slip_pdf(dataclasses.replace(SLIP, fee_state="due", fee_paise=1_00_000_00), "80mm"))
    assert "₹1,00,000.00 (to pay)" in text


@pytest.mark.parametrize(
    ("years", "months", "said"),
    [
        (34, None, "34 y"),
        (34, 7, "34 y"),
        (5, 2, "5 y"),
        (4, 11, "4 y 11 m"),
        (2, 0, "2 y"),
        (0, 7, "7 m"),
        (0, 0, "0 m"),
        (0, None, "0 y"),
        (None, 3, "3 m"),
        (None, None, ""),
    ],
)
def test_small_children_are_counted_in_months(years: int | None, months: int | None, said: str) -> None:
    assert printing.age_in_words(years, months, "en") == said


def test_a_free_revisit_with_a_fee_is_refused() -> None:
    with pytest.raises(ValueError, match="free revisit"):
        dataclasses.replace(SLIP, fee_state="free_revisit")


async def test_a_fee_in_floating_rupees_is_refused() -> None:
    with pytest.raises(TypeError):
        await slip_pdf(dataclasses.replace(SLIP, fee_paise=500.0), "80mm")  # type: ignore[arg-type]


@pytest.mark.parametrize("field", ["starts_at", "printed_at"])
def test_a_time_without_its_zone_is_refused(field: str) -> None:
    with pytest.raises(ValueError, match="zone"):
        dataclasses.replace(SLIP, **{field: datetime(2026, 11, 23, 11, 15)})  # type: ignore[arg-type]  # noqa: DTZ001


# The receipt


@pytest.mark.parametrize("paper", ["80mm", "a5"])
async def test_the_receipt_says_what_was_paid_and_how(paper: printing.Paper) -> None:
    [text] = pages(await receipt_pdf(RECEIPT, paper))
    for fact in [
        "Demo Arogya Hospital", "LS/26-27/000123", "23 Nov 2026, 10:31 am", "Asha Example", "DAH-26-004217",
        "Consultation", "₹12,34,500.00", "Card", "₹50.50", "₹12,34,550.50", "UPI", "632900000000", "Ravi Sample",
    ]:  # fmt: skip
        assert fact in text
    assert "Rupees twelve lakh thirty-four thousand five hundred fifty and fifty paise only" in " ".join(text.split())


@pytest.mark.parametrize("paper", ["80mm", "a5"])
async def test_upi_that_no_bank_confirmed_is_marked(paper: printing.Paper) -> None:
    [text] = pages(await receipt_pdf(RECEIPT, paper))
    assert "Received, unverified" in text
    [text] = pages(await receipt_pdf(dataclasses.replace(RECEIPT, is_verified=True), paper))
    assert "unverified" not in text


@pytest.mark.parametrize("paper", ["80mm", "a5"])
async def test_the_receipt_speaks_hindi(paper: printing.Paper) -> None:
    lines = [ReceiptLine(text="परामर्श", amount_paise=7_000)]
    receipt = dataclasses.replace(RECEIPT, language="hi", method="cash", utr=None, is_verified=True, lines=lines)
    text = read_aloud(await receipt_pdf(receipt, paper))
    for fact in ["रसीद सं.", "विवरण", "परामर्श", "राशि", "कुल", "₹70.00", "सत्तर रुपये मात्र", "भुगतान", "नकद", "कैशियर"]:
        assert bare(fact) in text
    assert not re.search("UTR|Cash|Total|Rupees", text)


async def test_a_receipts_paper_has_the_right_size() -> None:
    assert size_mm(await receipt_pdf(RECEIPT, "a5")) == (148, 210)
    width, height = size_mm(await receipt_pdf(RECEIPT, "80mm"))
    assert width == 80
    assert height < 140


def test_cash_with_a_utr_is_refused() -> None:
    with pytest.raises(ValueError, match="UTR"):
        dataclasses.replace(RECEIPT, method="cash", is_verified=True)


def test_unverified_cash_is_refused() -> None:
    with pytest.raises(ValueError, match="verify"):
        dataclasses.replace(RECEIPT, method="cash", utr=None)


def test_a_receipt_for_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="paid for"):
        dataclasses.replace(RECEIPT, lines=[])


def test_a_receipt_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        dataclasses.replace(RECEIPT, issued_at=datetime(2026, 11, 23, 10, 31))  # noqa: DTZ001


async def test_a_negative_line_is_refused() -> None:
    lines = [ReceiptLine(text="Consultation", amount_paise=500), ReceiptLine(text="Back", amount_paise=-100)]
    with pytest.raises(ValueError, match="negative"):
        await receipt_pdf(dataclasses.replace(RECEIPT, lines=lines), "80mm")


# The day sheet


async def test_every_patient_of_the_day_is_on_the_sheet_once() -> None:
    document = await day_sheet_pdf(SHEET)
    text = "\n".join(pages(document))
    for entry in SHEET.rows:
        assert text.count(entry.patient.name) == 1
        assert text.count(entry.patient.uhid) == 1
    assert size_mm(document) == (297, 210)


async def test_each_page_says_whose_day_it_is_and_which_page() -> None:
    texts = pages(await day_sheet_pdf(SHEET))
    assert len(texts) == 3
    for number, text in enumerate(texts, 1):
        for fact in [
            "Dr Sunita Sample", "Monday, 23 November 2026", "Demo Arogya Hospital, Lakeside Branch", "Morning",
            "Patients: 40", "UHID", "Notes", f"Page {number} of 3", "Printed 23 Nov 2026, 8:55 am",
        ]:  # fmt: skip
            assert fact in text


async def test_times_are_the_facilitys_own() -> None:
    [text] = pages(await day_sheet_pdf(dataclasses.replace(SHEET, rows=[row(13)])))
    assert "10:05 am" in text


@pytest.mark.parametrize("state", list(STATES))
async def test_a_state_is_a_word_and_a_mark(state: State) -> None:
    english = await day_sheet_pdf(dataclasses.replace(SHEET, rows=[row(1, state)]))
    assert STATES[state][0] in pages(english)[0]
    hindi = await day_sheet_pdf(dataclasses.replace(SHEET, rows=[row(1, state)], language="hi"))
    assert bare(STATES[state][1]) in read_aloud(hindi)


async def test_no_two_states_have_the_same_mark() -> None:
    drawings = set()
    for state in STATES:
        document = await day_sheet_pdf(dataclasses.replace(SHEET, rows=[row(1, state)]))
        strokes = [step for step in operations(document) if step[1] in {"m", "l", "c", "d"}]
        drawings.add(str(strokes))
    assert len(drawings) == len(STATES)


async def test_a_token_session_has_no_column_for_times() -> None:
    tokens = [dataclasses.replace(entry, starts_at=None) for entry in SHEET.rows[:5]]
    [text] = pages(await day_sheet_pdf(dataclasses.replace(SHEET, rows=tokens)))
    assert "Time" not in text
    assert "Token" in text


async def test_a_timed_day_without_tokens_has_no_column_for_them() -> None:
    timed = [dataclasses.replace(entry, token=None) for entry in SHEET.rows[:5]]
    [text] = pages(await day_sheet_pdf(dataclasses.replace(SHEET, rows=timed)))
    assert "Token" not in text
    assert "Time" in text


async def test_empty_lines_are_left_for_who_walks_in() -> None:
    lines = []
    for empty_rows in (0, 6):
        document = await day_sheet_pdf(dataclasses.replace(SHEET, rows=[], empty_rows=empty_rows))
        lines.append(sum(operator == "l" for _, operator in operations(document)))
    assert lines[1] >= lines[0] + 6


async def test_a_day_without_patients_prints() -> None:
    [text] = pages(await day_sheet_pdf(dataclasses.replace(SHEET, rows=[])))
    assert "Patients: 0" in text


async def test_the_sheet_speaks_hindi() -> None:
    text = read_aloud(await day_sheet_pdf(dataclasses.replace(SHEET, language="hi")))
    for fact in [
        "टोकन", "समय", "मरीज़", "आयु / लिंग", "फ़ोन", "कारण", "स्थिति", "टिप्पणी", "सोमवार, 23 नवंबर 2026", "34 वर्ष / महिला",
        "मरीज़: 40", "पृष्ठ 1 / 3", "पृष्ठ 3 / 3", "दिन की सूची", "मुद्रित 23 नव॰ 2026, 8:55 am",
    ]:  # fmt: skip
        assert bare(fact) in text
    assert not re.search("Token|Reason|Notes|Page|Confirmed", text)


def test_a_row_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        dataclasses.replace(row(1), starts_at=datetime(2026, 11, 23, 9, 0))  # noqa: DTZ001


def test_a_sheet_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        dataclasses.replace(SHEET, printed_at=datetime(2026, 11, 23, 9, 0))  # noqa: DTZ001


# All of them

DOCUMENTS: dict[str, Callable[[PatientOnPaper], Awaitable[bytes]]] = {
    "slip, 80 mm": lambda patient: slip_pdf(dataclasses.replace(SLIP, patient=patient), "80mm"),
    "slip, A5": lambda patient: slip_pdf(dataclasses.replace(SLIP, patient=patient), "a5"),
    "receipt, 80 mm": lambda patient: receipt_pdf(dataclasses.replace(RECEIPT, patient=patient), "80mm"),
    "receipt, A5": lambda patient: receipt_pdf(dataclasses.replace(RECEIPT, patient=patient), "a5"),
    "day sheet, 40 rows": lambda patient: day_sheet_pdf(
        dataclasses.replace(SHEET, rows=[dataclasses.replace(entry, patient=patient) for entry in SHEET.rows])
    ),
}


def with_markup(fact: Any) -> Any:
    """The same record with markup around every free text in it."""
    if dataclasses.is_dataclass(fact) and not isinstance(fact, type):
        closed = {"sex", "fee_state", "method", "state", "language"}
        free = [field.name for field in dataclasses.fields(fact) if field.name not in closed]
        return dataclasses.replace(fact, **{name: with_markup(getattr(fact, name)) for name in free})
    if isinstance(fact, list):
        return [with_markup(item) for item in fact]
    return f'#panic() *{fact}* $ " \\ @a' if isinstance(fact, str) else fact


async def test_markup_in_any_fact_is_printed_and_never_run() -> None:
    slip, receipt = with_markup(SLIP), with_markup(RECEIPT)
    sheet = with_markup(dataclasses.replace(SHEET, rows=SHEET.rows[:2]))
    for document, count in [
        (await slip_pdf(slip, "80mm"), 12),
        (await slip_pdf(slip, "a5"), 12),
        (await receipt_pdf(receipt, "80mm"), 12),
        (await receipt_pdf(receipt, "a5"), 12),
        (await day_sheet_pdf(sheet), 15),
    ]:
        text = "".join(pages(document))
        assert text.count("#panic()") >= count
        assert "*" in text


@pytest.mark.parametrize("document", DOCUMENTS)
async def test_ink_is_black(document: str) -> None:
    pdf = await DOCUMENTS[document](ASHA)
    sets_colour = {"sc", "scn", "SC", "SCN", "g", "G", "rg", "RG", "k", "K"}
    colours = [operands for operands, operator in operations(pdf) if operator in sets_colour]
    assert colours
    assert {float(part) for operands in colours for part in operands} == {0.0}


@pytest.mark.parametrize("document", DOCUMENTS)
async def test_how_long_a_page_takes(document: str, capsys: pytest.CaptureFixture[str]) -> None:
    await DOCUMENTS[document](ASHA)
    taken_ms = []
    for visit in range(5):
        # Typst remembers what it laid out: a new patient each time, as at the desk.
        patient = dataclasses.replace(ASHA, name=f"Asha {visit} Example", uhid=f"DAH-26-00500{visit}")
        begun = time.perf_counter()
        await DOCUMENTS[document](patient)
        taken_ms.append((time.perf_counter() - begun) * 1000)
    with capsys.disabled():
        print(f"\n{document}: {statistics.median(taken_ms):.1f} ms")
    assert statistics.median(taken_ms) < 1000


def test_both_languages_have_the_same_words_and_each_is_used() -> None:
    words = json.loads((PRINT / "words.json").read_text(encoding="utf-8"))

    def keys(node: dict[str, Any], before: str = "") -> set[str]:
        return {
            key
            for name, value in node.items()
            for key in (keys(value, f"{before}{name}.") if isinstance(value, dict) else {f"{before}{name}"})
        }

    assert keys(words["en"]) == keys(words["hi"])
    sources = "".join(file.read_text() for file in PRINT.glob("*.typ")) + Path(printing.__file__).read_text()
    for name in words["en"]:
        assert f"words.{name}" in sources or f'words["{name}"]' in sources


def test_every_state_has_its_word() -> None:
    words = json.loads((PRINT / "words.json").read_text(encoding="utf-8"))
    for state, (english, hindi) in STATES.items():
        assert (words["en"]["states"][state], words["hi"]["states"][state]) == (english, hindi)
