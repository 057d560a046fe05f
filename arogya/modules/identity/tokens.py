"""Access tokens that say who asks, and refresh tokens that keep a session going."""

import base64
import hmac
import re
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from arogya.platform.access import Claims
from arogya.platform.errors import Unauthenticated
from arogya.platform.keys import Keys

ACCESS_FOR = timedelta(minutes=10)
ISSUER, AUDIENCE, TYPE, ALGORITHM = "arogya", "arogya-api", "at+jwt", "HS256"
_REFRESH = re.compile(r"([0-9a-f]{32})\.([0-9]{1,9})\.[A-Za-z0-9_-]{43}", re.ASCII)


class Tokens:
    """Makes and reads an installation's tokens; each kind has a key of its own."""

    def __init__(self, keys: Keys) -> None:
        self._access_key = OctKey.import_key(keys.derive("access-token"))
        self._refresh_key = keys.derive("refresh-token")

    def mint(self, claims: Claims, now: datetime, lasts: timedelta = ACCESS_FOR) -> str:
        issued = int(now.timestamp())
        body: dict[str, Any] = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": str(claims.subject_id),
            "sid": str(claims.session_id),
            "org": str(claims.organization_id) if claims.organization_id else None,
            "kind": claims.kind,
            "iat": issued,
            "exp": issued + int(lasts.total_seconds()),
        }
        return jwt.encode({"alg": ALGORITHM, "typ": TYPE}, body, self._access_key, algorithms=[ALGORITHM])

    def read(self, credential: str, now: datetime) -> Claims:
        """Whose token this is. Raises Unauthenticated, never saying which check failed."""
        try:
            token = jwt.decode(credential, self._access_key, algorithms=[ALGORITHM])
            told = token.claims
            if token.header.get("typ") != TYPE or told["iss"] != ISSUER or told["aud"] != AUDIENCE:
                raise Unauthenticated
            if not int(told["iat"]) - 60 <= now.timestamp() < int(told["exp"]) or told["kind"] not in {
                "user",
                "device",
            }:
                raise Unauthenticated
            organization_id = UUID(told["org"]) if told["org"] else None
            return Claims(told["kind"], UUID(told["sub"]), UUID(told["sid"]), organization_id)
        except (JoseError, KeyError, ValueError, TypeError, AttributeError):
            raise Unauthenticated from None

    def refresh(self, family: UUID, n: int) -> str:
        """The n-th refresh token of a session. Made again rather than kept: the database holds only its hash."""
        mac = hmac.digest(self._refresh_key, family.bytes + n.to_bytes(4, "big"), "sha256")
        return f"{family.hex}.{n}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"

    def opened(self, token: str) -> tuple[UUID, int] | None:
        """The session and number of a refresh token that we made."""
        parts = _REFRESH.fullmatch(token)
        if parts is None or int(parts[2]) >= 1 << 31:
            return None
        family, n = UUID(hex=parts[1]), int(parts[2])
        return (family, n) if hmac.compare_digest(self.refresh(family, n), token) else None


def setup_code(keys: Keys) -> str:
    """What the terminal prints and the set-up page asks for: `ABCD-EFGH-…`, 80 bits, good until a hospital exists."""
    letters = base64.b32encode(keys.derive("setup-code")[:10]).decode()
    return "-".join(letters[i : i + 4] for i in range(0, len(letters), 4))
