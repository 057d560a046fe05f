"""Guesses that come through a proxy, as the settings name it, count against the address that it saw.

All is real: AROGYA_TRUSTED_PROXIES, the application, its server, the proxies. Each guess is at another name or link, so
that nothing but the address counts.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import asyncpg
import httpx2
import pytest

from arogya.app import create_app
from arogya.modules.identity.throttle import ADDRESS
from arogya.platform.bearer_tokens import new_token
from arogya.platform.clock import FixedClock, new_id
from arogya.platform.settings import Settings
from tests.factories.identity import Person, sign_in
from tests.platform.test_proxies import Hop, hop  # noqa: F401 - a proxy on a port of its own
from tests.platform.test_realtime import Live, serving

GUESSER, COLLEAGUE = "203.0.113.7", "203.0.113.8"

Trusting = Callable[[str], AbstractAsyncContextManager[Live]]
Guess = Callable[[httpx2.AsyncClient, int], Awaitable[httpx2.Response]]


@pytest.fixture
def trusting(config: Settings, clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> Trusting:
    """`async with trusting("10.0.0.0/8")`: the application on a real port, started with these trusted proxies."""

    @asynccontextmanager
    async def started(proxies: str) -> AsyncIterator[Live]:
        monkeypatch.setenv("AROGYA_TRUSTED_PROXIES", proxies)
        app = create_app(config.model_copy(update={"trusted_proxies": Settings().trusted_proxies}), clock)
        try:
            async with serving(app) as live:
                yield live
        finally:
            await app.state.database.dispose()

    return started


async def a_password(browser: httpx2.AsyncClient, nth: int) -> httpx2.Response:
    return await sign_in(browser, f"name{nth}", "not the password")


async def an_offers_link(browser: httpx2.AsyncClient, _nth: int) -> httpx2.Response:
    return await browser.post("/api/offer-link/show", json={"token": new_token(new_id())})


async def guessed(at: int | str, guess: Guess, forged: str | None) -> list[int]:
    """As many guesses as are free and one more, and what they were told. at: a proxy's port, or an address."""
    url = at if isinstance(at, str) else f"http://127.0.0.1:{at}"
    told: list[int] = []
    for nth in range(ADDRESS.free + 1):
        headers = {"X-Forwarded-For": forged.format(nth)} if forged else {}
        async with httpx2.AsyncClient(base_url=url, headers=headers) as browser:
            told.append((await guess(browser, nth)).status_code)
    return told


async def signs_in(at: int | str, forged: str | None = None) -> int:
    """What Asha is told, who knows her password and whom no device knows."""
    url = at if isinstance(at, str) else f"http://127.0.0.1:{at}"
    headers = {"X-Forwarded-For": forged} if forged else {}
    async with httpx2.AsyncClient(base_url=url, headers=headers) as browser:
        return (await sign_in(browser, "asha")).status_code


@pytest.mark.parametrize("guess", [a_password, an_offers_link])
@pytest.mark.parametrize("forged", [None, "6.6.6.{}", COLLEAGUE])
async def test_guesses_through_a_trusted_proxy_count_against_whom_it_saw(
    trusting: Trusting,
    hop: Hop,  # noqa: F811
    asha: Person,
    owner: asyncpg.Connection,
    guess: Guess,
    forged: str | None,
) -> None:
    """Whatever the guesser says whose address it were: it neither lets them go on nor is it held against that one."""
    async with trusting("127.0.0.0/8") as live:
        port = int(live.http.rpartition(":")[2])
        guesser, colleague = await hop(port, GUESSER), await hop(port, COLLEAGUE)
        told = await guessed(guesser, guess, forged)
        assert len(set(told)) == 1, told
        assert told[0] in {401, 404}
        assert await signs_in(guesser, forged and forged.format(99)) == 429
        assert await signs_in(colleague) == 200
    assert await owner.fetchval("SELECT address FROM sessions WHERE user_id = $1", asha.user_id) == COLLEAGUE


async def test_from_whom_nobody_trusts_the_header_is_nothing(trusting: Trusting, asha: Person) -> None:
    """The control: the same guesses with the same header, past every trusted proxy."""
    async with trusting("10.0.0.0/8") as live:
        assert set(await guessed(live.http, a_password, GUESSER)) == {401}
        assert await signs_in(live.http, COLLEAGUE) == 429


async def test_control_a_proxy_that_the_settings_do_not_name_is_all_its_people(
    trusting: Trusting,
    hop: Hop,  # noqa: F811
    asha: Person,
) -> None:
    """The control: one guesser behind it makes everybody wait."""
    async with trusting("") as live:
        port = int(live.http.rpartition(":")[2])
        assert set(await guessed(await hop(port, GUESSER), a_password, None)) == {401}
        assert await signs_in(await hop(port, COLLEAGUE)) == 429
