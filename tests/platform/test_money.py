"""Amounts as people read them."""

import pytest

from arogya.platform.money import _number, in_words, rupees

CRORES = "Rupees one hundred twenty-three crore forty-five lakh sixty-seven thousand eight hundred ninety only"


@pytest.mark.parametrize(
    ("paise", "read"),
    [
        (0, "₹0.00"),
        (5, "₹0.05"),
        (100, "₹1.00"),
        (99_999, "₹999.99"),
        (100_000, "₹1,000.00"),
        (123_456_750, "₹12,34,567.50"),
        (1_234_567_890_12, "₹1,23,45,67,890.12"),
        (10**20 + 1, "₹10,00,00,00,00,00,00,00,000.01"),
    ],
)
def test_rupees_are_grouped_the_indian_way(paise: int, read: str) -> None:
    assert rupees(paise) == read


@pytest.mark.parametrize(
    ("paise", "said"),
    [
        (0, "Rupees zero only"),
        (1, "One paisa only"),
        (50, "Fifty paise only"),
        (100, "Rupee one only"),
        (101, "Rupee one and one paisa only"),
        (1_500, "Rupees fifteen only"),
        (50_000, "Rupees five hundred only"),
        (100_100, "Rupees one thousand one only"),
        (
            123_456_750,
            "Rupees twelve lakh thirty-four thousand five hundred sixty-seven and fifty paise only",
        ),
        (1_00_00_000_00, "Rupees one crore only"),
        (123_45_67_890_00, CRORES),
    ],
)
def test_english_speaks_in_lakh_and_crore(paise: int, said: str) -> None:
    assert in_words(paise) == said


@pytest.mark.parametrize(
    ("paise", "said"),
    [
        (0, "शून्य रुपये मात्र"),
        (1, "एक पैसा मात्र"),
        (100, "एक रुपया मात्र"),
        (50_050, "पाँच सौ रुपये पचास पैसे मात्र"),
        (123_456_700, "बारह लाख चौंतीस हज़ार पाँच सौ सड़सठ रुपये मात्र"),
        (1_00_00_000_00, "एक करोड़ रुपये मात्र"),
    ],
)
def test_hindi_speaks_in_lakh_and_crore(paise: int, said: str) -> None:
    assert in_words(paise, "hi") == said


def test_each_number_under_a_hundred_has_its_own_words() -> None:
    for language in ("en", "hi"):
        assert len({_number(number, language) for number in range(100)}) == 100


@pytest.mark.parametrize("paise", [1.0, True, "100", None])
def test_what_is_not_a_whole_number_of_paise_is_refused(paise: object) -> None:
    for say in (rupees, in_words):
        with pytest.raises(TypeError):
            say(paise)  # type: ignore[arg-type]


def test_a_negative_amount_is_refused() -> None:
    for say in (rupees, in_words):
        with pytest.raises(ValueError, match="negative"):
            say(-1)
