"""Bodies of signing in, of one's own account, and of users and their roles."""

from datetime import date, datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, ConfigDict, Field, StringConstraints, model_validator

from arogya.modules.organizations.api import FacilityCode, OrganizationCode, TimeZone
from arogya.platform.bodies import Body, Name, Read
from arogya.policy import Role

Password = Annotated[str, StringConstraints(strip_whitespace=False, min_length=1, max_length=512)]
"""Taken as typed: a space at the end is part of it. How long a new one must be is said by passwords.refuse_weak."""
SignInName = Annotated[str, StringConstraints(min_length=1, max_length=254)]


def _username(value: str) -> str:
    return value.casefold()


Username = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9._-]{1,39}$"), AfterValidator(_username)]
"""Begins with a letter and holds no @: so it is never taken for a phone number or an e-mail address."""
Email = Annotated[str, StringConstraints(pattern=r"^[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+$", max_length=254)]
Phone = Annotated[str, StringConstraints(pattern=r"^\+?[0-9][0-9 ()/-]{4,30}$")]
Language = Literal["en", "hi"]
Client = Literal["browser", "api"]


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


class SessionRead(Read):
    id: UUID
    user_agent: str
    address: str
    created_at: datetime
    last_seen_at: datetime
    is_current: bool


class SessionList(Read):
    items: list[SessionRead]


class ChangePassword(Body):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"current": "monsoon umbrella", "new": "lantern by the lake"}]}
    )

    current: Password = Field(repr=False)
    new: Password = Field(repr=False)


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


class MembershipRead(Read):
    """role: a built-in one; null where custom_role says which of the hospital's own it is."""

    id: UUID
    facility_id: UUID | None
    facility_name: str | None
    role: str | None
    custom_role: OwnRole | None
    valid_from: datetime
    valid_until: datetime | None


class UserRead(Read):
    """is_active: holds a role in this hospital now or later."""

    id: UUID
    name: str
    username: str
    email: str | None
    phone: str | None
    is_active: bool
    has_second_factor: bool
    last_seen_at: datetime | None
    memberships: list[MembershipRead]
    version: int


class NewMembership(Body):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "role": "nurse",
                    "facility_id": "0190f3c2-7a10-7c3e-9a53-0d6a7f1b2c3d",
                    "valid_until": "2027-03-31T18:30:00Z",
                }
            ]
        }
    )

    role: Role | None = Field(default=None, description="A built-in role; else name one of the hospital's own.")
    custom_role_id: UUID | None = None
    facility_id: UUID | None = Field(default=None, description="null: every facility of the hospital.")
    valid_from: AwareDatetime | None = Field(default=None, description="Left out: now.")
    valid_until: AwareDatetime | None = None

    @model_validator(mode="after")
    def _one_role(self) -> Self:
        if (self.role is None) == (self.custom_role_id is None):
            raise ValueError("give either role or custom_role_id")
        return self

    def called(self) -> dict[str, str]:
        """What is given, for the audit."""
        return {"role": self.role.value} if self.role else {"custom_role_id": str(self.custom_role_id)}


class CreateUser(Body):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"name": "Ravi Desk", "username": "ravi", "memberships": [{"role": "receptionist"}]}]
        }
    )

    name: Name
    username: Username
    email: Email | None = Field(default=None, description="May be signed in with: the hospital vouches for it.")
    phone: Phone | None = Field(default=None, description="May be signed in with: the hospital vouches for it.")
    memberships: Annotated[list[NewMembership], Field(min_length=1, max_length=20)]
    practitioner_id: UUID | None = None
    staff_id: UUID | None = None


class OneTimePassword(Read):
    """Shown once, good for 72 hours and for choosing a new one."""

    one_time_password: str


class CreatedUser(UserRead, OneTimePassword):
    pass


class ChangeUser(Body):
    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Ravi Kulkarni"}]})

    name: Name


class CreateDeviceLink(Body):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"name": "Waiting room", "facility_id": "0190f3c2-7a10-7c3e-9a53-0d6a7f1b2c3d"}]
        }
    )

    name: Name
    facility_id: UUID


class DeviceLinkRead(Read):
    id: UUID
    name: str
    facility_id: UUID
    created_at: datetime
    last_seen_at: datetime | None


class CreatedDeviceLink(DeviceLinkRead):
    """link: shown once; whoever has it may show the facility's queue."""

    link: str


class SignInDevice(Body):
    model_config = ConfigDict(json_schema_extra={"examples": [{"token": "from-the-address-of-the-link"}]})

    token: Annotated[str, StringConstraints(max_length=200)] = Field(repr=False)


class DeviceToken(Read):
    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - the scheme of the Authorization header
    expires_in: int
    facility_id: UUID


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
