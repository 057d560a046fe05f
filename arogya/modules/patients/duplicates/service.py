"""The worklist of likely duplicates: read it, judge a pair, take a judgement back."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased

from arogya.modules.patients.events import LikelyDuplicatesChanged
from arogya.modules.patients.models import Patient, PatientDuplicate
from arogya.modules.patients.queries import rows_by_id
from arogya.platform.access import Context
from arogya.platform.audit import Action
from arogya.platform.clock import new_id
from arogya.platform.errors import NotFound
from arogya.platform.paging import Paging, rows_and_total


async def listed(ctx: Context, status: str, paging: Paging) -> tuple[list[dict[str, Any]], int, bool]:
    """One page, the likeliest first, and one audit row with the ids shown."""
    at, first, second = PatientDuplicate, aliased(Patient), aliased(Patient)
    columns: list[Any] = [at.id, at.score, at.because, at.status, at.decided_at, at.first_id, at.second_id]
    query = (
        select(*columns)
        .join(first, first.id == at.first_id)
        .join(second, second.id == at.second_id)
        .where(at.status == status, first.merged_into_id.is_(None), second.merged_into_id.is_(None))
        .order_by(at.score.desc(), at.id)
    )
    pairs, total, capped = await rows_and_total(ctx, query, paging)
    return await _with_records(ctx, pairs), total, capped


async def judge(ctx: Context, duplicate_id: UUID, *, are_different: bool) -> dict[str, Any]:
    """Remember that they are two people, or forget it. Nothing happens where it is so already. Raises NotFound."""
    pair = await ctx.session.get(PatientDuplicate, (ctx.organization_id, duplicate_id), with_for_update=True)
    if pair is None:
        raise NotFound().about("patient_duplicate", duplicate_id)
    if are_different != (pair.status == "different"):
        pair.status = "different" if are_different else "open"
        pair.decided_at, pair.decided_by = (ctx.now(), ctx.user_id) if are_different else (None, None)
        details = {"status": pair.status}
        ctx.audit(Action.UPDATE, "patient_duplicate", pair.id, pair.first_id, pair.second_id, details=details)
        ctx.emit(LikelyDuplicatesChanged())
        await ctx.session.flush()
    row = {name: getattr(pair, name) for name in ("id", "score", "because", "status", "decided_at")}
    shown = await _with_records(ctx, [row | {"first_id": pair.first_id, "second_id": pair.second_id}])
    if not shown:
        raise NotFound().about("patient_duplicate", duplicate_id)
    return shown[0]


async def judge_different(ctx: Context, one_id: UUID, other_id: UUID) -> None:
    """Remember that these are two people: a merge of them was undone."""
    first, second = sorted((one_id, other_id))
    row = insert(PatientDuplicate).values(
        organization_id=ctx.organization_id, id=new_id(), first_id=first, second_id=second, score=0, because=[],
        status="different", decided_at=ctx.now(), decided_by=ctx.user_id, created_at=ctx.now(), created_by=ctx.user_id,
    )  # fmt: skip
    judged = {"status": "different", "decided_at": ctx.now(), "decided_by": ctx.user_id}
    await ctx.session.execute(row.on_conflict_do_update(constraint="uq_patient_duplicates_pair", set_=judged))


async def _with_records(ctx: Context, pairs: Sequence[Mapping[Any, Any]]) -> list[dict[str, Any]]:
    ids = list(dict.fromkeys(one for pair in pairs for one in (pair["first_id"], pair["second_id"])))
    rows = {row["id"]: row for row in await rows_by_id(ctx, ids)}
    ctx.audit(Action.SEARCH, "patient", *rows, details={"by": ["duplicates"]})
    return [
        {**pair, "first": rows[pair["first_id"]], "second": rows[pair["second_id"]]}
        for pair in pairs
        if pair["first_id"] in rows and pair["second_id"] in rows
    ]
