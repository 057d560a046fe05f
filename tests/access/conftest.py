"""The scene, made once a worker; each test tries on it what it wants and takes it back."""

import asyncio
from collections.abc import AsyncIterator

import httpx2
import pytest
from fastapi import FastAPI

from arogya import live
from arogya.app import connect, create_app
from arogya.modules.identity import api as identity
from arogya.platform.clock import FixedClock
from arogya.platform.database import Database
from arogya.platform.postgres import EmbeddedPostgres
from arogya.platform.realtime.hub import Hub
from arogya.platform.settings import APP_ROLE
from tests.access.rehearsal import Rehearsal
from tests.access.scene import Scene, build
from tests.conftest import KEYS, NOW, TEMPLATE, settings_for
from tests.databases import copy_database
from tests.world import World

SCENE = "access_scene"


@pytest.fixture(scope="session")
def scene(postgres: EmbeddedPostgres, template: World, tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """In a database of its own, on which nobody commits anything after."""
    config = settings_for(postgres, SCENE, tmp_path_factory.mktemp("scene"))

    async def make() -> Scene:
        await copy_database(postgres, SCENE, TEMPLATE)
        database = Database(config.role_url(APP_ROLE), pool_size=2)
        try:
            return await build(database, template, KEYS, FixedClock(NOW))
        finally:
            await database.dispose()

    return asyncio.run(make())


@pytest.fixture(scope="session")
def _stage(postgres: EmbeddedPostgres, scene: Scene, tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    return create_app(settings_for(postgres, SCENE, tmp_path_factory.mktemp("stage")), FixedClock(NOW))


@pytest.fixture
async def rehearsal(postgres: EmbeddedPostgres) -> AsyncIterator[Rehearsal]:
    found = Rehearsal(postgres.url(database=SCENE))
    async with found.opened():
        yield found


@pytest.fixture
def stage(_stage: FastAPI, rehearsal: Rehearsal) -> FastAPI:
    """The application, all of whose transactions are the rehearsal's."""
    clock = FixedClock(NOW)
    app = connect(_stage, _stage.state.settings, clock)
    app.state.database = rehearsal
    app.state.hub = Hub(live.LiveAudience(rehearsal, clock), identity.session_check(rehearsal, clock))
    return app


@pytest.fixture
async def asking(stage: FastAPI) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app=stage, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://localhost:8000") as client:
        yield client
