"""More is asked than can be answered: some requests are worked on, some wait in line, the rest are told to come again.

Were all let in, each would wait for every other: all answers would come too late, and go on doing so after the rush.
"""

from collections.abc import Sequence

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from arogya.platform.errors import Unavailable
from arogya.platform.problems import problem_response
from arogya.platform.telemetry import SHED
from arogya.platform.turns import NoTurn, Turns

WAIT_S = 1.0
LINE_LENGTH = 64


class ShedsLoad:
    """Middleware that answers 503 with Retry-After to what can't have its turn within a second.

    A place is held while the server works: not while a body comes in, however slowly, nor while a file goes out.
    Health, metrics and the client's files are not the API's and always come through.
    """

    def __init__(
        self, app: ASGIApp, *, at_once: int, line_length: int = LINE_LENGTH, wait_s: float = WAIT_S,
        exempt: Sequence[str] = (),
    ) -> None:  # fmt: skip
        """exempt: beginnings of paths with a bound of their own."""
        self.app = app
        self._turns = Turns(at_once, line_length)
        self._wait_s = wait_s
        self._exempt = tuple(exempt)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/api/") or scope["path"].startswith(self._exempt):
            await self.app(scope, receive, send)
            return
        begun = await receive()  # what is short is here whole: a refusal leaves no half-read body on the connection
        try:
            await self._turns.take(self._wait_s)
        except NoTurn:
            SHED.inc()
            refusal = Unavailable("Too much is asked just now", retry_after_s=2)
            await problem_response(str(scope["state"]["request_id"]), refusal)(scope, receive, send)
            return
        await self._in_turn(scope, begun, receive, send)

    async def _in_turn(self, scope: Scope, begun: Message, receive: Receive, send: Send) -> None:
        first: Message | None = begun
        has_place = True

        def leave() -> None:
            nonlocal has_place
            if has_place:
                has_place = False
                self._turns.give_back()

        async def receive_without_place() -> Message:
            nonlocal first, has_place
            if first is not None:
                message, first = first, None
                return message
            had_place = has_place
            leave()
            message = await receive()
            if had_place and message["type"] == "http.request":
                await self._turns.take_again()
                has_place = True
            return message

        async def send_and_leave(message: Message) -> None:
            leave()
            await send(message)

        try:
            await self.app(scope, receive_without_place, send_and_leave)
        finally:
            leave()
