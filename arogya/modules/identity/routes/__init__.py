"""Signing in, one's own account, users and their roles, set-up, hospitals."""

from arogya.modules.identity.routes import auth, counters, device_links, hospitals, me, roles, setup, users
from arogya.platform.web import Router

router = Router()
for part in (auth, me, users, device_links, setup, hospitals, roles, counters):
    router.include_router(part.router)
