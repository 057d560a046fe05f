"""Bodies of signing in, of sessions, of registering oneself and of setting a hospital up."""

from datetime import date, datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from arogya.modules.identity.fields import Client, Language, Password, Phone, SignInName, Username
from arogya.modules.organizations.api import FacilityCode, OrganizationCode, TimeZone
from arogya.platform.bodies import Body, Name, Read


class SignIn(Body):
    model_config = ConfigDict(json_schema_extra={"examples": [{"username": "reception", "password": "arogya-demo"}]})

    username: SignInName = Field(description="A user name, or a verified e-mail address or phone number.")
    password: Password = Field(repr=False)
    new_password: Password | None = Field(
        default=None, repr=False, description="Asked for by `password_change_required`."
    )
    code: Annotated[str, StringConstraints(min_length=1, max_length=40)] | None = Field(
        default=None, repr=False, description="Asked for by `second_factor_needed`: from the app, or a recovery code."
    )
    client: Client = Field(default="browser", description="`api` gets the refresh token in the body, no cookie.")
    organization_id: UUID | None = Field(default=None, description="Left out: the hospital of the last time.")


class RefreshSession(Body):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"refresh_token": "01a2179c-617b-761b-b4f9-3f04ad496d4f.0.Zm9yIHRoZSBkZXNjcmlwdGlvbiBvbmx5"}]
        }
    )

    refresh_token: Annotated[str, StringConstraints(max_length=200)] | None = Field(
        default=None, repr=False, description="For API clients; browsers send their cookie."
    )


class SwitchOrganization(Body):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"organization_id": "0190f3c2-7a10-7c3e-9a53-0d6a7f1b2c3d"}]}
    )

    organization_id: UUID | None = Field(description="null: none, for administrators of the platform.")


class Token(Read):
    """`refresh_token` is there for API clients only."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "access_token": "eyJ0eXAiOiJhdCtqd3Qi…",
                    "token_type": "bearer",
                    "expires_in": 600,
                    "must_change_password": False,
                }
            ]
        }
    )

    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - the scheme of the Authorization header
    expires_in: int
    must_change_password: bool = False
    refresh_token: str | None = None


class SelfRegistration(Body):
    """A patient registers themselves: a user and a patient's record in one."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "Asha Bhosale", "gender": "female", "birth_date": "1990-04-02", "phone": "9000011207",
                    "username": "asha", "password": "monsoon umbrella", "language": "en",
                    "privacy_notice_version": "1",
                }
            ]
        }
    )  # fmt: skip

    organization_id: UUID | None = Field(default=None, description="May be left out where one hospital is open.")
    name: Name
    gender: Literal["male", "female", "other", "unknown"]
    birth_date: date | None = None
    age_years: Annotated[int, Field(ge=0, le=130)] | None = None
    phone: Phone
    username: Username
    password: Password = Field(repr=False)
    language: Language = "en"
    privacy_notice_version: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    client: Client = "browser"

    @model_validator(mode="after")
    def _one_age(self) -> Self:
        if (self.birth_date is None) == (self.age_years is None):
            raise ValueError("give either birth_date or age_years")
        return self


class OpenHospital(Read):
    id: UUID
    name: str
    code: str


class OpenHospitals(Read):
    items: list[OpenHospital]


class SetupState(Read):
    needed: bool


class SetUp(Body):
    """The first hospital and its administrator. code: what the terminal printed."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "code": "ABCD-EFGH-IJKL-MNOP", "hospital_name": "Neem Hospital", "hospital_code": "NH",
                    "facility_name": "Neem Hospital, Pune", "time_zone": "Asia/Kolkata", "language": "en",
                    "preset": "hospital", "admin_name": "Meera Kulkarni", "username": "meera",
                    "password": "monsoon umbrella",
                }
            ]
        }
    )  # fmt: skip

    code: Annotated[str, StringConstraints(max_length=60)]
    hospital_name: Name
    hospital_code: OrganizationCode
    facility_name: Name
    facility_code: FacilityCode = "MAIN"
    time_zone: TimeZone = "Asia/Kolkata"
    language: Language = "en"
    preset: Literal["hospital", "solo"] = "hospital"
    admin_name: Name
    username: Username
    password: Password = Field(repr=False)
    client: Client = "browser"


class UserSessionRead(Read):
    id: UUID
    user_agent: str
    address: str
    created_at: datetime
    last_seen_at: datetime
    is_current: bool


class SessionList(Read):
    items: list[UserSessionRead]


class ChangePassword(Body):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"current": "monsoon umbrella", "new": "lantern by the lake"}]}
    )

    current: Password = Field(repr=False)
    new: Password = Field(repr=False)
