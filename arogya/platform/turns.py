"""So many at once, the others in line: what requests and lines to the database are given out by."""

import asyncio
import math
from collections import deque
from contextlib import suppress


class NoTurn(Exception):
    """None came in time, or the line was full."""


class Turns:
    """So many at once; who finds no place waits in line, first come, first served."""

    def __init__(self, at_once: int, line_length: float = math.inf) -> None:
        self._at_once = at_once
        self._free = at_once
        self._line_length = line_length
        self._line: deque[asyncio.Future[None]] = deque()

    @property
    def taken(self) -> int:
        return self._at_once - self._free

    async def take(self, within_s: float) -> None:
        """A place, to be given back. Raises NoTurn where the line is full or too slow."""
        if self._free > 0:
            self._free -= 1
            return
        if len(self._line) >= self._line_length:
            raise NoTurn
        try:
            async with asyncio.timeout(within_s):
                await self.take_again()
        except TimeoutError:
            raise NoTurn from None

    async def take_again(self) -> None:
        """The same for who has begun already: however long the line is."""
        if self._free > 0:
            self._free -= 1
            return
        turn = asyncio.get_running_loop().create_future()
        self._line.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.cancelled():
                with suppress(ValueError):  # whoever gave a place back has found it in line, cancelled
                    self._line.remove(turn)
            else:  # it was given in the very moment in which nobody wanted it any more
                self.give_back()
            raise

    def give_back(self) -> None:
        """To the first in line, if there is one."""
        while self._line:
            turn = self._line.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1
