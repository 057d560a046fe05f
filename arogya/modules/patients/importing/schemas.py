"""Bodies of requests and responses about imports."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from arogya.modules.patients.importing.headings import Target
from arogya.modules.patients.schemas import SearchPatients
from arogya.platform.bodies import Body, Read
from arogya.platform.export import Form
from arogya.platform.sheets.line import MAX_COLUMNS

Column = Annotated[int, Field(ge=0, lt=MAX_COLUMNS)]
ImportStatus = Literal[
    "uploaded", "checking", "checked", "running", "done", "failed", "cancelled", "undoing", "undone"
]  # fmt: skip


class CheckImport(Body):
    """What to take from which column, from 0. The check writes nothing but what it finds."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "mapping": {"mrn": 0, "name": 1, "gender": 2, "birth_date": 3, "phone": 4},
                    "existing": "skip",
                    "date_order": "dmy",
                }
            ]
        }
    )

    mapping: dict[Target, Column]
    existing: Literal["refuse", "skip"] = Field(
        default="refuse", description="What becomes of a line whose person is here already."
    )
    date_order: Literal["dmy", "mdy"] | None = Field(
        default=None, description="Left out: a date that may be read in two ways refuses its line."
    )

    @model_validator(mode="after")
    def _has_a_name(self) -> Self:
        if not self.mapping.keys() & {"name", "first_name", "last_name"}:
            raise PydanticCustomError("name_required", "Say which column holds the name")
        return self


class ExportPatients(SearchPatients):
    """The filters of the list, and how it is wanted. skip and limit are not heeded: all are taken."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"gender": "female", "form": "xlsx"}]})

    form: Form = "csv"


class ImportRead(Read):
    """failure: `sheet_unreadable`, `too_many_lines` or `unexpected`. lines_done: of the step that runs or ran last."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "0190f3c2-7a10-7c3e-9a53-0d6a7f1b2c3d", "filename": "patients.csv", "form": "csv",
                    "size_bytes": 20480, "headings": ["UHID", "Patient Name"], "mapping": {"mrn": 0, "name": 1},
                    "existing": "refuse", "date_order": "dmy", "status": "running", "lines_total": 4000,
                    "lines_done": 2000, "taken": 1990, "refused": 10, "skipped": 0, "undone": 0, "failure": None,
                    "created_at": "2026-11-23T04:30:00Z", "run_at": "2026-11-23T04:31:00Z", "finished_at": None,
                }
            ]
        }
    )  # fmt: skip

    id: UUID
    filename: str
    form: str
    size_bytes: int
    headings: list[str]
    mapping: dict[Target, int]
    existing: Literal["refuse", "skip"]
    date_order: Literal["dmy", "mdy"] | None
    status: ImportStatus
    lines_total: int | None
    lines_done: int
    taken: int
    refused: int
    skipped: int
    undone: int
    failure: str | None
    created_at: datetime
    run_at: datetime | None
    finished_at: datetime | None


class ImportPreview(Read):
    """The first lines of the file, while it is there."""

    samples: list[list[str]]


class ReasonRead(Read):
    """field: what was to be taken, '' for the line as a whole."""

    field: str
    code: str
    message: str


class RefusalRead(Read):
    line: int
    reasons: list[ReasonRead]
    cells: list[str]
