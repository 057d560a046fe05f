"""No operation without exactly one access rule."""

import re
from typing import Annotated

import httpx2
import pytest
from fastapi import FastAPI, WebSocket
from fastapi.routing import iter_route_contexts

from arogya.platform.access import PUBLIC, Context, requires
from arogya.platform.realtime.handshake import requires_ticket
from arogya.platform.web import Router, UndeclaredRoute, operations
from arogya.policy import Permission

NOTHING_HERE = {
    f"{method} {path}"
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
    for path in ("/api", "/api/{path:path}")
}
HIDDEN_FROM_OPENAPI = {"GET /healthz", "GET /readyz", "GET /metrics", "GET /docs", "GET /{path:path}"} | NOTHING_HERE
PUBLIC_OPERATIONS = HIDDEN_FROM_OPENAPI | {
    "POST /api/auth/login",
    "POST /api/auth/refresh",
    "POST /api/auth/logout",
    "POST /api/auth/register",
    "POST /api/auth/device",
    "POST /api/auth/code",
    "POST /api/auth/code/sign-in",
    "POST /api/auth/slip/show",
    "POST /api/auth/slip",
    "GET /api/auth/hospitals",
    "POST /api/auth/forgot",
    "POST /api/auth/reset",
    "POST /api/auth/verify-email",
    "POST /api/auth/invitation",
    "POST /api/auth/invitation/accept",
    "GET /api/setup",
    "POST /api/setup",
    "GET /api/counter",
    "POST /api/counter/sign-in",
    "GET /api/calendar/{token}.ics",
    "POST /api/offer-link/show",
    "POST /api/offer-link/accept",
    "POST /api/offer-link/decline",
}


def test_route_that_declares_nothing_is_refused_at_import() -> None:
    router = Router()
    with pytest.raises(UndeclaredRoute, match="declares 0 access rules"):

        @router.get("/planted")
        async def planted() -> None: ...


def test_route_with_two_rules_is_refused_at_import() -> None:
    router = Router()
    with pytest.raises(UndeclaredRoute, match="declares 2 access rules"):

        @router.get("/planted")
        async def planted(
            ctx: Annotated[Context, requires(Permission.PATIENT_READ)], _: Annotated[None, PUBLIC]
        ) -> None: ...


def test_socket_that_declares_nothing_is_refused_at_import() -> None:
    router = Router()
    with pytest.raises(UndeclaredRoute, match="declares 0 access rules"):

        @router.websocket("/planted")
        async def planted(websocket: WebSocket) -> None: ...


def test_declared_socket_is_taken() -> None:
    router = Router()

    @router.websocket("/declared")
    async def declared(opened: Annotated[object, requires_ticket(Permission.LIVE_LISTEN)]) -> None: ...

    assert len(router.routes) == 1


@pytest.mark.parametrize("way", ["add_route", "add_websocket_route", "mount"])
def test_ways_around_the_router_are_closed(way: str) -> None:
    with pytest.raises(UndeclaredRoute):
        getattr(Router(), way)("/planted", lambda request: None)


async def test_every_operation_has_one_rule_and_the_walk_finds_all_of_openapi(app: FastAPI) -> None:
    found = {name: rule for name, _, rule in operations(app) if name.split(" ")[1] != "/openapi.json"}
    assert {name for name, rule in found.items() if rule is None} == set()
    described = {f"{method.upper()} {path}" for path, methods in app.openapi()["paths"].items() for method in methods}
    walked_http = {name for name in found if not name.startswith("WS ")}
    assert walked_http - described == HIDDEN_FROM_OPENAPI
    assert described <= walked_http
    assert {name for name in found if name.startswith("WS ")} == {"WS /api/realtime"}


async def test_public_operations_are_a_closed_list(app: FastAPI) -> None:
    public = {name for name, _, rule in operations(app) if rule and rule.permission is None}
    assert public == PUBLIC_OPERATIONS


async def test_walking_app_routes_would_find_nothing(app: FastAPI) -> None:
    """Why `operations` uses iter_route_contexts: the obvious walk is blind and would pass."""
    seen = {getattr(route, "path", "") for route in app.routes}
    assert not any(path.startswith("/api/") for path in seen)
    assert sum(1 for context in iter_route_contexts(app.router.routes) if (context.path or "").startswith("/api/")) > 50


async def test_every_permission_is_asked_for_somewhere(app: FastAPI) -> None:
    asked = {rule.permission for _, _, rule in operations(app) if rule and rule.permission}
    checked_within = {Permission.APPOINTMENT_OVERRIDE}  # part of booking: asked by the service, with its reason
    assert set(Permission) - asked - checked_within == set()


async def test_head_opens_nothing_that_get_does_not(app: FastAPI, client: httpx2.AsyncClient) -> None:
    """No token at all: each operation refuses the one as it refuses the other."""
    read = [name.split(" ")[1] for name, _, rule in operations(app) if name.startswith("GET /api/") and rule]
    assert len(read) > 50
    for path in read:
        url = re.sub(r"\{[^}]*\}", "0198f4a2-6c1e-7b3a-9d55-0c9d1e2f3a4c", path)
        assert (await client.head(url)).status_code == (await client.get(url)).status_code, path
