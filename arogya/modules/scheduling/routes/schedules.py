"""Schedules, leave, holidays and extra sessions, as the hospital sets them up."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from arogya.modules.scheduling.moments import DayOrMoment
from arogya.modules.scheduling.schedules import exceptions as schedules_exceptions
from arogya.modules.scheduling.schedules import reads as schedules_reads
from arogya.modules.scheduling.schedules import service as schedules
from arogya.modules.scheduling.schedules.schemas import (
    ChangeSchedule,
    CreateException,
    CreateSchedule,
    ExceptionCreated,
    ExceptionRead,
    ScheduleRead,
)
from arogya.modules.scheduling.zones import zone_of
from arogya.platform.access import Context, requires
from arogya.platform.etags import IfMatch, show_version
from arogya.platform.idempotency import REPEATABLE, once
from arogya.platform.paging import Page, PageOf, page
from arogya.platform.web import Router
from arogya.policy import Permission

router = Router(prefix="/api", tags=["schedules"])

Reader = Annotated[Context, requires(Permission.SCHEDULE_READ)]
Manager = Annotated[Context, requires(Permission.SCHEDULE_MANAGE)]
IsActive = Annotated[bool | None, Query(description="Left out: the active ones.")]
All = Annotated[bool, Query(alias="all", description="The active and the inactive.")]


def _wanted(is_active: bool | None, everything: bool) -> bool | None:
    return None if everything else is_active is not False


@router.get("/schedules", response_model=Page[ScheduleRead])
async def list_schedules(
    ctx: Reader,
    paging: PageOf,
    *,
    practitioner_id: UUID | None = None,
    facility_id: UUID | None = None,
    is_active: IsActive = None,
    everything: All = False,
) -> Response:
    query = schedules_reads.listed(
        ctx, practitioner_id=practitioner_id, facility_id=facility_id, is_active=_wanted(is_active, everything)
    )
    return await schedules_reads.read_many(ctx, query, paging)


@router.post("/schedules", status_code=201, response_model=ScheduleRead, openapi_extra=REPEATABLE)
async def create_schedule(request: CreateSchedule, ctx: Manager, response: Response) -> ScheduleRead:
    """Honours `Idempotency-Key`."""
    created = await once(ctx, lambda: schedules.create(ctx, request), lambda id_: schedules_reads.read(ctx, id_))
    show_version(response, created)
    return created


@router.get("/schedules/{schedule_id}", response_model=ScheduleRead)
async def read_schedule(schedule_id: UUID, ctx: Reader, response: Response) -> ScheduleRead:
    found = await schedules_reads.read(ctx, schedule_id)
    show_version(response, found)
    return found


@router.patch("/schedules/{schedule_id}", response_model=ScheduleRead)
async def change_schedule(
    schedule_id: UUID, request: ChangeSchedule, ctx: Manager, response: Response, if_match: IfMatch = None
) -> ScheduleRead:
    """Bookings that are there already stay as they are, but for a new room, which they take too."""
    changed = await schedules.change(ctx, schedule_id, request, if_match)
    show_version(response, changed)
    return changed


@router.delete("/schedules/{schedule_id}", status_code=204)
async def deactivate_schedule(schedule_id: UUID, ctx: Manager) -> None:
    """Takes no new bookings; those that are there stay."""
    await schedules.deactivate(ctx, schedule_id)


@router.post("/schedules/{schedule_id}/reactivate", response_model=ScheduleRead)
async def reactivate_schedule(schedule_id: UUID, ctx: Manager) -> ScheduleRead:
    return await schedules.reactivate(ctx, schedule_id)


@router.get("/schedule-exceptions", response_model=Page[ExceptionRead])
async def list_schedule_exceptions(
    ctx: Reader,
    paging: PageOf,
    *,
    practitioner_id: UUID | None = None,
    facility_id: UUID | None = None,
    from_: Annotated[DayOrMoment | None, Query(alias="from")] = None,
    to: DayOrMoment | None = None,
    is_active: IsActive = None,
    everything: All = False,
) -> Response:
    """Those that touch the time. facility_id: at that branch, or of practitioners wherever they sit."""
    zone = await zone_of(ctx, facility_id)
    query = schedules_exceptions.listed(
        ctx, practitioner_id=practitioner_id, facility_id=facility_id, from_=from_, to=to, zone=zone,
        is_active=_wanted(is_active, everything),
    )  # fmt: skip
    return await page(ctx, query, paging, ExceptionRead)


@router.post("/schedule-exceptions", status_code=201, response_model=ExceptionCreated, openapi_extra=REPEATABLE)
async def add_schedule_exception(request: CreateException, ctx: Manager) -> ExceptionCreated:
    """Answers which open bookings fall inside; they stay until somebody moves or cancels them.

    Honours `Idempotency-Key`.
    """
    return await once(
        ctx, lambda: schedules_exceptions.add(ctx, request), lambda id_: schedules_exceptions.added_before(ctx, id_)
    )


@router.delete("/schedule-exceptions/{exception_id}", status_code=204)
async def remove_schedule_exception(exception_id: UUID, ctx: Manager) -> None:
    await schedules_exceptions.remove(ctx, exception_id)
