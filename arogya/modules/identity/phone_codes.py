"""The code that is sent to a phone: what is kept of it and of the number."""

import hmac
import secrets
from datetime import timedelta
from uuid import UUID

from arogya.platform.crypto import opened, seal
from arogya.platform.keys import Keys

GOOD_FOR = timedelta(minutes=5)
MOST_TRIES = 5


def fresh_code() -> str:
    return f"{secrets.randbelow(1_000_000):06}"


class PhoneCodes:
    """Seals the number until the text message is on its way, and hashes the code with a key: six digits are few."""

    def __init__(self, keys: Keys) -> None:
        self._phone_key = keys.derive("sign-in-phone")
        self._code_key = keys.derive("sign-in-code")

    def sealed(self, code_id: UUID, phone: str) -> bytes:
        return seal(self._phone_key, phone.encode(), f"sign_in_codes|phone|{code_id}")

    def phone_of(self, code_id: UUID, sealed: bytes) -> str:
        return opened(self._phone_key, sealed, f"sign_in_codes|phone|{code_id}").decode()

    def hash_of(self, code_id: UUID, code: str) -> bytes:
        return hmac.digest(self._code_key, code_id.bytes + code.encode(), "sha256")

    def fits(self, code_id: UUID, code: str, kept: bytes | None) -> bool:
        """kept None (nobody was sent one) takes the same time and never fits."""
        return hmac.compare_digest(self.hash_of(code_id, code), kept or bytes(32))
