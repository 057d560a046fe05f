"""Signing in, one's own account, users and their roles, set-up, hospitals."""

from arogya.modules.identity.routes import (
    auth,
    counters,
    device_links,
    hospitals,
    invitations,
    links,
    me,
    patient_sign_in,
    roles,
    second_factor,
    setup,
    sign_in_rules,
    step_up,
    users,
)
from arogya.platform.web import Router

router = Router()
for part in (
    auth, patient_sign_in, step_up, links, me, second_factor, users, invitations, sign_in_rules, device_links, setup,
    hospitals, roles, counters,
):  # fmt: skip
    router.include_router(part.router)
