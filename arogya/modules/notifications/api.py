"""The front door to notifications."""

from arogya.modules.notifications.queries import unread_count

__all__ = ["unread_count"]
