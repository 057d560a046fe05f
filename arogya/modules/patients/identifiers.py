"""The numbers by which others know a patient, in the form in which they are kept."""

import re
from typing import Literal

from pydantic_core import PydanticCustomError
from stdnum import luhn

IdentifierKind = Literal[
    "abha_number", "abha_address", "aadhaar_last4", "passport", "driving_licence", "ssn", "external"
]
UNIQUE_KINDS = frozenset({"abha_number", "abha_address", "passport", "external"})
"""Of which one number is one person. The schema's index uq_patient_identifiers_value says the same."""


def kept_form(kind: str, value: str) -> str:
    """The value as it is stored. Raises PydanticCustomError where its form can't be right."""
    match kind:
        case "abha_number":
            digits = re.sub(r"[ -]", "", value)
            _insist(re.fullmatch(r"[0-9]{14}", digits), "abha_format", "An ABHA number has 14 digits")
            return digits
        case "abha_address":
            address = value.casefold()
            good = re.fullmatch(r"[a-z0-9](?:[a-z0-9._]{0,48}[a-z0-9])?@[a-z]{2,20}", address)
            _insist(good, "abha_address_format", "An ABHA address looks like name@abdm")
            return address
        case "aadhaar_last4":
            _insist(re.fullmatch(r"[0-9]{4}", value), "aadhaar_last4", "Only the last four digits of an Aadhaar number")
            return value
        case "passport":
            number = re.sub(r"[ -]", "", value).upper()
            _insist(re.fullmatch(r"[A-Z0-9]{5,20}", number), "passport_format", "A passport number: letters and digits")
            return number
    return value


def _insist(holds: object, code: str, message: str) -> None:
    if not holds:
        raise PydanticCustomError(code, message)


def check_digit_fails(kind: str, value: str) -> bool:
    """Whether the last digit contradicts the others. Only warns: the issuer publishes no rule.

    Numbers that its sandbox gives out hold Luhn's check (and none Verhoeff's, which Aadhaar uses).
    """
    return kind == "abha_number" and not luhn.is_valid(value)
