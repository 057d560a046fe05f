"""The people who work here, over HTTP."""

from arogya.modules.staff.members import routes as members
from arogya.modules.staff.practitioners import routes as practitioners
from arogya.platform.web import Router

router = Router()
router.include_router(practitioners.router)
router.include_router(members.router)
