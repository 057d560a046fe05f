"""Every operation with what no person types in its address: answered as described, never a failure of ours."""

import re
from typing import Any

import httpx2
from fastapi import FastAPI

from tests.test_canary import WAYS_OUT, Probes
from tests.world import World

UNTAKEABLE = {"a%00b": "nul_character", "%ff%fe": "not_utf8", "%ed%a0%80": "not_utf8", "%c0%af": "not_utf8"}
ODD = (
    "..%2f..%2fetc%2fpasswd",
    "%27%20OR%201%3D1--",
    "x" * 4000,
    "%e2%80%ae",
    "-1",
    "1e400",
    "%0d%0aSet-Cookie:a=b",
    "[]",
)


def queries(operation: dict[str, Any]) -> list[str]:
    return [p["name"] for p in operation.get("parameters", []) if p["in"] == "query"]


async def test_bytes_that_are_no_text_are_refused_by_the_parameters_name(
    app: FastAPI, client: httpx2.AsyncClient, world: World, marked: dict[str, list[str]]
) -> None:
    count = 0
    probes = Probes(app.openapi(), marked | {"token": ["x"]}, world.b)
    headers = world.b.as_("hospital_admin")
    for path, methods in app.openapi()["paths"].items():
        for method, operation in methods.items():
            _, url, _, _ = next(probes._of(path, method, operation, 0))
            for raw, code in UNTAKEABLE.items():
                for name in queries(operation) or ["anything"]:
                    answer = await client.request(method.upper(), f"{url}?{name}={raw}", headers=headers)
                    assert answer.status_code == 422, f"{method} {path} {name}={raw}: {answer.text}"
                    assert [(one["name"], one["code"]) for one in answer.json()["fields"]] == [(name, code)]
                    count += 1
    assert count >= 1000


async def test_odd_words_in_addresses_are_answered_and_change_nothing_of_the_answers_form(
    app: FastAPI, client: httpx2.AsyncClient, world: World, marked: dict[str, list[str]]
) -> None:
    probes = Probes(app.openapi(), marked | {"token": ["x"]}, world.b)
    headers = world.b.as_("hospital_admin")
    for path, methods in app.openapi()["paths"].items():
        if path in WAYS_OUT or "get" not in methods:
            continue
        _, url, needed, _ = next(probes._of(path, "get", methods["get"], 0))
        asked = [(url, {**needed}, name, word) for name in queries(methods["get"]) for word in ODD]
        asked += [(re.sub(r"\{\w+\}", word, path), {**needed}, "", "") for word in ODD if "{" in path]
        for at, query, name, word in asked:
            rest = "&".join(f"{k}={v}" for k, v in query.items() if k != name)
            answer = await client.get(f"{at}?{rest}" + (f"&{name}={word}" if name else ""), headers=headers)
            assert answer.status_code < 500, f"GET {at} {name}={word[:40]}: {answer.text}"
            assert "set-cookie" not in answer.headers
            if answer.status_code >= 400:
                assert answer.headers["content-type"] == "application/problem+json"
