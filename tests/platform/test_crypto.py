"""What is sealed opens with its key at its place, and nowhere else."""

import pytest

from arogya.platform.crypto import NotSealedHere, opened, seal

KEY = bytes(range(32))
PLACE = "second_factors|secret|1"


def test_sealed_twice_is_never_the_same_and_opens() -> None:
    one, other = seal(KEY, b"secret", PLACE), seal(KEY, b"secret", PLACE)
    assert one != other
    assert b"secret" not in one
    assert opened(KEY, one, PLACE) == opened(KEY, other, PLACE) == b"secret"


@pytest.mark.parametrize(
    ("key", "place", "damage"),
    [
        (bytes(32), PLACE, lambda sealed: sealed),
        (KEY, "second_factors|secret|2", lambda sealed: sealed),
        (KEY, PLACE, lambda sealed: sealed[:-1] + bytes([sealed[-1] ^ 1])),
        (KEY, PLACE, lambda sealed: b"\x02" + sealed[1:]),
        (KEY, PLACE, lambda sealed: sealed[:9]),
        (KEY, PLACE, lambda _: b""),
    ],
    ids=["another key", "another place", "a bit turned", "another version", "cut", "empty"],
)
def test_anything_else_is_refused(key: bytes, place: str, damage: object) -> None:
    assert callable(damage)
    with pytest.raises(NotSealedHere):
        opened(key, damage(seal(KEY, b"secret", PLACE)), place)
