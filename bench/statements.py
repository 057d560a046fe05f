"""The product's own statements, as a program without row security sends them: each says of which tenant.

So the floor does what the product does today, whatever that has become.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast
from uuid import UUID

from sqlalchemy import CompoundSelect, Delete, Join, Select, Table, Uuid, bindparam, union_all

from arogya.modules.organizations import reads as organizations
from arogya.modules.patients import doors, queries
from arogya.modules.scheduling import booking_rules, fees, walk_ins
from arogya.modules.scheduling.appointments import holds, places, reads
from arogya.modules.scheduling.models import Appointment, QueueToken
from arogya.modules.scheduling.queue import lines as queue_lines
from arogya.modules.scheduling.slots import timetables
from arogya.modules.scheduling.tokens import service as queue_tokens
from arogya.modules.staff.practitioners import reads as staff
from arogya.platform import database, prepared, writing

_TENANT = bindparam("organization_id", type_=Uuid)


def _tables(source: Any, *, is_outer: bool = False) -> Iterator[Any]:
    """Those of a FROM whose rows have a tenant; the outer ones of a join are held to it by what joins them."""
    if isinstance(source, Join):
        yield from _tables(source.left, is_outer=is_outer)
        yield from _tables(source.right, is_outer=is_outer or source.isouter)
    elif not is_outer and "organization_id" in source.c:
        yield source


def bare(statement: Any) -> Any:
    """The statement with the tenant in its own words."""
    if isinstance(statement, CompoundSelect):
        return union_all(*map(bare, statement.selects)).order_by(*statement._order_by_clauses)
    if isinstance(statement, Select):
        sources = [table for source in statement.get_final_froms() for table in _tables(source)]
    else:
        sources = [statement.table] if isinstance(statement, Delete) else []
    return statement.where(*(table.c.organization_id == _TENANT for table in sources)) if sources else statement


class Statement:
    def __init__(self, own: Any) -> None:
        self._wire = prepared._Wire(bare(own))

    async def fetch(self, to: Any, organization_id: UUID, **told: Any) -> Sequence[Any]:
        arguments = self._wire.arguments({**told, "organization_id": organization_id})
        return cast("Sequence[Any]", await to.fetch(self._wire.sql, *arguments))


class Insertion:
    """A row of a table with all its columns; those that are not told are as empty as they may be."""

    def __init__(self, kind: type[Any], **always: Any) -> None:
        self._empty = {one.name: one.default() for one in writing._written(kind)} | always
        self._wire, self._writers = prepared._insert(cast(Table, kind.__table__), tuple(self._empty))

    async def write(self, to: Any, told: Mapping[str, Any]) -> None:
        row = {**self._empty, **told}
        row |= {name: write(row[name]) for name, write in self._writers.items()}
        await to.execute(self._wire.sql, *self._wire.arguments(row))


TODAY = Statement(reads._TODAYS.page)
TODAY_TOTAL = Statement(reads._TODAYS.total)
PEOPLE = Statement(doors._IDENTITIES)
DOCTORS = Statement(staff._THESE)
FACILITIES = Statement(organizations._THESE_FACILITIES)
RULES = Statement(booking_rules._CURRENT)
PAID = Statement(fees._PAID)
PATIENT = Statement(queries._WHOLE_RECORD)
PLANS = Statement(timetables._PLANS_OF)
AWAY = Statement(timetables._EXCEPTIONS)
TAKEN = Statement(timetables._TAKEN_AND_ROOMS)
LOCK = Statement(database._LOCK)
HOLDS_USED = Statement(holds._USED)
BUSY = Statement(places._VISITS_DURING)
LINE = Statement(queue_lines._VISITS_OF)
STATE = Statement(queue_lines._DAYS_TOLD)
HELD = Statement(walk_ins._HELD)
NUMBER = Statement(queue_tokens._NEXT)
LAST = Statement(queue_tokens._LAST_WALK_IN)
GRANT = Statement(doors._GRANT)
BOOK = Insertion(
    Appointment, lane=1, places=1, is_override=False, override_reason="", is_extra=False, source="desk", fee_paise=0
)
TOKEN = Insertion(QueueToken, session="bench", status="waiting", is_priority=True, calls=0, stands_behind=False)
SESSIONS = """SELECT s.id, s.facility_id, s.kind, s.slot_minutes, s.places, x.weekday, x.starts, x.ends
FROM schedules s JOIN schedule_sessions x ON x.organization_id = s.organization_id AND x.schedule_id = s.id
WHERE s.organization_id = $1 AND s.practitioner_id = $2 AND s.is_active"""
"""The weekly sessions, for who plans the requests."""
AUDIT = """INSERT INTO audit_entries (organization_id, id, at, actor_kind, roles, action, outcome, entity, entity_ids,
route, request_id, address, details) VALUES ($1, $2, $3, 'user', '{}', $4, 'success', $5, $6, '', '', '', '{}')"""
EMIT = """INSERT INTO outbox_events (organization_id, id, name, topic, payload, created_at, attempts)
VALUES ($1, $2, $3, 'appointments', $4, $5, 0)"""
