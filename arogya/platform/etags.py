"""ETag and If-Match on what two people may edit: the row's version."""

import re
from typing import Annotated, Protocol

from fastapi import Header, Response

from arogya.platform.errors import Invalid, PreconditionFailed

IfMatch = Annotated[
    str | None,
    Header(alias="If-Match", description='The ETag that was read, e.g. `"3"`. Left out, the last write wins.'),
]


class Versioned(Protocol):
    @property
    def version(self) -> int: ...


def show_version(response: Response, row: Versioned) -> None:
    response.headers["ETag"] = f'"{row.version}"'


def check_version(row: Versioned, if_match: str | None) -> None:
    """Refuse where the record changed since it was read. Raises PreconditionFailed."""
    if if_match is None or if_match.strip() == "*":
        return
    tag = re.fullmatch(r'(?:W/)?"?(\d{1,9})"?', if_match.strip())
    if tag is None:
        raise Invalid.field("If-Match", 'an ETag such as "3"')
    if int(tag[1]) != row.version:
        raise PreconditionFailed(headers={"ETag": f'"{row.version}"'})
