"""The front door to the figures, and what they need from a module beside them."""

from arogya.modules.analytics.ports import Ports, ports

__all__ = ["Ports", "ports"]
