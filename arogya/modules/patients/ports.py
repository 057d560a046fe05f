"""What the modules above know of a patient: declared here, filled by arogya/wiring.py."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from arogya.platform.access import Context


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One thing that happened in a patient's care. kind: `appointment`, and more as modules come."""

    kind: str
    at: datetime
    title: str
    facility_id: UUID | None = None
    practitioner_id: UUID | None = None
    practitioner_name: str | None = None
    status: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


class HistorySource(Protocol):
    async def history(self, ctx: Context, patient_id: UUID) -> Sequence[HistoryEntry]:
        """What this module knows of the patient. The chart was opened already: no door, no audit row."""


@dataclass(frozen=True, slots=True)
class LastVisit:
    practitioner_id: UUID
    practitioner_name: str
    at: datetime


class VisitSource(Protocol):
    async def last_visits(self, ctx: Context, patient_ids: Sequence[UUID]) -> Mapping[UUID, LastVisit]:
        """The newest past visit of each patient that has one, for lists. No audit row."""


_history_sources: list[HistorySource] = []
_visit_sources: list[VisitSource] = []


def add_history_source(source: HistorySource) -> None:
    """Let a module's facts appear in patients' histories. May be repeated with the same source."""
    if source not in _history_sources:
        _history_sources.append(source)


def add_visit_source(source: VisitSource) -> None:
    """Let lists of patients show the last visit. May be repeated with the same source."""
    if source not in _visit_sources:
        _visit_sources.append(source)


async def history_of(ctx: Context, patient_id: UUID) -> list[HistoryEntry]:
    """All modules' entries, newest first."""
    entries = [entry for source in _history_sources for entry in await source.history(ctx, patient_id)]
    return sorted(entries, key=lambda entry: entry.at, reverse=True)


async def last_visits(ctx: Context, patient_ids: Sequence[UUID]) -> dict[UUID, LastVisit]:
    newest: dict[UUID, LastVisit] = {}
    for source in _visit_sources if patient_ids else ():
        for patient_id, visit in (await source.last_visits(ctx, patient_ids)).items():
            if patient_id not in newest or visit.at > newest[patient_id].at:
                newest[patient_id] = visit
    return newest
