"""Someone at the door: a request of nobody yet, its cookies, and whether it comes from our own page."""

import ipaddress
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import Depends, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from arogya.modules.identity.counter_keys import CounterKeys
from arogya.modules.identity.passwords import PasswordRoom
from arogya.modules.identity.phone_codes import PhoneCodes
from arogya.modules.identity.throttle import Throttle
from arogya.modules.identity.tokens import Tokens
from arogya.modules.identity.totp import SecondFactorKeys
from arogya.platform.access import Actor, Context, route_template
from arogya.platform.audit import Facts
from arogya.platform.bearer_tokens import hash_of
from arogya.platform.clock import Clock
from arogya.platform.database import Database
from arogya.platform.errors import Forbidden

if TYPE_CHECKING:
    from arogya.modules.identity.authenticator import TokenAuthenticator

DEVICE_FOR_S = 400 * 24 * 3600
"""The longest that browsers keep a cookie."""


class CrossSite(Forbidden):
    code, title = "cross_site", "This was not asked from our own page"


@dataclass(frozen=True, slots=True)
class Visit:
    """device: the random word that this browser was given when it first signed in."""

    database: Database
    clock: Clock
    tokens: Tokens
    passwords: PasswordRoom
    throttle: Throttle
    second_factors: SecondFactorKeys
    phone_codes: PhoneCodes
    request_id: str
    route: str
    address: str
    user_agent: str
    device: str
    is_new_device: bool
    counter_keys: CounterKeys
    counter: str
    """What this browser's cookie says of the shared counter that it is; empty where it is none."""

    def now(self) -> datetime:
        return self.clock.now()

    def device_hash(self, client: str) -> bytes:
        """What tells this device from others. Programs keep no cookies: their name and address have to do."""
        return hash_of(self.device if client == "browser" else f"{self.user_agent}\x00{self.address}")

    def facts(
        self, user_id: UUID | None, organization_id: UUID | None, kind: Literal["user", "device"] = "user"
    ) -> Facts:
        return self._context(Actor(kind, organization_id, user_id), None).audit_facts()

    def context(self, session: AsyncSession, actor: Actor) -> Context:
        """A Context for someone who was nobody when this request began."""
        session.info["now"] = self.now()
        return self._context(actor, session)

    def _context(self, actor: Actor, session: AsyncSession | None) -> Context:
        return Context(
            actor=actor,
            clock=self.clock,
            request_id=self.request_id,
            route=self.route,
            database=self.database,
            address=self.address,
            _session=session,
        )


def is_https(request: Request) -> bool:
    """Whether the browser speaks https to us, perhaps through a proxy that AROGYA_PUBLIC_ORIGIN tells of."""
    origin: str | None = request.app.state.settings.public_origin
    return (urlsplit(origin).scheme if origin else request.url.scheme) == "https"


def needs_secure_cookie(request: Request) -> bool:
    """Everywhere but on plain http at this very machine: elsewhere a password's cookie may not travel in the open."""
    return is_https(request) or not _is_loopback(request.url.hostname or "")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def cookie_name(request: Request, name: str) -> str:
    """`__Host-` binds a cookie to this one host and to https; browsers refuse the prefix on plain http."""
    return f"__Host-{name}" if needs_secure_cookie(request) else name


def refuse_cross_site(request: Request) -> None:
    """Refuse what another page made the browser send. Raises CrossSite.

    Without either header it is no browser, or one so old that SameSite=Strict has to do.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None and site not in {"same-origin", "none"}:
        raise CrossSite
    origin = request.headers.get("origin")
    if origin is None:
        return
    ours = request.app.state.settings.public_origin
    if origin.rstrip("/") != ours.rstrip("/") if ours else urlsplit(origin).netloc != request.headers.get("host"):
        raise CrossSite


def _put(request: Request, response: Response, name: str, value: str, max_age_s: int) -> None:
    response.set_cookie(
        cookie_name(request, name), value, max_age=max_age_s, path="/", httponly=True, samesite="strict",
        secure=needs_secure_cookie(request),
    )  # fmt: skip


def keep_session_cookie(request: Request, response: Response, refresh_token: str, max_age_s: int) -> None:
    _put(request, response, "arogya", refresh_token, max_age_s)


def drop_session_cookie(request: Request, response: Response) -> None:
    _put(request, response, "arogya", "", 0)


def session_cookie(request: Request) -> str | None:
    return request.cookies.get(cookie_name(request, "arogya"))


def keep_device_cookie(request: Request, response: Response, visit: Visit) -> None:
    _put(request, response, "arogya-device", visit.device, DEVICE_FOR_S)


def keep_counter_cookie(request: Request, response: Response, visit: Visit, counter: tuple[UUID, UUID]) -> None:
    """Make this browser a shared counter. counter: its hospital's id and its own."""
    _put(request, response, "arogya-counter", visit.counter_keys.cookie(*counter), DEVICE_FOR_S)


def visit_of(request: Request) -> Visit:
    state: Any = request.app.state
    authenticator: TokenAuthenticator = state.authenticator
    device = request.cookies.get(cookie_name(request, "arogya-device"), "")
    is_new_device = not 20 <= len(device) <= 64 or not device.isascii()
    return Visit(
        database=state.database,
        clock=state.clock,
        tokens=authenticator.tokens,
        passwords=authenticator.passwords,
        throttle=authenticator.throttle,
        second_factors=authenticator.second_factors,
        phone_codes=authenticator.phone_codes,
        request_id=request.scope["state"]["request_id"],
        route=route_template(request),
        address=request.scope["state"].get("address", ""),
        user_agent=request.headers.get("user-agent", "")[:300],
        device=secrets.token_urlsafe(32) if is_new_device else device,
        is_new_device=is_new_device,
        counter_keys=authenticator.counter_keys,
        counter=request.cookies.get(cookie_name(request, "arogya-counter"), ""),
    )


VisitOf = Annotated[Visit, Depends(visit_of)]
