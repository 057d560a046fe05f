"""A list's total is how many there are, whatever narrows it: also where nothing does."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from sqlalchemy import Select, select

from arogya.modules.organizations.models import Facility
from arogya.platform.access import Context
from arogya.platform.audit import Action, AuditEntry
from arogya.platform.paging import Paging, rows_and_total
from tests.world import Hospital, World

System = Callable[[Hospital], AbstractAsyncContextManager[Context]]
EVERY = select(*AuditEntry.__table__.columns).order_by(AuditEntry.at, AuditEntry.id)


@pytest.mark.parametrize(
    "query",
    [
        EVERY,
        EVERY.where(AuditEntry.entity == "patient"),
        EVERY.outerjoin(Facility, Facility.organization_id == AuditEntry.organization_id),
    ],
    ids=["everything", "narrowed", "joined"],
)
async def test_total_counts_more_than_the_page(world: World, system: System, query: Select[Any]) -> None:
    async with system(world.a) as ctx:
        for _ in range(5):
            ctx.audit(Action.READ, "patient", world.a.patient)
    async with system(world.a) as ctx:
        whole, counted, _ = await rows_and_total(ctx, query, Paging(skip=0, limit=200))
        rows, total, capped = await rows_and_total(ctx, query, Paging(skip=1, limit=2))
    assert counted == len(whole) >= 5
    assert (len(rows), total, capped) == (2, len(whole), False)
