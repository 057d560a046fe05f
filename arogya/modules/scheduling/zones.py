"""By whose clock a day is reckoned."""

from uuid import UUID
from zoneinfo import ZoneInfo

from arogya.modules.organizations import api as organizations
from arogya.platform.access import Context


async def zone_of(ctx: Context, facility_id: UUID | None = None) -> ZoneInfo:
    """The branch's zone, or where none is named the hospital's. Raises NotFound for an unknown branch."""
    if facility_id is not None:
        return (await organizations.facility(ctx.session, facility_id)).zone
    return ZoneInfo((await organizations.organization(ctx.session, ctx.organization_id)).time_zone)
