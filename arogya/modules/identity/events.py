"""What happened to a user's standing in a hospital."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from arogya.platform.outbox import Event, fact


@fact
@dataclass(frozen=True)
class MembershipsChanged(Event):
    """A user got or lost a role here: their open pages ask again what they may do."""

    topic: ClassVar[str] = "organization"
    user_id: UUID


@fact
@dataclass(frozen=True)
class CustomRoleChanged(Event):
    """A role of the hospital's own was made, changed, ended or brought back: who holds it may do something else now."""

    topic: ClassVar[str] = "organization"
    custom_role_id: UUID
