"""What libraries say is a structured line as well, and no line repeats what an exception or a library filled in."""

import json
import logging
from collections.abc import Callable
from typing import Any

import pytest
import structlog

from arogya.platform import logs

Said = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Said:
    """What came on standard error, of which every line must be JSON."""
    logs.configure_logging("json")
    monkeypatch.setattr(logs, "log", structlog.get_logger())
    return lambda: [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_a_library_speaks_in_our_form_and_without_what_it_filled_in(said: Said) -> None:
    library = logging.getLogger("some.library")
    library.info("not asked for")
    library.warning("no answer for %s", "Zubeda")
    library.error("first line\nRow (phone)=(9000077777)")
    assert [{key: one[key] for key in ("level", "event", "logger", "template")} for one in said()] == [
        {"level": "warning", "event": "library", "logger": "some.library", "template": "no answer for %s"},
        {"level": "error", "event": "library", "logger": "some.library", "template": "first line"},
    ]


def test_it_says_it_once_however_often_it_was_set_up(said: Said) -> None:
    logs.configure_logging("json")
    logging.getLogger("some.library").warning("once")
    assert len(said()) == 1


def test_an_exception_is_told_by_its_kind_and_place(said: Said) -> None:
    def breaks() -> None:
        raise ValueError("Key (phone)=(9000077777) already exists")

    for say in (
        lambda error: structlog.get_logger().error("failed", exc_info=error),
        lambda error: logging.getLogger("some.library").error("failed", exc_info=error),
    ):
        try:
            breaks()
        except ValueError as error:
            say(error)
    ours, theirs = said()
    for one in (ours, theirs):
        assert one["error"] == "ValueError"
        assert one["frames"][-1].startswith("test_logs.py:")
        assert one["frames"][-1].endswith(" breaks")
        assert "9000077777" not in json.dumps(one)
