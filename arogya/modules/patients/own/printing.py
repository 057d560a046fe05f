"""The paper that lets a patient in: the one-time QR, large, and how to use it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from babel.dates import format_datetime

from arogya.platform import barcode, pdf
from arogya.platform.money import Language

Paper = Literal["80mm", "a5"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessPaper:
    """url: what the QR holds. address: what is typed where there is no camera. valid_till: in the hospital's zone."""

    hospital: str
    name: str
    uhid: str
    url: str
    address: str
    valid_till: datetime
    language: Language = "en"


async def access_pdf(paper: AccessPaper, size: Paper) -> bytes:
    return await pdf.render(
        f"patients/access-{size}",
        {
            "language": paper.language,
            "hospital": paper.hospital,
            "name": paper.name,
            "uhid": paper.uhid,
            "qr": barcode.qr(paper.url),
            "address": paper.address,
            "valid_till": format_datetime(
                paper.valid_till,
                "EEE d MMM, h:mm a",
                paper.valid_till.tzinfo,
                {"en": "en_IN", "hi": "hi_IN"}[paper.language],
            ),
        },
    )
