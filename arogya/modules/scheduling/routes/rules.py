"""The hospital's booking rules."""

from typing import Annotated

from fastapi import Response

from arogya.modules.scheduling import booking_rules
from arogya.modules.scheduling.booking_rules import BookingRulesRead, ChangeBookingRules, Rules
from arogya.platform.access import Context, requires
from arogya.platform.etags import IfMatch, show_version
from arogya.platform.web import Router
from arogya.policy import Permission

router = Router(prefix="/api/booking-rules", tags=["schedules"])


@router.get("", response_model=BookingRulesRead)
async def read_booking_rules(
    ctx: Annotated[Context, requires(Permission.ORGANIZATION_READ)], response: Response
) -> Rules:
    rules = await booking_rules.current(ctx)
    show_version(response, rules)
    return rules


@router.put("", response_model=BookingRulesRead)
async def change_booking_rules(
    request: ChangeBookingRules,
    ctx: Annotated[Context, requires(Permission.ORGANIZATION_MANAGE)],
    response: Response,
    if_match: IfMatch = None,
) -> Rules:
    rules = await booking_rules.change(ctx, request, if_match)
    show_version(response, rules)
    return rules
