"""Visits in people's own calendars."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Path, Request, Response

from arogya.modules.scheduling.calendars import service
from arogya.modules.scheduling.calendars.ics import MEDIA_TYPE
from arogya.modules.scheduling.calendars.service import CalendarFeeds, MadeCalendarFeed, MakeCalendarFeed
from arogya.platform.access import PUBLIC, Actor, Context, context_of, requires
from arogya.platform.web import Router
from arogya.policy import Permission

router = Router(prefix="/api", tags=["calendars"])
Reader = Annotated[Context, requires(Permission.APPOINTMENT_READ)]
_ICS: dict[int | str, dict[str, Any]] = {200: {"content": {"text/calendar": {"schema": {"type": "string"}}}}}


def _ics(content: bytes, name: str, how: Literal["attachment", "inline"]) -> Response:
    headers = {"Content-Disposition": f'{how}; filename="{name}.ics"', "Cache-Control": "private, no-store"}
    return Response(content, media_type=MEDIA_TYPE, headers=headers)


@router.get("/appointments/{appointment_id}/calendar", response_class=Response, responses=_ICS)
async def take_visit_to_calendar(appointment_id: UUID, ctx: Reader) -> Response:
    """The visit as an iCalendar file: when, where and with whom, no more."""
    return _ics(await service.one_visit(ctx, appointment_id), "visit", "attachment")


@router.get("/calendar-feeds", response_model=CalendarFeeds)
async def list_calendar_feeds(ctx: Reader) -> CalendarFeeds:
    """The private calendars that the signed-in person may have, and whether they have an address now."""
    return await service.my_feeds(ctx)


@router.post("/calendar-feeds", status_code=201, response_model=MadeCalendarFeed)
async def make_calendar_feed(request: MakeCalendarFeed, ctx: Reader) -> MadeCalendarFeed:
    """A new secret address for calendar programs, shown once. The one before it is no longer good."""
    return await service.make_feed(ctx, request)


@router.delete("/calendar-feeds/{of}", status_code=204)
async def end_calendar_feed(of: Literal["patient", "practitioner"], ctx: Reader) -> None:
    """Calendar programs that know the address get nothing more."""
    await service.end_feed(ctx, of)


@router.get("/calendar/{token}.ics", response_class=Response, responses=_ICS, dependencies=[PUBLIC])
async def read_calendar_feed(token: Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{64}$")], request: Request) -> Response:
    """A private calendar, for programs that can't sign in: the address is the secret. Each reading is recorded."""
    organization_id = service.organization_of(token)
    state = request.app.state
    async with state.database.transaction(organization_id) as session:
        nobody = Actor(kind="system", organization_id=organization_id)
        content = await service.read_feed(await context_of(request, nobody, session), token)
    return _ics(content, "appointments", "inline")
