"""Taking over a shared counter by PIN.

A try is counted before it is looked at, so of many sent at once no more are looked at than one may make.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from arogya.modules.identity.callers import Caller
from arogya.modules.identity.models import CounterPerson, SharedCounter
from arogya.modules.identity.schemas.counters import CounterPersonRead, CounterState, PinSignIn, ThisComputer
from arogya.modules.identity.service.counter_people import TRIES, TRY, counter_of, people_of
from arogya.modules.identity.service.sign_in import SignedIn, open_session
from arogya.modules.organizations.api import OrganizationSuspended, organization
from arogya.platform.audit import record_denied
from arogya.platform.errors import Forbidden, Problem, TooMany, Unauthenticated


class NotACounter(Forbidden):
    code, title = "not_a_counter", "This computer is no shared counter; sign in with your password"


class WrongPin(Unauthenticated):
    code, title = "wrong_pin", "The PIN is not right"


class PinLocked(Forbidden):
    code, title = "pin_locked", "Sign in with your password: the PIN was wrong too often here"


@dataclass(frozen=True, slots=True)
class _Try:
    """pin_hash: None where no PIN may fit. tries_left: after this one."""

    pin_hash: str | None
    tries_left: int


async def this_computer(caller: Caller) -> ThisComputer:
    """What the lock screen shows before anybody is in. Only the holder of a counter's cookie is told names."""
    opened = caller.counter_keys.opened(caller.counter)
    if opened is None:
        return ThisComputer(counter=None)
    async with caller.database.transaction(opened[0]) as session:
        counter = await counter_of(session, caller, opened[0])
        hospital = await organization(session, opened[0])
        if counter is None or hospital.status != "active":
            return ThisComputer(counter=None)
        rows = (await session.execute(people_of(counter, caller.now()))).all()
    people = [
        CounterPersonRead(id=row.user_id, name=row.name, needs_password=row.pin_hash is None or row.failures >= TRIES)
        for row in rows
    ]
    return ThisComputer(
        counter=CounterState(
            id=counter.id, name=counter.name, organization_name=hospital.name, idle_minutes=counter.idle_minutes,
            people=people,
        )
    )  # fmt: skip


async def take_over(caller: Caller, request: PinSignIn) -> SignedIn:
    """A session of its own for whoever's PIN it is. Raises NotACounter, WrongPin, PinLocked, TooMany."""
    opened = caller.counter_keys.opened(caller.counter)
    if opened is None:
        raise NotACounter
    organization_id = opened[0]
    try:
        async with caller.database.transaction(organization_id, request.user_id) as session:
            tried = await _count(session, caller, organization_id, request.user_id)
        keyed = caller.counter_keys.keyed(request.user_id, request.pin)
        is_right, _ = await caller.passwords.check(keyed, tried.pin_hash)
        if not is_right:
            raise WrongPin if tried.tries_left else PinLocked
        async with caller.database.transaction(organization_id, request.user_id) as session:
            return await _enter(session, caller, organization_id, request.user_id)
    except (WrongPin, PinLocked) as refused:
        await _denied(caller, organization_id, request.user_id, refused)
        raise


async def _count(session: AsyncSession, caller: Caller, organization_id: UUID, user_id: UUID) -> _Try:
    counter = await _standing(session, caller, organization_id)
    # Locked first: what the last try counted must be seen by the next.
    mine = (CounterPerson.counter_id == counter.id) & (CounterPerson.user_id == user_id)
    row = await session.scalar(select(CounterPerson).where(mine).with_for_update())
    person = (await session.execute(people_of(counter, caller.now()).where(mine))).one_or_none()
    if row is None or person is None or person.pin_hash is None:
        return _Try(None, TRIES)
    if row.failures >= TRIES:
        raise PinLocked
    if row.blocked_until is not None and row.blocked_until > caller.now():
        raise TooMany(retry_after_s=int((row.blocked_until - caller.now()).total_seconds()) + 1)
    row.failures += 1
    row.blocked_until = caller.now() + TRY.wait_after(row.failures)
    await session.flush()
    return _Try(person.pin_hash, TRIES - row.failures)


async def _standing(session: AsyncSession, caller: Caller, organization_id: UUID) -> SharedCounter:
    if (await organization(session, organization_id)).status != "active":
        raise OrganizationSuspended
    counter = await counter_of(session, caller, organization_id)
    if counter is None:
        raise NotACounter
    return counter


async def _enter(session: AsyncSession, caller: Caller, organization_id: UUID, user_id: UUID) -> SignedIn:
    counter = await _standing(session, caller, organization_id)
    mine = (CounterPerson.counter_id == counter.id) & (CounterPerson.user_id == user_id)
    if (await session.execute(people_of(counter, caller.now()).where(mine))).one_or_none() is None:
        raise WrongPin  # gone from here while the PIN was looked at
    await session.execute(update(CounterPerson).where(mine).values(failures=0, blocked_until=None))
    return await open_session(session, caller, user_id, organization_id, "browser", by="pin")


async def _denied(caller: Caller, organization_id: UUID, user_id: UUID, refused: Problem) -> None:
    async with caller.database.transaction(organization_id) as session:
        counter = await counter_of(session, caller, organization_id)
        about = [counter.id] if counter else []
        record_denied(session, caller.facts(user_id, organization_id), refused.code, "shared_counter", about)
