"""Names as people search for them: any case, accents on or off, any order of words, any script."""

import re
import unicodedata

_LATIN_MARKS = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]")
"""Accents of the European scripts. Vowel signs of Indic scripts stand elsewhere, and are letters to their readers."""
_APOSTROPHES = re.compile("['\u2019\u02bc`]")
_LONGEST_TERM = 64


def words(text: str) -> list[str]:
    """The words of a name, folded: `D'Souza, Zoë` gives `dsouza`, `zoe`; Devanagari keeps its signs."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    folded = _APOSTROPHES.sub("", _LATIN_MARKS.sub("", folded))
    kept = "".join(_kept(character) for character in folded)
    return [unicodedata.normalize("NFC", word)[:_LONGEST_TERM] for word in kept.split()]


def _kept(character: str) -> str:
    """Letters, marks, digits and symbols stay; joiners and direction marks vanish; what else there is parts words."""
    category = unicodedata.category(character)
    if category[0] in "LMN" or category in {"So", "Sk"}:
        return character
    return "" if category == "Cf" else " "


def sort_name(name: str, name_local: str | None = None) -> str:
    """All words of both names: what lists are ordered by, and what further words of a search are looked for in."""
    return " ".join([*words(name), *words(name_local or "")])


def sound(word: str) -> str:
    """A word as it sounds, roughly, to an Indian ear: `Laxmee` and `Lakshmi` are one. Other scripts stay."""
    for pattern, plain in _SOUNDS:
        word = pattern.sub(plain, word)
    return word


_SOUNDS = [
    (re.compile(pattern), plain)
    for pattern, plain in (
        ("ks+h?|x", "x"),
        ("ck|q", "k"),
        ("c(?!h)", "k"),
        ("ph", "f"),
        ("([kgcjtdpbsz])h", r"\1"),
        ("w", "v"),
        ("z", "j"),
        ("ee|ea|y", "i"),
        ("oo|ou", "u"),
        (r"(.)\1+", r"\1"),
        ("(?<=[^aeiou])[ae]$", ""),
    )
]


def likeness(one: list[str], other: list[str]) -> float:
    """How alike two names are, in [0, 1]: each word of the shorter one finds its best match in the longer one."""
    if not one or not other:
        return 0.0
    fewer, more = sorted((one, other), key=len)
    best = [max(_word_likeness(word, candidate) for candidate in more) for word in fewer]
    return sum(best) / len(best) * (0.8 + 0.2 * len(fewer) / len(more))


def _word_likeness(one: str, other: str) -> float:
    if one == other:
        return 1.0
    if sound(one) == sound(other):
        return 0.95
    if len(one) == 1 or len(other) == 1:
        return 0.7 if one[0] == other[0] else 0.0  # an initial
    ours, theirs = _trigrams(sound(one)), _trigrams(sound(other))
    return len(ours & theirs) / len(ours | theirs)


def _trigrams(word: str) -> set[str]:
    padded = f"  {word} "
    return {padded[i : i + 3] for i in range(len(padded) - 2)}
