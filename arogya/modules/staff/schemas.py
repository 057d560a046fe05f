"""Words that the bodies of practitioners and staff share."""

from typing import Annotated, Any

from fastapi import Query
from pydantic import AfterValidator, StringConstraints

from arogya.platform.bodies import Name

Phone = Annotated[str, StringConstraints(min_length=3, max_length=32, pattern=r"^\+?[0-9][0-9 ()./-]*$")]
"""As it is dialled; staff phones are not searched by."""
Email = Annotated[str, StringConstraints(max_length=254, pattern=r"^[^\s@]+@[^\s@]+\.[^\s@]+$")]
Code = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=r"^\S(.*\S)?$")]
"""A number that someone else gave: registration, employee, salary grade."""


def _no_doubles(names: list[str]) -> list[str]:
    if len({name.casefold() for name in names}) != len(names):
        raise ValueError("the same one stands twice")
    return names


Languages = Annotated[list[Name], AfterValidator(_no_doubles)]


def not_emptied(value: Any) -> Any:
    """For a change: a field may be left out, but one that every record has can't be sent as null."""
    if value is None:
        raise ValueError("this can't be left empty")
    return value


Search = Annotated[str, Query(max_length=200)]
IsActive = Annotated[bool | None, Query(description="Left out: the active ones.")]
AllOfThem = Annotated[bool, Query(alias="all", description="The active and the inactive.")]


def wanted_state(is_active: bool | None, everything: bool) -> bool | None:
    """None is both."""
    return None if everything else is_active is not False
