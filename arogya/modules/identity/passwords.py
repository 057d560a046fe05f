"""Passwords: how they are kept, which ones are refused, and one-time ones."""

import base64
import os
import secrets
import unicodedata
from collections.abc import Callable
from functools import lru_cache, partial
from importlib.resources import files
from threading import Lock
from typing import TypeVar

from anyio import CapacityLimiter, fail_after, to_thread
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from arogya.platform.errors import Field, Invalid, Unavailable

SHORTEST, LONGEST = 10, 128
_AT_ONCE = min(os.cpu_count() or 1, 4)
_WAIT_AT_MOST_S = 5.0
T = TypeVar("T")


def argon2id(*, memory_kib: int = 46 * 1024, passes: int = 1, lanes: int = 1) -> PasswordHash:
    """OWASP's parameters: 46 MiB, one pass, one lane."""
    return PasswordHash((Argon2Hasher(time_cost=passes, memory_cost=memory_kib, parallelism=lanes),))


scheme = argon2id()
"""How new passwords are kept. A hash names its own parameters, so older ones stay readable."""

_GUESSES_AT_LEAST = 10**8
"""As zxcvbn counts them: from here on it calls a password safely unguessable for who can try against a server."""
_LOOKED_AT = 24
"""Characters at either end: what zxcvbn takes grows fast with the length, and more of them only add guesses."""
_looking = Lock()
"""zxcvbn keeps the words that it is given where the next call finds them."""
_OF_THE_PLACE = ("arogya", "hospital", "aspatal", "clinic", "doctor", "nurse", "demo", "india", "bharat")
# What people in India take when nothing but the length is asked, from the published lists of leaked passwords.
_COMMONEST = frozenset((files("arogya.modules.identity") / "common_passwords.txt").read_text().split())


class WeakPassword(Invalid):
    code, title = "weak_password", "Choose another password"

    def __init__(self, field: str, why: str, message: str) -> None:
        super().__init__(message, fields=[Field(field, why, message)])


class WrongPassword(Invalid):
    code, title = "wrong_password", "The current password is not right"


def refuse_weak(password: str, username: str, *, field: str = "password") -> None:
    """Length and commonness, no rules of composition (NIST SP 800-63B, ASVS 6.2). Raises WeakPassword.

    Takes up to half a second of this thread; inside the server await `PasswordRoom.refuse_weak`.

    Common is what stands in the lists of leaked passwords, and what is made of them, of names, words, dates, rows of
    keys, or the words of this place: zxcvbn (Wheeler, USENIX Security 2016) counts the guesses until it is found.
    """
    plain = _normal(password)
    if len(plain) < SHORTEST:
        raise WeakPassword(field, "too_short", f"At least {SHORTEST} characters")
    if len(plain) > LONGEST:
        raise WeakPassword(field, "too_long", f"At most {LONGEST} characters")
    if plain.casefold() == username.casefold():
        raise WeakPassword(field, "is_username", "Not the same as the user name")
    if plain.casefold() in _COMMONEST or _is_soon_guessed(plain, username):
        raise WeakPassword(field, "too_common", "This is among the passwords that are tried first")


def _is_soon_guessed(password: str, username: str) -> bool:
    from zxcvbn import zxcvbn  # noqa: PLC0415 – its lists are 15 MB, which most processes never need

    ends = {password[:_LOOKED_AT], password[-_LOOKED_AT:]}
    with _looking:
        guesses = [zxcvbn(end, user_inputs=[*_OF_THE_PLACE, username])["guesses"] for end in ends]
    return bool(max(guesses) < _GUESSES_AT_LEAST)


def hash_password(password: str) -> str:
    """Takes 46 MiB and some 50 ms of this thread; inside the server await `PasswordRoom.hash`."""
    return scheme.hash(_normal(password))


def one_time_password() -> str:
    """60 random bits as `k7fm-2x9q-…`, for reading out: no 0, 1, 8, 9 to mistake for o, l, b, g."""
    letters = base64.b32encode(secrets.token_bytes(10)).decode().lower()[:12]
    return "-".join(letters[i : i + 4] for i in range(0, 12, 4))


def _normal(password: str) -> str:
    # The same password typed on two keyboards may come as different code points (NIST SP 800-63B, 5.1.1.2).
    return unicodedata.normalize("NFKC", password)


@lru_cache(maxsize=4)
def _nobodys_hash(_scheme: PasswordHash) -> str:
    return _scheme.hash(secrets.token_urlsafe(16))


def _check(password: str, kept: str | None) -> tuple[bool, str | None]:
    is_right, fresh = scheme.verify_and_update(_normal(password), kept or _nobodys_hash(scheme))
    return kept is not None and is_right, fresh


class PasswordRoom:
    """Where the server hashes: in threads, so that its loop goes on, and few at once, so that memory lasts."""

    def __init__(self) -> None:
        self._places: CapacityLimiter | None = None

    async def hash(self, password: str) -> str:
        return await self._work(hash_password, password)

    async def check(self, password: str, kept: str | None) -> tuple[bool, str | None]:
        """Whether it is the kept password, and a fresh hash where the kept one's parameters are out of date.

        kept None (there is no such user) takes the same time and is never right.
        """
        return await self._work(_check, password, kept)

    async def refuse_weak(self, password: str, username: str, *, field: str = "password") -> None:
        """Raises WeakPassword."""
        await self._work(partial(refuse_weak, field=field), password, username)

    async def _work(self, work: Callable[..., T], *given: str | None) -> T:
        if self._places is None:
            self._places = CapacityLimiter(_AT_ONCE)
        try:
            with fail_after(_WAIT_AT_MOST_S):
                return await to_thread.run_sync(work, *given, limiter=self._places)
        except TimeoutError:
            raise Unavailable("Many people are signing in, try again", retry_after_s=3) from None
