"""`arogya serve | worker`."""

import asyncio
import os
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from arogya.cli.chosen import Host, Lan, Port, Processes, Reload, chosen_settings
from arogya.cli.words import say
from arogya.platform.operator import OperatorError
from arogya.platform.settings import APP_ROLE, Settings, settings

if TYPE_CHECKING:
    from arogya.lan import Certificate

_LOOPBACKS = {"127.0.0.1", "localhost"}
_STARTED = time.monotonic()


def serve(
    host: Host = None, port: Port = None, processes: Processes = None, lan: Lan = False, reload: Reload = False
) -> None:
    """Run the hospital: database, worker and server. Ctrl-C stops all of it."""
    chosen = chosen_settings(host, port, processes, lan)
    run_hospital(chosen, lan=lan, reload=reload, prepare=lambda _running: None, greet=lambda _address: None)


def worker() -> None:
    """Run the background process alone; `serve` starts one by itself."""
    from arogya.worker import run  # noqa: PLC0415

    if not settings().database_url:
        raise OperatorError(
            "DATABASE_URL is empty; `arogya serve` runs the embedded database and its worker by itself."
        )
    asyncio.run(run())
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)  # all is done; taking the interpreter apart costs a second, for which its parent waits


def run_hospital(
    chosen: Settings,
    *,
    lan: bool,
    reload: bool,
    prepare: Callable[[Settings], None],
    greet: Callable[[str], None],
) -> None:
    from arogya import launch  # noqa: PLC0415
    from arogya.lan import certificate_for_lan  # noqa: PLC0415
    from arogya.platform.logs import configure_logging  # noqa: PLC0415

    configure_logging(chosen.log_format)
    certificate = certificate_for_lan(chosen.data_dir) if lan else None
    notes: list[str] = []

    def before_serving(running: Settings) -> None:
        prepare(running)
        notes.extend(_announcements(running))

    def when_open() -> None:
        address = _address(chosen, https=certificate is not None)
        greet(address)
        for note in notes:
            say.print(note, markup=False)
        if certificate:
            _show_how_to_trust(certificate, chosen.port)
        say.print(f"\n  Arogya is at [bold]{address}[/]  (Ctrl-C stops it)")
        say.print(f"  started in {time.monotonic() - _STARTED:.1f} s", style="dim")

    launch.serve(chosen, prepare=before_serving, ready=when_open, certificate=certificate, reload=reload)
    say.print("Arogya has stopped.")


def _address(chosen: Settings, *, https: bool) -> str:
    """How a browser on this computer gets there."""
    host = "localhost" if chosen.host in {"0.0.0.0", "::"} else chosen.host  # noqa: S104 – compared, not bound
    return f"{'https' if https else 'http'}://{f'[{host}]' if ':' in host else host}:{chosen.port}"


def _announcements(running: Settings) -> list[str]:
    """What the modules have to say at the terminal, such as the set-up code."""
    from arogya.modules.identity.api import setup_announcement  # noqa: PLC0415
    from arogya.platform.database import Database  # noqa: PLC0415

    async def ask() -> list[str]:
        database = Database(running.role_url(APP_ROLE), pool_size=1)
        try:
            return await setup_announcement(database, running.keys)
        finally:
            await database.dispose()

    return asyncio.run(ask())


def _show_how_to_trust(certificate: "Certificate", port: int) -> None:
    addresses = ", ".join(f"https://{name}:{port}" for name in certificate.names if name not in _LOOPBACKS)
    say.print(f"\nOther computers in the house find Arogya at {addresses}", markup=False)
    say.print(
        f"""
So that their browsers trust it, bring them this file once, by USB stick or chat: {certificate.authority}
  Windows   open it > Install certificate > Local machine > Trusted root certification authorities
  macOS     open it > keychain System > double-click it > Trust > Always trust
  Android   Settings > Security > Encryption and credentials > Install a certificate > CA certificate
  iPhone    open it > Settings > Profile downloaded > Install, then General > About > Certificate trust settings
  Linux     Chrome: chrome://certificate-manager > Installed by you; Firefox: Settings > Certificates > Import
Before you trust it, compare its SHA-256 fingerprint:
  {certificate.fingerprint}
It can only vouch for private addresses. The key beside it (ca.key) never leaves this computer.""",
        markup=False,
    )
