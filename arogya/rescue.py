"""`arogya reset-password`: for whoever has nobody to ask, such as a hospital's only administrator."""

import asyncio
from typing import Annotated

import typer
from rich.console import Console

from arogya.importing import running_database
from arogya.platform.operator import OperatorError
from arogya.platform.settings import APP_ROLE, Settings, settings

say = Console(highlight=False, soft_wrap=True)


def reset_password(
    name: Annotated[str, typer.Argument(help="What the person signs in with: user name, e-mail or phone.")],
    lost_phone: Annotated[bool, typer.Option("--lost-phone", help="Turn their second factor off too.")] = False,
) -> None:
    """Make a password for once, good for 72 hours; the person's sessions end."""
    with running_database(settings()) as running:
        word = asyncio.run(_reset(running, name, lost_phone=lost_phone))
    say.print(f"Password for once: {word}", markup=False)
    if lost_phone:
        say.print("The second factor is off.")


async def _reset(running: Settings, name: str, *, lost_phone: bool) -> str:
    from arogya.modules.identity.api import reset_any_password  # noqa: PLC0415
    from arogya.platform.clock import SystemClock  # noqa: PLC0415
    from arogya.platform.database import Database  # noqa: PLC0415
    from arogya.platform.errors import NotFound  # noqa: PLC0415

    database = Database(running.role_url(APP_ROLE), pool_size=1)
    try:
        return await reset_any_password(database, typed=name, now=SystemClock().now(), lost_phone=lost_phone)
    except NotFound as nobody:
        raise OperatorError(f"{nobody.detail}.") from None
    finally:
        await database.dispose()
