"""Which language is meant by what a client says."""

import pytest

from arogya.platform.language import language_of


@pytest.mark.parametrize(
    ("said", "language"),
    [
        (None, "en"), ("", "en"), ("hi", "hi"), ("HI-in", "hi"), ("en", "en"), ("en-GB,en;q=0.9,hi;q=0.8", "en"),
        ("mr,hi;q=0.9,en;q=0.8", "hi"), ("en;q=0.5, hi;q=0.7", "hi"), ("hi;q=0, en;q=0.1", "en"), ("hi;q=0", "en"),
        ("fr,de", "en"), ("hi;q=high", "en"), ("*", "en"), (";;,,=", "en"),
    ],
)  # fmt: skip
def test_language_of(said: str | None, language: str) -> None:
    assert language_of(said) == language
