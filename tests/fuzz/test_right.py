"""What the fuzz starts from is right: of ten operations nine or more welcome their request from somebody."""

import json
from collections.abc import Callable
from typing import Any

import httpx2
from asyncpg import Connection
from fastapi import FastAPI

from arogya.platform.clock import FixedClock
from tests.fuzz.right import PASSWORD, Right, proved, right_requests
from tests.test_canary import MARK, Probes
from tests.world import World

ASKING = ("hospital_admin", "receptionist", "doctor", "patient", "privacy_officer", "super_admin")
REACHED = 0.9
TOKENS = ("access_token", "refresh_token", "ticket", "link", "url", "secret", "token", "one_time_password")
PEOPLE = (PASSWORD, "Sunita", "Deshmukh", "Kavita", "Test", "11207", "9000011207", "mail.example", MARK, "TB-0000")
"""What stands in the hospital and in the requests: names, numbers, addresses, a password."""


async def test_nine_of_ten_operations_welcome_a_right_request(
    app: FastAPI, client: httpx2.AsyncClient, world: World, owner: Connection, marked: dict[str, list[str]],
    clock: FixedClock, logged: Callable[[], list[dict[str, Any]]],
) -> None:  # fmt: skip
    """And what was logged of all of it names nobody, shows no secret and no word of a body."""
    document = app.openapi()
    probes, left, count, secrets = Probes(document, marked, world.b), [], 0, list(PEOPLE)
    for path, methods in sorted(document["paths"].items()):
        for method, operation in methods.items():
            label, count = f"{method.upper()} {path}", count + 1
            for who in ASKING:
                right = right_requests(world.b, marked, count, who).get(label, Right())
                await owner.execute(";".join((*proved(world.b, clock.now()), *right.before)))
                headers = world.as_super_admin() if who == "super_admin" else world.b.as_(who)
                asked = _asked(probes, path, method, operation, right)
                answer = await client.request(**asked, headers=headers)
                secrets.append(headers["Authorization"].rpartition(".")[2])
                if answer.headers.get("content-type") == "application/json":
                    told = answer.json() if answer.content else {}
                    secrets += [str(told[name]) for name in TOKENS if isinstance(told, dict) and told.get(name)]
                assert answer.status_code < 500, f"{who}: {label} {answer.text}"
                if answer.status_code < 300:
                    break
            else:
                left.append(label)
    print(f"{count - len(left)} of {count} operations welcomed a right request; the others:", *left, sep="\n  ")
    assert count - len(left) >= REACHED * count
    lines = logged()
    assert len(lines) >= count
    whole = json.dumps(lines, ensure_ascii=False)
    assert [secret for secret in {*secrets, str(world.b.patient)} if secret in whole] == []


def _asked(probes: Probes, path: str, method: str, operation: dict[str, Any], right: Right) -> dict[str, Any]:
    if right.path:
        path, operation = path.format(**right.path), operation | {"parameters": []}
    _, url, query, body = next(probes._of(path, method.upper(), operation, 0))
    asked: dict[str, Any] = {"method": method.upper(), "url": url}
    if "multipart/form-data" in operation.get("requestBody", {}).get("content", {}):
        return asked | {"files": {"file": ("sent", (right.body or {"file": b""})["file"])}}
    return asked | {"params": query | dict(right.query), "json": body if right.body is None else right.body}
