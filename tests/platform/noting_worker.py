"""A worker whose one job notes that it ran: `python -m tests.platform.noting_worker`, made to be killed."""

import asyncio
from uuid import UUID

from sqlalchemy import text

from arogya.integrations.email import mailer
from arogya.integrations.sms import text_sender
from arogya.platform import jobs
from arogya.platform.clock import SystemClock
from arogya.platform.database import Database
from arogya.platform.settings import APP_ROLE, RELAY_ROLE, Settings
from arogya.platform.signals import dsn


@jobs.job("test.note_it")
async def note_it(work: jobs.Work, note_id: str, fails_first: bool = False, lasts_s: float = 0) -> None:
    note = {"id": UUID(note_id), "last": work.is_last_try}
    async with work.database.transaction() as session:
        tried = await session.scalar(text("UPDATE notes SET was_tried = true WHERE id = :id RETURNING true"), note)
        if fails_first and not tried:
            await session.execute(text("INSERT INTO notes (id, was_last) VALUES (:id, :last)"), note)
    if fails_first and not tried:
        raise ConnectionError
    await asyncio.sleep(lasts_s)
    async with work.database.transaction() as session:
        await session.execute(text("INSERT INTO notes (id, was_tried, was_last) VALUES (:id, true, :last)"), note)


async def main() -> None:
    config = Settings()
    database = Database(config.role_url(APP_ROLE), pool_size=2)
    work = jobs.Work(database, SystemClock(), mailer(config), text_sender(config), config.origin, config.keys)
    await jobs.run_for_ever(dsn(config.role_url(RELAY_ROLE)), work)


if __name__ == "__main__":
    asyncio.run(main())
