"""So many at once, first come, first served, and no place is lost."""

import asyncio
from contextlib import suppress

import pytest

from arogya.platform.turns import NoTurn, Turns

FOR_EVER_S = 600.0


async def test_a_turn_that_comes_in_the_moment_of_leaving_is_passed_on() -> None:
    turns = Turns(1)
    await turns.take(FOR_EVER_S)
    leaving, next_one = (asyncio.create_task(turns.take(FOR_EVER_S)) for _ in range(2))
    await asyncio.sleep(0)
    turns.give_back()
    leaving.cancel()
    with suppress(asyncio.CancelledError):
        await leaving
    async with asyncio.timeout(30):
        await next_one
    turns.give_back()
    await turns.take(FOR_EVER_S)


async def test_who_left_the_line_makes_room_in_it() -> None:
    turns = Turns(1, line_length=1)
    await turns.take(FOR_EVER_S)
    leaving = asyncio.create_task(turns.take(FOR_EVER_S))
    await asyncio.sleep(0)
    leaving.cancel()
    with suppress(asyncio.CancelledError):
        await leaving
    next_one = asyncio.create_task(turns.take(FOR_EVER_S))
    await asyncio.sleep(0)
    turns.give_back()
    async with asyncio.timeout(30):
        await next_one


async def test_who_has_begun_waits_however_long_the_line_is() -> None:
    turns = Turns(1, line_length=0)
    await turns.take(FOR_EVER_S)
    begun = asyncio.create_task(turns.take_again())
    await asyncio.sleep(0)
    with pytest.raises(NoTurn):
        await turns.take(FOR_EVER_S)
    turns.give_back()
    async with asyncio.timeout(30):
        await begun
