"""Phone numbers: kept as they came, read where they can be."""

import unicodedata

import phonenumbers


def e164(number: str, country: str) -> str | None:
    """`+919000011207`, or None where the number is none that exists. country: where one without a prefix is from."""
    try:
        parsed = phonenumbers.parse(number, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def national(number: str, read: str | None) -> str:
    """The digits that people say: without the country's code. read: the number as `e164` gave it."""
    if read is None:
        return "".join(str(unicodedata.decimal(c)) for c in number if c.isdecimal())
    return phonenumbers.national_significant_number(phonenumbers.parse(read))
