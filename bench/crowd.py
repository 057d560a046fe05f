"""A million made-up patients of one hospital: a few very common names, and a long tail of rare ones."""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import accumulate, islice
from typing import Any
from uuid import UUID

import asyncpg

from arogya.demo.names import COMMUNITIES, Name, joined
from arogya.modules.patients.names import sort_name, words
from arogya.modules.patients.terms import name_terms, number_terms, phone_terms
from arogya.modules.patients.vocabulary import deletions, sound_key
from arogya.platform.clock import new_id

RARE_NAMES = 30_000
_BATCH = 20_000
_BEGIN = datetime(2020, 1, 1, tzinfo=UTC)
_ONSETS = (*"kgcjtdnpbmyrlvsh", "kh", "ch", "th", "dh", "ph", "bh", "sh")
_VOWELS = ["a", "aa", "i", "ee", "u", "oo", "e", "o", "ai", "au"]
_CODAS = ["", "", "", "n", "m", "r", "l", "t", "k", "sh", "nd", "rk"]


def _rare(chance: random.Random) -> str:
    parts = (
        chance.choice(_ONSETS) + chance.choice(_VOWELS) + chance.choice(_CODAS) for _ in range(chance.choice((2, 3)))
    )
    return "".join(parts).capitalize()


class Crowd:
    """The same people every time. Each tenth name is a rare one; in a community the n-th comes 1/n as often."""

    def __init__(self, seed: int = 11, in_script: float = 0.5) -> None:
        """in_script: how many give their name in its own script too."""
        self._in_script = in_script
        self._chance = random.Random(seed)
        self._rare = [_rare(self._chance) for _ in range(RARE_NAMES)]
        self._shares = list(accumulate(c.share for c in COMMUNITIES))

    def people(self) -> Iterator[tuple[str, str | None, str, str]]:
        """name, its own script or None, gender, mobile number; without end."""
        chance = self._chance
        while True:
            (community,) = chance.choices(COMMUNITIES, cum_weights=self._shares)
            gender = chance.choice(("male", "female"))
            given = self._one_of(community.men if gender == "male" else community.women)
            name, local = joined(given, self._one_of(community.families))
            if chance.random() < 0.3:
                name = f"{name.split()[0]} {chance.choice(community.men)[0][0]} {name.split()[-1]}"
            yield name, local if chance.random() < self._in_script else None, gender, f"9{chance.randrange(10**9):09d}"

    def _one_of(self, names: tuple[Name, ...]) -> Name:
        if self._chance.random() < 0.1:
            return self._chance.choice(self._rare), None
        return self._chance.choices(names, cum_weights=_zipf(len(names)))[0]


@cache
def _zipf(count: int) -> list[float]:
    return list(accumulate(1 / n for n in range(1, count + 1)))


async def fill(to: asyncpg.Connection, organization_id: UUID, count: int) -> None:
    """Write them as registration would. to: a superuser, whom row security lets COPY."""
    vocabulary: set[str] = set()
    crowd = Crowd().people()
    for start in range(0, count, _BATCH):
        patients, phones, numbers, terms = [], [], [], []
        for n, (name, local, gender, phone) in enumerate(islice(crowd, min(_BATCH, count - start)), start + 1):
            patient_id, mrn = new_id(), f"NH-{n:07d}"
            born = date(1940, 1, 1) + timedelta(days=n * 7919 % 30_000)
            sorted_by = sort_name(name, local)
            patients.append((organization_id, patient_id, mrn, name, local, sorted_by, born, "day", gender, "en",
                             False, False, False, True, _BEGIN, _BEGIN, 1))  # fmt: skip
            phones.append((organization_id, new_id(), patient_id, phone, f"+91{phone}", 0, _BEGIN))
            abha = f"{91_000_000_000_000 + n * 7}"
            found = name_terms(name, local) | phone_terms([(phone, f"+91{phone}")])
            if n % 2:
                numbers.append((organization_id, new_id(), patient_id, "abha_number", "", abha, _BEGIN))
                found |= number_terms(mrn, [("abha_number", abha)])
            else:
                found |= number_terms(mrn, [])
            terms += [(organization_id, True, kind, term, sorted_by, patient_id) for kind, term in found]
            vocabulary |= {word for word in words(f"{name} {local or ''}") if len(word) > 1}
        await _copy(to, "patients", patients,
                    "organization_id id mrn name name_local sort_name birth_date birth_date_precision gender language "
                    "is_unknown is_medico_legal is_deceased is_active created_at updated_at version")  # fmt: skip
        await _copy(to, "patient_phones", phones, "organization_id id patient_id number e164 position created_at")
        await _copy(to, "patient_identifiers", numbers, "organization_id id patient_id kind system value created_at")
        await _copy(to, "patient_terms", terms, "organization_id is_active kind term sort_name patient_id")
    vocabulary -= {
        r["word"] for r in await to.fetch("SELECT word FROM name_words WHERE organization_id = $1", organization_id)
    }
    await _copy(to, "name_words", [(organization_id, w, sound_key(w)) for w in sorted(vocabulary)],
                "organization_id word sound")  # fmt: skip
    near = [(organization_id, d, w) for w in sorted(vocabulary) for d in sorted(deletions(w))]
    await _copy(to, "name_word_deletions", near, "organization_id deletion word")
    await to.execute("VACUUM ANALYZE")


async def _copy(to: asyncpg.Connection, table: str, rows: list[tuple[Any, ...]], columns: str) -> None:
    if rows:
        await to.copy_records_to_table(table, records=rows, columns=columns.split())
