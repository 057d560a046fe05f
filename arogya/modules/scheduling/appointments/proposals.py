"""Free times to offer instead: the same doctor's next, and colleagues of the same specialty or department."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from itertools import chain, islice
from uuid import UUID

from arogya.modules.scheduling.appointments.schemas import Proposal
from arogya.modules.scheduling.booking_rules import Rules
from arogya.modules.scheduling.models import Appointment
from arogya.modules.scheduling.slots.computing import Slot
from arogya.modules.scheduling.slots.finder import patients_rules, see_as
from arogya.modules.scheduling.slots.timetables import Timetable, timetables
from arogya.modules.staff import api as staff
from arogya.platform.access import Context

OFFERED = 3
LOOKED_AHEAD_DAYS = (3, 14)
"""How far is looked: further only where the nearest days have too few free times."""
MOST_COLLEAGUES = 12
_DAY = timedelta(days=1)


async def proposals_for(ctx: Context, appointment: Appointment) -> list[Proposal]:
    """Where an appointment could be moved to, from now on."""
    practitioner = await staff.practitioner(ctx, appointment.practitioner_id)
    return await proposals(ctx, practitioner, ctx.now(), but=appointment.starts_at)


async def proposals(
    ctx: Context, practitioner: staff.PractitionerCard, at: datetime, *, but: datetime | None = None
) -> list[Proposal]:
    """Up to three free times from then on, for patients as far ahead as they may book.

    but: a start that is of no use, being the one that is to be left.
    """
    start = max(at, ctx.now())
    rules = await patients_rules(ctx)
    cards = {practitioner.id: practitioner, **await colleagues(ctx, practitioner)}
    found: list[Proposal] = []
    for days in LOOKED_AHEAD_DAYS:
        end = start + days * _DAY
        if rules is not None:
            end = min(end, ctx.now() + rules.days_ahead * _DAY)
        found = await _within(ctx, cards, start, end, but=but, rules=rules)
        if len(found) == OFFERED:
            break
    return found


async def _within(
    ctx: Context,
    cards: Mapping[UUID, staff.PractitionerCard],
    start: datetime,
    end: datetime,
    *,
    but: datetime | None,
    rules: Rules | None,
) -> list[Proposal]:
    """The doctor's own next time first, then the colleagues' soonest, then more of the doctor's own.

    cards: the doctor, then the colleagues.
    """
    tables = await timetables(ctx, start, end, cards)
    see_as(tables.values(), rules, ctx.now())
    practitioner, *colleagues_cards = cards.values()
    own = (slot for slot in _free(ctx, tables.get(practitioner.id), start, end) if slot.starts_at != but)
    mine = [(slot, practitioner) for slot in islice(own, OFFERED)]
    others = [
        (slot, card) for card in colleagues_cards for slot in islice(_free(ctx, tables.get(card.id), start, end), 1)
    ]
    others.sort(key=lambda found: found[0].starts_at)
    ordered = chain(mine[:1], others[: OFFERED - 1], mine[1:], others[OFFERED - 1 :])
    return [proposal(slot, card) for slot, card in islice(ordered, OFFERED)]


def _free(ctx: Context, table: Timetable | None, start: datetime, end: datetime) -> Iterator[Slot]:
    """The free slots, made day by day: what is not asked for is not made."""
    opens = start
    while table is not None and opens < end:
        closes = min(opens + _DAY, end)
        yield from (slot for slot in table.slots(opens, closes, ctx.now()) if slot.status == "free")
        opens = closes


async def colleagues(ctx: Context, practitioner: staff.PractitionerCard) -> dict[UUID, staff.PractitionerCard]:
    """Who could stand in: of the same specialty, and where those are few, of the same department.

    For a service nobody: a dressing is no X-ray, and no doctor's visit is either.
    """
    found: dict[UUID, staff.PractitionerCard] = {}
    if practitioner.is_service:
        return found
    if practitioner.specialty:
        named = await staff.practitioners(ctx, search=practitioner.specialty, is_active=True, kind="practitioner")
        found = {id_: card for id_, card in named.items() if card.specialty == practitioner.specialty}
    if practitioner.department_id and len(found) <= OFFERED:
        found |= await staff.practitioners(
            ctx, department_id=practitioner.department_id, is_active=True, kind="practitioner"
        )
    found.pop(practitioner.id, None)
    return dict(islice(found.items(), MOST_COLLEAGUES))


def proposal(slot: Slot, card: staff.PractitionerCard) -> Proposal:
    return Proposal(
        practitioner_id=card.id, practitioner_name=card.display_name, facility_id=slot.facility_id,
        starts_at=slot.starts_at, ends_at=slot.ends_at,
    )  # fmt: skip
