"""Bodies and rows of hospitals."""

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from arogya.modules.organizations.api import create_facility, create_organization


def a_facility(**told: Any) -> dict[str, Any]:
    """A body for `POST /api/facilities`."""
    return {"name": "River branch of the tests", "code": "RVR", "city": "Nashik", **told}


async def make_hospital(session: AsyncSession, *, code: str, name: str = "One more of the tests", **told: Any) -> UUID:
    """A tenant with one branch; binds the transaction to it."""
    organization_id = await create_organization(session, name=name, code=code, **told)
    await create_facility(session, name=f"{name}, main", code="MAIN")
    return organization_id
