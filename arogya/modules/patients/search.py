"""Search by name, phone and number, over patient_terms.

Under row security only leakproof operators use an index, so everything is a range of terms; further words are looked
for in `sort_name`, which stands in the same key. Candidates are capped before they are sorted.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Subquery, and_, func, literal, or_, select, union_all
from sqlalchemy.orm import aliased

from arogya.modules.patients.accounts import own_patient_ids
from arogya.modules.patients.doors import sees_own_only, visible
from arogya.modules.patients.models import Patient, PatientTerm
from arogya.modules.patients.queries import as_list_rows, rows_by_id, rows_query
from arogya.modules.patients.schemas import WantedPatients
from arogya.modules.patients.terms import Sought, sought_in, whole_number
from arogya.modules.patients.vocabulary import variants
from arogya.platform.access import Context
from arogya.platform.audit import Action
from arogya.platform.paging import TOTAL_CAP, Paging, rows_and_total

_AFTER_ALL = "\U0010ffff"
"""No text holds this character, so a prefix followed by it comes after all that begin with the prefix."""

Found = tuple[list[dict[str, Any]], int, bool]
"""The page's rows, the total up to the cap, and whether it was capped."""


async def search(ctx: Context, wanted: WantedPatients) -> Found:
    """One page of patients, and one audit row with the ids shown. What was typed is written nowhere."""
    rows, total, capped = await (_matching(ctx, wanted) if wanted.search.strip() else _all(ctx, wanted))
    filters = sorted(wanted.model_fields_set - {"skip", "limit"})
    ctx.audit(Action.SEARCH, "patient", *(row["id"] for row in rows), details={"by": filters})
    return rows, total, capped


async def _all(ctx: Context, wanted: WantedPatients) -> Found:
    query = visible(ctx, rows_query().where(Patient.merged_into_id.is_(None), *filters_of(wanted))).order_by(
        Patient.sort_name, Patient.id
    )
    if not wanted.all:
        query = query.where(Patient.is_active == wanted.is_active)
    paging = Paging(skip=wanted.skip, limit=wanted.limit)
    rows, total, capped = await rows_and_total(ctx, query, paging)
    return await as_list_rows(ctx, rows), total, capped


def filters_of(wanted: WantedPatients) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.blood_group:
        found.append(Patient.blood_group == wanted.blood_group)
    if wanted.gender:
        found.append(Patient.gender == wanted.gender)
    return found


async def found_ids(ctx: Context, text: str, most: int) -> list[UUID]:
    """Of the active patients that the text finds the first few, for searches of what is theirs; the caller audits."""
    return (await _matching_ids(ctx, WantedPatients(search=text, limit=most)))[0]


async def all_ids(ctx: Context, wanted: WantedPatients) -> list[UUID]:
    """Everyone that a search finds, up to where its count is capped; the caller audits."""
    return (await _matching_ids(ctx, wanted.model_copy(update={"skip": 0, "limit": TOTAL_CAP})))[0]


async def _matching(ctx: Context, wanted: WantedPatients) -> Found:
    ids, total, capped = await _matching_ids(ctx, wanted)
    return await rows_by_id(ctx, ids), total, capped


async def _matching_ids(ctx: Context, wanted: WantedPatients) -> tuple[list[UUID], int, bool]:
    number = whole_number(wanted.search)
    for sought in ([number] if number else []), await with_variants(ctx, sought_in(wanted.search)):
        ids, total, capped = await _page_of_ids(ctx, wanted, sought)
        if total:
            return ids, total, capped
    return [], 0, False


async def with_variants(ctx: Context, sought: Sequence[Sought]) -> list[Sought]:
    """The same, where other spellings and one slip of a word will do too."""
    typed = {one: one.prefixes[0][1] for one in sought if one.is_word}
    others = await variants(ctx.session, list(typed.values()))
    return [replace(one, variants=others.get(typed.get(one, ""), ())) for one in sought]


async def _page_of_ids(ctx: Context, wanted: WantedPatients, sought: Sequence[Sought]) -> tuple[list[UUID], int, bool]:
    if not sought:
        return [], 0, False
    ranked, found = ids_query(ctx, wanted, sought)
    rows = (await ctx.session.execute(ranked)).all()
    if rows:
        distinct, counted = rows[0].distinct_count, rows[0].counted
    elif wanted.skip:
        distinct, counted = (await ctx.session.execute(select(func.count(), func.max(found.c.counted)))).one()
    else:
        return [], 0, False
    return [row.patient_id for row in rows], min(distinct, TOTAL_CAP), (counted or 0) > TOTAL_CAP


def ids_query(
    ctx: Context, wanted: WantedPatients, sought: Sequence[Sought]
) -> tuple[Select[*tuple[Any, ...]], Subquery]:
    """The page's patient ids with the counts beside them, and all that were found.

    As typed comes before other spellings. distinct_count: patients; counted: terms that matched, past the cap where
    there are more.
    """
    # A number picks out fewest, then the longest word.
    first, *others = sorted(sought, key=lambda one: (one.is_word, -one.length))
    as_typed = [_in_range(ctx, wanted, _begins_with(PatientTerm, prefix), 0, others) for prefix in first.prefixes]
    other_words = [
        _in_range(ctx, wanted, _is_name(PatientTerm, word), rank, others) for rank, word in enumerate(first.variants, 1)
    ]
    matches = union_all(*as_typed, *other_words).limit(TOTAL_CAP + 1).cte("matches")
    found = (
        select(
            matches.c.patient_id,
            matches.c.sort_name,
            func.min(matches.c.rank).label("rank"),
            select(func.count()).select_from(matches).scalar_subquery().label("counted"),
        )
        .group_by(matches.c.patient_id, matches.c.sort_name)
        .subquery("found")
    )
    begins = " ".join(word for one in sought if one.is_word for _, word in one.prefixes)
    ranked = (
        select(found.c.patient_id, func.count().over().label("distinct_count"), found.c.counted)
        .order_by(
            found.c.rank, func.starts_with(found.c.sort_name, begins).desc(), found.c.sort_name, found.c.patient_id
        )
        .offset(wanted.skip)
        .limit(wanted.limit)
    )
    return ranked, found


def _in_range(
    ctx: Context, wanted: WantedPatients, has: ColumnElement[bool], rank: int, others: Sequence[Sought]
) -> Select[*tuple[Any, ...]]:
    query = select(PatientTerm.patient_id, PatientTerm.sort_name, literal(rank).label("rank")).where(
        has, *(_also(one) for one in others)
    )
    states = [True, False] if wanted.all else [wanted.is_active]
    query = query.where(PatientTerm.is_active.in_(states))
    if filters := filters_of(wanted):
        query = query.join(Patient, Patient.id == PatientTerm.patient_id).where(*filters)
    if sees_own_only(ctx):
        query = query.where(PatientTerm.patient_id.in_(own_patient_ids(ctx.user_id, ctx.now())))
    return query


def _begins_with(term: type[PatientTerm], prefix: tuple[str, str]) -> ColumnElement[bool]:
    kind, beginning = prefix
    return and_(term.kind == kind, term.term >= beginning, term.term < beginning + _AFTER_ALL)


def _is_name(term: type[PatientTerm], word: str) -> ColumnElement[bool]:
    return and_(term.kind == "name", term.term == word)


def _also(sought: Sought) -> ColumnElement[bool]:
    """That the patient of a term has this too."""
    if sought.is_word:
        spaced = literal(" ") + PatientTerm.sort_name + literal(" ")
        begun = [f" {word}" for _, word in sought.prefixes]
        return or_(*(spaced.contains(part) for part in [*begun, *(f" {word} " for word in sought.variants)]))
    other = aliased(PatientTerm)
    has = or_(*(_begins_with(other, prefix) for prefix in sought.prefixes))
    return select(other.patient_id).where(other.patient_id == PatientTerm.patient_id, has).exists()
