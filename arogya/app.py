"""The HTTP process: mounts the modules' routers, fills their ports, serves the client."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from fastapi import FastAPI
from fastapi.routing import APIRoute

from arogya import __version__, live, site
from arogya.modules.identity import api as identity
from arogya.platform import modules, problems
from arogya.platform.clock import Clock, SystemClock
from arogya.platform.database import Database
from arogya.platform.dispatch import Index
from arogya.platform.head import AnswersHead
from arogya.platform.logs import configure_logging
from arogya.platform.outbox import call_after_commit
from arogya.platform.patience import Patience
from arogya.platform.realtime.hub import Hub
from arogya.platform.settings import APP_ROLE, Settings, settings
from arogya.platform.shedding import ShedsLoad
from arogya.platform.signals import LIVE_CHANNEL, Waker, listen
from arogya.platform.telemetry import Telemetry
from arogya.platform.web import DescribedApi
from arogya.wiring import fill_ports

DESCRIPTION = (
    "The hospital's API. Sign in at `POST /api/auth/login`; send the access token as `Authorization: Bearer …`. "
    "Refusals are RFC 9457 problem+json with a stable `code`."
)

_BOUND_BY_HASHING = ("/api/auth/", "/api/counter/sign-in", "/api/setup")
"""Few passwords are checked at once and the rest wait for that: they must not hold the places of those at work."""


def create_app(config: Settings | None = None, clock: Clock | None = None) -> FastAPI:
    """The whole application, ready for an ASGI server."""
    config = config or settings()
    configure_logging(config.log_format)
    app = DescribedApi(
        title="Arogya",
        version=__version__,
        description=DESCRIPTION,
        lifespan=_lifespan,
        generate_unique_id_function=_operation_name,
        responses=problems.PROBLEM_RESPONSES,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
    )
    connect(app, config, clock or SystemClock())
    app.add_middleware(Patience)
    problems.install(app)
    for routes in modules.every("routes"):
        app.include_router(routes.router)
    app.include_router(live.router)
    site.serve_client(app)
    app.router.routes.insert(0, Index(app.router.routes))
    app.add_middleware(AnswersHead)
    # As many as there are connections: one more at once makes all of them later, and none sooner.
    app.add_middleware(ShedsLoad, at_once=config.pool_size, exempt=_BOUND_BY_HASHING)
    always_https = (config.public_origin or "").startswith("https://")
    app.add_middleware(Telemetry, trusted_proxies=config.trusted_proxies, always_https=always_https)
    return app


def connect(app: FastAPI, config: Settings, clock: Clock) -> FastAPI:
    """Give the application its database, clock and keys. Opens no connection yet."""
    fill_ports()
    app.state.settings = config
    app.state.clock = clock
    app.state.database = Database(config.role_url(APP_ROLE), pool_size=config.pool_size)
    app.state.authenticator = identity.authenticator(config.keys, clock)
    app.state.hub = Hub(live.LiveAudience(app.state.database, clock), identity.session_check(app.state.database, clock))
    return app


def announcements(config: Settings) -> list[str]:
    """What the terminal has to say before the first request: the set-up code, while there is no hospital."""

    async def ask() -> list[str]:
        database = Database(config.role_url(APP_ROLE), pool_size=1)
        try:
            return await identity.setup_announcement(database, config.keys)
        finally:
            await database.dispose()

    return asyncio.run(ask())


def _operation_name(route: APIRoute) -> str:
    return route.name


@contextlib.asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    config: Settings = app.state.settings
    waker = Waker(config.direct_url(APP_ROLE))
    waker.start()
    call_after_commit(waker)
    hub: Hub = app.state.hub
    tasks = [
        asyncio.create_task(listen(config.direct_url(APP_ROLE), [LIVE_CHANNEL], hub.heard, hub.resync_all)),
        asyncio.create_task(hub.recheck_for_ever()),
    ]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await waker.stop()
        await app.state.database.dispose()
