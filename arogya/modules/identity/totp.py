"""Codes of an authenticator app (TOTP, RFC 6238), and the recovery codes for the day without the phone."""

import hmac
import io
import re
import secrets
from datetime import datetime
from uuid import UUID

import pyotp
import segno

from arogya.modules.identity.passwords import one_time_password
from arogya.platform.crypto import opened, seal
from arogya.platform.keys import Keys

RECOVERY_CODES = 10
_STEPS_ASIDE = 1
"""A phone's clock may be half a minute off, and typing takes time."""
_APP_CODE = re.compile(r"[0-9]{6}", re.ASCII)


class SecondFactorKeys:
    """Seals the secrets and hashes the recovery codes, each with a key of its own, bound to their user."""

    def __init__(self, keys: Keys) -> None:
        self._sealing = keys.derive("second-factor")
        self._hashing = keys.derive("recovery-code")

    def seal(self, user_id: UUID, secret: str) -> bytes:
        return seal(self._sealing, secret.encode(), _place(user_id))

    def opened(self, user_id: UUID, sealed: bytes) -> str:
        return opened(self._sealing, sealed, _place(user_id)).decode()

    def recovery_hash(self, user_id: UUID, code: str) -> bytes:
        """60 random bits: with the key elsewhere, whoever has only the database can't try them all."""
        return hmac.digest(self._hashing, user_id.bytes + plain(code).encode(), "sha256")


def _place(user_id: UUID) -> str:
    return f"second_factors|secret|{user_id}"


def plain(code: str) -> str:
    """A code as it is compared: people type spaces, dashes and capitals."""
    return re.sub(r"[\s-]", "", code).casefold()


def new_secret() -> str:
    """160 random bits, as RFC 4226 recommends."""
    return pyotp.random_base32(32)


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """The 30 seconds whose code this is, or None."""
    typed = plain(code)
    if not _APP_CODE.fullmatch(typed):
        return None
    totp = pyotp.TOTP(secret)
    step = totp.timecode(now)
    found = [s for s in range(step - _STEPS_ASIDE, step + _STEPS_ASIDE + 1) if _same(totp.generate_otp(s), typed)]
    return found[-1] if found else None


def _same(one: str, other: str) -> bool:
    return secrets.compare_digest(one, other)


def app_address(secret: str, username: str, hospital: str) -> str:
    """The `otpauth:` address that the app reads."""
    return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=hospital)


def qr_svg(address: str) -> str:
    """The address as a picture: dark on white, whatever the page's colours."""
    out = io.BytesIO()
    segno.make_qr(address, error="m").save(
        out, kind="svg", border=2, omitsize=True, dark="#000", light="#fff", xmldecl=False, svgns=True, nl=False
    )
    return out.getvalue().decode()


def new_recovery_codes() -> list[str]:
    return [one_time_password() for _ in range(RECOVERY_CODES)]
