"""How full doctors' days are."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from arogya.modules.scheduling.load import LoadList, load
from arogya.modules.scheduling.moments import AskedDay
from arogya.platform.access import Context, requires
from arogya.platform.web import Router
from arogya.policy import Permission

router = Router(prefix="/api", tags=["slots"])


@router.get("/practitioner-load", response_model=LoadList)
async def read_load(
    ctx: Annotated[Context, requires(Permission.SCHEDULE_READ)],
    *,
    facility_id: Annotated[UUID | None, Query(description="Left out: every branch.")] = None,
    practitioner_id: Annotated[
        list[UUID] | None, Query(max_length=200, description="May be given several times.")
    ] = None,
    from_: Annotated[AskedDay | None, Query(alias="from", description="Left out: today.")] = None,
    to: Annotated[AskedDay | None, Query(description="The last day. Left out: the first alone.")] = None,
) -> Response:
    """Places and minutes that doctors offer on each of at most 62 days, and how many are taken. Names no patient."""
    found = await load(ctx, facility_id=facility_id, practitioner_ids=practitioner_id, from_=from_, to=to)
    return Response(found.model_dump_json(), media_type="application/json")
