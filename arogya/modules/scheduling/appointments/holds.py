"""The rows of holds: used up, given back, swept away. What lapsed counts for nothing, swept or not."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, bindparam, delete, or_

from arogya.modules.scheduling.events import HoldReleased
from arogya.modules.scheduling.models import Hold
from arogya.platform.access import Context
from arogya.platform.database import is_one_of
from arogya.platform.prepared import execute, prepare

_WHERE = (Hold.practitioner_id, Hold.facility_id)
_MINE = delete(Hold).where(Hold.id == bindparam("hold"), Hold.user_id == bindparam("me")).returning(*_WHERE)
_USED = prepare(
    delete(Hold).where(
        Hold.user_id == bindparam("me"),
        or_(
            Hold.id == bindparam("hold"),
            and_(
                Hold.practitioner_id == bindparam("practitioner"),
                Hold.starts_at == bindparam("starts_at"),
                or_(Hold.patient_id == bindparam("patient"), Hold.patient_id.is_(None)),
            ),
        ),
    )
)
_EARLIER = (
    delete(Hold)
    .where(Hold.user_id == bindparam("me"), Hold.patient_id.is_not_distinct_from(bindparam("patient")))
    .returning(*_WHERE)
)
_LAPSED = delete(Hold).where(
    or_(Hold.practitioner_id == bindparam("practitioner"), is_one_of(Hold.room_id, "rooms")),
    Hold.expires_at <= bindparam("now"),
)
_ONE_LAPSED = delete(Hold).where(Hold.id == bindparam("hold"), Hold.expires_at <= bindparam("now")).returning(*_WHERE)


async def use_up(
    ctx: Context, hold_id: UUID | None, *, patient_id: UUID, practitioner_id: UUID, starts_at: datetime
) -> None:
    """The person's own hold is over, as the place becomes theirs. Another's is left alone: it keeps its place.

    Of this very place it is used up unnamed, too: who books at once has not yet read what it is called.
    """
    told = {
        "hold": hold_id, "me": ctx.user_id, "patient": patient_id, "practitioner": practitioner_id,
        "starts_at": starts_at,
    }  # fmt: skip
    await execute(ctx.session, _USED, told)


async def give_back(ctx: Context, hold_id: UUID) -> bool:
    """False where it is over already, or another's."""
    return await _released(ctx, await ctx.session.execute(_MINE, {"hold": hold_id, "me": ctx.user_id}))


async def leave_earlier(ctx: Context, patient_id: UUID | None) -> None:
    """One hold a person and patient: a new one lets go of the one before."""
    await _released(ctx, await ctx.session.execute(_EARLIER, {"me": ctx.user_id, "patient": patient_id}))


async def sweep(ctx: Context, practitioner_id: UUID, rooms: Iterable[UUID | None]) -> None:
    """The constraints know no clock: what has lapsed goes before a new hold comes."""
    told = {"practitioner": practitioner_id, "rooms": [room for room in rooms if room], "now": ctx.now()}
    await ctx.session.execute(_LAPSED, told)


async def sweep_one(ctx: Context, hold_id: UUID) -> None:
    await _released(ctx, await ctx.session.execute(_ONE_LAPSED, {"hold": hold_id, "now": ctx.now()}))


async def _released(ctx: Context, gone: Any) -> bool:
    rows: Sequence[Row[UUID, UUID]] = gone.all()
    for practitioner_id, facility_id in rows:
        ctx.emit(HoldReleased(practitioner_id=practitioner_id, facility_id=facility_id))
    return bool(rows)
