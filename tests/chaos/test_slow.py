"""Who speaks a byte a second is cut in time, and others are served as if nobody were there."""

import asyncio
import statistics
import time
from collections.abc import Callable
from contextlib import suppress

import pytest

from arogya.platform.patience import FIRST_S
from tests.chaos.scale import LONG, report
from tests.chaos.wire import Connection, request_bytes
from tests.factories.patients import a_patient
from tests.program import Arogya
from tests.world import World

EACH = 100
"""Connections that dribble their headers, and as many that dribble their bodies."""
HEADERS_S = 15
CUT_WITHIN_S = max(FIRST_S, HEADERS_S) + 60
SERVED_WITHIN_S = 5


async def dribbled(port: int, at_once: bytes, then: bytes) -> tuple[float, bytes]:
    """A byte a second until the other side has had enough: how long that took, and what it said."""
    connection = await Connection.open(port)
    begun, said = time.monotonic(), b""
    connection.writer.write(at_once)
    with suppress(OSError):
        for byte in then:
            connection.writer.write(bytes([byte]))
            await connection.writer.drain()
            with suppress(TimeoutError):
                async with asyncio.timeout(1):
                    heard = await connection.reader.read(65536)
                    if not heard:
                        break
                    said += heard
    connection.close()
    return time.monotonic() - begun, said


def parts(hospital: World) -> tuple[bytes, bytes]:
    """The headers of a right request, and its body, which takes longer than anybody has patience."""
    body = a_patient(name="x" * 150)
    head, _, sent = request_bytes("POST", "/api/patients", hospital.a.as_("receptionist"), body).partition(b"\r\n\r\n")
    return head, sent


async def test_two_hundred_who_dribble_keep_nobody_waiting_and_are_cut(arogya: Arogya, hospital: World) -> None:
    head, body = parts(hospital)
    heads = [asyncio.create_task(dribbled(arogya.port, b"GET /api/me HTTP/1.1\r\nX-Slow: ", head)) for _ in range(EACH)]
    bodies = [asyncio.create_task(dribbled(arogya.port, head + b"\r\n\r\n", body)) for _ in range(EACH)]
    served = []
    while not all(one.done() for one in (*heads, *bodies)):
        begun = time.monotonic()
        connection = await Connection.open(arogya.port)
        answer = await connection.ask(request_bytes("GET", "/api/me", hospital.a.as_("nurse")))
        connection.close()
        assert answer.status == 200
        served.append(time.monotonic() - begun)
        await asyncio.sleep(0.25)
    cut = [await one for one in (*heads, *bodies)]
    assert max(seconds for seconds, _ in cut) <= CUT_WITHIN_S
    for one in bodies:
        assert (await one)[1].startswith(b"HTTP/1.1 408 ")
    assert statistics.median(served) <= SERVED_WITHIN_S
    report("slow", slow=len(cut), cut_after_s=[s for s, _ in cut], served_s=served)


@pytest.mark.skipif(not LONG, reason="it has to wait longer than the server's patience")
async def test_control_with_endless_patience_bodies_in_drops_are_waited_for(
    start: Callable[..., Arogya], hospital: World
) -> None:
    arogya = start(module="tests.chaos.unguarded", AROGYA_UNGUARDED="patience")
    head, body = parts(hospital)
    slow = [asyncio.create_task(dribbled(arogya.port, head + b"\r\n\r\n", body)) for _ in range(EACH)]
    await asyncio.sleep(2 * FIRST_S)
    waited_for = sum(not one.done() for one in slow)
    for one in slow:
        one.cancel()
    assert waited_for == EACH
    report("slow", waited_for_by_the_control=waited_for)
