"""What happened to the people who work here. Ids only."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from arogya.platform.outbox import Event, fact


@fact
@dataclass(frozen=True)
class PractitionerChanged(Event):
    """Added, edited, deactivated or reactivated."""

    topic: ClassVar[str] = "organization"

    practitioner_id: UUID


@fact
@dataclass(frozen=True)
class StaffMemberChanged(Event):
    """Added, edited, deactivated or reactivated. facility_id: where they work now."""

    topic: ClassVar[str] = "organization"

    staff_id: UUID
    facility_id: UUID | None
