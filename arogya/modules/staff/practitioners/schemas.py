from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, field_validator
from pydantic.config import JsonDict

from arogya.modules.staff.schemas import Code, Email, Languages, Phone, not_emptied
from arogya.platform.bodies import Body, Name, Read

Kind = Literal["practitioner", "service"]
Gender = Literal["male", "female", "other", "unknown"]
Title = Annotated[str, StringConstraints(max_length=20)]
Room = Annotated[str, StringConstraints(min_length=1, max_length=60)]
Year = Annotated[int, Field(ge=1930, le=2100)]
Paise = Annotated[int, Field(ge=0, le=100_000_000, description="Integer paise: ₹600 is 60000.")]

_EXAMPLE: JsonDict = {
    "title": "Dr",
    "name": "Kavita Iyer",
    "gender": "female",
    "specialty": "General medicine",
    "department_id": "0190f3c2-7a10-7c3e-9a53-0d6a7f1b2c3d",
    "registration_number": "MMC-2012-4471",
    "registration_council": "Maharashtra Medical Council",
    "qualifications": [{"degree": "MBBS", "institution": "Test Medical College", "year": 2012}],
    "languages": ["en", "hi", "mr"],
    "practising_since": 2013,
    "consultation_fee_paise": 60000,
    "phone": "+91 90000 11207",
    "email": "kavita.iyer@hospital.example",
    "facilities": [{"facility_id": "0190f3c2-7a10-7c3e-9a53-0d6a7f1b2c3e", "room": "4", "floor": "first floor"}],
}
_SERVICE: JsonDict = {
    "kind": "service",
    "name": "X-ray",
    "department_id": "0190f3c2-7a10-7c3e-9a53-0d6a7f1b2c3d",
    "consultation_fee_paise": 40000,
    "visit_minutes": 10,
    "facilities": [{"facility_id": "0190f3c2-7a10-7c3e-9a53-0d6a7f1b2c3e"}],
}
_KEPT: JsonDict = {
    "id": "0190f3c2-7a10-7c3e-9a53-0d6a7f1b2c3f",
    "kind": "practitioner",
    "visit_minutes": 15,
    "user_id": None,
    "department_name": "General medicine",
    "department_name_hi": "सामान्य चिकित्सा",
    "is_active": True,
    "version": 1,
}


class QualificationBody(Body):
    degree: Name
    institution: Name | None = None
    year: Year | None = None


class WorkplaceBody(Body):
    facility_id: UUID
    room: Room | None = None
    floor: Room | None = None


def _each_branch_once(places: list[WorkplaceBody]) -> list[WorkplaceBody]:
    if len({place.facility_id for place in places}) != len(places):
        raise ValueError("the same facility stands twice")
    return places


Qualifications = Annotated[list[QualificationBody], Field(max_length=30)]
VisitMinutes = Annotated[int, Field(ge=5, le=240)]
OF_A_PERSON = ("registration_number", "registration_council", "qualifications", "languages", "practising_since",
               "user_id", "specialty")  # fmt: skip
"""What a service can't have."""
Workplaces = Annotated[list[WorkplaceBody], Field(max_length=50), AfterValidator(_each_branch_once)]


class AddPractitioner(Body):
    """kind `service`: what is booked and is nobody, such as X-ray; it has no title, registration, qualifications or
    user. title left out: Dr, or none for a service. visit_minutes: how long one visit usually takes."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE, _SERVICE]})

    kind: Kind = "practitioner"
    name: Name = Field(description="Without the title.")
    title: Title | None = None
    gender: Gender = "unknown"
    specialty: Name | None = None
    department_id: UUID | None = None
    registration_number: Code | None = None
    registration_council: Name | None = None
    qualifications: Qualifications = Field(default_factory=list)
    languages: Languages = Field(default_factory=list, max_length=30)
    practising_since: Year | None = None
    consultation_fee_paise: Paise = 0
    visit_minutes: VisitMinutes | None = None
    phone: Phone | None = None
    email: Email | None = None
    user_id: UUID | None = None
    facilities: Workplaces = Field(default_factory=list)


class ChangePractitioner(Body):
    """Only what is sent changes; `facilities` and `qualifications` are replaced whole."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"consultation_fee_paise": 70000}]})

    name: Name | None = None
    title: Title | None = None
    gender: Gender | None = None
    specialty: Name | None = None
    department_id: UUID | None = None
    registration_number: Code | None = None
    registration_council: Name | None = None
    qualifications: Qualifications | None = None
    languages: Annotated[Languages, Field(max_length=30)] | None = None
    practising_since: Year | None = None
    consultation_fee_paise: Paise | None = None
    visit_minutes: VisitMinutes | None = None
    phone: Phone | None = None
    email: Email | None = None
    user_id: UUID | None = None
    facilities: Workplaces | None = None

    _not_emptied = field_validator(
        "name", "title", "gender", "qualifications", "languages", "consultation_fee_paise", "facilities"
    )(not_emptied)


class QualificationRead(Read):
    degree: str
    institution: str | None
    year: int | None


class WorkplaceRead(Read):
    facility_id: UUID
    room: str | None
    floor: str | None


class PractitionerRead(Read):
    """kind: a clinician, or a service, which is nobody. phone, email and user_id are null for patients."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE | _KEPT]})

    id: UUID
    kind: Kind
    user_id: UUID | None
    title: str
    name: str
    gender: str
    specialty: str | None
    department_id: UUID | None
    department_name: str | None
    department_name_hi: str | None
    registration_number: str | None
    registration_council: str | None
    qualifications: list[QualificationRead]
    languages: list[str]
    practising_since: int | None
    consultation_fee_paise: int
    visit_minutes: int | None
    phone: str | None
    email: str | None
    facilities: list[WorkplaceRead]
    is_active: bool
    version: int
