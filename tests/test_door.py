"""A server process that stops: whether all has been taken that it answered."""

import socket
import sys
import time

import pytest

from arogya import door

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the server closes as it does by itself")


def test_what_the_other_side_has_not_taken_is_still_being_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening, socket.socket() as reader:
        reader.connect(listening.getsockname())
        server, _ = listening.accept()
        with server:
            assert not door._is_still_sending()
            server.setblocking(False)
            sent = server.send(bytes(16 << 20))
            assert door._is_still_sending()
            while sent:
                sent -= len(reader.recv(1 << 20))
            deadline = time.monotonic() + 30
            while door._is_still_sending():  # until the last of it is acknowledged
                assert time.monotonic() < deadline
                time.sleep(0.01)
