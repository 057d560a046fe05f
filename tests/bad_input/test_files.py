"""Every operation that takes a file, with every harmful one: soon and cheaply refused, or kept harmless."""

import re

import httpx2
import pytest
from asyncpg import Connection
from fastapi import FastAPI

from tests.bad_input.conftest import Served
from tests.bad_input.files import ODD_NAMES, harmful
from tests.bad_input.test_bodies import GROWN_AT_MOST_MIB, worked_at_most_s
from tests.test_canary import fingerprint
from tests.world import World

EDGE = "arogya-test-edge"


def takes_files(app: FastAPI, world: World) -> list[tuple[str, str]]:
    return [
        (method.upper(), re.sub(r"\{\w+\}", str(world.b.patient), path))
        for path, methods in sorted(app.openapi()["paths"].items())
        for method, operation in methods.items()
        if "multipart/form-data" in operation.get("requestBody", {}).get("content", {})
    ]


def form_with(raw: bytes, name: str = "sent.bin") -> tuple[bytes, str]:
    head = f'--{EDGE}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode()
    return head + raw + f"\r\n--{EDGE}--\r\n".encode(), f"multipart/form-data; boundary={EDGE}"


async def test_harmful_files_are_refused_or_kept_harmless(
    app: FastAPI, served: Served, world: World, owner: Connection
) -> None:
    operations = takes_files(app, world)
    assert len(operations) >= 2
    wrong: list[str] = []
    slowest, largest = (0.0, ""), (0.0, "")
    for method, path in operations:
        for name, raw in harmful():
            before = await fingerprint(owner, world.b.organization_id)
            body, kind = form_with(raw)
            headers = {"Content-Type": kind, "Content-Length": str(len(body)), **world.b.as_("hospital_admin")}
            answer = await served.ask(method, path, headers, [body])
            slowest = max(slowest, (answer.worked_s, f"{path}: {name}"))
            largest = max(largest, (answer.grown_mib, f"{path}: {name}"))
            if answer.status < 300:
                wrong += [
                    f"{path}: {name} is shown as it was sent" for _ in [0] if await _is_shown(served, world, path)
                ]
                continue
            told = answer.problem
            if answer.status not in {413, 422} or not (told["fields"] or told["code"] != "invalid"):
                wrong.append(f"{path}: {name}: {answer.status} {told}")
            after = await fingerprint(owner, world.b.organization_id)
            wrong += [f"{path}: {name} was refused and left {one}" for one in before if before[one] != after[one]]
    print(f"most work {slowest}; most memory {largest} MiB")
    assert wrong == []
    assert slowest[0] <= worked_at_most_s(), slowest
    assert largest[0] <= GROWN_AT_MOST_MIB, largest


async def _is_shown(served: Served, world: World, path: str) -> bool:
    """Whether what was taken comes back as something that a browser would run."""
    shown = await served.ask("GET", path, world.b.as_("hospital_admin"), [])
    runs = shown.headers["content-type"] not in {"image/jpeg", "application/json"}
    return runs or (shown.headers["content-type"] == "image/jpeg" and b"<script" in shown.raw)


@pytest.mark.parametrize(("given", "kept"), ODD_NAMES.items())
async def test_of_a_files_name_no_way_is_kept(client: httpx2.AsyncClient, world: World, given: str, kept: str) -> None:
    raw = b"UHID,Patient Name,Sex,DOB\nOLD-1,Importa Test,F,13/04/1990\n"
    answer = await client.post(
        "/api/patient-imports", headers=world.b.as_("hospital_admin"), files={"file": (given, raw, "text/csv")}
    )
    assert answer.status_code == 201, answer.text
    assert answer.json()["filename"] == kept
