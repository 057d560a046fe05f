"""The trail, newest first."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, select

from arogya.modules.audit.schemas import Filter, Moment, PlatformFilter
from arogya.platform.audit import AuditEntry, PlatformAuditEntry
from arogya.platform.clock import day_bounds


def entries(wanted: Filter, zone: ZoneInfo, record_ids: Sequence[UUID] = ()) -> Select[Any]:
    """record_ids: all records of the wanted patient, where some were merged."""
    query = select(*AuditEntry.__table__.columns).where(*_fits(AuditEntry, wanted, zone))
    if wanted.patient_id is not None:
        query = query.where(AuditEntry.patient_id.in_({wanted.patient_id, *record_ids}))
    return query.order_by(AuditEntry.at.desc(), AuditEntry.id.desc())


def platform_entries(wanted: PlatformFilter, zone: ZoneInfo) -> Select[Any]:
    query = select(*PlatformAuditEntry.__table__.columns).where(*_fits(PlatformAuditEntry, wanted, zone))
    return query.order_by(PlatformAuditEntry.at.desc(), PlatformAuditEntry.id.desc())


def _fits(
    entry: type[AuditEntry] | type[PlatformAuditEntry], wanted: PlatformFilter, zone: ZoneInfo
) -> list[ColumnElement[bool]]:
    fits: list[ColumnElement[bool]] = []
    if wanted.since is not None:
        fits.append(entry.at >= _bounds(wanted.since, zone)[0])
    if wanted.until is not None:
        fits.append(entry.at < _bounds(wanted.until, zone)[1])
    for column in ("user_id", "action", "outcome", "entity"):
        value = getattr(wanted, column)
        if value is not None:
            fits.append(getattr(entry, column) == value)
    return fits


def _bounds(moment: Moment, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """A moment is its own bounds, a day the local day's."""
    if isinstance(moment, datetime):
        return moment, moment
    assert isinstance(moment, date)
    return day_bounds(moment, zone)
