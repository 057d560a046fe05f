"""A credential is what we made, for this use, and still good; anything else is nobody."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from arogya.modules.identity.tokens import Tokens
from arogya.platform.access import Claims
from arogya.platform.clock import FixedClock
from arogya.platform.errors import Unauthenticated
from arogya.platform.keys import Keys
from tests.conftest import KEYS, NOW
from tests.world import World

Forge = Callable[..., str]


def forged(world: World, *, header: dict[str, Any] | None = None, key: bytes | None = None, **claims: Any) -> str:
    """A token of hospital A's receptionist, right but for what is said here."""
    now = int(NOW.timestamp())
    body = {
        "iss": "arogya", "aud": "arogya-api", "sub": str(world.a.users["receptionist"]),
        "sid": str(world.a.sessions["receptionist"]), "org": str(world.a.organization_id), "kind": "user",
        "iat": now, "exp": now + 600, **claims,
    }  # fmt: skip
    body = {name: value for name, value in body.items() if value is not ...}
    head = {"alg": "HS256", "typ": "at+jwt", **(header or {})}
    return jwt.encode(head, body, OctKey.import_key(key or KEYS.derive("access-token")), algorithms=[head["alg"]])


async def asks(client: httpx2.AsyncClient, token: str) -> int:
    return (await client.get("/api/me", headers={"Authorization": f"Bearer {token}"})).status_code


async def test_control_the_forger_makes_good_tokens(client: httpx2.AsyncClient, world: World) -> None:
    assert await asks(client, forged(world)) == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"header": {"typ": "JWT"}},
        {"header": {"typ": "rt+jwt"}},
        {"header": {"alg": "HS512"}},
        {"header": {"alg": "none"}},
        {"key": bytes(32)},
        {"key": KEYS.derive("refresh-token")},
        {"iss": "elsewhere"},
        {"aud": "another-api"},
        {"aud": ...},
        {"exp": int(NOW.timestamp())},
        {"exp": ...},
        {"iat": int(NOW.timestamp()) + 3600, "exp": int(NOW.timestamp()) + 4200},
        {"kind": "system"},
        {"kind": "device"},
        {"sid": "01900000-0000-7000-8000-000000000000"},
        {"sid": "not a uuid"},
        {"sub": "01900000-0000-7000-8000-000000000000"},
        {"sub": ...},
        {"org": "elsewhere"},
    ],
    ids=str,
)
async def test_token_with_one_thing_wrong_is_nobodys(
    client: httpx2.AsyncClient, world: World, wrong: dict[str, Any]
) -> None:
    if wrong.get("header", {}).get("alg") == "none":
        good = forged(world)
        token = "eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0." + good.split(".")[1] + "."
    else:
        token = forged(world, **wrong)
    assert await asks(client, token) == 401


@pytest.mark.parametrize("garbage", ["x", "a.b.c", "…", "null", "." * 3, "a" * 5000, "ß.ß.ß"])
async def test_garbage_is_nobodys(client: httpx2.AsyncClient, garbage: str) -> None:
    answer = await client.get("/api/me", headers={b"Authorization": f"Bearer {garbage}".encode()})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("scheme", ["Basic", "Token", ""])
async def test_good_token_counts_as_a_bearers_only(client: httpx2.AsyncClient, world: World, scheme: str) -> None:
    answer = await client.get("/api/me", headers={"Authorization": f"{scheme} {forged(world)}"})
    assert answer.status_code == 401


async def test_another_users_session_does_not_carry_ones_own_name(client: httpx2.AsyncClient, world: World) -> None:
    assert await asks(client, forged(world, sid=str(world.a.sessions["doctor"]))) == 401


def test_token_lives_ten_minutes(clock: FixedClock) -> None:
    tokens = Tokens(KEYS)
    claims = Claims("user", uuid4(), uuid4(), None)
    token = tokens.mint(claims, clock.now())
    assert tokens.read(token, clock.now() + timedelta(seconds=599)) == claims
    with pytest.raises(Unauthenticated):
        tokens.read(token, clock.now() + timedelta(seconds=600))


def test_each_installation_has_tokens_of_its_own(clock: FixedClock) -> None:
    token = Tokens(Keys(bytes(32))).mint(Claims("user", uuid4(), uuid4(), None), clock.now())
    with pytest.raises(Unauthenticated):
        Tokens(KEYS).read(token, clock.now())


def test_refresh_token_is_opened_only_as_it_was_made() -> None:
    tokens, family = Tokens(KEYS), uuid4()
    good = tokens.refresh(family, 7)
    assert tokens.opened(good) == (family, 7)
    for bad in ["", "x", good[:-1], good + "A", good.replace(".7.", ".8."), good.replace(".7.", ".07."),
                tokens.refresh(family, 8).replace(".8.", ".7."), f"{uuid4().hex}{good[32:]}",
                good.replace(".7.", ".99999999999999999."), good.replace(".7.", ".٧.")]:  # fmt: skip
        assert tokens.opened(bad) is None, bad
    assert Tokens(Keys(bytes(32))).opened(good) is None
