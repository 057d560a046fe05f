"""Bodies of requests and responses about patients."""

from datetime import date, datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError

from arogya.modules.patients.ages import OLDEST_YEARS
from arogya.modules.patients.identifiers import IdentifierKind, kept_form
from arogya.modules.patients.names import words
from arogya.platform.bodies import Body, Line, Name, Read
from arogya.platform.paging import MAX_LIMIT

Gender = Literal["male", "female", "other", "unknown"]
BloodGroup = Literal["A+", "A-", "B+", "B-", "AB+", "AB-", "O+", "O-"]
RelativeKind = Literal["S/o", "D/o", "W/o", "C/o"]


def _with_a_word(value: str) -> str:
    if not words(value):
        raise PydanticCustomError("no_word", "A name has at least one letter")
    return value


PatientName = Annotated[Name, AfterValidator(_with_a_word)]
PhoneText = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=r"\d")]
"""As it was told: families share one, and those of other countries are kept as they came."""
Email = Annotated[
    str, StringConstraints(max_length=254, pattern=r"^[^@\s<>\"]+@[^@\s<>\".]+(\.[^@\s<>\".]+)+$")
]  # fmt: skip
LanguageTag = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$")]
Mrn = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9/._-]{0,39}$", to_upper=True)]
"""In capitals, as those that are counted: `nh-000007` is nobody else than `NH-000007`."""
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
PostalCode = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9 -]{1,11}$")]
Purpose = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{1,39}$")]
Version = Annotated[str, StringConstraints(min_length=1, max_length=40)]


class Identifier(Body):
    """system: who gave an external number, a URI; left out for the kinds that have one issuer."""

    kind: IdentifierKind
    system: Annotated[str, StringConstraints(max_length=200)] = ""
    value: Annotated[str, StringConstraints(min_length=1, max_length=120)]

    @model_validator(mode="after")
    def _kept_form(self) -> Self:
        if self.kind == "external" and not self.system:
            raise PydanticCustomError("system_required", "Say who gave an external number")
        self.value = kept_form(self.kind, self.value)
        return self


class Contact(Body):
    name: Name
    relation: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    phone: PhoneText | None = None
    is_emergency: bool = True
    is_guardian: bool = False


class PrivacyNotice(Body):
    """Which notice was shown, and in which language."""

    version: Version
    language: LanguageTag


class Consent(Body):
    """An optional purpose, asked apart from the notice."""

    purpose: Purpose
    is_given: bool


class _Details(Body):
    """What may be known of a patient, and changed later."""

    name_local: PatientName | None = None
    relative_kind: RelativeKind | None = None
    relative_name: Name | None = None
    birth_date: date | None = None
    age_years: Annotated[int, Field(ge=0, le=OLDEST_YEARS)] | None = None
    age_months: Annotated[int, Field(ge=0, le=59)] | None = None
    blood_group: BloodGroup | None = None
    email: Email | None = None
    address_line: Line | None = None
    city: Name | None = None
    district: Name | None = None
    state: Name | None = None
    postal_code: PostalCode | None = None
    country: Country | None = None
    mother_id: UUID | None = None
    privacy_notice: PrivacyNotice | None = None

    @model_validator(mode="after")
    def _one_way_to_tell_the_age(self) -> Self:
        if self.birth_date is not None and (self.age_years, self.age_months) != (None, None):
            raise PydanticCustomError("birth_date_or_age", "Send a birth date or an age, not both")
        return self


class RegisterPatient(_Details):
    """A name is enough where it is one word. Without one: an unknown patient, or the baby of `mother_id`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "Kavita Rane",
                    "gender": "female",
                    "birth_date": "1990-04-12",
                    "phones": ["90000 11207"],
                    "identifiers": [{"kind": "abha_number", "value": "91-0000-0000-0007"}],
                    "contacts": [{"name": "Suresh Rane", "relation": "husband", "phone": "90000 11208"}],
                    "relative_kind": "W/o",
                    "relative_name": "Suresh Rane",
                    "language": "hi",
                    "privacy_notice": {"version": "2026-01", "language": "hi"},
                },
                {"name": "Ramu", "gender": "male", "age_years": 62},
                {"gender": "male", "is_unknown": True, "is_medico_legal": True, "age_years": 40},
            ]
        }
    )

    name: PatientName | None = None
    gender: Gender
    mrn: Mrn | None = Field(default=None, description="An earlier number to keep. Left out: the next one is given.")
    phones: Annotated[list[PhoneText], Field(max_length=10)] = Field(default_factory=list)
    identifiers: Annotated[list[Identifier], Field(max_length=20)] = Field(default_factory=list)
    contacts: Annotated[list[Contact], Field(max_length=10)] = Field(default_factory=list)
    consents: Annotated[list[Consent], Field(max_length=20)] = Field(default_factory=list)
    language: LanguageTag | None = Field(default=None, description="Left out: the hospital's.")
    is_unknown: bool = False
    is_medico_legal: bool = False
    is_deceased: bool = False


class ChangePatient(_Details):
    """What is left out stays as it is; null empties what may be empty; a list replaces the list."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"phones": ["90000 11209"], "city": "Nagpur", "is_medico_legal": True}]}
    )

    name: PatientName | None = None
    gender: Gender | None = None
    mrn: Mrn | None = None
    phones: Annotated[list[PhoneText], Field(max_length=10)] | None = None
    identifiers: Annotated[list[Identifier], Field(max_length=20)] | None = None
    contacts: Annotated[list[Contact], Field(max_length=10)] | None = None
    consents: Annotated[list[Consent], Field(max_length=20)] | None = None
    language: LanguageTag | None = None
    is_unknown: bool | None = None
    is_medico_legal: bool | None = None
    is_deceased: bool | None = None


class WantedPatients(BaseModel):
    """The query of `GET /api/patients`."""

    search: Annotated[str, StringConstraints(max_length=200)] = Field(
        default="", description="Names in any order of words, the beginning or end of a phone number, MRN, ABHA."
    )
    blood_group: BloodGroup | None = None
    gender: Gender | None = None
    is_active: bool = True
    all: bool = Field(default=False, description="Active and inactive ones.")
    skip: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT)] = 50


class SearchPatients(WantedPatients, Body):
    """As the query of `GET /api/patients`, but in the body: what is typed stays out of addresses and logs."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"search": "rane kav", "limit": 20}]})


class FindSimilar(Body):
    """What is typed so far of a new patient."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "Kavita Rane", "phone": "90000 11207", "birth_date": "1990-04-12"}]}
    )

    name: Annotated[str, StringConstraints(max_length=120)] | None = None
    phone: Annotated[str, StringConstraints(max_length=40)] | None = None
    birth_date: date | None = None
    age_years: Annotated[int, Field(ge=0, le=OLDEST_YEARS)] | None = None


_RECORD: JsonDict = {
    "id": "0190f3c2-7a10-7c3e-9a53-0d6a7f1b2c3d", "mrn": "NH-000123", "name": "Kavita Rane",
    "name_local": "कविता राणे", "relative_kind": "W/o", "relative_name": "Suresh Rane", "birth_date": "1990-04-12",
    "birth_date_precision": "day", "age_years": 36, "age_months": 7, "gender": "female", "blood_group": "B+",
    "email": None, "language": "hi", "address_line": "12, Test Road", "city": "Pune", "district": "Pune",
    "state": "Maharashtra", "postal_code": "411001", "country": "IN",
    "phones": [{"number": "90000 11207", "e164": "+919000011207"}],
    "identifiers": [{"kind": "abha_number", "system": "", "value": "91000000000007"}],
    "contacts": [
        {"name": "Suresh Rane", "relation": "husband", "phone": "90000 11208", "is_emergency": True,
         "is_guardian": False},
    ],
    "mother_id": None, "is_unknown": False, "is_medico_legal": False, "is_deceased": False, "is_active": True,
    "merged_into_id": None, "merged_records": [], "former_names": [], "has_photo": False,
    "privacy_notice_version": "2026-01", "privacy_notice_language": "hi",
    "privacy_notice_at": "2026-11-23T04:30:00Z", "consents": [], "created_at": "2026-11-23T04:30:00Z",
    "updated_at": "2026-11-23T04:30:00Z", "version": 1,
}  # fmt: skip


class PhoneRead(Read):
    number: str
    e164: str | None


class IdentifierRead(Read):
    kind: str
    system: str
    value: str


class ContactRead(Read):
    name: str
    relation: str
    phone: str | None
    is_emergency: bool
    is_guardian: bool


class ConsentRead(Read):
    purpose: str
    is_given: bool
    at: datetime


class FormerNameRead(Read):
    """until: when the record was renamed."""

    name: str
    name_local: str | None
    was_unknown: bool
    until: datetime


class MergedRecordRead(Read):
    """A record that was merged into this one; it is found and opened by its old number as well."""

    id: UUID
    mrn: str
    name: str


class PatientRead(Read):
    model_config = ConfigDict(json_schema_extra={"examples": [_RECORD]})

    id: UUID
    mrn: str
    name: str
    name_local: str | None
    relative_kind: str | None
    relative_name: str | None
    birth_date: date | None
    birth_date_precision: str
    age_years: int | None
    age_months: int | None
    gender: str
    blood_group: str | None
    email: str | None
    language: str
    address_line: str | None
    city: str | None
    district: str | None
    state: str | None
    postal_code: str | None
    country: str | None
    phones: list[PhoneRead]
    identifiers: list[IdentifierRead]
    contacts: list[ContactRead]
    mother_id: UUID | None
    is_unknown: bool
    is_medico_legal: bool
    is_deceased: bool
    is_active: bool
    merged_into_id: UUID | None
    merged_records: list[MergedRecordRead]
    former_names: list[FormerNameRead]
    has_photo: bool
    privacy_notice_version: str | None
    privacy_notice_language: str | None
    privacy_notice_at: datetime | None
    consents: list[ConsentRead]
    created_at: datetime
    updated_at: datetime
    version: int


class RegistrationWarning(Read):
    """`abha_check_digit`, or `possible_duplicate` with the other patient's id and why."""

    code: Literal["abha_check_digit", "possible_duplicate"]
    patient_id: UUID | None = None
    because: list[str] = Field(default_factory=list)


class PatientRegisteredRead(PatientRead):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    **_RECORD,
                    "warnings": [
                        {
                            "code": "possible_duplicate", "patient_id": "0190f3c2-7a10-7c3e-9a53-0d6a7f1b2c3e",
                            "because": ["name", "birth_date"],
                        }
                    ],
                }
            ]
        }
    )  # fmt: skip

    warnings: list[RegistrationWarning]


class LastVisitRead(Read):
    practitioner_id: UUID
    practitioner_name: str
    at: datetime


class PatientRow(Read):
    """A patient in a list."""

    id: UUID
    mrn: str
    name: str
    name_local: str | None
    gender: str
    birth_date: date | None
    age_years: int | None
    age_months: int | None
    blood_group: str | None
    phone: str | None
    is_active: bool
    is_unknown: bool
    is_medico_legal: bool
    merged_records: list[MergedRecordRead]
    last_visit: LastVisitRead | None


class SimilarRow(PatientRow):
    because: list[Literal["phone", "name", "birth_date"]]


class Similar(Read):
    items: list[SimilarRow]


class HistoryEntryRead(Read):
    kind: str
    at: datetime
    title: str
    facility_id: UUID | None
    practitioner_id: UUID | None
    practitioner_name: str | None
    status: str | None
    details: dict[str, Any]
    record_id: UUID | None = Field(description="The record of the person under which it stands.")
