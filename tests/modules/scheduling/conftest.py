"""Fixtures of the doctors' day."""

from collections.abc import AsyncIterator

import httpx2
import pytest
from fastapi import FastAPI

from arogya.platform.database import Database
from arogya.platform.settings import APP_ROLE, Settings
from tests.modules.scheduling.desk import Desk
from tests.world import World


@pytest.fixture
async def fifty_connections(app: FastAPI, config: Settings) -> AsyncIterator[None]:
    """Room for fifty racers inside the database at once, however slow the machine is just now."""
    narrow: Database = app.state.database
    app.state.database = Database(config.role_url(APP_ROLE), pool_size=50, pool_timeout_s=60)
    yield
    await app.state.database.dispose()
    app.state.database = narrow


@pytest.fixture
def desk(client: httpx2.AsyncClient, world: World) -> Desk:
    """Reception, and the doctor of timed slots."""
    return Desk(client, world.a, world.a.practitioner)


@pytest.fixture
def token_desk(client: httpx2.AsyncClient, world: World) -> Desk:
    """Reception, and the doctor of token sessions."""
    return Desk(client, world.a, world.a.other_practitioner)
