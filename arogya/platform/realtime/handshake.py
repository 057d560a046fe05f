"""How a socket opens: from our own page, with a first message that holds a good ticket, soon."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from fastapi import Depends, WebSocket, WebSocketDisconnect

from arogya.platform.access import AccessRule, Context, context_of
from arogya.platform.errors import Unauthenticated
from arogya.platform.realtime.tickets import redeem

TICKET_WITHIN_S = 5.0
FIRST_MOST = 4096
"""Characters of the first message; it holds a ticket and a number."""
_SEQ_MOST = 2**63 - 1


def same_origin(socket: WebSocket, public_origin: str | None) -> bool:
    """Whether the page that opens the socket is ours: browsers send cookies and let any page try."""
    origin = socket.headers.get("origin")
    if origin is None:
        return True  # not a browser; the ticket is what counts
    if public_origin is not None:
        return origin == public_origin
    return urlsplit(origin).netloc == socket.headers.get("host")


def _read_first(message: str) -> tuple[str, int | None]:
    """The ticket, and the `seq` after which to go on. Raises ValueError, KeyError, TypeError, RecursionError."""
    if len(message) > FIRST_MOST:
        raise ValueError("too long")
    first = json.loads(message)
    ticket, since = str(first["ticket"]), first.get("since")
    # True is an int to Python, and what no bigint holds is none to PostgreSQL.
    if since is not None and (type(since) is not int or not 0 <= since <= _SEQ_MOST):
        raise ValueError("since is no seq")
    return ticket, since


@dataclass(frozen=True)
class OpenSocket:
    """An accepted socket whose ticket was good."""

    socket: WebSocket
    ctx: Context
    since: int | None


def requires_ticket(permission: StrEnum) -> Any:
    """The access rule of a WebSocket: right Origin, then a first message with a good ticket within 5 s."""

    async def open_socket(websocket: WebSocket) -> AsyncIterator[OpenSocket | None]:
        state = websocket.app.state
        if not same_origin(websocket, state.settings.public_origin):
            await websocket.close(4403)
            yield None
            return
        await websocket.accept()
        try:
            async with asyncio.timeout(TICKET_WITHIN_S):
                ticket, since = _read_first(await websocket.receive_text())
            claims = await redeem(state.database, state.clock, ticket)
            async with state.database.transaction(claims.organization_id, claims.subject_id) as session:
                actor = await state.authenticator.actor(session, claims)
            if not actor.may(permission):
                raise Unauthenticated
        except (ValueError, KeyError, TypeError, RecursionError, TimeoutError, Unauthenticated):
            await websocket.close(4401)
            yield None
            return
        except WebSocketDisconnect:
            yield None
            return
        yield OpenSocket(websocket, await context_of(websocket, actor, None), since)

    open_socket.__access_rule__ = AccessRule(permission, transaction=False)  # type: ignore[attr-defined]
    return Depends(open_socket)
