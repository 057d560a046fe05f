"""A phone that signs in by the code in its text message."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

import httpx2

from tests.conftest import Sent

Jobs = Callable[[], Awaitable[int]]
FAMILY_PHONE = "90000 11207"


async def ask(client: httpx2.AsyncClient, phone: str = FAMILY_PHONE, **more: Any) -> httpx2.Response:
    return await client.post("/api/auth/code", json={"phone": phone, **more})


def code_in(sent: Sent) -> str:
    """Of the newest message."""
    found = re.search(r"\d{6}", sent.texts[-1].body)
    assert found
    return found[0]


def another(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


async def type_code(http: httpx2.AsyncClient, asked: httpx2.Response, code: str, /, **more: Any) -> httpx2.Response:
    body = {"code_id": asked.json()["code_id"], "code": code, "client": "api", **more}
    return await http.post("/api/auth/code/sign-in", json=body)


async def sign_in_by_phone(
    client: httpx2.AsyncClient, jobs_once: Jobs, sent: Sent, phone: str = FAMILY_PHONE
) -> dict[str, str]:
    """The headers of the one whose phone it is."""
    asked = await ask(client, phone)
    assert asked.status_code == 202, asked.text
    await jobs_once()
    answer = await type_code(client, asked, code_in(sent))
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}
