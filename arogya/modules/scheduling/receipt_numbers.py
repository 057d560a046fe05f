"""Receipt numbers: per branch and financial year, without gaps, at most 16 characters as Indian tax law has them."""

from datetime import date
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from arogya.modules.scheduling.models import ReceiptCounter
from arogya.platform.access import Context

LONGEST = 16
_APRIL = 4


def financial_year(day: date) -> str:
    """`26-27` for any day from April 2026 to March 2027."""
    first = day.year if day.month >= _APRIL else day.year - 1
    return f"{first % 100:02d}-{(first + 1) % 100:02d}"


def written(code: str, year: str, n: int) -> str:
    """`KOT/26-27/000123`. A branch whose code is longer than three letters has fewer digits, then fewer letters."""
    room = LONGEST - len(f"/{year}/")
    digits = max(len(str(n)), min(6, max(4, room - len(code))))
    return f"{code[: room - digits]}/{year}/{n:0{digits}d}"


async def next_number(ctx: Context, facility_id: UUID, code: str, day: date) -> str:
    """The branch's next. The counter's row stays locked until the commit and rolls back with it: no gaps."""
    year = financial_year(day)
    first = insert(ReceiptCounter).values(
        organization_id=ctx.organization_id, facility_id=facility_id, year=year, last=1
    )
    counted = first.on_conflict_do_update(
        index_elements=["organization_id", "facility_id", "year"], set_={"last": ReceiptCounter.last + 1}
    ).returning(ReceiptCounter.last)
    return written(code, year, (await ctx.session.execute(counted)).scalar_one())
