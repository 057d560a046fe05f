"""What others hear of patients."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from arogya.platform.outbox import Event, fact


@fact
@dataclass(frozen=True)
class PatientRegistered(Event):
    topic: ClassVar[str] = "patients"

    patient_id: UUID


@fact
@dataclass(frozen=True)
class PatientChanged(Event):
    """Edited, deactivated or reactivated."""

    topic: ClassVar[str] = "patients"

    patient_id: UUID


@fact
@dataclass(frozen=True)
class PatientAccountsChanged(Event):
    """Somebody began to sign in for a patient, or may no longer."""

    topic: ClassVar[str] = "patients"

    patient_id: UUID
