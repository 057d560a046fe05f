"""The settings as the command line has them, and its options for who serves."""

import os
from typing import Annotated

import typer

from arogya.platform.settings import Settings, settings

Host = Annotated[str | None, typer.Option(help="Address to listen at; AROGYA_HOST.")]
Port = Annotated[int | None, typer.Option(help="Port to listen at; PORT.", min=1, max=65535)]
Processes = Annotated[int | None, typer.Option(help="Server processes; AROGYA_SERVER_PROCESSES.", min=1, max=64)]
Lan = Annotated[bool, typer.Option("--lan", help="Serve the other computers in the house, over HTTPS.")]
Reload = Annotated[bool, typer.Option("--reload", help="For developers: start again when a source file changes.")]


def chosen_settings(
    host: str | None = None, port: int | None = None, processes: int | None = None, lan: bool = False
) -> Settings:
    """The settings, with what the command line says put into the environment, where child processes find it."""
    said = {
        "AROGYA_HOST": host or ("0.0.0.0" if lan else None),  # noqa: S104 – --lan means every interface
        "PORT": port,
        "AROGYA_SERVER_PROCESSES": processes,
        "AROGYA_DATA_DIR": settings().data_dir.absolute(),
    }
    os.environ.update({name: str(value) for name, value in said.items() if value is not None})
    settings.cache_clear()
    return settings()
