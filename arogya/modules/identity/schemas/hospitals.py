"""Bodies of the platform's hospitals."""

from datetime import datetime
from uuid import UUID

from pydantic import ConfigDict

from arogya.modules.identity.fields import Language, Username
from arogya.modules.identity.schemas.users import OneTimePassword
from arogya.modules.organizations.api import FacilityCode, OrganizationCode, TimeZone
from arogya.platform.bodies import Body, Name, Read


class HospitalRead(Read):
    id: UUID
    name: str
    code: str
    status: str
    created_at: datetime
    facilities_count: int


class CreateHospital(Body):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "Neem Hospital", "code": "NH", "facility_name": "Neem Hospital, Pune",
                    "time_zone": "Asia/Kolkata", "language": "en", "admin_name": "Meera Kulkarni",
                    "admin_username": "meera",
                }
            ]
        }
    )  # fmt: skip

    name: Name
    code: OrganizationCode
    facility_name: Name
    facility_code: FacilityCode = "MAIN"
    time_zone: TimeZone = "Asia/Kolkata"
    language: Language = "en"
    admin_name: Name
    admin_username: Username


class CreatedHospital(HospitalRead, OneTimePassword):
    pass
