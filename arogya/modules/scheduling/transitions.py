"""THE table of an appointment's states: which step leads from where to where, and who may take it.

`docs/appointments.md` is rendered from here (`python -m arogya.modules.scheduling.transitions`); the model refuses what
does not stand here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from arogya.policy import OWN_RECORDS_ONLY, ROLE_PERMISSIONS, Permission


class AppointmentStatus(StrEnum):
    """FHIR R4's words."""

    PENDING = "pending"
    BOOKED = "booked"
    ARRIVED = "arrived"
    CHECKED_IN = "checked-in"
    FULFILLED = "fulfilled"
    CANCELLED = "cancelled"
    NO_SHOW = "noshow"
    WAITLIST = "waitlist"
    ENTERED_IN_ERROR = "entered-in-error"


S = AppointmentStatus


class Step(StrEnum):
    """What can be done to an appointment, as the API spells it."""

    CONFIRM = "confirm"
    RESCHEDULE = "reschedule"
    CANCEL = "cancel"
    ARRIVE = "arrive"
    CHECK_IN = "check-in"
    FULFIL = "fulfil"
    NO_SHOW = "no-show"


@dataclass(frozen=True, slots=True)
class Transition:
    """permission: who may take the step. own_sources: from where patients may, with their own appointments."""

    sources: frozenset[AppointmentStatus]
    target: AppointmentStatus
    permission: Permission
    own_sources: frozenset[AppointmentStatus] = frozenset()


_OPEN = frozenset({S.PENDING, S.BOOKED})

TRANSITIONS: Final[dict[Step, Transition]] = {
    Step.CONFIRM: Transition(frozenset({S.PENDING}), S.BOOKED, Permission.APPOINTMENT_CONFIRM),
    # The old appointment is cancelled and a new one takes its place, in one transaction.
    Step.RESCHEDULE: Transition(_OPEN, S.CANCELLED, Permission.APPOINTMENT_CHANGE, _OPEN),
    Step.CANCEL: Transition(_OPEN | {S.ARRIVED, S.CHECKED_IN}, S.CANCELLED, Permission.APPOINTMENT_CHANGE, _OPEN),
    Step.ARRIVE: Transition(frozenset({S.BOOKED}), S.ARRIVED, Permission.VISIT_RECEIVE),
    Step.CHECK_IN: Transition(frozenset({S.BOOKED, S.ARRIVED}), S.CHECKED_IN, Permission.VISIT_RECEIVE),
    Step.FULFIL: Transition(frozenset({S.ARRIVED, S.CHECKED_IN}), S.FULFILLED, Permission.VISIT_FULFIL),
    Step.NO_SHOW: Transition(frozenset({S.BOOKED}), S.NO_SHOW, Permission.VISIT_RECEIVE),
}

HOLDING: Final = frozenset({S.PENDING, S.BOOKED, S.ARRIVED, S.CHECKED_IN, S.FULFILLED})
"""The states in which an appointment keeps others from its place."""
HELD_OPEN: Final = _OPEN
"""Booked and not yet come: what counts against a patient's limit, and what leave affects."""


def leads(old: str, new: str) -> bool:
    """Whether some step leads from the one to the other."""
    return any(old in t.sources and new == t.target for t in TRANSITIONS.values())


def as_markdown() -> str:
    """The table for `docs/appointments.md`."""
    rows = [
        f"| `{step}` | {_words(t.sources)} | `{t.target}` | {_roles(t)} | {_words(t.own_sources)} |"
        for step, t in TRANSITIONS.items()
    ]
    return "\n".join([*_INTRODUCTION, *rows, "", *_NOTES]) + "\n"


def _words(states: Iterable[AppointmentStatus]) -> str:
    return ", ".join(f"`{s}`" for s in AppointmentStatus if s in states)


def _roles(transition: Transition) -> str:
    return ", ".join(
        role.value.replace("_", " ")
        for role, held in ROLE_PERMISSIONS.items()
        if transition.permission in held and role not in OWN_RECORDS_ONLY
    )


_INTRODUCTION = (
    "# The states of an appointment",
    "",
    "Rendered from `arogya/modules/scheduling/transitions.py`; a test keeps the two alike.",
    "",
    "A patient's own booking begins as `pending` where the hospital's booking rules ask for confirming (all, first",
    "visits, some doctors or departments, or who missed too many), else as `booked`. The desk's begins as `booked`, or",
    "as `pending` where it says so. A walk-in begins as `checked-in`.",
    "",
    "| step | from | to | who | patients, their own |",
    "|---|---|---|---|---|",
)
_NOTES = (
    "Every other step answers 409 `wrong_state` with the appointment's `current_status`.",
    "",
    "- `reschedule` makes a new appointment that names the old one in `rescheduled_from_id`, and cancels the old one,",
    "  in one transaction: nobody can end up with both or with none.",
    "- `arrive`, `check-in` and `no-show` wait for the day (409 `visit_not_today`), by the branch's clock; the day of",
    "  a session that goes on past midnight is the one on which it begins.",
    "- Patients may cancel and move until the booking rules' `cancel_until_minutes` before the start; after that they",
    "  are told to call (409 `too_late_to_change`).",
    "- `cancelled`, `noshow` and `entered-in-error` give the place back; all other states keep it.",
    "- `no-show` is the desk's step, or the clock's: ten minutes at most after the session, or so long after the slot,",
    "  where the booking rules say so (`noshow_marking`).",
    "- `waitlist` and `entered-in-error` are FHIR's; no step leads there yet. Who waits for a place has no appointment",
    "  but an entry of the waitlist (`docs/waitlist.md`).",
    "- Who signs in for the patient is told of a booking, its confirmation, move and cancellation, of a call and a",
    "  delay: the phone's bell counts, its list (`/my/messages`) leads to the visit. What waits to be confirmed is",
    "  told as a wish, not as a booking.",
)


if __name__ == "__main__":
    import sys

    sys.stdout.write(as_markdown())
