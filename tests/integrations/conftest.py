"""A real SMTP server on this machine, which keeps what it is given."""

import socket
from typing import Any

import pytest
from aiosmtpd.controller import Controller


class Kept:
    def __init__(self, answer: str = "250 OK") -> None:
        self.envelopes: list[Any] = []
        self.answer = answer

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        self.envelopes.append(envelope)
        return self.answer


@pytest.fixture
def smtp() -> Any:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = Controller(Kept(), hostname="127.0.0.1", port=port)
    server.start()
    yield server
    server.stop()
