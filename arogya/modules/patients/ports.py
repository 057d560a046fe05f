"""What the modules above know of a patient: declared here, filled by arogya/wiring.py."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
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
    record_id: UUID | None = None
    """Under which of the patient's records it stands; `history_of` tells it."""


class HistorySource(Protocol):
    """What a module knows of a patient. The chart was opened already: no door, no audit row."""

    async def history(self, ctx: Context, patient_id: UUID, newest: int) -> Sequence[HistoryEntry]:
        """The newest entries of this record."""

    async def history_counts(self, ctx: Context, patient_ids: Sequence[UUID]) -> Mapping[UUID, int]:
        """How many entries stand under each record that has some."""


@dataclass(frozen=True, slots=True)
class LastVisit:
    practitioner_id: UUID
    practitioner_name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Booked:
    """A visit, and the record under which it stands."""

    id: UUID
    patient_id: UUID
    at: datetime
    practitioner_name: str
    status: str


class VisitSource(Protocol):
    async def last_visits(self, ctx: Context, patient_ids: Sequence[UUID]) -> Mapping[UUID, LastVisit]:
        """The newest past visit of each patient that has one, for lists. No audit row."""

    async def visit_counts(self, ctx: Context, patient_ids: Sequence[UUID]) -> Mapping[UUID, int]:
        """How many visits stand under each record, whatever became of them. No audit row."""

    async def in_consultation(self, ctx: Context, patient_ids: Sequence[UUID]) -> Collection[UUID]:
        """Which of these records have a visit that is with the doctor now."""

    async def booked_between(
        self, ctx: Context, patient_ids: Sequence[UUID], since: datetime, until: datetime
    ) -> Sequence[Booked]:
        """The visits under these records that were booked in the time, whenever they take place. No audit row."""


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


async def history_of(ctx: Context, record_ids: Sequence[UUID], skip: int, limit: int) -> tuple[list[HistoryEntry], int]:
    """Of all modules' entries of one person, newest first, those asked for, and how many there are."""
    entries = [
        replace(entry, record_id=record_id)
        for record_id in record_ids
        for source in _history_sources
        for entry in await source.history(ctx, record_id, skip + limit)
    ]
    total = 0
    for source in _history_sources:
        total += sum((await source.history_counts(ctx, record_ids)).values())
    return sorted(entries, key=lambda entry: entry.at, reverse=True)[skip : skip + limit], total


async def last_visits(ctx: Context, records: Mapping[UUID, Sequence[UUID]]) -> dict[UUID, LastVisit]:
    """records: of each patient, all under which a visit may stand."""
    whose = {record_id: patient_id for patient_id, ids in records.items() for record_id in ids}
    newest: dict[UUID, LastVisit] = {}
    for source in _visit_sources if whose else ():
        for record_id, visit in (await source.last_visits(ctx, list(whose))).items():
            patient_id = whose[record_id]
            if patient_id not in newest or visit.at > newest[patient_id].at:
                newest[patient_id] = visit
    return newest


async def visit_counts(ctx: Context, patient_ids: Sequence[UUID]) -> dict[UUID, int]:
    counts: Counter[UUID] = Counter()
    for source in _visit_sources:
        counts.update(await source.visit_counts(ctx, patient_ids))
    return {patient_id: counts[patient_id] for patient_id in patient_ids}


async def in_consultation(ctx: Context, patient_ids: Sequence[UUID]) -> set[UUID]:
    return {one for source in _visit_sources for one in await source.in_consultation(ctx, patient_ids)}


async def booked_between(ctx: Context, patient_ids: Sequence[UUID], since: datetime, until: datetime) -> list[Booked]:
    found = [one for source in _visit_sources for one in await source.booked_between(ctx, patient_ids, since, until)]
    return sorted(found, key=lambda one: (one.at, one.id))
