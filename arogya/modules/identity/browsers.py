"""What a request comes from: the browser with its cookies, and whether the page that sent it is our own."""

import ipaddress
import secrets
from dataclasses import dataclass
from urllib.parse import urlsplit

from fastapi import Request, Response

from arogya.platform.bearer_tokens import hash_of
from arogya.platform.errors import Forbidden

DEVICE_FOR_S = 400 * 24 * 3600
"""The longest that browsers keep a cookie."""


class CrossSite(Forbidden):
    code, title = "cross_site", "This was not asked from our own page"


@dataclass(frozen=True, slots=True)
class Device:
    """word: random, given to this browser when it first signed in."""

    word: str
    user_agent: str
    address: str

    def hash_for(self, client: str) -> bytes:
        """What tells this device from others. Programs keep no cookies: their name and address have to do."""
        return hash_of(self.word if client == "browser" else f"{self.user_agent}\x00{self.address}")


def device_of(request: Request) -> Device:
    word = request.cookies.get(cookie_name(request, "arogya-device"), "")
    return Device(
        word=word if 20 <= len(word) <= 64 and word.isascii() else secrets.token_urlsafe(32),
        user_agent=request.headers.get("user-agent", "")[:300],
        address=request.scope["state"].get("address", ""),
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


def keep_device_cookie(request: Request, response: Response, device: Device) -> None:
    _put(request, response, "arogya-device", device.word, DEVICE_FOR_S)


def keep_counter_cookie(request: Request, response: Response, cookie: str) -> None:
    _put(request, response, "arogya-counter", cookie, DEVICE_FOR_S)


def counter_cookie(request: Request) -> str:
    """What this browser's cookie says of the shared counter that it is; empty where it is none."""
    return request.cookies.get(cookie_name(request, "arogya-counter"), "")
