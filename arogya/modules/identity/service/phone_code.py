"""Signing in with a code that is sent to the phone.

A number that nobody knows costs the same reads and the same writes as a patient's, and the answers are the same; only
the job that sends the message, after the answer, asks who has the number.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from arogya.modules.identity.callers import Caller
from arogya.modules.identity.models import KnownDevice, LoginIdentifier, LoginThrottle, SignInCode, UserSession
from arogya.modules.identity.names import phone_name
from arogya.modules.identity.phone_codes import GOOD_FOR, MOST_TRIES
from arogya.modules.identity.queries import AtTheDoor, hospitals_of
from arogya.modules.identity.schemas.patient_sign_in import AskCode, CodeAsked, SignInWithCode
from arogya.modules.identity.service.codes import is_on
from arogya.modules.identity.service.phone_users import make_user, user_of_phone, works_somewhere
from arogya.modules.identity.service.sign_in import SignedIn, open_session
from arogya.modules.identity.texts import send_code
from arogya.modules.identity.throttle import (
    ADDRESS,
    Allowance,
    Counted,
    count_failure,
    count_try,
    forget,
    refuse_blocked,
)
from arogya.platform import jobs
from arogya.platform.audit import record_denied
from arogya.platform.clock import new_id
from arogya.platform.database import bind_tenant
from arogya.platform.errors import Forbidden, Invalid, Problem, Unauthenticated

CODES = Allowance(free=0, forgotten_after=timedelta(hours=1), first_wait=timedelta(seconds=30))
"""Of one phone: each code, and each wrong try, doubles the wait for the next."""
CODES_OF_AN_ADDRESS = Allowance(free=60, forgotten_after=timedelta(hours=1))
"""A waiting room shares one address."""


class CodeWrong(Unauthenticated):
    code, title = "phone_code_wrong", "This is not the code"


class CodeOver(Unauthenticated):
    code, title = "phone_code_over", "This code is no longer good; ask for another"


class PasswordNeeded(Forbidden):
    code, title = "password_needed", "This account signs in with its password"


@dataclass(frozen=True, slots=True)
class _Proved:
    phone: str


async def ask_code(caller: Caller, request: AskCode) -> CodeAsked:
    """Raises Invalid for what is no phone number, TooMany."""
    name = phone_name(request.phone)
    if name is None:
        raise Invalid.field("phone", "Not a phone number", "not_a_phone")
    now, code_id = caller.now(), new_id()
    async with caller.database.transaction() as session:
        of_phone = await _count_of_phone(session, caller, name.value)
        of_address = caller.throttle.counted(CODES_OF_AN_ADDRESS, "codes-of-address", caller.address)
        await count_try(session, [of_phone, of_address], now)
        await session.execute(delete(SignInCode).where(SignInCode.expires_at < now))
        session.add(
            SignInCode(
                id=code_id, phone=caller.phone_codes.sealed(code_id, name.value), language=request.language,
                created_at=now, expires_at=now + GOOD_FOR,
            )
        )  # fmt: skip
        await session.flush()
        await jobs.defer(session, send_code, code_id=code_id)
        until = await session.scalar(
            select(LoginThrottle.blocked_until).where(LoginThrottle.subject == of_phone.subject)
        )
    assert until is not None  # the first already costs a wait
    return CodeAsked(
        code_id=code_id,
        expires_in_s=int(GOOD_FOR.total_seconds()),
        again_in_s=int((until - now).total_seconds()),
    )


async def _count_of_phone(session: AsyncSession, caller: Caller, phone: str) -> Counted:
    """A device on which this phone's owner signed in before has a count of its own: no stranger can lock them out."""
    known = await session.scalar(
        select(KnownDevice.id)
        .join(LoginIdentifier, LoginIdentifier.user_id == KnownDevice.user_id)
        .where(
            LoginIdentifier.kind == "phone",
            LoginIdentifier.value == phone,
            KnownDevice.device_hash == caller.device.hash_for("browser"),
        )
    )
    return caller.throttle.counted(CODES, "codes-of-phone", phone, *([caller.device.word] if known else []))


async def sign_in_with_code(caller: Caller, request: SignInWithCode) -> SignedIn:
    """The phone's user, made at the first time. Raises CodeWrong, CodeOver, PasswordNeeded, TooMany."""
    address = caller.throttle.counted(ADDRESS, "address", caller.address)
    async with caller.database.transaction() as session:
        await refuse_blocked(session, [address], caller.now())
        proved = await _check(session, caller, request, address)
        signed_in = await _enter(session, caller, request, proved) if isinstance(proved, _Proved) else proved
        if isinstance(signed_in, Problem):
            await bind_tenant(session, None)
            record_denied(session, caller.facts(None, None), signed_in.code, "session", ())
    if isinstance(signed_in, Problem):
        raise signed_in  # only now: the try that was counted is to stay counted
    return signed_in


async def _check(
    session: AsyncSession, caller: Caller, request: SignInWithCode, address: Counted
) -> _Proved | CodeWrong | CodeOver:
    row = await session.get(SignInCode, request.code_id, with_for_update=True)
    if row is None or row.expires_at <= caller.now() or row.tries >= MOST_TRIES:
        return CodeOver()
    phone = caller.phone_codes.phone_of(row.id, row.phone)
    of_phone = await _count_of_phone(session, caller, phone)
    if not caller.phone_codes.fits(row.id, request.code, row.code_hash):
        row.tries += 1
        await count_failure(session, [of_phone, address], caller.now())
        return CodeOver() if row.tries >= MOST_TRIES else CodeWrong()
    await session.delete(row)
    await forget(session, [of_phone])
    return _Proved(phone)


async def _enter(
    session: AsyncSession, caller: Caller, request: SignInWithCode, proved: _Proved
) -> SignedIn | PasswordNeeded | CodeOver:
    user = await user_of_phone(session, proved.phone)
    if user is not None and not user.is_active:
        return CodeOver()
    if user is not None and (await works_somewhere(session, user, caller.now()) or await is_on(session, user.id)):
        return PasswordNeeded()
    user_id = user.id if user else await make_user(session, caller, request.language, proved.phone)
    organization_id = await _home(session, caller, user_id)
    await bind_tenant(session, organization_id, user_id)
    return await open_session(session, caller, user_id, organization_id, request.client, by="code")


async def _home(session: AsyncSession, caller: Caller, user_id: UUID) -> UUID | None:
    """The hospital of the last time, else the first; None for who has claimed no record yet."""
    last = await session.scalar(
        select(UserSession.organization_id)
        .where(UserSession.user_id == user_id)
        .order_by(UserSession.last_seen_at.desc())
        .limit(1)
    )
    await bind_tenant(session, None, user_id)
    return AtTheDoor(None, True, await hospitals_of(session, user_id, caller.now()), last).home()
