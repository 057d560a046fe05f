"""What is not the API: the client's files, health, metrics, the API's documentation."""

from importlib.resources import files
from pathlib import Path
from typing import Annotated

from fastapi import FastAPI, Request, Response
from sqlalchemy import text
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse
from starlette.staticfiles import StaticFiles

from arogya.api_page import api_page
from arogya.platform.access import PUBLIC
from arogya.platform.errors import NotFound, Unavailable
from arogya.platform.telemetry import metrics_text
from arogya.platform.web import Router

CLIENT = Path(str(files("arogya") / "_web"))
_NOT_BUILT = "The web client is not built: run `make run`, or `npm ci && npm run build` in web/.\n"
_PAGES = {"my": "patient.html", "display": "display.html"}

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
    return Response(metrics_text(), media_type="text/plain; version=0.0.4")


@router.get("/docs", include_in_schema=False)
async def documentation(request: Request, _: Annotated[None, PUBLIC]) -> HTMLResponse:
    """The operations, readable without a script from elsewhere."""
    return HTMLResponse(api_page(request.app.openapi()))


def serve_client(app: FastAPI) -> None:
    """Mount the site's routes last: the client's pages take every path that the API does not."""
    app.include_router(router)
    if (CLIENT / "assets").is_dir():
        app.mount("/assets", StaticFiles(directory=CLIENT / "assets"), name="assets")
    app.include_router(_pages())


def _pages() -> Router:
    pages = Router()
    files_there = {str(f.relative_to(CLIENT)): f for f in CLIENT.rglob("*") if f.is_file()}

    @pages.get("/{path:path}", include_in_schema=False)
    async def page(path: str, _: Annotated[None, PUBLIC]) -> Response:
        """A file of the client, or the entry page whose router knows the path."""
        if path.startswith("api/"):
            raise NotFound
        if path in files_there:
            return FileResponse(files_there[path])
        entry = files_there.get(_PAGES.get(path.split("/", maxsplit=1)[0], "index.html"))
        if entry is None:
            return PlainTextResponse(_NOT_BUILT, 503)
        return FileResponse(entry, headers={"Cache-Control": "no-cache"})

    return pages
