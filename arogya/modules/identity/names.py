"""What people sign in with, in the one form in which it is kept."""

from dataclasses import dataclass
from typing import Literal

import phonenumbers

_HOME_REGION = "IN"


@dataclass(frozen=True, slots=True)
class SignInName:
    """A user name, an e-mail address or a phone number, normalised."""

    kind: Literal["username", "email", "phone"]
    value: str


def email_name(address: str) -> SignInName:
    return SignInName("email", address.strip().casefold())


def phone_name(number: str) -> SignInName | None:
    """None where it can't be read as a phone number. A number without a country is one of ours."""
    try:
        parsed = phonenumbers.parse(number, _HOME_REGION)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(parsed):
        return None
    return SignInName("phone", phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))


def read_name(typed: str) -> SignInName:
    """What was meant by what was typed; the three kinds can't be mistaken for each other."""
    if "@" in typed:
        return email_name(typed)
    if typed[:1].isalpha():
        return SignInName("username", typed.casefold())
    return phone_name(typed) or SignInName("username", typed.casefold())
