"""A delay that grows with each failed try, kept in the database so that all processes share it.

The first failures cost nothing, then each one doubles the wait. An account's count and an address's stand apart; a
device on which the user has signed in before has a count of its own, so that no stranger can lock its owner out.
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from arogya.modules.identity.models import LoginThrottle
from arogya.platform.clock import new_id
from arogya.platform.database import advisory_locks
from arogya.platform.errors import TooMany
from arogya.platform.keys import Keys

LONGEST_WAIT = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Allowance:
    """free: failures before the first wait. forgotten_after: with no failure for so long, the count starts anew."""

    free: int
    forgotten_after: timedelta
    first_wait: timedelta = timedelta(seconds=1)

    def wait_after(self, failures: int) -> timedelta:
        """1 s, 2 s, 4 s … up to 15 minutes."""
        over = failures - self.free
        if over <= 0:
            return timedelta()
        doublings: int = 2 ** min(over - 1, 12)
        return min(self.first_wait * doublings, LONGEST_WAIT)


ACCOUNT = Allowance(free=4, forgotten_after=timedelta(hours=24))
ADDRESS = Allowance(free=30, forgotten_after=timedelta(hours=1))
"""A hospital's computers share one address."""


@dataclass(frozen=True, slots=True)
class Counted:
    """One thing whose failures are counted. subject: a keyed hash, so that the table names nobody."""

    subject: bytes
    allowance: Allowance


class Throttle:
    """Names what is counted; the functions below count it."""

    def __init__(self, keys: Keys) -> None:
        self._key = keys.derive("login-throttle")

    def counted(self, allowance: Allowance, *parts: str) -> Counted:
        return Counted(hmac.digest(self._key, "\x00".join(parts).encode(), "sha256"), allowance)


async def refuse_blocked(session: AsyncSession, counted: Sequence[Counted], now: datetime) -> None:
    """Raises TooMany while one of them has to wait."""
    until = await session.scalars(
        select(LoginThrottle.blocked_until).where(
            LoginThrottle.subject.in_([one.subject for one in counted]), LoginThrottle.blocked_until > now
        )
    )
    latest = max((moment for moment in until if moment is not None), default=None)
    if latest is not None:
        raise TooMany(retry_after_s=int((latest - now).total_seconds()) + 1)


async def count_failure(session: AsyncSession, counted: Sequence[Counted], now: datetime) -> None:
    for one in sorted(counted, key=lambda c: c.subject):  # in one order, or two failures wait for each other
        row = await _locked(session, one, now)
        forgotten = row.last_failure_at < now - one.allowance.forgotten_after
        row.failures = 1 if forgotten else row.failures + 1
        row.last_failure_at = now
        wait = one.allowance.wait_after(row.failures)
        row.blocked_until = now + wait if wait else None
    await session.flush()


async def _locked(session: AsyncSession, one: Counted, now: datetime) -> LoginThrottle:
    fresh = insert(LoginThrottle).values(id=new_id(), subject=one.subject, failures=0, last_failure_at=now)
    await session.execute(fresh.on_conflict_do_nothing())
    return (
        await session.execute(
            select(LoginThrottle)
            .where(LoginThrottle.subject == one.subject)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    ).scalar_one()


async def forget(session: AsyncSession, counted: Sequence[Counted]) -> None:
    """Start the count anew, after a success."""
    await session.execute(delete(LoginThrottle).where(LoginThrottle.subject.in_([one.subject for one in counted])))


async def purge(session: AsyncSession, now: datetime) -> None:
    """Forget what no longer counts."""
    await session.execute(delete(LoginThrottle).where(LoginThrottle.last_failure_at < now - ACCOUNT.forgotten_after))


async def count_try(session: AsyncSession, counted: Sequence[Counted], now: datetime) -> None:
    """Count a try before it is looked at, one after the other: of many sent at once only the free ones are looked at.

    Forgotten after a success. Raises TooMany.
    """
    await advisory_locks(session, [f"tries:{one.subject.hex()}" for one in counted])
    await refuse_blocked(session, counted, now)
    await count_failure(session, counted, now)
