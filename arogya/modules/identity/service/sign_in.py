"""Signing in with a password.

It reads, lets go of the connection, hashes (which takes long), then writes. A stranger's name costs the same reads,
the same hashing and the same writes as a user's, and the answer is the same.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from arogya.modules.identity.callers import Caller
from arogya.modules.identity.fields import Client
from arogya.modules.identity.models import Credential, KnownDevice, UserSession
from arogya.modules.identity.names import SignInName, read_name
from arogya.modules.identity.passwords import WeakPassword
from arogya.modules.identity.queries import Account, AtTheDoor, at_the_door
from arogya.modules.identity.schemas.sign_in import SignIn
from arogya.modules.identity.service.codes import WrongCode, is_on, take_code
from arogya.modules.identity.service.counter_people import came_with_password, counter_of, idle_s
from arogya.modules.identity.throttle import ACCOUNT, ADDRESS, Counted, count_failure, count_try, forget, refuse_blocked
from arogya.modules.organizations.api import OrganizationSuspended
from arogya.platform.access import Claims
from arogya.platform.audit import Action, record, record_denied
from arogya.platform.bearer_tokens import hash_of
from arogya.platform.clock import new_id
from arogya.platform.database import bind_tenant
from arogya.platform.errors import Field, Forbidden, Invalid, Problem, Unauthenticated

OpenedBy = Literal["password", "pin", "code", "slip", "other"]

IDLE_FOR = timedelta(days=7)
"""A session that is not used for so long is over."""
AT_MOST = timedelta(days=30)
"""After so long a password is asked for again, however often the session was used."""


class WrongCredentials(Unauthenticated):
    code, title = "wrong_credentials", "The user name or the password is not right"


class PasswordChangeRequired(Forbidden):
    code, title = "password_change_required", "Choose a password of your own"


class SecondFactorNeeded(Forbidden):
    code, title = "second_factor_needed", "Now the code from your phone"


class NotAMember(Forbidden):
    code, title = "not_a_member", "You have no role in this hospital"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """refresh_token: None where the one that the device holds stays good."""

    session_id: UUID
    client: Client
    access_token: str
    refresh_token: str | None
    lasts_s: int


async def sign_in(caller: Caller, request: SignIn) -> SignedIn:
    """Raises WrongCredentials, TooMany, PasswordChangeRequired, WeakPassword, OrganizationSuspended, NotAMember.

    Whether there is a second factor is asked only after the password was right: SecondFactorNeeded, WrongCode.
    """
    name = read_name(request.username)
    async with caller.database.transaction() as session:
        door = await at_the_door(session, name, caller.device.hash_for("browser"), caller.now())
        counted = _counted(caller, name, door)
        await refuse_blocked(session, counted, caller.now())
    account = door.account
    is_right, fresh_hash = await caller.passwords.check(request.password, account.password_hash if account else None)
    if account is None or not is_right:
        await _wrong(caller, counted, door)
        raise WrongCredentials
    if request.new_password is not None:
        fresh_hash = await _chosen(caller, account, request)
    codes = [
        caller.throttle.counted(
            ACCOUNT, "code", str(account.user_id), caller.device.word if door.is_known_device else ""
        )
    ]
    try:
        if request.code is not None:
            async with caller.database.transaction() as session:
                await count_try(session, codes, caller.now())
        return await _enter(caller, request, door, counted, codes=codes, fresh_hash=fresh_hash)
    except (Forbidden, WrongCredentials, WrongCode) as refused:
        await _denied(caller, account.user_id, request.organization_id or door.home(), refused)
        raise


async def _chosen(caller: Caller, account: Account, request: SignIn) -> str:
    assert request.new_password is not None
    if not account.must_change:
        raise Invalid(fields=[Field("new_password", "not_asked", "Only with a one-time password")])
    if request.new_password == request.password:
        raise WeakPassword("new_password", "unchanged", "Not the one-time password again")
    await caller.passwords.refuse_weak(request.new_password, account.username, field="new_password")
    return await caller.passwords.hash(request.new_password)


def _counted(caller: Caller, name: SignInName, door: AtTheDoor) -> list[Counted]:
    account = ("account", name.kind, name.value)
    if door.is_known_device:
        return [caller.throttle.counted(ACCOUNT, *account, caller.device.word)]
    return [caller.throttle.counted(ACCOUNT, *account), caller.throttle.counted(ADDRESS, "address", caller.address)]


async def _wrong(caller: Caller, counted: list[Counted], door: AtTheDoor) -> None:
    user_id = door.account.user_id if door.account else None
    organization_id = door.home()
    async with caller.database.transaction() as session:
        await count_failure(session, counted, caller.now())
        await bind_tenant(session, organization_id, user_id)
        record_denied(session, caller.facts(user_id, organization_id), WrongCredentials.code, "session", ())


async def _denied(caller: Caller, user_id: UUID, organization_id: UUID | None, refused: Problem) -> None:
    async with caller.database.transaction(organization_id, user_id) as session:
        record_denied(session, caller.facts(user_id, organization_id), refused.code, "session", ())


async def _enter(
    caller: Caller,
    request: SignIn,
    door: AtTheDoor,
    counted: list[Counted],
    *,
    codes: list[Counted],
    fresh_hash: str | None,
) -> SignedIn:
    account = door.account
    assert account is not None
    async with caller.database.transaction(None, account.user_id) as session:
        # Asked again: of many guesses sent at once, the ones after the first few must not learn that they were right.
        await refuse_blocked(session, counted, caller.now())
        if account.must_change and request.new_password is None:
            raise PasswordChangeRequired
        organization_id = choose_hospital(door, account.is_platform_admin, request.organization_id)
        if await is_on(session, account.user_id):
            if request.code is None:
                raise SecondFactorNeeded
            await take_code(session, caller.second_factors, account.user_id, request.code, caller.now())
        if fresh_hash is not None:
            await _replace_password(session, caller, account, fresh_hash)
        await forget(session, [counted[0], *codes])
        await bind_tenant(session, organization_id, account.user_id)
        return await open_session(session, caller, account.user_id, organization_id, request.client, by="password")


def choose_hospital(door: AtTheDoor, is_platform_admin: bool, wanted: UUID | None) -> UUID | None:
    """Raises NotAMember, OrganizationSuspended."""
    if wanted is not None:
        found = next((one for one in door.hospitals if one.id == wanted), None)
        if found is None:
            raise NotAMember
        if not found.is_active:
            raise OrganizationSuspended
        return wanted
    if is_platform_admin:
        return None
    home = door.home()
    if home is None and door.hospitals:
        raise OrganizationSuspended
    return home


async def _replace_password(session: AsyncSession, caller: Caller, account: Account, fresh_hash: str) -> None:
    replaced = await session.scalar(
        update(Credential)
        # The hash that was checked: a one-time password sent twice at once is good for one of the two.
        .where(Credential.user_id == account.user_id, Credential.password_hash == account.password_hash)
        .values(password_hash=fresh_hash, must_change=False, expires_at=None, changed_at=caller.now())
        .returning(Credential.id)
    )
    if replaced is None:
        raise WrongCredentials


async def open_session(
    session: AsyncSession,
    caller: Caller,
    user_id: UUID,
    organization_id: UUID | None,
    client: Client,
    *,
    by: OpenedBy = "other",
) -> SignedIn:
    """A new family of refresh tokens, in a transaction that is bound to the hospital.

    by: how they showed who they are. With their password (and second factor, where they have one) no step-up is asked
    for the next minutes, and at a shared counter they may come back by PIN.
    """
    now, session_id = caller.now(), new_id()
    counter = await counter_of(session, caller, organization_id) if client == "browser" else None
    lasts = timedelta(seconds=idle_s(counter)) if counter else IDLE_FOR
    refresh_token = caller.tokens.refresh(session_id, 0)
    session.add(
        UserSession(
            id=session_id, user_id=user_id, organization_id=organization_id, client=client, n=0,
            token_hash=hash_of(refresh_token), rotated_at=now, device_hash=caller.device.hash_for(client),
            user_agent=caller.device.user_agent, address=caller.address, created_at=now, last_seen_at=now,
            expires_at=now + lasts, opened_by=by, with_password=by == "password",
            idle_s=idle_s(counter) if counter else None, proved_at=now if by == "password" else None,
        )
    )  # fmt: skip
    if client == "browser":
        await _know_device(session, caller, user_id)
    if counter and by == "password":
        await came_with_password(session, counter, user_id, now)
    await session.flush()
    how = {"counter_id": str(counter.id), "by": by} if counter else None
    record(session, caller.facts(user_id, organization_id), Action.SIGN_IN, "session", [session_id], details=how)
    claims = Claims("user", user_id, session_id, organization_id)
    return SignedIn(session_id, client, caller.tokens.mint(claims, now), refresh_token, int(lasts.total_seconds()))


async def _know_device(session: AsyncSession, caller: Caller, user_id: UUID) -> None:
    known = insert(KnownDevice).values(
        id=new_id(), user_id=user_id, device_hash=caller.device.hash_for("browser"), last_used_at=caller.now()
    )
    await session.execute(
        known.on_conflict_do_update(index_elements=["user_id", "device_hash"], set_={"last_used_at": caller.now()})
    )
