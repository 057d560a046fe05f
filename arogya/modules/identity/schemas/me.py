"""Bodies of one's own account."""

from datetime import datetime
from uuid import UUID

from pydantic import ConfigDict, Field

from arogya.modules.identity.fields import Language
from arogya.platform.bodies import Body, Read


class ChangeMe(Body):
    model_config = ConfigDict(json_schema_extra={"examples": [{"language": "hi"}]})

    language: Language


class Person(Read):
    id: UUID
    name: str
    language: str
    is_platform_admin: bool


class MyOrganization(Read):
    id: UUID
    name: str
    code: str
    time_zone: str
    language: str
    is_solo: bool
    country: str


class OwnRole(Read):
    """A role that the hospital made itself, as it names it."""

    id: UUID
    name: str
    name_hi: str | None


class MyMembership(Read):
    """role: a built-in one; null where custom_role says which of the hospital's own it is."""

    id: UUID
    organization_id: UUID
    organization_name: str
    facility_id: UUID | None
    facility_name: str | None
    role: str | None
    custom_role: OwnRole | None
    valid_until: datetime | None


class MyFacility(Read):
    id: UUID
    name: str
    code: str
    time_zone: str


class MyPatient(Read):
    """A patient for whom the user signs in. relation: self, guardian or carer."""

    id: UUID
    name: str
    relation: str


class Me(Read):
    """The signed-in person, and what they may do in the hospital that the token names."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "user": {
                        "id": "0190f3c2-7a10-7c3e-9a53-0d6a7f1b2c3d",
                        "name": "Ravi Desk",
                        "language": "en",
                        "is_platform_admin": False,
                    },
                    "organization": {
                        "id": "0190f3c2-7a10-7c3e-9a53-0d6a7f1b2c3e",
                        "name": "Neem Hospital",
                        "code": "NH",
                        "time_zone": "Asia/Kolkata",
                        "language": "en",
                        "is_solo": False,
                        "country": "IN",
                    },
                    "memberships": [
                        {
                            "id": "0190f3c2-7a10-7c3e-9a53-0d6a7f1b2c3f",
                            "organization_id": "0190f3c2-7a10-7c3e-9a53-0d6a7f1b2c3e",
                            "organization_name": "Neem Hospital",
                            "facility_id": None,
                            "facility_name": None,
                            "role": "receptionist",
                            "custom_role": None,
                            "valid_until": None,
                        }
                    ],
                    "roles": ["receptionist"],
                    "permissions": ["account.own", "patient.read"],
                    "facilities": [],
                    "practitioner_id": None,
                    "patients": [],
                }
            ]
        }
    )

    user: Person
    organization: MyOrganization | None
    memberships: list[MyMembership]
    roles: list[str]
    permissions: list[str]
    facilities: list[MyFacility]
    practitioner_id: UUID | None
    patients: list[MyPatient]
    needs_second_factor: bool = Field(
        default=False, description="The hospital asks its staff for one: until it is set up, nothing else may be done."
    )
    has_password: bool = Field(default=True, description="false: signs in by a code on the phone, or a slip.")
