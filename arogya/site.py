"""What is not the API: the client's files, health, metrics, the API's documentation."""

import gzip
import os
import secrets
from importlib.resources import files
from pathlib import Path
from typing import Annotated

from fastapi import FastAPI, Request, Response
from sqlalchemy import text
from starlette.datastructures import Headers
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse
from starlette.staticfiles import NotModifiedResponse, StaticFiles
from starlette.types import Scope

from arogya.api_page import STYLE_HASH, api_page
from arogya.platform.access import PUBLIC
from arogya.platform.errors import MethodNotAllowed, NotFound, Unavailable
from arogya.platform.postgres.archive import Archive
from arogya.platform.telemetry import content_security_policy, metrics_text
from arogya.platform.web import Router, methods_at

CLIENT = Path(str(files("arogya") / "_web"))
_NOT_BUILT = "The web client is not built: run `make run`, or `npm ci && npm run build` in web/.\n"
_PAGES = {"my": "patient.html", "display": "display.html"}
_NONCE = "style-nonce"
"""What the built pages have where each answer's own goes."""
_CODINGS = {"br": ".br", "gzip": ".gz"}
"""The best first."""
ASK_EACH_TIME = "no-cache"
NEVER_CHANGES = "public, max-age=31536000, immutable"
"""What lies in assets/ has its content's hash in its name."""

router = Router(tags=["site"])


@router.get("/healthz", include_in_schema=False)
async def alive(_: Annotated[None, PUBLIC]) -> PlainTextResponse:
    """That this process answers; says nothing of the database."""
    return PlainTextResponse("ok\n")


@router.get("/readyz", include_in_schema=False)
async def ready(request: Request, _: Annotated[None, PUBLIC]) -> PlainTextResponse:
    """That requests can be served: the database answers."""
    try:
        async with request.app.state.database.transaction() as session:
            await session.execute(text("SELECT 1"))
    except Exception:
        raise Unavailable("The database does not answer") from None
    return PlainTextResponse("ready\n")


@router.get("/metrics", include_in_schema=False)
async def metrics(request: Request, _: Annotated[None, PUBLIC]) -> Response:
    """Prometheus text. Only for this machine and the trusted proxies' network."""
    if request.scope["state"]["address"] not in {"127.0.0.1", "::1", ""}:
        raise NotFound
    told = metrics_text() + Archive(request.app.state.settings.archive_folder).metrics_text()
    return Response(told, media_type="text/plain; version=0.0.4")


@router.get("/docs", include_in_schema=False)
async def documentation(request: Request, _: Annotated[None, PUBLIC]) -> HTMLResponse:
    """The operations, readable without a script from elsewhere."""
    headers = {"Content-Security-Policy": content_security_policy(STYLE_HASH)}
    return HTMLResponse(api_page(request.app.openapi()), headers=headers)


class ClientFiles(StaticFiles):
    """The built client: each text as the build compressed it, where the browser takes that."""

    def __init__(self, folder: Path, cache_control: str) -> None:
        super().__init__(directory=folder, check_dir=False)  # not there before the first build
        self._cache_control = cache_control

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        asked = Headers(scope=scope)
        headers = {"Cache-Control": self._cache_control, "Vary": "Accept-Encoding"}
        path = os.fspath(full_path)
        for coding in _accepted(asked.get("accept-encoding", "")):
            if os.path.isfile(path + _CODINGS[coding]):
                path += _CODINGS[coding]
                stat_result = os.stat(path)
                headers["Content-Encoding"] = coding
                break
        response = FileResponse(path, status_code, headers, stat_result=stat_result)
        return NotModifiedResponse(response.headers) if self.is_not_modified(response.headers, asked) else response


def _accepted(accept_encoding: str) -> list[str]:
    offers = [offer.replace(" ", "").lower() for offer in accept_encoding.split(",")]
    names = {offer.split(";")[0] for offer in offers if not offer.endswith((";q=0", ";q=0.0"))}
    return [coding for coding in _CODINGS if coding in names]


def serve_client(app: FastAPI) -> None:
    """Mount the site's routes last: the client's pages take every path that the API does not."""
    app.include_router(router)
    app.include_router(_rest_of_the_api())
    if (CLIENT / "assets").is_dir():
        app.mount("/assets", ClientFiles(CLIENT / "assets", NEVER_CHANGES), name="assets")
    app.include_router(_pages())


def _rest_of_the_api() -> Router:
    """What no route of the API takes: else the pages would, and say of a POST that only GET will do."""
    rest = Router()
    whatever = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

    @rest.api_route("/api", methods=whatever, include_in_schema=False)
    @rest.api_route("/api/{path:path}", methods=whatever, include_in_schema=False)
    async def untaken(request: Request, _: Annotated[None, PUBLIC]) -> None:
        """404 where nothing is, 405 where something is that takes another method."""
        takes = methods_at(request.app, request.scope["path"])
        if takes:
            raise MethodNotAllowed(takes)
        raise NotFound("There is nothing at this address")

    return rest


def _entry(page: str, request: Request) -> Response:
    """A page and the nonce by which its components may make styles. Another each time: it is never "unmodified"."""
    nonce = secrets.token_urlsafe(16)
    headers = {
        "Cache-Control": ASK_EACH_TIME,
        "Content-Security-Policy": content_security_policy(f"'nonce-{nonce}'"),
        "Vary": "Accept-Encoding",
    }
    content = page.replace(_NONCE, nonce).encode()
    if "gzip" in _accepted(request.headers.get("accept-encoding", "")):
        content = gzip.compress(content, mtime=0)
        headers["Content-Encoding"] = "gzip"
    return HTMLResponse(content, headers=headers)


def _pages() -> Router:
    pages = Router()
    client = ClientFiles(CLIENT, ASK_EACH_TIME)
    names = {str(f.relative_to(CLIENT)) for f in CLIENT.rglob("*") if f.is_file()}
    entries = {name: (CLIENT / name).read_text(encoding="utf-8") for name in names if name.endswith(".html")}

    @pages.get("/{path:path}", include_in_schema=False)
    async def page(request: Request, path: str, _: Annotated[None, PUBLIC]) -> Response:
        """A file of the client, or the entry page whose router knows the path."""
        name = path if path in names else _PAGES.get(path.split("/", maxsplit=1)[0], "index.html")
        if name not in names:
            return PlainTextResponse(_NOT_BUILT, 503)
        if name in entries:
            return _entry(entries[name], request)
        return await client.get_response(name, request.scope)

    return pages
