"""What shared counters need of the installation's key: the word in a counter's cookie, and the pepper of PINs."""

import base64
import hmac
import re
from itertools import pairwise
from uuid import UUID

from arogya.platform.errors import Field, Invalid
from arogya.platform.keys import Keys

_COOKIE = re.compile(r"([0-9a-f]{32})\.([0-9a-f]{32})\.[A-Za-z0-9_-]{43}", re.ASCII)
_COMMONEST = frozenset(
    {"1212", "2580", "1122", "1313", "2000", "6969", "112233", "121212", "123123", "159753", "147258"}
)


class WeakPin(Invalid):
    code, title = "weak_pin", "This PIN is among those that are tried first"


def refuse_weak_pin(pin: str) -> None:
    """Raises WeakPin: one digit again and again, a run such as 1234 or 9876, or one of the commonest."""
    steps = {int(b) - int(a) for a, b in pairwise(pin)}
    if pin in _COMMONEST or steps in ({0}, {1}, {-1}):
        raise WeakPin(fields=[Field("pin", WeakPin.code, WeakPin.title)])


class CounterKeys:
    """Made again rather than kept, so that the database alone neither opens a counter nor tells a PIN."""

    def __init__(self, keys: Keys) -> None:
        self._cookie_key = keys.derive("counter-cookie")
        self._pin_key = keys.derive("counter-pin")

    def cookie(self, organization_id: UUID, counter_id: UUID) -> str:
        """The word that makes a browser this counter."""
        mac = hmac.digest(self._cookie_key, organization_id.bytes + counter_id.bytes, "sha256")
        word = base64.urlsafe_b64encode(mac).rstrip(b"=").decode()
        return f"{organization_id.hex}.{counter_id.hex}.{word}"

    def opened(self, cookie: str) -> tuple[UUID, UUID] | None:
        """Hospital and counter of a cookie that we made. Whether the counter is still one, the database knows."""
        parts = _COOKIE.fullmatch(cookie)
        if parts is None:
            return None
        found = UUID(hex=parts[1]), UUID(hex=parts[2])
        return found if hmac.compare_digest(self.cookie(*found), cookie) else None

    def keyed(self, user_id: UUID, pin: str) -> str:
        """What is hashed in a PIN's place: a PIN alone is guessed from its hash within hours, whatever the hash."""
        return hmac.digest(self._pin_key, user_id.bytes + pin.encode(), "sha256").hex()
