"""Who fits which free place: the first in line, each place once. Pure."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from arogya.modules.scheduling.slots.computing import Slot

NOON, FIVE = 12, 17


@dataclass(frozen=True, slots=True)
class Wish:
    """What one entry of the line wants. practitioner_ids: any of these."""

    entry_id: UUID
    patient_id: UUID
    practitioner_ids: frozenset[UUID]
    first_day: date
    last_day: date
    part_of_day: str
    mode: str | None
    refused: frozenset[tuple[UUID, datetime]] = frozenset()
    """Practitioner and start of places that were offered before: nobody is offered the same one twice."""


@dataclass(slots=True)
class Open:
    """One slot with free places. lanes: those that nobody holds, lowest first."""

    practitioner_id: UUID
    slot: Slot
    lanes: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Match:
    wish: Wish
    practitioner_id: UUID
    slot: Slot
    lane: int


def open_slots(slots: Mapping[UUID, Iterable[Slot]]) -> list[Open]:
    """The free ones of all practitioners, by time."""
    found = [
        Open(who, slot, [lane for lane in range(1, slot.places + 1) if lane not in slot.used])
        for who, theirs in slots.items()
        for slot in theirs
        if slot.status == "free"
    ]
    return sorted(found, key=lambda one: one.slot.starts_at)


def match(
    line: Sequence[Wish], free: Collection[Open], zone: ZoneInfo, is_busy: Callable[[UUID, Slot], bool]
) -> Iterator[Match]:
    """The soonest place that fits for each in line, in their order. is_busy: whether a patient is elsewhere then."""
    by_practitioner: dict[UUID, list[Open]] = defaultdict(list)
    for one in free:
        by_practitioner[one.practitioner_id].append(one)
    rooms: dict[UUID, list[Open]] = defaultdict(list)
    for wish in line:
        theirs = sorted(
            (one for who in wish.practitioner_ids for one in by_practitioner.get(who, ())),
            key=lambda one: one.slot.starts_at,
        )
        found = next(
            (
                o
                for o in theirs
                if o.lanes and fits(wish, o, zone) and not is_busy(wish.patient_id, o.slot) and _has_room(o, rooms)
            ),
            None,
        )
        if found is not None:
            if found.slot.room_id is not None:
                rooms[found.slot.room_id].append(found)
            yield Match(wish, found.practitioner_id, found.slot, found.lanes.pop(0))


def _has_room(one: Open, rooms: Mapping[UUID, Sequence[Open]]) -> bool:
    """Whether what is given away already leaves its room to it. rooms: whose places were given, by their room."""
    taken = rooms.get(one.slot.room_id, ()) if one.slot.room_id is not None else ()
    return not any(other.practitioner_id != one.practitioner_id and other.slot.overlaps(one.slot) for other in taken)


def fits(wish: Wish, one: Open, zone: ZoneInfo) -> bool:
    starts = one.slot.starts_at.astimezone(zone)
    return (
        wish.first_day <= starts.date() <= wish.last_day
        and wish.mode in (None, one.slot.mode)
        and wish.part_of_day in ("any", part_of_day(starts))
        and (one.practitioner_id, one.slot.starts_at) not in wish.refused
    )


def part_of_day(local: datetime) -> str:
    return "morning" if local.hour < NOON else "afternoon" if local.hour < FIVE else "evening"
