"""Keeps the table of likely duplicates true: of one record when it changes, of all that were not looked at yet by the
clock."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, exists, or_, select, text
from sqlalchemy.dialects.postgresql import insert

from arogya.modules.patients.duplicates.keys import keys_of
from arogya.modules.patients.duplicates.scores import LISTED_FROM, Likeness, Person, compared
from arogya.modules.patients.events import LikelyDuplicatesChanged
from arogya.modules.patients.models import Patient, PatientDuplicate, PatientMatchKey, PatientPhone
from arogya.modules.patients.names import words
from arogya.modules.patients.phones import national
from arogya.platform.access import Context
from arogya.platform.clock import new_id
from arogya.platform.database import advisory_locks, is_one_of

Pair = tuple[UUID, UUID]
"""In the order of the ids."""

MOST_OF_ONE_KEY: Final = 60
"""A key that more records share says nothing: the hospital's own phone, typed where there is none."""
_INSERTED_AT_ONCE: Final = 1000

# One statement each for any number of ids: IN would be another text, and another plan, for every number.
_PHONES = select(PatientPhone.patient_id, PatientPhone.number, PatientPhone.e164).where(
    is_one_of(PatientPhone.patient_id)
)
_PEOPLE = select(
    Patient.id, Patient.sort_name, Patient.relative_name, Patient.birth_date, Patient.birth_date_precision,
    Patient.gender, Patient.postal_code, Patient.mother_id,
).where(is_one_of(Patient.id), Patient.merged_into_id.is_(None), ~Patient.is_unknown)  # fmt: skip
_KNOWN_PAIRS = select(
    PatientDuplicate.id,
    PatientDuplicate.first_id,
    PatientDuplicate.second_id,
    PatientDuplicate.status,
    PatientDuplicate.score,
).where(or_(is_one_of(PatientDuplicate.first_id), is_one_of(PatientDuplicate.second_id)))
_KEYS = text("""
    INSERT INTO patient_match_keys (organization_id, key, patient_id, written_at)
    SELECT :tenant, key, holder, :now FROM unnest(CAST(:keys AS text[]), CAST(:holders AS uuid[])) AS k (key, holder)
""")
_PARTNERS = text("""
    SELECT DISTINCT mine.patient_id AS one, partner.patient_id AS other
    FROM patient_match_keys mine
    CROSS JOIN LATERAL (
        SELECT p.patient_id FROM patient_match_keys p
        WHERE p.organization_id = mine.organization_id AND p.key = mine.key AND p.patient_id <> mine.patient_id
        LIMIT :most
    ) partner
    WHERE mine.patient_id = ANY(:ids)
""")


async def refresh(ctx: Context, patient_ids: Iterable[UUID]) -> None:
    """Find anew whom these records may be. Merged and unknown ones are compared with nobody.

    What somebody judged different stays so.
    """
    ids = sorted(set(patient_ids))
    # In turn: two that write the same pairs in another order would wait for each other for ever.
    await advisory_locks(ctx.session, [f"duplicates {ctx.organization_id}"])
    people = await _people(ctx, ids)
    await _write_keys(ctx, ids, people.values())
    likely = await _likely(ctx, people)
    await _keep(ctx, ids, likely)


async def not_looked_at(ctx: Context, after: UUID | None, most: int) -> list[UUID]:
    """Records that are new or changed since their keys were written, in the order of their ids."""
    looked_at = exists().where(
        PatientMatchKey.patient_id == Patient.id, PatientMatchKey.written_at >= Patient.updated_at
    )
    query = select(Patient.id).where(Patient.merged_into_id.is_(None), ~Patient.is_unknown, ~looked_at)
    if after is not None:
        query = query.where(Patient.id > after)
    return list(await ctx.session.scalars(query.order_by(Patient.id).limit(most)))


async def _people(ctx: Context, ids: Sequence[UUID]) -> dict[UUID, Person]:
    phones: dict[UUID, set[str]] = defaultdict(set)
    for row in await ctx.session.execute(_PHONES, {"ids": ids}):
        phones[row.patient_id].add(row.e164 or national(row.number, None))
    return {
        row.id: Person(
            id=row.id, words=tuple(row.sort_name.split()), relative_words=tuple(words(row.relative_name or "")),
            birth_date=row.birth_date, birth_date_precision=row.birth_date_precision, gender=row.gender,
            postal_code=row.postal_code, mother_id=row.mother_id, phones=frozenset(phones[row.id] - {""}),
        )
        for row in await ctx.session.execute(_PEOPLE, {"ids": ids})
    }  # fmt: skip


async def _write_keys(ctx: Context, ids: Sequence[UUID], people: Iterable[Person]) -> None:
    await ctx.session.execute(delete(PatientMatchKey).where(is_one_of(PatientMatchKey.patient_id)), {"ids": ids})
    rows = [(key, person.id) for person in people for key in sorted(keys_of(person))]
    if rows:
        keys, holders = zip(*rows, strict=True)
        told = {"tenant": ctx.organization_id, "keys": list(keys), "holders": list(holders), "now": ctx.now()}
        await ctx.session.execute(_KEYS, told)


async def _likely(ctx: Context, people: dict[UUID, Person]) -> dict[Pair, Likeness]:
    found = await ctx.session.execute(_PARTNERS, {"ids": list(people), "most": MOST_OF_ONE_KEY})
    pairs = {(min(row.one, row.other), max(row.one, row.other)) for row in found}
    strangers = {one for pair in pairs for one in pair} - people.keys()
    everybody = people | await _people(ctx, sorted(strangers)) if strangers else people
    scored = {
        (one, other): compared(everybody[one], everybody[other])
        for one, other in pairs
        if one in everybody and other in everybody
    }
    return {pair: likeness for pair, likeness in scored.items() if likeness.score >= LISTED_FROM}


async def _keep(ctx: Context, ids: Sequence[UUID], likely: dict[Pair, Likeness]) -> None:
    at = PatientDuplicate
    known = (await ctx.session.execute(_KNOWN_PAIRS, {"ids": ids})).all()
    gone = [row.id for row in known if row.status == "open" and (row.first_id, row.second_id) not in likely]
    if gone:
        await ctx.session.execute(delete(at).where(at.id.in_(gone)))
    before = {(row.first_id, row.second_id): row.score for row in known if row.status == "open"}
    judged = {(row.first_id, row.second_id) for row in known if row.status != "open"}
    if before != {pair: likeness.score for pair, likeness in likely.items() if pair not in judged}:
        ctx.emit(LikelyDuplicatesChanged())
    rows: list[dict[str, Any]] = [
        {
            "organization_id": ctx.organization_id, "id": new_id(), "first_id": first, "second_id": second,
            "score": likeness.score, "because": list(likeness.because), "status": "open", "created_at": ctx.now(),
        }
        for (first, second), likeness in sorted(likely.items())
    ]  # fmt: skip
    for start in range(0, len(rows), _INSERTED_AT_ONCE):
        new = insert(at).values(rows[start : start + _INSERTED_AT_ONCE])
        await ctx.session.execute(
            new.on_conflict_do_update(
                constraint="uq_patient_duplicates_pair",
                set_={"score": new.excluded.score, "because": new.excluded.because},
            )
        )
