"""Free places for those who must go elsewhere, handed out so that no place is proposed twice. Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from arogya.modules.scheduling.slots.computing import Slot
from arogya.platform.clock import local_day

Sitting = tuple[UUID, UUID, str]
"""Practitioner, branch, mode."""


@dataclass(slots=True)
class Place:
    """A slot with places left. left: how many were not proposed to anybody yet."""

    practitioner_id: UUID
    slot: Slot
    left: int


class Pool:
    """The free places of some practitioners, found by day."""

    def __init__(self) -> None:
        self._days: dict[Sitting, dict[date, list[Place]]] = defaultdict(lambda: defaultdict(list))
        self._rooms: dict[UUID, list[Place]] = defaultdict(list)

    def add(self, practitioner_id: UUID, slot: Slot, zone: ZoneInfo) -> None:
        """Take the slot in where it is free. zone: of its branch."""
        if slot.status == "free":
            place = Place(practitioner_id, slot, slot.free)
            self._days[practitioner_id, slot.facility_id, slot.mode][local_day(slot.starts_at, zone)].append(place)

    def take(self, place: Place) -> None:
        """Propose it to somebody."""
        place.left -= 1
        if place.slot.room_id is not None:
            self._rooms[place.slot.room_id].append(place)

    def is_left(self, place: Place) -> bool:
        """Whether there is a place in it still, and nobody was proposed another doctor's in its room meanwhile."""
        there = self._rooms.get(place.slot.room_id, ()) if place.slot.room_id is not None else ()
        return place.left > 0 and not any(
            other.practitioner_id != place.practitioner_id and other.slot.overlaps(place.slot) for other in there
        )

    def days_near(self, sitting: Sitting, day: date) -> Iterator[date]:
        """Its days with free places, the nearest first; of two as near, the later: nobody is asked to come earlier."""
        yield from sorted(self._days.get(sitting, {}), key=lambda other: (abs(other - day), other < day))

    def on(self, sitting: Sitting, day: date, around: datetime, suits: Callable[[Slot], bool]) -> Place | None:
        """The place on this day that begins nearest to the moment's time of day."""
        that_day = self._days.get(sitting, {}).get(day, ())
        fitting = (place for place in that_day if self.is_left(place) and suits(place.slot))
        return min(fitting, key=lambda place: _apart(place.slot.starts_at, around), default=None)


def _apart(one: datetime, other: datetime) -> timedelta:
    """How far two times of day lie from each other, whatever their dates."""
    apart = (one - other) % timedelta(days=1)
    return min(apart, timedelta(days=1) - apart)
