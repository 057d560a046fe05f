"""What the desk hands out and keeps on paper: OPD slip, receipt, day sheet. Times are already the facility's own."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal

from babel.dates import format_date, format_time

from arogya.platform import barcode, pdf
from arogya.platform.money import Language, in_words, rupees

Paper = Literal["80mm", "a5"]
Sex = Literal["male", "female", "other", "unknown"]
FeeState = Literal["due", "paid", "free_revisit"]
Method = Literal["cash", "upi"]
State = Literal["pending", "booked", "arrived", "checked-in", "in-consultation", "fulfilled", "cancelled", "noshow"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Letterhead:
    """Whose paper it is."""

    hospital: str
    facility: str
    address: str
    phone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientOnPaper:
    """Who it is about. guardian as recorded: "S/o Mahesh Rao"."""

    name: str
    uhid: str
    sex: Sex = "unknown"
    age_years: int | None = None
    age_months: int | None = None
    guardian: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """An OPD slip. Without a token (given on arrival) its time stands large; a token session has no time."""

    letterhead: Letterhead
    patient: PatientOnPaper
    doctor: str
    day: date
    fee_paise: int
    fee_state: FeeState
    printed_at: datetime
    is_service: bool = False
    """Booked with no doctor: `doctor` is the service's name."""
    token: int | None = None
    starts_at: datetime | None = None
    session: str | None = None
    qualifications: str | None = None
    registration_number: str | None = None
    room: str | None = None
    valid_till: date | None = None
    reason: str | None = None
    pass_url: str | None = None
    """What opens the patient's record on a phone, once."""
    language: Language = "en"

    def __post_init__(self) -> None:
        _refuse_naive(self.starts_at, self.printed_at)
        if self.fee_state == "free_revisit" and self.fee_paise:
            raise ValueError("a free revisit has no fee")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptLine:
    text: str
    amount_paise: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Money taken at the desk. A UPI payment that no bank has confirmed is marked as such."""

    letterhead: Letterhead
    patient: PatientOnPaper
    number: str
    issued_at: datetime
    lines: Sequence[ReceiptLine]
    method: Method
    cashier: str
    utr: str | None = None
    is_verified: bool = True
    language: Language = "en"

    def __post_init__(self) -> None:
        _refuse_naive(self.issued_at)
        if not self.lines:
            raise ValueError("a receipt says what was paid for")
        if self.method == "cash" and (self.utr or not self.is_verified):
            raise ValueError("cash has no UTR and nothing to verify")

    @property
    def total_paise(self) -> int:
        return sum(line.amount_paise for line in self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class DaySheetRow:
    patient: PatientOnPaper
    state: State
    token: int | None = None
    starts_at: datetime | None = None
    reason: str | None = None

    def __post_init__(self) -> None:
        _refuse_naive(self.starts_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class DaySheet:
    """A doctor's day, for when the screens are dark. empty_rows: lines at the end for who walks in meanwhile."""

    letterhead: Letterhead
    doctor: str
    day: date
    rows: Sequence[DaySheetRow]
    printed_at: datetime
    session: str | None = None
    room: str | None = None
    empty_rows: int = 6
    language: Language = "en"

    def __post_init__(self) -> None:
        _refuse_naive(self.printed_at)


async def slip_pdf(slip: Slip, paper: Paper) -> bytes:
    """The OPD slip as PDF: a roll as long as it needs, or an A5 page with room for the doctor's notes."""
    language = slip.language
    return await pdf.render(
        f"scheduling/slip-{paper}",
        {
            "language": language,
            "letterhead": _letterhead(slip.letterhead),
            "patient": _patient(slip.patient, language),
            "bars": _bars(slip.patient.uhid),
            "qr": barcode.qr(slip.patient.uhid),
            "token": slip.token,
            "doctor": slip.doctor,
            "is_service": slip.is_service,
            "qualifications": slip.qualifications,
            "registration_number": slip.registration_number,
            "room": slip.room,
            "date": on_day(slip.day, language),
            "time": _time(slip.starts_at, language),
            "session": slip.session,
            "fee": rupees(slip.fee_paise),
            "fee_state": slip.fee_state,
            "valid_till": on_day(slip.valid_till, language),
            "reason": slip.reason,
            "pass_qr": barcode.qr(slip.pass_url) if slip.pass_url else None,
            "printed_at": on_clock(slip.printed_at, language),
        },
    )


async def receipt_pdf(receipt: Receipt, paper: Paper) -> bytes:
    """The numbered receipt as PDF."""
    language = receipt.language
    return await pdf.render(
        f"scheduling/receipt-{paper}",
        {
            "language": language,
            "letterhead": _letterhead(receipt.letterhead),
            "patient": _patient(receipt.patient, language),
            "number": receipt.number,
            "issued_at": on_clock(receipt.issued_at, language),
            "lines": [{"text": line.text, "amount": rupees(line.amount_paise)} for line in receipt.lines],
            "total": rupees(receipt.total_paise),
            "total_in_words": in_words(receipt.total_paise, language),
            "method": receipt.method,
            "utr": receipt.utr,
            "is_verified": receipt.is_verified,
            "cashier": receipt.cashier,
        },
    )


async def day_sheet_pdf(sheet: DaySheet) -> bytes:
    """The doctor's day as PDF: A4 across, its head on every page."""
    language = sheet.language
    return await pdf.render(
        "scheduling/day-sheet",
        {
            "language": language,
            "letterhead": _letterhead(sheet.letterhead),
            "doctor": sheet.doctor,
            "date": format_date(sheet.day, "EEEE, d MMMM y", locale=LOCALES[language]),
            "session": sheet.session,
            "room": sheet.room,
            "rows": [
                {
                    "token": row.token,
                    "time": _time(row.starts_at, language),
                    "patient": _patient(row.patient, language),
                    "reason": row.reason,
                    "state": row.state,
                }
                for row in sheet.rows
            ],
            "empty_rows": sheet.empty_rows,
            "printed_at": on_clock(sheet.printed_at, language),
        },
    )


LOCALES: dict[Language, str] = {"en": "en_IN", "hi": "hi_IN"}


def _letterhead(head: Letterhead) -> dict[str, str | None]:
    return {"hospital": head.hospital, "facility": head.facility, "address": head.address, "phone": head.phone}


def _patient(patient: PatientOnPaper, language: Language) -> dict[str, str | None]:
    return {
        "name": patient.name,
        "uhid": patient.uhid,
        "sex": patient.sex,
        "age": age_in_words(patient.age_years, patient.age_months, language),
        "guardian": patient.guardian,
        "phone": patient.phone,
    }


def age_in_words(years: int | None, months: int | None, language: Language) -> str:
    """ "34 y"; a small child's with its months, an infant's in months alone."""
    words = _words()[language]
    said = [words["years"].format(years)] if years or (years == 0 and months is None) else []
    if months is not None and (years or 0) < 5 and (months or not years):
        said.append(words["months"].format(months))
    return " ".join(said)


def _bars(uhid: str) -> tuple[int, ...]:
    """Nothing where Code 128 has no letters for it: the QR code stands for itself."""
    try:
        return barcode.code128(uhid)
    except barcode.NotEncodable:
        return ()


def on_day(day: date | None, language: Language) -> str | None:
    return format_date(day, "EEE d MMM y", locale=LOCALES[language]) if day else None


def _time(moment: datetime | None, language: Language) -> str | None:
    # Without tzinfo babel would turn it into UTC.
    return format_time(moment, "h:mm a", moment.tzinfo, LOCALES[language]) if moment else None


def on_clock(moment: datetime, language: Language) -> str:
    return f"{format_date(moment, 'd MMM y', locale=LOCALES[language])}, {_time(moment, language)}"


@cache
def _words() -> dict[str, Any]:
    words: dict[str, Any] = json.loads((Path(__file__).parent / "print" / "words.json").read_text(encoding="utf-8"))
    return words


def _refuse_naive(*moments: datetime | None) -> None:
    if any(moment is not None and moment.tzinfo is None for moment in moments):
        raise ValueError("a time on paper is the facility's own: it needs its zone")
