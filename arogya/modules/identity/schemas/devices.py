"""Bodies of displays: their links and their tokens."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import ConfigDict, Field, StringConstraints

from arogya.platform.bodies import Body, Name, Read


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
