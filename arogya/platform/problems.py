"""Every refusal as RFC 9457 problem+json: `{type, title, status, code, detail, fields, request_id}`."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from arogya.platform.errors import (
    Conflict,
    Field,
    Invalid,
    NotJson,
    PreconditionFailed,
    Problem,
    TooLarge,
    Unavailable,
    problem_of_constraint,
)

log = structlog.get_logger(__name__)

_BY_STATUS = {
    400: "bad_request",
    404: "not_found",
    405: "method_not_allowed",
    408: "too_slow",
    413: "too_large",
    415: "not_json",
}
_UNTAKEABLE_TEXT = {"22021", "22P05"}
_OUT_OF_RANGE = {"22003", "22008"}
_TRY_AGAIN = {"40P01", "40001", "55P03", "57014"}
_DISK_FULL = "53100"
_AWAY = {"08003", "08006", "57P01", "57P02", "57P03", "53300", "53200"}
"""The first two are the driver's own word for a line that was cut; while it connects, SQLAlchemy knows of none."""

PROBLEM_MEDIA_TYPE = "application/problem+json"
PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "title": "Problem",
    "description": "RFC 9457. `code` is stable; `fields` names what was wrong with which field of the body.",
    "required": ["type", "title", "status", "code", "detail", "fields", "request_id"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "fields": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name", "code", "message"],
                "properties": {"name": {"type": "string"}, "code": {"type": "string"}, "message": {"type": "string"}},
            },
        },
        "request_id": {"type": "string"},
    },
}
PROBLEM_RESPONSES: dict[int | str, dict[str, Any]] = {
    "default": {"description": "Problem", "content": {PROBLEM_MEDIA_TYPE: {"schema": PROBLEM_SCHEMA}}}
}


def problem_response(request_id: str, problem: Problem) -> Response:
    return _render(
        request_id, problem.status, problem.code, problem.title, problem.detail,
        fields=problem.fields, extra=problem.extra, headers=problem.headers,
    )  # fmt: skip


def _render(
    request_id: str,
    status: int,
    code: str,
    title: str,
    detail: str,
    *,
    fields: Sequence[Field] = (),
    extra: Mapping[str, object] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    body: dict[str, object] = {
        "type": f"urn:arogya:problem:{code}",
        "title": title,
        "status": status,
        "code": code,
        "detail": detail,
        "fields": [{"name": f.name, "code": f.code, "message": f.message} for f in fields],
        "request_id": request_id,
        **(extra or {}),
    }
    raw = json.dumps(body, default=str, ensure_ascii=False).encode()
    return Response(raw, status, headers=dict(headers or {}), media_type=PROBLEM_MEDIA_TYPE)


def goes_through_next_time(error: DBAPIError) -> bool:
    """The transaction was in nobody's way but another's: a deadlock chose it, or a migration changed what it reads."""
    return _state(error) == "40P01" or _is_outdated(error)


def _cause(error: DBAPIError) -> BaseException | None:
    return getattr(error.orig, "__cause__", None) or error.orig


def _state(error: DBAPIError) -> str:
    return getattr(error.orig, "sqlstate", None) or getattr(_cause(error), "sqlstate", None) or ""


def _is_outdated(error: DBAPIError) -> bool:
    """The statement was prepared when its result had other types."""
    return isinstance(_cause(error), asyncpg.InvalidCachedStatementError)


def problem_of_database_error(error: DBAPIError) -> Problem | None:
    """What a database error means to the one who asked; None where it is our own fault."""
    cause, state = _cause(error), _state(error)
    known = problem_of_constraint(getattr(cause, "constraint_name", None))
    if known:
        return known
    if state in _UNTAKEABLE_TEXT:
        return Invalid("Some of the text can't be stored")
    if state in _OUT_OF_RANGE:
        return Invalid("A number or date is out of range")
    if isinstance(error, IntegrityError):
        log.warning("constraint", constraint=getattr(cause, "constraint_name", None), sqlstate=state)
        return Invalid("This refers to a record that is not there") if state == "23503" else Conflict()
    if state == _DISK_FULL:
        log.error("disk_full")
        return Unavailable("The disk is full: until some space is freed nothing can be saved", retry_after_s=30)
    if state in _TRY_AGAIN or _is_outdated(error):
        return Unavailable("Busy, try again")
    is_cut = error.connection_invalidated or isinstance(cause, asyncpg.InternalClientError)
    if state in _AWAY or isinstance(error, OperationalError | InterfaceError) or is_cut:
        return Unavailable("The database is not available")
    return None


def install(app: FastAPI) -> None:
    """Let the application answer every exception in one form."""

    def request_id(request: Request) -> str:
        return str(request.scope.get("state", {}).get("request_id", ""))

    @app.exception_handler(Problem)
    async def refused(request: Request, problem: Problem) -> Response:
        return problem_response(request_id(request), problem)

    @app.exception_handler(RequestValidationError)
    async def malformed(request: Request, error: RequestValidationError) -> Response:
        faults = request.scope["state"].get("body_faults")
        if faults is None and _is_other_than_json(request, error):
            return problem_response(request_id(request), NotJson())
        other = [e for e in error.errors() if e["loc"][0] != "body"]
        return problem_response(request_id(request), _invalid([*other, *(faults or _body_errors(error))]))

    @app.exception_handler(StaleDataError)
    async def stale(request: Request, _error: StaleDataError) -> Response:
        return problem_response(request_id(request), PreconditionFailed())

    @app.exception_handler(PoolTimeout)
    async def pool_exhausted(request: Request, _error: PoolTimeout) -> Response:
        return problem_response(request_id(request), Unavailable("All connections are in use", retry_after_s=2))

    @app.exception_handler(DBAPIError)
    async def database(request: Request, error: DBAPIError) -> Response:
        problem = problem_of_database_error(error)
        if problem is None:
            log.error("database_error", sqlstate=getattr(error.orig, "sqlstate", None), exc_info=error)
            problem = Problem()
        return problem_response(request_id(request), problem)

    # The driver's own come out of a connection that is only being made; later they are SQLAlchemy's, but for a
    # statement that takes too long.
    @app.exception_handler(asyncpg.PostgresError)
    @app.exception_handler(asyncpg.InterfaceError)
    @app.exception_handler(asyncpg.InternalClientError)
    @app.exception_handler(ConnectionError)
    @app.exception_handler(TimeoutError)
    async def away(request: Request, _error: Exception) -> Response:
        return problem_response(request_id(request), Unavailable("The database is not available"))

    @app.exception_handler(HTTPException)
    async def plain(request: Request, error: HTTPException) -> Response:
        code = _BY_STATUS.get(error.status_code, "http_error")
        return _render(
            request_id(request), error.status_code, code, str(error.detail), str(error.detail), headers=error.headers
        )

    app.add_middleware(Unexpected)


class Unexpected:
    """The last net: what nobody foresaw is logged by kind and answered with a reference, never with its words.

    A handler of Exception would run outside all middleware, where the answer gets no request id and no headers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            try:
                await self.app(scope, receive, send)
            except Exception as error:
                log.error("unexpected", exc_info=error)
                raise
            return
        begun = is_plain_413 = False

        async def watch(message: Message) -> None:
            """Pass the answer on; the body limit's own is plain text and is made a problem."""
            nonlocal begun, is_plain_413
            if message["type"] == "http.response.start":
                begun = True
                is_plain_413 = message["status"] == 413 and not _is_problem(message)
                if is_plain_413:
                    await problem_response(str(scope["state"]["request_id"]), TooLarge())(scope, receive, send)
            if not is_plain_413:
                await send(message)

        try:
            await self.app(scope, receive, watch)
        except Exception as error:
            log.error("unexpected", exc_info=error)
            if begun:
                raise
            await problem_response(str(scope["state"]["request_id"]), Problem())(scope, receive, send)


def _is_problem(start: Message) -> bool:
    return Headers(raw=start["headers"]).get("content-type") == PROBLEM_MEDIA_TYPE


def _body_errors(error: RequestValidationError) -> list[dict[str, Any]]:
    return [e for e in error.errors() if e["loc"][0] == "body"]


def _is_other_than_json(request: Request, error: RequestValidationError) -> bool:
    """A body that FastAPI did not read as JSON, because its Content-Type says something else, or nothing."""
    has_body = any(e["type"] != "missing" for e in _body_errors(error))
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return has_body and not (kind.startswith("application/") and kind.endswith(("/json", "+json")))


def _invalid(faults: Sequence[Mapping[str, Any]]) -> Invalid:
    fields = [
        Field(".".join(str(part) for part in fault["loc"][1:]) or str(fault["loc"][0]), fault["type"], fault["msg"])
        for fault in faults
    ]
    return Invalid(fields[0].message if fields else "", fields=fields)
