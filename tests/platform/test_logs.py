"""What libraries say is a structured line as well, and no line repeats what an exception or a library filled in."""

import json
import logging
from collections.abc import Callable
from typing import Any
from unittest.mock import Mock

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


def test_a_library_speaks_in_our_form_and_without_what_it_put_in(said: Said) -> None:
    library = logging.getLogger("some.library")
    library.info("not asked for")
    library.warning("no answer for %s", "Zubeda")
    library.error("no answer for Zubeda")
    library.error(ValueError("Zubeda"))
    lines = said()
    assert "Zubeda" not in json.dumps(lines)
    assert [(one["level"], one["event"], one["logger"], one["template"]) for one in lines] == [
        ("warning", "library", "some.library", "no answer for %s"),
        ("error", "library", "some.library", None),
        ("error", "library", "some.library", None),
    ]
    assert all(one["at"].startswith("test_logs.py:") for one in lines)


def test_who_can_not_be_told_is_no_reason_to_stop(said: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = Mock(write=Mock(side_effect=BrokenPipeError))
    with monkeypatch.context() as broken:
        broken.setattr("sys.stderr", heard)
        logging.getLogger("some.library").warning("nobody listens")
    assert heard.write.called
    assert said() == []


def test_it_says_it_once_however_often_it_was_set_up(said: Said) -> None:
    logs.configure_logging("json")
    logging.getLogger("some.library").warning("once")
    assert len(said()) == 1


def test_an_exception_is_told_by_its_kind_and_place(said: Said) -> None:
    def breaks() -> None:
        raise ValueError("Key (phone)=(9000077777) already exists") from OSError("9000077777")

    ways: list[Callable[[Exception], None]] = [
        lambda error: structlog.get_logger().error("failed", exc_info=error),
        lambda _: structlog.get_logger().exception("failed"),
        lambda error: logging.getLogger("some.library").error("failed", exc_info=error),
        lambda _: logging.getLogger("some.library").exception("failed"),
    ]
    for say in ways:
        try:
            breaks()
        except ValueError as error:
            say(error)
    lines = said()
    assert len(lines) == len(ways)
    for one in lines:
        assert (one["error"], one["cause"]) == ("ValueError", "OSError")
        assert one["frames"][-1].startswith("test_logs.py:")
        assert one["frames"][-1].endswith(" breaks")
        assert "9000077777" not in json.dumps(one)
