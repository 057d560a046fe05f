"""Lists: `{"items": […], "total": N, "total_capped": false}`, from Core rows straight to JSON."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Depends, Query, Response
from pydantic import BaseModel, TypeAdapter
from sqlalchemy import Integer, Select, bindparam, func, literal_column, select

from arogya.platform.access import Context
from arogya.platform.prepared import mappings, prepare, scalar

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


class Listing:
    """A list that is read often, its statements prepared. `asked` tells it whose."""

    def __init__(self, query: Select[Any]) -> None:
        self.page = prepare(query.offset(bindparam("skip", type_=Integer)).limit(bindparam("limit", type_=Integer)))
        self.total = prepare(_count(query))

    def asked(self, **told: Any) -> "Asked":
        return Asked(self, told)


@dataclass(frozen=True, slots=True)
class Asked:
    listing: Listing
    told: Mapping[str, Any]


async def rows_and_total(ctx: Context, query: Select[Any] | Asked, paging: Paging) -> tuple[Sequence[Any], int, bool]:
    """The page's rows as mappings, the total up to the cap, and whether it was capped."""
    told: dict[str, Any] = {"skip": paging.skip, "limit": paging.limit}
    if isinstance(query, Asked):
        rows = await mappings(ctx.session, query.listing.page, {**query.told, **told})
    else:
        rows = await mappings(ctx.session, query.offset(paging.skip).limit(paging.limit))
    if paging.skip == 0 and len(rows) < paging.limit:
        return rows, len(rows), False
    if isinstance(query, Asked):
        total = await scalar(ctx.session, query.listing.total, query.told)
    else:
        total = await scalar(ctx.session, _count(query))
    return rows, min(total, TOTAL_CAP), total > TOTAL_CAP


def _count(query: Select[Any]) -> Select[int]:
    ones: Select[Any] = query.order_by(None).with_only_columns(
        literal_column("1").label("one"), maintain_column_froms=True
    )
    return select(func.count()).select_from(ones.limit(literal_column(str(TOTAL_CAP + 1))).subquery())


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
