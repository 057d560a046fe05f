"""Where one request ends and the next begins: what could be read in two ways is refused, or read in one and closed."""

import asyncio
import re
import socket

from tests.bad_input.conftest import PATIENCE_S, Served

SMUGGLED = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
BODY = b"0\r\n\r\n"


def request(*lines: str, body: bytes = BODY + SMUGGLED) -> bytes:
    head = ["POST /api/auth/login HTTP/1.1", "Host: localhost", "Content-Type: application/json", *lines, "", ""]
    return "\r\n".join(head).encode() + body


async def statuses(served: Served, raw: bytes) -> list[int]:
    """Of everything that is answered until the server closes the line, as it must after a refusal or SMUGGLED."""
    heard = b""
    with socket.create_connection(("127.0.0.1", served.port)) as line:
        line.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(line, raw)
        async with asyncio.timeout(PATIENCE_S):
            while more := await loop.sock_recv(line, 1 << 16):
                heard += more
    return [int(found) for found in re.findall(rb"HTTP/1\.1 (\d{3})", heard)]


UNCLEAR = [
    ["Content-Length: 5", "Content-Length: 6"],
    ["Content-Length: 5, 6"],
    ["Content-Length: +5"],
    ["Content-Length: -1"],
    ["Content-Length: 0x5"],
    ["Transfer-Encoding: chunked", "Transfer-Encoding: identity"],
    ["Transfer-Encoding: xchunked"],
    ["Transfer-Encoding: chunked, identity"],
    ["Transfer-Encoding : chunked"],
    ["Transfer-Encoding:\x0bchunked"],
    [" Content-Length: 5"],
    ["Content\x00-Length: 5"],
]


async def test_an_unclear_length_is_refused_and_nothing_after_it_is_heard(served: Served) -> None:
    for lines in UNCLEAR:
        assert await statuses(served, request(*lines)) == [400], lines


async def test_control_two_clear_requests_are_two(served: Served) -> None:
    assert await statuses(served, request("Content-Length: 2", body=b"{}" + SMUGGLED)) == [422, 200]


async def test_where_chunks_and_a_length_are_told_the_chunks_count_and_the_line_is_closed(served: Served) -> None:
    """RFC 9112, 6.3, for a length that ends before, with and after what the chunks say."""
    for length in (0, 5, len(BODY + SMUGGLED)):
        raw = request(f"Content-Length: {length}", "Transfer-Encoding: chunked")
        assert await statuses(served, raw) == [422], length
