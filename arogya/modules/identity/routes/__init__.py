"""Signing in, one's own account, users and their roles, set-up, hospitals."""

from arogya.modules.identity.routes import auth, device_links, hospitals, me, patient_sign_in, setup, users
from arogya.platform.web import Router

router = Router()
for part in (auth, patient_sign_in, me, users, device_links, setup, hospitals):
    router.include_router(part.router)
