from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import ConfigDict, Field

from arogya.platform.bodies import Read
from arogya.platform.paging import Page


class Template(StrEnum):
    """What a notification says; the client has the words."""

    PATIENT_REGISTERED = "patient.registered"
    APPOINTMENT_PENDING = "appointment.pending"
    APPOINTMENT_BOOKED = "appointment.booked"
    APPOINTMENT_CONFIRMED = "appointment.confirmed"
    APPOINTMENT_CANCELLED = "appointment.cancelled"
    APPOINTMENT_RESCHEDULED = "appointment.rescheduled"
    TOKEN_CALLED = "token.called"  # noqa: S105 - a number in the queue, no secret
    PRACTITIONER_DELAYED = "practitioner.delayed"
    VISIT_HANDED_OVER = "visit.handed-over"
    PLACE_OFFERED = "place.offered"


class NotificationRead(Read):
    """params: ids and times, and the names that the reader may know: patient_name, practitioner_name, facility_name."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "0190f3c2-7a10-7c3e-9a53-0d6a7f1b2c3d",
                    "template": "appointment.booked",
                    "params": {
                        "appointment_id": "0190f3c2-7a10-7c3e-9a53-0d6a7f1b2c3e",
                        "starts_at": "2026-11-24T04:30:00Z",
                        "status": "booked",
                        "patient_name": "Sunita Deshmukh",
                        "practitioner_name": "Dr Kavita Iyer",
                        "facility_name": "Test Hospital, main",
                    },
                    "raised_at": "2026-11-23T04:30:00Z",
                    "read_at": None,
                }
            ]
        }
    )

    id: UUID
    template: str
    params: dict[str, Any]
    raised_at: datetime
    read_at: datetime | None


class NotificationsPage(Page[NotificationRead]):
    unread: int = Field(description="How many in all the reader has not read.")
