"""The tables of the doctors' day, below everything that works with them."""

from arogya.modules.scheduling.models.appointments import Appointment, holds_its_place
from arogya.modules.scheduling.models.booking_rules import BookingRules
from arogya.modules.scheduling.models.calendars import CalendarFeed
from arogya.modules.scheduling.models.holds import Hold
from arogya.modules.scheduling.models.leave_cascade import LeaveCascade
from arogya.modules.scheduling.models.queue import PractitionerDay, QueueCounter, QueueHandover, QueueToken, TokenStatus
from arogya.modules.scheduling.models.receipts import Receipt, ReceiptCounter
from arogya.modules.scheduling.models.schedules import Schedule, ScheduleException, ScheduleSession
from arogya.modules.scheduling.models.series import AppointmentSeries
from arogya.modules.scheduling.models.waitlist import EntryStatus, OfferStatus, WaitlistEntry, WaitlistOffer

__all__ = [
    "Appointment",
    "AppointmentSeries",
    "BookingRules",
    "CalendarFeed",
    "EntryStatus",
    "Hold",
    "LeaveCascade",
    "OfferStatus",
    "PractitionerDay",
    "QueueCounter",
    "QueueHandover",
    "QueueToken",
    "Receipt",
    "ReceiptCounter",
    "Schedule",
    "ScheduleException",
    "ScheduleSession",
    "TokenStatus",
    "WaitlistEntry",
    "WaitlistOffer",
    "holds_its_place",
]
