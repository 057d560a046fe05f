"""The parent of all processes: database, worker and server, started and stopped in the order of their needs."""

import _thread
import asyncio
import datetime as dt
import gc
import importlib
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import asyncpg
from granian.constants import Interfaces, SSLProtocols
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.mp import MPServer

from arogya.attendants import DRAINED_WITHIN_S, Attendants
from arogya.door import close_the_door_on_sigterm
from arogya.lan import Certificate
from arogya.platform.database_roles import provision
from arogya.platform.postgres import EmbeddedPostgres
from arogya.platform.postgres.archive import Archive, mark_of
from arogya.platform.postgres.archivist import Archivist, let_go
from arogya.platform.postgres.identity import stop_with_parent
from arogya.platform.settings import APP_ROLE, OWNER_ROLE, Settings, settings
from arogya.start_checks import CannotStart, refuse_taken_port, refuse_unprepared

_OPEN_CONNECTIONS = 2048


def serve(
    chosen: Settings,
    *,
    prepare: Callable[[Settings], None],
    ready: Callable[[], None],
    certificate: Certificate | None = None,
    reload: bool = False,
) -> None:
    """Run everything until Ctrl-C or SIGTERM. The server drains first, then the worker stops, then the database.

    prepare: called once the database is migrated, before anything is served. ready: called when browsers can connect.
    """
    refuse_taken_port(chosen.host, chosen.port)
    stop_on_sigterm()
    with suppress(KeyboardInterrupt), database(chosen) as (running, postgres):
        os.environ["DATABASE_URL"] = str(running.database_url)  # for the worker and the server processes
        if not reload:  # processes forked from here on share this memory, and a crashed one is back at once
            with _made_to_stay():
                importlib.import_module("arogya.app")
        prepare(running)
        with Attendants(running, postgres, _archivist_for(running, postgres), ready) as attendants:
            if reload:
                _reload_on_changes(attendants)
            server = _http_server(running, certificate)
            server.main_loop_interrupt = _Roused()
            server.on_startup(lambda: _hear_signals(server, reload=reload))
            attendants.begin(lambda: len(server.wrks) == running.server_processes)
            server.serve(target_loader=load_app, wrap_loader=False)


def _archivist_for(running: Settings, postgres: EmbeddedPostgres | None) -> Archivist | None:
    """None where there is nothing to archive: a real server's archive is its operator's."""
    if postgres is None:
        return None
    if not running.archive:
        let_go(postgres.url())
        return None
    archive = Archive(running.archive_folder, is_chosen=running.archive_dir is not None)
    return Archivist(postgres, archive, key=mark_of(running.keys), keep=dt.timedelta(days=running.archive_days))


@contextmanager
def database(chosen: Settings, *, migrated: bool = True) -> Iterator[tuple[Settings, EmbeddedPostgres | None]]:
    """The database that the settings name, running and up to date; the embedded one where they name none."""
    if chosen.database_url:
        refuse_unprepared(chosen)
        _migrate(chosen, migrated)
        yield chosen, None
        return
    with EmbeddedPostgres(chosen.data_dir) as postgres:
        provision(postgres.url(), chosen.keys)
        # Each process fills in its role's password, which it derives from the key: none is handed over.
        running = chosen.model_copy(update={"database_url": postgres.url(APP_ROLE, database="arogya")})
        _migrate(running, migrated)
        yield running, postgres


def _migrate(chosen: Settings, wanted: bool) -> None:
    if not wanted:
        return
    owner_url = chosen.role_url(OWNER_ROLE).render_as_string(hide_password=False)
    found, ours = asyncio.run(_schema_of(owner_url)), newest_schema()
    if found and found > ours:
        raise CannotStart(
            f"The database belongs to a newer Arogya (schema {found}, this one knows {ours}): update first."
        )
    if found != ours:
        from arogya.platform.migrate import upgrade  # noqa: PLC0415 – alembic takes half a second of each start

        upgrade(owner_url)


def newest_schema() -> str:
    """The number that the last migration's file begins with, which is its revision."""
    return max(
        path.stem.split("_")[0] for path in (Path(__file__).parent / "migrations" / "versions").glob("[0-9]*.py")
    )


async def _schema_of(owner_url: str) -> str | None:
    connection = await asyncpg.connect(owner_url, timeout=15)
    try:
        if await connection.fetchval("SELECT to_regclass('public.alembic_version')") is None:
            return None
        version: str | None = await connection.fetchval("SELECT version_num FROM alembic_version")
        return version
    finally:
        await connection.close()


def stop_on_sigterm() -> None:
    """A supervisor's SIGTERM is our Ctrl-C. The server puts its own handlers over this one while it serves."""

    def interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)


class _Roused(threading.Event):
    """Looks up now and then: a signal that another thread takes is handled by this one, and doesn't wake it."""

    def wait(self, timeout: float | None = None) -> bool:
        if timeout is not None:
            return super().wait(timeout)
        while not super().wait(0.5):
            pass
        return True


def _hear_signals(server: MPServer, *, reload: bool) -> None:
    """Tell the server of them from a thread. Its own handlers set an Event for which the interrupted thread may just be
    about to wait, holding its lock: it would wait for ever.

    reload: SIGHUP means fresh processes; else it is a closed terminal.
    """

    def aside(handler: Callable[[], None]) -> Callable[[int, FrameType | None], None]:
        def hear(_number: int, _frame: FrameType | None) -> None:
            _thread.start_new_thread(handler, ())

        return hear

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, aside(server.signal_handler_interrupt))
    signal.signal(signal.SIGHUP, aside(server.signal_handler_reload if reload else server.signal_handler_interrupt))


def _http_server(chosen: Settings, certificate: Certificate | None) -> MPServer:
    return MPServer(
        "arogya.app:create_app",
        address=chosen.host,
        port=chosen.port,
        interface=Interfaces.ASGI,
        workers=chosen.server_processes,
        backlog=_OPEN_CONNECTIONS,
        backpressure=_OPEN_CONNECTIONS,
        http1_settings=HTTP1Settings(header_read_timeout=15_000),
        log_level=LogLevels.error,
        log_dictconfig={"loggers": {"_granian": {"handlers": [], "propagate": True}}},  # platform/logs.py tells it
        respawn_failed_workers=True,
        respawn_interval=2,
        workers_kill_timeout=DRAINED_WITHIN_S,
        ssl_cert=certificate.path if certificate else None,
        ssl_key=certificate.path if certificate else None,
        ssl_protocol_min=SSLProtocols.tls12,  # a ward's old tablet
    )


def load_app() -> Any:
    """In a server process: the application. Ctrl-C is the parent's to hear; kill -9 of the parent ends us too."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        os.setsid()
        # Until the server's loop has its own, the parent's handler is here too, and would only note that it was asked.
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        # SIGTERM may leave Granian waiting for itself for ever, and who is left over keeps a share of the requests.
        stop_with_parent(signal.SIGKILL, parent.pid)()
        settings.cache_clear()
    # The loop that will serve is there already; what is called soon is called once the server has its own handlers.
    asyncio.get_event_loop().call_soon(close_the_door_on_sigterm)
    with _made_to_stay():
        return importlib.import_module("arogya.app").create_app()


@contextmanager
def _made_to_stay() -> Iterator[None]:
    """Code and classes are never garbage: neither now nor later is time spent on looking for some among them."""
    gc.disable()
    yield
    gc.freeze()
    gc.enable()


def _reload_on_changes(attendants: Attendants) -> None:
    """For developers: fresh server processes and a fresh worker whenever a source file changes."""
    multiprocessing.set_start_method("spawn")  # a fork would keep the modules that this process has imported
    package = Path(__file__).parent

    def stamp() -> float:
        return max(path.stat().st_mtime for path in package.rglob("*.py"))

    def watch() -> None:
        seen = stamp()
        while True:
            time.sleep(0.5)
            with suppress(FileNotFoundError, ValueError):  # an editor swaps files
                if (now := stamp()) != seen:
                    seen = now
                    os.kill(os.getpid(), signal.SIGHUP)
                    attendants.renew_worker()

    threading.Thread(target=watch, daemon=True, name="reload").start()
