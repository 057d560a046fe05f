"""Bars and squares against encodings known from elsewhere, and against a decoder of their own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arogya.platform.barcode import _WIDTHS, NotEncodable, code128, qr

PRINTABLE = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=40)


def symbols(widths: tuple[int, ...]) -> list[int]:
    """Symbol values from the widths of bars and spaces; the stop has seven, all others six."""
    groups = ["".join(map(str, widths[at : at + 6])) for at in range(0, len(widths) - 7, 6)]
    return [_WIDTHS.index(group) for group in [*groups, "".join(map(str, widths[-7:]))]]


def scanned(widths: tuple[int, ...]) -> str:
    """What a scanner reads: start, data, check, stop."""
    start, *data, check, stop = symbols(widths)
    assert stop == 106
    assert check == (start + sum(place * value for place, value in enumerate(data, 1))) % 103
    in_pairs, text = start == 105, ""
    for value in data:
        if value == (100 if in_pairs else 99):
            in_pairs = not in_pairs
        else:
            text += f"{value:02}" if in_pairs else chr(value + 32)
    return text


def test_the_table_of_symbols_is_whole() -> None:
    assert len(_WIDTHS) == len(set(_WIDTHS)) == 107
    # Every symbol is eleven modules with an even number of dark ones: that is how a scanner finds a misprint.
    for widths in _WIDTHS[:106]:
        assert sum(map(int, widths)) == 11
        assert sum(map(int, widths[::2])) % 2 == 0
    assert sum(map(int, _WIDTHS[106])) == 13


def test_letters_and_digits_in_set_b() -> None:
    # "Wikipedia" in Code 128: start B, nine letters, check symbol 88, stop; the picture on its page.
    assert symbols(code128("Wikipedia")) == [104, 55, 73, 75, 73, 80, 69, 68, 73, 65, 88, 106]


def test_digits_go_in_pairs() -> None:
    # The textbook's "1234567890": start C, five pairs.
    assert symbols(code128("1234567890"))[:-2] == [105, 12, 34, 56, 78, 90]


def test_a_uhid_switches_to_pairs_for_its_number() -> None:
    values = symbols(code128("DAH-26-004217"))
    assert values[0] == 104
    assert values[-6:-2] == [99, 0, 42, 17]


def test_an_odd_digit_stays_outside_the_pairs() -> None:
    assert symbols(code128("A1234567B"))[1:-2] == [33, 17, 99, 23, 45, 67, 100, 34]


def test_short_runs_of_digits_are_not_worth_a_switch() -> None:
    assert len(symbols(code128("A12B"))) == len("A12B") + 3
    assert len(symbols(code128("A1234B"))) == len("A1234B") + 3


@given(PRINTABLE)
def test_what_is_drawn_reads_back(text: str) -> None:
    assert scanned(code128(text)) == text


@given(st.from_regex(r"[A-Z]{0,3}[0-9]{1,14}[A-Z]{0,2}[0-9]{0,9}", fullmatch=True))
def test_pairs_never_make_it_longer(text: str) -> None:
    assert scanned(code128(text)) == text
    assert len(symbols(code128(text))) <= len(text) + 3


@pytest.mark.parametrize("text", ["", "यूएच", "A\n", "é", "\x7f"])
def test_what_code_128_cannot_hold_is_refused(text: str) -> None:
    with pytest.raises(NotEncodable):
        code128(text)


def test_a_qr_code_is_square_with_its_three_corners() -> None:
    rows = qr("DAH-26-004217")
    assert len(rows) == 21
    assert {len(row) for row in rows} == {21}
    corner = ("1111111", "1000001", "1011101", "1011101", "1011101", "1000001", "1111111")
    assert tuple(row[:7] for row in rows[:7]) == corner
    assert tuple(row[-7:] for row in rows[:7]) == corner
    assert tuple(row[:7] for row in rows[-7:]) == corner


def test_different_uhids_have_different_qr_codes() -> None:
    assert qr("DAH-26-004217") != qr("DAH-26-004218")
