"""A fee as a UPI payment link and its QR code. A link proves nothing: see receipts for what the desk then records."""

import io
from urllib.parse import quote
from uuid import UUID

import segno

from arogya.modules.organizations import api as organizations
from arogya.modules.scheduling.appointments import steps
from arogya.modules.scheduling.receipts import amount_due
from arogya.platform.access import Context
from arogya.platform.bodies import Read
from arogya.platform.errors import Conflict

NAME_LENGTH = 50
"""Apps cut longer payee names."""
NO_MERCHANT_CODE = "0000"
"""The specification's word for a payee whose bank gave no merchant category."""


class NoUpiAddress(Conflict):
    code, title = "no_upi_address", "This branch has no UPI address; an administrator enters it with the facility"


class PaymentLinkRead(Read):
    """uri: `upi://pay?…`, opens a payment app on a phone. qr_svg: the same to be scanned, a whole SVG element."""

    uri: str
    qr_svg: str


def payment_uri(*, address: str, payee: str, amount_paise: int, note: str, reference: UUID) -> str:
    """NPCI's UPI linking specification 1.6. reference: unique to what is paid; it comes back in bank statements."""
    rupees, paise = divmod(amount_paise, 100)
    parts = {
        "pa": address,
        "pn": payee[:NAME_LENGTH],
        "am": f"{rupees}.{paise:02d}",
        "cu": "INR",
        "tn": note,
        "tr": reference.hex,
        "mc": NO_MERCHANT_CODE,
    }
    # Not urlencode: apps show its plus signs instead of spaces.
    return "upi://pay?" + "&".join(f"{name}={quote(value, safe='@.')}" for name, value in parts.items())


def qr_svg(uri: str) -> str:
    """The QR code as an SVG element that takes the size of its place, quiet zone included."""
    drawn = io.BytesIO()
    segno.make_qr(uri, error="m").save(
        drawn, kind="svg", xmldecl=False, omitsize=True, border=4, light="#fff", nl=False
    )
    return drawn.getvalue().decode()


async def payment_link(ctx: Context, appointment_id: UUID) -> PaymentLinkRead:
    """What is due for a visit, ready to be scanned. Raises NothingToPay, AlreadyPaid, NoUpiAddress."""
    visit = await steps.find(ctx, appointment_id)
    amount_paise = await amount_due(ctx, visit)
    facility = await organizations.facility(ctx.session, visit.facility_id)
    if not facility.upi_vpa:
        raise NoUpiAddress
    uri = payment_uri(
        address=facility.upi_vpa, payee=facility.name, amount_paise=amount_paise, note="Consultation fee",
        reference=visit.id,
    )  # fmt: skip
    return PaymentLinkRead(uri=uri, qr_svg=qr_svg(uri))
