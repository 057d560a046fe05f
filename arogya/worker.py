"""The background process: delivers events, runs their reactions and the jobs, forgets what has had its time."""

import asyncio
import contextlib
import faulthandler
import signal

from arogya.integrations.email import mailer
from arogya.integrations.sms import text_sender
from arogya.modules.identity import api as identity
from arogya.modules.organizations.api import all_organization_ids
from arogya.platform import idempotency, jobs, modules
from arogya.platform.clock import SystemClock
from arogya.platform.database import Database
from arogya.platform.logs import configure_logging
from arogya.platform.outage import LOST, Outage
from arogya.platform.relay import Relay
from arogya.platform.settings import APP_ROLE, RELAY_ROLE, Settings, settings
from arogya.platform.signals import dsn
from arogya.wiring import fill_ports

PURGE_EVERY_S = 3600
ENDS_WITHIN_S = 8
"""By force after that, saying where it hung: before its parent would, which says nothing and may have been killed."""


async def run(config: Settings | None = None) -> None:
    """Until SIGTERM or SIGINT; what was begun is finished or rolled back."""
    config = config or settings()
    configure_logging(config.log_format)
    fill_ports()
    for _ in (*modules.every("events"), *modules.every("reactions"), *modules.every("jobs")):
        pass
    clock = SystemClock()
    database = Database(config.role_url(APP_ROLE), pool_size=4)
    relay_database = Database(config.role_url(RELAY_ROLE), pool_size=4)
    outage = Outage()
    relay = Relay(relay_database, database, config.direct_url(RELAY_ROLE), clock, outage)
    at_hand = jobs.Work(database, clock, mailer(config), text_sender(config), config.origin, config.keys)
    parts = [
        asyncio.create_task(relay.run()),
        asyncio.create_task(jobs.run_for_ever(dsn(config.role_url(RELAY_ROLE)), at_hand, outage)),
        asyncio.create_task(_purge_for_ever(relay, database, clock, outage)),
    ]
    work = asyncio.gather(*parts)
    loop = asyncio.get_running_loop()

    ending = False

    def end() -> None:
        nonlocal ending
        work.cancel()
        if not ending:  # asking again moves it no further
            ending = True
            _end_by_force_later()

    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, end)
    try:
        with contextlib.suppress(asyncio.CancelledError):
            await work
    except BaseException:
        for part in parts:
            part.cancel()
        raise
    finally:
        # `work` is over with the first of them; the others still say or finish something.
        await asyncio.gather(*parts, return_exceptions=True)
        await database.dispose()
        await relay_database.dispose()


def _end_by_force_later() -> None:
    try:
        faulthandler.dump_traceback_later(ENDS_WITHIN_S, exit=True)
    except (RuntimeError, ValueError, OSError):  # there is no standard error to say it on
        signal.alarm(ENDS_WITHIN_S)


async def _purge_for_ever(relay: Relay, database: Database, clock: SystemClock, outage: Outage) -> None:
    while True:
        try:
            await relay.purge()
            await identity.purge(database, clock.now())
            for organization_id in await all_organization_ids(database):
                async with database.transaction(organization_id) as session:
                    await idempotency.purge(session, clock.now())
            outage.over("purge")
        except LOST as error:
            await outage.wait("purge", error)
            continue
        await asyncio.sleep(PURGE_EVERY_S)
