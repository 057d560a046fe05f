"""The hospital's own number of a patient: counted up, or kept where an earlier one is given.

All of an organization's numbers are decided while its counter row is locked, so that none is given twice.
"""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ARRAY, String, any_, bindparam, cast, func, literal, select
from sqlalchemy.dialects.postgresql import insert

from arogya.modules.patients.doors import sees_own_only
from arogya.modules.patients.models import MrnCounter, Patient
from arogya.platform.access import Context
from arogya.platform.errors import Conflict, Field, constraint_means
from arogya.policy import Permission

_DIGITS = 6
_LOOK_AHEAD = 100_000
_TEXTS = bindparam("mrns", type_=ARRAY(String))


class MrnTaken(Conflict):
    code, title = "mrn_taken", "Another patient has this number"


constraint_means("uq_patients_mrn", MrnTaken)


def where_it_may_be_seen(ctx: Context, patient_id: UUID) -> dict[str, object]:
    """The other patient's id, for those who may find that patient anyway."""
    return {"patient_id": patient_id} if ctx.may(Permission.PATIENT_READ) and not sees_own_only(ctx) else {}


async def keep_mrn(ctx: Context, mrn: str) -> str:
    """Take a number that was given elsewhere. Raises MrnTaken."""
    await _counted(ctx, by=0)
    holder = await _holder(ctx, mrn)
    if holder is not None:
        fields = [Field("mrn", "mrn_taken", MrnTaken.title)]
        raise MrnTaken(fields=fields, extra=where_it_may_be_seen(ctx, holder)).about("patient", holder)
    return mrn


async def next_mrn(ctx: Context, code: str) -> str:
    """The next number, `NH-000123`. code: the organization's. Leaps over numbers that were kept."""
    mrn = _number(code, await _counted(ctx, by=1))
    return mrn if await _holder(ctx, mrn) is None else await _next_free(ctx, code)


async def lock_mrns(ctx: Context) -> None:
    """Let nobody else give or keep a number until the end of this transaction."""
    await _counted(ctx, by=0)


async def holders_of_mrns(ctx: Context, mrns: Collection[str]) -> dict[str, UUID]:
    """Those of these numbers that patients have, and who."""
    rows = await ctx.session.execute(select(Patient.mrn, Patient.id).where(Patient.mrn == any_(_TEXTS)), {"mrns": mrns})
    return {row.mrn: row.id for row in rows}


async def next_mrns(ctx: Context, code: str, count: int, but: Collection[str]) -> list[str]:
    """As many next numbers. but: numbers that are about to be kept."""
    found: list[str] = []
    while len(found) < count:
        wanted = count - len(found)
        last = await _counted(ctx, by=wanted)
        fresh = [_number(code, n) for n in range(last - wanted + 1, last + 1)]
        taken = await holders_of_mrns(ctx, fresh)
        found += [mrn for mrn in fresh if mrn not in taken and mrn not in but]
    return found


async def _counted(ctx: Context, by: int) -> int:
    """The counter after moving it, its row locked until the end of the transaction."""
    start = insert(MrnCounter).values(organization_id=ctx.organization_id, last=by)
    moved = start.on_conflict_do_update(index_elements=["organization_id"], set_={"last": MrnCounter.last + by})
    return (await ctx.session.execute(moved.returning(MrnCounter.last))).scalar_one()


async def _next_free(ctx: Context, code: str) -> str:
    counter = await ctx.session.get_one(MrnCounter, ctx.organization_id)
    n = func.generate_series(counter.last, counter.last + _LOOK_AHEAD).column_valued("n")
    digits = cast(n, String)
    number = literal(f"{code}-") + func.lpad(digits, func.greatest(_DIGITS, func.length(digits)), "0")
    taken = select(Patient.id).where(Patient.mrn == number).exists()
    counter.last = (await ctx.session.execute(select(n).where(~taken).order_by(n).limit(1))).scalar_one()
    return _number(code, counter.last)


async def _holder(ctx: Context, mrn: str) -> UUID | None:
    return await ctx.session.scalar(select(Patient.id).where(Patient.mrn == mrn))


def _number(code: str, n: int) -> str:
    return f"{code}-{n:0{_DIGITS}d}"
