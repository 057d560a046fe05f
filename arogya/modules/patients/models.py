from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from arogya.platform.base import Edited, Recorded, TenantOwned, TenantScoped, within_tenant


class Patient(Edited, TenantOwned):
    __tablename__ = "patients"
    __table_args__ = (
        UniqueConstraint("organization_id", "mrn", name="uq_patients_mrn"),
        CheckConstraint("gender IN ('male', 'female', 'other', 'unknown')", name="gender"),
        CheckConstraint("blood_group IN ('A+', 'A-', 'B+', 'B-', 'AB+', 'AB-', 'O+', 'O-')", name="blood_group"),
        CheckConstraint("birth_date_precision IN ('day', 'month', 'year')", name="birth_date_precision"),
        CheckConstraint("relative_kind IN ('S/o', 'D/o', 'W/o', 'C/o')", name="relative_kind"),
        within_tenant("mother_id", "patients"),
        within_tenant("merged_into_id", "patients"),
        CheckConstraint("merged_into_id IS NULL OR (merged_into_id <> id AND NOT is_active)", name="merged"),
        Index(
            "ix_patients_merged_into", "organization_id", "merged_into_id",
            postgresql_where=text("merged_into_id IS NOT NULL"),
        ),
        Index("ix_patients_sort_name", "organization_id", "sort_name", "id"),
        Index("ix_patients_birth_date", "organization_id", "birth_date"),
    )  # fmt: skip

    mrn: Mapped[str]
    name: Mapped[str]
    name_local: Mapped[str | None]
    """The name in the patient's own script, where they give it."""
    sort_name: Mapped[str] = mapped_column(String(collation="C"))
    relative_kind: Mapped[str | None]
    relative_name: Mapped[str | None]
    birth_date: Mapped[date | None]
    birth_date_precision: Mapped[str] = mapped_column(default="day")
    """'year' or 'month' where an age was told instead of a date."""
    gender: Mapped[str]
    blood_group: Mapped[str | None]
    email: Mapped[str | None]
    language: Mapped[str] = mapped_column(default="en")
    address_line: Mapped[str | None]
    city: Mapped[str | None]
    district: Mapped[str | None]
    state: Mapped[str | None]
    postal_code: Mapped[str | None]
    country: Mapped[str | None]
    mother_id: Mapped[UUID | None]
    """For "Baby of …"."""
    is_unknown: Mapped[bool] = mapped_column(default=False)
    is_medico_legal: Mapped[bool] = mapped_column(default=False)
    is_deceased: Mapped[bool] = mapped_column(default=False)
    is_active: Mapped[bool] = mapped_column(default=True)
    merged_into_id: Mapped[UUID | None]
    """The record in whose stead this one was kept; never one that is merged itself. See `persons.py`."""
    privacy_notice_version: Mapped[str | None]
    privacy_notice_language: Mapped[str | None]
    privacy_notice_at: Mapped[datetime | None]


class PatientIdentifier(Recorded, TenantOwned):
    """A number by which others know the patient. system: who gave an external one (a URI), '' for the kinds we know."""

    __tablename__ = "patient_identifiers"
    __table_args__ = (
        within_tenant("patient_id", "patients"),
        CheckConstraint(
            "kind IN ('abha_number', 'abha_address', 'aadhaar_last4', 'passport', 'driving_licence', 'ssn', "
            "'external')",
            name="kind",
        ),
        Index("ix_patient_identifiers_patient", "organization_id", "patient_id"),
        Index(
            "uq_patient_identifiers_value", "organization_id", "kind", "system", "value", unique=True,
            postgresql_where=text("kind IN ('abha_number', 'abha_address', 'passport', 'external')"),
        ),
    )  # fmt: skip

    patient_id: Mapped[UUID]
    kind: Mapped[str]
    system: Mapped[str] = mapped_column(default="")
    value: Mapped[str]


class PatientPhone(Recorded, TenantOwned):
    """A family shares one phone: never unique. e164 is None where the number can't be read as one."""

    __tablename__ = "patient_phones"
    __table_args__ = (
        within_tenant("patient_id", "patients"),
        Index("ix_patient_phones_patient", "organization_id", "patient_id"),
        Index("ix_patient_phones_e164", "organization_id", "e164"),
    )

    patient_id: Mapped[UUID]
    number: Mapped[str]
    e164: Mapped[str | None]
    position: Mapped[int] = mapped_column(default=0)


class PatientContact(Recorded, TenantOwned):
    """Someone to call, or who acts for a child."""

    __tablename__ = "patient_contacts"
    __table_args__ = (
        within_tenant("patient_id", "patients"),
        Index("ix_patient_contacts_patient", "organization_id", "patient_id"),
    )

    patient_id: Mapped[UUID]
    name: Mapped[str]
    relation: Mapped[str]
    phone: Mapped[str | None]
    is_emergency: Mapped[bool] = mapped_column(default=True)
    is_guardian: Mapped[bool] = mapped_column(default=False)
    position: Mapped[int] = mapped_column(default=0)


class PatientPhoto(Edited, TenantOwned):
    """A re-encoded JPEG, at most 512 px a side; id is the patient's."""

    __tablename__ = "patient_photos"
    __table_args__ = (within_tenant("id", "patients"),)

    content: Mapped[bytes] = mapped_column(LargeBinary)


class PatientConsent(Recorded, TenantOwned):
    """An optional purpose that the patient agreed to or refused; the newest of a purpose counts."""

    __tablename__ = "patient_consents"
    __table_args__ = (
        within_tenant("patient_id", "patients"),
        Index("ix_patient_consents_patient", "organization_id", "patient_id", "purpose", "created_at"),
    )

    patient_id: Mapped[UUID]
    purpose: Mapped[str]
    is_given: Mapped[bool]
    notice_version: Mapped[str]
    notice_language: Mapped[str]


class PatientAccount(Recorded, TenantOwned):
    """That a user signs in for a patient."""

    __tablename__ = "patient_accounts"
    __table_args__ = (
        within_tenant("patient_id", "patients"),
        CheckConstraint("relation IN ('self', 'guardian', 'carer')", name="relation"),
        Index("ix_patient_accounts_user", "organization_id", "user_id"),
        Index("ix_patient_accounts_patient", "organization_id", "patient_id"),
    )

    patient_id: Mapped[UUID]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    relation: Mapped[str]
    valid_from: Mapped[datetime]
    valid_until: Mapped[datetime | None]


class RecordGrant(Recorded, TenantOwned):
    """A live right of a user to open one chart, and where it came from."""

    __tablename__ = "record_grants"
    __table_args__ = (
        within_tenant("patient_id", "patients"),
        CheckConstraint("purpose IN ('treatment', 'consent', 'share', 'break-glass')", name="purpose"),
        UniqueConstraint("organization_id", "user_id", "patient_id", "purpose", "source", "source_id"),
    )

    patient_id: Mapped[UUID]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    purpose: Mapped[str]
    source: Mapped[str]
    source_id: Mapped[UUID]
    valid_from: Mapped[datetime]
    valid_until: Mapped[datetime | None]


class PatientTerm(TenantScoped):
    """One searchable form of a patient: `term >= p AND term < next(p)` uses the key, even under row security.

    is_active stands in the key because the desk searches among active patients: the rest need not be looked up.
    """

    __tablename__ = "patient_terms"
    __table_args__ = (
        within_tenant("patient_id", "patients"),
        CheckConstraint("kind IN ('name', 'phone', 'number')", name="kind"),
        Index("ix_patient_terms_patient", "organization_id", "patient_id"),
    )

    is_active: Mapped[bool] = mapped_column(primary_key=True, default=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    term: Mapped[str] = mapped_column(String(collation="C"), primary_key=True)
    sort_name: Mapped[str] = mapped_column(String(collation="C"), primary_key=True)
    patient_id: Mapped[UUID] = mapped_column(primary_key=True)


class NameWord(TenantScoped):
    """A word of somebody's name, and how it sounds. Words stay when the name goes: they name nobody by themselves."""

    __tablename__ = "name_words"
    __table_args__ = (Index("ix_name_words_sound", "organization_id", "sound", "word"),)

    word: Mapped[str] = mapped_column(String(collation="C"), primary_key=True)
    sound: Mapped[str] = mapped_column(String(collation="C"))


class NameWordDeletion(TenantScoped):
    """A word of `name_words` with one letter left out, or none: what it shares with its misspellings."""

    __tablename__ = "name_word_deletions"

    deletion: Mapped[str] = mapped_column(String(collation="C"), primary_key=True)
    word: Mapped[str] = mapped_column(String(collation="C"), primary_key=True)


class MrnCounter(TenantScoped):
    """The last MRN given in the organization."""

    __tablename__ = "mrn_counters"

    last: Mapped[int]


class PatientImport(Recorded, TenantOwned):
    """One file of another system's patients, and how far it is taken in. Lines are counted as a spreadsheet shows them.

    lines_done counts lines that were looked at, by the step that runs or ran last; last_line is the last one's number.
    """

    __tablename__ = "patient_imports"
    __table_args__ = (
        CheckConstraint(
            "status IN ('uploaded', 'checking', 'checked', 'running', 'done', 'failed', 'cancelled', 'undoing', "
            "'undone')",
            name="status",
        ),
        CheckConstraint("existing IN ('refuse', 'skip')", name="existing"),
        CheckConstraint("date_order IN ('dmy', 'mdy')", name="date_order"),
        Index("ix_patient_imports_created_at", "organization_id", "created_at"),
    )

    filename: Mapped[str]
    form: Mapped[str]
    size_bytes: Mapped[int]
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    headings: Mapped[list[str]] = mapped_column(ARRAY(String))
    mapping: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """What is taken → the column that it stands in, from 0."""
    existing: Mapped[str] = mapped_column(default="refuse")
    date_order: Mapped[str | None]
    status: Mapped[str] = mapped_column(default="uploaded")
    lines_total: Mapped[int | None]
    lines_done: Mapped[int] = mapped_column(default=0)
    last_line: Mapped[int] = mapped_column(default=0)
    taken: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    skipped: Mapped[int] = mapped_column(default=0)
    undone: Mapped[int] = mapped_column(default=0)
    failure: Mapped[str | None]
    run_by: Mapped[UUID | None]
    run_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class PatientImportFile(TenantOwned):
    """The bytes that were sent, until all of it is in; id is the import's."""

    __tablename__ = "patient_import_files"
    __table_args__ = (within_tenant("id", "patient_imports"),)

    content: Mapped[bytes] = mapped_column(LargeBinary)


class PatientImportLine(TenantScoped):
    """A line that became a patient. That no line becomes two is this key's to see to."""

    __tablename__ = "patient_import_lines"
    __table_args__ = (
        within_tenant("import_id", "patient_imports"),
        within_tenant("patient_id", "patients"),
        Index("ix_patient_import_lines_patient", "organization_id", "patient_id"),
    )

    import_id: Mapped[UUID] = mapped_column(primary_key=True)
    line: Mapped[int] = mapped_column(primary_key=True)
    patient_id: Mapped[UUID]


class PatientImportRefusal(TenantScoped):
    """A line that was not taken: its cells as they came, and why. reasons: `{"field", "code", "message"}`."""

    __tablename__ = "patient_import_refusals"
    __table_args__ = (within_tenant("import_id", "patient_imports"),)

    import_id: Mapped[UUID] = mapped_column(primary_key=True)
    line: Mapped[int] = mapped_column(primary_key=True)
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    cells: Mapped[list[str]] = mapped_column(ARRAY(String))


class PatientMerge(Recorded, TenantOwned):
    """That two records are one person's: the link by which reads go from one to the other, until it is undone.

    Links make trees: `patients.merged_into_id` is where the links of a record end. created_at and created_by are of
    the merge.
    """

    __tablename__ = "patient_merges"
    __table_args__ = (
        within_tenant("survivor_id", "patients"),
        within_tenant("merged_id", "patients"),
        CheckConstraint("survivor_id <> merged_id", name="two"),
        CheckConstraint("(undone_at IS NULL) OR (undone_at >= created_at)", name="undone"),
        Index(
            "uq_patient_merges_live", "organization_id", "merged_id", unique=True,
            postgresql_where=text("undone_at IS NULL"),
        ),
        Index("ix_patient_merges_survivor", "organization_id", "survivor_id"),
        Index("ix_patient_merges_merged", "organization_id", "merged_id"),
    )  # fmt: skip

    survivor_id: Mapped[UUID]
    merged_id: Mapped[UUID]
    was_active: Mapped[bool]
    """Whether the merged record was, before: so it is again when the merge is undone."""
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[UUID | None]


class PatientFormerName(Recorded, TenantOwned):
    """A name under which a record stood before; created_at, created_by: of the renaming."""

    __tablename__ = "patient_former_names"
    __table_args__ = (
        within_tenant("patient_id", "patients"),
        Index("ix_patient_former_names_patient", "organization_id", "patient_id"),
    )

    patient_id: Mapped[UUID]
    name: Mapped[str]
    name_local: Mapped[str | None]
    was_unknown: Mapped[bool]


class PatientMatchKey(TenantScoped):
    """What a record has in common with whom it may be: two with one key are compared. `likely/keys.py` makes it."""

    __tablename__ = "patient_match_keys"
    __table_args__ = (
        within_tenant("patient_id", "patients"),
        Index("ix_patient_match_keys_patient", "organization_id", "patient_id"),
    )

    key: Mapped[str] = mapped_column(String(collation="C"), primary_key=True)
    patient_id: Mapped[UUID] = mapped_column(primary_key=True)
    written_at: Mapped[datetime]


class PatientDuplicate(Recorded, TenantOwned):
    """Two records that are likely one person's, how likely and why; or that somebody said they are not."""

    __tablename__ = "patient_duplicates"
    __table_args__ = (
        within_tenant("first_id", "patients"),
        within_tenant("second_id", "patients"),
        CheckConstraint("first_id < second_id", name="order"),
        CheckConstraint("score BETWEEN 0 AND 100", name="score"),
        CheckConstraint("status IN ('open', 'different')", name="status"),
        CheckConstraint("(status = 'different') = (decided_at IS NOT NULL)", name="decided"),
        UniqueConstraint("organization_id", "first_id", "second_id", name="uq_patient_duplicates_pair"),
        Index("ix_patient_duplicates_second", "organization_id", "second_id"),
        Index("ix_patient_duplicates_score", "organization_id", "status", text("score DESC"), "id"),
    )

    first_id: Mapped[UUID]
    second_id: Mapped[UUID]
    score: Mapped[int]
    because: Mapped[list[str]] = mapped_column(ARRAY(String))
    status: Mapped[str] = mapped_column(default="open")
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[UUID | None]


class PatientPass(Recorded, TenantOwned):
    """The one-time QR of a slip: whoever scans it and knows the year of birth signs in for the patient.

    Only a hash is kept. A new one ends the ones before it.
    """

    __tablename__ = "patient_passes"
    __table_args__ = (
        within_tenant("patient_id", "patients"),
        UniqueConstraint("organization_id", "token_hash", name="uq_patient_passes_token_hash"),
        Index("ix_patient_passes_patient", "organization_id", "patient_id"),
    )

    patient_id: Mapped[UUID]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary)
    expires_at: Mapped[datetime]
    failures: Mapped[int] = mapped_column(default=0)
    used_at: Mapped[datetime | None]


class PatientClaimTries(TenantScoped):
    """How often a user failed to show that a record is theirs; the desk's next pass forgets it."""

    __tablename__ = "patient_claim_tries"
    __table_args__ = (within_tenant("patient_id", "patients"),)

    patient_id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    failures: Mapped[int]
    last_failure_at: Mapped[datetime]
