"""The words that bodies of signing in, of accounts and of users are made of."""

from typing import Annotated, Literal

from pydantic import AfterValidator, StringConstraints

Password = Annotated[str, StringConstraints(strip_whitespace=False, min_length=1, max_length=512)]
"""Taken as typed: a space at the end is part of it. How long a new one must be is said by passwords.refuse_weak."""
SignInName = Annotated[str, StringConstraints(min_length=1, max_length=254)]


def _username(value: str) -> str:
    return value.casefold()


Username = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9._-]{1,39}$"), AfterValidator(_username)]
"""Begins with a letter and holds no @: so it is never taken for a phone number or an e-mail address."""
Email = Annotated[str, StringConstraints(pattern=r"^[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+$", max_length=254)]
Phone = Annotated[str, StringConstraints(pattern=r"^\+?[0-9][0-9 ()/-]{4,30}$")]
Language = Literal["en", "hi"]
Client = Literal["browser", "api"]
