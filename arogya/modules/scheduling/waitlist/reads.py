"""The waitlist as people read it: the desk the line of a branch, a patient their own entries."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, func, or_, select

from arogya.modules.organizations import api as organizations
from arogya.modules.patients import api as patients
from arogya.modules.scheduling import reach
from arogya.modules.scheduling.appointments.schemas import PatientBrief
from arogya.modules.scheduling.models import EntryStatus, OfferStatus, WaitlistEntry, WaitlistOffer
from arogya.modules.scheduling.waitlist.offers import standing
from arogya.modules.scheduling.waitlist.schemas import OfferRead, WaitlistEntryRead, WaitlistRead
from arogya.modules.staff import api as staff
from arogya.platform.access import Context
from arogya.platform.audit import Action
from arogya.platform.database import is_one_of
from arogya.platform.paging import TOTAL_CAP, Paging
from arogya.policy import Permission

_OPEN = (EntryStatus.WAITING, EntryStatus.OFFERED)


async def waitlist(
    ctx: Context,
    paging: Paging,
    *,
    facility_id: UUID | None = None,
    practitioner_id: UUID | None = None,
    day: date | None = None,
    everything: bool = False,
) -> WaitlistRead:
    """In the order of the line. One audit row with the ids shown.

    practitioner_id: who waits for them, or for their department or specialty. everything: those, too, who wait no more.
    """
    at = WaitlistEntry
    query = select(at).order_by(*standing())
    if facility_id is not None:
        query = query.where(at.facility_id == facility_id)
    if practitioner_id is not None:
        card = await staff.practitioner(ctx, practitioner_id)
        own = [at.practitioner_id == card.id]
        if card.department_id is not None and not card.is_service:
            own.append(at.department_id == card.department_id)
        if card.specialty and not card.is_service:
            own.append(at.specialty == card.specialty)
        query = query.where(or_(*own))
    if day is not None:
        query = query.where(at.first_day <= day, at.last_day >= day)
    if not everything:
        query = query.where(at.status.in_(_OPEN), at.last_day >= ctx.now().date())
    query = await _narrowed(ctx, query)
    entries = (await ctx.session.scalars(query.offset(paging.skip).limit(paging.limit))).all()
    total, line, offered = await _counts(ctx, query)
    items = await assemble(ctx, entries)
    ids = sorted({str(one.patient_id) for one in items})
    ctx.audit(Action.SEARCH, "waitlist_entry", *(one.id for one in items), details={"patient_ids": ids})
    return WaitlistRead(
        items=items,
        total=min(total, TOTAL_CAP),
        total_capped=total > TOTAL_CAP,
        waiting=line - offered,
        offered=offered,
    )


async def _counts(ctx: Context, query: Select[WaitlistEntry]) -> tuple[int, int, int]:
    """How many entries, of them how many still wait, and of these for how many a place is held."""
    at = WaitlistEntry
    held = select(WaitlistOffer.id).where(WaitlistOffer.entry_id == at.id, *_is_open(ctx)).exists()
    still = at.status.in_(_OPEN)
    counted = query.order_by(None).with_only_columns(
        func.count(), func.count().filter(still), func.count().filter(still, held)
    )
    total, line, offered = (await ctx.session.execute(counted)).one()
    return total, line, offered


async def read(ctx: Context, entry: WaitlistEntry) -> WaitlistEntryRead:
    """One entry after what was just done to it; that wrote the audit row."""
    await ctx.session.refresh(entry)
    (one,) = await assemble(ctx, [entry])
    return one


async def assemble(ctx: Context, entries: Sequence[WaitlistEntry]) -> list[WaitlistEntryRead]:
    """With names, places in the line and open offers, in a handful of queries however many. The caller audits."""
    if not entries:
        return []
    open_offers = await _open_offers(ctx, [entry.id for entry in entries])
    who = {entry.practitioner_id for entry in entries} | {offer.practitioner_id for offer in open_offers.values()}
    doctors = await staff.practitioners(ctx, {id_ for id_ in who if id_ is not None})
    people = await patients.identities(ctx, {entry.patient_id for entry in entries})
    branches = await organizations.facilities(ctx.session, {one.facility_id for one in entries}, with_inactive=True)
    wanted = {entry.department_id for entry in entries if entry.department_id}
    departments = await organizations.departments(ctx.session, wanted) if wanted else {}
    places = await _places(ctx, entries)
    made = []
    for entry in entries:
        offer, doctor = open_offers.get(entry.id), doctors.get(entry.practitioner_id or UUID(int=0))
        department, patient = departments.get(entry.department_id or UUID(int=0)), people.get(entry.patient_id)
        # An offer whose time is over is no offer any more, whether or not somebody wrote so.
        status = EntryStatus.WAITING if entry.status == EntryStatus.OFFERED and offer is None else entry.status
        made.append(
            WaitlistEntryRead.model_validate(
                {
                    **{name: getattr(entry, name) for name in _SAME},
                    "status": str(status),
                    "patient": PatientBrief.model_validate(patient, from_attributes=True) if patient else None,
                    "practitioner_name": doctor.display_name if doctor else None,
                    "department_name": department.name if department else None,
                    "department_name_hi": department.name_hi if department else None,
                    "facility_name": branches[entry.facility_id].name,
                    "place": places.get(entry.id),
                    "offer": _offer_read(offer, doctors, branches[entry.facility_id].name) if offer else None,
                }
            )
        )
    return made


_SAME = (
    "id", "patient_id", "practitioner_id", "department_id", "specialty", "facility_id", "first_day", "last_day",
    "part_of_day", "mode", "reason", "is_priority", "joined_at", "appointment_id",
)  # fmt: skip


def _offer_read(offer: WaitlistOffer, doctors: dict[UUID, staff.PractitionerCard], facility_name: str) -> OfferRead:
    return OfferRead.model_validate(
        {
            **{
                name: getattr(offer, name)
                for name in OfferRead.model_fields
                if name not in {"practitioner_name", "facility_name"}
            },
            "practitioner_name": doctors[offer.practitioner_id].display_name,
            "facility_name": facility_name,
        }
    )


def _is_open(ctx: Context) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return WaitlistOffer.status == OfferStatus.OFFERED, WaitlistOffer.expires_at > ctx.now()


async def _open_offers(ctx: Context, entry_ids: Sequence[UUID]) -> dict[UUID, WaitlistOffer]:
    query = select(WaitlistOffer).where(is_one_of(WaitlistOffer.entry_id), *_is_open(ctx))
    return {offer.entry_id: offer for offer in await ctx.session.scalars(query, {"ids": list(entry_ids)})}


async def _places(ctx: Context, entries: Sequence[WaitlistEntry]) -> dict[UUID, int]:
    """The place of each among those who wait for the same at the same branch."""
    at = WaitlistEntry
    same = (at.organization_id, at.facility_id, at.practitioner_id, at.department_id, at.specialty)
    numbered = (
        select(at.id, func.row_number().over(partition_by=same, order_by=standing()).label("place"))
        .where(
            at.status.in_(_OPEN), at.last_day >= ctx.now().date(),
            at.facility_id.in_({entry.facility_id for entry in entries}),
        )
        .subquery()
    )  # fmt: skip
    rows: Sequence[Row[UUID, int]] = (
        await ctx.session.execute(
            select(numbered.c.id, numbered.c.place).where(is_one_of(numbered.c.id)), {"ids": [e.id for e in entries]}
        )
    ).all()
    return {row[0]: row[1] for row in rows}


async def _narrowed(ctx: Context, query: Select[WaitlistEntry]) -> Select[WaitlistEntry]:
    """To what the actor may know of."""
    if reach.is_own_only(ctx, Permission.APPOINTMENT_READ):
        return query.where(WaitlistEntry.patient_id.in_(await reach.own_patients(ctx)))
    facilities = ctx.facilities(Permission.APPOINTMENT_READ)
    return query if facilities is None else query.where(WaitlistEntry.facility_id.in_(facilities))
