"""What the load scenarios measure is what they say: open arrivals, times from the intended moment, shed or failed."""

import asyncio
import json

import pytest

from arogya.policy import Role
from bench import users
from bench.hospital import Person
from bench.open_loop import Act, Answer, acts, arriving, run, thinking
from bench.sockets import Screen

STALLED_S = 0.3


class Server:
    """Answers nobody until so many have asked; it is told how."""

    def __init__(self, holds: int, answer: bytes) -> None:
        self._asked = 0
        self._holds = holds
        self._answer = answer
        self._go_on = asyncio.Event()

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                self._asked += 1
                if self._asked == self._holds:
                    await asyncio.sleep(STALLED_S)
                    self._go_on.set()
                await self._go_on.wait()
                writer.write(self._answer)
        except asyncio.IncompleteReadError:
            writer.close()


async def asked(answer: bytes, to_do: list[Act], holds: int) -> list[Answer]:
    server = await asyncio.start_server(Server(holds, answer), "127.0.0.1", 0)
    try:
        async with asyncio.timeout(60):
            return await run(server.sockets[0].getsockname()[1], to_do)
    finally:
        server.close()


def to_do(count: int) -> list[Act]:
    return [Act(n * 0.001, "today", b"GET / HTTP/1.1\r\n\r\n") for n in range(count)]


async def test_arrivals_do_not_wait_for_answers_and_the_stall_is_counted() -> None:
    """Ten ask though none is answered; whoever waited behind the stall was slow from its own moment on."""
    answers = await asked(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", to_do(10), holds=10)
    assert [(one.status, one.body) for one in answers] == [(200, b"ok")] * 10
    assert all(one.seconds >= STALLED_S for one in answers)


async def test_shed_is_what_says_when_to_come_again_and_nothing_else() -> None:
    head = b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n"
    assert (await asked(head + b"Retry-After: 2\r\n\r\n", to_do(1), holds=1))[0].is_shed
    assert not (await asked(head + b"\r\n", to_do(1), holds=1))[0].is_shed
    reset = Answer(0, "book", 0, 0.1, True, b"")
    assert not reset.is_shed
    assert not reset.is_good


def answer(due_s: float, ms: float, status: int = 200) -> Answer:
    return Answer(due_s, "book", status, ms / 1000, status == 503, b"")


def test_overload_is_over_when_all_are_answered_as_quickly_as_before() -> None:
    ends = users.CALM_S + users.RUSH_S
    before = [answer(n * 0.1, 20) for n in range(users.CALM_S * 10)]
    rush = [answer(users.CALM_S + n * 0.01, 900, 503 if n % 3 else 200) for n in range(users.RUSH_S * 100)]
    after = [answer(ends + n * 0.1, 20) for n in range(users.CALM_S * 10)]
    assert users.judged([*before, *rush, *after], 50)["recovered_s"] == 0
    slow = [answer(ends + 3.5, 900) for _ in range(50)]
    assert users.recovered([*before, *rush, *after, *slow], 20) == 4
    assert users.recovered([*before, *rush, *after, answer(ends + 7.5, 5, 503)], 20) == 8
    found = users.judged([*before, *rush, *after, answer(users.CALM_S + 1, 5, 500)], 50)
    assert found["neither"] == {"book 500": 1}


def test_people_think_and_arrivals_are_so_many_a_second() -> None:
    moments = thinking(500, 60, (10, 20), 1)
    assert moments == sorted(moments)
    assert len(moments) == pytest.approx(500 * 60 / 15, rel=0.1)
    assert len(arriving(100, 5, 25, 1)) == pytest.approx(2000, rel=0.1)
    assert arriving(100, 5, 25, 1)[0] >= 5


def test_nobody_does_what_their_role_may_not() -> None:
    people = [Person(Role.PHARMACIST, "p"), Person(Role.RECEPTIONIST, "r")]
    request = {"what": "book", "method": "POST", "path": "/api/appointments", "body": {"a": 1}, "key": "k"}
    made = acts([0.0] * 20, [request] * 20, people, 1)
    assert len(made) == 20
    assert all(b"Bearer r" in one.raw for one in made)


@pytest.mark.parametrize("piece", [1, 2, 3, 7, 1000])
def test_messages_are_read_however_they_were_cut(piece: int) -> None:
    screen = Screen(Person(Role.NURSE, "n"), {})
    short, long = json.dumps({"type": "ping"}).encode(), b'{"x": "' + b"y" * 300 + b'"}'
    frames = b"\x81" + bytes([len(short)]) + short + b"\x81\x7e" + len(long).to_bytes(2, "big") + long
    stream = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n" + frames
    screen.heard = [(float(n), stream[n : n + piece]) for n in range(0, len(stream), piece)]
    assert [message for _, message in screen.messages()] == [short, long]
