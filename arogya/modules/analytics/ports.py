"""What the figures need from modules beside them, filled by arogya/wiring.py."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, NoReturn

from arogya.platform.access import Context


def _unfilled(*_: Any) -> NoReturn:
    raise RuntimeError("a port of analytics is not filled: call arogya.wiring.fill_ports() at the start")


@dataclass(slots=True)
class Ports:
    unread_count: Callable[[Context], Awaitable[int]] = _unfilled
    """How many notifications the actor has not read."""


ports = Ports()
