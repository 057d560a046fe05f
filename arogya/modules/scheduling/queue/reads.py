"""The queue as people read it: the desk its numbers in calling order, a patient their own place."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from arogya.modules.organizations import api as organizations
from arogya.modules.organizations.api import Facility
from arogya.modules.scheduling import reach
from arogya.modules.scheduling.appointments import reads
from arogya.modules.scheduling.models import Appointment, QueueToken
from arogya.modules.scheduling.queue.lines import Line, Visit, line_of, lines, ordered, todays_timetables, visits_of_day
from arogya.modules.scheduling.queue.schemas import PlaceRead, QueueEntry
from arogya.modules.scheduling.tokens.service import OPEN
from arogya.platform.access import Context
from arogya.platform.errors import NotFound
from arogya.policy import Permission

_TOKEN = (
    QueueToken.number, QueueToken.status.label("token_state"), QueueToken.is_priority, QueueToken.called_at,
    QueueToken.day, QueueToken.session, QueueToken.due_at, QueueToken.issued_at, QueueToken.calls,
    QueueToken.started_at, QueueToken.ended_at,
)  # fmt: skip


async def queue(
    ctx: Context, facility_id: UUID, practitioner_id: UUID | None, day: date | None, is_open: bool | None
) -> list[QueueEntry]:
    """The numbers of a branch or practitioner in calling order; a patient's own only. One audit row with the ids shown.

    day None: today. is_open: only those whose visit is not over, or only those whose is.
    """
    facility = await organizations.facility(ctx.session, facility_id)
    reach.require(ctx, Permission.QUEUE_READ, facility_id)
    only = None if practitioner_id is None else [practitioner_id]
    found = await lines(ctx, facility, await todays_timetables(ctx, facility, only), only)
    if day is None:
        visits = [visit for line in found.values() for visit in line.visits]
    else:
        visits = await visits_of_day(ctx, facility, day, only)
    shown = [v for v in ordered(visits) if v.token_id and is_open in (None, v.token_status in OPEN)]
    made = await entries(ctx, shown, found)
    reads.audit_list(ctx, [entry.appointment for entry in made])
    return made


async def entries(ctx: Context, visits: Sequence[Visit], lines_: Mapping[UUID, Line]) -> list[QueueEntry]:
    """Visits that have a number as they are shown, in their order; those of the actor's reach. The caller audits."""
    query = await reach.narrowed(ctx, reads.everything(*_TOKEN), Permission.QUEUE_READ)
    rows = (await ctx.session.execute(query.where(QueueToken.id.in_([v.token_id for v in visits])))).mappings().all()
    read = {one.id: one for one in await reads.assemble(ctx, rows)}
    by_token = {row["token_id"]: (row, read[row["id"]]) for row in rows}
    made = []
    for visit in visits:
        if visit.token_id is None or visit.token_id not in by_token:
            continue
        row, appointment = by_token[visit.token_id]
        line = lines_.get(visit.practitioner_id)
        wait = line.wait_minutes(visit) if line else None
        made.append(
            QueueEntry.model_validate(
                {**row, "status": row["token_state"], "wait_minutes": wait, "appointment": appointment}
            )
        )
    return made


async def entry(ctx: Context, facility: Facility, practitioner_id: UUID, token_id: UUID) -> QueueEntry:
    """One number as it stands after what was just done to it."""
    await ctx.session.flush()
    line = await line_of(ctx, facility, practitioner_id)
    visit = next((v for v in line.visits if v.token_id == token_id), None)
    if visit is None:  # of another day
        day = await ctx.session.scalar(select(QueueToken.day).where(QueueToken.id == token_id))
        assert day is not None
        visit = next(v for v in await visits_of_day(ctx, facility, day, [practitioner_id]) if v.token_id == token_id)
    return (await entries(ctx, [visit], {practitioner_id: line}))[0]


async def place(ctx: Context, appointment_id: UUID) -> PlaceRead:
    """Where a visit stands in its queue. Names nobody. Raises NotFound for what the actor may not know of."""
    columns: list[Any] = [Appointment.facility_id, Appointment.practitioner_id]
    known = select(*columns).where(Appointment.id == appointment_id)
    row = (await ctx.session.execute(await reach.narrowed(ctx, known, Permission.QUEUE_READ))).one_or_none()
    if row is None:
        raise NotFound().about("appointment", appointment_id)
    facility = await organizations.facility(ctx.session, row.facility_id)
    line = await line_of(ctx, facility, row.practitioner_id)
    visit = next((v for v in line.visits if v.appointment_id == appointment_id), None)
    inside = line.inside
    calls = list(line.calls)
    return PlaceRead(
        number=visit.number if visit else None,
        status=visit.token_status if visit else None,
        inside_number=inside.number if inside else None,
        before=calls.index(visit.key) if visit and visit.key in line.calls else None,
        wait_minutes=line.wait_minutes(visit) if visit else None,
        practitioner_state=line.state,
        until=line.until,
    )
