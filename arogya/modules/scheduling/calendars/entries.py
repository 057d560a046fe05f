"""Appointments as a calendar's entries. A visit that was moved stays one entry, whose time changes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Select, select

from arogya.modules.organizations import api as organizations
from arogya.modules.organizations.api import Facility
from arogya.modules.patients import api as patients
from arogya.modules.scheduling.calendars.ics import Entry, Status
from arogya.modules.scheduling.display import initials
from arogya.modules.scheduling.models import Appointment
from arogya.modules.scheduling.transitions import HOLDING, AppointmentStatus
from arogya.modules.staff import api as staff
from arogya.platform.access import Context
from arogya.platform.database import is_one_of
from arogya.platform.money import Language

Reader = Literal["patient", "practitioner"]
Row = Mapping[Any, Any]

_A = Appointment
COLUMNS: list[Any] = [
    _A.id, _A.patient_id, _A.practitioner_id, _A.facility_id, _A.mode, _A.status, _A.starts_at, _A.ends_at,
    _A.rescheduled_from_id, _A.version, _A.updated_at,
]  # fmt: skip
_WORDS: dict[Language, dict[str, str]] = {
    "en": {"in-person": "Appointment: {}", "video": "Video appointment: {}", "name": "Appointments"},
    "hi": {"in-person": "अपॉइंटमेंट: {}", "video": "वीडियो अपॉइंटमेंट: {}", "name": "अपॉइंटमेंट"},
}

_LINK = (_A.organization_id, _A.id, _A.rescheduled_from_id, _A.version)
_chain = select(_A.id.label("of"), *_LINK).where(is_one_of(_A.id)).cte("chain", recursive=True)
_before = select(_chain.c.of, *_LINK).where(
    _A.organization_id == _chain.c.organization_id, _A.id == _chain.c.rescheduled_from_id
)
_CHAINS = select(_chain.union_all(_before))
"""Appointments that took the place of others, with all of these."""


@dataclass(frozen=True, slots=True)
class History:
    """root: the first of the appointments that took each other's place. changes: of all together."""

    root: UUID
    moves: int
    changes: int


def calendar_name(language: Language) -> str:
    return _WORDS[language]["name"]


def within(query: Select[Any], start: datetime, end: datetime) -> Select[Any]:
    """Booked visits that begin in the time; who walked in planned nothing."""
    return query.where(_A.starts_at >= start, _A.starts_at < end, _A.during.is_not(None))


async def entries(
    ctx: Context, rows: Sequence[Row], reader: Reader, language: Language, *, names_patients: bool = False
) -> list[Entry]:
    """By start. names_patients: initials, for who reads of more than one patient. The caller audits."""
    histories = await _histories(ctx, rows)
    shown = _last_of_each(rows, histories)
    facilities = await organizations.facilities(ctx.session, {row["facility_id"] for row in shown})
    doctors = await staff.practitioners(ctx, {row["practitioner_id"] for row in shown})
    people: Mapping[UUID, patients.PatientIdentity] = {}
    if reader == "practitioner" or names_patients:
        people = await patients.identities(ctx, {row["patient_id"] for row in shown})
    made = []
    for row in shown:
        facility, person = facilities[row["facility_id"]], people.get(row["patient_id"])
        history, title = histories[row["id"]], _WORDS[language][row["mode"]]
        who = [doctors[row["practitioner_id"]].display_name] if reader == "patient" else []
        if person is not None:
            who.append(initials(person.name))
        made.append(
            Entry(
                uid=f"{history.root}@arogya", sequence=history.changes - 1, status=_status(row["status"]),
                starts_at=row["starts_at"], ends_at=row["ends_at"], zone=facility.zone,
                summary=title.format(", ".join(who)), location=_location(facility), changed_at=row["updated_at"],
            )
        )  # fmt: skip
    return sorted(made, key=lambda entry: (entry.starts_at, entry.uid))


async def _histories(ctx: Context, rows: Iterable[Row]) -> dict[UUID, History]:
    """By appointment."""
    found = {row["id"]: History(row["id"], 0, row["version"]) for row in rows}
    moved = [row["id"] for row in rows if row["rescheduled_from_id"] is not None]
    chains: dict[UUID, list[Any]] = {}
    if moved:
        for link in await ctx.session.execute(_CHAINS, {"ids": moved}):
            chains.setdefault(link.of, []).append(link)
    for of, links in chains.items():
        root = next(link.id for link in links if link.rescheduled_from_id is None)
        found[of] = History(root, len(links) - 1, sum(link.version for link in links))
    return found


def _last_of_each(rows: Iterable[Row], histories: Mapping[UUID, History]) -> list[Row]:
    """Of a visit that was moved, what it is now; to a doctor from whom it was moved away, that it is gone."""
    last: dict[UUID, Row] = {}
    for row in rows:
        history = histories[row["id"]]
        before = last.get(history.root)
        if before is None or history.moves > histories[before["id"]].moves:
            last[history.root] = row
    return list(last.values())


def _status(status: str) -> Status:
    if status not in HOLDING:
        return "CANCELLED"
    return "TENTATIVE" if status == AppointmentStatus.PENDING else "CONFIRMED"


def _location(facility: Facility) -> str:
    return ", ".join(part for part in (facility.name, facility.address_line, facility.city) if part)
