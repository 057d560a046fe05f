"""A worker that takes its time over each portion: `python -m` this, to be killed."""

import asyncio
import os

from arogya.integrations.email import mailer
from arogya.integrations.sms import text_sender
from arogya.modules.patients import jobs as patients_jobs
from arogya.modules.patients.importing import portions, running
from arogya.platform import jobs
from arogya.platform.clock import SystemClock
from arogya.platform.database import Database
from arogya.platform.settings import APP_ROLE, RELAY_ROLE, Settings
from arogya.platform.signals import dsn

assert patients_jobs.work_on_import is not None


async def main() -> None:
    config = Settings()
    running.LINES_AT_A_TIME = int(os.environ["LINES_AT_A_TIME"])  # type: ignore[misc]
    kept = portions.keep_refusals
    portion_s = float(os.environ["PORTION_S"])

    async def slowly(*told: object) -> None:
        await kept(*told)  # type: ignore[arg-type]
        await asyncio.sleep(portion_s)

    running.keep_refusals = slowly  # type: ignore[assignment]
    database = Database(config.role_url(APP_ROLE), pool_size=4)
    work = jobs.Work(database, SystemClock(), mailer(config), text_sender(config), config.origin, config.keys)
    await jobs.run_for_ever(dsn(config.role_url(RELAY_ROLE)), work)


if __name__ == "__main__":
    asyncio.run(main())
