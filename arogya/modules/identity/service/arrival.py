"""People who make their own account: a patient who registers, and whoever sets the first hospital up."""

import hmac
import re
from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from arogya.modules.identity.accounts import add_membership, create_user
from arogya.modules.identity.authenticator import grants_of
from arogya.modules.identity.callers import Caller
from arogya.modules.identity.ports import ports
from arogya.modules.identity.schemas.sign_in import SelfRegistration, SetUp
from arogya.modules.identity.service.sign_in import SignedIn, open_session
from arogya.modules.identity.throttle import ADDRESS, Allowance, count_failure, refuse_blocked
from arogya.modules.organizations import api as organizations
from arogya.platform.access import Actor, Context
from arogya.platform.audit import Action, record, record_denied
from arogya.platform.database import advisory_locks, bind_tenant
from arogya.platform.errors import Conflict, Field, Forbidden, Invalid
from arogya.policy import Role

REGISTRATIONS = Allowance(free=20, forgotten_after=timedelta(hours=1))
SETUP_CODES = Allowance(free=5, forgotten_after=timedelta(hours=24))
SOLO_ROLES = (Role.HOSPITAL_ADMIN, Role.DOCTOR, Role.RECEPTIONIST, Role.PRIVACY_OFFICER)
"""Together all that anybody may in a hospital. The trail is read by them too: nobody else is there to answer for it."""


class NotOpen(Invalid):
    code, title = "not_open", "This hospital is not open to registration"


class WrongSetupCode(Forbidden):
    code, title = "wrong_setup_code", "This is not the code that the terminal printed"


class AlreadySetUp(Conflict):
    code, title = "already_set_up", "The hospital is set up already; sign in"


async def register(caller: Caller, request: SelfRegistration) -> SignedIn:
    """A patient's user, record and account in one. Raises NotOpen, SignInNameTaken, WeakPassword, TooMany."""
    counted = [caller.throttle.counted(REGISTRATIONS, "register", caller.address)]
    async with caller.database.transaction() as session:
        await refuse_blocked(session, counted, caller.now())
        # Every try counts, for a taken user name tells that somebody has it.
        await count_failure(session, counted, caller.now())
    async with caller.database.transaction() as session:
        organization_id = await _open_hospital(session, request.organization_id)
    await caller.passwords.refuse_weak(request.password, request.username)
    password_hash = await caller.passwords.hash(request.password)
    async with caller.database.transaction(organization_id) as session:
        user_id = await create_user(
            session, name=request.name, username=request.username, password_hash=password_hash, now=caller.now(),
            language=request.language,
        )  # fmt: skip
        ctx = await _as_newcomer(session, caller, organization_id, user_id, (Role.PATIENT,))
        patient_id = await ports.register_self(ctx, user_id, request)
        ctx.audit(Action.CREATE, "user", user_id, patient_id=patient_id)
        return await open_session(session, caller, user_id, organization_id, request.client)


async def _open_hospital(session: AsyncSession, wanted: UUID | None) -> UUID:
    open_ones = [one.id for one in await organizations.hospitals_open_to_registration(session)]
    if wanted is None and len(open_ones) == 1:
        return open_ones[0]
    if wanted is None:
        raise Invalid("Choose a hospital", fields=[Field("organization_id", "required", "Choose a hospital")])
    if wanted not in open_ones:
        raise NotOpen(fields=[Field("organization_id", NotOpen.code, NotOpen.title)])
    return wanted


async def _as_newcomer(
    session: AsyncSession, caller: Caller, organization_id: UUID, user_id: UUID, roles: tuple[Role, ...]
) -> Context:
    """Give the new user these roles and act as them."""
    await bind_tenant(session, organization_id, user_id)
    for role in roles:
        await add_membership(session, user_id, role, now=caller.now())
    actor = Actor(
        kind="user", organization_id=organization_id, user_id=user_id, roles=tuple(role.value for role in roles),
        grants=grants_of(frozenset((role, None) for role in roles)),
    )  # fmt: skip
    return caller.context(session, actor)


async def needs_setup(caller: Caller) -> bool:
    async with caller.database.transaction() as session:
        return not await organizations.any_organization(session)


async def set_up(caller: Caller, code: str, request: SetUp) -> SignedIn:
    """The first hospital and its administrator. code: the right one. Raises WrongSetupCode, AlreadySetUp, TooMany."""
    await _check_code(caller, code, request.code)
    await caller.passwords.refuse_weak(request.password, request.username)
    password_hash = await caller.passwords.hash(request.password)
    async with caller.database.transaction() as session:
        # One at a time: the code is good for one hospital, also when it is sent twice.
        await advisory_locks(session, ["setup"])
        if await organizations.any_organization(session):
            raise AlreadySetUp
        return await _found(session, caller, request, password_hash)


async def _check_code(caller: Caller, code: str, typed: str) -> None:
    counted = [caller.throttle.counted(SETUP_CODES, "setup"), caller.throttle.counted(ADDRESS, "setup", caller.address)]
    async with caller.database.transaction() as session:
        if await organizations.any_organization(session):
            raise AlreadySetUp
        await refuse_blocked(session, counted, caller.now())
    plain, plain_typed = (re.sub(r"[^A-Z2-7]", "", one.upper()) for one in (code, typed))
    if not hmac.compare_digest(plain, plain_typed):
        async with caller.database.transaction() as session:
            await count_failure(session, counted, caller.now())
            record_denied(session, caller.facts(None, None), WrongSetupCode.code, "organization", ())
        raise WrongSetupCode


async def _found(session: AsyncSession, caller: Caller, request: SetUp, password_hash: str) -> SignedIn:
    solo = request.preset == "solo"
    session.info["now"] = caller.now()
    organization_id = await organizations.create_organization(
        session, name=request.hospital_name, code=request.hospital_code, time_zone=request.time_zone,
        language=request.language, is_solo=solo,
    )  # fmt: skip
    facility_id = await organizations.create_facility(
        session, name=request.facility_name, code=request.facility_code, time_zone=request.time_zone
    )
    user_id = await create_user(
        session, name=request.admin_name, username=request.username, password_hash=password_hash, now=caller.now(),
        language=request.language,
    )  # fmt: skip
    roles = SOLO_ROLES if solo else (Role.HOSPITAL_ADMIN,)
    ctx = await _as_newcomer(session, caller, organization_id, user_id, roles)
    ctx.audit(Action.CREATE, "organization", organization_id)
    record(session, caller.facts(user_id, None), Action.CREATE, "organization", [organization_id])
    if solo:
        await ports.open_solo_practice(ctx, user_id, request.admin_name, facility_id)
    return await open_session(session, caller, user_id, organization_id, request.client)
