"""Finding a time to book."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query, Response

from arogya.modules.scheduling.moments import AskedDay, DayOrMoment
from arogya.modules.scheduling.slots import finder as slots_finder
from arogya.modules.scheduling.slots.schemas import AvailabilityList, SlotList
from arogya.platform.access import Context, requires
from arogya.platform.web import Router
from arogya.policy import Permission

router = Router(prefix="/api", tags=["slots"])

Reader = Annotated[Context, requires(Permission.SLOT_READ)]


@router.get("/slots", response_model=SlotList)
async def list_slots(
    practitioner_id: UUID,
    ctx: Reader,
    *,
    from_: Annotated[
        DayOrMoment | None, Query(alias="from", description="A day, or a moment with its zone. Left out: today.")
    ] = None,
    to: Annotated[
        DayOrMoment | None, Query(description="The last day, or a moment. Left out: the day of `from`.")
    ] = None,
    facility_id: UUID | None = None,
    mode: Literal["in-person", "video"] | None = None,
) -> Response:
    """A practitioner's slots of at most 62 days, computed now. Token sessions are one item each."""
    found = await slots_finder.slots_between(ctx, practitioner_id, from_, to, facility_id=facility_id, mode=mode)
    return Response(SlotList(items=found).model_dump_json(), media_type="application/json")


@router.get("/availability", response_model=AvailabilityList)
async def find_practitioners(
    ctx: Reader,
    *,
    from_: Annotated[AskedDay | None, Query(alias="from", description="Left out: from now on.")] = None,
    days: Annotated[int, Query(ge=1, le=31)] = 14,
    search: Annotated[str, Query(max_length=100)] = "",
    department_id: UUID | None = None,
    facility_id: UUID | None = None,
    kind: Annotated[
        Literal["practitioner", "service"] | None, Query(description="Left out: doctors and services.")
    ] = None,
) -> Response:
    """Doctors and services by when they are free next, with up to three times of their first free day."""
    found = await slots_finder.availability(
        ctx, from_=from_, days=days, search=search, department_id=department_id, facility_id=facility_id, kind=kind
    )
    return Response(AvailabilityList(items=found).model_dump_json(), media_type="application/json")
