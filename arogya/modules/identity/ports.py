"""What signing in needs from modules above, filled by arogya/wiring.py."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn, Protocol
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from arogya.modules.identity.schemas import SelfRegistration
from arogya.platform.access import Context


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


@dataclass(slots=True)
class Ports:
    """One attribute a port; all run in the caller's transaction."""

    register_self: Callable[[Context, UUID, SelfRegistration], Awaitable[UUID]] = _unfilled
    """Make the record of a person who registers themselves, and their account: (ctx, user_id, request) -> patient."""
    account_patients: Callable[[AsyncSession, UUID, datetime], Awaitable[Sequence[AccountPatient]]] = _unfilled
    """For whom a user signs in at the bound hospital: (session, user_id, now)."""
    practitioner_of_user: Callable[[AsyncSession, UUID], Awaitable[UUID | None]] = _unfilled
    link_practitioner: Callable[[Context, UUID, UUID], Awaitable[None]] = _unfilled
    """Let a user sign in as a practitioner: (ctx, practitioner_id, user_id)."""
    link_staff_member: Callable[[Context, UUID, UUID], Awaitable[None]] = _unfilled
    open_solo_practice: Callable[[Context, UUID, str, UUID], Awaitable[None]] = _unfilled
    """A practitioner with a weekday schedule for a clinic of one: (ctx, user_id, name, facility_id)."""


ports = Ports()
