"""What happened to a hospital's own description."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from arogya.platform.outbox import Event, fact


@fact
@dataclass(frozen=True)
class OrganizationChanged(Event):
    """The hospital, one of its facilities, departments or rooms. entity_id: which."""

    topic: ClassVar[str] = "organization"
    entity_id: UUID
