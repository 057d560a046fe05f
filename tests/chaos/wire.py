"""HTTP by hand over TCP: to know of each request whether it was refused, answered whole, or cut."""

import asyncio
import json
import socket
import struct
from dataclasses import dataclass
from typing import Any, Literal

Fate = Literal["answered", "refused", "cut"]


def request_bytes(method: str, path: str, headers: dict[str, str], body: Any = None, *, keep: bool = False) -> bytes:
    raw = b"" if body is None else json.dumps(body).encode()
    told = {"Host": "localhost", **headers, "Connection": "keep-alive" if keep else "close"}
    if body is not None:
        told |= {"Content-Type": "application/json", "Content-Length": str(len(raw))}
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in told.items())]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + raw


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


class _Hearing(asyncio.StreamReader):
    """Counts what came, also what a reset then takes away from its reader."""

    heard = 0

    def feed_data(self, data: bytes) -> None:
        self.heard += len(data)
        super().feed_data(data)


class Connection:
    """One TCP connection to the program."""

    def __init__(self, reader: _Hearing, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def open(cls, port: int) -> "Connection":
        """Raises OSError where nobody listens."""
        loop, reader = asyncio.get_running_loop(), _Hearing()
        protocol = asyncio.StreamReaderProtocol(reader)
        transport, _ = await loop.create_connection(lambda: protocol, "127.0.0.1", port)
        return cls(reader, asyncio.StreamWriter(transport, protocol, reader, loop))

    @property
    def heard(self) -> int:
        """How many bytes ever came."""
        return self.reader.heard

    async def ask(self, raw: bytes) -> Answer:
        """Raises OSError or EOFError where the connection is cut before the answer is whole."""
        self.writer.write(raw)
        await self.writer.drain()
        return await self.answer()

    async def answer(self) -> Answer:
        head = await self.reader.readuntil(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines if line)}
        body = await self.reader.readexactly(int(headers.get("content-length", 0)))
        return Answer(int(first.split()[1]), headers, body)

    def close(self) -> None:
        self.writer.close()

    def cut(self) -> None:
        """Hard: what is on its way is lost and the other side gets a reset."""
        found = self.writer.get_extra_info("socket")
        found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


async def fate_of(port: int, raw: bytes) -> tuple[Fate, int]:
    """What became of a request on a connection of its own, and its status."""
    try:
        connection = await Connection.open(port)
    except OSError:
        return "refused", 0
    try:
        return "answered", (await connection.ask(raw)).status
    except (OSError, EOFError):
        return "cut", 0
    finally:
        connection.close()
