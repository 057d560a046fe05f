"""The application in processes made to be killed: `python -m tests.chaos.mortal`, an order a line on standard input.

Each order is answered by a fork of this process, which has loaded everything already: a life costs no start. An order
may say after which message to the database the process is killed, and control orders split the transaction there.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import httpx2
from asyncpg import protocol
from fastapi import FastAPI

from arogya.app import connect, create_app
from arogya.platform.clock import FixedClock
from arogya.platform.settings import Settings
from tests.conftest import NOW

Sent = Callable[..., Awaitable[Any]]
Wire: Any = protocol.Protocol


class Watched:
    """What goes to the database, counted; what was ordered happens at its message.

    die_after: the message after whose answer the process is killed. unanswered: kill it as soon as that is sent.
    split_after: the message after which the transaction is committed and another begun.
    """

    def __init__(self, die_after: int | None, unanswered: bool, split_after: int | None) -> None:
        self.messages: list[str] = []
        self._die_after = die_after
        self._unanswered = unanswered
        self._split_after = split_after
        self._query: Sent = Wire.query

    def install(self) -> None:
        query, run, run_many = Wire.query, Wire.bind_execute, Wire.bind_execute_many

        async def watched_query(wire: Any, sql: str, timeout: Any) -> Any:
            return await self._pass(wire, sql, query(wire, sql, timeout))

        async def watched_run(wire: Any, state: Any, *told: Any, **named: Any) -> Any:
            return await self._pass(wire, state.query, run(wire, state, *told, **named))

        async def watched_run_many(wire: Any, state: Any, *told: Any, **named: Any) -> Any:
            return await self._pass(wire, state.query, run_many(wire, state, *told, **named))

        Wire.query, Wire.bind_execute, Wire.bind_execute_many = watched_query, watched_run, watched_run_many

    async def _pass(self, wire: Any, sql: str, sent: Awaitable[Any]) -> Any:
        number = len(self.messages)
        self.messages.append(" ".join(sql.split()))
        is_the_last = number == self._die_after
        if is_the_last and self._unanswered:
            sending = asyncio.ensure_future(sent)
            await asyncio.sleep(0)  # it is written to the socket; nobody will read the answer
            assert not sending.done()
            os.kill(os.getpid(), signal.SIGKILL)
        answer = await sent
        if is_the_last:
            os.kill(os.getpid(), signal.SIGKILL)
        if number == self._split_after:
            await self._split(wire)
        return answer

    async def _split(self, wire: Any) -> None:
        """What a service that commits in the middle would do, the tenant kept for the rest."""
        for sql in (
            "SELECT set_config('kept.o', current_setting('arogya.organization_id'), false), "
            "set_config('kept.u', current_setting('arogya.user_id'), false)",
            "COMMIT",
            "BEGIN",
            "SELECT set_config('arogya.organization_id', current_setting('kept.o'), true), "
            "set_config('arogya.user_id', current_setting('kept.u'), true)",
        ):
            await self._query(wire, sql, 5)


async def live(app: FastAPI, order: dict[str, Any]) -> dict[str, Any]:
    """Serve one request, as far as life goes."""
    config = Settings(database_url=order["database_url"], secret_key=order["secret_key"], pool_size=4)
    connect(app, config, FixedClock(NOW))
    watched = Watched(order.get("die_after"), order.get("unanswered", False), order.get("split_after"))
    watched.install()
    asked = order["request"]
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://localhost:8000") as client:
        answer = await client.request(
            asked["method"], asked["path"], json=asked.get("json"), headers=asked.get("headers")
        )
    return {"status": answer.status_code, "body": answer.text, "messages": watched.messages}


def answered(app: FastAPI, order: dict[str, Any]) -> dict[str, Any]:
    """What a process of its own made of the order; `killed` where it did not outlive it."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        told = json.dumps(asyncio.run(live(app, order))).encode()
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(told)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        told = pipe.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return {"killed": os.WTERMSIG(status)}
    return dict(json.loads(told))


async def wake(app: FastAPI) -> None:
    """The routes are gathered at the first request: once here, not in each life."""
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://localhost:8000") as client:
        assert (await client.get("/healthz")).status_code == 200


def main() -> None:
    app = create_app(Settings(database_url="postgresql://nobody@/none"), FixedClock(NOW))
    asyncio.run(wake(app))
    for line in sys.stdin:
        print(json.dumps(answered(app, json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
