"""What the application sends to the server: for tests that count it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from arogya.platform import prepared
from arogya.platform.database import Database


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """What is sent to the server meanwhile."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    engine = database.engine.sync_engine
    prepared.listeners.append(sent.append)
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        prepared.listeners.remove(sent.append)
        event.remove(engine, "before_cursor_execute", note)
