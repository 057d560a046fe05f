"""Merging and un-merging, and what is to be seen before and after."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select

from arogya.modules.identity import api as identity
from arogya.modules.patients import ports
from arogya.modules.patients.doors import identify, not_found, sees_own_only, visible
from arogya.modules.patients.duplicates.service import judge_different
from arogya.modules.patients.events import MergeUndone, PatientsMerged
from arogya.modules.patients.merging.schemas import Hindrance
from arogya.modules.patients.models import Patient, PatientIdentifier, PatientMerge, PatientPhone
from arogya.modules.patients.persons import kept, record_ids
from arogya.modules.patients.service import PatientMerged, record, write_terms
from arogya.platform.access import Context
from arogya.platform.audit import Action
from arogya.platform.clock import new_id
from arogya.platform.database import advisory_locks
from arogya.platform.errors import Conflict, NotFound


class SamePatient(Conflict):
    code, title = "same_patient", "These are one record already"


class SurvivorInactive(Conflict):
    code, title = "survivor_inactive", "The record that is kept has to be an active one"


class BothInConsultation(Conflict):
    code, title = "both_in_consultation", "Both are with a doctor just now: they are two people, or one visit is wrong"


class MergeUndoneAlready(Conflict):
    code, title = "merge_undone", "This was undone already"


async def merge(ctx: Context, survivor_id: UUID, merged_id: UUID) -> PatientMerge:
    """Let one record stand for both.

    Raises NotFound, SamePatient, PatientMerged, SurvivorInactive, BothInConsultation.
    """
    await _one_at_a_time(ctx)
    records = await _locked(ctx, (survivor_id, merged_id))
    for one in (survivor_id, merged_id):
        if one not in records:
            raise not_found(one)
    survivor, merged = records[survivor_id], records[merged_id]
    await _refuse(ctx, survivor, merged)
    link = PatientMerge(
        id=new_id(), survivor_id=survivor.id, merged_id=merged.id, was_active=merged.is_active, created_at=ctx.now()
    )
    followers = (await ctx.session.scalars(select(Patient).where(Patient.merged_into_id == merged.id))).all()
    merged.is_active = False
    for follower in (merged, *followers):
        follower.merged_into_id = survivor.id
    ctx.add(link)
    await ctx.session.flush()
    await write_terms(ctx, survivor)
    _audit(ctx, Action.CREATE, link)
    ctx.emit(PatientsMerged(survivor.id, merged.id))
    return link


async def undo(ctx: Context, patient_id: UUID, merge_id: UUID) -> PatientMerge:
    """Let each be for itself again, as it was. Raises NotFound, MergeUndoneAlready."""
    await _one_at_a_time(ctx)
    link = await find(ctx, merge_id)
    if patient_id not in (link.survivor_id, link.merged_id):
        raise NotFound().about("patient_merge", merge_id)
    if link.undone_at is not None:
        raise MergeUndoneAlready
    kept_id = (await ctx.session.execute(select(kept()).where(Patient.id == link.merged_id))).scalar_one()
    records = await _locked(ctx, await record_ids(ctx.session, link.merged_id))
    survivor, merged = records[kept_id], records[link.merged_id]
    followers = await _merged_below(ctx, merged.id, records)
    merged.merged_into_id, merged.is_active = None, link.was_active
    for one in followers:
        records[one].merged_into_id = merged.id
    link.undone_at, link.undone_by = ctx.now(), ctx.user_id
    await ctx.session.flush()
    await write_terms(ctx, survivor)
    await write_terms(ctx, merged)
    await judge_different(ctx, link.survivor_id, link.merged_id)
    _audit(ctx, Action.UPDATE, link)
    ctx.emit(MergeUndone(survivor.id, merged.id))
    return link


async def find(ctx: Context, merge_id: UUID) -> PatientMerge:
    """Raises NotFound."""
    link = await ctx.session.get(PatientMerge, (ctx.organization_id, merge_id))
    if link is None:
        raise NotFound().about("patient_merge", merge_id)
    return link


async def compare(ctx: Context, one_id: UUID, other_id: UUID) -> dict[str, Any]:
    """Both records side by side, with an audit row each, and what stands in the way. Raises NotFound."""
    one, other = await record(ctx, one_id), await record(ctx, other_id)
    ids = [one["id"], other["id"]]
    records = {row: await record_ids(ctx.session, row) for row in ids}
    visits = await ports.visit_counts(ctx, [each for held in records.values() for each in held])
    inside = await ports.in_consultation(ctx, [each for held in records.values() for each in held])
    for row in dict.fromkeys(ids):
        ctx.audit(Action.READ, "patient", row, patient_id=row, details={"for": "merge"})

    def compared(found: dict[str, Any]) -> dict[str, Any]:
        held = records[found["id"]]
        return {
            "record": found,
            "visits": sum(visits[each] for each in held),
            "in_consultation": not inside.isdisjoint(held),
        }

    both = {"one": compared(one), "other": compared(other)}
    return both | {"hindrance": _hindrance(both["one"], both["other"], was_merged=[one_id, other_id] != ids)}


def _hindrance(one: dict[str, Any], other: dict[str, Any], *, was_merged: bool) -> Hindrance | None:
    if one["record"]["id"] == other["record"]["id"]:
        return "same_patient"
    if was_merged:
        return "patient_merged"
    if not (one["record"]["is_active"] or other["record"]["is_active"]):
        return "survivor_inactive"
    return "both_in_consultation" if one["in_consultation"] and other["in_consultation"] else None


async def merges_of(ctx: Context, patient_id: UUID) -> list[dict[str, Any]]:
    """All merges that this person's records were part of, undone ones too, newest first. Raises NotFound."""
    patient = await identify(ctx, patient_id)
    ours = {*patient.record_ids, patient_id}
    links = select(PatientMerge).where(or_(PatientMerge.survivor_id.in_(ours), PatientMerge.merged_id.in_(ours)))
    if sees_own_only(ctx):  # the other record of an undone merge is a stranger's
        links = links.where(PatientMerge.undone_at.is_(None))
    found = await ctx.session.scalars(links.order_by(PatientMerge.created_at.desc(), PatientMerge.id.desc()))
    return await shown(ctx, found.all())


async def shown(ctx: Context, links: Sequence[PatientMerge]) -> list[dict[str, Any]]:
    """Merges as they are read: the two records as they stand by themselves, who did it, what was booked meanwhile."""
    briefs = await _briefs(ctx, {one for link in links for one in (link.survivor_id, link.merged_id)})
    users = {one for link in links for one in (link.created_by, link.undone_by) if one}
    names: Mapping[UUID | None, str] = await identity.names_of(ctx.session, users)  # type: ignore[assignment]
    return [
        {
            "id": link.id,
            "survivor": briefs[link.survivor_id],
            "merged": briefs[link.merged_id],
            "merged_at": link.created_at,
            "merged_by_name": names.get(link.created_by),
            "undone_at": link.undone_at,
            "undone_by_name": names.get(link.undone_by),
            "booked_meanwhile": await _booked_meanwhile(ctx, link),
        }
        for link in links
    ]


async def _booked_meanwhile(ctx: Context, link: PatientMerge) -> list[ports.Booked]:
    if link.undone_at is None:
        return []
    both = [link.survivor_id, link.merged_id]
    return await ports.booked_between(ctx, both, link.created_at, link.undone_at)


async def _one_at_a_time(ctx: Context) -> None:
    """Merges of one hospital take turns: each reads whole trees of links, and locks the rows of one."""
    await advisory_locks(ctx.session, [f"merge {ctx.organization_id}"])


async def _locked(ctx: Context, ids: Iterable[UUID]) -> dict[UUID, Patient]:
    """Those of whom the actor may know, locked in the order of their ids: an edit or a booking waits."""
    query = visible(ctx, select(Patient).where(Patient.id.in_(set(ids))).order_by(Patient.id))
    rows = await ctx.session.scalars(query.with_for_update(of=Patient).execution_options(populate_existing=True))
    return {row.id: row for row in rows}


async def _refuse(ctx: Context, survivor: Patient, merged: Patient) -> None:
    if survivor.id == merged.id:
        raise SamePatient
    for one in (survivor, merged):
        if one.merged_into_id is not None:
            raise PatientMerged(extra={"patient_id": one.merged_into_id}).about("patient", one.id)
    if not survivor.is_active:
        raise SurvivorInactive
    ours, theirs = await record_ids(ctx.session, survivor.id), await record_ids(ctx.session, merged.id)
    inside = await ports.in_consultation(ctx, [*ours, *theirs])
    if not inside.isdisjoint(ours) and not inside.isdisjoint(theirs):
        raise BothInConsultation


async def _merged_below(ctx: Context, merged_id: UUID, among: Iterable[UUID]) -> list[UUID]:
    """The records whose own links lead to this one."""
    links = select(PatientMerge.survivor_id, PatientMerge.merged_id).where(
        PatientMerge.undone_at.is_(None), PatientMerge.merged_id.in_(set(among))
    )
    below: dict[UUID, list[UUID]] = defaultdict(list)
    for survivor, merged in await ctx.session.execute(links):
        below[survivor].append(merged)
    found = list(below[merged_id])
    for one in found:  # grows while it is walked
        found += below[one]
    return found


def _audit(ctx: Context, action: Action, link: PatientMerge) -> None:
    """In the trail of each of the two."""
    for patient_id in (link.survivor_id, link.merged_id):
        ctx.audit(action, "patient_merge", link.id, link.survivor_id, link.merged_id, patient_id=patient_id)


async def _briefs(ctx: Context, ids: Iterable[UUID]) -> dict[UUID, dict[str, Any]]:
    wanted = set(ids)
    phones: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    numbers = select(PatientPhone).where(PatientPhone.patient_id.in_(wanted)).order_by(PatientPhone.position)
    for phone in await ctx.session.scalars(numbers):
        phones[phone.patient_id].append({"number": phone.number, "e164": phone.e164})
    identifiers: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    known = select(PatientIdentifier).where(PatientIdentifier.patient_id.in_(wanted)).order_by(PatientIdentifier.id)
    for one in await ctx.session.scalars(known):
        identifiers[one.patient_id].append({"kind": one.kind, "system": one.system, "value": one.value})
    rows = await ctx.session.scalars(select(Patient).where(Patient.id.in_(wanted)))
    return {
        row.id: {
            "id": row.id, "mrn": row.mrn, "name": row.name, "name_local": row.name_local, "gender": row.gender,
            "birth_date": row.birth_date, "birth_date_precision": row.birth_date_precision, "phones": phones[row.id],
            "identifiers": identifiers[row.id],
        }
        for row in rows
    }  # fmt: skip
