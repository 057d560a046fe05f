"""The register as PDF: A4 across, its head on every page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date

from arogya.modules.scheduling.printing import LOCALES, age_in_words, on_clock, on_day
from arogya.platform import pdf
from arogya.platform.money import Language, rupees


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """lines: as `lines.with_names` makes them. doctor None: all."""

    hospital: str
    facility: str
    doctor: str | None
    first: date
    last: date
    lines: Sequence[Mapping[str, Any]]
    printed_at: datetime
    language: Language


async def register_pdf(register: Register) -> bytes:
    language = register.language
    first, last = (format_date(day, "EEE d MMM y", locale=LOCALES[language]) for day in (register.first, register.last))
    return await pdf.render(
        "scheduling/opd-register",
        {
            "language": language,
            "hospital": register.hospital,
            "facility": register.facility,
            "doctor": register.doctor,
            "days": first if register.first == register.last else f"{first} – {last}",
            "is_one_day": register.first == register.last,
            "printed_at": on_clock(register.printed_at, language),
            "rows": [_row(line, language) for line in register.lines],
        },
    )


def _row(line: Mapping[str, Any], language: Language) -> dict[str, Any]:
    zone, came_at = ZoneInfo(line["time_zone"]), line["came_at"]
    return {
        "day": on_day(line["day"], language),
        "number": line["number"],
        "time": f"{came_at.astimezone(zone):%H:%M}" if came_at else None,
        "uhid": line["patient_mrn"],
        "name": line["patient_name"],
        "age": age_in_words(line["age_years"], line["age_months"], language),
        "sex": line["gender"] or "unknown",
        "visit": line["visit"],
        "doctor": line["practitioner_name"],
        "fee": rupees(line["fee_paise"]),
        "receipt": line["receipt_number"],
        "outcome": line["outcome"],
    }
