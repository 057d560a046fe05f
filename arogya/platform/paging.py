"""Lists: `{"items": […], "total": N, "total_capped": false}`, from Core rows straight to JSON."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Depends, Query, Response
from pydantic import BaseModel, TypeAdapter
from sqlalchemy import Select, func, literal, select

from arogya.platform.access import Context

TOTAL_CAP = 10_000
MAX_LIMIT = 200
T = TypeVar("T", bound=BaseModel)


class Page(BaseModel, Generic[T]):
    """One page of a list. `total` counts to 10,000 and then says so."""

    items: list[T]
    total: int
    total_capped: bool = False


class Paging(BaseModel):
    skip: int
    limit: int


def _paging(
    skip: Annotated[int, Query(ge=0, le=1_000_000)] = 0, limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 50
) -> Paging:
    return Paging(skip=skip, limit=limit)


PageOf = Annotated[Paging, Depends(_paging)]


@lru_cache
def _adapter(kind: type[BaseModel]) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


async def rows_and_total(ctx: Context, query: Select[Any], paging: Paging) -> tuple[Sequence[Any], int, bool]:
    """The page's rows as mappings, the total up to the cap, and whether it was capped."""
    rows = (await ctx.session.execute(query.offset(paging.skip).limit(paging.limit))).mappings().all()
    if paging.skip == 0 and len(rows) < paging.limit:
        return rows, len(rows), False
    ones = query.order_by(None).with_only_columns(literal(1).label("one"), maintain_column_froms=True)
    counted = ones.limit(TOTAL_CAP + 1).subquery()
    total = await ctx.session.scalar(select(func.count()).select_from(counted)) or 0
    return rows, min(total, TOTAL_CAP), total > TOTAL_CAP


def as_json(kind: type[T], items: Iterable[Any], total: int, capped: bool = False) -> Response:
    """A page of `kind` as a response: validated from rows once and dumped, never through jsonable_encoder."""
    page = _adapter(Page[kind]).validate_python(  # type: ignore[valid-type]
        {"items": list(items), "total": total, "total_capped": capped}, from_attributes=True
    )
    return Response(_adapter(Page[kind]).dump_json(page), media_type="application/json")  # type: ignore[valid-type]


async def page(ctx: Context, query: Select[Any], paging: Paging, kind: type[T]) -> Response:
    """The whole of a plain list: query, count, answer."""
    rows, total, capped = await rows_and_total(ctx, query, paging)
    return as_json(kind, rows, total, capped)
