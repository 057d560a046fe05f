"""Who is next. Everyone in a queue stands at a due time; the earliest who is here is called. `docs/queue.md` says it to
people.

1. Who was called is next to go in, the first called first.
2. Then who has priority, then everybody else; inside each, by due time.
3. An appointment is due at its slot's start. Number n of a token session, booked or walked in, is due n - 1
   consultations after the session's start, so that numbers go in as they were given.
4. A walk-in between timed slots is due when they came, never before the session begins, and one consultation after the
   walk-in before them: where many wait, appointments and walk-ins go in by turns, and nobody waits for ever.
   At the same minute an appointment goes before a walk-in, then the lower number. A hospital may choose otherwise:
   - 'appointments-first': a walk-in goes in when no appointment who is here waits; walk-ins among themselves by coming.
   - 'by-arrival': everybody between timed slots is due when they came, booked or not.
5. Late-comers: who comes after their slot has ended is due when they came. In a token session, who comes after a later
   number was called stands behind the next PLACES_LOST.
6. Who was called and did not come is skipped: once they are back they stand behind the PLACES_LOST who were next then.
7. Only who is here (arrived or checked in) is called. Who is still expected keeps their place and holds up nobody.
8. A queue that is moved to a colleague goes in by turns with those who wait there: behind each of the colleague's own
   one of the moved, in their old order; then one consultation after the other, as walk-ins.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

PLACES_LOST = 3
"""How many who wait go in before one who missed their turn."""

BY_TURNS, APPOINTMENTS_FIRST, BY_ARRIVAL = "by-turns", "appointments-first", "by-arrival"

_STEP = timedelta(milliseconds=1)
_RANKS = {"in-consultation": 0, "called": 1, "waiting": 2, "skipped": 4, "done": 5, "left": 6, "moved": 7}
_EXPECTED_RANK = 3


@dataclass(frozen=True, slots=True)
class Place:
    """One who stands in a queue. key: the token's id, or the appointment's while it has no number.

    is_here: arrived or checked in. stands_behind: goes in after all who don't.
    """

    key: UUID
    number: int | None
    status: str
    due_at: datetime
    is_here: bool
    is_priority: bool = False
    is_walk_in: bool = False
    called_at: datetime | None = None
    stands_behind: bool = False

    @property
    def turn(self) -> tuple[bool, bool, datetime, bool, int]:
        return (not self.is_priority, self.stands_behind, self.due_at, self.is_walk_in, self.number or 0)


def calling_order(places: Iterable[Place]) -> list[Place]:
    """Inside, called, waiting, expected, skipped, over."""
    return sorted(places, key=_standing)


def _standing(place: Place) -> tuple[int, tuple[bool, bool, datetime, bool, int]]:
    if place.status == "called" and place.called_at:
        return _RANKS["called"], (False, False, place.called_at, False, place.number or 0)
    is_expected = place.status == "waiting" and not place.is_here
    return _EXPECTED_RANK if is_expected else _RANKS[place.status], place.turn


def waiting_here(places: Iterable[Place]) -> list[Place]:
    """Those who can be called, in order."""
    return sorted((p for p in places if p.status == "waiting" and p.is_here), key=lambda p: p.turn)


def due_behind_next(others: Iterable[Place], due_at: datetime) -> datetime:
    """Where one stands who lost PLACES_LOST places: just behind them, never ahead of where they stood.

    Those with priority go before anyway and are not counted.
    """
    ahead = [p.due_at for p in waiting_here(others) if not p.is_priority][:PLACES_LOST]
    return max(due_at, ahead[-1] + _STEP) if ahead else due_at


def walk_in_due(
    came_at: datetime,
    session_starts_at: datetime | None,
    last_walk_in_due_at: datetime | None,
    turn: timedelta,
    *,
    order: str = BY_TURNS,
) -> datetime:
    """Rule 4. last_walk_in_due_at: of the walk-in who stands last."""
    if order == BY_ARRIVAL:
        return came_at
    due_at = max(came_at, session_starts_at) if session_starts_at else came_at
    if order == APPOINTMENTS_FIRST:
        return due_at
    return max(due_at, last_walk_in_due_at + turn) if last_walk_in_due_at else due_at


def appointment_due(
    starts_at: datetime, ends_at: datetime, came_at: datetime | None, *, order: str = BY_TURNS
) -> datetime:
    """Rules 3 to 5, of a timed slot."""
    if came_at is None:
        return starts_at
    return came_at if order == BY_ARRIVAL or came_at >= ends_at else starts_at


def number_due(session_starts_at: datetime, number: int, turn: timedelta) -> datetime:
    """Rule 3, of a token session."""
    return session_starts_at + (number - 1) * turn


def handed_over_due(
    own: Iterable[Place], count: int, came_at: datetime, session_starts_at: datetime | None, turn: timedelta
) -> list[datetime]:
    """Rule 8, for so many who come from another queue. own: the colleague's."""
    waiting = [place for place in waiting_here(own) if not place.is_priority]
    due = [place.due_at + _STEP for place in waiting[:count]]
    while len(due) < count:
        due.append(walk_in_due(came_at, session_starts_at, due[-1] if due else None, turn))
    return due
