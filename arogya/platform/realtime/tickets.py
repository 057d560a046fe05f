"""Tickets: a browser can't send its access token as it opens a socket, so it buys a word that is good for one."""

import secrets
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import LargeBinary, delete
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from arogya.platform.access import Claims, Context
from arogya.platform.base import TenantOwned
from arogya.platform.bearer_tokens import hash_of
from arogya.platform.clock import Clock
from arogya.platform.database import Database
from arogya.platform.errors import Unauthenticated

TICKET_FOR = timedelta(seconds=30)


class RealtimeTicket(TenantOwned):
    """A one-use word that lets a browser open a socket, where it can't send its access token in a header."""

    __tablename__ = "realtime_tickets"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    claims: Mapped[dict[str, str]] = mapped_column(JSONB)
    expires_at: Mapped[datetime]


async def issue_ticket(ctx: Context, claims: Claims) -> str:
    """A word good for one socket within 30 s. Only its hash is kept."""
    word = secrets.token_urlsafe(32)
    ctx.add(
        RealtimeTicket(
            token_hash=hash_of(word),
            claims={"kind": claims.kind, "subject": str(claims.subject_id), "session": str(claims.session_id)},
            expires_at=ctx.now() + TICKET_FOR,
        )
    )
    return f"{ctx.organization_id.hex}.{word}"


async def redeem(database: Database, clock: Clock, ticket: str) -> Claims:
    """Use the ticket up. Raises Unauthenticated."""
    tenant, _, word = ticket.partition(".")
    try:
        organization_id = UUID(tenant)
    except ValueError:
        raise Unauthenticated from None
    async with database.transaction(organization_id) as session:
        used = await session.execute(
            delete(RealtimeTicket)
            .where(RealtimeTicket.token_hash == hash_of(word))
            .returning(RealtimeTicket.claims, RealtimeTicket.expires_at)
        )
        row = used.one_or_none()
        await session.execute(delete(RealtimeTicket).where(RealtimeTicket.expires_at < clock.now()))
    if row is None or row.expires_at < clock.now():
        raise Unauthenticated
    told = row.claims
    return Claims(told["kind"], UUID(told["subject"]), UUID(told["session"]), organization_id)
