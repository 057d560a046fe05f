"""A worker whose one reaction counts: `python -m tests.platform.counting_worker`, made to be killed.

Settings come from the environment, as the real worker's do.
"""

import asyncio
import os
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from sqlalchemy import text

from arogya.platform.access import Context
from arogya.platform.clock import SystemClock
from arogya.platform.database import Database
from arogya.platform.outbox import Event, fact, on
from arogya.platform.relay import Relay
from arogya.platform.settings import APP_ROLE, RELAY_ROLE, Settings


@fact
@dataclass(frozen=True)
class Counted(Event):
    topic: ClassVar[str] = "patients"
    number_id: UUID


@on(Counted)
async def count_it(ctx: Context, happened: Counted) -> None:
    await ctx.session.execute(text("INSERT INTO effects (event_id) VALUES (:id)"), {"id": happened.number_id})
    await asyncio.sleep(float(os.environ.get("REACTION_S", "0")))


async def main() -> None:
    config = Settings()
    relay = Relay(
        Database(config.role_url(RELAY_ROLE), pool_size=4),
        Database(config.role_url(APP_ROLE), pool_size=4),
        config.role_url(RELAY_ROLE),
        SystemClock(),
    )
    await relay.run()


if __name__ == "__main__":
    asyncio.run(main())
