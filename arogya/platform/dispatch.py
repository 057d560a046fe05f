"""Finds the route of a request in one look.

FastAPI asks each included router, and each of those its routes, and once more on the way in: with two hundred
operations a tenth of what a small read costs. What is not found here (another method, a page, a socket) goes the usual
way, whose answer is the right one for it.
"""

from collections import defaultdict
from functools import cached_property
from typing import Any

from fastapi.routing import (
    _FASTAPI_EFFECTIVE_ROUTE_CONTEXT_KEY as CONTEXT_KEY,
)
from fastapi.routing import (
    APIRoute,
    _get_fastapi_scope,
    iter_route_contexts,
)
from starlette.routing import BaseRoute, Match, NoMatchFound
from starlette.types import Receive, Scope, Send

_FOUND = "arogya.route"


class Index(BaseRoute):
    """Stands before the routes that it knows. They are gathered at the first request, when all of them are there."""

    def __init__(self, routes: list[BaseRoute]) -> None:
        self._routes = routes

    @cached_property
    def _by_shape(self) -> dict[tuple[str, int, str], list[Any]]:
        """By method, number of segments and the first two of them, as `api/patients`; each in the order declared."""
        found = defaultdict(list)
        for told in iter_route_contexts([route for route in self._routes if route is not self]):
            effective, path = told._route_context, told.path or ""
            if isinstance(told.original_route, APIRoute) and effective is not None and ":path}" not in path:
                for method in effective.methods:
                    found[method, path.count("/"), _head(path)].append(effective)
        return dict(found)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if scope["type"] == "http" and not scope.get("root_path"):
            path = scope["path"]
            for effective in self._by_shape.get((scope["method"], path.count("/"), _head(path)), ()):
                match, child = effective.matches(scope)
                if match == Match.FULL:
                    return match, {**child, _FOUND: effective}
        return Match.NONE, {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        effective = scope.pop(_FOUND)
        _get_fastapi_scope(scope)[CONTEXT_KEY] = effective
        scope["route"] = effective.original_route
        await effective.original_route.handle(scope, receive, send)

    def url_path_for(self, name: str, /, **path_params: Any) -> Any:
        raise NoMatchFound(name, path_params)


def _head(path: str) -> str:
    """`api/patients` of `/api/patients/…`."""
    return "/".join(path.split("/", 3)[1:3])
