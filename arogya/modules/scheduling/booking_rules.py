"""How this hospital books. A hospital that set nothing yet has the defaults."""

from dataclasses import asdict, dataclass, fields
from typing import Annotated, Any, Literal

from annotated_types import Ge, Le
from pydantic import ConfigDict
from sqlalchemy import select

from arogya.modules.scheduling.models import BookingRules
from arogya.platform.access import Context
from arogya.platform.audit import Action
from arogya.platform.bodies import Body, Read
from arogya.platform.errors import Invalid
from arogya.platform.etags import check_version
from arogya.policy import Permission

TokenGivenAt = Literal["booking", "arrival", "check-in"]


@dataclass(frozen=True, slots=True)
class Rules:
    """version 0: nothing was set yet."""

    patient_bookings_need_confirming: bool = True
    days_ahead: int = 30
    cancel_until_minutes: int = 120
    open_per_patient: int = 5
    revisit_days: int = 14
    token_given_at: str = "arrival"  # noqa: S105 - a queue token
    slip_valid_days: int = 7
    version: int = 0


class BookingRulesRead(Read):
    model_config = ConfigDict(json_schema_extra={"examples": [{**asdict(Rules()), "version": 1}]})

    patient_bookings_need_confirming: bool
    days_ahead: int
    cancel_until_minutes: int
    open_per_patient: int
    revisit_days: int
    token_given_at: TokenGivenAt
    slip_valid_days: int
    version: int


class ChangeBookingRules(Body):
    """What is left out stays as it is.

    days_ahead: how far ahead patients may book themselves. cancel_until_minutes: how long before the start they may
    still cancel or move. open_per_patient: how many bookings a patient may have open. revisit_days: a visit to the same
    doctor within so many days of a paid one is free; 0 is never.
    """

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"patient_bookings_need_confirming": False, "revisit_days": 7}]}
    )

    patient_bookings_need_confirming: bool | None = None
    days_ahead: Annotated[int, Ge(0), Le(366)] | None = None
    cancel_until_minutes: Annotated[int, Ge(0), Le(7 * 24 * 60)] | None = None
    open_per_patient: Annotated[int, Ge(1), Le(100)] | None = None
    revisit_days: Annotated[int, Ge(0), Le(366)] | None = None
    token_given_at: TokenGivenAt | None = None
    slip_valid_days: Annotated[int, Ge(0), Le(366)] | None = None
    version: int | None = None
    """The version that was read, for clients that send no If-Match."""


_CURRENT = select(*(getattr(BookingRules, field.name) for field in fields(Rules)))


async def current(ctx: Context) -> Rules:
    row = (await ctx.session.execute(_CURRENT)).one_or_none()
    return Rules() if row is None else Rules(*row)


async def change(ctx: Context, request: ChangeBookingRules, if_match: str | None) -> Rules:
    """Raises Forbidden for who manages some branches, PreconditionFailed where someone else changed them meanwhile."""
    ctx.require_everywhere(Permission.ORGANIZATION_MANAGE)
    rules = await ctx.session.get(BookingRules, (ctx.organization_id, ctx.organization_id), with_for_update=True)
    check_version(rules or Rules(), if_match if request.version is None else f'"{request.version}"')
    if rules is None:
        rules = BookingRules(id=ctx.organization_id)
        ctx.add(rules)
    told = _told(request)
    for name, value in told.items():
        setattr(rules, name, value)
    await ctx.session.flush()
    ctx.audit(Action.UPDATE, "booking_rules", ctx.organization_id, details={"fields": sorted(told)})
    return await current(ctx)


def _told(request: ChangeBookingRules) -> dict[str, Any]:
    told = {name: getattr(request, name) for name in request.model_fields_set - {"version"}}
    for name, value in told.items():
        if value is None:
            raise Invalid.field(name, "may not be empty", "required")
    return told
