"""The words of all names of a hospital, and which of them a typed word may stand for: other spellings, one slip.

Names repeat: a million patients have some ten thousand words. So spellings and slips are looked up here, with `=` (row
security leaves no other index), and the patients by the words that come back.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final
from uuid import UUID

from rapidfuzz.distance import OSA
from sqlalchemy import ARRAY, String, any_, bindparam, select, text, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from arogya.modules.patients.models import NameWord, NameWordDeletion
from arogya.modules.patients.sounds import sound_alike, sound_key

SHORTEST: Final = 4
"""A slip is forgiven in words from this length on: shorter ones are one slip from too many others."""
SHORTEST_KEPT: Final = 2
MOST_VARIANTS: Final = 16
_MOST_CANDIDATES: Final = 400


def deletions(word: str) -> set[str]:
    """The word, and the word without each of its letters: two words one slip apart have one of these in common."""
    if len(word) < SHORTEST:
        return set()
    return {word, *(word[:n] + word[n + 1 :] for n in range(len(word)))}


async def keep_words(session: AsyncSession, organization_id: UUID, names: Iterable[str]) -> None:
    """Remember words of names. names: folded (`names.words`)."""
    fresh = sorted({word for word in names if len(word) >= SHORTEST_KEPT})
    if not fresh:
        return
    words = {"organization_id": organization_id, "words": fresh, "sounds": [sound_key(word) for word in fresh]}
    added = sorted(await session.scalars(_KEEP, words))
    near = [(deletion, word) for word in added for deletion in sorted(deletions(word))]
    if near:
        told = {"deletions": [one for one, _ in near], "words": [word for _, word in near]}
        await session.execute(_KEEP_NEAR, {"organization_id": organization_id, **told})


_KEEP = text("""
    INSERT INTO name_words (organization_id, word, sound)
    SELECT :organization_id, w.word, w.sound
    FROM unnest(CAST(:words AS text[]), CAST(:sounds AS text[])) w (word, sound)
    ON CONFLICT DO NOTHING RETURNING word
""")
_KEEP_NEAR = text("""
    INSERT INTO name_word_deletions (organization_id, deletion, word)
    SELECT :organization_id, n.deletion, n.word
    FROM unnest(CAST(:deletions AS text[]), CAST(:words AS text[])) n (deletion, word)
    ON CONFLICT DO NOTHING
""")


def _any_of(column: Any, name: str) -> Any:
    return column == any_(bindparam(name, type_=ARRAY(String)))


_CANDIDATES = union_all(
    select(NameWord.word).where(_any_of(NameWord.sound, "sounds")).limit(_MOST_CANDIDATES).subquery().select(),
    select(NameWordDeletion.word)
    .where(_any_of(NameWordDeletion.deletion, "near"))
    .limit(_MOST_CANDIDATES)
    .subquery()
    .select(),
)


async def variants(session: AsyncSession, typed: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """For each typed word the other words that it may stand for: said alike first, then those one slip away."""
    asked = [word for word in typed if len(word) >= SHORTEST_KEPT]
    if not asked:
        return {}
    near = {deletion for word in asked for deletion in deletions(word)}
    told = {"sounds": sorted({sound_key(word) for word in asked}), "near": sorted(near)}
    found = set(await session.scalars(_CANDIDATES, told))
    return {word: _best(word, found) for word in asked}


def _best(word: str, candidates: Iterable[str]) -> tuple[str, ...]:
    ranked = sorted((rank, other) for other in candidates if (rank := _rank(word, other)) is not None)
    return tuple(other for _, other in ranked[:MOST_VARIANTS])


def _rank(word: str, other: str) -> tuple[int, int] | None:
    """How far another word is; None where it is the word itself, begins with it, or is another name."""
    if other.startswith(word):
        return None
    apart = OSA.distance(word, other)
    if sound_alike(word, other):
        return 0, apart
    return (1, apart) if len(word) >= SHORTEST and apart == 1 else None
