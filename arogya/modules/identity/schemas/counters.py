"""Bodies of shared counters and of one's PIN."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field, StringConstraints

from arogya.modules.identity.fields import Password
from arogya.platform.bodies import Body, Name, Read

Pin = Annotated[str, StringConstraints(pattern=r"^[0-9]{4,6}$")]
IdleMinutes = Annotated[int, Field(ge=1, le=60)]


class CounterPersonRead(Read):
    """needs_password: has no PIN, or it is locked here until they sign in with their password."""

    id: UUID
    name: str
    needs_password: bool


class CounterState(Read):
    """people: who typed their password here within a day."""

    id: UUID
    name: str
    organization_name: str
    idle_minutes: int
    people: list[CounterPersonRead]


class ThisComputer(Read):
    """counter: null where this browser is no shared counter."""

    counter: CounterState | None


class PinSignIn(Body):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"user_id": "0190f3c2-7a10-7c3e-9a53-0d6a7f1b2c3d", "pin": "4826"}]}
    )

    user_id: UUID
    pin: Pin = Field(repr=False)


class MyPin(Read):
    is_set: bool


class SetPin(Body):
    model_config = ConfigDict(json_schema_extra={"examples": [{"current": "monsoon umbrella", "pin": "4826"}]})

    current: Password = Field(repr=False, description="The password, or whoever finds the page open could set a PIN.")
    pin: Pin = Field(repr=False)


class CounterRead(Read):
    id: UUID
    name: str
    facility_id: UUID
    idle_minutes: int
    is_active: bool
    created_at: datetime
    version: int


class ShareCounter(Body):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"name": "Front desk 1", "facility_id": "0190f3c2-7a10-7c3e-9a53-0d6a7f1b2c3d"}]
        }
    )

    name: Name
    facility_id: UUID
    idle_minutes: IdleMinutes = 3


class ChangeCounter(Body):
    """What is left out stays as it is."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"idle_minutes": 5}]})

    name: Name | None = None
    idle_minutes: IdleMinutes | None = None
