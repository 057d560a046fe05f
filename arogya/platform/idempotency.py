"""One effect for one Idempotency-Key, however often a nervous finger or a bad line sends it.

The key is inserted first, in the business transaction: a second request waits for the first one's commit and then
re-reads what it made, with today's permissions. A refusal rolls the key back, so that a later try may succeed.
"""

import re
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Protocol, TypeVar, cast
from uuid import UUID

from sqlalchemy import (
    DateTime,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
    Uuid,
    bindparam,
    delete,
    select,
    text,
    update,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from arogya.platform.access import Context
from arogya.platform.base import TenantOwned
from arogya.platform.clock import new_id
from arogya.platform.errors import Conflict, Invalid
from arogya.platform.prepared import execute, prepare, scalar

KEPT_FOR = timedelta(hours=24)
REPEATABLE = {
    "parameters": [
        {
            "name": "Idempotency-Key",
            "in": "header",
            "required": False,
            "schema": {"type": "string", "minLength": 1, "maxLength": 128},
            "description": "Any word of one's own, without spaces. Sent again within 24 hours with the same body, "
            "the request has no second effect and the answer is the first one's record.",
        }
    ]
}
"""What the description of a route says (`openapi_extra`) that does its work `once`."""
_KEY = re.compile(r"[\x21-\x7e]{1,128}")
_LOCK_NOT_AVAILABLE = "55P03"


class IdempotencyKey(TenantOwned):
    __tablename__ = "idempotency_keys"
    __table_args__ = (UniqueConstraint("organization_id", "user_id", "route", "key"),)

    user_id: Mapped[UUID]
    route: Mapped[str]
    key: Mapped[str]
    body_hash: Mapped[bytes] = mapped_column(LargeBinary)
    resource_id: Mapped[UUID | None]
    created_at: Mapped[datetime]


# One trip. Only here does it wait 2 s at most for a lock; where the key is taken, no other lock follows.
_CLAIM = prepare(text("""
WITH patience AS MATERIALIZED (SELECT set_config('lock_timeout', '2s', true))
INSERT INTO idempotency_keys (organization_id, id, user_id, route, key, body_hash, created_at)
SELECT :organization_id, :id, :user_id, :route, :key, :body_hash, :created_at FROM patience
ON CONFLICT DO NOTHING RETURNING id, set_config('lock_timeout', '0', true)
""").bindparams(
    bindparam("organization_id", type_=Uuid), bindparam("id", type_=Uuid), bindparam("user_id", type_=Uuid),
    bindparam("route", type_=String), bindparam("key", type_=String), bindparam("body_hash", type_=LargeBinary),
    bindparam("created_at", type_=DateTime(timezone=True)),
))  # fmt: skip
_DONE = prepare(
    update(cast(Table, IdempotencyKey.__table__))
    .where(IdempotencyKey.id == bindparam("row_id"))
    .values(resource_id=bindparam("made"))
)


class InProgress(Conflict):
    code, title = "in_progress", "The same request is still being worked on"


class KeyReused(Invalid):
    code, title = "idempotency_key_reused", "This Idempotency-Key was used for another request"


class Resource(Protocol):
    @property
    def id(self) -> UUID: ...


R = TypeVar("R", bound=Resource)


async def once(ctx: Context, do: Callable[[], Awaitable[R]], reread: Callable[[UUID], Awaitable[R]]) -> R:
    """Do it, or, where this key did it before, read again what it made.

    Without a key it is simply done. Raises InProgress after 2 s behind a twin, KeyReused for another body.
    """
    if ctx.idempotency_key is None or ctx.user_id is None:
        return await do()
    if not _KEY.fullmatch(ctx.idempotency_key):
        raise Invalid.field("Idempotency-Key", "1 to 128 printable characters without spaces")
    row_id = await _claim(ctx)
    if row_id is None:
        return await reread(await _made_before(ctx))
    made = await do()
    await execute(ctx.session, _DONE, {"row_id": row_id, "made": made.id})
    return made


async def _claim(ctx: Context) -> UUID | None:
    """The new key's row, or None where a finished request holds it."""
    fresh = {
        "organization_id": ctx.organization_id, "id": new_id(), "user_id": ctx.user_id, "route": ctx.route,
        "key": ctx.idempotency_key, "body_hash": ctx.body_hash, "created_at": ctx.now(),
    }  # fmt: skip
    try:
        claimed: UUID | None = await scalar(ctx.session, _CLAIM, fresh)
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) == _LOCK_NOT_AVAILABLE:
            raise InProgress(headers={"Retry-After": "1"}) from None
        raise
    return claimed


async def _made_before(ctx: Context) -> UUID:
    row = (
        await ctx.session.execute(
            select(IdempotencyKey.body_hash, IdempotencyKey.resource_id).where(
                IdempotencyKey.user_id == ctx.user_id,
                IdempotencyKey.route == ctx.route,
                IdempotencyKey.key == ctx.idempotency_key,
            )
        )
    ).one()
    if row.body_hash != ctx.body_hash:
        raise KeyReused
    if row.resource_id is None:
        raise InProgress(headers={"Retry-After": "1"})
    resource_id: UUID = row.resource_id
    return resource_id


async def purge(session: AsyncSession, now: datetime) -> None:
    await session.execute(delete(IdempotencyKey).where(IdempotencyKey.created_at < now - KEPT_FOR))
