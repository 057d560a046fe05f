"""Fills an empty database with the demo, in one transaction: all of it or nothing."""

import asyncio
import base64
from collections.abc import Awaitable, Callable
from datetime import datetime, time
from typing import TypeVar
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from arogya.demo.diary import DAYS_AHEAD, DAYS_BEHIND, Diary
from arogya.demo.doubles import compare
from arogya.demo.founding import Founded, SignUp, found
from arogya.demo.hospitals import HOSPITALS, NIRMAL, Hospital
from arogya.demo.ledger import Ledger
from arogya.demo.moment import Moment, at
from arogya.demo.people import Person
from arogya.demo.registry import register
from arogya.demo.rows import Rows
from arogya.demo.till import Till, by_time
from arogya.demo.town import Town
from arogya.demo.trail import Trail
from arogya.demo.waiting import add_waitlist
from arogya.modules.identity.api import hash_password
from arogya.modules.identity.models import DeviceLink, Invitation, Membership, User, UserSession
from arogya.modules.identity.service.devices import LASTS
from arogya.modules.identity.service.invitations import INVITED_FOR
from arogya.modules.organizations.models import Organization
from arogya.modules.patients.models import PatientAccount
from arogya.platform.audit import Action, PlatformAuditEntry
from arogya.platform.bearer_tokens import hash_of
from arogya.platform.clock import Clock, SystemClock
from arogya.platform.database import Database, advisory_locks, bind_tenant
from arogya.platform.keys import Keys
from arogya.platform.operator import OperatorError
from arogya.platform.settings import APP_ROLE, OWNER_ROLE, Settings
from arogya.policy import Role

PASSWORD = "arogya-demo"  # noqa: S105 – announced at every start, and refused where others can reach it
SIGN_INS = [
    ("the desk: registers, books, checks in", "reception"),
    ("a doctor: today's queue", "doctor"),
    ("a nurse: who waits between check-in and doctor", "nurse"),
    ("the pharmacy", "pharmacist"),
    ("the till", "cashier"),
    ("the laboratory", "lab"),
    ("the hospital's administrator", "admin"),
    ("the privacy officer: who looked at what", "privacy"),
    ("the operator of the installation: creates hospitals", "superadmin"),
    ("a patient, best on a phone", "patient"),
]
"""Who signs in by which user name, one for each role."""

Progress = Callable[[int, int, str], None]
"""done, total, label."""
_ALL, _PLANNED = 1000, 350
_DISPLAY_ID = uuid5(NAMESPACE_URL, "arogya:demo:display")
T = TypeVar("T")


class NotEmpty(OperatorError):
    """The demo never mixes with what is there."""


def fill(settings: Settings, progress: Progress, clock: Clock | None = None) -> None:
    """Make the demo hospitals as they stand now. Raises NotEmpty where there is a hospital already."""
    moment = Moment.of((clock or SystemClock()).now())
    password_hash = hash_password(settings.demo_password or PASSWORD)
    asyncio.run(
        _in_transaction(settings, lambda session: _fill(session, settings.keys, moment, password_hash, progress))
    )
    # Until PostgreSQL's own round comes by, it would plan as for empty tables.
    asyncio.run(_in_transaction(settings, lambda session: session.execute(text("ANALYZE")), OWNER_ROLE))


def is_needed(settings: Settings) -> bool:
    """Whether the database holds no hospital and no user, so that the demo may be filled."""
    return asyncio.run(_in_transaction(settings, _is_empty))


def is_filled(settings: Settings) -> bool:
    """Whether the demo is there."""

    async def look(session: AsyncSession) -> bool:
        demo = select(Organization.id).where(Organization.code == NIRMAL.code, Organization.name == NIRMAL.name)
        return await session.scalar(demo) is not None

    return asyncio.run(_in_transaction(settings, look))


def display_path(settings: Settings) -> str:
    """Where a screen shows the demo's waiting room without anybody's sign-in."""
    return f"/display#{_display_token(settings.keys)}"


async def _in_transaction(settings: Settings, do: Callable[[AsyncSession], Awaitable[T]], role: str = APP_ROLE) -> T:
    database = Database(settings.role_url(role), pool_size=1)
    try:
        async with database.transaction() as session:
            return await do(session)
    finally:
        await database.dispose()


async def _is_empty(session: AsyncSession) -> bool:
    a_hospital = await session.scalar(select(Organization.id).limit(1))
    return a_hospital is None and await session.scalar(select(User.id).limit(1)) is None


async def _fill(session: AsyncSession, keys: Keys, moment: Moment, password_hash: str, progress: Progress) -> None:
    await advisory_locks(session, ["demo"])
    if not await _is_empty(session):
        raise NotEmpty("There is a hospital in the database already; the demo is only filled into an empty one.")
    platform = Rows(moment, "platform")
    sign_up = SignUp(platform, password_hash)
    _add_operator(platform, sign_up, moment)
    steps = _Steps(progress)
    founded = [_plan(hospital, moment, platform, sign_up, steps) for hospital in HOSPITALS]
    _add_display(founded[0], platform, moment, keys)
    _invite(founded[0], moment)
    _add_auditor(founded, moment, sign_up)
    await _write(session, [platform, *(one.rows for one in founded)], progress)


class _Steps:
    """Progress while the days are planned."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._done = 0

    def take(self) -> None:
        self._done += 1
        all_days = len(HOSPITALS) * (DAYS_BEHIND + 1 + DAYS_AHEAD)
        self._progress(self._done * _PLANNED // all_days, _ALL, "Planning the hospitals' days")


def _plan(hospital: Hospital, moment: Moment, platform: Rows, sign_up: SignUp, steps: _Steps) -> Founded:
    founded = found(hospital, moment, platform, sign_up)
    town = Town(moment, hospital.code, hospital.areas, hospital.register)
    town.settle(hospital.patients, with_cast=hospital.with_cast)
    diary = Diary(moment, hospital.code, hospital.doctors, town.people, hospital.absences(moment))
    for _ in diary.fill():
        steps.take()
    till = Till(moment, moment.draw(hospital.code, "till"), hospital.revisit_days)
    till.settle(by_time(diary.visits, moment))
    register(founded, town.people, moment)
    compare(founded, town.people, moment)
    families = _add_family(founded, town.people, sign_up) if hospital.with_cast else {}
    ledger = Ledger(founded, moment)
    ledger.write(diary, till.payments)
    trail = Trail(founded, moment, ledger.ids)
    trail.notify(diary.visits, town.people, families)
    trail.record(diary.visits)
    if hospital.with_cast:
        add_waitlist(founded, town.people, moment)
    return founded


def _add_family(founded: Founded, people: list[Person], sign_up: SignUp) -> dict[Person, list[UUID]]:
    """Sunita Deshmukh signs in for herself and her children."""
    family = {person.name: person for person in people if person.is_scripted}
    sunita = family["Sunita Deshmukh"]
    since = sunita.known_since
    user_id = sign_up.user(
        sunita.name, "patient", since, phone="+919000011207", email="sunita.deshmukh@example.org", language="en"
    )
    founded.users["patient"] = user_id
    founded.rows.add(Membership, since, user_id=user_id, role=Role.PATIENT.value, valid_from=since)
    children = [family["Ishita Deshmukh"], family["Aarav Deshmukh"]]
    for person, relation in ((sunita, "self"), *((child, "guardian") for child in children)):
        founded.rows.add(
            PatientAccount, person.known_since, patient_id=person.id, user_id=user_id, relation=relation,
            valid_from=max(since, person.known_since),
        )  # fmt: skip
    return {person: [user_id] for person in (sunita, *children)}


def _add_operator(platform: Rows, sign_up: SignUp, moment: Moment) -> None:
    since = at(moment.day(-max(hospital.open_days for hospital in HOSPITALS)))
    user_id = sign_up.user("Demo Operator", "superadmin", since, is_platform_admin=True)
    for hospital in HOSPITALS:
        made_at = at(moment.day(-hospital.open_days))
        platform.add(
            PlatformAuditEntry, made_at, at=made_at, user_id=user_id, actor_kind="user", roles=[Role.SUPER_ADMIN.value],
            action=Action.CREATE.value, outcome="success", entity="organization", entity_ids=[],
            route="POST /api/hospitals", request_id=f"demo-{hospital.code.lower()}", address="127.0.0.1", details={},
        )  # fmt: skip


def _add_auditor(founded: list[Founded], moment: Moment, sign_up: SignUp) -> None:
    """One person with a role in both hospitals, who switches between them."""
    since = max(one.since for one in founded)
    user_id = sign_up.user("Percy Daruwalla", "auditor", since)
    for one in founded:
        one.rows.add(Membership, since, user_id=user_id, role=Role.PRIVACY_OFFICER.value, valid_from=since)


def _add_display(founded: Founded, platform: Rows, moment: Moment, keys: Keys) -> None:
    """The waiting room's screen. Its link holds as long as the installation's key."""
    made_at: datetime = at(moment.day(-1))
    platform.add(
        UserSession, made_at, id=_DISPLAY_ID, organization_id=founded.rows.organization_id, client="display",
        token_hash=hash_of(_display_token(keys)), rotated_at=made_at, device_hash=b"", last_seen_at=made_at,
        expires_at=made_at + LASTS, user_agent="", address="",
    )  # fmt: skip
    founded.rows.add(
        DeviceLink, made_at, id=_DISPLAY_ID, name="Waiting hall", facility_id=founded.branches["KTH"],
        created_by=founded.users["admin"],
    )  # fmt: skip


def _invite(founded: Founded, moment: Moment) -> None:
    """One letter that waits for its reader, and one that waited too long. Nobody has their links."""
    for days_ago, email, role in (
        (1, "tara.kamble@nh.example", Role.NURSE), (9, "imran.shaikh@nh.example", Role.PHARMACIST)
    ):  # fmt: skip
        sent_at = at(moment.day(-days_ago), time(11))
        founded.rows.add(
            Invitation, sent_at, email=email, role=role.value, sent_at=sent_at, expires_at=sent_at + INVITED_FOR,
            facility_id=founded.branches["KTH"], created_by=founded.users["admin"],
        )  # fmt: skip


def _display_token(keys: Keys) -> str:
    secret = base64.urlsafe_b64encode(keys.derive("demo-display")).rstrip(b"=").decode()
    return f"{_DISPLAY_ID.hex}.{secret}"


async def _write(session: AsyncSession, gathered: list[Rows], progress: Progress) -> None:
    total, written = sum(len(rows) for rows in gathered), 0

    def wrote(count: int, table: str) -> None:
        nonlocal written
        written += count
        progress(_PLANNED + written * (_ALL - _PLANNED) // total, _ALL, f"Writing {table.replace('_', ' ')}")

    for rows in gathered:
        await bind_tenant(session, rows.organization_id)
        await rows.write(session, wrote)
