"""Scheduling over HTTP: one file an area; each one's `router` is found and mounted by being there."""

from importlib import import_module
from pkgutil import iter_modules

from arogya.platform.web import Router

router = Router()
for _area in sorted(iter_modules(__path__), key=lambda found: found.name):
    router.include_router(import_module(f"{__name__}.{_area.name}").router)
