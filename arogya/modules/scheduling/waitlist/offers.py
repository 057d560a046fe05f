"""Offering a freed place to the first who fits, and what becomes of the offer.

Places are offered in three moves: see who could get what, take the locks that bookings of those days take, see again
and write. So a place is booked by somebody or offered to somebody, never both. Locks come before rows, and an entry's
row before its offer's, everywhere.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import Range

from arogya.modules.organizations import api as organizations
from arogya.modules.organizations.api import Facility
from arogya.modules.scheduling import booking_rules
from arogya.modules.scheduling.appointments.moves import busy_times, is_at
from arogya.modules.scheduling.appointments.places import place_locks
from arogya.modules.scheduling.events import OfferEnded, PlaceOffered
from arogya.modules.scheduling.models import EntryStatus, OfferStatus, WaitlistEntry, WaitlistOffer
from arogya.modules.scheduling.slots.timetables import timetables
from arogya.modules.scheduling.waitlist.matching import Match, Wish, match, open_slots
from arogya.modules.staff import api as staff
from arogya.platform.access import Context
from arogya.platform.audit import Action
from arogya.platform.clock import day_bounds, local_day
from arogya.platform.database import advisory_locks, is_one_of

HELD_FOR = timedelta(minutes=15)
SOONEST = timedelta(minutes=30)
"""A place that begins sooner is offered to nobody: half an hour is what an answer and the way take."""
FURTHEST = timedelta(days=93)
MOST = 500
"""So many of the line are looked at in one go."""


async def offer_free_places(
    ctx: Context, facility_id: UUID, practitioner_id: UUID | None = None
) -> list[WaitlistOffer]:
    """Offer what is free at the branch (of this practitioner; None: of all) to the first in line who fit.

    Not in the hospital's quiet hours: who sleeps would let it lapse. The sweep offers what is free in the morning.
    """
    facility = await organizations.facility(ctx.session, facility_id)
    if not await _line(ctx, facility):
        return []
    if (await booking_rules.current(ctx)).quiet_till(ctx.now(), facility.zone) is not None:
        return []
    # One at a time: two who offer at once would offer one entry two places.
    await advisory_locks(ctx.session, [f"waitlist {facility_id}"])
    wishes = await _wishes(ctx, facility, practitioner_id)
    tentative = await _matches(ctx, facility, wishes)
    if not tentative:
        return []
    names = {lock for one in tentative for lock in _locks(one)}
    await advisory_locks(ctx.session, sorted(names))
    await _lapse(ctx, tentative)
    wishes = await _wishes(ctx, facility, practitioner_id)
    found = [one for one in await _matches(ctx, facility, wishes) if names.issuperset(_locks(one))]
    return [await _offer(ctx, facility, one) for one in found]


async def locked(ctx: Context, entry_id: UUID) -> tuple[WaitlistEntry | None, WaitlistOffer | None]:
    """The entry and its open offer, as they are now; nobody else changes them before the commit."""
    fresh = {"populate_existing": True}
    entry = await ctx.session.scalar(
        select(WaitlistEntry).where(WaitlistEntry.id == entry_id).with_for_update(key_share=True),
        execution_options=fresh,
    )
    offer = await ctx.session.scalar(
        select(WaitlistOffer)
        .where(WaitlistOffer.entry_id == entry_id, WaitlistOffer.status == OfferStatus.OFFERED)
        .with_for_update(key_share=True),
        execution_options=fresh,
    )
    return entry, offer


def end(ctx: Context, entry: WaitlistEntry, offer: WaitlistOffer, status: OfferStatus) -> None:
    """The offer is over and holds its place no more. Who let it lapse goes behind those who wait now."""
    offer.status, offer.answered_at = status, ctx.now()
    if entry.status == EntryStatus.OFFERED:
        entry.status = EntryStatus.BOOKED if status == OfferStatus.ACCEPTED else EntryStatus.WAITING
    if status == OfferStatus.LAPSED:
        entry.stands_at = offer.expires_at
    ctx.audit(Action.UPDATE, "waitlist_offer", offer.id, patient_id=offer.patient_id, details={"status": status.value})
    ctx.emit(OfferEnded(**ids(offer)))


async def lapse(ctx: Context, offer_id: UUID) -> bool:
    """End the offer where its time is over and nobody has answered. Again is no harm."""
    entry_id = await ctx.session.scalar(select(WaitlistOffer.entry_id).where(WaitlistOffer.id == offer_id))
    if entry_id is None:
        return False
    entry, offer = await locked(ctx, entry_id)
    if entry is None or offer is None or offer.id != offer_id or offer.expires_at > ctx.now():
        return False
    end(ctx, entry, offer, OfferStatus.LAPSED)
    await ctx.session.flush()
    return True


async def overdue(ctx: Context) -> Sequence[UUID]:
    """Open offers whose time is over."""
    query = select(WaitlistOffer.id).where(
        WaitlistOffer.status == OfferStatus.OFFERED, WaitlistOffer.expires_at <= ctx.now()
    )
    return (await ctx.session.scalars(query.order_by(WaitlistOffer.id))).all()


async def branches_that_wait(ctx: Context) -> Sequence[UUID]:
    """Where anybody is in line."""
    query = select(WaitlistEntry.facility_id).where(
        WaitlistEntry.status == EntryStatus.WAITING, WaitlistEntry.last_day >= ctx.now().date() - timedelta(days=1)
    )
    return (await ctx.session.scalars(query.distinct())).all()


def ids(offer: WaitlistOffer) -> dict[str, UUID]:
    """What every event about an offer names."""
    return {
        "offer_id": offer.id, "entry_id": offer.entry_id, "patient_id": offer.patient_id,
        "practitioner_id": offer.practitioner_id, "facility_id": offer.facility_id,
    }  # fmt: skip


def standing() -> tuple[Any, ...]:
    """The order of the line."""
    return WaitlistEntry.is_priority.desc(), WaitlistEntry.stands_at, WaitlistEntry.id


async def _line(ctx: Context, facility: Facility) -> Sequence[WaitlistEntry]:
    """Those who wait for a day that is not past, the first first."""
    query = (
        select(WaitlistEntry)
        .where(
            WaitlistEntry.facility_id == facility.id,
            WaitlistEntry.status == EntryStatus.WAITING,
            WaitlistEntry.last_day >= local_day(ctx.now(), facility.zone),
        )
        .order_by(*standing())
        .limit(MOST)
        .execution_options(populate_existing=True)
    )
    return (await ctx.session.scalars(query)).all()


async def _wishes(ctx: Context, facility: Facility, practitioner_id: UUID | None) -> list[Wish]:
    """What those in line want, as far as this practitioner (None: anybody) could give it."""
    line = await _line(ctx, facility)
    cards = await staff.practitioners(ctx, is_active=True)
    before = await ctx.session.execute(
        select(WaitlistOffer.entry_id, WaitlistOffer.practitioner_id, WaitlistOffer.starts_at).where(
            is_one_of(WaitlistOffer.entry_id)
        ),
        {"ids": [entry.id for entry in line]},
    )
    refused: dict[UUID, set[tuple[UUID, datetime]]] = {}
    for row in before:
        refused.setdefault(row.entry_id, set()).add((row.practitioner_id, row.starts_at))
    wishes = []
    for entry in line:
        who = frozenset(id_ for id_, card in cards.items() if wants(entry, card) and practitioner_id in (None, id_))
        if who:
            before_ = frozenset(refused.get(entry.id, ()))
            days = (entry.first_day, entry.last_day)
            wishes.append(Wish(entry.id, entry.patient_id, who, *days, entry.part_of_day, entry.mode, before_))
    return wishes


def wants(entry: WaitlistEntry, card: staff.PractitionerCard) -> bool:
    if entry.practitioner_id is not None:
        return entry.practitioner_id == card.id
    if card.is_service:
        # Who waits for any doctor of a department does not wait for its X-ray.
        return False
    if entry.department_id is not None:
        return entry.department_id == card.department_id
    return entry.specialty == card.specialty


async def _matches(ctx: Context, facility: Facility, wishes: Sequence[Wish]) -> list[Match]:
    if not wishes:
        return []
    who = frozenset[UUID]().union(*(wish.practitioner_ids for wish in wishes))
    start = max(ctx.now() + SOONEST, day_bounds(min(wish.first_day for wish in wishes), facility.zone)[0])
    end_ = min(ctx.now() + FURTHEST, day_bounds(max(wish.last_day for wish in wishes), facility.zone)[1])
    if start >= end_:
        return []
    tables = await timetables(ctx, start, end_, who)
    slots = {id_: table.only(facility_id=facility.id).slots(start, end_, ctx.now()) for id_, table in tables.items()}
    busy = await busy_times(ctx, {wish.patient_id for wish in wishes}, ())
    return list(match(wishes, open_slots(slots), facility.zone, lambda who, slot: is_at(busy[who], slot)))


def _locks(one: Match) -> list[str]:
    return place_locks(one.practitioner_id, [one.slot.room_id], one.slot.starts_at, one.slot.ends_at)


async def _lapse(ctx: Context, wanted: Collection[Match]) -> None:
    """Write down what has lapsed already: the schema knows no clock, and would keep its place and room closed."""
    at = WaitlistOffer
    query = select(at.id).where(
        or_(is_one_of(at.practitioner_id), is_one_of(at.room_id, "rooms")), at.status == OfferStatus.OFFERED,
        at.expires_at <= ctx.now(),
    )  # fmt: skip
    told = {
        "ids": [one.practitioner_id for one in wanted],
        "rooms": [one.slot.room_id for one in wanted if one.slot.room_id is not None],
    }
    for offer_id in (await ctx.session.scalars(query, told)).all():
        await lapse(ctx, offer_id)


async def _offer(ctx: Context, facility: Facility, one: Match) -> WaitlistOffer:
    now, slot = ctx.now(), one.slot
    entry = await ctx.session.get_one(WaitlistEntry, (ctx.organization_id, one.wish.entry_id))
    entry.status = EntryStatus.OFFERED
    offer = WaitlistOffer(
        entry_id=entry.id, patient_id=entry.patient_id, practitioner_id=one.practitioner_id, facility_id=facility.id,
        room_id=slot.room_id, kind=slot.kind, mode=slot.mode, starts_at=slot.starts_at, ends_at=slot.ends_at,
        during=Range(slot.starts_at, slot.ends_at), lane=one.lane, status=OfferStatus.OFFERED, offered_at=now,
        expires_at=now + HELD_FOR,
    )  # fmt: skip
    ctx.add(offer)
    await ctx.session.flush()
    ctx.audit(Action.CREATE, "waitlist_offer", offer.id, entry.id, patient_id=entry.patient_id)
    ctx.emit(PlaceOffered(**ids(offer)))
    return offer
