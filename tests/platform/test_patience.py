"""Who sends in drops, or never reads, is not waited for; who is slow but steady is."""

import asyncio
import json
from collections.abc import AsyncIterator

import httpx2
import pytest
from starlette.responses import StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from arogya.platform import patience
from arogya.platform.patience import Patience
from tests.factories.patients import a_patient
from tests.world import World


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "FIRST_S", 0.2)
    monkeypatch.setattr(patience, "READ_WITHIN_S", 0.2)


async def post(client: httpx2.AsyncClient, world: World, content: AsyncIterator[bytes]) -> httpx2.Response:
    headers = {**world.a.as_("receptionist"), "Content-Type": "application/json"}
    async with asyncio.timeout(30):
        return await client.post("/api/patients", content=content, headers=headers)


async def test_a_body_that_does_not_end_is_refused(client: httpx2.AsyncClient, world: World) -> None:
    async def drops() -> AsyncIterator[bytes]:
        yield b'{"name": "'
        await asyncio.Event().wait()

    answer = await post(client, world, drops())
    assert (answer.status_code, answer.json()["code"]) == (408, "too_slow")
    assert answer.headers["connection"] == "close"


async def test_a_body_that_brings_enough_is_waited_for(
    client: httpx2.AsyncClient, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "SLOWEST", 0.5)
    raw = json.dumps(a_patient()).encode()

    async def steadily() -> AsyncIterator[bytes]:
        yield raw[:-1]
        await asyncio.sleep(0.5)
        yield raw[-1:]

    assert (await post(client, world, steadily())).status_code == 201


SCOPE: Scope = {"type": "http", "method": "GET", "path": "/", "headers": [], "asgi": {"spec_version": "2.4"}}


async def never() -> Message:
    return await asyncio.Event().wait()  # type: ignore[return-value]


async def test_a_stream_that_nobody_reads_is_given_up_and_lets_go_of_what_it_holds() -> None:
    is_held = False

    async def rows() -> AsyncIterator[bytes]:
        nonlocal is_held
        is_held = True
        try:
            for _ in range(1000):
                yield b"row"
        finally:
            is_held = False

    async def unread(message: Message) -> None:
        if message["type"] == "http.response.body":
            assert is_held
            await asyncio.Event().wait()

    async with asyncio.timeout(30):
        await Patience(StreamingResponse(rows()))(SCOPE, never, unread)
        while is_held:
            await asyncio.sleep(0.01)


async def test_an_answer_in_one_piece_is_the_systems_to_deliver() -> None:
    async def whole(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"all of it"})

    async def slowly(_message: Message) -> None:
        await asyncio.sleep(0.4)

    await Patience(whole)(SCOPE, never, slowly)
