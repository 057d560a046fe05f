"""Barcodes as numbers to draw: Code 128 for the counter's scanner, QR for a phone's camera."""

import re

import segno

_START_B, _START_C, _TO_B, _TO_C, _STOP = 104, 105, 100, 99, 106

# A switch costs a symbol, a pair saves one: worth it from four digits at either end, from six between.
_RUNS_OF_PAIRS = re.compile(r"(^(?:[0-9]{2}){2,}|(?:[0-9]{2}){2,}$|(?:[0-9]{2}){3,}(?![0-9]))")

# ISO/IEC 15417, table 1: bar, space, bar, space, bar, space (and the stop's last bar) of values 0 to 106.
_WIDTHS = """
212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132 122231 113222
123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 321221 312212 322112 322211 212123 212321
232121 111323 131123 131321 112313 132113 132311 211313 231113 231311 112133 112331 132131 113123 113321 133121
313121 211331 231131 213113 213311 213131 311123 311321 331121 312113 312311 332111 314111 221411 431111 111224
111422 121124 121421 141122 141221 112214 112412 122114 122411 142112 142211 241211 221114 413111 241112 134111
111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 214121 412121 111143 111341 131141 114113
114311 411113 411311 113141 114131 311141 411131 211412 211214 211232 2331112
""".split()  # noqa: SIM905  a table, as the standard prints it


class NotEncodable(ValueError):
    """Code 128 holds printable ASCII only."""


def code128(text: str) -> tuple[int, ...]:
    """Widths in modules of bar, space, bar … bar. The quiet zones, ten modules each, are the drawer's to leave."""
    if not text or any(not " " <= character <= "~" for character in text):
        raise NotEncodable("Code 128 holds printable ASCII only")
    values = _values(text)
    check = (values[0] + sum(place * value for place, value in enumerate(values))) % 103
    return tuple(int(width) for value in (*values, check, _STOP) for width in _WIDTHS[value])


def qr(text: str) -> tuple[str, ...]:
    """Rows of "1" (dark) and "0". The quiet zone, four modules, is the drawer's to leave."""
    return tuple("".join(str(module) for module in row) for row in segno.make_qr(text, error="m").matrix)


def _values(text: str) -> list[int]:
    """Symbol values, the start character first: runs of digits as pairs in set C where that is shorter, else set B."""
    values: list[int] = []
    for turn, piece in enumerate(_RUNS_OF_PAIRS.split(text)):
        if not piece:
            continue
        in_pairs = turn % 2 == 1
        values.append((_TO_C if in_pairs else _TO_B) if values else (_START_C if in_pairs else _START_B))
        if in_pairs:
            values += [int(piece[at : at + 2]) for at in range(0, len(piece), 2)]
        else:
            values += [ord(character) - 32 for character in piece]
    return values
