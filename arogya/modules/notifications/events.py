"""That someone has something to read. Heard by the recipient alone."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from arogya.platform.outbox import Event, fact


@fact
@dataclass(frozen=True)
class NotificationRaised(Event):
    topic: ClassVar[str] = "notifications"

    user_id: UUID
    notification_id: UUID


@fact
@dataclass(frozen=True)
class NotificationsRead(Event):
    """On another of their screens, perhaps: the count of unread ones changed."""

    topic: ClassVar[str] = "notifications"

    user_id: UUID
