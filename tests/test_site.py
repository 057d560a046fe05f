"""What is not the API: the documentation, health, metrics, the client's files."""

import gzip
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
from fastapi import FastAPI

from arogya import site
from tests.world import World


async def test_docs_name_every_operation_without_a_script(client: httpx2.AsyncClient) -> None:
    described = (await client.get("/openapi.json")).json()
    page = (await client.get("/docs")).text
    assert "<script" not in page
    for path in described["paths"]:
        assert path in page, path


async def test_health_says_alive_and_ready(client: httpx2.AsyncClient) -> None:
    assert (await client.get("/healthz")).text == "ok\n"
    assert (await client.get("/readyz")).text == "ready\n"


async def test_metrics_count_by_route_template(client: httpx2.AsyncClient, world: World) -> None:
    patient = f"/api/patients/{world.a.patient}"
    await client.get(patient, headers=world.a.as_("receptionist"))
    found = (await client.get("/metrics")).text
    assert 'route="GET /api/patients/{patient_id}"' in found
    assert str(world.a.patient) not in found


@pytest.mark.parametrize("path", ["/api", "/api/", "/api/nothing/here", "/api/patients/"])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
async def test_unknown_api_path_is_a_problem_not_a_page(client: httpx2.AsyncClient, method: str, path: str) -> None:
    answer = await client.request(method, path)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/api/auth/login", "POST"),
        ("PUT", "/api/patients", "GET, POST"),
        ("POST", "/api/patients/1", "DELETE, GET, PATCH"),
        ("DELETE", "/api/patients/1/photo/", ""),
    ],
)
async def test_another_method_is_told_which_will_do(
    client: httpx2.AsyncClient, method: str, path: str, allowed: str
) -> None:
    answer = await client.request(method, path)
    assert (answer.status_code, answer.headers.get("allow", "")) == (405 if allowed else 404, allowed)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == ("method_not_allowed" if allowed else "not_found")


# The client's files

SCRIPT = b"export const greeting = 'namaste'\n" * 50
ZIPPED = gzip.compress(SCRIPT)


@pytest.fixture
async def browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[httpx2.AsyncClient]:
    """Of a site whose client is one page, one script, compressed twice, and an icon."""
    (tmp_path / "assets").mkdir()
    (tmp_path / "patient.html").write_text("<!doctype html>")
    (tmp_path / "icon.png").write_bytes(b"\x89PNG")
    for name, content in {"": SCRIPT, ".gz": ZIPPED, ".br": b"smaller still"}.items():
        (tmp_path / f"assets/app-1a2b.js{name}").write_bytes(content)
    monkeypatch.setattr(site, "CLIENT", tmp_path)
    app = FastAPI()
    site.serve_client(app)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://testserver") as client:
        yield client


@pytest.mark.parametrize(
    ("takes", "gets"),
    [("gzip, deflate, br", "br"), ("gzip", "gzip"), ("br;q=0, gzip;q=0.5", "gzip"), ("identity", None), ("", None)],
)
async def test_script_comes_as_small_as_the_browser_takes_it(
    browser: httpx2.AsyncClient, takes: str, gets: str | None
) -> None:
    async with browser.stream("GET", "/assets/app-1a2b.js", headers={"Accept-Encoding": takes}) as answer:
        sent = b"".join([chunk async for chunk in answer.aiter_raw()])
    assert answer.headers.get("content-encoding") == gets
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["vary"] == "Accept-Encoding"
    assert sent == {"br": b"smaller still", "gzip": ZIPPED, None: SCRIPT}[gets]


async def test_browser_keeps_what_has_its_hash_in_its_name_and_asks_for_the_rest(browser: httpx2.AsyncClient) -> None:
    plain = {"Accept-Encoding": "identity"}
    assert "immutable" in (await browser.get("/assets/app-1a2b.js", headers=plain)).headers["cache-control"]
    for path in ("/my/home", "/icon.png"):
        first = await browser.get(path, headers=plain)
        assert (first.status_code, first.headers["cache-control"]) == (200, "no-cache")
        again = await browser.get(path, headers={**plain, "If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


async def test_file_that_is_not_there_is_not_a_page(browser: httpx2.AsyncClient) -> None:
    assert (await browser.get("/assets/app-gone.js")).status_code == 404
    assert (await browser.get("/assets/..%2f..%2fpyproject.toml")).status_code == 404
