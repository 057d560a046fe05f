"""The front door to the doctors' day."""

from arogya.modules.scheduling.appointments.booking import book, reschedule
from arogya.modules.scheduling.appointments.places import Placed
from arogya.modules.scheduling.appointments.schemas import AppointmentRead, BookAppointment, RescheduleAppointment
from arogya.modules.scheduling.appointments.steps import arrive, cancel, check_in, confirm, fulfil, no_show
from arogya.modules.scheduling.booking_rules import ChangeBookingRules, Rules
from arogya.modules.scheduling.booking_rules import change as change_booking_rules
from arogya.modules.scheduling.booking_rules import current as booking_rules
from arogya.modules.scheduling.facts import (
    DayState,
    OfferFacts,
    Rebooked,
    VisitFacts,
    day_state,
    offer_facts,
    rebooked_by,
    still_to_be_seen,
    visit_facts,
)
from arogya.modules.scheduling.figures import (
    Collected,
    DayFigures,
    DayWindow,
    arrivals_by_hour,
    booked_inside_leave,
    by_day,
    collected_by_day,
    late_practitioners,
    pending_bookings,
    practitioners_still_to_come,
    waits_by_practitioner,
)
from arogya.modules.scheduling.history import visits
from arogya.modules.scheduling.schedules.exceptions import add as add_schedule_exception
from arogya.modules.scheduling.schedules.first_schedule import open_solo_practice
from arogya.modules.scheduling.schedules.schemas import CreateException, CreateSchedule, WeeklySession
from arogya.modules.scheduling.schedules.service import create as create_schedule
from arogya.modules.scheduling.slots.finder import slots_between
from arogya.modules.scheduling.waitlist.links import new_link as offer_link

__all__ = [
    "AppointmentRead",
    "BookAppointment",
    "ChangeBookingRules",
    "Collected",
    "CreateException",
    "CreateSchedule",
    "DayFigures",
    "DayState",
    "DayWindow",
    "OfferFacts",
    "Placed",
    "Rebooked",
    "RescheduleAppointment",
    "Rules",
    "VisitFacts",
    "WeeklySession",
    "add_schedule_exception",
    "arrivals_by_hour",
    "arrive",
    "book",
    "booked_inside_leave",
    "booking_rules",
    "by_day",
    "cancel",
    "change_booking_rules",
    "check_in",
    "collected_by_day",
    "confirm",
    "create_schedule",
    "day_state",
    "fulfil",
    "late_practitioners",
    "no_show",
    "offer_facts",
    "offer_link",
    "open_solo_practice",
    "pending_bookings",
    "practitioners_still_to_come",
    "rebooked_by",
    "reschedule",
    "slots_between",
    "still_to_be_seen",
    "visit_facts",
    "visits",
    "waits_by_practitioner",
]
