"""How this hospital books. A hospital that set nothing yet has the defaults."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime, time, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from annotated_types import Ge, Le, MaxLen
from pydantic import ConfigDict, Field
from sqlalchemy import select

from arogya.modules.organizations import api as organizations
from arogya.modules.scheduling.models import BookingRules
from arogya.modules.scheduling.moments import WallTime
from arogya.modules.scheduling.quiet_hours import QuietHours
from arogya.modules.staff import api as staff
from arogya.platform.access import Context
from arogya.platform.audit import Action
from arogya.platform.bodies import Body, Read
from arogya.platform.errors import Invalid
from arogya.platform.etags import check_version
from arogya.platform.prepared import prepare, rows
from arogya.policy import Permission

TokenGivenAt = Literal["booking", "arrival", "check-in"]
QueueOrder = Literal["by-turns", "appointments-first", "by-arrival"]
NoShowMarking = Literal["by-hand", "after-session", "after-minutes"]


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
    first_visits_need_confirming: bool = False
    confirm_practitioner_ids: Sequence[UUID] = ()
    confirm_department_ids: Sequence[UUID] = ()
    min_notice_minutes: int = 0
    revisit_fee_paise: int = 0
    queue_order: str = "by-turns"
    noshow_marking: str = "by-hand"
    noshow_minutes: int = 60
    noshow_limit: int = 0
    noshow_days: int = 90
    has_quiet_hours: bool = True
    quiet_from: time = time(21)
    quiet_until: time = time(8)
    version: int = 0

    def quiet_till(self, now: datetime, zone: ZoneInfo) -> datetime | None:
        """When messages may go again in this zone; None where they may now."""
        return QuietHours(self.quiet_from, self.quiet_until).over_at(now, zone) if self.has_quiet_hours else None

    def earliest(self, now: datetime) -> datetime:
        """What begins before it, patients don't book by themselves any more."""
        return now + timedelta(minutes=self.min_notice_minutes)


class BookingRulesRead(Read):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{**asdict(Rules()), "quiet_from": "21:00", "quiet_until": "08:00", "version": 1}]
        }
    )

    patient_bookings_need_confirming: bool
    days_ahead: int
    cancel_until_minutes: int
    open_per_patient: int
    revisit_days: int
    token_given_at: TokenGivenAt
    slip_valid_days: int
    first_visits_need_confirming: bool
    confirm_practitioner_ids: list[UUID]
    confirm_department_ids: list[UUID]
    min_notice_minutes: int
    revisit_fee_paise: int
    queue_order: QueueOrder
    noshow_marking: NoShowMarking
    noshow_minutes: int
    noshow_limit: int
    noshow_days: int
    has_quiet_hours: bool
    quiet_from: WallTime
    quiet_until: WallTime
    version: int


class ChangeBookingRules(Body):
    """What is left out stays as it is.

    days_ahead: how far ahead patients may book themselves. cancel_until_minutes: how long before the start they may
    still cancel or move. open_per_patient: how many bookings a patient may have open. min_notice_minutes: how long
    before the start patients may still book. revisit_days: a visit to the same doctor within so many days of a paid one
    costs revisit_fee_paise, or nothing; 0 is never.

    patient_bookings_need_confirming: what patients book waits for the desk; else only first visits, and what is booked
    with these doctors or in these departments, where that is set, and by who missed noshow_limit visits (0: however
    many) within noshow_days. noshow_marking: who marks those who did not come, the desk or the clock.

    queue_order: how appointments and walk-ins go in; docs/queue.md says it to people.

    has_quiet_hours: between quiet_from and quiet_until, by each branch's clock, no message goes to patients that
    answers nothing they just did.
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
    first_visits_need_confirming: bool | None = None
    confirm_practitioner_ids: Annotated[list[UUID], MaxLen(200)] | None = None
    confirm_department_ids: Annotated[list[UUID], MaxLen(200)] | None = None
    min_notice_minutes: Annotated[int, Ge(0), Le(7 * 24 * 60)] | None = None
    revisit_fee_paise: Annotated[int, Ge(0), Le(10_000_000)] | None = None
    queue_order: QueueOrder | None = None
    noshow_marking: NoShowMarking | None = None
    noshow_minutes: Annotated[int, Ge(0), Le(24 * 60)] | None = None
    noshow_limit: Annotated[int, Ge(0), Le(100)] | None = None
    noshow_days: Annotated[int, Ge(1), Le(3650)] | None = None
    has_quiet_hours: bool | None = None
    quiet_from: WallTime | None = None
    quiet_until: WallTime | None = None
    version: int | None = Field(default=None, ge=0, le=2**31 - 1)
    """The version that was read, for clients that send no If-Match."""


_CURRENT = prepare(select(*(getattr(BookingRules, field.name) for field in fields(Rules))))


_READ = "booking_rules"


async def current(ctx: Context) -> Rules:
    """Read once a transaction: they bind from the next request on."""
    read_once: dict[str, Rules] = ctx.session.info.setdefault("read_once", {})
    known = read_once.get(_READ)
    if known is None:
        found = await rows(ctx.session, _CURRENT)
        known = read_once[_READ] = Rules(*found[0]) if found else Rules()
    return known


async def change(ctx: Context, request: ChangeBookingRules, if_match: str | None) -> Rules:
    """Raises Forbidden for who manages some branches, PreconditionFailed where someone else changed them meanwhile."""
    ctx.require_everywhere(Permission.ORGANIZATION_MANAGE)
    rules = await ctx.session.get(BookingRules, (ctx.organization_id, ctx.organization_id), with_for_update=True)
    check_version(rules or Rules(), if_match if request.version is None else f'"{request.version}"')
    if rules is None:
        rules = BookingRules(id=ctx.organization_id)
        ctx.add(rules)
    told = _told(request)
    await _refuse_unknown(ctx, request)
    for name, value in told.items():
        setattr(rules, name, value)
    await ctx.session.flush()
    ctx.session.info.pop("read_once", None)
    ctx.audit(Action.UPDATE, "booking_rules", ctx.organization_id, details={"fields": sorted(told)})
    return await current(ctx)


def _told(request: ChangeBookingRules) -> dict[str, Any]:
    told = {name: getattr(request, name) for name in request.model_fields_set - {"version"}}
    for name, value in told.items():
        if value is None:
            raise Invalid.field(name, "may not be empty", "required")
    return told


async def _refuse_unknown(ctx: Context, request: ChangeBookingRules) -> None:
    """Doctors and departments that are not this hospital's. Raises Invalid."""
    doctors, departments = set(request.confirm_practitioner_ids or ()), set(request.confirm_department_ids or ())
    if doctors and doctors - set(await staff.practitioners(ctx, doctors)):
        raise Invalid.field("confirm_practitioner_ids", "names a doctor who is not there", "unknown")
    if departments and departments - set(await organizations.departments(ctx.session, departments)):
        raise Invalid.field("confirm_department_ids", "names a department that is not there", "unknown")
