"""How long we wait for who speaks or reads slowly: others wait behind the connection to the database that they hold.

The server itself ends who takes too long over a request's headers. A body sent in drops and an answer that nobody
reads are ended here. An answer that is sent in one piece is the system's to deliver: it holds nothing of ours.
"""

import asyncio
import time

import structlog
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

FIRST_S = 15.0
"""What every body may take; beyond it, so many seconds as it has brought bytes at SLOWEST."""
SLOWEST = 500
"""Bytes a second. A photo over a village's line comes in ten times faster."""
READ_WITHIN_S = 60.0
"""How long a part of a streamed answer, half a megabyte at most, may lie before its reader."""

log = structlog.get_logger("arogya.request")


class Patience:
    """Ends requests whose bodies come in drops with 408, and streamed answers that nobody reads without a word."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun, came, is_whole = time.monotonic(), 0, False
        is_streamed = is_given_up = False

        async def receive_in_time() -> Message:
            nonlocal came, is_whole
            if is_whole:  # what comes now is that the other side has gone, which may take as long as it likes
                return await receive()
            try:
                async with asyncio.timeout(begun + FIRST_S + came / SLOWEST - time.monotonic()):
                    message = await receive()
            except TimeoutError:
                raise HTTPException(408, "The request came too slowly", {"Connection": "close"}) from None
            came += len(message.get("body", b""))
            is_whole = not message.get("more_body")
            return message

        async def send_in_time(message: Message) -> None:
            nonlocal is_streamed, is_given_up
            is_streamed = is_streamed or bool(message.get("more_body"))
            if not is_streamed:
                await send(message)
                return
            try:
                async with asyncio.timeout(READ_WITHIN_S):
                    await send(message)
            except TimeoutError:
                is_given_up = True
                raise

        try:
            await self.app(scope, receive_in_time, send_in_time)
        except Exception:
            if not is_given_up:
                raise
            log.warning("reader_too_slow", route=getattr(scope.get("route"), "path_format", None) or "unmatched")
