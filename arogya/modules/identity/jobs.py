"""What identity has the worker do."""

from arogya.modules.identity.texts import send_code

__all__ = ["send_code"]
