"""Practitioners over HTTP. Every member reads them; patients see neither phone, e-mail nor user."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Response

from arogya.modules.staff.models import Practitioner
from arogya.modules.staff.practitioners import service
from arogya.modules.staff.practitioners.schemas import AddPractitioner, ChangePractitioner, Kind, PractitionerRead
from arogya.modules.staff.queries import practitioners_matching
from arogya.modules.staff.schemas import AllOfThem, IsActive, Search, wanted_state
from arogya.platform.access import Context, requires
from arogya.platform.errors import NotFound
from arogya.platform.etags import IfMatch, show_version
from arogya.platform.idempotency import REPEATABLE, once
from arogya.platform.paging import Page, PageOf, as_json, rows_and_total
from arogya.platform.web import Router
from arogya.policy import Permission

router = Router(prefix="/api/practitioners", tags=["practitioners"])

Reader = Annotated[Context, requires(Permission.PRACTITIONER_READ)]
Manager = Annotated[Context, requires(Permission.PRACTITIONER_MANAGE)]


@router.get("", response_model=Page[PractitionerRead])
async def list_practitioners(
    ctx: Reader,
    paging: PageOf,
    *,
    kind: Annotated[Kind | None, Query(description="Left out: clinicians and services.")] = None,
    search: Search = "",
    department_id: UUID | None = None,
    facility_id: UUID | None = None,
    is_active: IsActive = None,
    everything: AllOfThem = False,
) -> Response:
    """By name. search: words that begin a name, a specialty or a registration number."""
    query = practitioners_matching(
        search=search,
        department_id=department_id,
        facility_id=facility_id,
        is_active=wanted_state(is_active, everything),
        kind=kind,
    )
    rows, total, capped = await rows_and_total(ctx, query, paging)
    return as_json(PractitionerRead, [_shown_to(ctx, row) for row in rows], total, capped)


@router.post("", status_code=201, response_model=PractitionerRead, openapi_extra=REPEATABLE)
async def add_practitioner(request: AddPractitioner, ctx: Manager, response: Response) -> PractitionerRead:
    added = await once(ctx, lambda: service.add(ctx, request), lambda id_: service.find(ctx, id_))
    return await _shown(ctx, added, response)


@router.get("/{practitioner_id}", response_model=PractitionerRead)
async def read_practitioner(practitioner_id: UUID, ctx: Reader, response: Response) -> PractitionerRead:
    found = await _read(ctx, practitioner_id)
    show_version(response, found)
    return found


@router.patch("/{practitioner_id}", response_model=PractitionerRead)
async def change_practitioner(
    practitioner_id: UUID, request: ChangePractitioner, ctx: Manager, response: Response, if_match: IfMatch = None
) -> PractitionerRead:
    return await _shown(ctx, await service.change(ctx, practitioner_id, request, if_match), response)


@router.delete("/{practitioner_id}", status_code=204)
async def deactivate_practitioner(practitioner_id: UUID, ctx: Manager) -> None:
    """They can't be booked any more; their records stay. Their user keeps signing in until that is ended too."""
    await service.set_active(ctx, practitioner_id, False)


@router.post("/{practitioner_id}/reactivate", response_model=PractitionerRead)
async def reactivate_practitioner(practitioner_id: UUID, ctx: Manager, response: Response) -> PractitionerRead:
    return await _shown(ctx, await service.set_active(ctx, practitioner_id, True), response)


async def _shown(ctx: Context, person: Practitioner, response: Response) -> PractitionerRead:
    found = await _read(ctx, person.id)
    show_version(response, found)
    return found


async def _read(ctx: Context, practitioner_id: UUID) -> PractitionerRead:
    query = practitioners_matching().where(Practitioner.id == practitioner_id)
    row = (await ctx.session.execute(query)).mappings().one_or_none()
    if row is None:
        raise NotFound("There is no such practitioner").about("practitioner", practitioner_id)
    return PractitionerRead.model_validate(_shown_to(ctx, row))


def _shown_to(ctx: Context, row: Mapping[Any, Any]) -> dict[str, Any]:
    """How to reach a clinician in private is no business of patients."""
    shown = dict(row)
    if ctx.own_only(Permission.PRACTITIONER_READ):
        shown.update(phone=None, email=None, user_id=None)
    return shown
