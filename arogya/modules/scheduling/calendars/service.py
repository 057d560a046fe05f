"""The file of one visit, and the private feeds: made anew, taken back, read by whoever holds the address."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from pydantic import ConfigDict
from sqlalchemy import select

from arogya.modules.identity import api as identity
from arogya.modules.scheduling import reach
from arogya.modules.scheduling.calendars.entries import COLUMNS, Reader, calendar_name, entries, within
from arogya.modules.scheduling.calendars.ics import calendar
from arogya.modules.scheduling.models import Appointment, CalendarFeed
from arogya.modules.staff import api as staff
from arogya.platform import bearer_tokens
from arogya.platform.access import Context
from arogya.platform.audit import Action
from arogya.platform.bearer_tokens import LONG, hash_of, new_token
from arogya.platform.bodies import Body, Read
from arogya.platform.errors import Invalid, NotFound
from arogya.platform.money import Language
from arogya.policy import Permission

BACK = timedelta(days=30)
AHEAD: dict[Reader, timedelta] = {"patient": timedelta(days=366), "practitioner": timedelta(days=62)}


class NoCalendar(Invalid):
    code, title = "no_calendar", "You have no visits of your own here"


class UnknownCalendar(NotFound):
    code, title = "unknown_calendar", "This calendar's address is no longer good; make a new one"


class MakeCalendarFeed(Body):
    """of: `patient`, the visits of those for whom one signs in; `practitioner`, a doctor's own day."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"of": "patient"}]})

    of: Literal["patient", "practitioner"]


class CalendarFeedRead(Read):
    """made_at None: there is no address. last_read_at: when a calendar program last asked."""

    of: Reader
    made_at: datetime | None
    last_read_at: datetime | None


class MadeCalendarFeed(Read):
    """path: shown this once; only its hash is kept. Whoever knows it reads the calendar."""

    of: Reader
    path: str


class CalendarFeeds(Read):
    """The calendars that the signed-in person may have."""

    items: list[CalendarFeedRead]


async def one_visit(ctx: Context, appointment_id: UUID) -> bytes:
    """A visit as a file; recorded as taken away. Raises NotFound for what the actor may not know of."""
    found = await ctx.session.execute(
        await reach.narrowed(ctx, select(*COLUMNS).where(Appointment.id == appointment_id))
    )
    row = found.mappings().one_or_none()
    if row is None:
        raise NotFound().about("appointment", appointment_id)
    language = await _language(ctx)
    is_own = reach.is_own_only(ctx, Permission.APPOINTMENT_READ)
    made = await entries(ctx, [row], "patient", language, names_patients=not is_own)
    ctx.audit(
        Action.EXPORT, "appointment", appointment_id, patient_id=row["patient_id"], details={"format": "calendar"}
    )
    return calendar(calendar_name(language), made, ctx.now())


async def my_feeds(ctx: Context) -> CalendarFeeds:
    """Those that the actor may have, made or not."""
    rows = await ctx.session.execute(_LIVE.where(CalendarFeed.user_id == ctx.user_id))
    live = {feed.of: feed for feed in rows.scalars()}
    return CalendarFeeds(
        items=[
            CalendarFeedRead(
                of=of,
                made_at=live[of].created_at if of in live else None,
                last_read_at=live[of].last_read_at if of in live else None,
            )
            for of in await _possible(ctx)
        ]
    )


async def make_feed(ctx: Context, request: MakeCalendarFeed) -> MadeCalendarFeed:
    """A new address; the one before it is no longer good. Raises NoCalendar."""
    if request.of not in await _possible(ctx):
        raise NoCalendar
    await _end(ctx, request.of)
    token = new_token(ctx.organization_id, LONG)
    feed = CalendarFeed(user_id=ctx.user_id, of=request.of, token_hash=hash_of(token), created_at=ctx.now())
    ctx.add(feed)
    await ctx.session.flush()
    ctx.audit(Action.CREATE, "calendar_feed", feed.id, details={"of": request.of})
    return MadeCalendarFeed(of=request.of, path=f"/api/calendar/{token}.ics")


async def end_feed(ctx: Context, of: Reader) -> None:
    """Take the address back. Raises NotFound where there is none."""
    if not await _end(ctx, of):
        raise NotFound("There is no such calendar")


async def read_feed(ctx: Context, token: str) -> bytes:
    """What a calendar program gets. ctx: the tenant's that the token names. Raises UnknownCalendar."""
    feed = await ctx.session.scalar(_LIVE.where(CalendarFeed.token_hash == hash_of(token)))
    if feed is None:
        raise UnknownCalendar
    actor = await identity.actor_of(ctx.session, ctx.organization_id, feed.user_id, ctx.now())
    if actor is None:
        raise UnknownCalendar
    acting = replace(ctx, actor=actor)
    of: Reader = "patient" if feed.of == "patient" else "practitioner"
    whose = await _whose(acting, of)
    if not whose:
        raise UnknownCalendar
    column = Appointment.patient_id if of == "patient" else Appointment.practitioner_id
    query = within(select(*COLUMNS).where(column.in_(whose)), ctx.now() - BACK, ctx.now() + AHEAD[of])
    rows = (await ctx.session.execute(query)).mappings().all()
    language = await _language(acting)
    made = await entries(acting, rows, of, language, names_patients=len(whose) > 1)
    feed.last_read_at = ctx.now()
    people = sorted({str(row["patient_id"]) for row in rows})
    acting.audit(Action.EXPORT, "calendar_feed", feed.id, details={"of": of, "patient_ids": people})
    return calendar(calendar_name(language), made, ctx.now())


def organization_of(token: str) -> UUID:
    """Which hospital's the address is; that it is good is still to be seen. Raises UnknownCalendar."""
    found = bearer_tokens.organization_of(token, LONG)
    if found is None:
        raise UnknownCalendar
    return found


_LIVE = select(CalendarFeed).where(CalendarFeed.ended_at.is_(None))


async def _possible(ctx: Context) -> list[Reader]:
    every: tuple[Reader, ...] = ("practitioner", "patient")
    return [of for of in every if await _whose(ctx, of)]


async def _whose(ctx: Context, of: Reader) -> list[UUID]:
    """Of whom the actor reads today: the patients for whom they sign in, or the practitioner who they are."""
    if ctx.user_id is None or not ctx.may(Permission.APPOINTMENT_READ):
        return []
    if of == "patient":
        return await reach.own_patients(ctx)
    if ctx.own_only(Permission.APPOINTMENT_READ):
        return []
    practitioner_id = await staff.practitioner_of_user(ctx.session, ctx.user_id)
    return [practitioner_id] if practitioner_id else []


async def _end(ctx: Context, of: Reader) -> bool:
    feed = await ctx.session.scalar(
        _LIVE.where(CalendarFeed.user_id == ctx.user_id, CalendarFeed.of == of).with_for_update()
    )
    if feed is None:
        return False
    feed.ended_at = ctx.now()
    await ctx.session.flush()
    ctx.audit(Action.DEACTIVATE, "calendar_feed", feed.id)
    return True


async def _language(ctx: Context) -> Language:
    languages = await identity.languages_of(ctx.session, [ctx.user_id] if ctx.user_id else [])
    return "hi" if "hi" in languages.values() else "en"
