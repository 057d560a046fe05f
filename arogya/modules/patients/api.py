"""Patients, for the modules above: the two doors, accounts, registration, and the ports that they fill."""

from arogya.modules.patients.accounts import (
    AccountPatient,
    account_patients,
    accounts_of,
    accounts_of_all,
    user_ids_of,
)
from arogya.modules.patients.ages import Birth, age_on
from arogya.modules.patients.doors import (
    GrantPurpose,
    NoRecordGrant,
    PatientIdentity,
    grant,
    identify,
    identities,
    open_record,
)
from arogya.modules.patients.figures import PatientFigures, patient_figures, registered_by_day
from arogya.modules.patients.importing.terminal import FileOptions, ImportTold, column_guesses, import_file
from arogya.modules.patients.models import Patient as _Patient
from arogya.modules.patients.mrn import MrnTaken
from arogya.modules.patients.opening import open_account, register_self
from arogya.modules.patients.own.claiming import is_phone_known, open_by_pass
from arogya.modules.patients.own.passes import (
    NewPass,
    NoPassFor,
    give_pass,
    look_at_pass,
    take_pass,
)
from arogya.modules.patients.persons import person_records, record_ids
from arogya.modules.patients.ports import (
    Booked,
    HistoryEntry,
    HistorySource,
    LastVisit,
    VisitSource,
    add_history_source,
    add_visit_source,
)
from arogya.modules.patients.queries import holders
from arogya.modules.patients.schemas import Consent, Contact, Identifier, PrivacyNotice, RegisterPatient
from arogya.modules.patients.search import found_ids
from arogya.modules.patients.service import IdentifierTaken, register, set_active
from arogya.modules.patients.telling import Recipient, recipients

patients_table = _Patient.__table__
"""For joins in the reads of modules above, which go through `identities` for what they show of one patient."""

__all__ = [
    "AccountPatient",
    "Birth",
    "Booked",
    "Consent",
    "Contact",
    "FileOptions",
    "GrantPurpose",
    "HistoryEntry",
    "HistorySource",
    "Identifier",
    "IdentifierTaken",
    "ImportTold",
    "LastVisit",
    "MrnTaken",
    "NewPass",
    "NoPassFor",
    "NoRecordGrant",
    "PatientFigures",
    "PatientIdentity",
    "PrivacyNotice",
    "Recipient",
    "RegisterPatient",
    "VisitSource",
    "account_patients",
    "accounts_of",
    "accounts_of_all",
    "add_history_source",
    "add_visit_source",
    "age_on",
    "column_guesses",
    "found_ids",
    "give_pass",
    "grant",
    "holders",
    "identify",
    "identities",
    "import_file",
    "is_phone_known",
    "look_at_pass",
    "open_account",
    "open_by_pass",
    "open_record",
    "patient_figures",
    "patients_table",
    "person_records",
    "recipients",
    "record_ids",
    "register",
    "register_self",
    "registered_by_day",
    "set_active",
    "take_pass",
    "user_ids_of",
]
