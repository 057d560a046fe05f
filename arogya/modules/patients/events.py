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
class PatientsImported(Event):
    """A file was taken in, or taken back: one event for all of its patients, of whom there may be 500,000."""

    topic: ClassVar[str] = "patients"

    import_id: UUID


@fact
@dataclass(frozen=True)
class PatientsMerged(Event):
    """patient_id: the record that stands for both now."""

    topic: ClassVar[str] = "patients"

    patient_id: UUID
    merged_id: UUID


@fact
@dataclass(frozen=True)
class PatientImportMoved(Event):
    """An import is a portion further, or in another state."""

    topic: ClassVar[str] = "patient-imports"

    import_id: UUID


@fact
@dataclass(frozen=True)
class LikelyDuplicatesChanged(Event):
    """The worklist has other pairs, or other scores."""

    topic: ClassVar[str] = "patients"


@fact
@dataclass(frozen=True)
class MergeUndone(Event):
    """The two are each for themselves again."""

    topic: ClassVar[str] = "patients"

    patient_id: UUID
    merged_id: UUID


@fact
@dataclass(frozen=True)
class PatientAccountsChanged(Event):
    """Somebody began to sign in for a patient, or may no longer."""

    topic: ClassVar[str] = "patients"

    patient_id: UUID
