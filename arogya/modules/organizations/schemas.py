"""Bodies of the hospital's own pages."""

import re
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID
from zoneinfo import available_timezones

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints

from arogya.platform.bodies import Body, Line, Name, Read

_ZONES = available_timezones()


def _known_zone(value: str) -> str:
    if value not in _ZONES:
        raise ValueError("a time zone such as Asia/Kolkata")
    return value


def _gstin(value: str) -> str:
    if not re.fullmatch(r"\d{2}[A-Z]{5}\d{4}[A-Z][0-9A-Z]Z[0-9A-Z]", value):
        raise ValueError("15 characters, such as 27ABCDE1234F1Z5")
    return value


TimeZone = Annotated[str, StringConstraints(max_length=60), AfterValidator(_known_zone)]
Language = Literal["en", "hi"]
OrganizationCode = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9]{1,7}$")]
"""Short, unique, the prefix of the hospital's UHIDs."""
FacilityCode = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9][A-Z0-9-]{0,9}$")]
Gstin = Annotated[str, AfterValidator(_gstin)]
UpiVpa = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{2,256}@[A-Za-z][A-Za-z0-9]{1,63}$")]
Phone = Annotated[str, StringConstraints(pattern=r"^\+?[0-9][0-9 ()/-]{4,30}$")]
PostalCode = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9 -]{1,11}$")]


class OrganizationRead(Read):
    id: UUID
    name: str
    code: str
    status: str
    country: str
    time_zone: str
    language: str
    is_solo: bool
    is_open_to_registration: bool
    version: int


class ChangeOrganization(Body):
    """What is left out stays as it is."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"language": "hi", "is_open_to_registration": False}]})

    name: Name | None = None
    language: Language | None = None
    time_zone: TimeZone | None = None
    is_open_to_registration: bool | None = None


class FacilityRead(Read):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "0190f3c2-7a10-7c3e-9a53-0d6a7f1b2c3d",
                    "name": "Nagpur branch",
                    "code": "NGP",
                    "phone": "+91 90000 11207",
                    "address_line": "12, Test Road",
                    "city": "Nagpur",
                    "state": "Maharashtra",
                    "postal_code": "440001",
                    "time_zone": "Asia/Kolkata",
                    "gstin": None,
                    "upi_vpa": None,
                    "is_active": True,
                    "created_at": "2026-01-05T04:30:00Z",
                    "updated_at": "2026-01-05T04:30:00Z",
                    "version": 1,
                }
            ]
        }
    )

    id: UUID
    name: str
    code: str
    phone: str | None
    address_line: str | None
    city: str | None
    state: str | None
    postal_code: str | None
    time_zone: str
    gstin: str | None
    upi_vpa: str | None
    is_active: bool
    created_at: datetime
    updated_at: datetime
    version: int


class _FacilityDetails(Body):
    phone: Phone | None = None
    address_line: Line | None = None
    city: Name | None = None
    state: Name | None = None
    postal_code: PostalCode | None = None
    gstin: Gstin | None = None
    upi_vpa: UpiVpa | None = None


class CreateFacility(_FacilityDetails):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"name": "Nagpur branch", "code": "NGP", "city": "Nagpur", "time_zone": "Asia/Kolkata"}]
        }
    )

    name: Name
    code: FacilityCode
    time_zone: TimeZone | None = Field(default=None, description="Left out: the hospital's.")


class ChangeFacility(_FacilityDetails):
    """What is left out stays as it is; null empties what may be empty."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"phone": "+91 90000 11207", "city": "Nagpur"}]})

    name: Name | None = None
    code: FacilityCode | None = None
    time_zone: TimeZone | None = None


class DepartmentRead(Read):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "0190f3c2-7a10-7c3e-9a53-0d6a7f1b2c3d",
                    "name": "Cardiology",
                    "name_hi": "हृदय रोग",
                    "is_active": True,
                    "created_at": "2026-01-05T04:30:00Z",
                    "updated_at": "2026-01-05T04:30:00Z",
                    "version": 1,
                }
            ]
        }
    )

    id: UUID
    name: str
    name_hi: str | None
    is_active: bool
    created_at: datetime
    updated_at: datetime
    version: int


class CreateDepartment(Body):
    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Cardiology", "name_hi": "हृदय रोग"}]})

    name: Name
    name_hi: Name | None = None


class ChangeDepartment(Body):
    """What is left out stays as it is."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Cardiology", "name_hi": "हृदय रोग"}]})

    name: Name | None = None
    name_hi: Name | None = None


class RoomRead(Read):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "0190f3c2-7a10-7c3e-9a53-0d6a7f1b2c3d",
                    "facility_id": "0190f3c2-7a10-7c3e-9a53-0d6a7f1b2c3e",
                    "name": "X-ray",
                    "floor": "ground floor",
                    "note": "behind the pharmacy",
                    "is_active": True,
                    "created_at": "2026-01-05T04:30:00Z",
                    "updated_at": "2026-01-05T04:30:00Z",
                    "version": 1,
                }
            ]
        }
    )

    id: UUID
    facility_id: UUID
    name: str
    floor: str | None
    note: str | None
    is_active: bool
    created_at: datetime
    updated_at: datetime
    version: int


RoomName = Annotated[Name, StringConstraints(max_length=60)]


class CreateRoom(Body):
    """note: how it is found; patients read it, too."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"facility_id": "0190f3c2-7a10-7c3e-9a53-0d6a7f1b2c3e", "name": "X-ray", "floor": "ground floor"}
            ]
        }
    )

    facility_id: UUID
    name: RoomName
    floor: RoomName | None = None
    note: Line | None = None


class ChangeRoom(Body):
    """What is left out stays as it is; null empties what may be empty. A room never moves to another branch."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "X-ray 1", "note": None}]})

    name: RoomName | None = None
    floor: RoomName | None = None
    note: Line | None = None
