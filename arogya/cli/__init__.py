"""The commands: `arogya serve | demo | worker | db | outbox | backup | archive | restore | import | reset-password`.

Each imports what it needs when it runs: the worker must not pay for the server, nor `--help` for either.
"""

import typer

from arogya.cli import archive, database, demo, outbox, serving
from arogya.cli.words import PlainSpoken
from arogya.importing import commands as imports
from arogya.rescue import reset_password

app = typer.Typer(cls=PlainSpoken, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
app.command()(serving.serve)
app.command()(demo.demo)
app.command()(serving.worker)
app.command()(outbox.outbox)
app.command()(archive.backup)
app.command()(archive.restore)
app.command()(reset_password)
app.add_typer(database.commands, name="db")
app.add_typer(archive.commands, name="archive")
app.add_typer(imports, name="import")
