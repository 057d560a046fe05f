"""`arogya outbox`."""

from typing import Annotated

import typer

from arogya.cli.words import say
from arogya.platform.settings import settings


def outbox(last: Annotated[int, typer.Option(help="How many of the newest to show.", min=1)] = 5) -> None:
    """Show the letters and text messages that went into files, as no mail server or SMS provider is set."""
    from arogya.integrations.outbox_folder import kept, readable  # noqa: PLC0415

    found = list(kept(settings().data_dir / "outbox"))[-last:]
    for path in found:
        say.rule()
        say.print(readable(path), markup=False, highlight=False)
    if not found:
        say.print("Nothing was sent yet.")
