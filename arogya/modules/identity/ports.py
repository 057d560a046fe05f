"""What signing in needs from modules above, filled by arogya/wiring.py."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NoReturn, Protocol
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from arogya.modules.identity.schemas.sign_in import SelfRegistration
from arogya.platform.access import Context
from arogya.platform.database import Database


def _unfilled(*_: Any) -> NoReturn:
    raise RuntimeError("a port of identity is not filled: call arogya.wiring.fill_ports() at the start")


class AccountPatient(Protocol):
    """A patient for whom a user signs in. relation: self, guardian or carer."""

    @property
    def id(self) -> UUID: ...
    @property
    def name(self) -> str: ...
    @property
    def relation(self) -> str: ...


@dataclass(frozen=True, slots=True)
class PassHolder:
    """Whom the QR of a slip opens, told as little as tells one of a family from another."""

    patient_id: UUID
    first_name: str
    initial: str
    age_years: int | None
    is_child: bool


@dataclass(frozen=True, slots=True)
class PassRefused:
    """Why a slip opens nothing. tries_left: None where the slip is no good, whatever is said."""

    tries_left: int | None


Relation = Literal["self", "guardian", "carer"]


@dataclass(slots=True)
class Ports:
    """One attribute a port; all run in the caller's transaction."""

    register_self: Callable[[Context, UUID, SelfRegistration], Awaitable[UUID]] = _unfilled
    """Make the record of a person who registers themselves, and their account: (ctx, user_id, request) -> patient."""
    account_patients: Callable[[AsyncSession, UUID, datetime], Awaitable[Sequence[AccountPatient]]] = _unfilled
    """For whom a user signs in at the bound hospital: (session, user_id, now)."""
    is_phone_known: Callable[[Database, str, datetime], Awaitable[bool]] = _unfilled
    """Whether a hospital has a patient with this number (E.164), each asked in turn; opens its own transactions."""
    look_at_pass: Callable[[AsyncSession, str, datetime], Awaitable[PassHolder | None]] = _unfilled
    """Whom a good token opens, at the bound hospital; uses nothing up."""
    take_pass: Callable[[AsyncSession, str, int, datetime], Awaitable[PassHolder | PassRefused]] = _unfilled
    """Use a token up, knowing the year of birth: (session, token, year, now). Counts what was wrong."""
    open_by_pass: Callable[[Context, UUID, UUID, Relation], Awaitable[None]] = _unfilled
    """Let a user sign in for the patient of a pass that was just taken: (ctx, patient_id, user_id, relation)."""
    practitioner_of_user: Callable[[AsyncSession, UUID], Awaitable[UUID | None]] = _unfilled
    link_practitioner: Callable[[Context, UUID, UUID], Awaitable[None]] = _unfilled
    """Let a user sign in as a practitioner: (ctx, practitioner_id, user_id)."""
    link_staff_member: Callable[[Context, UUID, UUID], Awaitable[None]] = _unfilled
    open_solo_practice: Callable[[Context, UUID, str, UUID], Awaitable[None]] = _unfilled
    """A practitioner with a weekday schedule for a clinic of one: (ctx, user_id, name, facility_id)."""


ports = Ports()
