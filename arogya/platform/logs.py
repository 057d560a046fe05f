"""What is said on standard error: structured lines, with no words of an exception and none that a library put in.

Those may hold a patient's name or number: a broken unique key quotes the row, a driver the address of its database.
"""

import logging
import sys
import traceback
from contextlib import suppress
from typing import TextIO, cast

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

_LAST_FRAMES = 8

log = structlog.get_logger(__name__)


class _StandardError:
    """Wherever it is when something is said: whoever put another in its place may have closed that since."""

    def write(self, words: str) -> None:
        with suppress(OSError, ValueError):  # closed, or nobody reads it any more: no reason to stop the work
            sys.stderr.write(words)

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            sys.stderr.flush()


class _OfLibraries(logging.Handler):
    """What a library says by way of `logging`: from where, and what was raised.

    Of its words the template only, and only where it is one: without arguments the sentence may have been put together
    before, with anything in it.
    """

    def emit(self, record: logging.LogRecord) -> None:
        said = log.error if record.levelno >= logging.ERROR else log.warning
        template = record.msg if record.args and isinstance(record.msg, str) else None
        said(
            "library", logger=record.name, at=f"{record.filename}:{record.lineno}", template=template,
            exc_info=record.exc_info,
        )  # fmt: skip


def configure_logging(form: str) -> None:
    """form: 'json' for machines, 'text' for a terminal. Goes to standard error."""
    renderer: Processor = (
        structlog.processors.JSONRenderer() if form == "json" else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _without_words,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(cast(TextIO, _StandardError())),
        cache_logger_on_first_use=True,
    )
    root = logging.getLogger()
    if not any(isinstance(handler, _OfLibraries) for handler in root.handlers):
        root.addHandler(_OfLibraries(logging.WARNING))


def _without_words(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """`exc_info`, in any form that `logging` takes, becomes the exception's type, its cause's and where it happened."""
    error = event.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()
    if isinstance(error, tuple):
        error = error[1]
    if isinstance(error, BaseException):
        event["error"] = type(error).__name__
        if error.__cause__ is not None:
            event["cause"] = type(error.__cause__).__name__
        frames = traceback.extract_tb(error.__traceback__)[-_LAST_FRAMES:]
        event["frames"] = [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames]
    return event
