"""Which passwords are taken, and how they are kept."""

import re
import runpy
import time

import pytest

from arogya.modules.identity import passwords
from arogya.modules.identity.passwords import (
    PasswordRoom,
    WeakPassword,
    argon2id,
    hash_password,
    one_time_password,
    refuse_weak,
)
from tests.loop import turns_meanwhile


@pytest.mark.parametrize("fine", ["monsoon umbrella", "बारिश में छाता लो", "seven tin lamps", "k" + "monsoon" * 17])
def test_length_is_enough(fine: str) -> None:
    refuse_weak(fine, "asha")


@pytest.mark.parametrize(
    ("weak", "why"),
    [
        ("umbrella1", "too_short"),
        ("é" * 9, "too_short"),
        ("x" * 10, "too_common"),
        ("ab" * 65, "too_long"),
        ("password123", "too_common"),
        ("PassWord123", "too_common"),
        ("bharat1234", "too_common"),
        ("qwertyuiop12", "too_common"),
        ("p" * 9 + "q", "too_common"),
        ("hospital2026", "too_common"),
        ("ashakulkarni9", "too_common"),
        ("Password@123", "too_common"),
        ("Hospital@123", "too_common"),
        ("Arogya@2026", "too_common"),
        ("arogya-demo", "too_common"),
        ("Doctor@123", "too_common"),
        ("Qwerty@12345", "too_common"),
        ("India@12345", "too_common"),
        ("AshaKulkarni@1", "too_common"),
        ("ashakulkarni", "is_username"),
        ("AshaKulkarni", "is_username"),
    ],
)
def test_weak_password_is_refused_by_its_reason(weak: str, why: str) -> None:
    with pytest.raises(WeakPassword) as refused:
        refuse_weak(weak, "ashakulkarni", field="new")
    assert [(f.name, f.code) for f in refused.value.fields] == [("new", why)]


SLOWEST = ("4@8({[<369&#!1|70$5+7%2" * 6)[:128]
"""Every letter may stand for others: what zxcvbn takes longest over."""


async def test_a_password_made_to_take_long_stops_nobody() -> None:
    """It is looked at in a thread, and for a moment only."""
    async with turns_meanwhile() as turns:
        started = time.process_time()
        await PasswordRoom().refuse_weak(SLOWEST, "asha")
        took = time.process_time() - started
        assert turns() >= 5
    assert took < 3, "the whole of it would take a minute"


def test_passwords_are_kept_as_argon2id_with_owasps_parameters() -> None:
    fresh = runpy.run_path(str(passwords.__file__))
    kept = fresh["hash_password"]("monsoon umbrella")
    assert kept.startswith("$argon2id$v=19$m=47104,t=1,p=1$")
    assert fresh["hash_password"]("monsoon umbrella") != kept


async def test_same_password_from_another_keyboard_fits() -> None:
    room, kept = PasswordRoom(), hash_password("cafe\u0301 monsoon")
    assert (await room.check("caf\u00e9 monsoon", kept))[0]
    assert not (await room.check("cafe monsoon", kept))[0]


async def test_nobodys_password_never_fits() -> None:
    assert await PasswordRoom().check("monsoon umbrella", None) == (False, None)


async def test_what_is_hashed_in_nobodys_place_is_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    known = passwords.hash_password("monsoon umbrella")
    monkeypatch.setattr(passwords, "_nobodys_hash", lambda _scheme: known)
    assert (await PasswordRoom().check("monsoon umbrella", None))[0] is False
    assert (await PasswordRoom().check("monsoon umbrella", known))[0] is True


async def test_outdated_parameters_ask_for_a_new_hash() -> None:
    kept = argon2id(memory_kib=16).hash("monsoon umbrella")
    is_right, fresh = await PasswordRoom().check("monsoon umbrella", kept)
    assert is_right
    assert fresh is not None
    assert "m=8," in fresh
    assert (await PasswordRoom().check("monsoon umbrella", hash_password("monsoon umbrella")))[1] is None


def test_one_time_passwords_are_long_enough_and_differ() -> None:
    words = {one_time_password() for _ in range(50)}
    assert len(words) == 50
    for word in words:
        assert re.fullmatch(r"[a-z2-7]{4}-[a-z2-7]{4}-[a-z2-7]{4}", word)
        refuse_weak(word, "asha")
