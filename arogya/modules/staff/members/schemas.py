from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import ConfigDict, StringConstraints, field_validator
from pydantic.config import JsonDict

from arogya.modules.staff.schemas import Code, Email, Phone, not_emptied
from arogya.platform.bodies import Body, Name, Read

Shift = Literal["general", "morning", "evening", "night"]
Grade = Annotated[str, StringConstraints(min_length=1, max_length=20)]

_EXAMPLE: JsonDict = {
    "employee_number": "E-0117",
    "name": "Ramesh Test",
    "designation": "Ward clerk",
    "department_id": None,
    "facility_id": "0190f3c2-7a10-7c3e-9a53-0d6a7f1b2c3e",
    "shift": "morning",
    "salary_grade": "C2",
    "joined_on": "2024-04-01",
    "left_on": None,
    "phone": "+91 90000 11208",
    "email": "ramesh@hospital.example",
}
_KEPT: JsonDict = {
    "id": "0190f3c2-7a10-7c3e-9a53-0d6a7f1b2c3f",
    "user_id": None,
    "department_id": None,
    "department_name": None,
    "facility_name": "Nagpur branch",
    "is_active": True,
    "version": 1,
}


class AddStaffMember(Body):
    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    name: Name
    designation: Name
    employee_number: Code | None = None
    department_id: UUID | None = None
    facility_id: UUID | None = None
    shift: Shift = "general"
    salary_grade: Grade | None = None
    joined_on: date | None = None
    left_on: date | None = None
    phone: Phone | None = None
    email: Email | None = None
    user_id: UUID | None = None


class ChangeStaffMember(Body):
    """Only what is sent changes."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"shift": "night"}]})

    name: Name | None = None
    designation: Name | None = None
    employee_number: Code | None = None
    department_id: UUID | None = None
    facility_id: UUID | None = None
    shift: Shift | None = None
    salary_grade: Grade | None = None
    joined_on: date | None = None
    left_on: date | None = None
    phone: Phone | None = None
    email: Email | None = None
    user_id: UUID | None = None

    _not_emptied = field_validator("name", "designation", "shift")(not_emptied)


class StaffMemberRead(Read):
    """salary_grade is null for those who don't manage staff."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE | _KEPT]})

    id: UUID
    user_id: UUID | None
    employee_number: str | None
    name: str
    designation: str
    department_id: UUID | None
    department_name: str | None
    facility_id: UUID | None
    facility_name: str | None
    shift: str
    salary_grade: str | None
    joined_on: date | None
    left_on: date | None
    phone: str | None
    email: str | None
    is_active: bool
    version: int
