"""The router that refuses a route without an access rule."""

from collections.abc import Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, suppress
from typing import Any
from urllib.parse import unquote_to_bytes

from fastapi import APIRouter, FastAPI, Request, Response, params  # noqa: TID251 - the one place that may
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, APIWebSocketRoute, iter_route_contexts
from pydantic import BaseModel
from sqlalchemy.exc import DBAPIError
from starlette.routing import BaseRoute, compile_path

from arogya.platform.access import AccessRule, rule_of
from arogya.platform.bodies import MAX_BODY_BYTES, StrictRequest
from arogya.platform.errors import Invalid
from arogya.platform.problems import goes_through_next_time

BEARER = "accessToken"
"""What the description calls the access token that is sent with each request."""


class DescribedApi(FastAPI):
    """An application whose description says how one signs in."""

    def openapi(self) -> dict[str, Any]:
        document = super().openapi()
        scheme = {"type": "http", "scheme": "bearer", "description": "The access_token of `POST /api/auth/login`."}
        document["components"]["securitySchemes"] = {BEARER: scheme}
        return document


class UndeclaredRoute(RuntimeError):
    """A route that says nothing, or two things, about who may call it. Raised at import."""


def rules_in(dependant: Dependant) -> list[AccessRule]:
    """All access rules in a route's tree of dependencies."""
    own = rule_of(dependant.call)
    found = [own] if own else []
    for inner in dependant.dependencies:
        found.extend(rules_in(inner))
    return found


def _one_rule(path: str, dependant: Dependant) -> None:
    count = len(rules_in(dependant))
    if count != 1:
        raise UndeclaredRoute(f"{path} declares {count} access rules; it needs exactly one requires(...) or PUBLIC")


Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class StrictRoute(APIRoute):
    """A route whose JSON body is checked byte by byte, and whose transaction is tried again where that helps."""

    def get_route_handler(self) -> Handler:
        handler = super().get_route_handler()
        model = self._body_model()
        is_one_transaction = all(rule.transaction for rule in rules_in(self.dependant))

        async def strict(request: Request) -> Response:
            _refuse_untakeable_url(request)
            asked = StrictRequest(request, model) if model else request
            try:
                return await _in_its_own_transaction(handler, asked)
            except DBAPIError as error:
                # All that it did was rolled back, so that it may be done again: once, for who asks can ask again too.
                may_repeat = is_one_transaction or request.method in _READS
                if not (may_repeat and goes_through_next_time(error)) or _has_lost_its_body(asked):
                    raise
            return await _in_its_own_transaction(handler, asked)

        return strict

    def _body_model(self) -> type[BaseModel] | None:
        if self.body_field is None:
            return None
        annotation = self.body_field.field_info.annotation
        is_json = isinstance(self.body_field.field_info, params.Body) and not isinstance(
            self.body_field.field_info, params.Form
        )
        return annotation if is_json and isinstance(annotation, type) and issubclass(annotation, BaseModel) else None


_READS = {"GET", "HEAD"}


async def _in_its_own_transaction(handler: Handler, request: Request) -> Response:
    """Close what the route's dependencies opened before the next try opens it again; FastAPI closes it later."""
    async with AsyncExitStack() as stack:
        request.scope["fastapi_function_astack"] = stack
        return await handler(request)


def _has_lost_its_body(request: Request) -> bool:
    """A body that was taken piece by piece can't be taken again."""
    return request._stream_consumed and not hasattr(request, "_body")


def _refuse_untakeable_url(request: Request) -> None:
    """A NUL, or bytes that are no UTF-8, in the path or the query: the database could not take them. Raises Invalid."""
    path, query = request.scope.get("raw_path") or b"", request.scope["query_string"]
    for name, raw in ((b"path", path), *((part.partition(b"=")[0], part) for part in query.split(b"&"))):
        code, message = "not_utf8", "The address is not UTF-8"
        with suppress(UnicodeDecodeError):
            if "\x00" not in unquote_to_bytes(raw).decode():
                continue
            code, message = "nul_character", "A NUL character in the address"
        raise Invalid.field(unquote_to_bytes(name).decode(errors="replace"), message, code)


class Router(APIRouter):
    """An APIRouter of strict routes, each with exactly one access rule and a longest body.

    The limit stands here and not at the application, whose own would answer from outside every middleware.
    """

    def __init__(self, *, prefix: str = "", tags: Sequence[str] = ()) -> None:
        super().__init__(prefix=prefix, tags=list(tags), route_class=StrictRoute, max_body_size=MAX_BODY_BYTES)

    def add_api_route(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().add_api_route(path, endpoint, **options)
        self._refuse_undeclared()

    def add_api_websocket_route(self, path: str, endpoint: Callable[..., Any], *args: Any, **options: Any) -> None:
        super().add_api_websocket_route(path, endpoint, *args, **options)
        self._refuse_undeclared()

    def add_route(self, *_: Any, **__: Any) -> None:
        raise UndeclaredRoute("a plain Starlette route can't declare its access")

    add_websocket_route = add_route
    mount = add_route

    def _refuse_undeclared(self) -> None:
        route = self.routes[-1]
        assert isinstance(route, APIRoute | APIWebSocketRoute)
        _one_rule(route.path, route.dependant)
        if isinstance(route, APIRoute) and rules_in(route.dependant)[0].permission is not None:
            route.openapi_extra = {**(route.openapi_extra or {}), "security": [{BEARER: []}]}


def origin_of(request: Request) -> str:
    """How this browser reaches us, for links on paper; no slash at its end."""
    chosen: str | None = request.app.state.settings.public_origin
    return (chosen or str(request.base_url)).rstrip("/")


def operations(app: FastAPI) -> list[tuple[str, BaseRoute, AccessRule | None]]:
    """Every HTTP and WebSocket operation: `GET /api/…`, its route and its rule.

    Included routers hide from `app.routes`; a walk of that finds nothing and passes.
    """
    found: list[tuple[str, BaseRoute, AccessRule | None]] = []
    for context in iter_route_contexts(app.router.routes):
        route = context.original_route
        if isinstance(route, APIRoute):
            rules = rules_in(route.dependant)
            for method in sorted(route.methods or ()):
                found.append((f"{method} {context.path}", route, rules[0] if len(rules) == 1 else None))
        elif isinstance(route, APIWebSocketRoute):
            rules = rules_in(route.dependant)
            found.append((f"WS {context.path}", route, rules[0] if len(rules) == 1 else None))
    return found


def methods_at(app: FastAPI, path: str) -> list[str]:
    """The methods that the described operations take at this path, of none where there is none. Who takes GET takes
    HEAD."""
    found: set[str] = set()
    for context in iter_route_contexts(app.router.routes):
        route = context.original_route
        if isinstance(route, APIRoute) and route.include_in_schema and compile_path(context.path or "")[0].match(path):
            found |= route.methods or set()
    if "GET" in found:
        found.add("HEAD")
    return sorted(found)
