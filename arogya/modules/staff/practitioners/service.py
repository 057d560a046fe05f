"""What is done to the practitioners of a hospital."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm.attributes import flag_modified

from arogya.modules.staff import checks
from arogya.modules.staff.errors import AlreadyLinked, ServiceIsNobody
from arogya.modules.staff.events import PractitionerChanged
from arogya.modules.staff.models import Practitioner, PractitionerFacility
from arogya.modules.staff.practitioners.reads import Qualification, Workplace
from arogya.modules.staff.practitioners.schemas import (
    OF_A_PERSON,
    AddPractitioner,
    ChangePractitioner,
    WorkplaceBody,
)
from arogya.platform.access import Context
from arogya.platform.audit import Action
from arogya.platform.clock import new_id
from arogya.platform.errors import Invalid, NotFound
from arogya.platform.etags import check_version
from arogya.policy import Permission


async def add(ctx: Context, request: AddPractitioner) -> Practitioner:
    """A new clinician. Raises RegistrationTaken, UserTaken."""
    checks.require_reach(ctx, Permission.PRACTITIONER_MANAGE, {place.facility_id for place in request.facilities})
    await _check_what_it_names(ctx, request.department_id, request.user_id, request.facilities)
    facts = request.model_dump(exclude={"facilities"})
    facts["registration_council"] = facts["registration_council"] or ""
    if facts["title"] is None:
        facts["title"] = "" if request.kind == "service" else "Dr"
    _refuse_of_a_person(request.kind, request)
    return await _add(ctx, facts, _places(request.facilities))


async def add_practitioner(
    ctx: Context,
    *,
    name: str,
    kind: str = "practitioner",
    title: str = "Dr",
    gender: str = "unknown",
    specialty: str | None = None,
    department_id: UUID | None = None,
    registration_number: str | None = None,
    registration_council: str = "",
    qualifications: Sequence[Qualification] = (),
    languages: Sequence[str] = (),
    practising_since: int | None = None,
    consultation_fee_paise: int = 0,
    visit_minutes: int | None = None,
    phone: str | None = None,
    email: str | None = None,
    user_id: UUID | None = None,
    facilities: Sequence[Workplace] = (),
) -> UUID:
    """For other modules, which have checked that they may: the new practitioner's id."""
    facts = {
        "kind": kind, "name": name, "title": title, "gender": gender, "specialty": specialty,
        "department_id": department_id,
        "registration_number": registration_number, "registration_council": registration_council,
        "qualifications": [{"degree": q.degree, "institution": q.institution, "year": q.year} for q in qualifications],
        "languages": list(languages), "practising_since": practising_since,
        "consultation_fee_paise": consultation_fee_paise, "visit_minutes": visit_minutes,
        "phone": phone, "email": email, "user_id": user_id,
    }  # fmt: skip
    return (await _add(ctx, facts, facilities)).id


async def keep_external_practitioner(
    ctx: Context,
    source: str,
    source_id: str,
    *,
    name: str,
    title: str = "",
    gender: str = "unknown",
    specialty: str | None = None,
    registration_number: str | None = None,
    registration_council: str = "",
    phone: str | None = None,
    email: str | None = None,
    is_active: bool = True,
) -> tuple[UUID, bool]:
    """The practitioner that another system's record names, added where it is new: (id, whether it was new).

    One that is there stays as it is: this hospital may have mended it since.
    """
    query = select(Practitioner.id).where(Practitioner.source == source, Practitioner.source_id == source_id)
    known = await ctx.session.scalar(query)
    if known is not None:
        return known, False
    facts = {
        "name": name, "title": title, "gender": gender, "specialty": specialty,
        "registration_number": registration_number, "registration_council": registration_council, "phone": phone,
        "email": email, "is_active": is_active, "source": source, "source_id": source_id,
    }  # fmt: skip
    return (await _add(ctx, facts, ())).id, True


async def change(
    ctx: Context, practitioner_id: UUID, request: ChangePractitioner, if_match: str | None
) -> Practitioner:
    """Edit what was sent. Raises NotFound, PreconditionFailed, RegistrationTaken, UserTaken."""
    person = await _within_reach(ctx, practitioner_id)
    check_version(person, if_match)
    sent = request.model_fields_set
    if request.facilities is not None:
        checks.require_reach(ctx, Permission.PRACTITIONER_MANAGE, {place.facility_id for place in request.facilities})
    _refuse_of_a_person(person.kind, request)
    await _check_what_is_new(ctx, person, request)
    facts = request.model_dump(include=sent - {"facilities"})
    if "registration_council" in facts:
        facts["registration_council"] = facts["registration_council"] or ""
    for name, value in facts.items():
        setattr(person, name, value)
    if request.facilities is not None:
        await _sees_patients_at(ctx, person, _places(request.facilities))
    await _changed(ctx, person, Action.UPDATE, {"fields": sorted(sent)})
    return person


async def set_active(ctx: Context, practitioner_id: UUID, is_active: bool) -> Practitioner:
    """Deactivate or reactivate; nothing happens where it is so already."""
    person = await _within_reach(ctx, practitioner_id)
    if person.is_active != is_active:
        person.is_active = is_active
        await _changed(ctx, person, Action.REACTIVATE if is_active else Action.DEACTIVATE)
    return person


async def link_user(ctx: Context, practitioner_id: UUID, user_id: UUID | None) -> None:
    """Let this user sign in as the practitioner (None: nobody). For identity, which has checked that it may.

    Raises NotFound, AlreadyLinked, UserTaken, ServiceIsNobody.
    """
    person = await find(ctx, practitioner_id)
    if user_id is not None and person.kind == "service":
        raise ServiceIsNobody
    if user_id is not None and person.user_id not in {None, user_id}:
        raise AlreadyLinked
    person.user_id = user_id
    await _changed(ctx, person, Action.UPDATE, {"fields": ["user_id"]})


async def _add(ctx: Context, facts: Mapping[str, Any], facilities: Iterable[Workplace]) -> Practitioner:
    person = Practitioner(id=new_id(), **facts)
    ctx.add(person)
    await ctx.session.flush()
    for place in facilities:
        ctx.add(PractitionerFacility(practitioner_id=person.id, **_of(place)))
    await _changed(ctx, person, Action.CREATE)
    return person


async def _changed(
    ctx: Context, person: Practitioner, action: Action, details: Mapping[str, Any] | None = None
) -> None:
    ctx.audit(action, "practitioner", person.id, details=details)
    ctx.emit(PractitionerChanged(practitioner_id=person.id))
    await ctx.session.flush()


async def find(ctx: Context, practitioner_id: UUID) -> Practitioner:
    person = await ctx.session.get(Practitioner, (ctx.organization_id, practitioner_id))
    if person is None:
        raise NotFound("There is no such practitioner").about("practitioner", practitioner_id)
    return person


async def _within_reach(ctx: Context, practitioner_id: UUID) -> Practitioner:
    """One whom the actor may edit: someone who works at two branches is edited by who manages both."""
    person = await find(ctx, practitioner_id)
    works_at = {place.facility_id for place in await _places_of(ctx, person)}
    checks.require_reach(ctx, Permission.PRACTITIONER_MANAGE, works_at, about=("practitioner", practitioner_id))
    return person


async def _places_of(ctx: Context, person: Practitioner) -> Sequence[PractitionerFacility]:
    query = select(PractitionerFacility).where(PractitionerFacility.practitioner_id == person.id)
    return (await ctx.session.scalars(query)).all()


async def _sees_patients_at(ctx: Context, person: Practitioner, places: Iterable[Workplace]) -> None:
    """Make these, and no others, their branches."""
    wanted = {place.facility_id: place for place in places}
    for row in await _places_of(ctx, person):
        place = wanted.pop(row.facility_id, None)
        if place is None:
            await ctx.session.delete(row)
        else:
            row.room, row.floor = place.room, place.floor
    for place in wanted.values():
        ctx.add(PractitionerFacility(practitioner_id=person.id, **_of(place)))
    # The rooms are rows of their own: the practitioner's version must move with them.
    flag_modified(person, "updated_at")


async def _check_what_it_names(
    ctx: Context, department_id: UUID | None, user_id: UUID | None, facilities: Sequence[WorkplaceBody]
) -> None:
    await checks.check_department(ctx, department_id)
    await checks.check_user(ctx, user_id)
    for i, place in enumerate(facilities):
        await checks.check_facility(ctx, place.facility_id, f"facilities.{i}.facility_id")


async def _check_what_is_new(ctx: Context, person: Practitioner, request: ChangePractitioner) -> None:
    """What was there before may have been closed since, and stays until someone moves it."""
    department_id = request.department_id if request.department_id != person.department_id else None
    user_id = request.user_id if request.user_id != person.user_id else None
    known = {place.facility_id for place in await _places_of(ctx, person)}
    fresh = [place for place in request.facilities or () if place.facility_id not in known]
    await _check_what_it_names(ctx, department_id, user_id, fresh)


def _refuse_of_a_person(kind: str, request: AddPractitioner | ChangePractitioner) -> None:
    """A service is nobody: it has no title, was registered nowhere and does not sign in. Raises Invalid."""
    if kind == "service":
        for name in ("title", *OF_A_PERSON):
            if getattr(request, name):
                raise Invalid.field(name, "a service has none", "service_is_nobody")


def _places(bodies: Iterable[WorkplaceBody]) -> list[Workplace]:
    return [Workplace(body.facility_id, body.room, body.floor) for body in bodies]


def _of(place: Workplace) -> dict[str, Any]:
    return {"facility_id": place.facility_id, "room": place.room, "floor": place.floor}
