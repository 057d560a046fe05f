"""What scheduling refuses, each by its own name and stable code."""

from arogya.platform.errors import Conflict, Invalid, constraint_means


class SlotTaken(Conflict):
    code, title = "slot_taken", "This time has just been taken"


class RoomTaken(SlotTaken):
    """The doctor is free, the room is not: another's patient is in it."""

    code, title = "room_taken", "The room is taken at this time"


class PatientBusy(Conflict):
    code, title = "patient_busy", "The patient has another appointment at this time"


class AlreadyInSession(Conflict):
    code, title = "already_in_session", "The patient already has a place in this session"


class PractitionerOnLeave(Conflict):
    code, title = "practitioner_on_leave", "The doctor is on leave at this time"


class TooManyOpen(Conflict):
    code, title = "too_many_open", "There are already as many open appointments as one patient may have"


class TooLateToChange(Conflict):
    code, title = "too_late_to_change", "It is too late to change this appointment here; please call the hospital"


class PatientInactive(Conflict):
    code, title = "patient_inactive", "This patient's record is closed; reactivate it first"


class WrongState(Conflict):
    """Carries the `current_status` of the appointment or token; a problem's own `status` is the HTTP one."""

    code, title = "wrong_state", "The appointment is not in a state in which this can be done"

    def __init__(self, detail: str = "", *, status: str) -> None:
        super().__init__(detail, extra={"current_status": status})


class VisitNotToday(Conflict):
    """Carries the `day` on which the visit's session begins."""

    code, title = "visit_not_today", "This visit is on a later day; move it to today, or wait for its day"


class NoSuchSlot(Invalid):
    code, title = "no_such_slot", "The doctor has no session at this time"


class TooFarAhead(Invalid):
    code, title = "too_far_ahead", "This is further ahead than can be booked"


class TooShortNotice(Invalid):
    """Carries `min_notice_minutes`."""

    code, title = "too_short_notice", "This is sooner than patients can book by themselves; please call the hospital"


class InThePast(Invalid):
    code, title = "in_the_past", "This time is past"


class SeriesConflicts(Conflict):
    """Carries `conflicts`: each time that can't be had, and by which code."""

    code, title = "series_conflicts", "Some of these times can't be had"


class SessionsOverlap(Conflict):
    code, title = "sessions_overlap", "The doctor already has a session at this time"


class ProposalsStale(Conflict):
    """Carries `refused`: which moves could not be made and why (`slot_taken`, `room_taken`, `practitioner_on_leave`,
    `in_the_past`, `no_such_slot`, `patient_busy`, `not_affected`, `undecided`). For leave also `proposals`: fresh
    options of all that are affected now, by appointment.
    """

    code, title = "proposals_stale", "Some of these places were taken meanwhile; nothing was changed"


# The schema has the last word in a race; these are its words.
constraint_means("ex_appointments_place", SlotTaken)
constraint_means("ex_holds_place", SlotTaken)
constraint_means("ex_appointments_room", RoomTaken)
constraint_means("ex_holds_room", RoomTaken)
constraint_means("ex_appointments_patient", PatientBusy)
constraint_means("uq_appointments_patient_session", AlreadyInSession)
