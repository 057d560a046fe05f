"""What happened to the doctors' day. Ids only: who hears of it reads the rest through the API."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from arogya.platform.outbox import Event, fact


@dataclass(frozen=True)
class _AppointmentEvent(Event):
    topic: ClassVar[str] = "appointments"

    appointment_id: UUID
    patient_id: UUID
    practitioner_id: UUID
    facility_id: UUID


@fact
class AppointmentBooked(_AppointmentEvent):
    """A place was taken, or someone walked in; the appointment says which, and whether it still waits for the desk."""


@fact
class SeriesVisitBooked(_AppointmentEvent):
    """One more visit of a series; of the first AppointmentBooked tells, so that people hear of a series once."""


@fact
class AppointmentConfirmed(_AppointmentEvent):
    """The desk took a pending booking."""


@fact
class AppointmentCancelled(_AppointmentEvent):
    """The place is free again. A move says AppointmentRescheduled instead."""


@fact
@dataclass(frozen=True)
class AppointmentRescheduled(_AppointmentEvent):
    """Moved: appointment_id is the new one, rescheduled_from_id the one that it replaces."""

    rescheduled_from_id: UUID


@fact
class AppointmentArrived(_AppointmentEvent):
    """The patient is in the house."""


@fact
class AppointmentCheckedIn(_AppointmentEvent):
    """The patient is ready for the doctor."""


@fact
class AppointmentFulfilled(_AppointmentEvent):
    """The doctor has seen the patient."""


@fact
class AppointmentNoShow(_AppointmentEvent):
    """The patient did not come."""


@fact
class AppointmentChanged(_AppointmentEvent):
    """Its reason or notes were edited, or it was left behind by a move."""


@fact
@dataclass(frozen=True)
class QueueMoved(Event):
    """The order or the state of a queue changed. token_id: the token that did it, None where several moved."""

    topic: ClassVar[str] = "queue"

    practitioner_id: UUID
    facility_id: UUID
    token_id: UUID | None = None


@fact
@dataclass(frozen=True)
class TokenCalled(Event):
    """A number was called, for the first time or again."""

    topic: ClassVar[str] = "queue"

    practitioner_id: UUID
    facility_id: UUID
    token_id: UUID
    appointment_id: UUID
    patient_id: UUID


@fact
@dataclass(frozen=True)
class PractitionerDayChanged(Event):
    """A practitioner is here, late, on a break or gone today."""

    topic: ClassVar[str] = "queue"

    practitioner_id: UUID
    facility_id: UUID


@fact
@dataclass(frozen=True)
class ScheduleChanged(Event):
    """Sessions, leave or holidays changed, and slots with them. practitioner_id None: the whole facility's."""

    topic: ClassVar[str] = "schedules"

    practitioner_id: UUID | None
    facility_id: UUID | None


@fact
@dataclass(frozen=True)
class ReceiptIssued(Event):
    """Money was taken at the desk."""

    topic: ClassVar[str] = "receipts"

    receipt_id: UUID
    appointment_id: UUID
    patient_id: UUID
    facility_id: UUID


@fact
@dataclass(frozen=True)
class PlaceHeld(Event):
    """Someone is booking there; the slots say where."""

    topic: ClassVar[str] = "holds"

    practitioner_id: UUID
    facility_id: UUID


@fact
@dataclass(frozen=True)
class HoldReleased(Event):
    """A place that was kept is free again: given back, left for another, or lapsed."""

    topic: ClassVar[str] = "holds"

    practitioner_id: UUID
    facility_id: UUID


@fact
@dataclass(frozen=True)
class LeaveCascaded(Event):
    """What was booked inside a leave was moved or cancelled, all in one step; each visit has its own event beside."""

    cascade_id: UUID


@fact
@dataclass(frozen=True)
class VisitHandedOver(_AppointmentEvent):
    """Its queue was moved to a colleague: appointment_id is with the colleague, rescheduled_from_id was with the one
    who is gone."""

    rescheduled_from_id: UUID


@fact
@dataclass(frozen=True)
class WaitlistChanged(Event):
    """Someone joined, left or was moved in the line. Heard by the branch's desk."""

    topic: ClassVar[str] = "appointments"

    entry_id: UUID
    patient_id: UUID
    facility_id: UUID


@fact
@dataclass(frozen=True)
class PlaceOffered(Event):
    """A place is held for one who waits; the offer says until when."""

    topic: ClassVar[str] = "appointments"

    offer_id: UUID
    entry_id: UUID
    patient_id: UUID
    practitioner_id: UUID
    facility_id: UUID


@fact
@dataclass(frozen=True)
class OfferEnded(PlaceOffered):
    """Accepted, declined or lapsed. Where it was not accepted its place is free again."""
