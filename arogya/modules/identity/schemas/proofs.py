"""Bodies of the second factor, of step-up, and of what a hospital asks at the door."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from arogya.modules.identity.fields import Password
from arogya.platform.bodies import Body, Read

Code = Annotated[str, StringConstraints(min_length=6, max_length=40)]
"""Six digits from the app, or a recovery code."""


class SecondFactorSetUp(Read):
    """Shown once. app_address: what the picture holds, for a phone that is this very screen."""

    secret: str
    app_address: str
    qr_svg: str


class ConfirmSecondFactor(Body):
    model_config = ConfigDict(json_schema_extra={"examples": [{"code": "492039"}]})

    code: Code = Field(repr=False)


class RecoveryCodes(Read):
    """Shown once: each is good one time in place of the phone's code."""

    codes: list[str]


class MySignIn(Read):
    """How one signs in. pending_email: waits until its link is opened."""

    username: str
    email: str | None
    pending_email: str | None
    phone: str | None
    has_second_factor: bool
    recovery_codes_left: int
    second_factor_demanded: bool


class StepUp(Body):
    """Either the password or a code. open_window: let this device sign for as long as the hospital allows."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"password": "monsoon umbrella", "open_window": False}]})

    password: Password | None = Field(default=None, repr=False)
    code: Code | None = Field(default=None, repr=False)
    open_window: bool = False

    @model_validator(mode="after")
    def _one_proof(self) -> Self:
        if (self.password is None) == (self.code is None):
            raise ValueError("give either password or code")
        return self


class ProofRead(Read):
    """Until when this session counts as proved, and this device's window stands open."""

    proved_until: datetime
    window_until: datetime | None


class SignInRulesRead(Read):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"second_factor_demanded": True, "window_minutes": 60, "version": 1}]}
    )

    second_factor_demanded: bool
    window_minutes: int
    version: int


class ChangeSignInRules(Body):
    """What is left out stays as it is.

    second_factor_demanded: staff need one from their next sign-in on. window_minutes: how long one step-up lets its
    device sign what is signed many times a day; 0 is never.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [{"second_factor_demanded": True}]})

    second_factor_demanded: bool | None = None
    window_minutes: Annotated[int, Field(ge=0, le=720)] | None = None
