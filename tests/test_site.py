"""What is not the API: the documentation, health, metrics, the client's files."""

import gzip
import re
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import httpx2
import pytest
from fastapi import FastAPI

from arogya import site
from arogya.platform.head import AnswersHead
from tests.test_headers import NONCE
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
        ("PUT", "/api/patients", "GET, HEAD, POST"),
        ("POST", "/api/patients/1", "DELETE, GET, HEAD, PATCH"),
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


# HEAD

HEADERS_OF_ONE_ANSWER = {"x-request-id", "date"}


def lasting(answer: httpx2.Response) -> dict[str, str]:
    lasting = {name: value for name, value in answer.headers.items() if name not in HEADERS_OF_ONE_ANSWER}
    return {name: re.sub(NONCE, "nonce", value) for name, value in lasting.items()}


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/docs", "/openapi.json", "/api/setup"])
async def test_head_is_get_without_its_body(client: httpx2.AsyncClient, path: str) -> None:
    whole, head = await client.get(path), await client.head(path)
    assert (head.status_code, head.content) == (200, b"")
    assert lasting(head) == lasting(whole)
    assert int(head.headers["content-length"]) == len(whole.content)


async def test_head_of_a_record_asks_for_the_same_right_and_leaves_the_same_trail(
    client: httpx2.AsyncClient, world: World, owner: asyncpg.Connection
) -> None:
    url = f"/api/patients/{world.a.patient}"
    whole = await client.get(url, headers=world.a.as_("receptionist"))
    head = await client.head(url, headers=world.a.as_("receptionist"))
    assert (head.status_code, head.content, lasting(head)) == (200, b"", lasting(whole))
    assert (await client.head(url)).status_code == 401
    assert (await client.head("/api/audit", headers=world.a.as_("receptionist"))).status_code == 403
    assert (await client.head(url, headers=world.b.as_("receptionist"))).status_code == 404
    rows = await owner.fetch(
        "SELECT route, action, outcome FROM audit_entries WHERE route LIKE '%/patients/{patient_id}' ORDER BY at, id"
    )
    read = ("GET /api/patients/{patient_id}", "read", "success")
    assert [tuple(row) for row in rows][:2] == [read, read]
    assert [row["outcome"] for row in rows][2:] == ["denied"]


async def test_head_of_what_only_takes_other_methods_and_of_nothing(client: httpx2.AsyncClient) -> None:
    posted = await client.head("/api/auth/login")
    assert (posted.status_code, posted.headers["allow"], posted.content) == (405, "POST", b"")
    assert (await client.head("/api/nothing/here")).status_code == 404


async def test_head_is_counted_by_its_route(client: httpx2.AsyncClient, world: World) -> None:
    await client.head(f"/api/patients/{world.a.patient}", headers=world.a.as_("receptionist"))
    assert 'route="HEAD /api/patients/{patient_id}"' in (await client.get("/metrics")).text


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
    app.add_middleware(AnswersHead)
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
    assert (await browser.get("/my/home", headers=plain)).headers["cache-control"] == "no-cache"
    first = await browser.get("/icon.png", headers=plain)
    assert (first.status_code, first.headers["cache-control"]) == (200, "no-cache")
    again = await browser.get("/icon.png", headers={**plain, "If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(("takes", "sends"), [("gzip, br", "gzip"), ("identity", None)])
async def test_page_comes_compressed_where_the_browser_takes_it(
    browser: httpx2.AsyncClient, takes: str, sends: str | None
) -> None:
    answer = await browser.get("/my/home", headers={"Accept-Encoding": takes})
    assert (answer.text, answer.headers.get("content-encoding")) == ("<!doctype html>", sends)
    assert answer.headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize("path", ["/my/home", "/icon.png", "/assets/app-1a2b.js"])
async def test_head_of_a_file_says_what_would_come(browser: httpx2.AsyncClient, path: str) -> None:
    plain = {"Accept-Encoding": "identity"}
    whole, head = await browser.get(path, headers=plain), await browser.head(path, headers=plain)
    assert (head.status_code, head.content, lasting(head)) == (200, b"", lasting(whole))
    assert int(head.headers["content-length"]) == len(whole.content) > 0


async def test_file_that_is_not_there_is_not_a_page(browser: httpx2.AsyncClient) -> None:
    assert (await browser.get("/assets/app-gone.js")).status_code == 404
    assert (await browser.get("/assets/..%2f..%2fpyproject.toml")).status_code == 404
