"""Who may change by PIN at a shared counter, and how often they may mistype it."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from arogya.modules.identity.authenticator import is_live
from arogya.modules.identity.callers import Caller
from arogya.modules.identity.models import CounterPerson, Credential, Membership, SharedCounter, User
from arogya.modules.identity.throttle import Allowance
from arogya.modules.identity.tokens import ACCESS_FOR
from arogya.platform.clock import new_id
from arogya.policy import Role

PASSWORD_GOOD_FOR = timedelta(hours=24)
"""So long after the password was typed at a counter its owner may come back by PIN."""
TRIES = 5
TRY = Allowance(free=0, forgotten_after=PASSWORD_GOOD_FOR)
"""1, 2, 4, 8 s after a wrong PIN; the fifth locks."""


def idle_s(counter: SharedCounter) -> int:
    """When the server ends a session that the page failed to lock: later than the page, which asks now and then."""
    longest = max(timedelta(minutes=counter.idle_minutes), ACCESS_FOR)
    return int(longest.total_seconds()) + 300


async def counter_of(session: AsyncSession, caller: Caller, organization_id: UUID | None) -> SharedCounter | None:
    """The counter that this browser is in the bound hospital, where it is one."""
    opened = caller.counter_keys.opened(caller.counter)
    if opened is None or opened[0] != organization_id:
        return None
    found = await session.get(SharedCounter, opened)
    return found if found is not None and found.is_active else None


async def came_with_password(session: AsyncSession, counter: SharedCounter, user_id: UUID, at: datetime) -> None:
    """They may change by PIN here from now on; what was mistyped before is forgiven."""
    came = insert(CounterPerson).values(
        organization_id=counter.organization_id, id=new_id(), counter_id=counter.id, user_id=user_id, password_at=at,
        failures=0,
    )  # fmt: skip
    await session.execute(
        came.on_conflict_do_update(
            index_elements=["organization_id", "counter_id", "user_id"],
            set_={"password_at": at, "failures": 0, "blocked_until": None},
        )
    )


async def left(session: AsyncSession, counter: SharedCounter, user_id: UUID | None) -> None:
    """Whoever signs out goes home: their PIN is good here again after their password."""
    await session.execute(
        delete(CounterPerson).where(CounterPerson.counter_id == counter.id, CounterPerson.user_id == user_id)
    )


def people_of(counter: SharedCounter, now: datetime) -> Select[*tuple[Any, ...]]:
    """Who may come back to this counter: staff who typed today's password here. Their names, PINs and tries."""
    works_here = (
        select(Membership.id)
        .where(
            Membership.organization_id == counter.organization_id,
            Membership.user_id == User.id,
            Membership.role.is_distinct_from(Role.PATIENT.value),
            is_live(now),
        )
        .exists()
    )
    return (
        select(CounterPerson.user_id, CounterPerson.failures, User.name, Credential.pin_hash)
        .join(User, User.id == CounterPerson.user_id)
        .join(Credential, Credential.user_id == User.id)
        .where(
            CounterPerson.counter_id == counter.id,
            CounterPerson.password_at > now - PASSWORD_GOOD_FOR,
            # A password that was changed or reset since then was perhaps known to someone else.
            CounterPerson.password_at >= Credential.changed_at,
            Credential.must_change.is_(False),
            User.is_active,
            works_here,
        )
        .order_by(User.name, User.id)
    )
