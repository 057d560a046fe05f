"""Who waits for a place in the demo: wishes for times that are hard to get."""

from collections.abc import Sequence
from datetime import timedelta

from arogya.demo.founding import Founded
from arogya.demo.moment import MINUTE, Moment
from arogya.demo.people import Person
from arogya.modules.scheduling.models import EntryStatus, WaitlistEntry

_WISHES = (
    (0, 0, "evening", 7, True, "Works until five"),
    (0, 3, "evening", 14, False, ""),
    (1, 1, "evening", 7, False, "Comes after school"),
    (1, 1, "morning", 0, False, ""),
    (2, 2, "evening", 14, False, "Needs someone to bring her"),
)
"""Which doctor, and after how many days, which part of the day, for how many days; priority; why."""
_SKIPPED = 40
"""The first of the register are the script's."""


def add_waitlist(founded: Founded, people: Sequence[Person], moment: Moment) -> None:
    """At the first branch, by its desk, over the last two days."""
    branch, facility_id = next(iter(founded.branches.items()))
    doctors = [one for one in founded.hospital.doctors if any(hours.branch == branch for hours in one.hours)]
    waiting = [one for one in people if one.id and one.is_active and not one.is_deceased][_SKIPPED:]
    for n, (nth, first, part, days, is_priority, reason) in enumerate(_WISHES):
        if nth >= len(doctors) or n >= len(waiting):
            continue
        joined_at = moment.now - timedelta(days=2) + n * 7 * 60 * MINUTE
        founded.rows.add(
            WaitlistEntry, joined_at, created_by=founded.receptionist(branch), patient_id=waiting[n].id,
            practitioner_id=founded.practitioners[doctors[nth].username], facility_id=facility_id,
            first_day=moment.day(first), last_day=moment.day(first + days), part_of_day=part, reason=reason,
            is_priority=is_priority, status=EntryStatus.WAITING, source="desk", joined_at=joined_at,
            stands_at=joined_at,
        )  # fmt: skip
