"""The waiting room's screen: numbers and initials, nothing that names a patient. Writes no audit row.

The screen is signed in by a device link, which says at which branch it hangs.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, select

from arogya.modules.organizations import api as organizations
from arogya.modules.patients.api import patients_table
from arogya.modules.scheduling.models import QueueToken, TokenStatus
from arogya.modules.scheduling.queue.lines import Line, Visit, lines, todays_timetables
from arogya.modules.scheduling.queue.schemas import Calling, DisplayRead, DisplayRow
from arogya.modules.scheduling.queue.waits import roughly
from arogya.modules.staff import api as staff
from arogya.modules.staff.api import PractitionerCard
from arogya.platform.access import Context
from arogya.platform.errors import Forbidden
from arogya.policy import Permission

NUMBERS_SHOWN = 3
INITIALS_MOST = 3
CALL_STAYS = timedelta(minutes=2)
"""How long a call stays up once its number has gone in; until then it stays anyway."""

_AFTER_NUMBERS = 10**9
_NUKTA = "\N{DEVANAGARI SIGN NUKTA}"
_ON_THE_BOARD = {"here", "late", "on-break"}


async def display(ctx: Context) -> DisplayRead:
    """The branch's queues as its waiting room may see them."""
    facility = await organizations.facility(ctx.session, _where_it_hangs(ctx))
    found = await lines(ctx, facility, await todays_timetables(ctx, facility))
    cards = await staff.practitioners(ctx, found)
    shown = [who for who, line in found.items() if who in cards and _is_on_the_board(line)]
    rows = sorted((_row(found[who], cards[who], facility.id) for who in shown), key=_standing)
    hospital = await organizations.organization(ctx.session, ctx.organization_id)
    return DisplayRead(
        hospital_name=hospital.name, facility_name=facility.name, time_zone=facility.time_zone, now=ctx.now(),
        calling=await _calling(ctx, found, cards, facility.id), rows=rows,
    )  # fmt: skip


def _where_it_hangs(ctx: Context) -> UUID:
    facilities = ctx.facilities(Permission.DISPLAY_SHOW)
    if facilities is None or len(facilities) != 1:
        raise Forbidden
    return next(iter(facilities))


def _is_on_the_board(line: Line) -> bool:
    return line.state in _ON_THE_BOARD or line.inside is not None or bool(line.next_numbers)


def _row(line: Line, card: PractitionerCard, facility_id: UUID) -> DisplayRow:
    wait = line.newcomers_wait_minutes
    return DisplayRow(
        room=line.room(card.at(facility_id))[0],
        practitioner_name=card.display_name,
        specialty=card.specialty,
        specialty_hi=card.department_name_hi,
        inside_number=line.inside.number if line.inside else None,
        next_numbers=line.next_numbers[:NUMBERS_SHOWN],
        wait_minutes=None if wait is None else roughly(wait),
        state=line.state,
        until=line.until,
    )


def _standing(row: DisplayRow) -> tuple[bool, list[tuple[int, str]], str]:
    """Who sees someone first, then by room: 9 before 10, names after numbers."""
    found = re.findall(r"(\d*)(\D*)", row.room or "")
    parts = [(int(part or (_AFTER_NUMBERS if word else 0)), word) for part, word in found]
    return row.inside_number is None, parts, row.practitioner_name


async def _calling(
    ctx: Context, found: Mapping[UUID, Line], cards: dict[UUID, PractitionerCard], facility_id: UUID
) -> Calling | None:
    """The newest call that is still to be heard."""
    calls = [visit for line in found.values() for visit in line.visits if _is_called(visit, line)]
    newest = max(calls, key=lambda visit: (visit.called_at, visit.key), default=None)
    card = cards.get(newest.practitioner_id) if newest else None
    if newest is None or card is None:
        return None
    columns: list[Any] = [patients_table.c.name, QueueToken.calls, QueueToken.number, QueueToken.called_at]
    same = and_(
        patients_table.c.organization_id == QueueToken.organization_id, patients_table.c.id == QueueToken.patient_id
    )
    query = select(*columns).join(patients_table, same).where(QueueToken.id == newest.token_id)
    row = (await ctx.session.execute(query)).one()
    room, floor = found[card.id].room(card.at(facility_id))
    return Calling(
        number=row.number, initials=initials(row.name), room=room, floor=floor,
        practitioner_name=card.display_name, called_at=row.called_at, token_id=newest.key, calls=row.calls,
    )  # fmt: skip


def _is_called(visit: Visit, line: Line) -> bool:
    if visit.called_at is None:
        return False
    went_in = visit.token_status == TokenStatus.IN_CONSULTATION
    return visit.token_status == TokenStatus.CALLED or (went_in and visit.called_at > line.now - CALL_STAYS)


def initials(name: str) -> str:
    """`F S` for Fatima Shaikh; a letter in any script, without the signs that would spell more of it."""
    letters = [first for word in unicodedata.normalize("NFC", name).split() if (first := _first_letter(word))]
    return " ".join(letters[:INITIALS_MOST])


def _first_letter(word: str) -> str:
    for at, character in enumerate(word):
        if character.isalpha():
            return character.upper() + (_NUKTA if word[at + 1 : at + 2] == _NUKTA else "")
    return ""
