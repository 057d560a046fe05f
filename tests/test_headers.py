"""What tells browsers how to guard an answer: on every kind of one, as strict as its kind allows."""

import re
from pathlib import Path

import httpx2
import pytest
from fastapi import FastAPI

from arogya import site
from arogya.api_page import STYLE_HASH
from arogya.platform.telemetry import NOTHING_RUNS, Telemetry, content_security_policy
from tests.test_canary import WAYS_OUT
from tests.world import World

ROOT = Path(__file__).parent.parent
ON_ALL = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


def directives(policy: str) -> dict[str, list[str]]:
    return {name: values for name, *values in (part.split() for part in policy.split(";"))}


NONCE = r"'nonce-[\w-]{22}'"
FILES_ONLY = content_security_policy()


def check(answer: httpx2.Response, policy: str, *, is_kept: bool = False) -> None:
    """Of the policy, nonces apart."""
    told = {name: answer.headers.get(name) for name in ON_ALL}
    assert told == ON_ALL, answer.request.url
    assert re.sub(NONCE, "'nonce-'", answer.headers["content-security-policy"]) == policy, answer.request.url
    assert re.fullmatch(r"camera=\(self\)(, [a-z-]+=\(\))+", answer.headers["permissions-policy"])
    assert "server" not in answer.headers
    assert "access-control-allow-origin" not in answer.headers
    if not is_kept:
        assert "no-store" in answer.headers["cache-control"], answer.request.url


async def test_each_operation_of_the_api_answers_with_all_of_them(
    app: FastAPI, client: httpx2.AsyncClient, world: World
) -> None:
    """As a stranger, and as an administrator with nothing but the address: refusals of every kind, and reads."""
    statuses = set()
    for path, methods in app.openapi()["paths"].items():
        url = re.sub(r"\{\w+\}", str(world.a.patient), path)
        for method in methods:
            for headers in ({}, *([] if path in WAYS_OUT else [world.a.as_("hospital_admin")])):
                answer = await client.request(method.upper(), url, headers=headers)
                check(answer, NOTHING_RUNS)
                statuses.add(answer.status_code)
    assert {200, 401, 403, 404, 422} <= statuses


async def test_files_that_the_api_makes_and_its_unmodified_answers_too(
    client: httpx2.AsyncClient, world: World
) -> None:
    desk = world.a.as_("receptionist")
    card = await client.get(f"/api/patients/{world.a.patient}/card", headers=desk)
    table = await client.post("/api/patients/export", headers=world.a.as_("hospital_admin"), json={"form": "csv"})
    assert (card.headers["content-type"], table.status_code) == ("application/pdf", 200)
    for answer in (card, table):
        check(answer, NOTHING_RUNS)
    picture = (ROOT / "web/public/icon-192.png").read_bytes()
    photo = f"/api/patients/{world.a.patient}/photo"
    kept = await client.put(photo, headers=desk, files={"file": ("a.png", picture, "image/png")})
    assert kept.status_code == 204, kept.text
    shown = await client.get(photo, headers=desk)
    again = await client.get(photo, headers=desk | {"If-None-Match": shown.headers["etag"]})
    assert again.status_code == 304
    for answer in (shown, again):
        check(answer, NOTHING_RUNS)


async def test_errors_that_come_before_any_route(client: httpx2.AsyncClient) -> None:
    for answer in (
        await client.post("/api/auth/login", content=b"x" * 2_000_000, headers={"Content-Type": "application/json"}),
        await client.get("/api/nothing"),
        await client.request("TRACE", "/api/patients"),
        await client.options("/api/patients"),
    ):
        assert answer.status_code >= 400
        check(answer, NOTHING_RUNS)


WITH_NONCE = content_security_policy("'nonce-'")


@pytest.mark.parametrize(
    ("path", "policy"),
    [
        *((page, WITH_NONCE) for page in ("/", "/my", "/display", "/patient.html", "/x.map")),
        *((page, FILES_ONLY) for page in ("/openapi.json", "/healthz", "/metrics")),
        ("/docs", content_security_policy(STYLE_HASH)),
    ],
)
async def test_pages(client: httpx2.AsyncClient, path: str, policy: str) -> None:
    check(await client.get(path), policy, is_kept=True)


@pytest.mark.parametrize("page", ["index", "patient", "display"])
async def test_a_page_has_the_nonce_of_its_answer_which_no_other_has(client: httpx2.AsyncClient, page: str) -> None:
    """The one that the browser kept is not called unmodified: its nonce would not be that of the new headers."""
    nonces = set()
    for _ in range(2):
        answer = await client.get(f"/{page}.html", headers={"If-None-Match": "*", "Accept-Encoding": "gzip"})
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-cache")
        assert "etag" not in answer.headers
        assert "last-modified" not in answer.headers
        (nonce,) = re.findall(r'<meta property="csp-nonce" nonce="([^"]+)"', answer.text)
        assert f"'nonce-{nonce}'" in answer.headers["content-security-policy"]
        nonces.add(nonce)
    assert len(nonces) == 2


async def test_assets_and_their_unmodified_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets/app-1a2b.js").write_text("export const greeting = 'namaste'\n")
    (tmp_path / "index.html").write_text("<!doctype html>")
    monkeypatch.setattr(site, "CLIENT", tmp_path)
    app = FastAPI()
    site.serve_client(app)
    app.add_middleware(Telemetry)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://localhost") as browser:
        for path in ("/assets/app-1a2b.js", "/assets/missing.js"):
            first = await browser.get(path)
            check(first, FILES_ONLY, is_kept=True)
            if first.status_code == 200:
                again = await browser.get(path, headers={"If-None-Match": first.headers["etag"]})
                assert again.status_code == 304
                check(again, FILES_ONLY, is_kept=True)


def test_no_script_stands_in_a_page_and_none_comes_from_elsewhere() -> None:
    """The policy allows no script but our own files; the pages that are built need no more."""
    policy = directives(FILES_ONLY)
    assert not re.search(r"unsafe|\*|https?:", FILES_ONLY)
    assert policy["style-src"] == ["'self'"]
    assert policy["default-src"] == ["'self'"]
    assert "script-src" not in policy
    assert policy["style-src-attr"] == ["'none'"]
    assert (policy["object-src"], policy["base-uri"]) == (["'none'"], ["'none'"])
    assert (policy["form-action"], policy["frame-ancestors"]) == (["'self'"], ["'self'"])
    for page in ROOT.glob("web/*.html"):
        html = page.read_text()
        assert re.findall(r"<script(?![^>]*\bsrc=\"/)[^>]*>", html) == [], page
        assert re.search(r"\son\w+=|javascript:|<base|https?://", html) is None, page
