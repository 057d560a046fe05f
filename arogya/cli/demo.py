"""`arogya demo`."""

import ipaddress

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from arogya.cli.chosen import Host, Lan, Port, Processes, Reload, chosen_settings
from arogya.cli.serving import run_hospital
from arogya.cli.words import say
from arogya.platform.operator import OperatorError
from arogya.platform.settings import Settings


def demo(
    host: Host = None, port: Port = None, processes: Processes = None, lan: Lan = False, reload: Reload = False
) -> None:
    """Run a demo hospital, filled on the first start."""
    chosen = chosen_settings(host, port, processes, lan)
    if not chosen.demo_password and not _is_loopback(chosen.host):
        raise OperatorError(
            "The demo's password is known to everyone: set AROGYA_DEMO_PASSWORD before you serve it to other computers."
        )
    from arogya.demo.filling import PASSWORD  # noqa: PLC0415

    password = chosen.demo_password or PASSWORD
    run_hospital(
        chosen,
        lan=lan,
        reload=reload,
        prepare=lambda running: _fill_demo(running, password),
        greet=lambda address: _show_sign_ins(address, chosen, password),
    )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _fill_demo(running: Settings, password: str) -> None:
    """Fill an empty database; a filled one only takes on the password. A hospital of one's own is not touched."""
    from arogya import demo as demo_hospital  # noqa: PLC0415
    from arogya.demo.password import keep_password  # noqa: PLC0415

    if demo_hospital.is_filled(running):
        keep_password(running, password)
        return
    if not demo_hospital.is_needed(running):
        raise OperatorError(
            f"There is a hospital of your own in {running.data_dir}: run it with `arogya serve`, "
            "or choose another folder for the demo with AROGYA_DATA_DIR."
        )
    with Progress(TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn(), console=say,
                  transient=True) as bar:  # fmt: skip
        task = bar.add_task("Filling the demo hospital")
        demo_hospital.fill(
            running, lambda done, total, label: bar.update(task, completed=done, total=total, description=label)
        )


def _show_sign_ins(address: str, chosen: Settings, password: str) -> None:
    from arogya.demo import SIGN_INS, display_path  # noqa: PLC0415

    table = Table(title="Demo sign-ins", title_justify="left", caption_justify="left")
    table.caption = (
        f"Password of each: {password}\nThe waiting room's screen, without a sign-in: {address}{display_path(chosen)}"
    )
    table.add_column("User name", style="bold")
    table.add_column("Who")
    for who, username in SIGN_INS:
        table.add_row(username, who)
    say.print(table)
