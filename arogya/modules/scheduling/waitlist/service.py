"""Joining the waitlist, leaving it, and answering an offer."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select

from arogya.modules.organizations import api as organizations
from arogya.modules.patients import api as patients
from arogya.modules.scheduling import booking_rules, reach
from arogya.modules.scheduling.appointments.booking import audit_new
from arogya.modules.scheduling.appointments.places import Placed, in_savepoint, take_place
from arogya.modules.scheduling.appointments.places import Wish as BookingWish
from arogya.modules.scheduling.appointments.steps import ids
from arogya.modules.scheduling.events import AppointmentBooked, WaitlistChanged
from arogya.modules.scheduling.models import EntryStatus, OfferStatus, WaitlistEntry, WaitlistOffer
from arogya.modules.scheduling.refusals import PatientInactive, TooFarAhead, TooManyOpen
from arogya.modules.scheduling.tokens import service as queue_tokens
from arogya.modules.scheduling.transitions import AppointmentStatus
from arogya.modules.scheduling.waitlist import offers
from arogya.modules.scheduling.waitlist.errors import OfferOver, OnWaitlistAlready, WaitlistLeft
from arogya.modules.scheduling.waitlist.schemas import JoinWaitlist
from arogya.modules.staff import api as staff
from arogya.platform.access import Context
from arogya.platform.audit import Action
from arogya.platform.clock import local_day
from arogya.platform.database import advisory_locks
from arogya.platform.errors import Forbidden, Invalid, NotFound
from arogya.policy import Permission

_OPEN = (EntryStatus.WAITING, EntryStatus.OFFERED)


async def join(ctx: Context, request: JoinWaitlist) -> WaitlistEntry:
    """Stand at the end of the line. Raises OnWaitlistAlready; TooFarAhead, TooManyOpen for patients."""
    reach.require(ctx, Permission.APPOINTMENT_BOOK, request.facility_id)
    is_own = reach.is_own_only(ctx, Permission.APPOINTMENT_BOOK)
    if is_own and request.patient_id not in await reach.own_patients(ctx):
        raise NotFound().about("patient", request.patient_id)
    if is_own and request.is_priority:
        raise Forbidden
    patient = await patients.identify(ctx, request.patient_id)
    if not patient.is_active or patient.is_deceased:
        raise PatientInactive
    await _whom(ctx, request)
    facility = await organizations.facility(ctx.session, request.facility_id)
    today = local_day(ctx.now(), facility.zone)
    if request.last_day < today:
        raise Invalid.field("last_day", "is past", "in_the_past")
    # Lock first: the same patient may join from two screens.
    await advisory_locks(ctx.session, [f"waitlist of {request.patient_id}"])
    await _refuse_twice(ctx, request)
    if is_own:
        rules = await booking_rules.current(ctx)
        if request.last_day > today + timedelta(days=rules.days_ahead):
            raise TooFarAhead(extra={"last_day": (today + timedelta(days=rules.days_ahead)).isoformat()})
        if await _open_entries(ctx, request.patient_id) >= rules.open_per_patient:
            raise TooManyOpen(extra={"open_per_patient": rules.open_per_patient})
    told = request.model_dump(exclude={"reason"})
    entry = WaitlistEntry(
        **told, reason=request.reason or "", status=EntryStatus.WAITING, source="patient" if is_own else "desk",
        joined_at=ctx.now(), stands_at=ctx.now(),
    )  # fmt: skip
    ctx.add(entry)
    await ctx.session.flush()
    _changed(ctx, entry, Action.CREATE)
    return entry


async def joined(ctx: Context, entry_id: UUID) -> WaitlistEntry:
    """What an earlier request with the same key made."""
    return await find(ctx, entry_id, Permission.APPOINTMENT_READ)


async def find(ctx: Context, entry_id: UUID, permission: Permission) -> WaitlistEntry:
    """For whoever may do this with it. Raises NotFound, Forbidden."""
    entry = await ctx.session.get(WaitlistEntry, (ctx.organization_id, entry_id))
    if entry is None or not await _knows(ctx, entry.patient_id, entry.facility_id):
        raise NotFound().about("waitlist_entry", entry_id)
    if not reach.is_own_only(ctx, permission):
        reach.require(ctx, permission, entry.facility_id)
    return entry


async def set_priority(ctx: Context, entry_id: UUID, is_priority: bool) -> WaitlistEntry:
    """Before all who have none, or back in the line. Raises WaitlistLeft."""
    found = await find(ctx, entry_id, Permission.APPOINTMENT_CONFIRM)
    entry, _ = await offers.locked(ctx, found.id)
    if entry is None or entry.status not in _OPEN:
        raise WaitlistLeft
    entry.is_priority = is_priority
    await ctx.session.flush()
    _changed(ctx, entry, Action.UPDATE)
    return entry


async def leave(ctx: Context, entry_id: UUID) -> WaitlistEntry:
    """Wait no more; a place that is held is free again. Again is no harm. Raises WaitlistLeft once it is booked."""
    found = await find(ctx, entry_id, Permission.APPOINTMENT_CHANGE)
    entry, offer = await offers.locked(ctx, found.id)
    if entry is None or entry.status == EntryStatus.BOOKED:
        raise WaitlistLeft
    if entry.status == EntryStatus.LEFT:
        return entry
    entry.status = EntryStatus.LEFT
    if offer is not None:
        offers.end(ctx, entry, offer, OfferStatus.WITHDRAWN)
    await ctx.session.flush()
    _changed(ctx, entry, Action.UPDATE)
    return entry


async def accept(ctx: Context, offer_id: UUID, *, by_patient: bool = False) -> Placed:
    """Book the place that is held. by_patient: they answer themselves, though nobody is signed in.

    Raises OfferOver, and what `refusals` names where it can't be had any more.
    """
    known = await find_offer(ctx, offer_id)
    is_own = by_patient or reach.is_own_only(ctx, Permission.APPOINTMENT_BOOK)
    entry = await ctx.session.get_one(WaitlistEntry, (ctx.organization_id, known.entry_id))
    rules = await booking_rules.current(ctx)
    wish = BookingWish(
        patient=await patients.identify(ctx, known.patient_id),
        practitioner=await staff.practitioner(ctx, known.practitioner_id), starts_at=known.starts_at,
        # The hospital has offered it: there is nothing left to confirm, and no limit of self-booking to keep.
        status=AppointmentStatus.BOOKED, is_own=False, facility_id=known.facility_id, mode=known.mode,
        reason=entry.reason,
    )  # fmt: skip

    async def give_way() -> None:
        # Read again under the lock: it may have lapsed, or have been answered on another screen.
        waits, offer = await offers.locked(ctx, entry.id)
        if waits is None or offer is None or offer.id != offer_id or offer.expires_at <= ctx.now():
            raise await _over(ctx, offer_id)
        offers.end(ctx, waits, offer, OfferStatus.ACCEPTED)
        await ctx.session.flush()

    placed = await in_savepoint(ctx, lambda: take_place(ctx, wish, rules, give_way))
    placed.appointment.source = "patient" if is_own else "desk"
    entry.appointment_id = placed.id
    await ctx.session.flush()
    audit_new(ctx, placed.appointment)
    ctx.emit(AppointmentBooked(**ids(placed.appointment)))
    if rules.token_given_at == "booking":  # noqa: S105 - a queue token
        await queue_tokens.follow(ctx, placed.appointment)
    return Placed(placed.appointment)


async def decline(ctx: Context, offer_id: UUID) -> WaitlistEntry:
    """Let the next have it, and keep the place in the line. Raises OfferOver."""
    known = await find_offer(ctx, offer_id)
    entry, offer = await offers.locked(ctx, known.entry_id)
    if entry is None or offer is None or offer.id != offer_id or offer.expires_at <= ctx.now():
        raise await _over(ctx, offer_id)
    offers.end(ctx, entry, offer, OfferStatus.DECLINED)
    await ctx.session.flush()
    return entry


async def find_offer(ctx: Context, offer_id: UUID) -> WaitlistOffer:
    """For whoever may answer it. Raises NotFound, Forbidden."""
    offer = await ctx.session.get(WaitlistOffer, (ctx.organization_id, offer_id))
    if offer is None or not await _knows(ctx, offer.patient_id, offer.facility_id):
        raise NotFound().about("waitlist_offer", offer_id)
    reach.require(ctx, Permission.APPOINTMENT_BOOK, offer.facility_id)
    return offer


async def refuse_over(ctx: Context, offer: WaitlistOffer) -> None:
    """Raises OfferOver where the offer can't be answered any more."""
    if offer.status != OfferStatus.OFFERED or offer.expires_at <= ctx.now():
        raise await _over(ctx, offer.id)


async def _over(ctx: Context, offer_id: UUID) -> OfferOver:
    status = await ctx.session.scalar(select(WaitlistOffer.status).where(WaitlistOffer.id == offer_id))
    return OfferOver(extra={"current_status": OfferStatus.LAPSED if status == OfferStatus.OFFERED else status})


async def _knows(ctx: Context, patient_id: UUID, facility_id: UUID) -> bool:
    """Whether the actor may know of an entry: staff of the branch, and who signs in for the patient."""
    if reach.is_own_only(ctx, Permission.APPOINTMENT_READ):
        return patient_id in await reach.own_patients(ctx)
    return ctx.actor.kind == "system" or ctx.may(Permission.APPOINTMENT_READ, facility_id)


async def _whom(ctx: Context, request: JoinWaitlist) -> None:
    """Refuse to let anybody wait for whom there is not."""
    if request.practitioner_id is not None:
        practitioner = await staff.practitioner(ctx, request.practitioner_id)
        if not practitioner.is_active:
            raise Invalid.field("practitioner_id", "no longer sees patients here")
        return
    found = await staff.practitioners(ctx, department_id=request.department_id, is_active=True, kind="practitioner")
    if request.specialty is not None and not any(card.specialty == request.specialty for card in found.values()):
        raise Invalid.field("specialty", "nobody here has it")
    if request.department_id is not None and not found:
        raise Invalid.field("department_id", "nobody sees patients there")


async def _refuse_twice(ctx: Context, request: JoinWaitlist) -> None:
    at = WaitlistEntry
    same = await ctx.session.scalar(
        select(at.id)
        .where(
            at.patient_id == request.patient_id, at.facility_id == request.facility_id, at.status.in_(_OPEN),
            at.practitioner_id.is_not_distinct_from(request.practitioner_id),
            at.department_id.is_not_distinct_from(request.department_id),
            at.specialty.is_not_distinct_from(request.specialty),
            at.first_day <= request.last_day, at.last_day >= request.first_day,
        )
        .limit(1)
    )  # fmt: skip
    if same is not None:
        raise OnWaitlistAlready(extra={"entry_id": same})


async def _open_entries(ctx: Context, patient_id: UUID) -> int:
    query = select(func.count()).where(
        WaitlistEntry.patient_id == patient_id, WaitlistEntry.status.in_(_OPEN),
        WaitlistEntry.last_day >= ctx.now().date(),
    )  # fmt: skip
    return await ctx.session.scalar(query) or 0


def _changed(ctx: Context, entry: WaitlistEntry, action: Action) -> None:
    ctx.audit(
        action, "waitlist_entry", entry.id, patient_id=entry.patient_id,
        details={"status": str(entry.status), "is_priority": entry.is_priority},
    )  # fmt: skip
    ctx.emit(WaitlistChanged(entry_id=entry.id, patient_id=entry.patient_id, facility_id=entry.facility_id))
