"""The modules that are there: found by their folder, so that adding one is adding a folder."""

from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules
from types import ModuleType

_PACKAGE = "arogya.modules"


def every(part: str) -> Iterator[ModuleType]:
    """Each module's file of this name (`models`, `routes`, `reactions`, `events`), where it has one."""
    for found in sorted(iter_modules(import_module(_PACKAGE).__path__), key=lambda m: m.name):
        name = f"{_PACKAGE}.{found.name}.{part}"
        if find_spec(name):
            yield import_module(name)


def load_tables() -> None:
    """Import all tables, so that the metadata is whole."""
    for platform_part in ("audit", "idempotency", "outbox", "realtime.tickets"):
        import_module(f"arogya.platform.{platform_part}")
    for _ in every("models"):
        pass
