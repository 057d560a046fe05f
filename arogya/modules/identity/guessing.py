"""A secret in a link is guessed like a password: each wrong one counts against the address that sent it."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request

from arogya.modules.identity.throttle import ADDRESS, Counted, count_failure, refuse_blocked


async def refuse_guessing(session: AsyncSession, request: Request, now: datetime) -> None:
    """Raises TooMany while this address has to wait."""
    await refuse_blocked(session, [_counted(request)], now)


async def count_guess(session: AsyncSession, request: Request, now: datetime) -> None:
    await count_failure(session, [_counted(request)], now)


def _counted(request: Request) -> Counted:
    counted: Counted = request.app.state.authenticator.throttle.counted(
        ADDRESS, "address", request.scope["state"].get("address", "")
    )
    return counted
