"""Every operation that takes JSON, with the bodies of the corpus: a clear refusal, soon, in little memory, no effect.

The server is a process as `arogya serve` starts it. A new operation is walked by itself. Here each
operation gets every other body, and of those that are a megabyte of work one, in turn; `make bad-input` sends them all.
"""

import json
import os
import time
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from asyncpg import Connection
from fastapi import FastAPI

from arogya.platform import bodies
from tests.bad_input.conftest import Served
from tests.bad_input.corpus import HEAVY, LIGHT, Untakeable
from tests.test_canary import Probes, fingerprint
from tests.world import World

GROWN_AT_MOST_MIB = 100.0
IS_WHOLE = "AROGYA_WHOLE_CORPUS" in os.environ


def worked_at_most_s() -> float:
    """A second; on a machine that is slower than the slowest we know, as much more as a megabyte of JSON takes it."""
    raw = b'{"a":[' + b"1," * 500_000 + b"2]}"
    begun = time.process_time()
    json.loads(raw)
    return max(1.0, 25 * (time.process_time() - begun))


def takes_json(app: FastAPI) -> list[tuple[str, str, dict[str, Any]]]:
    found = []
    for path, methods in sorted(app.openapi()["paths"].items()):
        for method, operation in methods.items():
            if "application/json" in operation.get("requestBody", {}).get("content", {}):
                found.append((method.upper(), path, operation))
    return found


def who_may(world: World, path: str) -> dict[str, str]:
    """Somebody who gets as far as the body: refusals of a stranger say nothing of it."""
    return world.as_super_admin() if path.startswith("/api/hospitals") else world.b.as_("hospital_admin")


def sent_to(turn: int) -> Iterator[tuple[str, Untakeable]]:
    light, heavy = list(LIGHT.items()), list(HEAVY.items())
    yield from light if IS_WHOLE else light[turn % 2 :: 2]
    yield from heavy if IS_WHOLE else heavy[turn % len(heavy) :][:1]


async def test_no_operation_takes_what_can_not_be_taken(
    app: FastAPI, served: Served, world: World, marked: dict[str, list[str]], owner: Connection
) -> None:
    operations = takes_json(app)
    assert len(operations) >= 80
    probes = Probes(app.openapi(), marked | {"token": ["x"]}, world.b)
    before = await fingerprint(owner, world.b.organization_id)
    wrong: list[str] = []
    slowest, largest, count = (0.0, ""), (0.0, ""), 0
    for turn, (method, path, operation) in enumerate(operations):
        needs_one = operation["requestBody"].get("required", False)
        _, url, _, _ = next(probes._of(path, method, operation, 0))
        for name, body in sent_to(turn):
            if not needs_one and body.size == 0:
                continue
            length = {"Transfer-Encoding": "chunked"} if body.size is None else {"Content-Length": str(body.size)}
            headers = {"Content-Type": "application/json", **length, **who_may(world, path)}
            answer = await served.ask(method, url, headers, body.pieces())
            count += 1
            slowest = max(slowest, (answer.worked_s, f"{method} {path}: {name}"))
            largest = max(largest, (answer.grown_mib, f"{method} {path}: {name}"))
            if answer.status == 403 and answer.problem["code"] in {"forbidden", "step_up_needed"}:
                continue
            told = answer.problem
            codes = {told["code"], *(one["code"] for one in told["fields"])}
            if answer.status != body.status or body.code not in codes or not told["request_id"]:
                wrong.append(f"{method} {path}: {name}: {answer.status} {sorted(codes)}")
    print(f"{count} refusals of {len(operations)} operations; most work {slowest}; most memory {largest} MiB")
    assert wrong == []
    assert slowest[0] <= worked_at_most_s(), slowest
    assert largest[0] <= GROWN_AT_MOST_MIB, largest
    after = await fingerprint(owner, world.b.organization_id)
    changed = {name for name in before if before[name] != after[name]}
    assert changed <= {"audit_entries"}, changed  # denials are recorded


async def test_control_without_the_guards_what_can_not_be_taken_goes_further(
    client: httpx2.AsyncClient, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = world.b.as_("hospital_admin") | {"Content-Type": "application/json"}
    for raw, code in ((b'{"name": "a\\u0000b"}', "nul_character"), (b'{"name": "a", "name": "b"}', "duplicate_key")):
        refused = await client.post("/api/departments", headers=headers, content=raw)
        assert [(one["name"], one["code"]) for one in refused.json()["fields"]] == [("name", code)]
        with monkeypatch.context() as without:
            without.setattr(bodies, "check_json", lambda _: None)
            passed = await client.post("/api/departments", headers=headers, content=raw)
        assert code not in passed.text
