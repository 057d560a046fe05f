"""What nobody types by accident, and what people do type that programs get wrong: each by a name, with its answer."""

import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass

MEBIBYTE = b" " * (1 << 20)


@dataclass(frozen=True)
class Untakeable:
    """pieces: made anew for each request, as much of them as the server lets itself be sent."""

    pieces: Callable[[], Iterable[bytes]]
    size: int | None
    """What Content-Length says; None: chunked, and nobody knows how long."""
    status: int
    code: str


def _whole(raw: bytes, code: str, status: int = 422) -> Untakeable:
    return Untakeable(lambda: [raw], len(raw), status, code)


def _endless() -> Iterable[bytes]:
    for _ in range(50):
        yield b"%x\r\n" % len(MEBIBYTE) + MEBIBYTE + b"\r\n"
    yield b"0\r\n\r\n"


_MOST = (1 << 20) - 64

LIGHT: dict[str, Untakeable] = {
    "50 MB, told": Untakeable(lambda: itertools.repeat(MEBIBYTE, 50), 50 << 20, 413, "too_large"),
    "10,000 lists deep": _whole(b"[" * 10_000 + b"]" * 10_000, "too_deep"),
    "10,000 objects deep": _whole(b'{"a":' * 10_000 + b"1" + b"}" * 10_000, "too_deep"),
    "one key twice": _whole(b'{"name": "a", "name": "b"}', "duplicate_key"),
    "NaN": _whole(b'{"name": NaN}', "not_a_number"),
    "infinity": _whole(b'{"name": -Infinity}', "not_a_number"),
    "NUL": _whole(b'{"name": "a\\u0000b"}', "nul_character"),
    "NUL in a key": _whole(b'{"na\\u0000me": 1}', "nul_character"),
    "half a character": _whole(b'{"name": "\\ud83d"}', "lone_surrogate"),
    "half a character at the end of a megabyte": _whole(b'{"a":[' + b"1," * 500_000 + b'"\\udc00"]}', "lone_surrogate"),
    "bytes of UTF-16": _whole('{"name": "a"}'.encode("utf-16"), "not_utf8"),
    "overlong UTF-8": _whole(b'{"name": "\xc0\xaf"}', "not_utf8"),
    "two documents": _whole(b"{}{}", "json_invalid"),
    "a comment": _whole(b'{"name": 1 /* one */}', "json_invalid"),
    "nothing": _whole(b"", "missing"),
}
HEAVY: dict[str, Untakeable] = {
    "50 MB, not told": Untakeable(_endless, None, 413, "too_large"),
    "half a million lists, unclosed": _whole(b"[" * (_MOST // 2), "too_deep"),
    "one key, a hundred thousand times": _whole(b'{"":0' + b',"":0' * 100_000 + b"}", "duplicate_key"),
    "half a character at the end of a megabyte": _whole(b'{"a":[' + b"1," * 500_000 + b'"\\udc00"]}', "lone_surrogate"),
    "a number of a million digits": _whole(b'{"name": ' + b"9" * _MOST + b"}", "json_invalid"),
}
"""Bodies of which no operation takes one, whatever its fields."""

NAMES = {
    "Devanagari with conjuncts": "श्रीमती लक्ष्मी त्र्यम्बक",
    "Tamil": "திருமதி லக்ஷ்மி",
    "Bengali": "শ্রীমতী লক্ষ্মী",
    "Urdu, right to left": "محترمہ ثناء‎ خان",
    "Malayalam with a joiner": "ലക്ഷ്മി അവന്‍",
    "Hindi with a non-joiner": "राम‌कृष्ण",
    "composed": "Zoë Núñez",
    "decomposed": "Zoe\u0308 Nu\u0301n\u0303ez",
    "emoji of several parts": "Asha 👩🏽‍⚕️ 👨‍👩‍👧‍👦 🇮🇳",
    "past the first plane": "𑀅𑀲𑁄𑀓 𝒜",
    "quotes and brackets": "O'Brien-D'Souza \"Ann\" <b>&amp; \\Co",
}
"""Names as people and other systems write them. Each comes back as it was sent, letter by letter."""

NUMBERS = ["-1", "-0.5", "1.5", "1e400", "1e2", "99999999999999999999", "9223372036854775808", '"12"', "true", "[]"]
"""None of them is an amount, a quantity or a count; a field that must be positive refuses 0, too."""
