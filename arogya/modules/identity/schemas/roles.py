"""Bodies of the page of roles."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from arogya.platform.bodies import Body, Name, Read
from arogya.policy import Permission

Permissions = Annotated[list[Permission], Field(max_length=100)]


class CustomRoleRead(Read):
    """holders_count: how many people hold it now. permissions: those beyond what every role may."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "0190f3c2-7a10-7c3e-9a53-0d6a7f1b2c3d",
                    "name": "Desk lead",
                    "name_hi": "डेस्क प्रमुख",
                    "permissions": ["patient.read", "schedule.manage"],
                    "is_active": True,
                    "holders_count": 2,
                    "version": 1,
                }
            ]
        }
    )

    id: UUID
    name: str
    name_hi: str | None
    permissions: list[str]
    is_active: bool
    holders_count: int
    version: int


class BuiltInRole(Read):
    """own_only: what it may reaches only records that the user has an account for."""

    role: str
    permissions: list[str]
    own_only: bool


class RolePermission(Read):
    """in_own_roles: whether a hospital's own role always holds it, may hold it, or never."""

    code: str
    in_own_roles: Literal["always", "may", "never"]


class RolePage(Read):
    """The whole matrix: every permission, the built-in roles, and the hospital's own, the inactive too."""

    permissions: list[RolePermission]
    built_in: list[BuiltInRole]
    own: list[CustomRoleRead]


class CreateCustomRole(Body):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"name": "Desk lead", "name_hi": "डेस्क प्रमुख", "permissions": ["patient.read", "schedule.manage"]}
            ]
        }
    )

    name: Name
    name_hi: Name | None = None
    permissions: Permissions


class ChangeCustomRole(Body):
    """What is left out stays as it is; permissions are given as a whole."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"permissions": ["patient.read"]}]})

    name: Name | None = None
    name_hi: Name | None = None
    permissions: Permissions | None = None
