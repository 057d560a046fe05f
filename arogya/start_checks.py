"""What is looked at before a start: whether the server in DATABASE_URL will do, and whether the port is free."""

import asyncio
import errno
import socket
from contextlib import suppress

import asyncpg
from sqlalchemy.engine import URL

from arogya.platform.database_roles import provision
from arogya.platform.operator import OperatorError
from arogya.platform.settings import OWNER_ROLE, Settings

OLDEST_SERVER = 16


class CannotStart(OperatorError):
    """Something outside the program is in the way."""


def refuse_unprepared(chosen: Settings) -> None:
    """A real server has to be reachable, new enough, and prepared by `arogya db init`."""

    try:
        _refuse_old_server(chosen.role_url(OWNER_ROLE))
    except (asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InvalidCatalogNameError) as error:
        raise CannotStart(
            f"The server in DATABASE_URL isn't prepared for this installation ({error}): "
            "run `arogya db init` with a DATABASE_URL whose user may create roles."
        ) from error


def prepare_server(chosen: Settings) -> str:
    """Make the roles and the database on a real server, as the user whom DATABASE_URL names. Its database's name."""
    admin = chosen.admin_url()
    database = admin.database or "arogya"
    try:
        with suppress(asyncpg.InvalidCatalogNameError):  # the database is what we are here to make
            _refuse_old_server(admin)
        provision(admin.render_as_string(hide_password=False), chosen.keys, database)
    except asyncpg.InvalidAuthorizationSpecificationError as error:
        raise CannotStart(f"The server in DATABASE_URL refuses its user: {error}.") from error
    except asyncpg.InsufficientPrivilegeError as error:
        raise CannotStart(
            f"The user in DATABASE_URL may not prepare the server ({str(error).splitlines()[0]}): "
            "give it CREATEROLE and CREATEDB."
        ) from error
    return database


def _refuse_old_server(url: URL) -> None:
    async def look() -> int:
        connection = await asyncpg.connect(url.render_as_string(hide_password=False), timeout=15)
        try:
            return int(connection.get_server_version().major)
        finally:
            await connection.close()

    try:
        version = asyncio.run(look())
    except (asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InvalidCatalogNameError):
        raise  # it answers, and the caller knows what that means
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise CannotStart(f"The server in DATABASE_URL doesn't answer: {error or type(error).__name__}") from error
    if version < OLDEST_SERVER:
        raise CannotStart(f"The server in DATABASE_URL is PostgreSQL {version}; Arogya needs {OLDEST_SERVER} or newer.")


def refuse_taken_port(host: str, port: int) -> None:
    """The server's own sockets share their port among processes, so a second Arogya would slip in beside the first."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        reason = {
            errno.EADDRINUSE: "another program uses it (choose one with PORT=8001)",
            errno.EACCES: "ports below 1024 need special rights (choose one with PORT=8000)",
            errno.EADDRNOTAVAIL: "this computer doesn't have that address",
        }.get(error.errno or 0, str(error))
        raise CannotStart(f"Arogya can't listen at {host} port {port}: {reason}.") from error
