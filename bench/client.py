"""The load: 50 connections, each sending its next request once the last is answered. A process of its own.

`BENCH_CONNECTIONS` makes it other than 50.
"""

import asyncio
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

CONNECTIONS = int(os.environ.get("BENCH_CONNECTIONS", "50"))


async def _answer(reader: asyncio.StreamReader) -> int:
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.decode("latin-1").lower().split("\r\n")
    length = next((int(line.split(":")[1]) for line in lines if line.startswith("content-length:")), 0)
    await reader.readexactly(length)
    return int(lines[0].split()[1])


async def _connection(port: int, head: str, work: Iterator[dict[str, Any]], seen: Counter[str]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**20)
    for one in work:
        body = json.dumps(one["body"]).encode() if one["body"] else b""
        extra = f"Idempotency-Key: {one['key']}\r\nContent-Type: application/json\r\n" if body else ""
        line = f"{one['method']} {one['path']} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        writer.write(f"{line}{head}{extra}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        status = await _answer(reader)
        seen[f"{one['what']} {status}"] += 1
    writer.close()


async def main(port: int, plan: dict[str, Any]) -> None:
    head = f"Authorization: Bearer {plan['token']}\r\n"
    work, seen = iter(plan["requests"]), Counter[str]()
    began = time.perf_counter()
    await asyncio.gather(*(_connection(port, head, work, seen) for _ in range(CONNECTIONS)))
    print(json.dumps({"seconds": time.perf_counter() - began, "seen": seen}))


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text())))
