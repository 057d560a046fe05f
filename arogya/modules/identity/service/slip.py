"""Signing in with the one-time QR of a slip: it opens one patient's record, for whoever knows the year of birth."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from arogya.modules.identity.authenticator import grants_of, still_stands
from arogya.modules.identity.callers import Caller
from arogya.modules.identity.models import User, UserSession
from arogya.modules.identity.ports import PassRefused as Refusal
from arogya.modules.identity.ports import ports
from arogya.modules.identity.schemas.patient_sign_in import ShowSlip, SignInWithSlip, SlipRead
from arogya.modules.identity.service.phone_users import make_user
from arogya.modules.identity.service.sign_in import SignedIn, open_session
from arogya.modules.identity.throttle import ADDRESS, count_failure, refuse_blocked
from arogya.modules.organizations import api as organizations
from arogya.platform.access import Actor, Claims, Context
from arogya.platform.audit import record_denied
from arogya.platform.bearer_tokens import organization_of
from arogya.platform.database import bind_tenant
from arogya.platform.errors import Invalid, NotFound, Problem, Unauthenticated
from arogya.policy import Role


class SlipOver(NotFound):
    code, title = "slip_over", "This slip was used or is too old; the desk prints another"


class SlipYearWrong(Invalid):
    code, title = "slip_year_wrong", "This is not the year of birth that the hospital has"


async def show_slip(caller: Caller, request: ShowSlip) -> SlipRead:
    """Whose record a slip opens. Raises SlipOver, TooMany."""
    counted = [caller.throttle.counted(ADDRESS, "address", caller.address)]
    organization_id = organization_of(request.token)
    async with caller.database.transaction(organization_id) as session:
        await refuse_blocked(session, counted, caller.now())
        hospital = await _open_hospital(session, organization_id)
        holder = await ports.look_at_pass(session, request.token, caller.now()) if hospital else None
        if hospital is None or holder is None:
            await count_failure(session, counted, caller.now())
    if hospital is None or holder is None:
        raise SlipOver
    return SlipRead(
        hospital_name=hospital.name, first_name=holder.first_name, initial=holder.initial, age_years=holder.age_years,
        is_child=holder.is_child,
    )  # fmt: skip


async def _open_hospital(session: AsyncSession, organization_id: UUID | None) -> organizations.Organization | None:
    if organization_id is None:
        return None
    found = (await organizations.organizations(session, [organization_id])).get(organization_id)
    return found if found is not None and found.status == "active" else None


async def sign_in_with_slip(caller: Caller, request: SignInWithSlip, access_token: str | None) -> SignedIn:
    """access_token: of who is signed in on this phone already: the record becomes theirs too.

    Raises SlipOver, SlipYearWrong, TooMany.
    """
    counted = [caller.throttle.counted(ADDRESS, "address", caller.address)]
    claims = caller.tokens.read(access_token, caller.now()) if access_token else None
    async with caller.database.transaction(organization_of(request.token)) as session:
        await refuse_blocked(session, counted, caller.now())
        done = await _take(session, caller, request, claims)
        if isinstance(done, Problem):
            await count_failure(session, counted, caller.now())
    if isinstance(done, Problem):
        raise done  # only now: what was counted stays counted
    return done


async def _take(
    session: AsyncSession, caller: Caller, request: SignInWithSlip, claims: Claims | None
) -> SignedIn | SlipOver | SlipYearWrong:
    hospital = await _open_hospital(session, organization_of(request.token))
    if hospital is None:
        return SlipOver()
    taken = await ports.take_pass(session, request.token, request.birth_year, caller.now())
    if isinstance(taken, Refusal):
        refused = SlipOver() if taken.tries_left is None else SlipYearWrong(extra={"tries_left": taken.tries_left})
        record_denied(session, caller.facts(None, hospital.id), refused.code, "patient_pass", ())
        return refused
    own = await _own_session(session, caller, claims) if claims else None
    user_id = own.user_id if own and own.user_id else await make_user(session, caller, request.language, None)
    ctx = await _as_patient(session, caller, hospital.id, user_id)
    await ports.open_by_pass(ctx, taken.patient_id, user_id, "guardian" if taken.is_child else request.relation)
    if own is None:
        return await open_session(session, caller, user_id, hospital.id, request.client, by="slip")
    own.organization_id = hospital.id
    fresh = caller.tokens.mint(Claims("user", user_id, own.id, hospital.id), caller.now())
    return SignedIn(own.id, request.client, fresh, None, 0)


async def _own_session(session: AsyncSession, caller: Caller, claims: Claims) -> UserSession:
    """Raises Unauthenticated where it has ended meanwhile."""
    own = await session.scalar(
        select(UserSession)
        .join(User, User.id == UserSession.user_id)
        .where(
            UserSession.id == claims.session_id,
            UserSession.user_id == claims.subject_id,
            still_stands(caller.now()),
            User.is_active,
        )
    )
    if own is None:
        raise Unauthenticated
    return own


async def _as_patient(session: AsyncSession, caller: Caller, organization_id: UUID, user_id: UUID) -> Context:
    await bind_tenant(session, organization_id, user_id)
    actor = Actor(
        kind="user", organization_id=organization_id, user_id=user_id, roles=(Role.PATIENT.value,),
        grants=grants_of(frozenset({(Role.PATIENT, None)})),
    )  # fmt: skip
    return caller.context(session, actor)
