"""Whose address counts behind proxies: only what a trusted one saw, through real ones, however the header is forged."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from ipaddress import ip_network

import httpx2
import pytest
from fastapi import FastAPI
from pydantic import ValidationError
from starlette.datastructures import Headers

from arogya.platform import telemetry
from arogya.platform.settings import Settings
from arogya.platform.telemetry import Telemetry, client_address
from tests.platform.test_realtime import Live, live  # noqa: F401 - the application on a real port

TRUSTED = ("10.0.0.0/8", "fd00::/8")


def seen(peer: str, *lines: str, trusted: Sequence[str] = TRUSTED) -> str:
    headers = Headers(raw=[(b"x-forwarded-for", line.encode()) for line in lines])
    return client_address({"client": (peer, 5000)}, headers, [ip_network(one) for one in trusted])


@pytest.mark.parametrize(
    ("peer", "lines", "address"),
    [
        ("198.51.100.7", ["203.0.113.9"], "198.51.100.7"),  # nobody's proxy
        ("10.0.0.2", [], "10.0.0.2"),
        ("10.0.0.2", ["203.0.113.9"], "203.0.113.9"),
        ("10.0.0.2", ["1.1.1.1, 203.0.113.9"], "203.0.113.9"),  # the first is what the browser sent
        ("10.0.0.2", ["1.1.1.1, 203.0.113.9, 10.0.0.3"], "203.0.113.9"),  # two trusted ones
        ("10.0.0.2", ["1.1.1.1", "203.0.113.9"], "203.0.113.9"),  # a proxy that adds a line of its own
        ("10.0.0.2", ["10.0.0.9"], "10.0.0.9"),  # from inside
        ("fd00::2", ["2001:db8::1"], "2001:db8::1"),
        ("fd00::2", ["1.1.1.1, [2001:db8::1]:51234"], "2001:db8::1"),
        ("10.0.0.2", ["203.0.113.9:51234"], "203.0.113.9"),
        ("::ffff:10.0.0.2", ["203.0.113.9"], "203.0.113.9"),  # IPv4 on a socket of both
        ("10.0.0.2", ["203.0.113.9, ::ffff:10.0.0.3"], "203.0.113.9"),
        ("10.0.0.2", ["203.0.113.9, unknown"], "10.0.0.2"),
        ("10.0.0.2", ["203.0.113.9, "], "10.0.0.2"),
        ("10.0.0.2", ["<script>, 10.0.0.3"], "10.0.0.3"),
        ("10.0.0.2", ["203.0.113.9,' OR 1=1 --"], "10.0.0.2"),
        ("10.0.0.2", ["999.1.1.1"], "10.0.0.2"),
        ("10.0.0.2", ["," * 5000], "10.0.0.2"),
        ("unix", ["203.0.113.9"], "unix"),
    ],
)
def test_the_last_hop_that_is_no_trusted_proxy_counts(peer: str, lines: list[str], address: str) -> None:
    assert seen(peer, *lines) == address


def test_without_trusted_proxies_the_header_is_nothing() -> None:
    assert seen("10.0.0.2", "203.0.113.9", trusted=()) == "10.0.0.2"


@pytest.mark.parametrize("said", ["proxy.internal", "10.0.0.1;10.0.0.2", "10.0.0.0/40"])
def test_what_is_no_network_is_refused_at_the_start(said: str) -> None:
    with pytest.raises(ValidationError, match="with commas between"):
        Settings(trusted_proxies=said)  # type: ignore[arg-type]


def test_networks_are_read_with_commas_between() -> None:
    assert Settings(trusted_proxies=" 10.0.0.1, ,fd00::/8").trusted_proxies == ("10.0.0.1", "fd00::/8")  # type: ignore[arg-type]


# A real chain: each hop is a program on a port of its own that adds whom it saw, as nginx does.

Hop = Callable[[int, str], Awaitable[int]]


@pytest.fixture
async def hop() -> AsyncIterator[Hop]:
    """`await hop(port, seen)`: a proxy to this port, which writes of its peer that it is `seen`. Its own port."""
    servers = []

    async def opened(to: int, peer: str) -> int:
        async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            head = await reader.readuntil(b"\r\n\r\n")
            first, *lines = head.decode().split("\r\n")[:-2]
            length = next((int(line[15:]) for line in lines if line.lower().startswith("content-length:")), 0)
            forwarded = [
                line.partition(":")[2].strip() for line in lines if line.lower().startswith("x-forwarded-for:")
            ]
            kept = [line for line in lines if not line.lower().startswith(("x-forwarded-for:", "connection:"))]
            on, back = await asyncio.open_connection("127.0.0.1", to)
            lines = [first, *kept, f"X-Forwarded-For: {', '.join([*forwarded, peer])}", "Connection: close"]
            back.write("\r\n".join([*lines, "", ""]).encode() + await reader.readexactly(length))
            await back.drain()
            with contextlib.suppress(ConnectionError):
                writer.write(await on.read())
                await writer.drain()
            for one in (back, writer):
                one.close()

        servers.append(await asyncio.start_server(pass_on, "127.0.0.1", 0))
        return int(servers[-1].sockets[0].getsockname()[1])

    yield opened
    for server in servers:
        server.close()


@pytest.fixture
def addresses(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the application took each request's address to be, where this machine's own are trusted proxies."""
    found: list[str] = []

    def noting(scope: telemetry.Scope, headers: Headers, _trusted: object) -> str:
        found.append(client_address(scope, headers, [ip_network("127.0.0.0/8"), ip_network("10.0.0.0/8")]))
        return found[-1]

    monkeypatch.setattr(telemetry, "client_address", noting)
    return found


@pytest.mark.parametrize("forged", [None, "6.6.6.6", "127.0.0.1", "6.6.6.6, 10.0.0.9", "rubbish", "[::1]:1"])
async def test_through_two_real_proxies_a_forged_header_changes_nothing(
    live: Live,  # noqa: F811
    hop: Hop,
    addresses: list[str],
    forged: str | None,
) -> None:
    inner = await hop(int(live.http.rpartition(":")[2]), "10.0.0.3")
    outer = await hop(inner, "203.0.113.9")
    headers = {"X-Forwarded-For": forged} if forged is not None else {}
    addresses.clear()
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{outer}") as browser:
        answer = await browser.get("/healthz", headers=headers)
    assert answer.status_code == 200
    assert addresses == ["203.0.113.9"]


async def test_control_past_the_proxies_the_same_header_is_believed(live: Live, addresses: list[str]) -> None:  # noqa: F811
    """Whoever reaches the program itself from a trusted address may say what they like: it must not be reachable."""
    addresses.clear()
    async with httpx2.AsyncClient(base_url=live.http) as browser:
        await browser.get("/healthz", headers={"X-Forwarded-For": "6.6.6.6"})
    assert addresses == ["6.6.6.6"]


def test_telemetry_reads_the_networks_once() -> None:
    async def nothing(*_: object) -> None: ...

    made = Telemetry(nothing, trusted_proxies=("10.0.0.1", "fd00::/8"))
    assert made.trusted_proxies == [ip_network("10.0.0.1"), ip_network("fd00::/8")]
