"""How names sound: one key for `Sharma`, `Sarma` and `शर्मा`, in whichever spelling and Indian script.

Spellings of one name differ above all in vowels, aspirates and doubled letters, and in which Latin letters are taken
for a sound. So there are two forms: `spoken` folds what is written differently and said alike; `sound_key` is its
skeleton of consonants, which the vocabulary is asked for with `=`. Rules: the Hunterian romanisation, and how people
depart from it.
"""

import re
from functools import lru_cache
from typing import Final

from rapidfuzz.distance import OSA

_DEVANAGARI: Final = 0x0900
_SCRIPTS: Final = (0x0980, 0x0A00, 0x0A80, 0x0B00, 0x0B80, 0x0C00, 0x0C80, 0x0D00)
"""Bengali, Gurmukhi, Gujarati, Odia, Tamil, Telugu, Kannada, Malayalam: a letter stands where Devanagari's does."""
_SCRIPT_SIZE: Final = 0x80


def _pairs(letters: str, said: str) -> dict[str, str]:
    return dict(zip(letters, said.split(), strict=True))


_CONSONANTS: Final = _pairs(
    "कखगघङचछजझञटठडढणतथदधनऩपफबभमयरऱलळऴवशषसह",
    "k k g g n ch ch j j n t t d d n t t d d n n p f b b m y r r l l l v s s s h",
)
_VOWELS: Final = _pairs("अआइईउऊऋएऐओऔऑऍ", "a a i i u u ri e e o o o e")
_SIGNS: Final = _pairs("ािीुूृेैोौॉॅ", "a i i u u ri e e o o o e") | {"्": ""}
_MARKS: Final = {"ं": "n", "ँ": "n", "ः": "", "ऽ": ""}
_NUKTA: Final = "़"
"""ज़ for ज: a z, which Latin spellings don't tell from j either."""
_SINGH: Final = "ंह"
"""As in सिंह: written with h, said and romanised with g."""

_SHORT_FORMS: Final = {
    "md": "mohammad", "mohd": "mohammad", "mohmd": "mohammad", "mhd": "mohammad", "muhd": "mohammad",
    "sk": "sheikh", "kr": "kumar", "pd": "prasad",
}  # fmt: skip
"""What clerks write for the whole name."""

_FOLDS: Final = [
    (re.compile(pattern), plain)
    for pattern, plain in (
        ("ks+h?|ck?sh|kch|x", "ks"),
        ("dny|gny|gy(?=a)|jny|jn", "gn"),
        ("t?chh?|c(?=[eiy])", "C"),
        ("ck|c|q", "k"),
        ("C", "c"),
        ("zh", "l"),
        ("ph", "f"),
        ("([kgjtdpbsrlnmc])h", r"\1"),
        ("z", "j"),
        ("w(?=[^aeiouy])", "u"),
        ("w", "v"),
        ("h(?=[^aeiouy]|$)", ""),
        ("(?<=.)y|e", "i"),
        ("o", "u"),
        ("(?<=.)a", ""),
        (r"(.)\1+", r"\1"),
    )
]
_SHORT_KEY: Final = 2
"""Skeletons up to this length are shared by too many names to forgive a vowel."""


@lru_cache(maxsize=65_536)
def spoken(word: str) -> str:
    """A folded word (`names.words`) as an Indian ear hears it: `lakshmi`, `laxmee` and `लक्ष्मी` all give `lksmi`."""
    heard = _romanised(word)
    heard = _SHORT_FORMS.get(heard, heard)
    for pattern, plain in _FOLDS:
        heard = pattern.sub(plain, heard)
    return heard


def _romanised(word: str) -> str:
    """Indic letters as Latin ones, with the vowel that a bare consonant carries."""
    letters = "".join(map(_as_devanagari, word)).replace(_NUKTA, "").replace(_SINGH, "ngh")
    said = []
    for letter, after in zip(letters, [*letters[1:], ""], strict=True):
        if letter in _CONSONANTS:
            said.append(_CONSONANTS[letter] + ("" if after in _SIGNS else "a"))
        else:
            said.append(
                _SIGNS.get(letter) or _VOWELS.get(letter) or _MARKS.get(letter, "" if letter in _SIGNS else letter)
            )
    return "".join(said)


def _as_devanagari(character: str) -> str:
    point = ord(character)
    block = point - point % _SCRIPT_SIZE
    return chr(point - block + _DEVANAGARI) if block in _SCRIPTS else character


def sound_key(word: str) -> str:
    """The consonants of what is heard: a first vowel as `a`, no breath, one nasal (ओंकार is Omkar)."""
    heard = spoken(word)
    first = "a" if heard[:1] in {"a", "i", "u"} else heard[:1]
    return first + re.sub(r"(.)\1+", r"\1", re.sub("[aiuh]", "", heard[1:]).replace("m", "n"))


def sound_alike(one: str, other: str) -> bool:
    """Whether two words are said alike; in longer ones a breath, and a vowel or a nasal, are forgiven."""
    ours, theirs = spoken(one), spoken(other)
    if ours == theirs:
        return True
    if len(sound_key(one)) <= _SHORT_KEY:
        return False
    return OSA.distance(ours.replace("h", ""), theirs.replace("h", ""), score_cutoff=1) <= 1
