"""What a cell says: dates, ages, genders and blood groups as other systems write them. What is unclear is told."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

DateOrder = Literal["dmy", "mdy"]

_EXCELS_DAY_0: Final = date(1899, 12, 30)
_MONTHS: Final = {
    name: n
    for n, names in enumerate(
        ("jan january जनवरी", "feb february फरवरी फ़रवरी", "mar march मार्च", "apr april अप्रैल", "may मई", "jun june जून",
         "jul july जुलाई", "aug august अगस्त", "sep sept september सितंबर सितम्बर", "oct october अक्टूबर अक्तूबर",
         "nov november नवंबर नवम्बर", "dec december दिसंबर दिसम्बर"), 1,
    )
    for name in names.split()
}  # fmt: skip
_GENDERS: Final = {
    said: gender
    for gender, words in {
        "male": "m male man boy mr master पुरुष पु पुरूष नर लड़का",
        "female": "f female woman girl mrs miss ms महिला स्त्री म मादा लड़की औरत",
        "other": "o other others t tg trans transgender third अन्य ट्रांसजेंडर तृतीय किन्नर",
        "unknown": "u unknown na nk unspecified undetermined अज्ञात",
    }.items()
    for said in words.split()
}
_FAULTS: Final = frozenset(
    {"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#FORMULA!", "#SPILL!", "#CALC!"}
)

_MARKS: Final = frozenset("='#")


class Unclear(Exception):
    """A cell that can't be taken. code: stable, for the client's words; message: English, for the report."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def said(cell: str) -> str:
    """The cell without what spreadsheets put around a text to keep it one. Raises Unclear on their error values."""
    plain = cell.strip()
    if plain[:1] not in _MARKS:
        return " ".join(plain.split())
    if protected := re.fullmatch(r'="(.*)"', plain):
        plain = protected[1].strip()
    elif re.match(r"'[=+\-@]", plain):
        plain = plain[1:]
    if plain.upper() in _FAULTS:
        raise Unclear("cell_error", f"The spreadsheet shows {plain} here and no value")
    return " ".join(plain.split())


def ascii_digits(text: str) -> str:
    """`12` for `१२`."""
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)


_TIME: Final = re.compile(r"[T ]\d\d?:\d\d(:\d\d(\.\d+)?)?( ?[AaPp][Mm])?Z?$")
_SLASHED: Final = re.compile(r"([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]([0-9]+)")


def day(text: str, order: DateOrder | None) -> date:
    """A birth date. order: whether day or month stands first, where that can't be seen. Raises Unclear."""
    plain = _TIME.sub("", ascii_digits(text))
    if slashed := _SLASHED.fullmatch(plain):
        return _slashed(int(slashed[1]), int(slashed[2]), _year(slashed[3]), order)
    if re.fullmatch(r"[0-9]{5}", plain):
        return _EXCELS_DAY_0 + timedelta(days=int(plain))
    if iso := re.fullmatch(r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})", plain):
        return _date(int(iso[1]), int(iso[2]), int(iso[3]))
    if plain_iso := re.fullmatch(r"(19|20)([0-9]{2})([0-9]{2})([0-9]{2})", plain):
        return _date(int(plain_iso[1] + plain_iso[2]), int(plain_iso[3]), int(plain_iso[4]))
    if named := re.fullmatch(r"([0-9]{1,2})[- /.,]*([^\W\d_][^\d\s,./-]*)[- /.,]*([0-9]+)", plain):
        return _date(_year(named[3]), _month(named[2]), int(named[1]))
    if american := re.fullmatch(r"([^\W\d_][^\d\s,./-]*)[- /.]*([0-9]{1,2})[, ]+([0-9]+)", plain):
        return _date(_year(american[3]), _month(american[1]), int(american[2]))
    if re.fullmatch(r"[0-9]{4}", plain):
        raise Unclear("date_only_year", "Only a year: choose “Year of birth” for this column")
    raise Unclear("date_unreadable", "This is no date that can be read: write dd/mm/yyyy or yyyy-mm-dd")


def _slashed(first: int, second: int, year: int, order: DateOrder | None) -> date:
    if order is None and first <= 12 and second <= 12 and first != second:
        raise Unclear("date_ambiguous", "Either may be the day: say whether day or month stands first in this file")
    if order == "mdy" or (order is None and second > 12):
        return _date(year, first, second)
    return _date(year, second, first)


def _year(text: str) -> int:
    if len(text) != 4:
        raise Unclear("date_short_year", "A year of two digits may mean two centuries: write all four")
    return int(text)


def _month(name: str) -> int:
    found = _MONTHS.get(name.casefold()) or _MONTHS.get(unicodedata.normalize("NFC", name))
    if found is None:
        raise Unclear("date_unreadable", "This is no month that is known here")
    return found


def _date(year: int, month: int, of_month: int) -> date:
    try:
        return date(year, month, of_month)
    except ValueError:
        raise Unclear("date_impossible", "There is no such day") from None


def order_seen(texts: Iterable[str]) -> DateOrder | None:
    """Whether day or month stands first, by dates that allow only one; None where none does, or they disagree."""
    orders: set[DateOrder] = set()
    for text in texts:
        found = re.match(r"\s*'?([0-9]{1,2})[-/.]([0-9]{1,2})[-/.][0-9]{4}", ascii_digits(text))
        if found and int(found[1]) > 12:
            orders.add("dmy")
        elif found and int(found[2]) > 12:
            orders.add("mdy")
    return orders.pop() if len(orders) == 1 else None


@dataclass(frozen=True, slots=True)
class Age:
    years: int | None
    months: int | None


_AGE_PARTS: Final = re.compile(r"([0-9]+)\s*([^\W\d_][^\d\s.,/]*)?[\s.,/]*")
_UNITS: Final = {
    unit: kind
    for kind, units in {
        "y": "y yr yrs year years वर्ष साल",
        "m": "m mo mon mth month months mths माह महीने महीना",
        "w": "w wk wks week weeks सप्ताह",
        "d": "d day days दिन",
    }.items()
    for unit in units.split()
}


def age(text: str) -> Age:
    """`34`, `34 Y`, `2Y 6M`, `9 months`, `12 D`. Raises Unclear. What is beyond full years counts below five only."""
    plain = ascii_digits(text).casefold()
    if re.fullmatch(r"[0-9]+\.0+", plain):
        plain = plain.partition(".")[0]
    parts: dict[str, int] = {}
    position = 0
    while position < len(plain):
        found = _AGE_PARTS.match(plain, position)
        unit = _UNITS.get(found[2] or "y") if found else None
        if found is None or unit is None or unit in parts:
            raise Unclear("age_unreadable", "This is no age that can be read: write 34, 9 m or 2 y 6 m")
        parts[unit] = int(found[1])
        position = found.end()
    if not parts:
        raise Unclear("age_unreadable", "This is no age that can be read: write 34, 9 m or 2 y 6 m")
    months = parts.get("y", 0) * 12 + parts.get("m", 0) + (parts.get("w", 0) * 7 + parts.get("d", 0)) // 30
    if set(parts) == {"y"}:
        return Age(parts["y"], None)
    return Age(None, months) if months < 60 else Age(months // 12, None)


def gender(text: str) -> str:
    """Raises Unclear."""
    word = re.sub(r"[^\w\u0900-\u097f]", "", unicodedata.normalize("NFC", text)).casefold()
    found = _GENDERS.get(word) or _GENDERS_FOLDED.get(_without_nukta(word))
    if found is None:
        raise Unclear("gender_unreadable", "Write M, F or O")
    return found


def _without_nukta(word: str) -> str:
    return unicodedata.normalize("NFD", word).replace("\u093c", "")


_GENDERS_FOLDED: Final = {_without_nukta(said): gender for said, gender in _GENDERS.items()}


def blood_group(text: str) -> str:
    """`B +ve`, `O positive`, `AB−`. Raises Unclear."""
    plain = re.sub(
        r"[\s()._]|RH|VE", "", unicodedata.normalize("NFKC", text).upper().replace("−", "-").replace("–", "-")
    )
    plain = re.sub(r"POS(ITI)?$", "+", re.sub(r"NEG(ATI)?$", "-", plain)).replace("0", "O")
    if not re.fullmatch(r"(A|B|AB|O)[+-]", plain):
        raise Unclear("blood_group_unreadable", "Write one of A+, A-, B+, B-, AB+, AB-, O+, O-")
    return plain
