"""The live socket: who hears what (from policy.py), and the two operations that open one."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import Request
from pydantic import Field

from arogya.modules.patients import api as patients
from arogya.platform.access import Actor, Context, bearer, requires
from arogya.platform.bodies import Read
from arogya.platform.clock import Clock
from arogya.platform.database import Database
from arogya.platform.realtime.handshake import OpenSocket, requires_ticket
from arogya.platform.realtime.hub import newest_seq
from arogya.platform.realtime.tickets import issue_ticket
from arogya.platform.web import Router
from arogya.policy import TOPIC_PERMISSIONS, Permission

router = Router(prefix="/api/realtime", tags=["live"])


class Ticket(Read):
    """Good for one socket within 30 s."""

    ticket: str
    seq: int = Field(description="The newest event's number: a first socket resumes from it and misses nothing since")


@router.post("/ticket", status_code=201, response_model=Ticket)
async def issue_realtime_ticket(request: Request, ctx: Annotated[Context, requires(Permission.LIVE_LISTEN)]) -> Ticket:
    """A one-use ticket: the first message of a new socket at `/api/realtime` is `{"ticket", "since"}`."""
    claims = request.app.state.authenticator.read(bearer(request))
    return Ticket(ticket=await issue_ticket(ctx, claims), seq=await newest_seq(ctx.session))


@router.websocket("")
async def listen_live(opened: Annotated[OpenSocket | None, requires_ticket(Permission.LIVE_LISTEN)]) -> None:
    """Changes as they happen: ids only; the client reads what changed through the API."""
    if opened is None:
        return
    hub = opened.socket.app.state.hub
    await hub.serve(opened.socket, opened.ctx, await hub.prepare(opened.ctx), opened.since)


class LiveAudience:
    """Staff hear a topic by permission and branch, patients what names them, users their own notifications."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    async def prepared_now(self, organization_id: UUID, actors: Sequence[Actor]) -> list[object]:
        """A guardian's access lapses with a birthday, and the desk ends others': no event says so to each socket."""
        user_ids = {actor.user_id for actor in actors if actor.user_id is not None}
        async with self._database.transaction(organization_id) as session:
            found = await patients.accounts_of_all(session, user_ids, self._clock.now())
        return [frozenset(map(str, found.get(actor.user_id, ()) if actor.user_id else ())) for actor in actors]

    async def prepare(self, ctx: Context) -> frozenset[str]:
        """The ids of the patients that the actor signs in for."""
        if ctx.user_id is None:
            return frozenset()
        async with ctx.database.transaction(ctx.organization_id, ctx.user_id) as session:
            return frozenset(str(p) for p in await patients.accounts_of(session, ctx.user_id, ctx.now()))

    def hears(self, actor: Actor, prepared: object, topic: str, ids: dict[str, Any]) -> dict[str, Any] | None:
        if topic == "notifications":
            return ids if ids.get("user_id") == str(actor.user_id) else None
        scopes = [scope for p in TOPIC_PERMISSIONS.get(topic, ()) if (scope := actor.scope(p)) is not None]
        if not scopes:
            return None
        if any(not s.own_only and (s.facilities is None or _at(ids, s.facilities)) for s in scopes):
            return _nameless(ids) if actor.kind == "device" else ids
        if not any(s.own_only for s in scopes):
            return None
        if topic in {"queue", "schedules", "holds", "organization"}:
            return _nameless(ids)
        return ids if isinstance(prepared, frozenset) and ids.get("patient_id") in prepared else None


def _at(ids: dict[str, Any], facilities: frozenset[Any]) -> bool:
    facility_id = ids.get("facility_id")
    return facility_id is None or facility_id in {str(f) for f in facilities}


def _nameless(ids: dict[str, Any]) -> dict[str, Any]:
    """That something moved, and where, but not for whom."""
    return {k: v for k, v in ids.items() if k in {"practitioner_id", "facility_id"}}
