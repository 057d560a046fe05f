"""The bodies of holds."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import ConfigDict

from arogya.modules.scheduling.moments import Moment
from arogya.platform.bodies import Body, Read

_ID = "0198f4a2-6c1e-7b3a-9d55-0c9d1e2f3a4b"
_PRACTITIONER = "0198f4a2-6c1e-7b3a-9d55-0c9d1e2f3a4c"
_FACILITY = "0198f4a2-6c1e-7b3a-9d55-0c9d1e2f3a4d"


class HoldPlace(Body):
    """patient_id: for whom; the desk may leave it out until it knows. One hold a person and patient: a new one lets go
    of the one before."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "practitioner_id": _PRACTITIONER,
                    "facility_id": _FACILITY,
                    "starts_at": "2026-11-24T04:30:00Z",
                    "patient_id": _ID,
                }
            ]
        }
    )

    practitioner_id: UUID
    facility_id: UUID | None = None
    starts_at: Moment
    mode: Literal["in-person", "video"] | None = None
    patient_id: UUID | None = None


class HoldRead(Read):
    """The place is kept until expires_at, for the one who took it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": _ID,
                    "practitioner_id": _PRACTITIONER,
                    "facility_id": _FACILITY,
                    "patient_id": _ID,
                    "starts_at": "2026-11-24T04:30:00Z",
                    "ends_at": "2026-11-24T04:40:00Z",
                    "expires_at": "2026-11-23T09:05:00Z",
                }
            ]
        }
    )

    id: UUID
    practitioner_id: UUID
    facility_id: UUID
    patient_id: UUID | None
    starts_at: datetime
    ends_at: datetime
    expires_at: datetime
