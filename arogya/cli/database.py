"""`arogya db`: a real PostgreSQL server."""

import typer

from arogya.cli.chosen import chosen_settings
from arogya.cli.words import say
from arogya.platform.operator import OperatorError
from arogya.platform.settings import OWNER_ROLE, settings

commands = typer.Typer(no_args_is_help=True, help="Prepare a real PostgreSQL server, named by DATABASE_URL.")


@commands.command("init")
def init_database() -> None:
    """Make the three roles and the database, then the tables. DATABASE_URL's user must be allowed to make roles."""
    from arogya.platform.database_roles import ROLES  # noqa: PLC0415
    from arogya.platform.migrate import upgrade  # noqa: PLC0415
    from arogya.start_checks import prepare_server  # noqa: PLC0415

    chosen = settings()
    if not chosen.database_url:
        raise OperatorError("DATABASE_URL is empty; the embedded database prepares itself.")
    database = prepare_server(chosen)
    say.print(f"Roles {', '.join(ROLES)} and database {database} are ready.", markup=False)
    upgrade(chosen.role_url(OWNER_ROLE).render_as_string(hide_password=False))
    say.print("The tables are up to date.")
    if not chosen.secret_key:
        say.print(
            f"Their passwords derive from the key in {chosen.data_dir / 'keys'}: "
            "keep it safe, and give it to every node as AROGYA_SECRET_KEY.",
            markup=False,
        )


@commands.command("migrate")
def migrate_database() -> None:
    """Bring the tables up to date; `serve` does it at every start."""
    from arogya.launch import database  # noqa: PLC0415

    with database(chosen_settings()):
        say.print("The tables are up to date.")
