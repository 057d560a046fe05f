"""The product made slower: each request costs the work of some more beside its own."""

from typing import Any

from starlette.types import Receive, Scope, Send

import arogya.app


def create_app() -> Any:
    inner = arogya.app.create_app()

    async def slowed(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            sum(range(1_000_000))
        await inner(scope, receive, send)

    return slowed
