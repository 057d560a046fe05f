"""People who can really sign in, where the world's users only hold tokens."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx2

from arogya.modules.identity.api import add_membership, create_user, hash_password
from arogya.platform.database import Database
from arogya.policy import Role

PASSWORD = "monsoon umbrella"


@dataclass(frozen=True)
class Person:
    user_id: UUID
    username: str
    password: str
    organization_id: UUID


async def make_person(
    database: Database,
    organization_id: UUID,
    now: datetime,
    *,
    username: str = "asha",
    password: str = PASSWORD,
    roles: Sequence[Role] = (Role.RECEPTIONIST,),
    facility_id: UUID | None = None,
    valid_from: datetime | None = None,
    valid_until: datetime | None = None,
    **more: Any,
) -> Person:
    """A user with these roles at one branch, or all. more: as for identity.api.create_user."""
    async with database.transaction(organization_id) as session:
        user_id = await create_user(
            session, name=f"{username} of the tests", username=username, password_hash=hash_password(password),
            now=now, **more,
        )  # fmt: skip
        for role in roles:
            await add_membership(
                session, user_id, role, now=now, facility_id=facility_id, valid_from=valid_from,
                valid_until=valid_until,
            )  # fmt: skip
    return Person(user_id, username, password, organization_id)


async def sign_in(
    client: httpx2.AsyncClient, username: str, password: str = PASSWORD, /, *, headers: Any = None, **more: Any
) -> httpx2.Response:
    body = {"username": username, "password": password, **more}
    return await client.post("/api/auth/login", json=body, headers=headers)


def bearer(answer: httpx2.Response) -> dict[str, str]:
    """The headers of the one who was signed in by this answer."""
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}
