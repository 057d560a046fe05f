"""Of each request: its id, its line in the log (by route template), its metrics, its answer's headers."""

import re
import time
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from uuid import uuid4

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

REGISTRY = CollectorRegistry()
REQUESTS = Counter("arogya_requests_total", "Requests", ["route", "status"], registry=REGISTRY)
SECONDS = Histogram(
    "arogya_request_seconds", "Time to answer", ["route"], registry=REGISTRY,
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5),
)  # fmt: skip
IN_FLIGHT = Gauge("arogya_requests_in_flight", "Requests being answered", registry=REGISTRY)
SHED = Counter("arogya_requests_shed_total", "Requests told to come again: too many at once", registry=REGISTRY)
SOCKETS = Gauge("arogya_sockets", "Open live connections", registry=REGISTRY)
RELAYED = Counter("arogya_events_relayed_total", "Events delivered", ["event"], registry=REGISTRY)
PARKED = Counter(
    "arogya_events_parked_total", "Reactions given up after repeated failure", ["event"], registry=REGISTRY
)

Network = IPv4Network | IPv6Network
log = structlog.get_logger("arogya.request")
_HOP = re.compile(r"\[([^\]]+)\](?::\d+)?|([\d.]+):\d+")
_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")


def content_security_policy(*styles: str) -> str:
    """Of pages: no script but our files, no style but these and the elements whose nonce or hash `styles` names."""
    allowed = " ".join(["'self'", *styles])
    return (
        f"default-src 'self'; img-src 'self' data: blob:; style-src {allowed}; "
        "style-src-attr 'none'; frame-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'self'"
    )


NOTHING_RUNS = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
"""Of the API's answers: opened by themselves they are data, whatever somebody sent to be kept in them."""
_UNUSED = (
    "accelerometer", "bluetooth", "browsing-topics", "display-capture", "geolocation", "gyroscope", "hid",
    "magnetometer", "microphone", "midi", "payment", "serial", "usb",
)  # fmt: skip
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "SAMEORIGIN",
    "Permissions-Policy": ", ".join(["camera=(self)", *(f"{feature}=()" for feature in _UNUSED)]),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": content_security_policy(),
}
_OF_THE_API = {"Content-Security-Policy": NOTHING_RUNS, "X-Frame-Options": "DENY", "Cache-Control": "no-store"}


def requests_in_flight() -> int:
    """Of this process: not yet answered to their end."""
    return int(REGISTRY.get_sample_value("arogya_requests_in_flight") or 0)


def metrics_text() -> bytes:
    return generate_latest(REGISTRY)


def client_address(scope: Scope, headers: Headers, trusted: Sequence[Network]) -> str:
    """The peer's address; where the peer is a trusted proxy, the last hop of X-Forwarded-For that is none.

    What such a proxy passes on may be anything: past what is no address, nothing is believed. Some proxies add a line
    of their own to the ones that came, so all lines are one list.
    """
    peer: str = (scope.get("client") or ("", 0))[0]
    known = _address_in(peer) if trusted else None
    if known is None or not _is_in(known, trusted):
        return peer
    for hop in reversed(",".join(headers.getlist("x-forwarded-for")).split(",")):
        found = _address_in(hop)
        if found is None:
            break
        known = found
        if not _is_in(known, trusted):
            break
    return str(known)


def _address_in(hop: str) -> IPv4Address | IPv6Address | None:
    """`10.0.0.1`, `10.0.0.1:443`, `2001:db8::1` or `[2001:db8::1]:443`; an IPv4 address in IPv6's clothes is itself."""
    parts = _HOP.fullmatch(hop.strip())
    try:
        found = ip_address(parts[1] or parts[2]) if parts else ip_address(hop.strip())
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found


def _is_in(address: IPv4Address | IPv6Address, networks: Sequence[Network]) -> bool:
    return any(address in network for network in networks)


class Telemetry:
    """Outermost middleware: gives each request its id, times it, logs it by route template, adds security headers."""

    def __init__(self, app: ASGIApp, *, trusted_proxies: tuple[str, ...] = (), always_https: bool = False) -> None:
        """always_https: browsers reach us at an https address of its own, which they may be held to for a year."""
        self.app = app
        self.trusted_proxies = [ip_network(network, strict=False) for network in trusted_proxies]
        always = {"Strict-Transport-Security": "max-age=31536000"} if always_https else {}
        self.headers, self.headers_of_the_api = _HEADERS | always, _HEADERS | _OF_THE_API | always

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        given = headers.get("x-request-id", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else uuid4().hex
        state = scope.setdefault("state", {})
        state["request_id"] = request_id
        state["address"] = client_address(scope, headers, self.trusted_proxies)
        if scope["type"] == "websocket":  # its handshake shows nothing that a header could guard
            await self.app(scope, receive, send)
            return
        await self._timed(scope, receive, send, request_id)

    async def _timed(self, scope: Scope, receive: Receive, send: Send, request_id: str) -> None:
        started, status = time.perf_counter(), 500

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = request_id
                carried = self.headers_of_the_api if scope["path"].startswith("/api/") else self.headers
                for name, value in carried.items():
                    headers.setdefault(name, value)
            await send(message)

        IN_FLIGHT.inc()
        try:
            await self.app(scope, receive, send_with_headers)
        finally:
            IN_FLIGHT.dec()
            seconds = time.perf_counter() - started
            route = getattr(scope.get("route"), "path_format", None) or "unmatched"
            REQUESTS.labels(f"{scope['method']} {route}", status).inc()
            SECONDS.labels(route).observe(seconds)
            if scope["path"].startswith("/api/"):
                log.info(
                    "request", method=scope["method"], route=route, status=status, ms=round(seconds * 1000, 1),
                    request_id=request_id, organization_id=str(scope["state"].get("organization_id") or "") or None,
                )  # fmt: skip
