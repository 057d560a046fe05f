"""Work for later, or by the clock: slow deliveries (mail, text messages) and what lapses. Procrastinate carries it.

A job is deferred in the transaction that wants it and runs after the commit, outside every transaction, in the worker.
It may run twice (a worker that dies is followed by another), so it asks the database whether it is still wanted.
Its arguments are ids and codes: never a name, a number or a secret.
"""

import asyncio
import json
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from arogya.platform.access import Context, system_context
from arogya.platform.clock import Clock
from arogya.platform.database import Database
from arogya.platform.keys import Keys
from arogya.platform.messages import Mailer, TextSender
from arogya.platform.outage import LOST, Outage, end_if_asked
from arogya.platform.signals import knock

TABLES: Final = (
    "procrastinate_events", "procrastinate_jobs", "procrastinate_periodic_defers", "procrastinate_workers",
)  # fmt: skip
MAX_ATTEMPTS = 8
_AT_ONCE = 4
_POLL_S = 1.0
_STALLED_AFTER_S = 30
_PATIENCE_S = 5.0
"""How long one waits for a connection: its default of 30 s would hide for as long that the database is back."""

_CODE = re.compile(r"[a-z0-9_.:-]{0,64}")

log = structlog.get_logger(__name__)

_DEFER = text("""
    INSERT INTO procrastinate_jobs (queue_name, task_name, args, scheduled_at)
    VALUES ('default', :name, CAST(:args AS jsonb), :at)
""")


@dataclass(frozen=True, slots=True)
class Work:
    """What a job has at hand. origin: how browsers reach this installation, for links; no slash at its end.

    is_last_try: whether what fails now is not tried again.
    """

    database: Database
    clock: Clock
    mailer: Mailer
    texts: TextSender
    origin: str
    keys: Keys
    is_last_try: bool = False

    def now(self) -> datetime:
        return self.clock.now()

    @asynccontextmanager
    async def context(self, organization_id: UUID, name: str) -> AsyncIterator[Context]:
        """A transaction of the system's in one hospital; commits on the way out. name: for the audit trail."""
        async with system_context(self.database, self.clock, organization_id, route=name, request_id=name) as ctx:
            yield ctx


Run = Callable[..., Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Job:
    """cron: when it runs by the clock (UTC, five fields); None where it is deferred."""

    name: str
    run: Run
    cron: str | None


_jobs: dict[str, Job] = {}


def job(name: str, *, cron: str | None = None) -> Callable[[Run], Run]:
    """Register `async def run(work, **ids)` under a name that stays: waiting jobs are found by it."""

    def register(run: Run) -> Run:
        known = _jobs.get(name)
        if known and known.run.__module__ != run.__module__:
            raise RuntimeError(f"two modules name a job {name}")
        _jobs[name] = Job(name, run, cron)
        return run

    return register


def registered() -> dict[str, Job]:
    return dict(_jobs)


async def defer(session: AsyncSession, run: Run, *, at: datetime | None = None, **arguments: Any) -> None:
    """Let a registered job run after this transaction's commit, not before `at`."""
    name = next(one.name for one in _jobs.values() if one.run is run)
    plain = {key: _plain(value) for key, value in arguments.items()}
    await session.execute(_DEFER, {"name": name, "args": json.dumps(plain), "at": at})


def _plain(value: object) -> object:
    """What may stand in a table of no tenant. Raises TypeError on anything that could be a person's word."""
    if isinstance(value, UUID):
        return str(value)
    if value is None or isinstance(value, (bool, int, float)) or (isinstance(value, str) and _CODE.fullmatch(value)):
        return value
    raise TypeError("an argument of a job is neither an id nor a code")


async def run_for_ever(database_url: str, work: Work, outage: Outage | None = None) -> None:
    """Run what is due until cancelled; takes up what a dead worker left. database_url: of the relay role."""
    import procrastinate  # noqa: PLC0415 - psycopg and it are the worker's alone
    import psycopg  # noqa: PLC0415
    from procrastinate.exceptions import ConnectorException  # noqa: PLC0415

    outage = outage or Outage()
    for told_by_us in ("procrastinate", "psycopg"):  # they repeat it
        logging.getLogger(told_by_us).setLevel(logging.CRITICAL)
    while True:
        lost: BaseExceptionGroup[BaseException] | None = None
        try:
            await knock(database_url)  # else the pool of connections tries by itself, with a line for each try
            outage.over("jobs")
            # In a task of its own: a group whose part fails leaves its task marked as if it had been asked to end.
            await asyncio.create_task(_work(_carrier(procrastinate, database_url, work)))
        except* (*LOST, psycopg.OperationalError, ConnectorException) as group:
            lost = group
        if lost:
            await outage.wait("jobs", lost.exceptions[0])
        await asyncio.sleep(_POLL_S)


async def _work(carrier: Any) -> None:
    """Raises what ends either: together they stand, together they fall."""
    async with carrier.open_async(), asyncio.TaskGroup() as tasks:
        tasks.create_task(_take_up_stalled(carrier))
        tasks.create_task(
            carrier.run_worker_async(
                name="arogya", concurrency=_AT_ONCE, listen_notify=False, fetch_job_polling_interval=_POLL_S,
                delete_jobs="successful", install_signal_handlers=False, shutdown_graceful_timeout=5,
                stalled_worker_timeout=_STALLED_AFTER_S,
            )
        )  # fmt: skip


async def _take_up_stalled(carrier: Any) -> None:
    while True:
        end_if_asked()
        for stalled in await carrier.job_manager.get_stalled_jobs(seconds_since_heartbeat=_STALLED_AFTER_S):
            await carrier.job_manager.retry_job(stalled)
        await asyncio.sleep(_STALLED_AFTER_S / 2)


def _carrier(procrastinate: Any, database_url: str, work: Work) -> Any:
    connector = procrastinate.PsycopgConnector(conninfo=database_url, min_size=1, max_size=3, timeout=_PATIENCE_S)
    carrier = procrastinate.App(connector=connector)
    retry = procrastinate.RetryStrategy(max_attempts=MAX_ATTEMPTS, exponential_wait=3)
    for one in _jobs.values():
        task = carrier.task(name=one.name, retry=retry, pass_context=True)(_bound(one, work))
        if one.cron:
            carrier.periodic(cron=one.cron)(task)
    return carrier


def _bound(one: Job, work: Work) -> Run:
    async def run(context: Any, timestamp: int | None = None, **arguments: Any) -> None:
        """timestamp: what a job by the clock is handed; the clock of `work` is the one that counts."""
        try:
            await one.run(replace(work, is_last_try=context.job.attempts >= MAX_ATTEMPTS), **arguments)
        except Exception as error:
            log.error("job_failed", job=one.name, error=type(error).__name__)
            raise

    return run
