"""How the commands speak: to people, and in one sentence where something outside the program is wrong."""

import errno
from typing import Any

import typer
from pydantic import ValidationError
from rich.console import Console
from typer.core import TyperGroup

from arogya.platform.operator import OperatorError

_DISK_FULL = "53100"
say = Console(highlight=False, soft_wrap=True)
complain = Console(highlight=False, soft_wrap=True, stderr=True)


class PlainSpoken(TyperGroup):
    """What is wrong outside the program is told in one sentence, without a traceback."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except OperatorError as error:
            sentence = str(error)
        except ValidationError as error:
            first = error.errors()[0]
            reason = first["msg"].removeprefix("Value error, ")
            sentence = f"The setting {_environment_name(str(first['loc'][0]))} is wrong: {reason}."
        except Exception as error:
            if not _disk_is_full(error):
                raise
            sentence = "The disk is full: free some space and start again."
        complain.print(sentence, style="bold red", markup=False)
        raise typer.Exit(1)


def _environment_name(setting: str) -> str:
    """`PORT` and `DATABASE_…` go by their plain names."""
    name = setting.upper()
    return name if name == "PORT" or name.startswith("DATABASE_") else f"AROGYA_{name}"


def _disk_is_full(error: BaseException | None) -> bool:
    """Whether a full disk is at the bottom of it, said by the system or by PostgreSQL."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
            return True
        if getattr(error, "sqlstate", None) == _DISK_FULL:
            return True
        error = error.__cause__ or error.__context__
    return False
