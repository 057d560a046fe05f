"""Bodies of what is done by a link in a letter: a new password, an e-mail address, an invitation."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import ConfigDict, Field, StringConstraints

from arogya.modules.identity.fields import Email, Language, Password, SignInName, Username
from arogya.platform.bodies import Body, Name, Read
from arogya.policy import Role

LinkToken = Annotated[str, StringConstraints(min_length=1, max_length=200)]
"""What stands behind the # of a link's address, where no server's log sees it."""
_TOKEN = "from-the-address-of-the-link"  # noqa: S105 - an example


class ForgotPassword(Body):
    model_config = ConfigDict(json_schema_extra={"examples": [{"username": "reception"}]})

    username: SignInName = Field(description="A user name, or a verified e-mail address or phone number.")


class ResetPassword(Body):
    model_config = ConfigDict(json_schema_extra={"examples": [{"token": _TOKEN, "password": "lantern by the lake"}]})

    token: LinkToken = Field(repr=False)
    password: Password = Field(repr=False)


class ChangeEmail(Body):
    model_config = ConfigDict(json_schema_extra={"examples": [{"email": "asha@mail.example"}]})

    email: Email


class VerifyEmail(Body):
    model_config = ConfigDict(json_schema_extra={"examples": [{"token": _TOKEN}]})

    token: LinkToken = Field(repr=False)


class Invite(Body):
    model_config = ConfigDict(json_schema_extra={"examples": [{"email": "ravi@mail.example", "role": "receptionist"}]})

    email: Email
    role: Role
    facility_id: UUID | None = Field(default=None, description="null: every facility of the hospital.")


class InvitationRead(Read):
    """sent_at: when the newest letter was handed over; null while it waits for that."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "0190f3c2-7a10-7c3e-9a53-0d6a7f1b2c3d",
                    "email": "ravi@mail.example",
                    "role": "receptionist",
                    "facility_id": None,
                    "facility_name": None,
                    "status": "open",
                    "created_at": "2026-11-23T04:30:00Z",
                    "sent_at": "2026-11-23T04:30:05Z",
                    "expires_at": "2026-11-30T04:30:00Z",
                }
            ]
        }
    )

    id: UUID
    email: str
    role: str
    facility_id: UUID | None
    facility_name: str | None
    status: Literal["open", "expired"]
    created_at: datetime
    sent_at: datetime | None
    expires_at: datetime


class LookAtInvitation(Body):
    model_config = ConfigDict(json_schema_extra={"examples": [{"token": _TOKEN}]})

    token: LinkToken = Field(repr=False)


class OfferedPlace(Read):
    """What an invitation offers. has_account: this address signs in already, and only agrees."""

    hospital: str
    role: str
    email: str
    has_account: bool


class NewAccount(Body):
    """Who the invited person is and how they will sign in."""

    name: Name
    username: Username
    password: Password = Field(repr=False)
    language: Language = "en"


class AcceptInvitation(Body):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "token": _TOKEN,
                    "account": {"name": "Ravi Desk", "username": "ravi", "password": "lantern by the lake"},
                }
            ]
        }
    )

    token: LinkToken = Field(repr=False)
    account: NewAccount | None = Field(default=None, description="Left out where `has_account`.")
