"""What two records of one person are likely to have in common, spelling slips and all: those that share a key are
compared."""

from arogya.modules.patients.duplicates.scores import Person
from arogya.modules.patients.names import sound

SHORTEST_PHONE = 6


def keys_of(person: Person) -> set[str]:
    """At least one, so that it is known that the record was looked at."""
    sounds = sorted({sound(word) for word in person.words if len(word) > 1})
    found = {f"p:{phone}" for phone in person.phones if len(phone) >= SHORTEST_PHONE}
    name = " ".join(sounds)
    born = person.birth_date
    if born and sounds:
        # Two whose years are one apart share one of these.
        found |= {f"n:{name}:{born.year}", f"n:{name}:{born.year + 1}"}
    if born and person.birth_date_precision == "day":
        # In one order, as day and month are swapped easily.
        low, high = sorted((born.day, born.month))
        found |= {f"b:{born.year}-{low}-{high}:{one[0]}" for one in sounds}
    if sounds and person.relative_words:
        found.add(f"r:{name}:{sound(person.relative_words[0])}")
    return found or {f"i:{person.id}"}
