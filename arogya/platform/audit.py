"""The audit trail: a row for every read and write that matters, success and denial, never changed or deleted."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Index, String, Table, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from arogya.platform.base import PlatformOwned, TenantOwned
from arogya.platform.clock import new_id
from arogya.platform.writing import write_last


class Action(StrEnum):
    """What was done, in FHIR AuditEvent's words where it has one."""

    READ = "read"
    SEARCH = "search"
    CREATE = "create"
    UPDATE = "update"
    DEACTIVATE = "deactivate"
    REACTIVATE = "reactivate"
    EXECUTE = "execute"
    EXPORT = "export"
    PRINT = "print"
    SIGN_IN = "sign-in"
    SIGN_OUT = "sign-out"
    DENIED = "denied"


class _Entry:
    at: Mapped[datetime]
    user_id: Mapped[UUID | None]
    actor_kind: Mapped[str]
    roles: Mapped[list[str]] = mapped_column(ARRAY(String))
    action: Mapped[str]
    outcome: Mapped[str]
    entity: Mapped[str]
    entity_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    route: Mapped[str]
    request_id: Mapped[str]
    address: Mapped[str]
    details: Mapped[dict[str, Any]] = mapped_column(JSONB)


class AuditEntry(_Entry, TenantOwned):
    """One act in one organization. The application may add and read such rows, nothing else."""

    __tablename__ = "audit_entries"
    __table_args__ = (
        CheckConstraint("outcome IN ('success', 'denied')", name="outcome"),
        Index("ix_audit_entries_at", "organization_id", "at"),
        Index("ix_audit_entries_patient", "organization_id", "patient_id", "at"),
        Index("ix_audit_entries_user", "organization_id", "user_id", "at"),
    )

    patient_id: Mapped[UUID | None]


class PlatformAuditEntry(_Entry, PlatformOwned):
    """One act of no organization: sign-ins, and what the platform's administrators do."""

    __tablename__ = "platform_audit_entries"
    __table_args__ = (
        CheckConstraint("outcome IN ('success', 'denied')", name="outcome"),
        Index("ix_platform_audit_entries_at", "at"),
    )


_TRAIL = cast(Table, AuditEntry.__table__)
_PLATFORM_TRAIL = cast(Table, PlatformAuditEntry.__table__)


@dataclass(frozen=True, slots=True)
class Facts:
    """Who, when and through which operation."""

    organization_id: UUID | None
    user_id: UUID | None
    actor_kind: str
    roles: tuple[str, ...]
    route: str
    request_id: str
    address: str
    at: datetime


def record(
    session: AsyncSession,
    facts: Facts,
    action: Action,
    entity: str,
    entity_ids: Iterable[UUID],
    *,
    patient_id: UUID | None = None,
    details: Mapping[str, Any] | None = None,
    outcome: str = "success",
) -> None:
    """Add one entry to this transaction: in the tenant's trail, or in the platform's where there is no tenant."""
    common: dict[str, Any] = {
        "id": new_id(),
        "at": facts.at,
        "user_id": facts.user_id,
        "actor_kind": facts.actor_kind,
        "roles": list(facts.roles),
        "action": action.value,
        "outcome": outcome,
        "entity": entity,
        "entity_ids": list(entity_ids),
        "route": facts.route,
        "request_id": facts.request_id,
        "address": facts.address,
        "details": dict(details or {}),
    }
    if facts.organization_id is None:
        write_last(session, _PLATFORM_TRAIL, common)
    else:
        tenants = {"organization_id": facts.organization_id, "patient_id": patient_id}
        write_last(session, _TRAIL, common | tenants)


def record_denied(session: AsyncSession, facts: Facts, code: str, entity: str, entity_ids: Iterable[UUID]) -> None:
    record(session, facts, Action.DENIED, entity, entity_ids, details={"code": code}, outcome="denied")
