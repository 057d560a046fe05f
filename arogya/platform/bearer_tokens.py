"""Secrets that open one thing for whoever holds them, signed in or not: in a link, a QR code, a calendar's address.

Each begins with the hospital's id, which a request without a sign-in could not name else; the rest is chance. Only the
hash is kept: so much chance needs no salt and no stretching.
"""

import base64
import hashlib
import re
import secrets
from uuid import UUID

_LETTERS = re.compile(r"[A-Za-z0-9_-]*", re.ASCII)
SHORT, LONG = 16, 32
"""Bytes of chance: for what is good for hours, and for what is good for years."""


def new_token(organization_id: UUID, chance: int = SHORT) -> str:
    """43 letters, or 64 with LONG, all of which may stand in an address."""
    return base64.urlsafe_b64encode(organization_id.bytes + secrets.token_bytes(chance)).decode().rstrip("=")


def organization_of(token: str, chance: int = SHORT) -> UUID | None:
    """Which hospital's it says it is; None for what is no token. That it is good is still to be seen."""
    if not _LETTERS.fullmatch(token) or len(token) % 4 == 1:
        return None
    raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    return UUID(bytes=raw[:16]) if len(raw) == 16 + chance else None


def hash_of(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
