"""Bodies of signing in with a code on the phone, or with the QR of a slip."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import ConfigDict, Field, StringConstraints

from arogya.modules.identity.fields import Client, Language, Phone
from arogya.platform.bodies import Body, Read

SlipToken = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{43}$")]


class AskCode(Body):
    model_config = ConfigDict(json_schema_extra={"examples": [{"phone": "9000011207", "language": "hi"}]})

    phone: Phone
    language: Language = Field(default="en", description="The language of the text message.")


class CodeAsked(Read):
    """The same for every number: a text message is on its way if somebody here has it."""

    code_id: UUID
    expires_in_s: int
    again_in_s: int = Field(description="When the next code may be asked for; longer each time.")


class SignInWithCode(Body):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"code_id": "0190f3c2-7a10-7c3e-9a53-0d6a7f1b2c3d", "code": "204518"}]}
    )

    code_id: UUID
    code: Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")] = Field(repr=False)
    language: Language = Field(default="en", description="Of a new account.")
    client: Client = "browser"


class ShowSlip(Body):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"token": "AZDzwnoQfD6aUw1qfxssPSdJ2xqWk0wR8t3yLk5mQpA"}]}
    )

    token: SlipToken = Field(repr=False)


class SlipRead(Read):
    """Whose record it opens, by no more than tells one of a family from another."""

    hospital_name: str
    first_name: str
    initial: str
    age_years: int | None
    is_child: bool


class SignInWithSlip(Body):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"token": "AZDzwnoQfD6aUw1qfxssPSdJ2xqWk0wR8t3yLk5mQpA", "birth_year": 1990}]}
    )

    token: SlipToken = Field(repr=False)
    birth_year: Annotated[int, Field(ge=1880, le=2200)] = Field(repr=False)
    relation: Literal["self", "carer"] = Field(default="self", description="For a child it is always guardian.")
    language: Language = Field(default="en", description="Of a new account.")
    client: Client = "browser"
