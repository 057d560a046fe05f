"""Bodies about merging."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import ConfigDict

from arogya.modules.patients.schemas import IdentifierRead, PatientRead, PhoneRead
from arogya.platform.bodies import Body, Read

Hindrance = Literal["same_patient", "patient_merged", "survivor_inactive", "both_in_consultation"]


class MergePatients(Body):
    """merged_id: the record that gives way to the one in the address."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"merged_id": "0190f3c2-7a10-7c3e-9a53-0d6a7f1b2c3e"}]})

    merged_id: UUID


class RecordBrief(Read):
    """A record as it stands by itself, merged or not."""

    id: UUID
    mrn: str
    name: str
    name_local: str | None
    gender: str
    birth_date: date | None
    birth_date_precision: str
    phones: list[PhoneRead]
    identifiers: list[IdentifierRead]


class BookedRead(Read):
    """A visit, and the record under which it stands."""

    id: UUID
    patient_id: UUID
    at: datetime
    practitioner_name: str
    status: str


class MergeRead(Read):
    """booked_meanwhile: of an undone merge, the visits that were booked while the two were one. They stay where they
    were booked: each names its record."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "0190f3c2-7a10-7c3e-9a53-0d6a7f1b2c40",
                    "survivor": {
                        "id": "0190f3c2-7a10-7c3e-9a53-0d6a7f1b2c3d", "mrn": "NH-000123", "name": "Kavita Rane",
                        "name_local": None, "gender": "female", "birth_date": "1990-04-12",
                        "birth_date_precision": "day", "phones": [], "identifiers": [],
                    },
                    "merged": {
                        "id": "0190f3c2-7a10-7c3e-9a53-0d6a7f1b2c3e", "mrn": "NH-000311", "name": "Kavita Rani",
                        "name_local": None, "gender": "female", "birth_date": "1990-01-01",
                        "birth_date_precision": "year",
                        "phones": [{"number": "90000 11207", "e164": "+919000011207"}], "identifiers": [],
                    },
                    "merged_at": "2026-11-23T04:30:00Z", "merged_by_name": "A. Administrator",
                    "undone_at": None, "undone_by_name": None, "booked_meanwhile": [],
                }
            ]
        }
    )  # fmt: skip

    id: UUID
    survivor: RecordBrief
    merged: RecordBrief
    merged_at: datetime
    merged_by_name: str | None
    undone_at: datetime | None
    undone_by_name: str | None
    booked_meanwhile: list[BookedRead]


class Merges(Read):
    items: list[MergeRead]


class RecordCompared(Read):
    """A record with how many visits stand under it. in_consultation: one of them is with the doctor now."""

    record: PatientRead
    visits: int
    in_consultation: bool


class ComparisonRead(Read):
    """hindrance: why these two can't be merged as they are; null where they can."""

    one: RecordCompared
    other: RecordCompared
    hindrance: Hindrance | None
