"""Bodies of users and their roles."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field, model_validator

from arogya.modules.identity.fields import Email, Phone, Username
from arogya.modules.identity.schemas.me import OwnRole
from arogya.platform.bodies import Body, Name, Read
from arogya.policy import Role


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
